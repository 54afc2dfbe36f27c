"""What the form of an indicator holds, and the definition that it stands for.

The form says the usual things; what it cannot say is written as YAML (see `_reading`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

__all__ = [
    "COURSES",
    "KINDS",
    "LISTS",
    "RATIOS",
    "TEXTS",
    "Draft",
    "InputDraft",
    "PartDraft",
    "as_yaml",
    "definition_of",
    "slug",
]

LISTS = ("sum", "difference", "product")
RATIOS = ("share", "per_mille", "rate", "ratio")
KINDS = ("value", *RATIOS, *LISTS, "indicator", "index")
COURSES = ("", "change", "change_relative", "trend", "trend_relative", "continuity")
TEXTS = ("description", "method", "interpretation", "limits")
_LONGEST_ID = 60
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class InputDraft:
    """An input as the form holds it.

    Args:
        series: ``layout.column``, or words that are still to be searched.
        name: as the formula calls it.
        side: ``over`` or ``under`` the line of a ratio.
        codes: chosen codes of each dimension.
        ages: first and last year of age of a dimension, in place of codes.
        time: which observation belongs to a period.
        within_years: how old a ``latest`` observation may be.
        upward: ``sum`` or ``none``.
        day: month and day of a Stichtag.
        census_base: the census that its figures rest on.
    """

    series: str = ""
    name: str = ""
    side: str = "over"
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    ages: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    time: str = ""
    within_years: str = ""
    upward: str = "sum"
    day: str = ""
    census_base: str = ""


@dataclass(frozen=True, slots=True)
class PartDraft:
    """A part of an index.

    Args:
        indicator: its id.
        weight: how much it counts.
        polarity: which side is better; empty: as the indicator says.
    """

    indicator: str = ""
    weight: str = "1"
    polarity: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole form; every field as the form sends it.

    Args:
        id: the id; empty: made of the German name.
        theme: code of a theme.
        name: German and English; so ``unit`` and the texts.
        unit: German and English.
        texts: description, method, interpretation and limits, each German and English.
        kind: one of `KINDS`.
        per: of a rate, the whole number it is told for.
        course: one of `COURSES`.
        span: how far back.
        span_unit: ``years``, ``quarters`` or ``months``.
        since: the period that a change starts from, in place of a span.
        inputs: what is counted.
        indicator: of the kind ``indicator``, its id.
        parts: of an index.
        scale: of an index.
        mean: of an index.
        periods: length of the periods.
        levels: levels of regions.
        decimals: digits after the point.
        polarity: which side is better.
        interval: how uncertainty is shown.
        below: numerators below this are pooled.
        years: over how many years.
        source_tables: one a line.
        headline: whether it belongs to a Sozialbericht.
    """

    id: str = ""
    theme: str = ""
    name: Mapping[str, str] = field(default_factory=dict[str, str])
    unit: Mapping[str, str] = field(default_factory=dict[str, str])
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    kind: str = "share"
    per: str = "1000"
    course: str = ""
    span: str = "5"
    span_unit: str = "years"
    since: str = ""
    inputs: tuple[InputDraft, ...] = (InputDraft(), InputDraft(side="under"))
    indicator: str = ""
    parts: tuple[PartDraft, ...] = (PartDraft(), PartDraft())
    scale: str = "zscore"
    mean: str = "arithmetic"
    periods: str = "year"
    levels: tuple[str, ...] = ("gemeinde", "kreis", "land", "bund")
    decimals: str = "1"
    polarity: str = "neutral"
    interval: str = "none"
    below: str = ""
    years: str = "3"
    source_tables: str = ""
    headline: bool = False

    def renamed(self, key: str) -> "Draft":
        """The same under another id."""
        return replace(self, id=key)


def slug(name: str) -> str:
    """An id made of a name.

    >>> slug("Größe der Haushalte (1 Person)")
    'groesse_der_haushalte_1_person'
    """
    plain = re.sub(r"[^a-z0-9]+", "_", name.casefold().translate(_UMLAUTS)).strip("_")
    return plain.lstrip("0123456789_")[:_LONGEST_ID].rstrip("_")


def as_yaml(data: Mapping[str, Any]) -> str:
    """A definition as text, in the order of the shipped ones."""
    return yaml.safe_dump(
        dict(data), sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )


