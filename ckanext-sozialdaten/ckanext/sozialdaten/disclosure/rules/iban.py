"""IBANs: length and format of the country and check digits (schwifty)."""

import re

from ckanext.sozialdaten.disclosure.checkdigits import is_iban
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_GAP = r"[ \u00a0\u202f.-]"
# German ones in any grouping, those of other countries in groups of four or without gaps
_PATTERN = re.compile(
    rf"(?<!\w)(?:(?i:DE)(?:{_GAP}{{0,2}}\d){{20}}"
    rf"|[A-Z]{{2}}\d{{2}}(?:{_GAP}?[A-Z0-9]{{4}}){{2,7}}(?:{_GAP}?[A-Z0-9]{{1,3}})?"
    r"|[a-z]{2}\d{2}[a-z0-9]{11,30})(?!\w)"
)

RULE = Detector(
    id="identifier-iban",
    title=Message("Bank accounts (IBAN)"),
    in_column="The column {column} holds bank accounts (IBAN) ({rows} rows).",
    outside=Message("A bank account (IBAN) stands outside the table."),
    topic="iban",
    pattern=_PATTERN,
    valid=is_iban,
    chance=1 / 97,
    rarity=0.05,
    lax=True,
).rule()
