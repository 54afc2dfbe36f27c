"""AZR numbers: twelve digits without a public check digit, so the words around them must tell."""

import re

from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

RULE = Detector(
    id="identifier-azr-number",
    title=Message("Numbers of the foreigners' register (AZR)"),
    in_column="The column {column} holds numbers of the foreigners' register (AZR) ({rows} rows).",
    outside=Message("A number of the foreigners' register (AZR) stands outside the table."),
    topic="azr",
    pattern=re.compile(r"(?<!\w)\d(?:[ \u00a0-]?\d){11}(?!\w)"),
    valid=lambda _: True,
    context=re.compile(
        r"\bAZR|Ausl(?:ä|ae)nderzentral|Ausl(?:ä|ae)ndernummer"
        r"|foreigners. register|register of foreigners",
        re.IGNORECASE,
    ),
    lax=True,
    named=re.compile(r"(?<!\w)\d(?:[ \u00a0-]?\d){9,11}(?!\w)|^\d[.,]\d+[eE]\+?1[01]$"),
).rule()
