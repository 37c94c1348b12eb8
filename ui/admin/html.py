"""The administration's pages as HTML: pure functions from plain values to text.

Everything that comes from data is escaped.

Knows words and layout. Forms carry the session's token; without a script everything works by sending forms,
with one the batches refresh themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from kgrag.catalogue.audit import Verdict
from kgrag.people.rights import ROLES, SWITCHES, Collection
from kgrag.people.users import User
from ui.admin.state import Batch, Follower, State
from ui.html.style import PAGE_STYLE
from ui.words import Language, word

PAGES = ("overview", "batches", "people", "logs")
LIVE_MS = 2000
STYLE = (
    PAGE_STYLE
    + """
.kg-admin{font:16px/1.5 system-ui,sans-serif;margin:0;color:var(--kg-ink);background:var(--kg-ground)}
.kg-admin header{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;align-items:center;background:var(--kg-card);border-bottom:1px solid var(--kg-line);padding:.6rem clamp(.8rem,3vw,2rem)}
.kg-admin header strong{font-size:1.1rem;margin-right:.4rem}.kg-admin header .kg-gap{flex:1}
.kg-admin nav{display:flex;flex-wrap:wrap;gap:.2rem}.kg-admin nav a{padding:.35rem .8rem;border-radius:6px;text-decoration:none;color:var(--kg-ink)}
.kg-admin nav a:hover{background:var(--kg-blue-pale)}.kg-admin nav a[aria-current]{background:var(--kg-blue);color:var(--kg-card)}
.kg-admin main{max-width:72rem;margin:0 auto;padding:1.2rem clamp(.8rem,3vw,2rem) 3rem}
.kg-admin h1{font-size:1.5rem;margin:.2rem 0 1rem}.kg-admin h2{font-size:1.12rem;margin:0 0 .5rem}.kg-admin h3{font-size:1rem;margin:0}
.kg-admin section{background:var(--kg-card);border:1px solid var(--kg-line);border-radius:10px;padding:1rem 1.1rem;margin:0 0 1.1rem;min-width:0}
.kg-two{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 1.1rem;align-items:start}
.kg-counts{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.8rem;margin:0}.kg-counts div{border-left:3px solid var(--kg-blue);padding:.1rem .7rem}
.kg-counts dt{color:var(--kg-soft);font-size:.86rem}.kg-counts dd{margin:0;font-size:1.4rem;font-weight:650;font-variant-numeric:tabular-nums}
.kg-admin label{display:block;font-weight:600;font-size:.9rem;margin:.6rem 0 .15rem}.kg-admin input,.kg-admin select,.kg-admin textarea{font:inherit;border:1px solid var(--kg-soft);border-radius:6px;padding:.35em .6em;background:var(--kg-card);color:var(--kg-ink);max-width:100%;box-sizing:border-box}
.kg-admin input[type=file]{border-style:dashed;width:100%;padding:.8rem}.kg-wide{width:100%}.kg-admin input[type=checkbox]{width:1.15rem;height:1.15rem}
.kg-admin button,.kg-go{font:inherit;font-size:.9rem;border:1px solid var(--kg-blue);border-radius:6px;padding:.25em .9em;min-height:2rem;background:transparent;color:var(--kg-blue-ink);cursor:pointer}
.kg-admin button:hover{background:var(--kg-blue-pale)}.kg-admin button.kg-main{background:var(--kg-blue);color:var(--kg-card);font-weight:600;margin-top:.7rem}
.kg-admin button.kg-danger{border-color:var(--kg-red);color:var(--kg-red)}.kg-admin button.kg-danger:hover{background:var(--kg-red-pale)}
.kg-admin :is(a,button,input,select,textarea,summary):focus-visible{outline:3px solid var(--kg-blue);outline-offset:2px}
.kg-admin a{color:var(--kg-blue)}.kg-admin form.kg-inline{display:inline-flex;flex-wrap:wrap;gap:.35rem;align-items:center;margin:.1rem 0}.kg-inline input,.kg-inline select{font-size:.9rem;padding:.2em .4em}
.kg-admin .kg-table td,.kg-admin .kg-table th{padding:.45rem .55rem;vertical-align:middle}.kg-admin .kg-table code{overflow-wrap:anywhere;font-size:.85rem}
.kg-batch{border-top:1px solid var(--kg-line);padding:.8rem 0}.kg-batch:first-of-type{border-top:0}.kg-batch progress{width:100%;height:.8rem;accent-color:var(--kg-blue);display:block;margin:.4rem 0}
.kg-batch-head{display:flex;flex-wrap:wrap;gap:.5rem .8rem;align-items:center}.kg-batch-head .kg-row{margin:0 0 0 auto}
.kg-state{white-space:nowrap;border-radius:1em;padding:.05em .7em;font-size:.82rem;font-weight:600;background:var(--kg-blue-pale);color:var(--kg-blue-ink)}
.kg-state-done,.kg-well{background:var(--kg-green-pale);color:var(--kg-green)}.kg-state-paused,.kg-state-silent,.kg-wait{background:var(--kg-amber-pale);color:var(--kg-amber)}.kg-state-cancelled,.kg-bad{background:var(--kg-red-pale);color:var(--kg-red)}
.kg-quarantine{margin:.5rem 0 0}.kg-quarantine summary{cursor:pointer}.kg-quarantine td{overflow-wrap:anywhere}
.kg-admin dl.kg-record{margin:0}.kg-admin .kg-button{display:inline-flex;align-items:center;margin:0}.kg-admin .kg-button[aria-current]{background:var(--kg-blue);color:var(--kg-card)}
.kg-admin th .kg-soft{font-weight:400}.kg-admin .kg-table .kg-n{white-space:nowrap}
.kg-skip{position:absolute;left:-99rem}.kg-skip:focus{left:1rem;top:.5rem;background:var(--kg-card);padding:.4rem .8rem;z-index:9}
@media(max-width:600px){.kg-admin nav a{padding:.3rem .55rem}.kg-chore{display:block}.kg-admin .kg-table.kg-stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.kg-stack tr{display:block;border-bottom:1px solid var(--kg-line);padding:.5rem 0}
.kg-admin .kg-stack td,.kg-admin .kg-stack th{display:block;border:0;padding:.15rem 0;text-align:left}.kg-batch-head .kg-row{margin:0}}
"""
)
SCRIPT = """
const list = document.querySelector('#kg-batches');
if (list) setInterval(async () => {
  if (document.hidden || list.contains(document.activeElement) || list.querySelector('details[open]')) return;
  const found = await fetch('/admin/batches/live', {headers: {accept: 'text/html'}});
  if (found.ok) list.innerHTML = await found.text();
}, LIVE_MS);
document.addEventListener('submit', (event) => {
  const asked = event.target.dataset.really;
  if (asked && !confirm(asked)) event.preventDefault();
});
document.querySelectorAll('form[data-upload]').forEach((form) => form.addEventListener('submit', () => form.setAttribute('aria-busy', 'true')));
""".replace("LIVE_MS", str(LIVE_MS))


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page is set in: the language, the token of its forms, a word about what was just done, and
    the script's nonce.
    """

    language: Language
    token: str
    said: str = ""
    failed: bool = False
    nonce: str = ""

    def w(self, key: str, **values: object) -> str:
        """A word, escaped."""
        return escape(word(key, self.language, **values))

    def form(self, action: str, body: str, *, inline: bool = True, really: str = "", more: str = "") -> str:
        """A form that is sent to the administration."""
        asked = f" data-really='{escape(really)}'" if really else ""
        css = " class='kg-inline'" if inline else ""
        return (
            f"<form method='post' action='/admin/{escape(action)}'{css}{asked}{more}><input type='hidden'"
            f" name='csrf' value='{escape(self.token)}'>{body}</form>"
        )

    def button(
        self, action: str, label: str, *, danger: bool = False, really: str = "", name: str = ""
    ) -> str:
        """A form that is one button; ``name`` tells screen readers what it is done to."""
        css = " class='kg-danger'" if danger else ""
        told = f" aria-label='{escape(word(label, self.language))}: {escape(name)}'" if name else ""
        return self.form(action, f"<button type='submit'{css}{told}>{self.w(label)}</button>", really=really)


