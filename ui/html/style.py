"""The look of the pages: colours for light and dark with enough contrast (WCAG AA), and one style sheet.

Knows CSS only.
"""

from __future__ import annotations

_LIGHT = (
    "--kg-ink:#1b1f24;--kg-soft:#525b66;--kg-line:#c9d0d8;--kg-card:#ffffff;--kg-ground:#f5f7f9;--kg-blue:#1d5fa8;--kg-blue-ink:#0b3a6e;--kg-blue-pale:#e8f1fb;"
    "--kg-green:#1a6b3a;--kg-green-pale:#e5f4e8;--kg-red:#b3261e;--kg-red-pale:#fdecea;--kg-amber:#7a4b00;--kg-amber-pale:#fff3d6;--kg-mark:#ffe28a;--kg-mark-ink:#111111;"
)
_DARK = (
    "--kg-ink:#e8ebef;--kg-soft:#b4bcc6;--kg-line:#46505c;--kg-card:#1b2027;--kg-ground:#12161b;--kg-blue:#7db4f0;--kg-blue-ink:#cfe4fb;--kg-blue-pale:#1c3350;"
    "--kg-green:#8fd6a8;--kg-green-pale:#173524;--kg-red:#ff9b93;--kg-red-pale:#4a1f1c;--kg-amber:#f3c46b;--kg-amber-pale:#42330f;--kg-mark:#ffe28a;--kg-mark-ink:#111111;"
)

