"""What each column of a table is: key, time, value …; by its captions first, then by its cells."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ckanext.sozialdaten.harvesters.core._periods import compact_time, month_span
from ckanext.sozialdaten.harvesters.core.readers._cells import Cell, as_text
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid, Range
from ckanext.sozialdaten.harvesters.core.readers._regions import land_of
from ckanext.sozialdaten.harvesters.core.readers._sections import Section, Stats, blank
from ckanext.sozialdaten.harvesters.core.readers._times import (
    Time,
    bare_month,
    find_time,
    time_of,
)
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words

__all__ = ["Column", "columns_of", "unit_in"]

_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_IN = re.compile(r"\b(?:in|um) (\S+(?: \w+)?)\W*$")
_TIMES = re.compile(
    r"\s*\(?(\bam |\bzum |\bim )?(\d{1,2}\. ?(\d{1,2}\. ?|\w+ )?)?\b(19|20)\d{2}\b\)?(?!\d)"
)
_HYPHEN = re.compile(r"-\s*\n\s*(?=[a-zäöüß])")
_MACHINE = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]+")
_NUTS = re.compile(r"[A-Z]{2}[A-Z0-9]{0,3}")
# the number of a footnote behind a year or word: superscript, or with a bracket
_NOTE = re.compile(r"(?<=\d)[¹²³⁰⁴-⁹]+[⁾)]?|(?<=\d{4}) ?(?:\*|\d)\)(?=\s*$)")
_LONG_ROLES = ("unit", "quality", "series")


@dataclass
class Column:
    """One column.

    Args:
        index: position, from 0.
        role: ``region``, ``name``, ``time``, ``value``, ``dimension``; in long tables also
            ``unit``, ``quality``, ``series``.
        levels: its captions, the uppermost first.
        stats: what its cells are.
    """

    index: int
    levels: tuple[str, ...]
    stats: Stats
    role: str = "dimension"
    time: Time | None = None
    month: int | None = None
    unit: str = ""
    region: str = ""
    series: str = ""
    raw: tuple[Cell, ...] = field(default=())

    @property
    def label(self) -> str:
        """Its captions in one, as errors name it."""
        return " › ".join(dict.fromkeys(self.levels)) or _letters(self.index)

    @property
    def leaf(self) -> str:
        """Its lowest caption."""
        return self.levels[-1] if self.levels else ""


def _letters(index: int) -> str:
    letters, rest = "", index + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(65 + letter) + letters
    return letters


def columns_of(grid: Grid, section: Section) -> list[Column]:
    """The columns of a table with their roles."""
    levels = _levels(grid, section)
    columns = [
        Column(index, tuple(map(_caption, levels[index])), stats, raw=levels[index])
        for index, stats in sorted(section.stats.items())
    ]
    long = any(_by_caption(column, "value") and column.stats.cells for column in columns)
    for column in columns:
        column.role = _role(column, long)
    _by_neighbour(columns)
    _by_depth(columns)
    taken: Counter[tuple[object, ...]] = Counter()
    for column in columns:
        if column.role == "value":
            _describe(column)
            what = (column.series, column.time, column.month, column.region, column.unit)
            taken[what] += 1
            if taken[what] > 1:
                column.series = f"{column.series} ({taken[what]})".strip()
    return columns


def _caption(cell: Cell) -> str:
    """A caption on one line; words that were hyphenated at its line ends are whole again."""
    return as_text(_HYPHEN.sub("", cell) if isinstance(cell, str) else cell)


def _levels(grid: Grid, section: Section) -> dict[int, tuple[Cell, ...]]:
    """The captions above each column; merged ones reach as far as their range, and no further."""
    rows = {number: list(row) for number, row in section.header}
    width = max(section.stats) + 1
    for row in rows.values():
        row += [""] * (width - len(row))
    if grid.merged is None:
        _spread(list(rows.values()), width)
    else:
        _fill(rows, grid.merged, width)
    result: dict[int, tuple[Cell, ...]] = {}
    for index in range(width):
        found: list[Cell] = []
        for row in rows.values():
            cell = row[index]
            if isinstance(cell, str):
                cell = _NOTE.sub("", cell)
            if not blank(cell) and (not found or found[-1] != cell):
                found.append(cell)
        result[index] = tuple(found)
    return result


def _fill(rows: dict[int, list[Cell]], merged: Sequence[Range], width: int) -> None:
    for (top, left), (bottom, right) in merged:
        anchor = rows.get(top + 1)
        if anchor is None or left >= width:
            continue
        for number in range(top + 1, bottom + 2):
            if number in rows:
                for index in range(left, min(right, width - 1) + 1):
                    rows[number][index] = anchor[left]


def _spread(rows: list[list[Cell]], width: int) -> None:
    """Where merging is not known: an upper caption reaches over the empty cells to its right that
    have a caption of their own below."""
    for above, below in pairwise(rows):
        for index in range(1, width):
            if blank(above[index]) and not blank(below[index]) and not blank(below[index - 1]):
                above[index] = above[index - 1]


def _by_caption(column: Column, role: str) -> bool:
    return any(bool(words().roles[role].search(fold(level))) for level in column.levels[-1:])


def _role(column: Column, long: bool) -> str:
    stats = column.stats
    if long:
        for role in ("value", *_LONG_ROLES):
            if _by_caption(column, role):
                return role
    if _by_caption(column, "region") and (_holds_keys(stats) or _holds_nuts(stats)):
        return "region"
    if _by_caption(column, "code"):
        return "dimension"
    known = stats.times + stats.years + stats.months
    if _by_caption(column, "time") and (known >= stats.cells // 2 or _holds_compact(stats)):
        return "time"
    if "gemeinde" in fold(column.leaf) and stats.named_keys and stats.longest == len("PLZ00"):
        return "name"
    if _by_caption(column, "name") and stats.texts >= stats.numbers:
        keyed = stats.named_keys + (stats.keys if stats.codes else 0)
        return "region" if 2 * keyed > stats.cells else "name"
    return _by_content(column, long)


def _holds_keys(stats: Stats) -> bool:
    return 2 * (stats.keys + stats.named_keys + stats.numbers + stats.laender) >= stats.cells


def _holds_nuts(stats: Stats) -> bool:
    """Whether all cells are NUTS codes, German ones among them."""
    codes = [cell for cell in stats.samples if isinstance(cell, str)]
    return (
        bool(codes)
        and len(codes) == len(stats.samples)
        and all(map(_NUTS.fullmatch, codes))
        and any(code.startswith("DE") for code in codes)
    )


def _holds_compact(stats: Stats) -> bool:
    """Whether all cells are days or months in digits alone."""
    texts = [as_text(cell) for cell in stats.samples]
    return bool(texts) and all(len(text) in (6, 8) and compact_time(text) for text in texts)


def _by_content(column: Column, long: bool) -> str:
    stats = column.stats
    if stats.numbers + stats.signs >= max(stats.texts, 1):
        if not column.index and stats.years == stats.numbers and not stats.signs:
            return "time"
        return "dimension" if long else "value"
    if 2 * (stats.named_keys + stats.laender) > stats.cells or (
        stats.codes and 10 * stats.keys > 9 * stats.cells and column.index < 3
    ):
        return "region"
    if 2 * (stats.times + stats.months) > stats.cells:
        return "time"
    return "dimension"


def _by_neighbour(columns: list[Column]) -> None:
    """Keys without a caption stand beside the names of what they are keys of."""
    for column, beside in pairwise(columns):
        stats = column.stats
        named = beside.stats.texts > beside.stats.numbers
        keyed = stats.keys and 10 * stats.keys > 9 * stats.cells
        if column.role == "value" and not column.levels and named and keyed:
            column.role = "region"
            beside.role = "name"


def _by_depth(columns: list[Column]) -> None:
    """Of several columns of keys those that go deeper than the ones before name the row's region;
    a column of equal depth is another region that the row speaks of."""
    depth = -1
    for column in columns:
        if column.role == "region":
            deeper = column.stats.longest > depth
            column.role = "region" if deeper else "dimension"
            depth = max(depth, column.stats.longest)


def _describe(column: Column) -> None:
    """Time, unit, region and series of a value column, out of its captions."""
    parts: list[str] = []
    lowest = len(column.levels) - 1
    for depth, (raw, level) in enumerate(zip(column.raw, column.levels, strict=True)):
        if depth < lowest and _MACHINE.fullmatch(level):
            continue
        whole = time_of(raw)
        month = bare_month(raw)
        land = land_of(level)
        if whole:
            column.time = whole
        elif month:
            column.month = month
        elif land:
            column.region = land
        elif unit := unit_in(level, whole=True):
            column.unit = unit
        else:
            found = find_time(level)
            column.time = found or column.time
            column.unit = unit_in(str(raw)) or column.unit
            parts.append(_named(level, found is not None))
    if column.month and column.time:
        column.time = Time(*month_span(column.time.start.year, column.month, 1))
    if column.time:
        _of_time(column, parts)
    if len(column.levels) == 1 and column.unit == column.leaf:
        parts = [column.leaf]
    column.series = " › ".join(dict.fromkeys(part for part in parts if part))


def _of_time(column: Column, parts: list[str]) -> None:
    """Captions that only say that times follow are no part of the name; below “Monat” the first
    of a month, as spreadsheets store it, means the whole month."""
    times = [part for part in parts if words().roles["time"].search(fold(part))]
    time = column.time
    if time and time.start == time.end and time.start.day == 1 and "monat" in fold(str(times)):
        column.time = Time(*month_span(time.start.year, time.start.month, 1))
    parts[:] = [part for part in parts if part not in times]


def _named(level: str, timed: bool) -> str:
    """A caption without the unit in brackets, and without its time where that is read from it."""
    text = _BRACKETS.sub(lambda m: "" if words().units.fullmatch(fold(m[1])) else m[0], level)
    if timed:
        text = _TIMES.sub("", _BRACKETS.sub(lambda m: "" if find_time(m[1]) else m[0], text))
    return " ".join(text.split())


def unit_in(text: str, whole: bool = False) -> str:
    """The unit that a caption prints: as a whole, in brackets, or after “in”.

    >>> unit_in("Gebietsfläche(qkm)"), unit_in("Anteil in %"), unit_in("Bevölkerung")
    ('qkm', '%', '')
    """
    plain = " ".join(text.split())
    if words().units.fullmatch(fold(plain)):
        return plain
    if whole:
        return ""
    for match in _BRACKETS.finditer(plain):
        if words().units.fullmatch(fold(match[1])):
            return match[1]
    match = _IN.search(plain)
    if match and words().units.fullmatch(fold(match[1])):
        return match[1]
    last = text.strip().rsplit("\n", 1)[-1].strip()
    return last if words().units.fullmatch(fold(last)) else ""