def page_html(frame: Frame, page: str, body: str) -> str:
    """A whole page with its menu."""
    here = " aria-current='page'"
    links = "".join(
        f"<a href='/admin{'' if name == 'overview' else '/' + name}'{here if name == page else ''}>{frame.w('admin_' + name)}</a>"
        for name in PAGES
    )
    told = (
        f"<p class='{'kg-error' if frame.failed else 'kg-told'}'"
        f" role='{'alert' if frame.failed else 'status'}'>{escape(frame.said)}</p>"
        if frame.said
        else ""
    )
    other = "en" if frame.language == "zh" else "zh"
    title = frame.w(f"admin_{page}")
    return (
        f"<!doctype html><html lang='{'zh-Hans' if frame.language == 'zh' else 'en'}'><head><meta"
        f" charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'><title>{title}"
        f" · kgrag</title><style>{STYLE}</style></head><body class='kg-admin'><a class='kg-skip'"
        f" href='#kg-main'>{title}</a><header><strong>{frame.w('admin')}</strong><nav"
        f" aria-label='{frame.w('menu')}'>{links}</nav><span class='kg-gap'></span><a"
        f" href='/admin/language/{other}'"
        f" lang='{'zh-Hans' if other == 'zh' else 'en'}'>{frame.w('other_language')}</a><a"
        f" href='/'>{frame.w('back_to_chat')}</a></header><main"
        f" id='kg-main'><h1>{title}</h1>{told}{body}</main><script"
        f" nonce='{escape(frame.nonce)}'>{SCRIPT}</script></body></html>"
    )


