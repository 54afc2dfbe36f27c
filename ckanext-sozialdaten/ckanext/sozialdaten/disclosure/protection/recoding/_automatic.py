"""Hierarchies for columns of which nobody has declared one, from their names and values."""

import bisect
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._numbers import State, decimal_of, parse
from ckanext.sozialdaten.disclosure.protection.recoding._bands import (
    AGE_EDGES,
    Band,
    bands_of,
    cut,
    ends,
    joined,
    nice,
)
from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Hierarchy
from ckanext.sozialdaten.geography import (
    GeographyError,
    Level,
    Register,
    canonical_key,
    key_level,
)

__all__ = ["automatic", "day_of", "rounded"]

_OTHERS = "Sonstige"
_GERMAN = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$")
_YEAR = re.compile(r"^(18|19|20)\d{2}$")
_POSTCODE = re.compile(r"plz|postleitzahl|zip ?code|^zip$|postcode|postal")
_AGE = re.compile(r"\b(?:alter|age|lebensalter|altersjahre)\b")
_SURE = 0.9
_BINS = 20
_RARE = (0.02, 0.1)
_WORDS_OF_AGE = 125

Step = dict[str, str]


def automatic(column: str, rows: Mapping[str, int], least: int) -> Hierarchy:
    """A hierarchy by what the values are: days, years, ages, regions, postcodes, numbers, kinds.

    Args:
        column: its name.
        rows: rows of each value; blank cells are a value of their own.
        least: rows from which on a value or band at an end of the scale stands alone.
    """
    values = [value for value in rows if value]
    builders: Sequence[Callable[[str, Sequence[str], Mapping[str, int], int], _Built]] = (
        _days,
        _postcodes,
        _regions,
        _years,
        _bands,
        _ages,
        _numbers,
        _region_names,
    )
    for build in builders:
        found = build(column, values, rows, least) if values else None
        if found is not None:
            steps, lowest = found
            whole = [{value: step.get(value, value) for value in rows} for step in steps]
            return Hierarchy.of(column, whole, rows, lowest)
    return Hierarchy.of(column, _kinds(rows, least), rows)


_Built = tuple[list[Step], int] | None


def _most(part: Sequence[object], values: Sequence[str]) -> bool:
    return len(part) >= _SURE * len(values)


def day_of(text: str) -> dt.date | None:
    """The day that a German or ISO date names."""
    german, iso = _GERMAN.match(text), _ISO.match(text)
    parts = german.groups()[::-1] if german else iso.groups() if iso else None
    try:
        return dt.date(*map(int, parts)) if parts else None
    except ValueError:
        return None


def _days(column: str, values: Sequence[str], _rows: Mapping[str, int], _least: int) -> _Built:
    """Days: month, quarter, year, 5 years; of birth: year, 5, 10 and 20 years."""
    days = {value: day for value in values if (day := day_of(value))}
    if not _most(list(days), values):
        return None
    years: Step = {value: str(day.year) for value, day in days.items()}
    spans = [_span(days, width) for width in (5, 10, 20)]
    oldest = min(day.year for day in days.values())
    newest = max(day.year for day in days.values())
    if lexicon().speaks_of(column, "birth") or newest - oldest > 2 * _BINS:
        return [years, *spans], 1
    months = {value: f"{day:%Y-%m}" for value, day in days.items()}
    quarters = {value: f"{day.year}-Q{(day.month + 2) // 3}" for value, day in days.items()}
    return [months, quarters, years, spans[0]], 0


def _span(days: Mapping[str, dt.date], width: int) -> Step:
    return {value: _from_to(day.year, width) for value, day in days.items()}


def _from_to(year: int, width: int) -> str:
    first = year - year % width
    return f"{first}-{first + width - 1}"


def _years(_column: str, values: Sequence[str], _rows: Mapping[str, int], _least: int) -> _Built:
    """Years: 5, 10 and 20 of them."""
    years = {value: int(value) for value in values if _YEAR.match(value)}
    if not _most(list(years), values):
        return None
    return [{v: _from_to(y, width) for v, y in years.items()} for width in (5, 10, 20)], 0


def _postcodes(column: str, values: Sequence[str], _rows: Mapping[str, int], _l: int) -> _Built:
    """Postcodes: one digit less each time."""
    codes = [value for value in values if value.isdigit() and len(value) == 5]
    if not _POSTCODE.search(normal(column)) or not _most(codes, values):
        return None
    return [{code: code[:keep] + "*" * (5 - keep) for code in codes} for keep in (4, 3, 2, 1)], 0


def _regions(column: str, values: Sequence[str], _rows: Mapping[str, int], _least: int) -> _Built:
    """Region keys: Kreis, Land."""
    named = lexicon().speaks_of(column, "region")
    if not named and not any(value.startswith("0") for value in values):
        return None
    steps = _region_steps(values)
    return (steps, 0) if steps else None


def _region_steps(values: Sequence[str]) -> list[Step] | None:
    """The Kreis and the Land of each region key; None if most values are no keys."""
    keys: dict[str, str] = {}
    for value in values:
        try:
            keys[value] = canonical_key(value)
        except GeographyError:
            continue
    if not _most(list(keys), values) or all(len(key) < 5 for key in keys.values()):
        return None
    steps: list[Step] = []
    for length in (5, 2):
        step = {
            value: key[:length] if key_level(key) is not Level.BUND else key
            for value, key in keys.items()
        }
        steps.append(step)
    return steps


