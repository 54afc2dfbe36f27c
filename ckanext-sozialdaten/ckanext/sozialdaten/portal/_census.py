"""Days at which the census behind figures of the population changes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import yaml

from ckanext.sozialdaten.indicators import Indicator

__all__ = ["Census", "censuses_behind"]


@dataclass(frozen=True, slots=True)
class Census:
    """A census: the first day whose figures rest on it, and its name in both languages."""

    start: dt.date
    names: Mapping[str, str]


def censuses_behind(item: Indicator, known: Mapping[str, Indicator]) -> tuple[Census, ...]:
    """The censuses that figures of ``item`` rest on one after the other; none without population.

    Args:
        item: the definition.
        known: definitions that it may refer to.
    """
    layouts, found = _known()
    waiting, seen = [item], set[str]()
    while waiting:
        one = waiting.pop()
        seen.add(one.id)
        if any(source.layout in layouts for source in one.inputs.values()):
            return found
        waiting += [known[ref] for ref in one.references if ref in known and ref not in seen]
    return ()


@cache
def _known() -> tuple[frozenset[str], tuple[Census, ...]]:
    source = resources.files("ckanext.sozialdaten.schemas") / "codelists/census_bases.yaml"
    read: Any = yaml.safe_load(source.read_text("utf-8"))
    found = (
        Census(entry["from"], {"de": entry["de"], "en": entry["en"]}) for entry in read["codes"]
    )
    return frozenset(read["layouts"]), tuple(found)