def overview_html(frame: Frame, found: State) -> str:
    """Holdings, indexes, models, storage, backups."""
    counts = "".join(f"<div><dt>{frame.w(name)}</dt><dd>{n:,}</dd></div>" for name, n in found.counts.items())
    warned = "".join(f"<p class='kg-told'>{escape(warning)}</p>" for warning in found.warnings)
    rows = "".join(_follower_row(frame, follower) for follower in found.followers)
    models = "".join(
        f"<dt>{frame.w(name)}</dt><dd>{escape(identity)}</dd>" for name, identity in found.models.items()
    )
    graph = (
        frame.w("embedded")
        if found.neo4j_uri is None
        else frame.w("neo4j_well" if found.graph == "neo4j" else "neo4j_away", uri=found.neo4j_uri)
    )
    kept = (
        (frame.w("folder"), escape(found.folder)),
        (frame.w("catalogue"), escape(found.catalogue)),
        (frame.w("graph_store"), graph),
        (frame.w("library_size"), _bytes(found.size_bytes)),
        (frame.w("disk_free"), _bytes(found.free_bytes)),
    )
    storage = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in kept)
    return (
        f"{warned}<section><h2>{frame.w('holdings')}</h2><dl"
        f" class='kg-counts'>{counts}</dl></section><section><h2>{frame.w('followers')}</h2><p"
        f" class='kg-soft'>{frame.w('followers_hint')}</p><div class='kg-scroll'><table"
        f" class='kg-table'><tbody>{rows}</tbody></table></div></section><div"
        f" class='kg-two'><section><h2>{frame.w('models')}</h2><dl"
        f" class='kg-record'>{models}</dl></section><section><h2>{frame.w('storage')}</h2><dl"
        f" class='kg-record'>{storage}</dl></section></div>{_backups(frame, found)}"
    )


def _follower_row(frame: Frame, follower: Follower) -> str:
    behind = follower.head - follower.applied
    if follower.problem is not None:
        mark, css, told = frame.w("does_not_answer"), "kg-bad", escape(follower.problem)
    else:
        mark, css = (
            (frame.w("up_to_date"), "kg-well")
            if behind <= 0
            else (frame.w("changes_behind", n=behind), "kg-wait")
        )
        told = frame.w("at_change", applied=follower.applied, head=follower.head)
    return (
        f"<tr><th scope='row'>{frame.w('follower_' + follower.name)}</th><td><span class='kg-state"
        f" {css}'>{mark}</span></td><td class='kg-soft'>{told}</td>"
        f"<td>{_chore(frame, follower.chore)}{frame.button(f'rebuild/{follower.name}', 'rebuild', name=word('follower_' + follower.name, frame.language))}</td></tr>"
    )


