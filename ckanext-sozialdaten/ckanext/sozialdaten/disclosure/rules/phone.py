"""Telephone numbers after DIN 5008 and common ways of writing them."""

import re

from ckanext.sozialdaten.disclosure._model import Severity
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

# where the column's name tells: any notation, and numbers that lost zero and signs
_NAMED = re.compile(r"^\s*[+(]?\d(?:[ \u00a0./()–-]{0,3}\d){5,15}\s*$|^\d[.,]\d+[eE]\+?1[0-5]$")
_PATTERN = re.compile(
    r"(?<![\w.,/-])(?:(?:\+|00 ?)[1-9]\d{0,2}[ /-]?(?:\(0\))?[ /-]?"
    r"\d{2,5}[ /-]{0,3}(?:\d{3,}|\d{2}(?:[ -]\d{2}){2})(?:[ -]\d{1,6}){0,4}"
    r"|\(0[1-9]\d{1,4}\) ?\d{3,}(?:[ -]\d{1,6}){0,3}"
    r"|0[1-9]\d{1,4} ?[/–-] ?\d{3,}(?:[ -]\d{1,6}){0,3}"
    r"|0[1-9]\d{1,4} \d{3,8}(?:[ -]\d{1,6}){0,3}"
    r"|01[567]\d{8,9}"
    r"|\+49 ?\(0\) ?[1-9]\d{1,4}[ /-]\d{2,8}(?:[ -]\d{1,6}){0,4}"
    r"|0[1-9]\d{1,4} ?[/–-] ?\d{2}(?: \d{2}){1,3}(?: \d)?"  # pairs, DIN 5008 of 1996
    r"|0 [1-9]\d(?: \d{2})? ?[/–-] ?\d{2}(?: \d{2}){1,3})(?![\w,.]*\d)"
)


def _plausible(candidate: str) -> bool:
    """Seven to fifteen digits, no range of two postcodes, no region key with a year."""
    digits = re.sub(r"\D", "", candidate)
    groups = re.findall(r"\d+", candidate)
    postcodes = len(groups) == 2 and all(len(group) == 5 for group in groups)
    dated = len(groups) > 1 and len(groups[1]) == 4 and groups[1][:2] in ("19", "20")
    return 7 <= len(digits) <= 15 and not postcodes and not dated


RULE = Detector(
    id="identifier-phone",
    title=Message("Telephone numbers"),
    in_column="The column {column} holds telephone numbers ({rows} rows).",
    outside=Message("A telephone number stands outside the table."),
    topic="phone",
    pattern=_PATTERN,
    valid=_plausible,
    prose=Severity.INFO,
    named=re.compile(f"{_PATTERN.pattern}|{_NAMED.pattern}"),
    lax=True,
).rule()
