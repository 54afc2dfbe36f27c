"""What the form offers: columns of layouts with their dimensions, themes, indicators."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from ckanext.sozialdaten.lake import LayoutError, Zone
from ckanext.sozialdaten.lake.layouts import Field, Layout, Role
from ckanext.sozialdaten.portal._figures import public_figures
from ckanext.sozialdaten.portal.indicator_edit._draft import Draft, InputDraft

__all__ = ["Dimension", "Series", "dimension_of", "found", "known_series", "settled"]

_AGE = re.compile(r"ALT\d{3}")
_TOTALS = ("INSGESAMT", "TOTAL", "")


@dataclass(frozen=True, slots=True)
class Dimension:
    """A dimension of a layout.

    Args:
        name: its column.
        label: its caption.
        codes: code and caption of each entry, the total first.
        total: the code for all, if it has one.
        aged: whether its codes are groups of ages.
    """

    name: str
    label: str
    codes: tuple[tuple[str, str], ...]
    total: str | None
    aged: bool


@dataclass(frozen=True, slots=True)
class Series:
    """A column of figures that an indicator can start from.

    Args:
        key: ``layout.column``.
        label: its caption.
        table: the caption of its table.
        unit: as the table prints it.
        rate: whether it is a rate, which cannot be added up.
        dimensions: how it is broken down.
        released: whether any figure of it is public.
    """

    key: str
    label: str
    table: str
    unit: str
    rate: bool
    dimensions: tuple[Dimension, ...]
    released: bool


def known_series(language: str) -> Mapping[str, Series]:
    """All columns of tables that may be published, those with figures first."""
    released = frozenset(public_figures().lake.layouts(Zone.PUBLIC))
    return _known(language, released)


@lru_cache(maxsize=4)
def _known(language: str, released: frozenset[str]) -> Mapping[str, Series]:
    made = [
        Series(
            f"{layout.name}.{column.name}",
            column.label(language),
            _title(layout, language),
            column.unit,
            column.role is Role.RATE,
            tuple(dimension_of(one, language) for one in layout.by_role(Role.DIMENSION)),
            layout.name in released,
        )
        for layout in _layouts()
        for column in layout.values
    ]
    made.sort(key=lambda one: (not one.released, one.table, one.label))
    return {one.key: one for one in made}


@lru_cache(maxsize=1)
def _layouts() -> tuple[Layout, ...]:
    """The layouts of tables with a region and a time; one that is broken is not offered."""
    folder = resources.files("ckanext.sozialdaten.schemas.layouts")
    made: list[Layout] = []
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".yaml"):
            continue
        try:
            layout = Layout.from_yaml(file.name.removesuffix(".yaml"))
        except LayoutError:
            continue
        if layout.values and layout.by_role(Role.REGION) and layout.by_role(Role.TIME):
            made.append(layout)
    return tuple(made)


def _title(layout: Layout, language: str) -> str:
    return layout.title.get(language) or layout.title.get("de") or layout.name


def dimension_of(field: Field, language: str) -> Dimension:
    """A dimension with its codes, the total first."""
    codes = tuple(field.codes) or field.enum
    total = next((code for code in codes if code in _TOTALS), None)
    ordered = sorted(codes, key=lambda code: code != total)
    return Dimension(
        field.name,
        field.label(language),
        tuple((code, field.code_label(code, language)) for code in ordered),
        total,
        any(_AGE.match(code) for code in codes),
    )


def found(words: str, language: str) -> list[Series]:
    """The series that some words mean: the one with this key, else all that hold every word."""
    known = known_series(language)
    if words in known:
        return [known[words]]
    parts = words.casefold().split()
    return [
        one
        for one in known.values()
        if parts and all(part in f"{one.key} {one.label} {one.table}".casefold() for part in parts)
    ]


def settled(draft: Draft, language: str) -> Draft:
    """The form with words turned into the series that they mean, and totals where nothing is said.

    What belongs to a series that is no longer chosen is forgotten.
    """
    return replace(draft, inputs=tuple(_settled(item, language) for item in draft.inputs))


def _settled(item: InputDraft, language: str) -> InputDraft:
    hits = found(item.series, language) if item.series else []
    if len(hits) != 1:
        return item
    names = {one.name: one for one in hits[0].dimensions}
    ages = {name: span for name, span in item.ages.items() if name in names}
    codes = {name: told for name, told in item.codes.items() if name in names and name not in ages}
    for name, dimension in names.items():
        known = {code for code, _ in dimension.codes}
        codes[name] = tuple(code for code in codes.get(name, ()) if not known or code in known)
        if not codes[name] and name not in ages and dimension.total is not None:
            codes[name] = (dimension.total,)
    kept = item.name if item.series == hits[0].key else ""
    upward = "none" if hits[0].rate and item.upward == "sum" else item.upward
    return replace(item, series=hits[0].key, name=kept, codes=codes, ages=ages, upward=upward)