def _chore(frame: Frame, chore: str | None) -> str:
    if chore is None:
        return ""
    if chore in ("queued", "in_work"):
        return f"<span class='kg-state'>{frame.w(chore)} …</span> "
    return f"<span class='kg-state kg-bad'>{frame.w('chore_failed', why=chore)}</span> "


def _backups(frame: Frame, found: State) -> str:
    rows = "".join(
        f"<tr><th scope='row'><code>{escape(name)}</code></th><td"
        f" class='kg-n'>{_bytes(size)}</td><td>{_moment(taken)}</td><td><a"
        f" href='/admin/backups/{escape(name)}' download>{frame.w('download')}</a>"
        f" {frame.button(f'backups/{name}/remove', 'remove', danger=True, name=name)}</td></tr>"
        for name, size, taken in found.backups
    )
    table = (
        _table(frame, ("file", "size", "taken", "acts"), rows) if rows else f"<p>{frame.w('no_backups')}</p>"
    )
    return (
        f"<section><h2>{frame.w('backups')}</h2><p class='kg-soft'>{frame.w('backups_hint')}</p>{table}<div"
        f" class='kg-row'>{_chore(frame, found.chores.get('backup'))}"
        f"{frame.button('backup', 'make_backup')}</div></section>"
    )


def batches_html(frame: Frame, found: Sequence[Batch], folders: Sequence[str], upload_mb: int) -> str:
    """Upload, start, and all batches."""
    upload = frame.form(
        "upload",
        f"<label for='kg-files'>{frame.w('choose_files')}</label><input id='kg-files' name='files'"
        " type='file' multiple required aria-describedby='kg-files-hint'><p class='kg-soft'"
        f" id='kg-files-hint'>{frame.w('upload_hint', mb=upload_mb)}</p><button class='kg-main'"
        f" type='submit'>{frame.w('upload')}</button>",
        inline=False,
        more=" enctype='multipart/form-data' data-upload='1'",
    )
    if folders:
        start = frame.form(
            "start",
            f"<label for='kg-path'>{frame.w('folder')}</label><input id='kg-path' name='path' class='kg-wide'"
            f" required maxlength='4000' value='{escape(folders[0])}' aria-describedby='kg-path-hint'><p"
            " class='kg-soft'"
            f" id='kg-path-hint'>{frame.w('folder_hint', folders=', '.join(folders))}</p><button"
            f" class='kg-main' type='submit'>{frame.w('start')}</button>",
            inline=False,
        )
    else:
        start = f"<p class='kg-soft'>{frame.w('folder_none')}</p>"
    return (
        "<div"
        f" class='kg-two'><section><h2>{frame.w('upload_files')}</h2>{upload}</section><section><h2>{frame.w('read_folder')}</h2>{start}</section></div><section><h2>{frame.w('batches')}</h2><div"
        f" id='kg-batches' aria-live='off'>{list_html(frame, found)}</div></section>"
    )


def list_html(frame: Frame, found: Sequence[Batch]) -> str:
    """The batches alone, as the page refreshes them."""
    return "".join(_batch(frame, batch) for batch in found) or f"<p>{frame.w('no_batches')}</p>"


def _batch(frame: Frame, batch: Batch) -> str:
    job = batch.overview
    done, total = (
        sum(job.items[state] for state in ("done", "quarantined", "failed")),
        sum(job.items.values()),
    )
    state = "silent" if batch.silent else job.state
    acts = {
        "running": ("pause", "cancel"),
        "silent": ("resume", "cancel"),
        "paused": ("resume", "cancel"),
    }.get(state, ())
    buttons = "".join(
        frame.button(
            f"jobs/{job.id}/{act}", act, danger=act == "cancel", name=word("batch", frame.language, n=job.id)
        )
        for act in acts
    )
    figures = [
        frame.w("files_line", done=done, all=total),
        frame.w("rate_line", documents=job.documents, rate=f"{job.rate:.0f}"),
        frame.w("took_line", seconds=_duration(job.seconds)),
    ]
    if job.skipped:
        figures.append(frame.w("skipped_line", n=job.skipped))
    if state == "running" and job.left_s is not None and done < total:
        figures.append(frame.w("left_line", left=_duration(job.left_s)))
    title = frame.w("batch", n=job.id)
    bar = (
        f"<progress max='{max(total, 1)}' value='{done if total else 1}' aria-label='{title}'></progress>"
        if state in ("running", "paused", "silent")
        else ""
    )
    paths = ", ".join(path.rpartition("/")[2] or path for path in job.paths[:5]) + (
        " …" if len(job.paths) > 5 else ""
    )
    return (
        f"<div class='kg-batch'><div class='kg-batch-head'><h3>{title}</h3><span class='kg-state"
        f" kg-state-{state}'>{frame.w('state_' + state)}</span>"
        f"<span class='kg-soft'>{escape(paths)} · {_moment_text(job.created)}</span><div"
        f" class='kg-row'>{buttons}</div></div>{bar}"
        f"<p class='kg-figures'>{''.join(f'<span>{line}</span>' for line in figures)}</p>{_quarantine(frame, batch)}</div>"
    )


