"""All indicators that this installation knows."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.indicators._definitions import read_definition, read_text
from ckanext.sozialdaten.indicators._model import Indicator
from ckanext.sozialdaten.indicators.errors import DefinitionError, UnknownIndicatorError
from ckanext.sozialdaten.messages import Message

__all__ = ["Catalogue", "LeftOut", "catalogue"]

_FOLDERS = "SOZIALDATEN_INDICATORS"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A definition that cannot be computed now.

    Args:
        id: its id, or the folder that is not there.
        error: why; names the file, the key and the way out.
    """

    id: str
    error: DefinitionError


class Catalogue(Mapping[str, Indicator]):
    """Indicators by id, ordered by theme and name.

    Args:
        indicators: the definitions; each was checked against its layouts.
        left_out: what should be here and cannot; see `catalogue`.

    Raises:
        DefinitionError: two definitions have the same id, one refers to an unknown indicator, or
            some refer to each other in a circle.
    """

    def __init__(self, indicators: Iterable[Indicator], left_out: Iterable[LeftOut] = ()) -> None:
        ordered = sorted(indicators, key=lambda item: (item.theme, item.id))
        self.left_out = tuple(left_out)
        self._known: dict[str, Indicator] = {}
        for item in ordered:
            if item.id in self._known:
                raise _twice(item)
            self._known[item.id] = item
        for item in ordered:
            if (error := _circle(item, self._known)) is not None:
                raise error

    @cached_property
    def token(self) -> str:
        """A text that changes with any definition."""
        texts = "\n".join(map(repr, self._known.values()))
        return hashlib.sha256(texts.encode()).hexdigest()[:32]

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


def catalogue(
    folders: Iterable[Path] | None = None, own: Mapping[str, str] = MappingProxyType({})
) -> Catalogue:
    """The indicators that come with the project, those of ``SOZIALDATEN_INDICATORS`` and ``own``.

    A definition that cannot be computed is left out with those that refer to it, and the catalogue
    tells which and why: one broken file must not take the figures of all others away. Of two with
    the same id that of the project counts, then that of a folder.

    Args:
        folders: read these folders alone, for a catalogue of one's own.
        own: further definitions as texts, by id.

    Raises:
        DefinitionError: a definition in one of ``folders`` cannot be computed.
    """
    if folders is not None:
        return Catalogue(read_definition(path) for path, *_ in _files(folders))
    shipped = resources.files("ckanext.sozialdaten.schemas.indicators")
    more = [Path(folder) for folder in os.environ.get(_FOLDERS, "").split(os.pathsep) if folder]
    here = tuple(folder for folder in more if folder.is_dir())
    absent = tuple(str(folder) for folder in more if folder not in here)
    return _good(tuple(_files((shipped, *here))), absent, tuple(sorted(own.items())))


def _files(folders: Iterable[Traversable]) -> Iterator[tuple[Path, int, int]]:
    """Every definition with what changes when it is edited."""
    for folder in folders:
        for file in sorted(folder.iterdir(), key=lambda item: item.name):
            if file.name.endswith(".yaml"):
                path = Path(str(file))
                told = path.stat()
                yield path, told.st_mtime_ns, told.st_size


@lru_cache(maxsize=4)
def _good(
    files: tuple[tuple[Path, int, int], ...],
    absent: tuple[str, ...],
    own: tuple[tuple[str, str], ...],
) -> Catalogue:
    """Whatever can be computed, and why the rest cannot."""
    out = [LeftOut(folder, _no_folder(folder)) for folder in absent]
    good: dict[str, Indicator] = {}
    for read in (*_of_files(files), *map(_of_text, own)):
        if isinstance(read, LeftOut):
            out.append(read)
        elif read.id in good:
            out.append(LeftOut(read.id, _twice(read)))
        else:
            good[read.id] = read
    while broken := [
        (item, error) for item in good.values() if (error := _circle(item, good)) is not None
    ]:
        for item, error in broken:
            out.append(LeftOut(item.id, error))
            del good[item.id]
    return Catalogue(good.values(), out)


@lru_cache(maxsize=2)
def _of_files(files: tuple[tuple[Path, int, int], ...]) -> tuple[Indicator | LeftOut, ...]:
    found: list[Indicator | LeftOut] = []
    for path, _, _ in files:
        try:
            found.append(read_definition(path))
        except DefinitionError as error:
            found.append(LeftOut(path.stem, error))
    return tuple(found)


@lru_cache(maxsize=512)
def _of_text(named: tuple[str, str]) -> Indicator | LeftOut:
    key, text = named
    try:
        return read_text(text, f"{key}.yaml")
    except DefinitionError as error:
        return LeftOut(key, error)


def _circle(
    item: Indicator, known: Mapping[str, Indicator], path: tuple[str, ...] = ()
) -> DefinitionError | None:
    """Why the references of an indicator lead nowhere; None where all are known."""
    path = path or (item.id,)
    for key in item.references:
        if key not in known:
            return DefinitionError(
                Message(
                    "The formula of {id} refers to the unknown indicator {other}.",
                    {"id": item.id, "other": key},
                ),
                Message("“sozialdaten indicator list” shows all."),
                Place(file=item.file),
            )
        if key in path:
            return DefinitionError(
                Message(
                    "Indicators refer to each other in a circle: {path}.",
                    {"path": " → ".join((*path, key))},
                ),
                Message("Let one of them start from columns of a layout."),
                Place(file=item.file),
            )
        if (error := _circle(known[key], known, (*path, key))) is not None:
            return error
    return None


def _twice(item: Indicator) -> DefinitionError:
    return DefinitionError(
        Message("The indicator {id} is defined twice.", {"id": item.id}),
        Message("Give one of them another id."),
        Place(file=item.file),
    )


def _no_folder(folder: str) -> DefinitionError:
    return DefinitionError(
        Message("There is no folder {folder} of indicators.", {"folder": folder}),
        Message("Create it, or take it out of SOZIALDATEN_INDICATORS."),
    )
