"""Aktenzeichen, case, client and household numbers, by the column's name or words in the text."""

import re

from ckanext.sozialdaten.disclosure._model import Severity
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_HOUSEHOLD = re.compile(r"^(\d{5}BG\d{6,7}|\d{3}[A-D]\d{6})$")
_CONTEXT = re.compile(
    r"\b(?:Az|Aktenzeichen|Gz|Geschäftszeichen|Fall(?:nummer|-?Nr)|Kundennummer|Kd-?Nr|BG-?N(?:umme)?r)\.?\s*:?\s*$",
    re.IGNORECASE,
)

RULE = Detector(
    id="identifier-case-number",
    title=Message("File, case and client numbers"),
    in_column="The column {column} holds file, case or client numbers ({rows} rows).",
    outside=Message("A file, case or client number stands outside the table."),
    topic="case",
    pattern=re.compile(r"(?<!\w)\w[\w./-]*\d[\w./-]*|(?<!\w)\d+(?!\w)"),
    valid=lambda candidate: any(letter.isdigit() for letter in candidate),
    context=_CONTEXT,
    prose=Severity.WARN,
    lax=True,
).rule()

HOUSEHOLD = Detector(
    id="identifier-case-number",
    title=RULE.title,
    in_column="The column {column} holds file, case or client numbers ({rows} rows).",
    outside=Message("A file, case or client number stands outside the table."),
    topic="",
    pattern=re.compile(r"(?<!\w)(?:\d{5}BG\d{6,7}|\d{3}[A-D]\d{6})(?!\w)"),
    valid=lambda candidate: bool(_HOUSEHOLD.match(candidate)),
).rule()
