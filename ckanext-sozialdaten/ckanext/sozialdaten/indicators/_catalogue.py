"""All indicators that this installation knows."""

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.indicators._definitions import read_definition
from ckanext.sozialdaten.indicators._model import Indicator
from ckanext.sozialdaten.indicators.errors import DefinitionError, UnknownIndicatorError
from ckanext.sozialdaten.messages import Message

__all__ = ["Catalogue", "catalogue"]

_FOLDERS = "SOZIALDATEN_INDICATORS"


class Catalogue(Mapping[str, Indicator]):
    """Indicators by id, ordered by theme and name.

    Args:
        indicators: the definitions; each was checked against its layouts.

    Raises:
        DefinitionError: two definitions have the same id, one refers to an unknown indicator, or
            some refer to each other in a circle.
    """

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        ordered = sorted(indicators, key=lambda item: (item.theme, item.id))
        self._known: dict[str, Indicator] = {}
        for item in ordered:
            if item.id in self._known:
                raise DefinitionError(
                    Message("The indicator {id} is defined twice.", {"id": item.id}),
                    Message("Give one of them another id."),
                    Place(file=item.file),
                )
            self._known[item.id] = item
        for item in ordered:
            self._check_references(item, (item.id,))

    def __getitem__(self, key: str) -> Indicator:
        if key not in self._known:
            raise UnknownIndicatorError(
                Message("There is no indicator “{id}”.", {"id": key}),
                Message("“sozialdaten indicator list” shows all."),
            )
        return self._known[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __contains__(self, key: object) -> bool:
        return key in self._known

    def __len__(self) -> int:
        return len(self._known)

    def by_theme(self) -> dict[str, list[Indicator]]:
        """The indicators of each theme."""
        found: dict[str, list[Indicator]] = {}
        for item in self._known.values():
            found.setdefault(item.theme, []).append(item)
        return found

    def _check_references(self, item: Indicator, path: tuple[str, ...]) -> None:
        for key in item.references:
            if key not in self._known:
                raise DefinitionError(
                    Message(
                        "The formula of {id} refers to the unknown indicator {other}.",
                        {"id": item.id, "other": key},
                    ),
                    Message("“sozialdaten indicator list” shows all."),
                    Place(file=item.file),
                )
            if key in path:
                raise DefinitionError(
                    Message(
                        "Indicators refer to each other in a circle: {path}.",
                        {"path": " → ".join((*path, key))},
                    ),
                    Message("Let one of them start from columns of a layout."),
                    Place(file=item.file),
                )
            self._check_references(self._known[key], (*path, key))


def catalogue(folders: Iterable[Path] | None = None) -> Catalogue:
    """The indicators that come with the project and those of ``SOZIALDATEN_INDICATORS``.

    Args:
        folders: read these folders alone, for a catalogue of one's own.

    Raises:
        DefinitionError: a definition cannot be computed.
    """
    if folders is not None:
        sources: list[Traversable] = list(folders)
    else:
        more = os.environ.get(_FOLDERS, "").split(os.pathsep)
        own = resources.files("ckanext.sozialdaten.schemas.indicators")
        sources = [own, *(Path(folder) for folder in more if folder)]
    return _read(tuple(_files(sources)))


def _files(folders: Iterable[Traversable]) -> Iterator[tuple[Path, int, int]]:
    """Every definition with what changes when it is edited."""
    for folder in folders:
        for file in sorted(folder.iterdir(), key=lambda item: item.name):
            if file.name.endswith(".yaml"):
                path = Path(str(file))
                told = path.stat()
                yield path, told.st_mtime_ns, told.st_size


@lru_cache(maxsize=4)
def _read(files: tuple[tuple[Path, int, int], ...]) -> Catalogue:
    return Catalogue(read_definition(path) for path, _, _ in files)
