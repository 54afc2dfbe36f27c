"""What every preview carries beside its figures: who published them, and of when they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.lake.layouts import Field
from ckanext.sozialdaten.portal._state import ALL, DIMENSION, Selection, State
from ckanext.sozialdaten.portal._table import Table

__all__ = [
    "Choice", "Fact", "Option", "captured", "choices", "day", "facts", "language", "linker",
    "moment", "notes", "text_of",
]  # fmt: skip


_KEY = "REGIONKEY"


@dataclass(frozen=True, slots=True)
class Option:
    """An entry of a list to choose from."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A list to choose from: a ``select`` of the form."""

    name: str
    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the small print.

    Args:
        label: what it says.
        text: the words.
        url: an address, where there is one.
        typed: whether staff wrote the words, in German.
    """

    label: str
    text: str
    url: str = ""
    typed: bool = False


def language() -> str:
    """The reader's language: German or English."""
    return "de" if str(tk.h.lang()).startswith("de") else "en"


def linker(query: Callable[[str], str]) -> Callable[[str], str]:
    """Addresses that differ by the key of a region alone: written once and not for each of them.

    Args:
        query: the address for a key.
    """
    before, _, after = query(_KEY).partition(_KEY)
    return lambda key: f"{before}{key}{after}"


def text_of(record: Mapping[str, Any], name: str) -> str:
    """The field ``name`` in the reader's language where the record has it, else in German."""
    english = str(record.get(f"{name}_en") or "")
    return english if english and language() == "en" else str(record.get(name) or "")


def day(stamp: object) -> str:
    """A date or time stamp as a day in the reader's notation; empty if there is none."""
    parts = str(stamp or "")[:10].split("-")
    if len(parts) != 3:
        return str(stamp or "")
    return ".".join(reversed(parts)) if language() == "de" else "-".join(parts)


def moment(stamp: str) -> str:
    """A time stamp (ISO 8601) as day and time of the portal's zone, in the reader's notation."""
    try:
        when = datetime.fromisoformat(stamp).astimezone(tk.h.get_display_timezone())
    except ValueError:
        return day(stamp)
    if "T" not in stamp:
        return day(stamp)
    return tk._("{day}, {time}").format(day=day(when.date().isoformat()), time=f"{when:%H:%M}")


def captured(resource: Mapping[str, Any], package: Mapping[str, Any]) -> str:
    """When the newest delivery behind the figures came in, as ISO 8601; empty if unknown."""
    return str(resource.get("captured_at") or package.get("captured_at") or "")


def choices(table: Table, selection: Selection) -> list[Choice]:
    """The lists for value column and dimensions; those with one entry only are left out."""
    found: list[Choice] = []
    columns = table.layout.values
    if len(columns) > 1:
        options = tuple(
            Option(column.name, column.label(language()), column.name == selection.column)
            for column in columns
        )
        found.append(Choice("wert", tk._("Figure"), options))
    for dimension in table.dimensions:
        codes = selection.codes[dimension.name]
        if len(codes) > 1:
            found.append(_dimension(dimension, selection))
    return found


def _dimension(dimension: Field, selection: Selection) -> Choice:
    chosen = selection.chosen[dimension.name]
    together = [Option(ALL, tk._("Together (sum)"), chosen == ALL)]
    options = [
        Option(code, dimension.code_label(code, language()), code == chosen)
        for code in selection.codes[dimension.name]
    ]
    # a total is what most readers want: first in the list, wherever the table has it
    options.sort(key=lambda option: dimension.code_label(option.value, "en") != "Total")
    listed = (together if dimension.name in selection.summable else []) + options
    return Choice(DIMENSION + dimension.name, dimension.label(language()), tuple(listed))


def notes(table: Table, selection: Selection) -> list[str]:
    """The chosen dimensions in words: "Age group: 6 to under 15 years"."""
    words = {ALL: tk._("Together (sum)")}
    return [
        f"{dimension.label(language())}: " + words.get(code, dimension.code_label(code, language()))
        for dimension in table.dimensions
        if (code := selection.chosen[dimension.name])
    ]


def facts(package: Mapping[str, Any], resource: Mapping[str, Any], periods: str) -> list[Fact]:
    """Source, period, release, captured-at and licence, as far as the dataset says them."""
    organisation = (package.get("organization") or {}).get("title", "")
    source = str(package.get("source_name") or organisation)
    issued = resource.get("release_issued") or package.get("issued") or resource.get("created")
    listed = [
        Fact(tk._("Source"), source, str(package.get("source_url") or ""), typed=True),
        Fact(tk._("Reference period"), periods),
        Fact(tk._("Release"), _release(package)),
        Fact(tk._("Published on"), "" if package.get("private") else day(issued)),
        Fact(tk._("Captured at"), moment(captured(resource, package))),
        Fact(tk._("Data as of"), day(package.get("modified"))),
        Fact(
            tk._("Licence"),
            str(package.get("license_title") or package.get("license_id") or ""),
            str(package.get("license_url") or ""),
        ),
        Fact(tk._("Attribution"), str(package.get("license_attribution") or ""), typed=True),
    ]
    return [fact for fact in listed if fact.text]


def _release(package: Mapping[str, Any]) -> str:
    if package.get("private"):
        return tk._("working copy, not released")
    return str(package.get("release") or package.get("version") or "")


def carried(state: State) -> list[tuple[str, str]]:
    """Parameters of the page around the preview that its form must send along."""
    return list(state.kept.items())
