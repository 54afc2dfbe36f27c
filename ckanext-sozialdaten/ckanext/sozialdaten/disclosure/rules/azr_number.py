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
    pattern=re.compile(r"(?<!\w)\d{2}(?:[ ]?\d){10}(?!\w)"),
    valid=lambda _: True,
    context=re.compile(r"\bAZR\b|Ausländerzentralregister", re.IGNORECASE),
).rule()
