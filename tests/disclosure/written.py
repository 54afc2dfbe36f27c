"""The part of the corpus that is written down as data: ``corpus/*.yaml``.

Cases with rules are attacks, the others are harmless; most of the latter look like what offices
publish.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from adversarial import Case
from adversarial_files import csv

CORPUS = Path(__file__).parent / "corpus"
TABLES = ("counts", "releases", "official", "second_look", "third_look")


def _loaded(name: str) -> Any:
    return yaml.safe_load((CORPUS / f"{name}.yaml").read_text("utf-8"))


def _files(texts: dict[str, str] | None) -> dict[str, bytes]:
    return {name: text.encode("utf-8") for name, text in (texts or {}).items()}


def identifiers() -> Iterator[Case]:
    """Values of one column beside counts."""
    for rules, columns in _loaded("identifiers").items():
        for column, lists in columns.items():
            for number, values in enumerate(lists):
                rows = [(f"Teil {chr(65 + n)}", v, 20 + 7 * n) for n, v in enumerate(values)]
                table = csv([("Stadtteil", column, "Fälle"), *rows])
                name = f"{rules} as {column}, {number}"
                yield Case(name, frozenset(rules.split()), {"a.csv": table})


def written() -> Iterator[Case]:
    """All of them."""
    yield from identifiers()
    for name in TABLES:
        for case in _loaded(name):
            rules = frozenset(case.get("rules", "").split())
            behind = case.get("contributors", "").encode("utf-8")
            files, released = _files(case["files"]), _files(case.get("released"))
            yield Case(case["id"], rules, files, released, behind)
