"""What the dataset page says about a dataset, prepared once so that one template prints it.

ckanext-scheming renders a template for every field. This module turns the fields into plain rows:
captions and names of codes in the reader's language, empty fields left out.
"""

# ruff: noqa: ARG001 - all kinds of values share one signature

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk
from ckanext.scheming.helpers import scheming_get_dataset_schema
from markupsafe import Markup

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.labels import indicator_names, region_name
from ckanext.sozialdaten.catalogue.policies import policy_titles

__all__ = ["Fact", "FactGroup", "Value", "dataset_facts", "resource_facts"]

_SHOWN_ELSEWHERE = frozenset(
    {"title", "title_en", "name", "notes", "notes_en", "owner_org", "tag_string", "license_id"}
)
_SHOWN_WITH_RESOURCE = frozenset({"url", "name", "description", "layout"})
_MOST_REGIONS = 12


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a field.

    Args:
        text: as people read it.
        href: where it leads; empty if nowhere.
        typed: whether staff wrote it, in German.
    """

    text: str | Markup
    href: str = ""
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One row: a caption and its values.

    Args:
        name: the field's name.
        label: its caption.
        values: its values; never empty.
    """

    name: str
    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class FactGroup:
    """A group of the form, with the rows that have a value."""

    id: str
    title: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    label: str
    kind: str
    codelist: str
    group: str


Values = Iterable[Value]


def _said(texts: Any, language: str) -> str:
    return texts.get(language) or texts["de"] if isinstance(texts, Mapping) else str(texts or "")


@lru_cache(maxsize=8)
def _columns(part: str, language: str) -> tuple[_Column, ...]:
    return tuple(
        _Column(
            name=field["field_name"],
            label=_said(field.get("label", field["field_name"]), language),
            kind=field.get("display_kind", "text"),
            codelist=field.get("codelist", ""),
            group=field.get("form_group", ""),
        )
        for field in _schema()[part]
    )


@lru_cache(maxsize=2)
def _groups(language: str) -> tuple[tuple[str, str], ...]:
    groups = _schema()["form_groups"]
    return tuple((group["id"], _said(group["title"], language)) for group in groups)


def _schema() -> Mapping[str, Any]:
    schema = scheming_get_dataset_schema("dataset")
    if schema is None:
        raise LookupError("scheming.dataset_schemas names no schema of the type “dataset”")
    return schema


def dataset_facts(dataset: Mapping[str, Any], language: str) -> tuple[FactGroup, ...]:
    """The groups of a dataset's facts; groups without any are left out."""
    rows: dict[str, list[Fact]] = {}
    for column in _columns("dataset_fields", language):
        if column.name not in _SHOWN_ELSEWHERE and (fact := _fact(column, dataset, language)):
            rows.setdefault(column.group, []).append(fact)
    return tuple(
        FactGroup(id_, title, tuple(rows[id_])) for id_, title in _groups(language) if id_ in rows
    )


def resource_facts(resource: Mapping[str, Any], language: str) -> tuple[Fact, ...]:
    """The facts of a resource that its page does not show elsewhere."""
    found = (
        _fact(column, resource, language)
        for column in _columns("resource_fields", language)
        if column.name not in _SHOWN_WITH_RESOURCE
    )
    return tuple(fact for fact in found if fact)


def _fact(column: _Column, data: Mapping[str, Any], language: str) -> Fact | None:
    raw = data.get(column.name)
    if not raw or column.kind == "none":
        return None
    items = raw if isinstance(raw, list) else [raw]
    values = tuple(value for value in _KINDS[column.kind](items, column, language) if value.text)
    return Fact(column.name, column.label, values) if values else None


def _text(items: list[Any], column: _Column, language: str) -> Values:
    if column.name == "policy":
        titles = policy_titles()
        return (Value(_said(titles.get(item, item), language)) for item in items)
    return (Value(str(item), typed=" " in str(item)) for item in items)


def _code(items: list[Any], column: _Column, language: str) -> Values:
    if not column.codelist:
        return _text(items, column, language)
    known = codelist(column.codelist)
    return (Value(known.title(item, language)) for item in items)


def _indicators(items: list[Any], column: _Column, language: str) -> Values:
    known = indicator_names()
    for item in items:
        if item in known:
            page = tk.h.url_for("home.index").rstrip("/")
            yield Value(_said(known[item], language), f"{page}/kennzahlen/{item}")


def _markdown(items: list[Any], column: _Column, language: str) -> Values:
    return (Value(tk.h.render_markdown(item)) for item in items)


def _link(items: list[Any], column: _Column, language: str) -> Values:
    return (Value(item, item) for item in items)


def _email(items: list[Any], column: _Column, language: str) -> Values:
    return (Value(item, f"mailto:{item}") for item in items)


def _regions(items: list[Any], column: _Column, language: str) -> Values:
    search = tk.h.url_for("dataset.search")
    for ags in items[:_MOST_REGIONS]:
        yield Value(region_name(ags), f"{search}?ext_place={ags}")
    if len(items) > _MOST_REGIONS:
        more = len(items) - _MOST_REGIONS
        yield Value(tk.ungettext("and {n} more", "and {n} more", more).format(n=more))


def _periods(items: list[Any], column: _Column, language: str) -> Values:
    return (Value(_period(item, language)) for item in items if isinstance(item, Mapping))


def _period(period: Mapping[str, Any], language: str) -> str:
    """A period as people read it: ``2010 – 2024``, ``2024`` or ``seit 2010``."""
    start, end = (_day(period.get(side) or "", language) for side in ("start", "end"))
    if start and end:
        return start if start == end else f"{start} – {end}"
    if start:
        return tk._("since {start}").format(start=start)
    return tk._("until {end}").format(end=end) if end else ""


def _agents(items: list[Any], column: _Column, language: str) -> Values:
    for agent in items:
        if isinstance(agent, Mapping):
            yield Value(agent.get("name", ""), agent.get("url") or agent.get("uri") or "")
            yield Value(agent.get("email", ""), f"mailto:{agent.get('email', '')}")
            yield Value(agent.get("telephone", ""))


def _documents(items: list[Any], column: _Column, language: str) -> Values:
    for item in items:
        if isinstance(item, Mapping):
            yield Value(item.get("title") or item.get("url") or "", item.get("url", ""))


def _date(items: list[Any], column: _Column, language: str) -> Values:
    return (Value(_day(item, language)) for item in items)


def _day(text: str, language: str) -> str:
    parts = str(text)[:10].split("-")
    return ".".join(reversed(parts)) if language == "de" and len(parts) == 3 else str(text)[:10]


def _bytes(items: list[Any], column: _Column, language: str) -> Values:
    return (Value(tk.h.localised_filesize(int(item))) for item in items)


_KINDS: dict[str, Callable[[list[Any], _Column, str], Values]] = {
    "text": _text,
    "code": _code,
    "markdown": _markdown,
    "link": _link,
    "email": _email,
    "indicators": _indicators,
    "regions": _regions,
    "periods": _periods,
    "agents": _agents,
    "documents": _documents,
    "date": _date,
    "bytes": _bytes,
}
