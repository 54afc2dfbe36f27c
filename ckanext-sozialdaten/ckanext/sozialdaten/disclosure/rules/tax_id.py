"""Steuer-Identifikationsnummern: eleven digits with structure and check digit (python-stdnum)."""

import re

from ckanext.sozialdaten.disclosure.checkdigits import is_steuer_id
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

RULE = Detector(
    id="identifier-tax-id",
    title=Message("Tax identification numbers (Steuer-ID)"),
    in_column="The column {column} holds tax identification numbers (Steuer-ID) ({rows} rows).",
    outside=Message("A tax identification number (Steuer-ID) stands outside the table."),
    topic="tax_id",
    pattern=re.compile(
        r"(?<![\w.,+-])[1-9]\d(?:[ \u00a0\u202f]?\d{3}){3}(?![\w]|[.,]\d)"
        r"|(?<![\w.,+-])[1-9]\d([/-])\d{3}\1\d{3}\1\d{3}(?![\w/-])"
    ),
    valid=is_steuer_id,
    chance=0.02,  # one in ten by the check digit, about one in five by the repeated digit
    lax=True,
    named=re.compile(r"(?<!\d)\d(?:[ \u00a0\u202f/-]?\d){10}(?!\d)|^\d[.,]\d+[eE]\+?10$"),
).rule()