@cache
def _known_names() -> dict[str, str]:
    """Keys of all regions whose name no other region has, by their name in small letters."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    for region in Register.default():
        name = region.name.casefold()
        if name in found:
            twice.add(name)
        found[name] = region.ags
    return {name: key for name, key in found.items() if name not in twice}


def _region_names(
    column: str, values: Sequence[str], _rows: Mapping[str, int], _least: int
) -> _Built:
    """Names of regions that the register knows: names of their Kreis and Land."""
    if not lexicon().speaks_of(column, "region"):
        return None
    known = _known_names()
    keys = {value: known[value.casefold()] for value in values if value.casefold() in known}
    if not _most(list(keys), values):
        return None
    register = Register.default()

    def name(key: str, length: int) -> str:
        above = key[:length]
        return register.name(above) if above in register else above

    return [{value: name(key, length) for value, key in keys.items()} for length in (5, 2)], 0


def _bands(_column: str, values: Sequence[str], _rows: Mapping[str, int], _least: int) -> _Built:
    """Bands: neighbours joined two by two, again and again."""
    bands = None if all(value.isdigit() for value in values) else bands_of(values)
    if bands is None:
        return None
    order = list(bands)
    steps: list[Step] = []
    width = 2
    while width < len(order):
        step: Step = {}
        for start in range(0, len(order), width):
            part = order[start : start + width]
            label = joined([bands[value] for value in part]).label()
            step |= dict.fromkeys(part, label if len(part) > 1 else part[0])
        steps.append(step)
        width *= 2
    return steps, 0


def _ages(column: str, values: Sequence[str], rows: Mapping[str, int], least: int) -> _Built:
    """Ages: the bands of official statistics."""
    ages = {value: float(value) for value in values if value.isdigit()}
    if not _AGE.search(normal(column)) or not _most(list(ages), values):
        return None
    if max(ages.values()) > _WORDS_OF_AGE:
        return None
    steps: list[Step] = []
    for inner in AGE_EDGES:
        edges = (0, *inner)

        def bin_of(age: float, edges: tuple[int, ...] = edges) -> int:
            return bisect.bisect_right(edges, age) - 1

        def reach(place: int, edges: tuple[int, ...] = edges) -> tuple[int, int]:
            return edges[place], (*edges, _WORDS_OF_AGE + 1)[place + 1]

        labels = cut(ages, rows, bin_of, reach, least)
        last = Band(edges[-1], _WORDS_OF_AGE + 1).label()
        open_end = Band(edges[-1], None).label()
        steps.append({v: open_end if label == last else label for v, label in labels.items()})
    return steps, 0


def _numbers(_column: str, values: Sequence[str], rows: Mapping[str, int], least: int) -> _Built:
    """Numbers: ranges of a round width, twice and ten times as wide, with open ends."""
    numbers = _parsed(values)
    if not _most(list(numbers), values) or len(numbers) < 3:
        return None
    width = _width(numbers)
    steps: list[Step] = []
    for size in (width, 2 * width, 10 * width):

        def bin_of(number: float, size: int = size) -> int:
            return int(number // size)

        def reach(place: int, size: int = size) -> tuple[int, int]:
            return place * size, (place + 1) * size

        steps.append(cut(numbers, rows, bin_of, reach, least))
    return steps, 0


def _parsed(values: Sequence[str]) -> dict[str, float]:
    decimal = decimal_of(values)
    cells = {value: parse(value, decimal) for value in values}
    return {v: cell.value for v, cell in cells.items() if cell.state is State.VALUE}


def _width(numbers: Mapping[str, float]) -> int:
    """A round width of which some twenty cover all but the most extreme numbers."""
    ordered = sorted(numbers.values())
    inner = ordered[len(ordered) // 50 : -(len(ordered) // 50) or None]
    return nice((inner[-1] - inner[0]) / _BINS)


def rounded(rows: Mapping[str, int], least: int) -> Step:
    """Amounts as multiples of a round width, cut off where fewer than ``least`` lie beyond.

    They stay numbers, so that sums and means can still be computed from them.
    """
    numbers = _parsed([value for value in rows if value])
    if not numbers:
        return {value: value for value in rows}
    width = _width(numbers)
    near = {value: round(number / width) * width for value, number in numbers.items()}
    counts: dict[int, int] = {}
    for value, place in near.items():
        counts[place] = counts.get(place, 0) + rows[value]
    first, last = ends(counts, least)
    cut_off = {value: str(min(max(place, first), last)) for value, place in near.items()}
    return {value: cut_off.get(value, value) for value in rows}


def _kinds(rows: Mapping[str, int], least: int) -> list[Step]:
    """Kinds: the rare ones together."""
    total = sum(rows.values())
    steps: list[Step] = []
    for limit in (float(least), *(max(share * total, least) for share in _RARE)):
        rare = {value for value, count in rows.items() if count < limit and value}
        if 1 < len(rare) < len(rows):
            steps.append({value: _OTHERS if value in rare else value for value in rows})
    return steps
