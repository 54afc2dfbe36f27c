"""Groups that nobody lists and that two published counts of one table leave between them.

Subsets ("darunter Ausländer"), running sums ("seit Jahresbeginn") and bands that share an end
("unter 15", "unter 16"): the difference of two large counts is a count as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.rules._figures import Floats, Ints, keys_of, values_of
from ckanext.sozialdaten.disclosure.rules.minimum_frequency import of_things
from ckanext.sozialdaten.disclosure.structure import Cells, Kind, bands, cells_of, period, relations
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Between", "in_bands", "in_running_sums", "in_subsets"]

_SUBSET = re.compile(
    r"^(?:davon|darunter|dar|dav|hiervon|hierunter|of which|thereof|including)\b", re.IGNORECASE
)
_PLACES = re.compile(r"plätze|plaetze|betten|stellen|einrichtungen|kapazit", re.IGNORECASE)
_RUNNING = re.compile(
    r"kumuliert|kumulativ|cumulat|seit jahresbeginn|seit januar|year to date|\bytd\b",
    re.IGNORECASE,
)
_MOST_BANDS, _MOST_LABELS = 60, 2_000


@dataclass(frozen=True, slots=True)
class Between:
    """What some counts leave of others.

    Args:
        column: the value column of the part.
        label: what names the part.
        rows: position of each part's row.
        parts: the parts.
        rest: what each leaves of the whole; NaN where a number is missing.
    """

    column: str
    label: str
    rows: Ints
    parts: Floats
    rest: Floats


def _fits(between: Between) -> bool:
    """Whether no part exceeds its whole."""
    known = between.rest[np.isfinite(between.rest)]
    return bool(len(known)) and bool((known >= 0).all())


def in_subsets(subject: Subject) -> Iterator[Between]:
    """Subsets beside or below the count that they are part of."""
    if subject.measures is None:
        return
    values = values_of(subject, subject.measures.of(Role.COUNT))
    ordered = [name for name in subject.profiles if name in values]
    kinds = (
        _in_columns(ordered, values),
        _beside_total(ordered, values),
        _in_rows(subject, values),
    )
    for found in chain(*kinds):
        if _fits(found) and not of_things(found.column) and not _PLACES.search(found.column):
            yield found


def _in_columns(ordered: list[str], values: dict[str, Floats]) -> Iterator[Between]:
    whole = ""
    for name in ordered:
        if not _SUBSET.match(normal(name.rpartition(" | ")[2])):
            whole = name
        elif whole and not of_things(whole) and not _PLACES.search(whole):
            rows = np.arange(len(values[name]))
            yield Between(name, name, rows, values[name], values[whole] - values[name])


def _beside_total(ordered: list[str], values: dict[str, Floats]) -> Iterator[Between]:
    """One part alone beside the total: "weiblich", "insgesamt"."""
    totals = [name for name in ordered if lexicon().is_total(name)]
    parts = [name for name in ordered if name not in totals]
    if len(totals) == len(parts) == 1 and not _SUBSET.match(normal(parts[0])):
        whole, part = values[totals[0]], values[parts[0]]
        yield Between(parts[0], parts[0], np.arange(len(part)), part, whole - part)


def _in_rows(subject: Subject, values: dict[str, Floats]) -> Iterator[Between]:
    keys = list(subject.measures.keys) if subject.measures else []
    for key in keys:
        if not any(_SUBSET.match(text.strip()) for text in subject.profiles[key].values):
            continue
        labels = keys_of(subject, key)
        others = list(zip(*(keys_of(subject, name) for name in keys if name != key), strict=True))
        others = others or [()] * len(labels)
        wholes: dict[tuple[str, ...], int] = {}
        pairs: list[tuple[int, int]] = []
        for row, label in enumerate(labels):
            if not _SUBSET.match(normal(label)):
                wholes[others[row]] = row
            elif others[row] in wholes and not _PLACES.search(labels[wholes[others[row]]]):
                pairs.append((wholes[others[row]], row))
        for whole, row in pairs:
            for column, numbers in values.items():
                part = numbers[row : row + 1]
                rest = numbers[whole : whole + 1] - part
                yield Between(column, labels[row], np.asarray([row]), part, rest)


def in_running_sums(subject: Subject) -> Iterator[Between]:
    """What each period adds to a running sum."""
    yield from _by_periods(subject)
    measures = subject.measures
    times = subject.known.columns(Role.TIME)
    if measures is None or not times:
        return
    running = [name for name in measures.of(Role.COUNT) if _RUNNING.search(normal(name))]
    texts = {key: keys_of(subject, key) for key in measures.keys} if running else {}
    for column, numbers in values_of(subject, running).items():
        latest: dict[tuple[object, ...], int] = {}
        rows: list[int] = []
        rest: list[float] = []
        for row in range(len(numbers)):
            when = period(" ".join(texts[time][row] for time in times if time in texts))
            group = (
                *(text[row] for key, text in texts.items() if key not in times),
                int(when.start // 12) if when else 0,
            )
            if group in latest:
                rows.append(row)
                rest.append(float(numbers[row] - numbers[latest[group]]))
            latest[group] = row
        found = Between(
            column, column, np.asarray(rows, dtype=np.int64), numbers[rows], np.asarray(rest)
        )
        if _fits(found):
            yield found


def _by_periods(subject: Subject) -> Iterator[Between]:
    """The same for rows and columns that periods name: "1. Quartal", "Januar bis Februar"."""
    cells = cells_of(subject, Role.COUNT)
    for relation in relations(cells, subject.policy.frequency.total_share) if cells else ():
        labels = cells.dimensions[relation.dimension].labels if cells else ()
        if cells and relation.kind is Kind.RUNNING and not bands([labels[relation.total]]):
            yield from _apart(cells, relation.dimension, relation.total, relation.parts[0])


def in_bands(subject: Subject) -> Iterator[Between]:
    """What a band leaves of a longer one with the same start or end."""
    cells = cells_of(subject, Role.COUNT)
    for position, dimension in enumerate(cells.dimensions if cells else ()):
        meant = bands(dimension.labels) if len(dimension.labels) <= _MOST_LABELS else {}
        codes = {code: meant[text] for code, text in enumerate(dimension.labels) if text in meant}
        if cells is None or not 2 <= len(codes) <= _MOST_BANDS:
            continue
        for one, two in combinations(codes, 2):
            (low, high), (start, end) = codes[one], codes[two]
            if (low == start) != (high == end):
                long, short = (one, two) if high - low > end - start else (two, one)
                yield from _apart(cells, position, long, short)


def _apart(cells: Cells, position: int, whole: int, part: int) -> Iterator[Between]:
    codes, others = cells.dimensions[position].codes, cells.others(position)
    places = {int(others[cell]): int(cell) for cell in np.flatnonzero(codes == whole)}
    for cell in np.flatnonzero(codes == part).tolist():
        if int(others[cell]) in places:
            larger = places[int(others[cell])]
            found = Between(
                cells.columns[larger],
                cells.dimensions[position].labels[part],
                cells.rows[larger : larger + 1],
                cells.values[cell : cell + 1],
                cells.values[larger : larger + 1] - cells.values[cell : cell + 1],
            )
            if _fits(found):
                yield found
