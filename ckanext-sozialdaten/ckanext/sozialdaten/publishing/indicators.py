"""The indicators that staff have written and a reviewer has approved, and the figures of all."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import g, has_request_context

from ckanext.sozialdaten.publishing._lake import renew_figures
from ckanext.sozialdaten.publishing.model import withdrawn_releases
from ckanext.sozialdaten.publishing.proposals._model import newest_standing

if TYPE_CHECKING:
    from ckanext.sozialdaten.indicators import Figures

__all__ = ["KIND", "approved_definitions", "public_figures", "renew_figures"]

KIND = "indicator"


def approved_definitions() -> Mapping[str, str]:
    """The texts (YAML) of approved indicators by id, asked once for each request."""
    if has_request_context() and "sozialdaten_indicators" in g:
        return g.sozialdaten_indicators
    found = {row.key: row.body for row in newest_standing(KIND)}
    if has_request_context():
        g.sozialdaten_indicators = found
    return found


def public_figures() -> "Figures":
    """Figures of indicators and, as ``.lake``, series: nothing of a withdrawn release.

    Raises:
        SettingsError: the environment names no public zone.
    """
    from ckanext.sozialdaten.indicators import Figures

    return Figures.from_environment(withdrawn_releases, approved_definitions)
