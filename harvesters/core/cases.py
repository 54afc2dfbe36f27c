"""Persons and cases at any Stichtag, counted from the rows that the restricted zone keeps.

A case list names the cases of one Stichtag, each with its begin and end. So it answers for other
days too, as far as lists reach: between two of them, a case of either counts on each day of its
interval. What no list can tell is said beside the figures: cases that began and ended between two
lists are in none, and a case without an end that a later list lacks ended on an unknown day.

The counting is :func:`aggregate`, the same as for the delivered Stichtag.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.aggregate import aggregate
from ckanext.sozialdaten.harvesters.core.errors import HarvestError
from ckanext.sozialdaten.harvesters.core.observations import Observation
from ckanext.sozialdaten.harvesters.core.ports import Reading
from ckanext.sozialdaten.harvesters.core.source import AggregateRule, Source
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.lake import Lake

__all__ = ["Counted", "count_at"]

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of a Stichtag. They are not protected and stay in the restricted zone.

    Args:
        observations: every measure, region and group, and the totals.
        lists: the Stichtage of the lists that are kept.
        delivered: whether a list of this very Stichtag was delivered; else cases that began and
            ended between two lists are missing, and before the first all that it does not name.
        unclear: cases that ended on an unknown day around this Stichtag; they are counted up to
            the last list that names them.
    """

    observations: tuple[Observation, ...]
    lists: tuple[date, ...]
    delivered: bool
    unclear: int


def count_at(
    source: Source,
    lake: "Lake",
    stichtag: date,
    register: Register,
    as_of: date | None = None,
) -> Counted:
    """Count a source's persons and cases on any day up to its last kept list.

    Of two deliveries with a list of the same Stichtag the later one counts.

    Args:
        source: with an aggregate rule that says from when to when a case is in force.
        lake: with the restricted zone.
        stichtag: the day.
        register: knows the regions that get a cell each.
        as_of: only deliveries received up to this day; default: all.

    Raises:
        HarvestError: the source has no case list, no rows are kept, a column that counting needs is
            not among them, or the day lies after the last list.
    """
    rule = _rule(source)
    lists = _lists(rule, _kept(source, rule, lake, as_of))
    days = sorted(lists)
    if stichtag > days[-1]:
        raise HarvestError(
            Message(
                "The kept lists of {source} reach up to {last}.",
                {"source": source.id, "last": days[-1].isoformat()},
            ),
            Message("Choose an earlier day, or have the office deliver a newer list."),
        )
    rows, unclear = _in_one(rule, lists, stichtag)
    reading = Reading(_table(rule, rows, stichtag), range(1, len(rows) + 1), "")
    counted = aggregate(source, reading, register, source.id)
    return Counted(tuple(counted), tuple(days), stichtag in lists, unclear)


def _rule(source: Source) -> AggregateRule:
    rule = source.aggregate
    if rule is None or rule.active is None:
        raise HarvestError(
            Message(
                "The source {source} has no case list with begin and end.", {"source": source.id}
            ),
            Message("Its YAML needs “aggregate” with “active”, the columns of begin and end."),
        )
    return rule


def _needed(rule: AggregateRule) -> list[str]:
    """The columns that counting reads."""
    active = (rule.active.start, rule.active.end) if rule.active else ()
    measures = [item.column for item in rule.measures if item.column]
    groups = [item.column for item in rule.dimensions]
    names = (rule.reference, rule.region, rule.person, rule.case, *active, *groups, *measures)
    return list(dict.fromkeys(names))


def _kept(source: Source, rule: AggregateRule, lake: "Lake", as_of: date | None) -> list[_Row]:
    table = lake.rows(source.id)
    if table is not None and as_of is not None:
        import pyarrow.compute as pc

        end = datetime.combine(as_of, time.max, UTC)
        table = table.filter(pc.less_equal(table["_captured_at"], end))
    if table is None or not table.num_rows:
        raise HarvestError(
            Message("No rows of {source} are kept.", {"source": source.id}),
            Message("They were erased on schedule, or “retention_days” is 0."),
        )
    missing = [name for name in _needed(rule) if name not in table.column_names]
    if missing:
        raise HarvestError(
            Message(
                "Counting needs the column “{column}”, which is not kept.", {"column": missing[0]}
            ),
            Message("Add it to “keep” or “pseudonymise” of the source."),
        )
    return table.select([*_needed(rule), "_captured_at"]).to_pylist()


def _lists(rule: AggregateRule, rows: list[_Row]) -> dict[date, list[_Row]]:
    """The rows of each Stichtag, of the latest delivery that has it."""
    newest: dict[date, datetime] = {}
    for row in rows:
        day = row[rule.reference]
        newest[day] = max(newest.get(day, row["_captured_at"]), row["_captured_at"])
    lists: dict[date, list[_Row]] = {day: [] for day in newest}
    for row in rows:
        if row["_captured_at"] == newest[row[rule.reference]]:
            lists[row[rule.reference]].append(row)
    return lists


def _in_one(
    rule: AggregateRule, lists: dict[date, list[_Row]], stichtag: date
) -> tuple[list[_Row], int]:
    """The rows for the day: of a delivered list itself, else of the two lists around it.

    Returns:
        The rows, and how many cases of the earlier list ended on an unknown day before the later.
    """
    if stichtag in lists:
        return lists[stichtag], 0
    after = min(day for day in lists if day > stichtag)
    before = max((day for day in lists if day < stichtag), default=None)
    if before is None or rule.active is None:
        return lists[after], 0
    start, end = rule.active.start, rule.active.end
    named = {row[rule.case] for row in lists[after]}
    gone = [row for row in lists[before] if row[rule.case] not in named]
    unclear = {
        row[rule.case]
        for row in gone
        if (row[start] is None or row[start] <= stichtag)
        and (row[end] is None or row[end] >= after)
    }
    ended = [row for row in gone if row[rule.case] not in unclear]
    return [*lists[after], *ended], len(unclear)


def _table(rule: AggregateRule, rows: list[_Row], stichtag: date) -> "pa.Table":
    import pyarrow as pa

    columns = {name: [row[name] for row in rows] for name in _needed(rule)}
    return pa.table(columns | {rule.reference: [stichtag] * len(rows)})
