"""Identity cards, passports and residence permits: nine characters and a check digit, or an MRZ."""

import re

from ckanext.sozialdaten.disclosure.checkdigits import is_document
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ALPHABET = "CFGHJKLMNPRTVWXYZ"
_MRZ = r"(?:ID|[PAIC][A-Z<])D<<[A-Z0-9<]{9,}"

RULE = Detector(
    id="identifier-identity-card",
    title=Message("Identity cards and passports"),
    in_column="The column {column} holds numbers of identity cards or passports ({rows} rows).",
    outside=Message("The number of an identity card or passport stands outside the table."),
    topic="identity_card",
    pattern=re.compile(
        rf"(?<![\w-])(?:[{_ALPHABET}](?=[A-Z]{{0,7}}\d)[{_ALPHABET}0-9]{{8}} ?\dD?(?![\w-])|{_MRZ})"
    ),
    valid=lambda candidate: "<" in candidate or is_document(candidate),
    chance=0.1,
    rarity=0.005,
    named=re.compile(
        r"(?<!\w)(?=[A-Z]{0,8}\d)[A-Z0-9]{8,10}(?: ?\d)?D?(?!\w)|" + _MRZ, re.IGNORECASE
    ),
    lax=True,
).rule()
