"""Regions that are alike, with the reason: what they have in common."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from statistics import median
from typing import Protocol, cast

import yaml

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.indicators._catalogue import Catalogue
from ckanext.sozialdaten.indicators._model import State
from ckanext.sozialdaten.indicators.errors import DefinitionError
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["Common", "Similar", "similar"]

_FILE = "similarity.yaml"
_MAD_TO_SD = 1.4826
"""Of normally distributed figures the standard deviation is so many median absolute deviations."""


class _Table(Protocol):
    def to_pylist(self) -> list[dict[str, object]]: ...


class _Known(Protocol):
    """What `similar` needs of `Figures`."""

    register: Register

    @property
    def catalogue(self) -> Catalogue: ...

    def of(self, indicator_id: str) -> _Table: ...


@dataclass(frozen=True, slots=True)
class _Feature:
    indicator: str
    weight: float
    log: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    features: tuple[_Feature, ...]
    at_least: int


@dataclass(frozen=True, slots=True)
class Common:
    """A feature of two regions.

    Args:
        indicator: id of the indicator.
        own: the figure of the region that was asked for.
        other: that of the region found.
        apart: how far they lie apart, in robust standard deviations of the level.
    """

    indicator: str
    own: float
    other: float
    apart: float


@dataclass(frozen=True, slots=True)
class Similar:
    """A region that is alike.

    Args:
        region: its key.
        distance: 0 for equal features; 1 is about a standard deviation in every feature.
        reasons: its features, the closest first.
    """

    region: str
    distance: float
    reasons: tuple[Common, ...]


def similar(figures: _Known, region: str, count: int = 5) -> tuple[Similar, ...]:
    """The regions of the same level that are most like one, the nearest first.

    Features, weights and the least number of them stand in ``schemas/similarity.yaml``. Figures are
    the latest of each region. Scaling by median and median absolute deviation after Rousseeuw, P.
    J.; Croux, C. (1993): Alternatives to the Median Absolute Deviation. Journal of the American
    Statistical Association 88, 1273-1283.

    Args:
        figures: the figures of this installation.
        region: canonical key.
        count: how many.

    Returns:
        At most ``count`` regions; none where too little is known of the region itself.

    Raises:
        UnknownRegion: the register does not know the region.
    """
    register, level, rule = figures.register, figures.register.level(region), _rule()
    known = [
        (feature, _latest(figures, feature, level, register))
        for feature in rule.features
        if feature.indicator in figures.catalogue
    ]
    scales = [(feature, values, _spread(feature, values)) for feature, values in known]
    candidates = {key for _, values in known for key in values} - {region}
    found = [
        item
        for key in sorted(candidates)
        if (item := _compared(region, key, scales, rule.at_least)) is not None
    ]
    return tuple(sorted(found, key=lambda item: (item.distance, item.region))[:count])


def _latest(
    figures: _Known, feature: _Feature, level: Level, register: Register
) -> dict[str, float]:
    """The latest figure of each region of a level; rows come in the order of time."""
    found: dict[str, float] = {}
    for row in figures.of(feature.indicator).to_pylist():
        if row["state"] == State.VALUE and row["region"] in register:
            found[str(row["region"])] = cast("float", row["value"])
    return {
        key: value
        for key, value in found.items()
        if register.level(key) is level and (value > 0 or not feature.log)
    }


def _told(feature: _Feature, value: float) -> float:
    return math.log(value) if feature.log else value


def _spread(feature: _Feature, values: Mapping[str, float]) -> float:
    told = [_told(feature, value) for value in values.values()]
    if not told:
        return 0.0
    middle = median(told)
    return _MAD_TO_SD * median(abs(value - middle) for value in told)


def _compared(
    region: str,
    other: str,
    scales: list[tuple[_Feature, dict[str, float], float]],
    at_least: int,
) -> Similar | None:
    common: list[Common] = []
    total = weights = 0.0
    for feature, values, spread in scales:
        if region not in values or other not in values or spread == 0:
            continue
        apart = _told(feature, values[region]) - _told(feature, values[other])
        common.append(Common(feature.indicator, values[region], values[other], abs(apart) / spread))
        total += feature.weight * (apart / spread) ** 2
        weights += feature.weight
    if len(common) < at_least:
        return None
    reasons = tuple(sorted(common, key=lambda item: item.apart))
    return Similar(other, math.sqrt(total / weights), reasons)


@cache
def _rule() -> _Rule:
    source = resources.files("ckanext.sozialdaten.schemas") / _FILE
    section = Section(
        yaml.safe_load(source.read_text("utf-8")), "", ("features", "at_least"), _FILE
    )
    features = tuple(
        _Feature(part.text("indicator"), float(part.integer("weight", 1)), part.raw("log") is True)
        for part in section.sections("features", ("indicator", "weight", "log"))
    )
    if not features:
        raise DefinitionError(
            Message("{key} names no feature.", {"key": "features"}),
            Message("List indicators with their weights."),
            Place(file=_FILE),
        )
    return _Rule(features, section.integer("at_least", 1))
