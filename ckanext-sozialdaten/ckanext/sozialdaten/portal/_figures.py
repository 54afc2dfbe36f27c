"""The figures that everybody may see now: nothing of a withdrawn release, erased or not yet."""

from ckanext.sozialdaten.publishing.indicators import public_figures

__all__ = ["public_figures"]
