"""Destatis, Namens-, Grenz- und Schlüsseländerungen der Gemeinden: one row for each change.

Columns as published since 2008: number, kind of region, ARS, AGS, name, kind of change (1
dissolved, 2 a part leaves, 3 new key, 4 new name), area and inhabitants of the part, then ARS, AGS
and name afterwards, and the days on which it holds in law and in statistics.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._keys import Level
from ckanext.sozialdaten.geography.errors import RegisterError
from ckanext.sozialdaten.geography.importing._changes import Part, Step
from ckanext.sozialdaten.geography.importing._records import Size
from ckanext.sozialdaten.geography.importing._sheets import Sheet, cell_date, cell_text, number
from ckanext.sozialdaten.messages import Message

__all__ = ["Change", "changes_of_sheet", "steps"]

_Way = dict[str, dict[str, tuple[float, float]]]
_DISSOLVED, _PART_LEAVES, _NEW_KEY, _NEW_NAME = "1", "2", "3", "4"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one Gemeinde.

    Args:
        kind: 1 to 4, see the head of this module.
        old: AGS before.
        new: AGS afterwards.
        old_name: name before.
        new_name: name afterwards.
        day: when it holds in statistics, else in law.
        area: of the part, in km².
        population: of the part.
        row: where it stands.
    """

    kind: str
    old: str
    new: str
    old_name: str
    new_name: str
    day: dt.date
    area: float | None
    population: float | None
    row: int


def changes_of_sheet(sheet: Sheet) -> list[Change] | None:
    """The changes of Gemeinden on a sheet; None if it is no such list.

    Raises:
        RegisterError: a row without day or key.
    """
    opening = " ".join(cell_text(cell) for row in sheet.rows[:12] for cell in row).lower()
    if "wirksam" not in opening or "regionaleinheit" not in opening.replace("- ", ""):
        return None
    # the list says in its header whether it prints hectares or square metres
    scale = 1 / 100 if re.search(r"\bha\b|hektar", opening) else 1 / 1_000_000
    found: list[Change] = []
    for row_number, row in enumerate(sheet.rows, 1):
        if len(row) < 12 or cell_text(row[1]) != "Gemeinde":
            continue
        cells = [*row, ""]
        day = cell_date(cells[12]) or cell_date(cells[11])
        old, new = _ags(cells[3]), _ags(cells[9])
        kind = cell_text(cells[5])[:1]
        if day is None or not old or not new or kind not in "1234" or not kind:
            raise RegisterError(
                Message("This change lacks its day, a key or its kind."),
                Message("Fetch the list again as published."),
                Place(sheet.file, sheet.name, row_number),
            )
        names = cell_text(cells[4]), cell_text(cells[10])
        area, people = number(cells[6]), number(cells[7])
        area = None if area is None else area * scale
        found.append(Change(kind, old, new, *names, day, area, people, row_number))
    return found


def _ags(cell: object) -> str:
    text = cell_text(cell).replace(" ", "")
    return text.zfill(8) if text.isdigit() and 7 <= len(text) <= 8 else ""


def steps(
    changes: Iterable[Change],
    sizes: Mapping[str, Size],
    existed: Callable[[str, dt.date], bool],
    file: str,
) -> list[Step]:
    """The changes of each year as one step from 31 December to the next.

    Changes of one year that build on each other are chained in the order of their days.

    Args:
        changes: rows of the list.
        sizes: area and population of Gemeinden, to weigh the parts that leave one.
        existed: whether a Gemeinde existed on a day, as far as the register knows.
        file: name of the list, for errors.

    Raises:
        RegisterError: a part leaves a Gemeinde whose size is not known.
    """
    years: dict[int, dict[dt.date, list[Change]]] = {}
    for change in changes:
        if change.kind != _NEW_NAME and change.old != change.new:
            years.setdefault(change.day.year, {}).setdefault(change.day, []).append(change)
    found: list[Step] = []
    for year, days in sorted(years.items()):
        start, end = dt.date(year - 1, 12, 31), dt.date(year, 12, 31)
        way: _Way = {}
        for day in sorted(days):
            later = _of_day(days[day], sizes, file)
            new = {key for parts in way.values() for key in parts if not existed(key, start)}
            way = _chained(way, later, new)
        parts = tuple(
            Part(old, new, *weights)
            for old, news in sorted(way.items())
            for new, weights in sorted(news.items())
        )
        found.append(Step(Level.GEMEINDE, start, end, parts, complete=False))
    return found


def _of_day(changes: Iterable[Change], sizes: Mapping[str, Size], file: str) -> _Way:
    """Shares of population and area of each region that changes on a day."""
    moved: dict[str, list[Change]] = {}
    for change in changes:
        moved.setdefault(change.old, []).append(change)
    way: _Way = {}
    for old, rows in moved.items():
        ends = any(row.kind in (_DISSOLVED, _NEW_KEY) for row in rows)
        people = [row.population or 0.0 for row in rows]
        areas = [row.area or 0.0 for row in rows]
        whole = (sum(people), sum(areas)) if ends else _size(rows[0], sizes, file)
        parts: dict[str, tuple[float, float]] = {}
        for row, person, area in zip(rows, people, areas, strict=True):
            before = parts.get(row.new, (0.0, 0.0))
            parts[row.new] = (
                before[0] + _share(person, whole[0], len(rows)),
                before[1] + _share(area, whole[1], len(rows)),
            )
        if not ends:
            gone = [sum(part[i] for part in parts.values()) for i in (0, 1)]
            parts[old] = (max(0.0, 1 - gone[0]), max(0.0, 1 - gone[1]))
        way[old] = parts
    return way


def _share(part: float, whole: float, parts: int) -> float:
    """Where nobody lives, or the list leaves the size out, all parts are alike."""
    return part / whole if whole else 1 / parts


def _size(change: Change, sizes: Mapping[str, Size], file: str) -> tuple[float, float]:
    size = sizes.get(change.old)
    if size is None or not size.population or not size.area:
        raise RegisterError(
            Message("A part leaves the Gemeinde {key}, whose size is not known.",
                {"key": change.old}),
            Message("Import the list of municipalities (GV-ISys) of the year before first."),
            Place(file, row=change.row),
        )  # fmt: skip
    return size.population, size.area


def _chained(first: _Way, second: _Way, new: set[str]) -> _Way:
    """Both ways in a row; ``new`` came into being by the first and was nothing before."""
    whole: _Way = {}
    for old in {**first, **second}.keys() - new:
        parts: dict[str, tuple[float, float]] = {}
        for middle, (people, area) in first.get(old, {old: (1.0, 1.0)}).items():
            for last, (more, wider) in second.get(middle, {middle: (1.0, 1.0)}).items():
                before = parts.get(last, (0.0, 0.0))
                parts[last] = (before[0] + people * more, before[1] + area * wider)
        whole[old] = parts
    return whole
