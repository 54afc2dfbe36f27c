"""E-mail addresses of persons; mailboxes of offices (info@, poststelle@) are public."""

import re

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Severity
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_AT = r"(?:@|＠|[(\[{<]\s?(?:at|ät|@|a)\s?[)\]}>])"
_DOT = r"(?:\s?[(\[{]\s?(?:dot|punkt|\.)\s?[)\]}]\s?|\s(?:dot|punkt|DOT|PUNKT)\s|\.)"
_LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
_PATTERN = re.compile(
    rf"(?<![\w.+%-])[\w+%-][\w.+%-]*(?:{_DOT}[\w+%-]+){{0,3}}"
    rf"(?:\s?{_AT}\s?{_LABEL}(?:{_DOT}{_LABEL}){{0,4}}{_DOT}[^\W\d_]{{2,}}"
    r"|\s(?:at|AT)\s[\w-]+\s(?:dot|punkt|DOT|PUNKT)\s[^\W\d_]{2,})",
)
_SPLIT = re.compile(rf"\s?{_AT}|\s(?:at|AT)\s")


def _personal(candidate: str) -> bool:
    local = _SPLIT.split(candidate.lower())[0].removeprefix("mailto:")
    words = re.split(r"[.+_-]|\s", local)
    return not any(word in lexicon().role_mailboxes for word in (local, *words))


RULE = Detector(
    id="identifier-email",
    title=Message("E-mail addresses"),
    in_column="The column {column} holds e-mail addresses ({rows} rows).",
    outside=Message("A personal e-mail address stands outside the table."),
    topic="email",
    pattern=_PATTERN,
    valid=_personal,
    prose=Severity.INFO,
).rule()
