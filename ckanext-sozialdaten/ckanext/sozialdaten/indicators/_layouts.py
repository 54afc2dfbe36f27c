"""Layouts by name, read once: a catalogue of a hundred indicators asks for each many times."""

from functools import lru_cache

from ckanext.sozialdaten.lake.layouts import Layout

__all__ = ["layout_of"]


@lru_cache(maxsize=512)
def layout_of(name: str) -> Layout:
    """The layout with a name in ``schemas/layouts``.

    Raises:
        LayoutError: there is none, or it says something that cannot be.
    """
    return Layout.from_yaml(name)
