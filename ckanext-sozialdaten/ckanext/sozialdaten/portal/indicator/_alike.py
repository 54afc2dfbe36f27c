"""Gemeinden that are like one: which, and in what."""

from dataclasses import dataclass
from functools import lru_cache

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten import indicators
from ckanext.sozialdaten.geography import Level
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import figures_token, public_figures

__all__ = ["Group", "alike"]

_KEPT = 512
_REASONS = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Similar Gemeinden.

    Args:
        name: what their median is called.
        members: their keys, the nearest first.
        reason: their names, and what they have in common.
    """

    name: str
    members: tuple[str, ...]
    reason: str


def alike(region: str) -> Group | None:
    """The Gemeinden most like ``region``; None for other levels or if too little is known."""
    if regions.level_of(region) is not Level.GEMEINDE:
        return None
    return _alike(region, frame.language(), figures_token())


@lru_cache(maxsize=_KEPT)
def _alike(region: str, language: str, _token: str) -> Group | None:
    known = public_figures()
    found = indicators.similar(known, region)
    if not found:
        return None
    features: dict[str, None] = {}
    for item in found:
        features |= dict.fromkeys(reason.indicator for reason in item.reasons[:_REASONS])
    common = ", ".join(known.catalogue[key].label(language) for key in list(features)[:_REASONS])
    reason = tk._(
        "Similar municipalities, of which the median is shown: {names}. Alike above all in:"
        " {features}."
    ).format(names=", ".join(regions.name_of(item.region) for item in found), features=common)
    name = tk._("similar municipalities")
    return Group(name, tuple(item.region for item in found), reason)
