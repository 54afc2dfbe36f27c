"""Aktenzeichen, case, client and household numbers, by the column's name or words in the text."""

import re

from ckanext.sozialdaten.disclosure._model import Severity
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_HOUSEHOLD = re.compile(r"^(\d{5}(?:BG|//)\d{6,7}|\d{3}[A-D]\d{6})$")
_CONTEXT = re.compile(
    r"\b(?:Az|Akt\.?-?z|Aktenzeichen|Gz|Gesch\.?-?z|Geschäftszeichen"
    r"|(?:Fall|Vorgangs?|Akten|Bescheid)"
    r"[- ]?(?:nummer|Nr|ID)|Unser Zeichen|Kunden-?(?:nummer|Nr)|Kd-?Nr|BG-?N(?:umme)?r"
    r"|Bedarfsgemeinschaft"
    r"|case (?:no|number|id)|file (?:no|number|ref))\.?\s*:?\s*$",
    re.IGNORECASE,
)

_IN_COLUMN = "The column {column} holds file, case or client numbers ({rows} rows)."
_OUTSIDE = Message("A file, case or client number stands outside the table.")

RULE = Detector(
    id="identifier-case-number",
    title=Message("File, case and client numbers"),
    in_column=_IN_COLUMN,
    outside=_OUTSIDE,
    topic="case",
    pattern=re.compile(
        r"(?<!\w)[A-Z] \d{1,3} [A-Z][A-Za-z]{0,3} \d{1,5}/\d{2}(?!\d)"
        r"|(?<!\w)\w[\w./-]*\d[\w./-]*|(?<!\w)\d+(?!\w)"
    ),
    valid=lambda candidate: any(letter.isdigit() for letter in candidate),
    context=_CONTEXT,
    prose=Severity.WARN,
    lax=True,
).rule()

# 50.1-12/2023, 51-3/4711/23, 3 K 1234/20: office, running number, year
FILE = Detector(
    id="identifier-case-number",
    title=Message("File, case and client numbers"),
    in_column=_IN_COLUMN,
    outside=_OUTSIDE,
    topic="",
    pattern=re.compile(
        r"(?<![\w./-])(?:\d{1,3}(?:\.\d{1,3}){0,3}[ -]\d{1,6}(?:/\d{1,6})?/(?:19|20)?\d{2}"
        r"|\d{1,3} [A-Z][A-Za-z]{0,3} \d{1,5}/\d{2}(?:\.[A-Z]{1,3})?)(?![\w/])"
    ),
    valid=lambda _: True,
    majority=0.8,
).rule()

# 4 F 123/22, 12 UF 45/23: files of family, guardianship, insolvency and criminal courts, whose
# registers (Aktenordnung) hold persons; courts of appeal on points of law are cited, not meant
COURT = Detector(
    id="identifier-case-number",
    title=Message("File, case and client numbers"),
    in_column=_IN_COLUMN,
    outside=_OUTSIDE,
    topic="",
    pattern=re.compile(
        r"(?<![\w./-])\d{1,4} (?:F|UF|WF|XVII|XVI|XIV|VIII|VII|X|IK|IN|Js|Ds|Cs|Ls|OWi) "
        r"\d{1,5}/\d{2}(?![\w/])"
    ),
    valid=lambda _: True,
    prose=Severity.WARN,
).rule()

HOUSEHOLD = Detector(
    id="identifier-case-number",
    title=Message("File, case and client numbers"),
    in_column=_IN_COLUMN,
    outside=_OUTSIDE,
    topic="",
    pattern=re.compile(r"(?<!\w)(?:\d{5}(?:BG|//)\d{6,7}|\d{3}[A-D]\d{6})(?!\w)"),
    valid=lambda candidate: bool(_HOUSEHOLD.match(candidate)),
).rule()
