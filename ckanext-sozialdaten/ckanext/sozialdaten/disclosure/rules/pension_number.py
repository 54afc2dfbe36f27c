"""Renten- and Sozialversicherungsnummern (RVNR): area, birth date, letter, serial, check digit."""

import re

from ckanext.sozialdaten.disclosure.checkdigits import is_rvnr
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

RULE = Detector(
    id="identifier-pension-number",
    title=Message("Pension insurance numbers (RVNR)"),
    in_column="The column {column} holds pension insurance numbers (RVNR) ({rows} rows).",
    outside=Message("A pension insurance number (RVNR) stands outside the table."),
    topic="insurance",
    pattern=re.compile(
        r"(?<!\w)\d{2}[ \u00a0\u202f/.-]?\d{2}[ .]?\d{2}[ .]?\d{2}"
        r"[ \u00a0\u202f/.-]?[A-Za-z][ \u00a0\u202f/.-]?\d{2}[ ]?\d(?!\w)"
    ),
    valid=is_rvnr,
    chance=0.03,
    rarity=0.01,
    lax=True,
).rule()
