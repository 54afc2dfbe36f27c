"""Known tables of the shared cases as files that the attack reads: patterns and their intervals."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["read", "written"]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def written(
    target: Path,
    rows: Sequence[Mapping[str, str]],
    keys: Sequence[str],
    value: str,
    withheld: Callable[[Mapping[str, str]], bool],
) -> Path:
    """A table with keys and a value column, ``.`` where a cell is withheld."""
    with target.open("w", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow([*keys, "freq"])
        for row in rows:
            writer.writerow([*(row[key] for key in keys), "." if withheld(row) else row[value]])
    return target
