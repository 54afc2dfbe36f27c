"""Comparing a region with those above it and with those like it, honestly about chance."""

from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Protocol, cast

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.indicators._model import State

__all__ = ["Comparison", "Verdict", "compare", "verdict"]

_ABOVE = (Level.KREIS, Level.LAND, Level.BUND)


class Verdict(StrEnum):
    """How a figure lies to the one it is compared with."""

    HIGHER = "higher"
    LOWER = "lower"
    NOT_DISTINGUISHABLE = "not_distinguishable"
    UNKNOWN = "unknown"


class _Table(Protocol):
    def to_pylist(self) -> list[dict[str, object]]: ...


class _Known(Protocol):
    """What `compare` needs of `Figures`."""

    register: Register

    def of(self, indicator_id: str) -> _Table: ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure to compare with.

    Args:
        kind: ``kreis``, ``land``, ``bund`` or ``similar``.
        regions: one region, or those whose median it is.
        value: the figure; None where there is none.
        verdict: how the region's own figure lies to it.
    """

    kind: str
    regions: tuple[str, ...]
    value: float | None
    verdict: Verdict


def verdict(
    value: float | None, low: float | None, high: float | None, reference: float | None
) -> Verdict:
    """How a figure with its interval lies to a reference.

    A reference inside the interval is no shown difference. Figures without an interval, as complete
    counts of a population have, are compared as they are. The reference is taken as fixed, although
    the figure of a Kreis holds its Gemeinden: Fingertips of the Office for Health Improvement does
    the same (Public Health Technical Guide: Confidence intervals, section on comparing areas).

    >>> verdict(7.0, 5.0, 9.0, 8.0)
    <Verdict.NOT_DISTINGUISHABLE: 'not_distinguishable'>
    """
    if value is None or reference is None:
        return Verdict.UNKNOWN
    below = value if low is None else low
    above = value if high is None else high
    if below <= reference <= above:
        return Verdict.NOT_DISTINGUISHABLE
    return Verdict.HIGHER if below > reference else Verdict.LOWER


def compare(
    figures: _Known,
    indicator_id: str,
    region: str,
    period: str,
    alike: tuple[str, ...] = (),
) -> tuple[Comparison, ...]:
    """A region beside its Kreis, its Land, the Bund and the median of regions like it.

    Args:
        figures: the figures of this installation.
        indicator_id: the indicator.
        region: canonical key.
        period: as results name it, such as ``2023``.
        alike: regions for the median, see `similar`.

    Raises:
        UnknownIndicatorError: no definition has this id.
        UnknownRegion: the register does not know the region.
    """
    rows = {
        str(row["region"]): row
        for row in figures.of(indicator_id).to_pylist()
        if row["period"] == period
    }
    own = rows.get(region, {})
    value, low, high = (cast("float | None", own.get(name)) for name in ("value", "low", "high"))
    found: list[Comparison] = []
    for key in figures.register.ancestors(region):
        level = figures.register.level(key)
        if level in _ABOVE:
            other = _value(rows.get(key, {}))
            told = verdict(value, low, high, other)
            found.append(Comparison(level.value, (key,), other, told))
    values = [other for key in alike if (other := _value(rows.get(key, {}))) is not None]
    if alike:
        middle = median(values) if values else None
        told = verdict(value, low, high, middle)
        found.append(Comparison("similar", alike, middle, told))
    return tuple(found)


def _value(row: dict[str, object]) -> float | None:
    return cast("float", row["value"]) if row.get("state") == State.VALUE else None
