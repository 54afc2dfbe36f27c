"""Reading formulas: mappings of YAML in, `Expression` out."""

from collections.abc import Mapping
from typing import cast

from ckanext.sozialdaten.indicators._model import (
    Expression,
    Function,
    Input,
    Mean,
    Polarity,
    Scale,
    Step,
)
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["read_formula"]

_LISTS = {
    "sum": Function.SUM,
    "difference": Function.DIFFERENCE,
    "product": Function.PRODUCT,
}
_RATIOS: dict[str, tuple[float, bool]] = {
    "ratio": (1.0, False),
    "share": (100.0, True),
    "per_mille": (1000.0, False),
    "rate": (0.0, False),
}
_HISTORIES = {
    "change": Function.CHANGE,
    "trend": Function.TREND,
    "continuity": Function.CONTINUITY,
}
_SPANS = {"years": 12, "quarters": 3, "months": 1}
"""Months in the words that say how far back."""
_KEYS = ("value", *_LISTS, *_RATIOS, *_HISTORIES, "index", "indicator")


def read_formula(section: Section, inputs: Mapping[str, Input]) -> Expression:
    """The formula of a definition.

    Raises:
        LayoutError: a function is unknown, an argument missing or no input has that name.
    """
    return _expression(section, "formula", inputs)


def _expression(section: Section, key: str, inputs: Mapping[str, Input]) -> Expression:
    said = section.raw(key)
    if isinstance(said, str):
        return _leaf(section, key, said, inputs)
    inner = section.section(key, _KEYS)
    names = [name for name in _KEYS if name in inner]
    if len(names) != 1:
        raise section.wrong(
            key, "{where} must be one function of these: {names}.", names=", ".join(_KEYS)
        )
    name = names[0]
    if name == "indicator":
        return Expression(Function.VALUE, indicator=inner.text(name))
    if name == "value":
        return _expression(inner, name, inputs)
    if name in _LISTS:
        return Expression(_LISTS[name], _list(inner, name, inputs))
    if name in _RATIOS:
        return _ratio(inner, name, inputs)
    if name in _HISTORIES:
        return _history(inner, name, inputs)
    return _index(inner, inputs)


def _leaf(section: Section, key: str, name: str, inputs: Mapping[str, Input]) -> Expression:
    if name not in inputs:
        raise section.wrong(
            key,
            "{where} names “{name}”, which is no input. Inputs: {inputs}.",
            name=name,
            inputs=", ".join(inputs) or "-",
        )
    return Expression(Function.VALUE, input=name)


def _list(section: Section, key: str, inputs: Mapping[str, Input]) -> tuple[Expression, ...]:
    said = section.raw(key)
    items = cast("list[object]", said) if isinstance(said, list) else []
    if len(items) < 2:
        raise section.wrong(key, "{where} must be a list of at least two arguments.")
    names = [str(number) for number in range(len(items))]
    held = Section(
        dict(zip(names, items, strict=True)), f"{section.where}.{key}", names, section.file
    )
    return tuple(_expression(held, name, inputs) for name in names)


def _ratio(section: Section, name: str, inputs: Mapping[str, Input]) -> Expression:
    factor, share = _RATIOS[name]
    inner = section.section(name, ("of", "to", "per") if name == "rate" else ("of", "to"))
    if name == "rate":
        factor = float(inner.integer("per", 0))
        if not factor:
            raise inner.wrong("per", "{where} must be a whole number, such as 10000.")
    arguments = (_expression(inner, "of", inputs), _expression(inner, "to", inputs))
    return Expression(Function.RATIO, arguments, factor=factor, share=share)


def _history(section: Section, name: str, inputs: Mapping[str, Input]) -> Expression:
    keys = (*("of", "relative"), *_SPANS, *(("since",) if name == "change" else ()))
    inner = section.section(name, keys)
    spans = [(word, inner.integer(word, 0) * months) for word, months in _SPANS.items()]
    said = [(word, months) for word, months in spans if months]
    since = inner.text("since", "") if name == "change" else ""
    if len(said) + bool(since) != 1:
        raise inner.wrong(
            "years", "{where} must say how many years back, at least 1 (or quarters or months)."
        )
    return Expression(
        _HISTORIES[name],
        (_expression(inner, "of", inputs),),
        step=Step.RELATIVE if inner.raw("relative") is True else Step.ABSOLUTE,
        months=said[0][1] if said else 0,
        since=since,
    )


def _index(section: Section, inputs: Mapping[str, Input]) -> Expression:
    """A list of parts, or a mapping that also says scale and mean."""
    keys = ("of", "weight", "polarity")
    scale, mean = Scale.ZSCORE, Mean.ARITHMETIC
    if section.is_mapping("index"):
        inner = section.section("index", ("parts", "scale", "mean"))
        scale = inner.choice("scale", Scale, scale) or scale
        mean = inner.choice("mean", Mean, mean) or mean
        parts = list(inner.sections("parts", keys))
        if mean is Mean.GEOMETRIC and scale is Scale.ZSCORE:
            raise inner.wrong(
                "mean",
                "{where} cannot be geometric: the scale “zscore” has figures below 0.",
            )
    else:
        parts = list(section.sections("index", keys))
    if len(parts) < 2:
        raise section.wrong("index", "{where} must be a list of at least two arguments.")
    weights = [part.raw("weight") or 1 for part in parts]
    for part, weight in zip(parts, weights, strict=True):
        if not isinstance(weight, int | float) or weight <= 0:
            raise part.wrong("weight", "{where} must be a number above 0.")
    return Expression(
        Function.INDEX,
        tuple(_expression(part, "of", inputs) for part in parts),
        weights=tuple(float(cast("float", weight)) for weight in weights),
        polarities=tuple(part.choice("polarity", Polarity) for part in parts),
        scale=scale,
        mean=mean,
    )
