"""Security headers of every answer.

A page runs the portal's own script files and nothing that somebody wrote into a text. Two templates
of CKAN hand values to their script inline: ours mark these with the nonce of the answer. Three
handlers that CKAN writes as attributes are allowed by the hash of exactly their text. Styles stay
``'unsafe-inline'``: Leaflet, DataTables and Bootstrap set them, and they run nothing.

Source: W3C, Content Security Policy Level 3.
"""

import base64
import hashlib
import secrets
from typing import Any

from ckan.common import config
from flask import g, request

from ckanext.sozialdaten.publishing.frames import ancestors

__all__ = ["harden", "nonce"]

_YEAR = 31_536_000
# What CKAN writes as attributes: api_token_list.html, api_token_create_form.html,
# datatables_view.html, resource_read.html.
_HANDLERS = (
    "$('#revoke-tokens-button').attr('disabled', !$('[name=token]:checked').length)",
    "fitColText()",
    "return false",
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Bytes that somebody uploaded: were they a page, it could do nothing.
_INERT = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
# A browser's own viewer shows no PDF in a sandbox.
_DOCUMENT = "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"


def nonce() -> str:
    """The word of this answer that marks inline scripts of our templates."""
    if "sozialdaten_nonce" not in g:
        g.sozialdaten_nonce = secrets.token_urlsafe(16)
    word: str = g.sozialdaten_nonce
    return word


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _page() -> str:
    """The policy of a page; a nonce only where a template asked for one."""
    given = g.get("sozialdaten_nonce")
    scripts = "script-src 'self'" + (f" 'nonce-{given}'" if given else "")
    handlers = " ".join(("'unsafe-hashes'", *map(_hash, _HANDLERS)))
    return "; ".join(
        (
            "default-src 'self'",
            scripts,
            f"script-src-attr {handlers}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {ancestors()}",
        )
    )


def _policy(response: Any) -> str:
    if (request.endpoint or "").endswith("resource.download"):
        return _DOCUMENT if response.mimetype == "application/pdf" else _INERT
    return _DOCUMENT if response.mimetype == "application/pdf" else _page()


def harden(response: Any) -> Any:
    """Add the headers; the promise of TLS only where the portal's own address has it."""
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    if ancestors() != "'self'":
        # the older header knows no list of sites: browsers that have the policy go by that
        del response.headers["X-Frame-Options"]
    response.headers["Content-Security-Policy"] = _policy(response)
    if str(config.get("ckan.site_url", "")).startswith("https://"):
        response.headers["Strict-Transport-Security"] = f"max-age={_YEAR}"
    return response
