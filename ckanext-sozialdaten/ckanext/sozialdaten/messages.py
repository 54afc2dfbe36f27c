"""Texts in German and English, for rooms that know no web framework.

A :class:`Message` is an English text with named places. It is data until somebody reads it:
findings show it in both languages, error pages in the reader's. The German text comes from the same
gettext catalogue that the templates use.
"""

import gettext
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

__all__ = ["DOMAIN", "Message"]

DOMAIN = "ckanext-sozialdaten"
_CATALOGUES = Path(__file__).parent / "i18n"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, str(_CATALOGUES), languages=[language], fallback=True)


@cache
def _pattern(msgid: str, language: str) -> str:
    return msgid if language == "en" else _catalogue(language).gettext(msgid)


@dataclass(frozen=True, slots=True)
class Message:
    """A translatable text.

    Args:
        msgid: the English text, with ``{name}`` where a parameter goes; the key of the catalogue.
        params: the parameters. Never a value of a person: messages end up in logs and e-mails.
    """

    msgid: str
    params: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float])

    def text(self, language: str = "en") -> str:
        """The text in ``language`` (``"de"`` or ``"en"``); English where no translation exists."""
        return _pattern(self.msgid, language).format(**self.params)

    def both(self) -> dict[str, str]:
        """The text in German and English, as findings carry it.

        >>> Message("{count} rows", {"count": 2}).both()["en"]
        '2 rows'
        """
        return {"de": self.text("de"), "en": self.text("en")}

    def __str__(self) -> str:
        return self.text()
