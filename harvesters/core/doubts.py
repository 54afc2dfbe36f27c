"""Is a delivery like the ones before? What is readable and yet unlike them waits for a person.

Compared are columns and rows with the last delivery that was taken, figures with what the lake
holds, and totals with their own parts. Thresholds are the source's (``checks``).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core._sums import broken_sums
from ckanext.sozialdaten.harvesters.core.errors import (
    ColumnsChanged,
    DeliveryError,
    FewerRows,
    NegativeFigures,
    NewSign,
    SumsBroken,
    ValuesJump,
)
from ckanext.sozialdaten.harvesters.core.ledger import Entry
from ckanext.sozialdaten.harvesters.core.ports import Plan
from ckanext.sozialdaten.harvesters.core.source import Deliveries, Source
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["doubts"]

_EXAMPLES = 3
_JUMPS = """
SELECT count(*) AS compared,
       count(*) FILTER (WHERE far) AS jumped,
       min_by(place, (NOT far, place), {examples}) AS places
FROM (
    SELECT n.region || ' (' || n.reference_end || ')' AS place,
           abs(n.value - o.value) * 100 > {jump} * abs(o.value) AS far
    FROM (SELECT * FROM incoming WHERE value IS NOT NULL) AS n
    ASOF JOIN (SELECT * FROM held WHERE value IS NOT NULL) AS o
      ON n.series = o.series AND n.region = o.region AND n.dimensions = o.dimensions
     AND n.reference_end >= o.reference_end
    WHERE greatest(abs(n.value), abs(o.value)) >= {least}
)
"""


@dataclass(frozen=True, slots=True)
class _Case:
    source: Source
    planned: Plan
    last: Entry | None
    held: "pa.Table"

    @property
    def file(self) -> str:
        return self.planned.raw.name


def doubts(
    source: Source, planned: Plan, last: Entry | None, held: "pa.Table", register: Register
) -> list[DeliveryError]:
    """Why a person should look at a delivery before it is taken.

    Args:
        source: says which differences are too large.
        planned: the delivery.
        last: the last one that was taken; None for the first.
        held: what the lake holds of the source's series (columns as the lake gives them).
        register: says which region lies in which.
    """
    case = _Case(source, planned, last, held)
    return [
        *_columns(case),
        *_rows(case),
        *_jumps(case),
        *_negative(case),
        *_signs(case),
        *_sums(case, register),
    ]


def _columns(case: _Case) -> Iterator[DeliveryError]:
    before = case.last.columns if case.last else ()
    now = case.planned.columns
    if not before or before == now or not case.source.checks.columns:
        return
    gone = [name for name in before if name not in now]
    new = [name for name in now if name not in before]
    hint = Message(
        "Compare the file with the last one. If the change is meant, adapt the source or accept "
        "the delivery with a reason."
    )
    if gone or new:
        yield ColumnsChanged(
            Message(
                "The columns have changed: missing are {gone}; new are {new}.",
                {"gone": _listed(gone), "new": _listed(new)},
            ),
            hint,
            Place(case.file, column=(gone or new)[0]),
        )
    elif case.source.checks.order:
        moved = next(b for a, b in zip(before, now, strict=True) if a != b)
        yield ColumnsChanged(
            Message("The columns come in another order, first at “{name}”.", {"name": moved}),
            hint,
            Place(case.file, column=moved),
        )


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:_EXAMPLES])
    return (f"{shown}, …" if len(names) > _EXAMPLES else shown) or "–"


def _rows(case: _Case) -> Iterator[DeliveryError]:
    """Rows for each reference date or period, so that one year compares with five."""
    if case.last is None or not case.last.rows or case.source.deliveries is Deliveries.DELTA:
        return
    before = case.last.rows / max(case.last.references, 1)
    now = case.planned.rows_read / max(len(case.planned.references), 1)
    lost = round(100 * (1 - now / before))
    if lost <= case.source.checks.rows_drop:
        return
    yield FewerRows(
        Message(
            "The file holds {now} rows for each reference date or period, the last one held "
            "{before}: {lost} percent less.",
            {"now": round(now), "before": round(before), "lost": lost},
        ),
        Message(
            "Was the selection of the export narrower, or the transfer cut off? Deliver it again, "
            "or accept it with a reason."
        ),
        Place(case.file),
    )


def _jumps(case: _Case) -> Iterator[DeliveryError]:
    checks = case.source.checks
    if not case.held.num_rows:
        return
    sql = _JUMPS.format(examples=_EXAMPLES, jump=checks.jump, least=checks.jump_least)
    compared, jumped, places = _asked(sql, incoming=case.planned.observations, held=case.held)
    if not compared or 100 * jumped <= checks.jump_cells * compared:
        return
    yield ValuesJump(
        Message(
            "{jumped} of {compared} figures differ by more than {jump} percent from what was "
            "known, for instance in {places}.",
            {
                "jumped": jumped,
                "compared": compared,
                "jump": checks.jump,
                "places": ", ".join(places[: min(jumped, _EXAMPLES)]),
            },
        ),
        Message(
            "Is it the right table, region and unit? If the figures are right, accept the delivery "
            "with a reason."
        ),
        Place(case.file),
    )


def _asked(sql: str, **tables: "pa.Table") -> tuple[Any, ...]:
    import duckdb

    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(name, table)
        row = connection.execute(sql).fetchone()
    return row or (0, 0, [])


def _negative(case: _Case) -> Iterator[DeliveryError]:
    """Figures below zero where there was never one: a column of another sign."""
    if not case.held.num_rows or _below_zero(case.held):
        return
    count = _below_zero(case.planned.observations)
    if count:
        yield NegativeFigures(
            Message("{count} figures are below zero; none ever was.", {"count": count}),
            Message("Did the office change the meaning of the column, such as a balance?"),
            Place(case.file),
        )


def _below_zero(table: "pa.Table") -> int:
    import pyarrow.compute as pc

    return int(pc.sum(pc.less(table["value"], 0)).as_py() or 0)


def _signs(case: _Case) -> Iterator[DeliveryError]:
    """Signs in place of figures that the source never used."""
    if not case.held.num_rows:
        return
    new = sorted(_in_place(case.planned.observations) - _in_place(case.held))
    if new:
        yield NewSign(
            Message("New signs in place of figures: {signs}.", {"signs": _listed(new)}),
            Message("Read the legend of the table: do they mean what they mean elsewhere?"),
            Place(case.file),
        )


def _in_place(table: "pa.Table") -> set[str]:
    import pyarrow.compute as pc

    return set(table.filter(pc.is_null(table["value"]))["quality"].unique().to_pylist())


def _sums(case: _Case, register: Register) -> Iterator[DeliveryError]:
    if case.source.observations is None:
        return  # totals of persons are counted here, not delivered
    for broken in broken_sums(case.source, case.planned.observations, register):
        yield SumsBroken(
            Message(
                "{wrong} of {totals} totals of “{axis}” are not the sum of their parts, for "
                "instance {place}: {total} rather than {parts}.",
                {
                    "wrong": broken.wrong,
                    "totals": broken.totals,
                    "axis": broken.axis,
                    "place": broken.place,
                    "total": broken.total,
                    "parts": broken.parts,
                },
            ),
            Message("A row may be missing or stand twice: compare with the source's own page."),
            Place(case.file, column=broken.axis),
        )
