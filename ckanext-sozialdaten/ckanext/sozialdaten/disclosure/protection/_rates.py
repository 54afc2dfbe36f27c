"""Rates, shares and means beside counts: what they tell of a count is protected with it.

A rate that is no share of any two columns of the table may come from every count of its row. A rate
whose counts nobody shows is as good as these counts where its denominator is shown: it is protected
as the counts that it stands for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ckanext.sozialdaten.disclosure._numbers import Decimal
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.protection._writing import Spot, with_marks, with_texts
from ckanext.sozialdaten.disclosure.rules._changes import changes
from ckanext.sozialdaten.disclosure.rules.rate_inversion import Fit, fits_of, revealed
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["as_counts", "rates_hidden", "rates_renewed"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class _Link:
    """A rate as a share of two columns: how it fits its denominator, and the other column."""

    fit: Fit
    count: str

    @property
    def places(self) -> npt.NDArray[np.int64]:
        """Row that shows the denominator of each row, -1 where none does."""
        rows = self.fit.denominator.rows
        return np.full(len(self.fit.denominator.values), -1) if rows is None else rows


def as_counts(subject: Subject) -> Subject:
    """The table with counts in place of the rates that stand for counts nobody shows.

    Only where they give back small counts; the table itself where none does.
    """
    if not any(True for _ in revealed(subject)):
        return subject
    measures, table = subject.measures, subject.sheet.table
    linked = {link.fit.column for link in _links(subject)}
    minimum = subject.policy.frequency.minimum
    told: dict[str, Fit] = {}
    for fit in fits_of(subject):
        if fit.column not in linked and len(fit.small(minimum)):
            told.setdefault(fit.column, fit)
    if measures is None or not told:
        return subject
    for column, fit in told.items():
        exact = np.rint(measures.shown(column) * fit.denominator.values / fit.factor)
        texts = ["" if np.isnan(count) else str(int(count)) for count in exact.tolist()]
        place = table.column_names.index(column)
        table = table.set_column(place, column, pa.array(texts, pa.string()))
    return _again(subject, table, dict.fromkeys(told, Role.COUNT))


def rates_hidden(subject: Subject, spots: Sequence[Spot]) -> frozenset[Spot]:
    """The rates that have to be hidden with some counts.

    Args:
        subject: the table.
        spots: row and column of the counts that are hidden now.
    """
    measures = subject.measures
    if measures is None:
        return frozenset()
    hidden = _hidden(subject, spots)
    found: set[Spot] = set()
    for change in changes(subject):
        if measures.columns[change.column] is not Role.COUNT:
            rows = (hidden[change.before] | hidden[change.after]) & ~np.isnan(
                measures.shown(change.column)
            )
            found.update((int(row), change.column) for row in np.flatnonzero(rows))
    links = list(_links(subject))
    for column in measures.of(Role.RATE):
        own = [link for link in links if link.fit.column == column]
        rows = np.zeros(subject.sheet.table.num_rows, dtype=np.bool_)
        for link in own:
            rows |= hidden[link.count]
            below = link.places
            rows |= (below >= 0) & hidden[link.fit.denominator.name][below]
        for count in () if own else hidden.values():
            rows |= count
        shown = np.isfinite(measures.shown(column))
        found.update((int(row), column) for row in np.flatnonzero(rows & shown))
    if measures.of(Role.RATE):
        found |= _revealed(subject, {*spots, *found})
    return frozenset(found)


def rates_renewed(before: Subject, table: pa.Table) -> tuple[pa.Table, tuple[Spot, ...]]:
    """A table with changed counts, its rates computed from them, or hidden where nobody knows how.

    Args:
        before: the table with its true counts.
        table: the same with changed counts.

    Returns:
        The table, and row and column of the rates that differ.
    """
    measures = before.measures
    if measures is None or not measures.of(Role.RATE):
        return table, ()
    after = _again(before, table, {})
    links: dict[str, _Link] = {}
    for link in _links(before):
        links.setdefault(link.fit.column, link)
    texts: dict[Spot, str] = {}
    marks: set[Spot] = set()
    for column in measures.of(Role.RATE):
        shown = measures.shown(column)
        known = links.get(column)
        rates = _computed(known, before, after) if known else dict[int, str | None]()
        for row in np.flatnonzero(np.isfinite(shown)).tolist():
            if column not in links or (row in rates and rates[row] is None):
                marks.add((row, column))
            elif (text := rates.get(row)) is not None:
                texts[row, column] = text
    renewed = with_texts(table, texts)
    after = _again(before, renewed, {})
    marks |= _revealed(after, marks)
    return with_marks(after, sorted(marks)), tuple(sorted({*texts, *marks}))


def _computed(link: _Link, before: Subject, after: Subject) -> Mapping[int, str | None]:
    """New texts of a rate in the rows whose counts changed; None where there is no rate."""
    old, new = _parts(link, before), _parts(link, after)
    assert before.measures is not None  # noqa: S101  the caller has looked
    comma = before.profiles[link.fit.column].decimal is Decimal.COMMA
    rates, factor = before.measures.shown(link.fit.column), link.fit.factor
    result: dict[int, str | None] = {}
    for row in np.flatnonzero((old != new).any(axis=0)).tolist():
        count, whole = new[:, row].tolist()
        if link.places[row] < 0 and rates[row] == factor:
            continue  # the whole itself is 100 % of it
        result[row] = None
        rate = factor * count / whole if whole > 0 else np.nan
        if np.isfinite(rate) and (rate <= factor or rates[row] > factor):
            text = f"{rate:.{link.fit.digits}f}"
            result[row] = text.replace(".", ",") if comma else text
    return result


def _parts(link: _Link, subject: Subject) -> Floats:
    """Count and denominator of each row."""
    assert subject.measures is not None  # noqa: S101  tables with rates have measures
    whole = subject.measures.shown(link.fit.denominator.name)
    places = link.places
    return np.stack(
        [subject.measures.shown(link.count), np.where(places < 0, np.nan, whole[places])]
    )


def _links(subject: Subject) -> Iterator[_Link]:
    """All pairs of columns that a rate is a share of, row by row as exactly as it is printed."""
    measures = subject.measures
    if measures is None:
        return
    counts = {name: measures.shown(name) for name in measures.of(Role.COUNT)}
    for fit in fits_of(subject):
        low, high = fit.counts.low, fit.counts.high
        for name, values in counts.items() if fit.denominator.rows is not None else ():
            both = np.isfinite(values) & np.isfinite(low)
            if both.any() and ((values >= low) & (values <= high))[both].all():
                yield _Link(fit, name)


def _hidden(subject: Subject, spots: Sequence[Spot]) -> dict[str, Bools]:
    """Rows in which each column of counts is hidden, now or before."""
    assert subject.measures is not None  # noqa: S101  the caller has looked
    names = subject.measures.of(Role.COUNT)
    hidden = {name: ~np.isfinite(subject.measures.shown(name)) for name in names}
    for row, column in spots:
        if column in hidden:
            hidden[column][row] = True
    return hidden


def _revealed(subject: Subject, spots: set[Spot]) -> set[Spot]:
    """Rates that still give back a small count where the others are hidden."""
    found: set[Spot] = set()
    for _ in range(_ROUNDS):
        copy = _again(subject, with_marks(subject, sorted(spots | found)), {})
        more = set(revealed(copy)) - found
        if not more:
            break
        found |= more
    return found


def _again(subject: Subject, table: pa.Table, roles: Mapping[str, Role]) -> Subject:
    """The same table with other cells, understood as before but for some roles."""
    guesses = subject.known.guesses.items()
    said = {name: guess.role for name, guess in guesses if guess.role is not None}
    sheet = replace(subject.sheet, table=table)
    copy = prepare(
        sheet, {**said, **roles}, subject.policy, subject.engine, hierarchies=subject.hierarchies
    )
    return replace(copy, published_as=subject.published_as)
