"""Two series of the lake as a ratio, with the regions on the left."""

import json
from collections.abc import Iterable, Mapping
from typing import cast

import pyarrow as pa

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.indicators._catalogue import Catalogue
from ckanext.sozialdaten.indicators._codes import TOTALS
from ckanext.sozialdaten.indicators._compute import figures
from ckanext.sozialdaten.indicators._layouts import layout_of
from ckanext.sozialdaten.indicators._model import (
    Expression,
    Function,
    Indicator,
    Input,
    Part,
    Time,
)
from ckanext.sozialdaten.indicators._terms import Reader
from ckanext.sozialdaten.indicators.errors import QuestionError
from ckanext.sozialdaten.lake import Lake, Zone
from ckanext.sozialdaten.messages import Message

__all__ = ["combine_series"]


class _SeriesReader(Reader):
    """Reads series by their names, where indicators name layouts."""

    def cells(self, item: Input) -> pa.Table:
        return self.lake.values(item.layout, zone=Zone.PUBLIC, as_of=self.as_of)

    def convention(self, item: Input) -> str:
        known = self.lake.layouts(Zone.PUBLIC).items()
        name = next((layout for layout, held in known if item.layout in held.series), None)
        return layout_of(name).signs if name else ""


def combine_series(
    lake: Lake,
    numerator: Part,
    denominator: Part,
    *,
    factor: float = 1.0,
    within_years: int = 1,
    census_base: str = "",
    regions: Iterable[str] | None = None,
    register: Register | None = None,
) -> pa.Table:
    """See `combine`."""
    known = register or Register.default()
    reader = _SeriesReader(lake, None, known)
    parts = {"numerator": numerator, "denominator": denominator}
    tables = {name: reader.cells(_input(name, part, {})) for name, part in parts.items()}
    base = _one_base(tables, census_base)
    inputs = {
        name: _input(name, part, _codes(part, tables[name]), base, within_years)
        for name, part in parts.items()
    }
    leaves = tuple(Expression(Function.VALUE, input=name) for name in parts)
    units = [" ".join(sorted(set(table["unit"].to_pylist()))) for table in tables.values()]
    unit = _unit(units[0], units[1], factor)
    ratio = Indicator(
        id="combine",
        theme="",
        name={"de": numerator.series, "en": numerator.series},
        unit={"de": unit, "en": unit},
        formula=Expression(Function.RATIO, leaves, factor=factor),
        inputs=inputs,
        levels=tuple(Level),
    )
    wanted = None if regions is None else frozenset(regions)
    return figures(ratio, reader, Catalogue([]), known, wanted)


def _unit(over: str, under: str, factor: float) -> str:
    """The unit of the ratio; a ratio of equal units has none but its factor."""
    if over == under:
        return {1: "", 100: "%"}.get(int(factor), f"je {factor:g}")
    return f"{over}/{under}" if factor == 1 else f"{factor:g} {over}/{under}"


def _input(
    name: str,
    part: Part,
    codes: Mapping[str, tuple[str, ...]],
    base: str = "",
    within_years: int = 0,
) -> Input:
    latest = name == "denominator" and within_years > 0
    return Input(
        name=name,
        layout=part.series,
        column="value",
        codes=codes,
        time=Time.LATEST if latest else Time.SAME,
        within_years=within_years if latest else 0,
        census_base=base,
    )


def _one_base(tables: Mapping[str, pa.Table], wanted: str) -> str:
    bases = {
        cast("str", base)
        for table in tables.values()
        for base in table["census_base"].unique().to_pylist()
        if base
    }
    if wanted and bases and wanted not in bases:
        raise QuestionError(
            Message("No figure rests on the census of {base}.", {"base": wanted}),
            Message("Known: {names}.", {"names": ", ".join(sorted(bases))}),
        )
    if not wanted and len(bases) > 1:
        raise QuestionError(
            Message(
                "The series rest on several censuses: {bases}.",
                {"bases": ", ".join(sorted(bases))},
            ),
            Message("Say which one both shall rest on (census_base)."),
        )
    return wanted


def _codes(part: Part, table: pa.Table) -> dict[str, tuple[str, ...]]:
    """One code for each dimension of a series."""
    found: dict[str, set[str]] = {}
    for text in table["dimensions"].unique().to_pylist():
        for name, code in cast("dict[str, str]", json.loads(text)).items():
            found.setdefault(name, set()).add(code)
    for name, code in part.dimensions.items():
        if code not in found.get(name, set()):
            raise QuestionError(
                Message(
                    "{series} has no “{code}” in the dimension “{name}”.",
                    {"series": part.series, "code": code, "name": name},
                ),
                Message("Known: {names}.", {"names": ", ".join(sorted(found.get(name, found)))}),
            )
    return {
        name: (part.dimensions.get(name) or _only(part, name, codes),)
        for name, codes in found.items()
    }


def _only(part: Part, name: str, codes: set[str]) -> str:
    total = next((code for code in TOTALS if code in codes), None)
    if total is not None:
        return total
    if len(codes) == 1:
        return next(iter(codes))
    raise QuestionError(
        Message(
            "{series} has the dimension “{name}” and no total of it.",
            {"series": part.series, "name": name},
        ),
        Message("Say one of its codes: {names}.", {"names": ", ".join(sorted(codes))}),
    )