def definition_of(draft: Draft) -> dict[str, Any]:
    """The definition that the form stands for; empty fields are left out."""
    used = () if draft.kind in ("indicator", "index") else draft.inputs
    names = _names(used)
    found: dict[str, Any] = {
        "id": draft.id or slug(draft.name.get("de", "")),
        "theme": draft.theme,
        "name": _told(draft.name),
        "unit": _told(draft.unit),
        "decimals": _number(draft.decimals),
        "polarity": draft.polarity,
        "periods": draft.periods,
        "levels": list(draft.levels),
        "headline": True if draft.headline else None,
        "source_tables": [
            line.strip() for line in draft.source_tables.splitlines() if line.strip()
        ],
        "inputs": {name: _input(item) for name, item in zip(names, used, strict=True)},
        "formula": _formula(draft, names),
        "interval": draft.interval,
        "small_numbers": _pooling(draft),
        **{key: _told(draft.texts.get(key, {})) for key in TEXTS},
    }
    return {key: value for key, value in found.items() if value not in (None, "", {}, [])}


def _told(texts: Mapping[str, str]) -> dict[str, str]:
    return {key: texts[key] for key in ("de", "en") if texts.get(key)}


def _number(text: str) -> int | float | str | None:
    """A number as YAML has it; anything else stays, and the compiler says what is wrong."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        value = float(plain)
    except ValueError:
        return plain
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _pooling(draft: Draft) -> dict[str, Any]:
    return {"below": _number(draft.below), "years": _number(draft.years)} if draft.below else {}


def _names(inputs: tuple[InputDraft, ...]) -> list[str]:
    """A name for each input: its own, else that of its column."""
    found: list[str] = []
    for item in inputs:
        wanted = item.name or slug(item.series.rpartition(".")[2]) or "a"
        name, number = wanted, 2
        while name in found:
            name, number = f"{wanted}_{number}", number + 1
        found.append(name)
    return found


def _input(item: InputDraft) -> dict[str, Any]:
    layout, _, column = item.series.partition(".")
    dimensions: dict[str, Any] = {}
    for name in dict.fromkeys((*item.codes, *item.ages)):
        first, last = item.ages.get(name, ("", ""))
        codes = item.codes.get(name, ())
        if first or last:
            dimensions[name] = {"ages": [_number(first) or 0, _number(last)]}
        elif codes:
            dimensions[name] = codes[0] if len(codes) == 1 else list(codes)
    found: dict[str, Any] = {
        "layout": layout,
        "column": column,
        "dimensions": dimensions,
        "time": item.time,
        "within_years": _number(item.within_years) if item.time == "latest" else None,
        "day": item.day,
        "census_base": item.census_base,
        "upward": item.upward if item.upward != "sum" else None,
    }
    kept = {key: value for key, value in found.items() if value not in (None, "", {})}
    return kept or {"layout": ""}


def _formula(draft: Draft, names: list[str]) -> Any:
    inner = _inner(draft, names)
    if not draft.course:
        return inner
    name, _, relative = draft.course.partition("_")
    back: dict[str, Any] = {draft.span_unit: _number(draft.span)}
    if name == "change" and draft.since.strip():
        back = {"since": draft.since.strip()}
    told: dict[str, Any] = {"of": inner, **back}
    if relative:
        told["relative"] = True
    return {name: told}


def _inner(draft: Draft, names: list[str]) -> Any:
    if draft.kind == "indicator":
        return {"indicator": draft.indicator}
    if draft.kind == "index":
        return _index(draft)
    if draft.kind in LISTS:
        return {draft.kind: names}
    if draft.kind in RATIOS:
        sides = {
            side: [n for n, item in zip(names, draft.inputs, strict=True) if item.side == side]
            for side in ("over", "under")
        }
        told: dict[str, Any] = {"of": _side(sides["over"]), "to": _side(sides["under"])}
        if draft.kind == "rate":
            told["per"] = _number(draft.per)
        return {draft.kind: told}
    return {"value": names[0] if names else ""}


def _side(names: list[str]) -> Any:
    return names[0] if len(names) == 1 else {"sum": names}


def _index(draft: Draft) -> Any:
    parts: list[dict[str, Any]] = []
    for part in draft.parts:
        told: dict[str, Any] = {"of": {"indicator": part.indicator}, "weight": _number(part.weight)}
        if part.polarity:
            told["polarity"] = part.polarity
        parts.append(told)
    if (draft.scale, draft.mean) == ("zscore", "arithmetic"):
        return {"index": parts}
    return {"index": {"parts": parts, "scale": draft.scale, "mean": draft.mean}}