STYLE = (
    """
:root{"""
    + _LIGHT
    + """color-scheme:light}
.dark{"""
    + _DARK
    + """color-scheme:dark}
.kg-bar{display:flex;gap:.8rem;align-items:center;flex-wrap:wrap;justify-content:flex-end;font-size:.9rem;margin:0;color:var(--kg-ink)}
.kg-bar a{color:var(--kg-blue)}.kg-bar button{font:inherit;border:1px solid var(--kg-soft);border-radius:6px;padding:.1em .7em;background:transparent;color:inherit;cursor:pointer}
.kg-open{justify-content:flex-start;border-left:4px solid #9a6700;padding:.4rem .8rem}
.kg-only-read{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.kg-soft,.kg-foot,.kg-place,.kg-note{color:var(--kg-soft);font-size:.86rem;margin:.3rem 0}
.kg-turn,.kg-evidence,.kg-paper,.kg-ranking,.kg-empty{background:var(--kg-card);border:1px solid var(--kg-line);border-radius:10px;padding:.7rem 1.1rem .9rem;margin:0 0 .9rem!important}
.kg-turn p,.kg-evidence p,.kg-paper p,.kg-hits p,.kg-ranking p{display:block}
.kg-row>*{margin:0!important}
.kg-foot a,.kg-exports a{padding:0;margin:0}
.kg-question{font-size:1.12rem;font-weight:650;margin:.4rem 0 .5rem;color:var(--kg-ink)}
.kg-text{line-height:1.7;font-size:1rem;color:var(--kg-ink);margin:.2rem 0 .6rem}
.kg-chip{font:inherit;font-size:.78rem;line-height:1.5;min-width:1.9em;min-height:1.5rem;padding:0 .5em;border-radius:1em;border:1px solid var(--kg-blue);background:var(--kg-blue-pale);color:var(--kg-blue-ink);cursor:pointer;font-variant-numeric:tabular-nums;vertical-align:.06em}
.kg-chip[data-kind=quoted]::before{content:"“";font-weight:700}
.kg-chip[data-kind=supported]::before{content:"✓ ";font-size:.72em}
.kg-chip:hover,.kg-chip[aria-pressed=true]{background:var(--kg-blue);color:var(--kg-card)}
.kg-button{font:inherit;font-size:.88rem;border:1px solid var(--kg-blue);border-radius:6px;padding:.2em .8em;min-height:2rem;background:transparent;color:var(--kg-blue-ink);cursor:pointer;text-decoration:none;display:inline-block}
.kg-button:hover{background:var(--kg-blue-pale)}
.kg-button[aria-pressed=true]{background:var(--kg-blue);color:var(--kg-card)}
.kg-button:disabled{opacity:.55;cursor:default}
.kg-link{font:inherit;background:none;border:0;padding:0;color:var(--kg-blue);text-decoration:underline;cursor:pointer;text-align:left}
li>.kg-link{vertical-align:top}
.kg-turn a,.kg-evidence a:not(.kg-button),.kg-paper a,.kg-page-body a:not(.kg-button,.kg-chip){color:var(--kg-blue);text-decoration:underline}
.kg-button:focus-visible,.kg-chip:focus-visible,.kg-link:focus-visible,.kg-card:focus-visible,svg [data-act]:focus-visible,.kg-evidence h3:focus-visible{outline:3px solid var(--kg-blue);outline-offset:2px}
.kg-row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;margin:.5rem 0}
.kg-evidence h3,.kg-paper h2{font-size:1.02rem;line-height:1.4;margin:.2rem 0;color:var(--kg-ink)}
.kg-evidence h4,.kg-paper h3{font-size:.9rem;font-weight:650;margin:1.1rem 0 .35rem;color:var(--kg-ink)}
.kg-paper h2{font-size:1.25rem}
.kg-evidence blockquote,.kg-quote{margin:0;padding:.6rem .8rem;border-left:3px solid var(--kg-blue);background:var(--kg-ground);color:var(--kg-ink);line-height:1.6;white-space:pre-wrap;overflow-wrap:anywhere}
.kg-evidence mark,.kg-quote mark,.kg-hits mark{background:var(--kg-mark);color:var(--kg-mark-ink);padding:0 .1em;border-radius:2px}
.kg-page{width:100%;border:1px solid var(--kg-line);background:#fff;display:block}
.kg-noticed{color:#1b1b1b;background:#ffd54f;border-radius:.3em;padding:.05em .45em;font-size:.78rem;font-weight:650;letter-spacing:.02em}
.kg-retracted{color:#fff;background:#b3261e;border-radius:.3em;padding:.05em .45em;font-size:.78rem;font-weight:650;letter-spacing:.02em}
.kg-badge{border:1px solid var(--kg-line);border-radius:.3em;padding:.05em .45em;font-size:.78rem;color:var(--kg-soft);white-space:nowrap}
.kg-good{color:var(--kg-green);background:var(--kg-green-pale);border-color:var(--kg-green)}
.kg-bad{color:var(--kg-red);background:var(--kg-red-pale);border-color:var(--kg-red)}
.kg-error{border-left:4px solid var(--kg-red);background:var(--kg-red-pale);color:var(--kg-ink);padding:.6rem .9rem;border-radius:0 6px 6px 0}
.kg-told{border-left:4px solid var(--kg-amber);background:var(--kg-amber-pale);color:var(--kg-ink);padding:.45rem .8rem;border-radius:0 6px 6px 0;font-size:.9rem;margin:.4rem 0}
.kg-steps{list-style:none;color:var(--kg-soft);font-size:.92rem;padding:0;margin:.3rem 0}
.kg-steps li{padding:.1rem 0 .1rem 1.5rem;position:relative}
.kg-steps li::before{content:"✓";position:absolute;left:.1rem;color:var(--kg-green);font-weight:700}
.kg-steps li.kg-now::before{content:"";width:.75rem;height:.75rem;top:.4rem;border:2px solid var(--kg-line);border-top-color:var(--kg-blue);border-radius:50%;animation:kg-turn 1s linear infinite}
@keyframes kg-turn{to{transform:rotate(360deg)}}
.kg-candidates{list-style:none;padding:0;margin:0}
.kg-candidates li{border:1px solid var(--kg-line);border-radius:8px;padding:.5rem .7rem;margin:.4rem 0;color:var(--kg-ink)}
.kg-candidates li.kg-chosen{border-color:var(--kg-green);border-width:2px}
.kg-figures{display:flex;flex-wrap:wrap;gap:.2rem .9rem;font-size:.84rem;color:var(--kg-soft);font-variant-numeric:tabular-nums;margin:0 0 .25rem}
.kg-evidence details,.kg-turn details,.kg-paper details{margin:.4rem 0}
.kg-evidence summary,.kg-turn summary,.kg-paper summary,.kg-facets summary{cursor:pointer;color:var(--kg-ink);padding:.15rem 0}
.kg-exports{display:flex;flex-wrap:wrap;gap:.35rem .9rem;margin:.3rem 0;font-size:.9rem}
.kg-hits{list-style:none;padding:0;margin:0}
.kg-hits>li{border:1px solid var(--kg-line);border-radius:8px;background:var(--kg-card);padding:.7rem .9rem;margin:0 0 .6rem}
.kg-hits h2,.kg-hits h3,#kg-picks h2{font-size:1rem;line-height:1.4;margin:0 0 .15rem}
.kg-hits p{margin:.25rem 0;color:var(--kg-ink);overflow-wrap:anywhere}
.kg-facets fieldset{border:0;border-top:1px solid var(--kg-line);padding:.5rem 0;margin:0;min-width:0}
.kg-facets legend,.kg-facets summary{font-weight:650;font-size:.9rem;color:var(--kg-ink)}
.kg-facets ul{list-style:none;margin:0;padding:0}.kg-facets li{margin:.1rem 0}
.kg-facet{font:inherit;font-size:.88rem;display:flex;gap:.5rem;width:100%;justify-content:space-between;background:none;border:0;border-radius:5px;padding:.2rem .4rem;color:var(--kg-ink);cursor:pointer;text-align:left;overflow-wrap:anywhere}
.kg-facet:hover{background:var(--kg-blue-pale)}.kg-facet[aria-pressed=true]{background:var(--kg-blue);color:var(--kg-card)}
.kg-facet:focus-visible{outline:3px solid var(--kg-blue)}
.kg-facet span:last-child{font-variant-numeric:tabular-nums;opacity:.85}
.kg-table{border-collapse:collapse;width:100%;font-size:.9rem;color:var(--kg-ink)}.kg-table th,.kg-table td{border-bottom:1px solid var(--kg-line);padding:.35rem .5rem;text-align:left;vertical-align:top}
.kg-table td.kg-n{font-variant-numeric:tabular-nums;text-align:right}
.kg-scroll{overflow-x:auto}
.kg-record{display:grid;grid-template-columns:max-content 1fr;gap:.15rem .9rem;font-size:.9rem;margin:.5rem 0;color:var(--kg-ink)}.kg-record dt{color:var(--kg-soft)}.kg-record dd{margin:0;overflow-wrap:anywhere}
.kg-card{border:1px solid var(--kg-line);border-radius:8px;background:var(--kg-card);padding:.6rem .8rem;margin:.5rem 0;color:var(--kg-ink);display:grid;grid-template-columns:auto 1fr;gap:.3rem .9rem}
.kg-card .kg-place-no{font-size:1.4rem;font-weight:700;color:var(--kg-blue);min-width:2ch;text-align:center}
.kg-card .kg-row{grid-column:1/-1;margin:.1rem 0}
.kg-cards{list-style:none;padding:0;margin:0}
.kg-input{font:inherit;border:1px solid var(--kg-soft);border-radius:6px;padding:.3em .6em;background:var(--kg-card);color:var(--kg-ink);max-width:100%}
.kg-chain,.kg-graph{max-width:100%;height:auto;display:block}
svg [data-act]{cursor:pointer}svg [data-act]:hover rect,svg [data-act]:hover circle{stroke-width:2.5}
.kg-empty{color:var(--kg-soft)}
.kg-empty h2{font-size:1.15rem;color:var(--kg-ink);margin:0 0 .3rem}
button[role=tab][aria-selected=true]{color:var(--kg-blue)!important}
#kg-stop{display:none}#kg-tabs:has(.kg-answer[aria-busy=true]) #kg-stop{display:flex}#kg-tabs:has(.kg-answer[aria-busy=true]) #kg-ask{display:none}
#kg-composer{align-items:flex-end}#kg-head{align-items:center}#kg-heading h1{margin:0;font-size:1.5rem}#kg-language,#kg-dark{flex-grow:0;flex-shrink:0;width:max-content}#kg-language .wrap{flex-wrap:nowrap}
#kg-new{max-width:16rem}#kg-tabs{margin-top:-.4rem}#kg-paper-answers .kg-turn{margin-top:.4rem!important}
#kg-notice p{font-size:.86rem;color:var(--kg-soft)}
@media (min-width:900px){#kg-panel-column{position:sticky;top:.5rem;max-height:calc(100vh - 1rem);overflow-y:auto}}
@media (max-width:700px){.kg-facets{max-height:15rem;overflow-y:auto;border:1px solid var(--kg-line);border-radius:8px;padding:0 .6rem}#kg-head{flex-wrap:wrap}#kg-heading{flex-basis:100%}
.kg-turn,.kg-evidence,.kg-paper,.kg-ranking,.kg-empty{padding:.6rem .8rem}}
@media (max-width:600px){.kg-record{grid-template-columns:1fr}.kg-record dt{margin-top:.3rem}}
@media (prefers-reduced-motion:reduce){*,*::before,*::after{animation:none!important;transition:none!important;scroll-behavior:auto!important}}
"""
)

PAGE_STYLE = (
    STYLE
    + """
.kg-page-body{font-family:system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;color:var(--kg-ink);background:var(--kg-card)}
@media (prefers-color-scheme:dark){:root{"""
    + _DARK
    + """color-scheme:dark}}
"""
)
"""For pages that stand alone, without Gradio's switch between light and dark."""
