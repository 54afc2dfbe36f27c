"""E-mail addresses of persons; mailboxes of offices (info@, poststelle@) are public."""

import re

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Severity
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_PATTERN = re.compile(
    r"[\w.+%-]+\s?(?:@|\(at\)|\[at\])\s?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
)


def _personal(candidate: str) -> bool:
    local = re.split(r"\s?(?:@|\(at\)|\[at\])", candidate.lower())[0].removeprefix("mailto:")
    mailboxes = lexicon().role_mailboxes
    return not any(local == box or local.startswith((f"{box}-", f"{box}.")) for box in mailboxes)


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
