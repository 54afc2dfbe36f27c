"""Lists of territorial changes, in the forms in which official and research bodies publish them."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._keys import Level, candidates, key_level
from ckanext.sozialdaten.geography.errors import GeographyError, RegisterError
from ckanext.sozialdaten.geography.importing._sheets import Sheet, cell_date, cell_text, number
from ckanext.sozialdaten.messages import Message

__all__ = ["Former", "Part", "Step", "crosswalk_of_csv", "crosswalk_of_sheet", "with_takers"]

_HEADER = re.compile(
    r"(kreise|gemeinden|gemeindeverbände|verbände)\s*(\d{1,2}\.\d{1,2}\.\d{4})", re.IGNORECASE
)
_LEVELS: Mapping[str, Level] = MappingProxyType(
    {
        "kreise": Level.KREIS,
        "gemeinden": Level.GEMEINDE,
        "gemeindeverbände": Level.VERBAND,
        "verbände": Level.VERBAND,
    }
)
_WEIGHTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "population": ("bevölkerungsproportional", "bevoelkerungsproportional", "w_pop"),
        "area": ("flächenproportional", "flaechenproportional", "w_area"),
        "employment": ("beschäftigtenproportional", "beschaeftigtenproportional", "w_emp"),
    }
)
_TARGET = re.compile(r"[a-z]+_(\d{4})")


@dataclass(frozen=True, slots=True)
class Part:
    """What of an old region went into a new one; a weight is None where the list has none."""

    old: str
    new: str
    population: float | None
    area: float | None = None
    employment: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """All parts between two territorial states.

    Args:
        level: level of the regions.
        start: state before.
        end: state after.
        parts: what went where.
        complete: whether regions that stayed as they were are listed too.
    """

    level: Level
    start: dt.date
    end: dt.date
    parts: tuple[Part, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Former:
    """The name of a region and the last day on which a list has it."""

    key: str
    name: str
    last: dt.date


def crosswalk_of_sheet(sheet: Sheet) -> tuple[Step, list[Former]] | None:
    """A sheet of the BBSR's Umsteigeschlüssel; None for other sheets.

    The header names both states (“Kreise 31.12.1990”, “Kreise 31.12.2019”); keys are numbers
    without their leading zero.

    Raises:
        RegisterError: a weight is no number or a key is none.
    """
    header = next((n for n, row in enumerate(sheet.rows[:15]) if len(_states_in(row)) == 2), None)
    if header is None:
        return None
    captions = [cell_text(cell) for cell in sheet.rows[header]]
    (old, before), (new, after) = _states_in(sheet.rows[header])
    level = _LEVELS[before[1].lower()]
    start, end = cell_date(before[2]), cell_date(after[2])
    if start is None or end is None:
        return None
    parts = _parts(sheet, header + 1, (old, new), _weights(captions), level)
    formers = [
        Former(part.old, cell_text(row[old + 1]), start)
        for part, row in zip(parts, _filled(sheet.rows[header + 1 :], old), strict=True)
    ]
    return _step(level, start, end, parts), formers


def _states_in(row: list[object]) -> list[tuple[int, re.Match[str]]]:
    """Columns whose captions name a territorial state: the old regions and the new ones."""
    texts = [cell_text(cell) for cell in row]
    return [(index, found) for index, text in enumerate(texts) if (found := _HEADER.match(text))]


def _weights(captions: Sequence[str]) -> dict[str, int]:
    plain = [re.sub(r"[\s-]", "", text).lower() for text in captions]
    return {
        name: index
        for name, heads in _WEIGHTS.items()
        for index, text in enumerate(plain)
        if text.startswith(heads) or text == name
    }


def _filled(rows: Iterable[list[object]], index: int) -> list[list[object]]:
    return [row for row in rows if len(row) > index and cell_text(row[index])]


def _parts(
    sheet: Sheet, first: int, keys: tuple[int, int], weights: dict[str, int], level: Level | None
) -> list[Part]:
    if "population" not in weights:
        raise RegisterError(
            Message("The list has no weights by {weight}.", {"weight": "population"}),
            Message("Import a list with the share of the population."),
            Place(sheet.file, sheet.name, first),
        )
    found: list[Part] = []
    for row_number, row in enumerate(sheet.rows[first:], first + 1):
        if len(row) <= max(keys) or not cell_text(row[keys[0]]):
            continue
        place = Place(sheet.file, sheet.name, row_number)
        old, new = (_key(row[index], level, place) for index in keys)
        shares = {name: number(row[index]) for name, index in weights.items()}
        if shares["population"] is None:
            raise RegisterError(
                Message("A weight is a number from 0 to 1."), None, Place(*_at(place), "population")
            )
        found.append(Part(old, new, **shares))
    return found


def _at(place: Place) -> tuple[str, str, int | None]:
    return place.file, place.sheet, place.row


def _key(cell: object, level: Level | None, place: Place) -> str:
    text = cell_text(cell)
    try:
        if level is None:
            key_level(text)
            return text
        if level is Level.VERBAND:
            return key_level(text.zfill(9)) and text.zfill(9)
        return candidates(text.zfill(8) if len(text) > 5 else text, level)[-1]
    except GeographyError as error:
        raise RegisterError(error.message, error.hint, place) from None


def _step(level: Level, start: dt.date, end: dt.date, parts: Sequence[Part]) -> Step:
    same = sum(1 for part in parts if part.old == part.new and part.population == 1)
    # lists of changes alone name at most the few regions that take others in
    return Step(level, start, end, tuple(parts), complete=same * 10 >= len(parts) > 0)


def crosswalk_of_csv(sheet: Sheet) -> list[Step] | None:
    """A plain list; None if the columns are others.

    Either ``from, to, old, new, population`` with days or years, or ``year, <x>_old, <x>_<year>,
    w_pop`` as the R package *ags* has them; ``area`` and ``employment`` where they are known.

    Raises:
        RegisterError: a state, key or weight is wrong.
    """
    header = [cell_text(cell).lower() for cell in sheet.rows[0]] if sheet.rows else []
    old = _one(header, lambda text: text == "old" or text.endswith("_old"))
    target = _one(header, lambda text: _TARGET.fullmatch(text) is not None)
    new = header.index("new") if "new" in header else target
    start = _one(header, lambda text: text in ("from", "year"))
    if old is None or new is None or start is None or (target is None and "to" not in header):
        return None
    end = header.index("to") if "to" in header else None
    groups: dict[tuple[dt.date, dt.date], list[list[object]]] = {}
    for row_number, row in enumerate(sheet.rows[1:], 2):
        if not any(row):
            continue
        after = cell_text(row[end]) if end is not None else header[new].rpartition("_")[2]
        days = (_state(cell_text(row[start])), _state(after))
        if days[0] is None or days[1] is None or days[0] >= days[1]:
            raise RegisterError(
                Message("The cell is not what the register needs here."),
                Message("Expected: {expected}.", {"expected": "YYYY, YYYY-MM-DD"}),
                Place(sheet.file, row=row_number, column=header[start]),
            )
        groups.setdefault((days[0], days[1]), []).append(row)
    steps: list[Step] = []
    for (before, after_day), rows in sorted(groups.items()):
        own = Sheet(sheet.file, "", [list[object](header), *rows])
        parts = _parts(own, 1, (old, new), _weights(header), None)
        by_level: dict[Level, list[Part]] = {}
        for part in parts:
            by_level.setdefault(key_level(part.old), []).append(part)
        steps += [_step(level, before, after_day, some) for level, some in by_level.items()]
    return steps


def _one(header: Sequence[str], fits: Callable[[str], bool]) -> int | None:
    return next((index for index, text in enumerate(header) if fits(text)), None)


def _state(text: str) -> dt.date | None:
    return dt.date(int(text), 12, 31) if re.fullmatch(r"\d{4}", text) else cell_date(text)


def with_takers(step: Step, existed: Callable[[str, dt.date], bool]) -> Step:
    """The step with each region that takes others in and was there before, as a part of itself.

    Lists of changes leave it out. Without it, the sum of those that join it would pass for it.
    """
    olds = {part.old for part in step.parts}
    takers = sorted({part.new for part in step.parts} - olds)
    own = [Part(key, key, 1.0, 1.0, 1.0) for key in takers if existed(key, step.start)]
    return step if step.complete else replace(step, parts=(*step.parts, *own))