def _quarantine(frame: Frame, batch: Batch) -> str:
    if not batch.problems:
        return ""
    rows = "".join(
        f"<tr><td>{escape(problem['path'].rpartition('/')[2])}</td><td>{escape(problem['reason'])}</td></tr>"
        for problem in batch.problems
    )
    retry = frame.button(
        f"jobs/{batch.overview.id}/retry", "retry", name=word("batch", frame.language, n=batch.overview.id)
    )
    return (
        "<details"
        f" class='kg-quarantine'><summary>{frame.w('quarantined_n', n=len(batch.problems))}</summary>{_table(frame, ('file', 'why'), rows)}<div"
        f" class='kg-row'>{retry}</div></details>"
    )


def people_html(
    frame: Frame,
    users: Sequence[User],
    off: Sequence[tuple[str, str]],
    collections: Sequence[Collection],
    me: str,
) -> str:
    """Users, switches and collections."""
    rows = "".join(_user_row(frame, user, me) for user in users)
    table = (
        _table(frame, ("user_name", "role", "groups", "acts"), rows, stack=True)
        if rows
        else f"<p>{frame.w('no_people')}</p>"
    )
    return (
        f"<section><h2>{frame.w('people')}</h2>{table}</section><div"
        f" class='kg-two'><section><h2>{frame.w('new_user')}</h2>{_new_user(frame)}</section>"
        f"<section><h2>{frame.w('switches')}</h2>{_switches(frame, off)}</section></div>{_collections(frame, collections)}"
    )


def _user_row(frame: Frame, user: User, me: str) -> str:
    name = escape(user.name)
    options = "".join(
        f"<option value='{role}'{' selected' if role == user.role else ''}>{frame.w('role_' + role)}</option>"
        for role in ROLES
    )
    role = frame.form(
        f"users/{user.id}/role",
        f"<select name='role' aria-label='{frame.w('role')}: {name}'>{options}</select><button"
        f" type='submit'>{frame.w('change')}</button>",
    )
    groups = frame.form(
        f"users/{user.id}/groups",
        f"<input name='groups' size='14' value='{escape(' '.join(user.groups))}'"
        f" aria-label='{frame.w('groups')}: {name}' title='{frame.w('groups_hint')}'"
        f" placeholder='{frame.w('groups')}'><button type='submit'>{frame.w('change')}</button>",
    )
    password = (
        frame.form(
            f"users/{user.id}/password",
            "<input name='password' type='password' size='12' autocomplete='new-password' required"
            f" aria-label='{frame.w('new_password')}: {name}' placeholder='{frame.w('new_password')}'><button"
            f" type='submit'>{frame.w('change')}</button>",
        )
        if user.by_password
        else ""
    )
    door = frame.button(
        f"users/{user.id}/{'enable' if user.disabled else 'disable'}",
        "let_in" if user.disabled else "shut_out",
        name=user.name,
    )
    gone = frame.button(
        f"users/{user.id}/delete",
        "delete_user",
        danger=True,
        really=word("really", frame.language, name=user.name),
        name=user.name,
    )
    marks = (f" <span class='kg-state kg-bad'>{frame.w('disabled_mark')}</span>" if user.disabled else "") + (
        "" if user.by_password else f" <span class='kg-badge'>{frame.w('by_provider')}</span>"
    )
    return (
        f"<tr><th scope='row'>{name}{marks}<br><span class='kg-soft'>{frame.w('since')}"
        f" {escape(user.created)}</span></th><td>{role}</td><td>{groups}</td><td><div"
        f" class='kg-row'>{password}{'' if user.id == me else door + gone}</div></td></tr>"
    )


