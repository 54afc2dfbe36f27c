"""Addresses: a street with a house number, or a column whose name says so."""

import re

from ckanext.sozialdaten.disclosure._model import Severity
from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_SUFFIX = (
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|pfad|stieg|twiete"
    r"|kamp|redder|markt)"
)
_NUMBER = r"\s+\d{1,3}\s?[a-zA-Z]?(?:\s?[-/]\s?\d{1,3}\s?[a-z]?)?(?![\w.,]*\d)(?!\w)"

RULE = Detector(
    id="identifier-address",
    title=Message("Addresses with house numbers"),
    in_column="The column {column} holds addresses with house numbers ({rows} rows).",
    outside=Message("An address with a house number stands outside the table."),
    topic="address",
    pattern=re.compile(
        rf"(?<!\w)(?:[A-ZÄÖÜ][\w.-]*{_SUFFIX}|(?:[A-ZÄÖÜ][\w.-]+[ -]){{1,3}}(?i:{_SUFFIX})"
        r"|(?:Am|An der|Im|In der|Auf dem|Zum|Zur) [A-ZÄÖÜ]\w+)"
        rf"{_NUMBER}"
    ),
    valid=lambda _: True,
    prose=Severity.INFO,
).rule()
