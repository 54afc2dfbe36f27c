"""A table that is public already, as a caller hands it over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.disclosure.errors import RolesError
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Released", "named", "with_precision"]


@dataclass(frozen=True, slots=True)
class Released:
    """An earlier or linked release with its own name and layout.

    Args:
        path: the file.
        name: how findings name it; the file's name if empty.
        layout: its layout; that of the checked tables if None.
        published_as: how its counts stand for true ones, such as ``rounded:5``; empty: nobody says.
    """

    path: Path
    name: str = ""
    layout: Layout | Mapping[str, Role | str] | None = None
    published_as: str = ""


def named(released: Sequence[str | Path | Released]) -> Iterator[Released]:
    """Everything as :class:`Released`."""
    for one in released:
        yield one if isinstance(one, Released) else Released(Path(one))


def with_precision(released: Sequence[str], texts: Sequence[str]) -> tuple[Released, ...]:
    """Releases of a command line, and those that ``PATH=HOW`` names with their precision.

    Args:
        released: paths.
        texts: such as ``alt.csv=rounded:5``; a path that ``released`` lacks comes last, which is
            the newest.

    Raises:
        RolesError: written otherwise.
    """
    from ckanext.sozialdaten.disclosure.structure import Precision

    said: dict[str, str] = {}
    for text in texts:
        path, equals, how = text.rpartition("=")
        if not equals or not path:
            raise RolesError(
                Message("Nobody knows how to read {text}.", {"text": text}),
                Message("Write PATH=rounded:5."),
            )
        Precision.parse(how)
        said[path] = how
    paths = dict.fromkeys((*released, *said))
    return tuple(Released(Path(path), published_as=said.get(path, "")) for path in paths)
