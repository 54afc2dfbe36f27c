"""A table that is public already, as a caller hands it over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.lake.layouts import Layout, Role

__all__ = ["Released", "named"]


@dataclass(frozen=True, slots=True)
class Released:
    """An earlier or linked release with its own name and layout.

    Args:
        path: the file.
        name: how findings name it; the file's name if empty.
        layout: its layout; that of the checked tables if None.
    """

    path: Path
    name: str = ""
    layout: Layout | Mapping[str, Role | str] | None = None


def named(released: Sequence[str | Path | Released]) -> Iterator[Released]:
    """Everything as :class:`Released`."""
    for one in released:
        yield one if isinstance(one, Released) else Released(Path(one))
