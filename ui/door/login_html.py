"""The pages before the door, as HTML: log in, and set the first admin's password.

Pure: words in, text out.
"""

from __future__ import annotations

from html import escape

from ui.words import Language, word

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;color:#1b1f24;background:#f3f5f8}
main{width:min(24rem,calc(100vw - 2rem));background:#fff;border:1px solid #d5dae1;border-radius:12px;padding:1.6rem;box-sizing:border-box}
h1{font-size:1.35rem;margin:0 0 .4rem}p{margin:.3rem 0 1rem}label{display:block;font-weight:600;margin:.8rem 0 .2rem}
input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem .6rem;border:1px solid #6b7480;border-radius:8px;background:#fff;color:inherit}
button,.go{font:inherit;font-weight:600;width:100%;box-sizing:border-box;margin-top:1.2rem;padding:.6rem;border:1px solid #1d5fa8;border-radius:8px;background:#1d5fa8;color:#fff;cursor:pointer;display:block;text-align:center;text-decoration:none}
.go{background:transparent;color:#1d5fa8}
input:focus-visible,button:focus-visible,.go:focus-visible{outline:3px solid #7fb2ec;outline-offset:1px}
.error{border-left:4px solid #b3261e;padding:.5rem .8rem;background:#fbeeed}
.note{color:#4c545e;font-size:.9rem}
@media(prefers-color-scheme:dark){body{color:#e6e9ee;background:#14171b}main{background:#1c2026;border-color:#3a414b}input{background:#14171b;border-color:#8b95a3}
.error{background:#3a2220}.note{color:#b4bcc6}.go{color:#8fc0f7;border-color:#8fc0f7}}
"""


def login_html(token: str, language: Language, error: str, target: str, *, oidc: bool = False) -> str:
    """The login page."""
    body = (
        f"<form method='post' action='/login'><input type='hidden' name='csrf' value='{escape(token)}'><input"
        " type='hidden' name='next'"
        f" value='{escape(target)}'>{_field('name', 'user_name', language, 'username')}{_field('password', 'password', language, 'current-password', kind='password')}<button"
        f" type='submit'>{word('log_in', language)}</button></form>"
    )
    other = f"<a class='go' href='/oidc/start'>{word('log_in_oidc', language)}</a>" if oidc else ""
    return _page(word("log_in", language), word("log_in_hint", language), error, body + other, language)


def setup_html(token: str, language: Language, error: str, target: str, *, oidc: bool = False) -> str:
    """The page that asks for the first admin's name and password."""
    body = (
        "<form method='post' action='/setup'><input type='hidden' name='csrf'"
        f" value='{escape(token)}'>{_field('name', 'user_name', language, 'username', 'admin')}{_field('password', 'password', language, 'new-password', kind='password')}{_field('again', 'password_again', language, 'new-password', kind='password')}<button"
        f" type='submit'>{word('set_admin', language)}</button></form>"
    )
    return _page(word("set_admin", language), word("set_admin_hint", language), error, body, language)


def _field(
    name: str, label: str, language: Language, complete: str, value: str = "", kind: str = "text"
) -> str:
    return (
        f"<label for='{name}'>{word(label, language)}</label><input id='{name}' name='{name}' type='{kind}'"
        f" value='{escape(value)}' autocomplete='{complete}' required maxlength='1024' autocapitalize='none'"
        " spellcheck='false'>"
    )


def _page(title: str, hint: str, error: str, body: str, language: Language) -> str:
    told = f"<p class='error' role='alert'>{escape(error)}</p>" if error else ""
    return (
        f"<!doctype html><html lang='{'zh-Hans' if language == 'zh' else 'en'}'><head><meta"
        f" charset='utf-8'><meta name='viewport' content='width=device-width, initial-scale=1'><title>{title}"
        f" · kgrag</title><style>{STYLE}</style></head><body><main><h1>{title}</h1><p"
        f" class='note'>{hint}</p>{told}{body}</main></body></html>"
    )