def _new_user(frame: Frame) -> str:
    options = "".join(f"<option value='{role}'>{frame.w('role_' + role)}</option>" for role in ROLES)
    return frame.form(
        "users",
        f"<label for='kg-name'>{frame.w('user_name')}</label><input id='kg-name' name='name' required"
        " maxlength='64' autocomplete='off' class='kg-wide'><label"
        f" for='kg-password'>{frame.w('password')}</label><input id='kg-password' name='password'"
        " type='password' required minlength='10' autocomplete='new-password' class='kg-wide'><label"
        f" for='kg-role'>{frame.w('role')}</label><select id='kg-role' name='role'>{options}</select><label"
        f" for='kg-groups'>{frame.w('groups')} ({frame.w('groups_hint')})</label><input id='kg-groups'"
        " name='groups' autocomplete='off' class='kg-wide'><br><button class='kg-main'"
        f" type='submit'>{frame.w('add')}</button>",
        inline=False,
    )


def _switches(frame: Frame, off: Sequence[tuple[str, str]]) -> str:
    head = "".join(f"<th scope='col'>{frame.w('role_' + role)}</th>" for role in ROLES)
    rows = "".join(
        f"<tr><th scope='row'>{frame.w('switch_' + what)}</th>"
        + "".join(
            f"<td><input type='checkbox' name='on' value='{what} {role}'"
            f" aria-label='{frame.w('switch_' + what)}:"
            f" {frame.w('role_' + role)}'{'' if (what, role) in off else ' checked'}></td>"
            for role in ROLES
        )
        + "</tr>"
        for what in SWITCHES
    )
    return frame.form(
        "switches",
        "<div class='kg-scroll'><table"
        f" class='kg-table'><thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div><p"
        f" class='kg-soft'>{frame.w('switches_hint')}</p><button class='kg-main'"
        f" type='submit'>{frame.w('keep_switches')}</button>",
        inline=False,
    )


def _collections(frame: Frame, collections: Sequence[Collection]) -> str:
    rows = "".join(
        "<tr><th"
        f" scope='row'>{escape(c.name)}</th><td>{'<br>'.join(f'<code>{escape(part)}</code>' for part in (*c.patterns, *c.documents[:5]))}{' …' if len(c.documents) > 5 else ''}</td>"
        f"<td class='kg-n'>{c.n_documents}</td><td>{escape(', '.join(c.groups)) or frame.w('everybody')}{'; ' + frame.w('records_by_all') if c.shows_records else ''}</td><td>{_collection_roles(frame, c)}</td>"
        f"<td>{frame.form('collections/remove', f'<input type=hidden name=name value={_quoted(c.name)}><button type=submit class=kg-danger>' + frame.w('remove') + '</button>')}</td></tr>"
        for c in collections
    )
    table = (
        _table(frame, ("collection", "paths", "n_documents", "seen_by", "switches", "acts"), rows, stack=True)
        if rows
        else f"<p>{frame.w('no_collections')}</p>"
    )
    form = frame.form(
        "collections",
        f"<label for='kg-cname'>{frame.w('collection')}</label><input id='kg-cname' name='name' required"
        f" maxlength='200' class='kg-wide'><label for='kg-cpaths'>{frame.w('paths')}"
        f" ({frame.w('one_a_line')})</label><textarea id='kg-cpaths' name='patterns' rows='2'"
        f" class='kg-wide'></textarea><label for='kg-cdocs'>{frame.w('document_ids')}"
        f" ({frame.w('one_a_line')})</label><textarea id='kg-cdocs' name='documents' rows='2'"
        f" class='kg-wide'></textarea><label for='kg-cgroups'>{frame.w('seen_by')}"
        f" ({frame.w('groups_hint')})</label><input id='kg-cgroups' name='groups'"
        " class='kg-wide'><label><input type='checkbox' name='shows_records' value='1'>"
        f" {frame.w('shows_records')}</label><br><button class='kg-main'"
        f" type='submit'>{frame.w('set_collection')}</button>",
        inline=False,
    )
    return (
        f"<section><h2>{frame.w('collections')}</h2><p"
        f" class='kg-soft'>{frame.w('collections_hint')}</p>{table}{form}</section>"
    )


