"""Licence plates: by the column's name, words in the text, or a column that holds nothing else."""

import re

from ckanext.sozialdaten.disclosure.rules._detector import Detector
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

RULE = Detector(
    id="identifier-licence-plate",
    title=Message("Licence plates"),
    in_column="The column {column} holds licence plates ({rows} rows).",
    outside=Message("A licence plate stands outside the table."),
    topic="plate",
    pattern=re.compile(
        r"(?<![\w-])[A-ZÄÖÜ]{1,3}(?:-| |- )[A-Z]{1,2}[ -]?[1-9]\d{0,3}[EH]?(?![\w-])"
    ),
    valid=lambda _: True,
    context=re.compile(r"kennzeichen|kfz|pkw|fahrzeug", re.IGNORECASE),
    majority=0.8,
).rule()
