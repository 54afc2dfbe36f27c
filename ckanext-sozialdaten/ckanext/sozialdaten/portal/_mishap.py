"""The last resort of a request: a page that needs nothing but itself.

Where a page fails, CKAN shows its error page in the portal's frame. While the database is away that
frame comes without its styles, or fails too, and the server would answer with bare words. This page
stands in for it, in German or English, without telling what went wrong inside.
"""

import base64
import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from markupsafe import escape
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import InterfaceError, OperationalError
from werkzeug.wrappers import Response

from ckanext.sozialdaten.messages import Message

__all__ = ["AWAY", "Mishaps"]

log = logging.getLogger(__name__)

Environ = dict[str, Any]
Start = Callable[..., Any]

AWAY = (OperationalError, InterfaceError, RedisAway)
_RETRY = 60

_TITLE = Message("The portal cannot answer just now")
_AWAY_TEXT = Message(
    "A part of the portal cannot be reached at the moment. Please try again in a few minutes."
)
_BROKEN_TEXT = Message(
    "Something went wrong here, not with you. Please try again in a few minutes; if it happens"
    " again, tell the operator the number below and what you were about to do."
)
_SAFE = Message("Nothing that was published or saved is lost.")
_NUMBER = Message("Number of this error")
_AGAIN = Message("Try again")
_HOME = Message("To the home page")

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --paper: #fff; --ground: #f4f6f8;
  --rule: #d5dbe1; --band: #12355b; --link: #0b5f8a; --focus: #b8500a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --paper: #18222d; --ground: #10171f;
  --rule: #344250; --band: #0c2440; --link: #7cc4ea; --focus: #ffb454; } }
body { margin: 0; background: var(--ground); color: var(--ink); line-height: 1.5;
  font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif; }
header { background: var(--band); color: #fff; font-weight: 700; font-size: 1.2rem;
  padding: 1.2rem 1.5rem; overflow-wrap: anywhere; }
main { max-width: 40rem; margin: 2rem auto; padding: 1.5rem; background: var(--paper);
  border: 1px solid var(--rule); border-radius: 10px; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .75rem; }
a { display: inline-block; min-height: 1.5rem; padding: .5rem 0; margin-right: 1.5rem;
  color: var(--link); }
a:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
code { font-size: 1rem; }
"""

_PAGE = """<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title} – {site}</title><style>{style}</style></head>
<body><header>{site}</header>
<main><h1>{title}</h1><p>{text}</p><p>{safe}</p>
<p><a href="{again}">{again_text}</a><a href="{home}">{home_text}</a></p>
<p>{number_text}: <code>{number}</code></p></main></body></html>
"""


class Mishaps:
    """A WSGI application that answers also where the one inside raises.

    Args:
        application: the portal.
        site: its title.
    """

    def __init__(self, application: Callable[[Environ, Start], Iterable[bytes]], site: str) -> None:
        self._application = application
        self._site = site
        digest = hashlib.sha256(_STYLE.encode()).digest()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{base64.b64encode(digest).decode()}';"
            " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a request."""
        try:
            return self._application(environ, start_response)
        except Exception as error:  # noqa: BLE001 - the boundary of a request
            return self.answer(error, environ)(environ, start_response)

    def answer(self, error: BaseException, environ: Environ) -> Response:
        """The page for ``error``; 503 where a server of the portal is away, else 500."""
        number = secrets.token_hex(4)
        path = str(environ.get("PATH_INFO", "/"))
        log.error("%s failed (number %s)", path, number, exc_info=error)
        away = isinstance(error, AWAY)
        language = "en" if str(environ.get("CKAN_LANG", "de")).startswith("en") else "de"
        text = _AWAY_TEXT if away else _BROKEN_TEXT
        if path.startswith("/api/"):
            told = _told(text.text(language), number)
            response = Response(told, mimetype="application/json")
        else:
            page = self._page(environ, language, text, number)
            response = Response(page, mimetype="text/html")
        response.status_code = 503 if away else 500
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = self._policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        if away:
            response.headers["Retry-After"] = str(_RETRY)
        return response

    def _page(self, environ: Environ, language: str, text: Message, number: str) -> str:
        root = str(environ.get("SCRIPT_NAME", ""))
        if not environ.get("CKAN_LANG_IS_DEFAULT", True):
            root += f"/{environ['CKAN_LANG']}"
        # one slash: two would lead to another host
        again = f"{root}/{str(environ.get('PATH_INFO', '')).lstrip('/')}"
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            again = f"{root}/"
        return _PAGE.format(
            language=language,
            style=_STYLE,
            site=escape(self._site),
            title=_TITLE.text(language),
            text=text.text(language),
            safe=_SAFE.text(language),
            again=escape(again),
            again_text=_AGAIN.text(language),
            home=escape(f"{root}/"),
            home_text=_HOME.text(language),
            number_text=_NUMBER.text(language),
            number=number,
        )


def _told(text: str, number: str) -> str:
    """The answer of an action, as CKAN's API words it."""
    error = {"__type": "Internal Server Error", "message": text, "number": number}
    return json.dumps({"success": False, "error": error}, ensure_ascii=False)