def _collection_roles(frame: Frame, collection: Collection) -> str:
    boxes = "".join(
        "<label class='kg-badge'><input type='checkbox' name='on'"
        f" value='{role}'{'' if role in collection.off_for else ' checked'}>"
        f" {frame.w('role_' + role)}</label>"
        for role in ROLES
    )
    return frame.form(
        "collections/roles",
        f"<input type='hidden' name='name' value={_quoted(collection.name)}>{boxes}<button"
        f" type='submit'>{frame.w('keep_switches')}</button>",
    )


def logs_html(
    frame: Frame, log: str, lines: Sequence[dict[str, Any]], verdict: Verdict, names: dict[str, str]
) -> str:
    """One of the two logs, newest first, and whether its chain holds."""
    current = " aria-current='page'"
    tabs = "".join(
        "<a class='kg-button'"
        f" href='/admin/logs?log={name}'{current if name == log else ''}>{frame.w('log_' + name)}</a>"
        for name in ("security", "provenance")
    )
    if verdict.problems:
        told = (
            "<div class='kg-error'"
            f" role='alert'>{frame.w('log_broken')}<ul>{''.join(f'<li>{escape(problem)}</li>' for problem in verdict.problems[:20])}</ul></div>"
        )
    else:
        told = (
            "<p><span class='kg-state kg-well'>✓</span>"
            f" {frame.w('log_whole', n=verdict.lines, head=verdict.head[:16])}…</p>"
        )
    if log == "security":
        rows = "".join(
            "<tr><td"
            f" class='kg-n'>{line['seq']}</td><td>{_moment_text(line['at'])}</td><td>{_who(frame, line['person'], names)}</td><td>{escape(line['action'])}</td>"
            f"<td>{_who(frame, line['target'], names)}</td></tr>"
            for line in lines
        )
        table = _table(frame, ("line", "when", "who", "did", "what"), rows)
    else:
        rows = "".join(
            "<tr><td"
            f" class='kg-n'>{line['seq']}</td><td>{escape(line['day'])}</td><td>{frame.w('erased') if line['question'] is None else escape(line['question'])}</td>"
            f"<td class='kg-n'>{len(line['evidence'])}</td><td>{escape('; '.join(line['models'].values()))}</td></tr>"
            for line in lines
        )
        table = _table(frame, ("line", "when", "question", "quotes", "models"), rows)
    older = (
        f"<p><a href='/admin/logs?log={log}&amp;before={lines[-1]['seq']}'>{frame.w('older')}</a></p>"
        if lines and lines[-1]["seq"] > 1
        else ""
    )
    return (
        f"<section><div class='kg-row'>{tabs}</div><p"
        f" class='kg-soft'>{frame.w('log_hint')}</p>{told}{table if rows else '<p>' + frame.w('empty_log') + '</p>'}{older}</section>"
    )


def _who(frame: Frame, value: str, names: dict[str, str]) -> str:
    if value == "nobody":
        return frame.w("nobody")
    return (
        escape(names[value])
        if value in names
        else (
            f"{frame.w('gone_user')} <code>{escape(value)}</code>"
            if value.startswith("u-")
            else escape(value)
        )
    )


def _table(frame: Frame, heads: Sequence[str], rows: str, *, stack: bool = False) -> str:
    head = "".join(f"<th scope='col'>{frame.w(name)}</th>" for name in heads)
    return (
        f"<div class='kg-scroll' tabindex='0' role='region' aria-label='{frame.w(heads[0])}'><table"
        f" class='kg-table{' kg-stack' if stack else ''}'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _quoted(text: str) -> str:
    return f'"{escape(text)}"'


def _bytes(n: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if n < 1000:
            return f"{n:.0f} {unit}" if unit in ("B", "kB") else f"{n:.1f} {unit}"
        n /= 1000
    return f"{n:.1f} TB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return (
        f"{minutes // 60} h {minutes % 60} min"
        if minutes >= 60
        else f"{minutes} min {rest} s"
        if minutes
        else f"{seconds:.0f} s"
    )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _moment_text(iso: str) -> str:
    return escape(iso[:19].replace("T", " "))
