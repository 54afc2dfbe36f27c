"""The language of the reader."""

from ckan.lib import i18n
from flask import has_request_context

__all__ = ["language"]


def language() -> str:
    """``"en"`` for the English interface, else ``"de"``: all our texts exist in both.

    Jobs and command lines have no reader; they get German.
    """
    if not has_request_context():
        return "de"
    return "en" if (i18n.get_lang() or "de").startswith("en") else "de"
