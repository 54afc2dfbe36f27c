"""Two public series as a ratio: question, answer as a table, check, working copy."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import ckan.plugins.toolkit as tk
from ckan.types import Context
from werkzeug.datastructures import FileStorage, MultiDict

from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.disclosure import Report, check, load_policy
from ckanext.sozialdaten.indicators import Part, State, combine
from ckanext.sozialdaten.lake import LayoutError, Zone
from ckanext.sozialdaten.lake.layouts import Field, FieldType, Layout, Role
from ckanext.sozialdaten.portal._figures import public_figures
from ckanext.sozialdaten.portal.indicator_edit._choices import Dimension, dimension_of

__all__ = [
    "FACTORS",
    "Answer",
    "PublicSeries",
    "Question",
    "answered",
    "findings_of",
    "public_series",
    "searched",
    "working_copy",
]

FACTORS = ("1", "100", "1000", "10000", "100000")
_SIDES = ("z", "n")
_MOST_CELLS = 2_000_000
_SIGNS = {State.SUPPRESSED: ".", State.NOT_APPLICABLE: "x"}
"""The signs of DIN 55301; a figure that is not available or incomplete is an empty cell."""


@dataclass(frozen=True, slots=True)
class PublicSeries:
    """A series that has figures in the public zone.

    Args:
        key: its name.
        label: caption of its column.
        table: caption of its table.
        unit: as printed.
        cells: how many figures and signs it has.
        dimensions: how it is broken down.
    """

    key: str
    label: str
    table: str
    unit: str
    cells: int
    dimensions: tuple[Dimension, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What the address asks.

    Args:
        series: of numerator (``z``) and denominator (``n``), as typed.
        codes: chosen code of each dimension, by side.
        factor: the ratio is multiplied by it.
        within_years: how old the denominator may be.
        census_base: the census that both rest on.
    """

    series: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    factor: str = "100"
    within_years: str = "1"
    census_base: str = ""

    @classmethod
    def of(cls, query: "MultiDict[str, str]") -> "Question":
        """The question in an address or a form."""
        codes = {
            side: {
                name.removeprefix(f"{side}-"): query[name]
                for name in query
                if name.startswith(f"{side}-") and query[name]
            }
            for side in _SIDES
        }
        years = query.get("alter", "1")
        return cls(
            {side: query.get(side, "").strip() for side in _SIDES},
            codes,
            query.get("faktor", "100") if query.get("faktor") in FACTORS else "100",
            years if years.isdigit() and int(years) <= 10 else "1",
            query.get("zensus", "").strip(),
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The ratio of both series.

    Args:
        numerator: the series above the line.
        denominator: the one below.
        unit: of the ratio.
        records: rows as `combine` gives them.
    """

    numerator: PublicSeries
    denominator: PublicSeries
    unit: str
    records: list[dict[str, Any]]


def public_series() -> dict[str, PublicSeries]:
    """All series with figures, by name; those without layout have none here."""
    lake = public_figures().lake
    known = {one.name: one for one in lake.series(Zone.PUBLIC)}
    found: list[PublicSeries] = []
    for name, held in lake.layouts(Zone.PUBLIC).items():
        try:
            layout = Layout.from_yaml(name)
        except LayoutError:
            continue
        for key in held.series:
            column = key.rsplit(".", 1)[-1]
            if key in known and column in layout:
                found.append(_series(key, known[key].cells, layout, layout[column]))
    return {one.key: one for one in sorted(found, key=lambda one: (one.table, one.label))}


def _series(key: str, cells: int, layout: Layout, column: Field) -> PublicSeries:
    told = language()
    return PublicSeries(
        key,
        column.label(told),
        layout.title.get(told) or layout.title.get("de") or layout.name,
        column.unit,
        cells,
        tuple(dimension_of(one, told) for one in layout.by_role(Role.DIMENSION)),
    )


def searched(words: str, known: Mapping[str, PublicSeries]) -> list[PublicSeries]:
    """The series with this name, else all that hold every word."""
    if words in known:
        return [known[words]]
    parts = words.casefold().split()
    return [
        one
        for one in known.values()
        if parts and all(part in f"{one.key} {one.label} {one.table}".casefold() for part in parts)
    ]


def answered(
    question: Question, numerator: PublicSeries, denominator: PublicSeries
) -> Answer | None:
    """The ratio, regions on the left; None where so much is behind it that nobody should wait.

    Raises:
        QuestionError: a dimension is not narrowed, or the census bases differ.
    """
    if numerator.cells + denominator.cells > _MOST_CELLS:
        return None
    table = combine(
        public_figures().lake,
        Part(numerator.key, _codes(question, "z", numerator)),
        Part(denominator.key, _codes(question, "n", denominator)),
        factor=float(question.factor),
        within_years=int(question.within_years),
        census_base=question.census_base,
    )
    records = table.to_pylist()
    return Answer(numerator, denominator, records[0]["unit"] if records else "", records)


def _codes(question: Question, side: str, series: PublicSeries) -> dict[str, str]:
    names = {one.name for one in series.dimensions}
    return {name: code for name, code in question.codes.get(side, {}).items() if name in names}


def layout_of(answer: Answer) -> Layout:
    """What the columns of the working copy mean."""

    def figure(name: str, role: Role, title: str, unit: str) -> tuple[Field, Field]:
        sign = Field(f"{name}_q", title={"de": "Qualitätszeichen"}, quality_of=name)
        number = Field(name, FieldType.NUMBER, role, {"de": title}, unit=unit)
        return number, sign

    over, under = answer.numerator, answer.denominator
    yearly = all(len(row["period"]) == 4 for row in answer.records)
    time = FieldType.YEAR if yearly else FieldType.STRING
    return Layout(
        (
            Field("gebiet", role=Role.REGION, title={"de": "Gebiet"}),
            Field("jahr", time, Role.TIME, {"de": "Jahr"}),
            *figure("wert", Role.RATE, f"{over.label} / {under.label}", answer.unit),
            *figure("zaehler", Role.COUNT, over.label, over.unit),
            *figure("nenner", Role.COUNT, under.label, under.unit),
            Field("alter_tage", FieldType.INTEGER, title={"de": "Tage zwischen beiden Stichtagen"}),
        ),
        name="verknuepfung",
        signs="din-55301",
    )


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """The table of the working copy; a hidden cell has its sign in all three columns."""
    found: list[dict[str, Any]] = []
    for row in answer.records:
        sign = _SIGNS.get(State(row["state"]), "")
        figures = {"wert": row["value"], "zaehler": row["numerator"], "nenner": row["denominator"]}
        cells: dict[str, Any] = {"gebiet": row["region"], "jahr": row["period"]}
        for name, value in figures.items():
            cells |= {name: value, f"{name}_q": "" if value is not None else sign}
        found.append({**cells, "alter_tage": row["age_days"]})
    return found


def findings_of(answer: Answer, policy: str) -> Report:
    """What the check of disclosure says of the ratio, as it will of its working copy."""
    import pyarrow as pa

    table = pa.Table.from_pylist(rows_of(answer))
    return check(table, layout_of(answer), load_policy(policy))


def working_copy(
    context: Context, answer: Answer, question: Question, organisation: str
) -> dict[str, Any]:
    """Make a working copy of the ratio; it is private, and goes the way of all working copies.

    Returns:
        The dataset.

    Raises:
        tk.NotAuthorized: no staff of this organisation.
        tk.ValidationError: the portal's rules for datasets refuse it.
    """
    over, under = answer.numerator, answer.denominator
    title = tk._("{numerator} by {denominator}").format(
        numerator=over.label, denominator=under.label
    )
    notes = tk._(
        "Ratio of two released series: {numerator} divided by {denominator}, times {factor}."
    )
    tables = "; ".join(dict.fromkeys((over.table, under.table)))
    dataset = tk.get_action("package_create")(
        context,
        {
            "name": f"verknuepfung-{uuid4().hex[:8]}",
            "title": title,
            "notes": notes.format(
                numerator=over.key, denominator=under.key, factor=question.factor
            ),
            "owner_org": organisation,
            "license_id": "dl-de/by-2-0",
            "license_attribution": tables,
            "source_name": tables,
            "private": True,
        },
    )
    layout = layout_of(answer)
    tk.get_action("resource_create")(
        context,
        {
            "package_id": dataset["id"],
            "name": title,
            "format": "CSV",
            "layout": json.dumps(layout.to_json(), ensure_ascii=False),
            "quality_signs": layout.signs,
            "upload": FileStorage(io.BytesIO(_csv(answer)), "verknuepfung.csv"),
        },
    )
    return dataset


def _csv(answer: Answer) -> bytes:
    stream = io.StringIO(newline="")
    rows = rows_of(answer)
    writer = csv.DictWriter(stream, list(rows[0]) if rows else ["gebiet"], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: "" if value is None else value for name, value in row.items()})
    return stream.getvalue().encode()
