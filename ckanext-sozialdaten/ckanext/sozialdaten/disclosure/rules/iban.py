"""IBANs: length and format of the country and check digits (schwifty)."""

import re

from ckanext.sozialdaten.disclosure.checkdigits import is_iban
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

RULE = Detector(
    id="identifier-iban",
    title=Message("Bank accounts (IBAN)"),
    in_column="The column {column} holds bank accounts (IBAN) ({rows} rows).",
    outside=Message("A bank account (IBAN) stands outside the table."),
    topic="iban",
    pattern=re.compile(
        r"(?<!\w)[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]{4}){2,7}(?:[ \u00a0-]?[A-Z0-9]{1,3})?(?!\w)"
    ),
    valid=is_iban,
    chance=1 / 97,
    rarity=0.05,
).rule()
