"""Krankenversichertennummern (KVNR): a letter, eight digits and a check digit."""

import re

from ckanext.sozialdaten.disclosure.checkdigits import is_kvnr
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

RULE = Detector(
    id="identifier-health-number",
    title=Message("Health insurance numbers (KVNR)"),
    in_column="The column {column} holds health insurance numbers (KVNR) ({rows} rows).",
    outside=Message("A health insurance number (KVNR) stands outside the table."),
    topic="health",
    pattern=re.compile(
        r"(?<!\w)[A-Za-z](?:[ \u00a0\u202f-]?\d{3}){3}(?!\w)"
        r"|(?<!\w)[A-Z]\d{9}(?=\d{10}(?:\d{10})?(?!\w))"
    ),
    valid=is_kvnr,
    chance=0.1,
    rarity=0.005,
    lax=True,
).rule()
