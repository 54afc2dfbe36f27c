"""The figures that everybody may see now: nothing of a withdrawn release, erased or not yet."""

from ckanext.sozialdaten.indicators import Figures
from ckanext.sozialdaten.publishing.model import withdrawn_releases

__all__ = ["public_figures"]


def public_figures() -> Figures:
    """Figures of indicators and, as ``.lake``, series of the public zone.

    Raises:
        SettingsError: the environment names no public zone.
    """
    return Figures.from_environment(withdrawn_releases)
