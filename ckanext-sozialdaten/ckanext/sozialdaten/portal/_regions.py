"""Regions of a preview: their names, the level to draw, the Kreis above, and the drawing itself."""

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from ckanext.sozialdaten.geography import Level, Register
from ckanext.sozialdaten.geography.errors import GeographyError
from ckanext.sozialdaten.portal.preview import Plan, draw

__all__ = [
    "LEVELS", "above", "by_level", "holding", "known", "level_of",
    "living_in", "members", "name_of", "plan_of", "upper_key", "upper_name",
]  # fmt: skip

LEVELS = (Level.ORTSTEIL, Level.GEMEINDE, Level.KREIS, Level.REGIERUNGSBEZIRK, Level.LAND)


def name_of(key: str) -> str:
    """The name of a region, or its key where the register does not know it."""
    try:
        return Register.default().name(key)
    except GeographyError:
        return key


def level_of(key: str) -> Level:
    """The level of a region that the register knows."""
    return Register.default().level(key)


def known(key: str) -> bool:
    """Whether the register knows ``key`` as the canonical key of a region."""
    try:
        return Register.default().normalise(key) == key
    except GeographyError:
        return False


def holding(key: str) -> str:
    """The condition, for the search index, of datasets that hold figures of the region ``key``.

    They name it, or a region above it with figures down to its level.
    """
    register = Register.default()
    upper = " OR ".join(register.ancestors(key))
    level = register.level(key).value
    return f"regions:{key}" + (
        f" OR (regions:({upper}) AND spatial_level:{level})" if upper else ""
    )


def upper_key(key: str) -> str:
    """The region one level up; empty at the top."""
    return Register.default().parent(key) or ""


def upper_name(key: str) -> str:
    """The name of the region one level up; empty at the top."""
    upper = upper_key(key)
    return name_of(upper) if upper else ""


def living_in(keys: Iterable[str]) -> list[str]:
    """The Gemeinden in the regions ``keys``, by name; a Kreis or Land with none stands itself."""
    found: set[str] = set()
    for key in keys:
        if known(key):
            found.update(members(key, Level.GEMEINDE) or (key,))
    return sorted(found, key=name_of)


def by_level(keys: Iterable[str], levels: Iterable[Level] = LEVELS) -> dict[Level, tuple[str, ...]]:
    """``keys`` that the register knows, by level, finest level first, each sorted by name.

    Args:
        keys: keys of regions.
        levels: those that count, in the order wanted.
    """
    register = Register.default()
    found: dict[Level, list[str]] = {}
    for key in keys:
        try:
            found.setdefault(register.level(key), []).append(key)
        except GeographyError:
            continue
    return {
        level: tuple(sorted(sorted(found[level]), key=name_of))
        for level in levels
        if level in found
    }


def above(keys: Iterable[str]) -> str:
    """The region one level up in which most of ``keys`` lie; empty if none."""
    register = Register.default()
    parents = Counter(register.parent(key) or "" for key in keys)
    return parents.most_common(1)[0][0] if parents else ""


def members(key: str, level: Level) -> tuple[str, ...]:
    """All regions of ``level`` inside the region ``key``."""
    return Register.default().children(key, level)


def plan_of(level: Level, keys: Iterable[str]) -> Plan:
    """The drawing of ``level`` for the smallest region that holds all ``keys``.

    Regions without a row in the table are drawn too: a hole would hide that a figure is missing.
    """
    return _plan(level, _common(list(keys)))


def _common(keys: list[str]) -> str | None:
    """The smallest region above all ``keys``."""
    register = Register.default()
    shared = list(register.ancestors(keys[0])) if keys else []
    for key in keys[1:]:
        lineage = set(register.ancestors(key))
        shared = [candidate for candidate in shared if candidate in lineage]
    return shared[0] if shared else None


@lru_cache(maxsize=32)
def _plan(level: Level, within: str | None) -> Plan:
    collection = Register.default().boundaries(level, within)
    return draw(dict(collection))
