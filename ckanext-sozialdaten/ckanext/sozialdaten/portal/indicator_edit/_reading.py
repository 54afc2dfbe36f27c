"""From what the browser sends, or from a definition, to the form."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import yaml
from werkzeug.datastructures import MultiDict

from ckanext.sozialdaten.indicators import DefinitionError, Indicator, read_text
from ckanext.sozialdaten.portal.indicator_edit._draft import (
    LISTS,
    RATIOS,
    TEXTS,
    Draft,
    InputDraft,
    PartDraft,
    as_yaml,
    definition_of,
)

__all__ = ["MOST", "draft_of_form", "draft_of_text"]

MOST = 6
"""Inputs, or parts of an index, that the form has room for; more are written as YAML."""
_SPANS = ("years", "quarters", "months")
_NO_TEXTS: dict[str, str] = {}


def draft_of_form(form: "MultiDict[str, str]") -> Draft:
    """The form as it was sent; unknown fields are ignored, missing ones are empty."""

    def text(name: str) -> str:
        return form.get(name, "").strip().replace("\r\n", "\n")

    def both(name: str) -> dict[str, str]:
        return {language: text(f"{name}_{language}") for language in ("de", "en")}

    inputs = [n for n in range(MOST) if f"i-{n}-series" in form]
    parts = [n for n in range(MOST) if f"p-{n}-indicator" in form]
    return Draft(
        id=text("id"),
        theme=text("theme"),
        name=both("name"),
        unit=both("unit"),
        texts={key: both(key) for key in TEXTS},
        kind=text("kind") or "share",
        per=text("per"),
        course=text("course"),
        span=text("span"),
        span_unit=text("span_unit") if text("span_unit") in _SPANS else "years",
        since=text("since"),
        inputs=tuple(_input_of_form(form, n) for n in inputs) or Draft().inputs,
        indicator=text("indicator"),
        parts=tuple(
            PartDraft(text(f"p-{n}-indicator"), text(f"p-{n}-weight"), text(f"p-{n}-polarity"))
            for n in parts
        )
        or Draft().parts,
        scale=text("scale") or "zscore",
        mean=text("mean") or "arithmetic",
        periods=text("periods") or "year",
        levels=tuple(form.getlist("levels")),
        decimals=text("decimals"),
        polarity=text("polarity") or "neutral",
        interval=text("interval") or "none",
        below=text("below"),
        years=text("years"),
        source_tables=text("source_tables"),
        headline=form.get("headline") == "ja",
    )


def _input_of_form(form: "MultiDict[str, str]", number: int) -> InputDraft:
    head = f"i-{number}-"
    codes = {
        name.removeprefix(f"{head}d-"): tuple(form.getlist(name))
        for name in form
        if name.startswith(f"{head}d-")
    }
    aged = [name.removeprefix(f"{head}from-") for name in form if name.startswith(f"{head}from-")]
    ages = {
        name: (form[f"{head}from-{name}"].strip(), form.get(f"{head}to-{name}", "").strip())
        for name in aged
    }

    def text(name: str) -> str:
        return form.get(head + name, "").strip()

    return InputDraft(
        series=text("series"),
        name=text("name"),
        side=text("side") or "over",
        codes=codes,
        ages={name: span for name, span in ages.items() if any(span)},
        time=text("time"),
        within_years=text("within"),
        upward=text("upward") or "sum",
        day=text("day"),
        census_base=text("census"),
    )


def draft_of_text(text: str, key: str) -> Draft | None:
    """The form of a definition; None where it holds something that the form cannot say.

    Args:
        text: the YAML.
        key: its id.

    Raises:
        DefinitionError: it cannot be computed.
    """
    meant = read_text(text, f"{key}.yaml")
    draft = _guess(cast("dict[str, Any]", yaml.safe_load(text)), key)
    try:
        said = read_text(as_yaml(definition_of(draft)), f"{key}.yaml")
    except DefinitionError:
        return None
    return draft if _bare(said) == _bare(meant) else None


def _bare(indicator: Indicator) -> Indicator:
    """Without the texts, which the form always holds."""
    empty = dict.fromkeys(TEXTS, _NO_TEXTS)
    return replace(indicator, **cast("Any", empty))


def _guess(data: Mapping[str, Any], key: str) -> Draft:
    """The nearest form; whether it says the same is for the caller to see."""
    default = Draft()
    inner, course = _course(data.get("formula"))
    raw = _mapping(data.get("inputs"))
    sides = _sides(inner)
    order = list(dict.fromkeys(name for name, _ in sides if name in raw))
    inputs = tuple(_input_of_data(name, _mapping(raw[name]), dict(sides)[name]) for name in order)
    pooling = _mapping(data.get("small_numbers"))
    rest = {name: data[name] for name in ("periods", "polarity", "interval") if data.get(name)}
    return replace(
        default,
        id=key,
        theme=_text(data.get("theme")),
        name=_texts(data.get("name")),
        unit=_texts(data.get("unit")),
        texts={name: _texts(data.get(name)) for name in TEXTS},
        levels=tuple(map(str, data.get("levels") or default.levels)),
        decimals=_text(data.get("decimals", 1)),
        below=_text(pooling.get("below")),
        years=_text(pooling.get("years", default.years)),
        source_tables="\n".join(map(str, data.get("source_tables") or ())),
        headline=data.get("headline") is True,
        inputs=inputs or default.inputs,
        **course,
        **_kind(inner),
        **{name: _text(value) for name, value in rest.items()},
    )


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _texts(value: object) -> dict[str, str]:
    told = _mapping(value) or ({"de": value} if isinstance(value, str) else {})
    return {name: _text(told.get(name)).strip() for name in ("de", "en")}


def _course(formula: Any) -> tuple[Any, dict[str, Any]]:
    """The formula inside a change, trend or continuity, and how the form says those."""
    for name in ("change", "trend", "continuity"):
        if name in _mapping(formula):
            told = _mapping(formula[name])
            unit = next((one for one in _SPANS if told.get(one)), "years")
            course = f"{name}_relative" if told.get("relative") is True else name
            return told.get("of"), {
                "course": course,
                "span": _text(told.get(unit)),
                "span_unit": unit,
                "since": _text(told.get("since")),
            }
    return formula, {}


def _kind(inner: Any) -> dict[str, Any]:
    told = _mapping(inner)
    for name in (*LISTS, *RATIOS):
        if name in told:
            return {"kind": name, "per": _text(_mapping(told[name]).get("per", "1000"))}
    if "indicator" in told:
        return {"kind": "indicator", "indicator": _text(told["indicator"])}
    if "index" not in told:
        return {"kind": "value"}
    index = _mapping(told["index"])
    parts = index.get("parts") or (told["index"] if isinstance(told["index"], list) else [])
    return {
        "kind": "index",
        "scale": _text(index.get("scale", "zscore")),
        "mean": _text(index.get("mean", "arithmetic")),
        "parts": tuple(
            PartDraft(
                _text(_mapping(_mapping(part).get("of")).get("indicator")),
                _text(_mapping(part).get("weight", 1)),
                _text(_mapping(part).get("polarity")),
            )
            for part in parts
        ),
    }


def _sides(inner: Any) -> list[tuple[str, str]]:
    """The names of inputs in a formula, with the side of the line they stand on."""
    if isinstance(inner, str):
        return [(inner, "over")]
    told = _mapping(inner)
    if "value" in told:
        return _sides(told["value"])
    for name in LISTS:
        if isinstance(told.get(name), list):
            return [(str(item), "over") for item in told[name]]
    for name in RATIOS:
        if name in told:
            ratio = _mapping(told[name])
            over, under = _sides(ratio.get("of")), _sides(ratio.get("to"))
            return [*over, *((item, "under") for item, _ in under)]
    return []


def _input_of_data(name: str, data: Mapping[str, Any], side: str) -> InputDraft:
    codes: dict[str, tuple[str, ...]] = {}
    ages: dict[str, tuple[str, str]] = {}
    for dimension, said in _mapping(data.get("dimensions")).items():
        if isinstance(said, dict):
            span = cast("list[object]", _mapping(said).get("ages") or [None, None])
            ages[dimension] = (_text(span[0]), _text(span[-1]))
        else:
            listed = cast("list[object]", said) if isinstance(said, list) else [said]
            codes[dimension] = tuple(map(str, listed))
    return InputDraft(
        series=f"{data.get('layout', '')}.{data.get('column', '')}",
        name=name,
        side=side,
        codes=codes,
        ages=ages,
        time=_text(data.get("time")),
        within_years=_text(data.get("within_years")),
        upward=_text(data.get("upward", "sum")),
        day=_text(data.get("day")),
        census_base=_text(data.get("census_base")),
    )
