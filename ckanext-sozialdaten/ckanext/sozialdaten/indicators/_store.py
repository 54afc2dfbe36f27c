"""Computed figures, kept for pages that need them at once.

What lies in the folder can be thrown away at any time: it is computed again when it is asked for.
The name of a file holds the definition and the state of the public zone it was computed from, so an
outdated file is never read.
"""

import datetime as dt
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.indicators._catalogue import Catalogue, catalogue
from ckanext.sozialdaten.indicators._model import Indicator
from ckanext.sozialdaten.lake import Lake, LakeSettings, Layouted, Zone

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Figures"]

_VERSION = "1"
"""Counted up when the same definition and the same lake give other figures than before."""
_KEPT_SECONDS = 3600.0
_FRESH_SECONDS = 5.0


class Figures:
    """The figures of all indicators, computed once for each state of the public zone.

    Args:
        lake: one for the process: it keeps what it knows of the state.
        folder: where computed tables are kept; other processes may share it.
        register: the regions.
        known: the indicators; default: those of this installation, read again when a file changes.
        own: further definitions as texts, by id; asked each time, so that one that is taken back is
            gone at once.
    """

    def __init__(
        self,
        lake: Lake,
        folder: Path,
        register: Register,
        known: Catalogue | None = None,
        own: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.lake = lake
        self.register = register
        self._folder = folder
        self._known = known
        self._own = own
        self._seen: tuple[float, Mapping[str, str], Catalogue] | None = None
        self._tables: dict[str, tuple[Path, pa.Table]] = {}
        ordered = sorted(repr(region) for region in register)
        self._regions = hashlib.sha256("\n".join(ordered).encode()).hexdigest()

    @classmethod
    def from_environment(
        cls,
        withdrawn: Callable[[], frozenset[str]] = frozenset,
        own: Callable[[], Mapping[str, str]] = dict,
    ) -> "Figures":
        """The figures of this installation, the same object for the whole process.

        ``withdrawn`` is that of `Lake`: pages give it, so that nobody waits for an erasure. ``own``
        gives further definitions, as the database of a portal has them.
        The folder is ``SOZIALDATEN_FIGURES``, else ``cache/figures`` of ``SOZIALDATEN_HOME``, else
        one of this user in the folder for temporary files.

        Raises:
            SettingsError: the environment names no public zone.
        """
        names = ("SOZIALDATEN_FIGURES", "SOZIALDATEN_HOME", "SOZIALDATEN_REGIONS")
        zone = ("SOZIALDATEN_LAKE_PUBLIC", "SOZIALDATEN_LAKE_PUBLIC_CATALOG")
        told = tuple(os.environ.get(name, "") for name in (*names, *zone))
        return _of_process(told, withdrawn, own)

    @property
    def catalogue(self) -> Catalogue:
        """The indicators; a file that was edited counts after some seconds, an own text at once."""
        if self._known is not None:
            return self._known
        now, own = time.monotonic(), self._own()
        if self._seen is None or now - self._seen[0] > _FRESH_SECONDS or own != self._seen[1]:
            self._seen = (now, own, catalogue(own=own))
        return self._seen[2]

    def token(self) -> str:
        """A text that changes with public zone and definitions; a key for caches of pages."""
        return f"{self.lake.token(Zone.PUBLIC)} {self.catalogue.token}"

    def of(self, indicator_id: str, as_of: dt.datetime | dt.date | None = None) -> "pa.Table":
        """All figures of an indicator, see `compute`; quick unless a past state is asked for.

        Raises:
            UnknownIndicatorError: no definition has this id.
        """
        from ckanext.sozialdaten.indicators._compute import figures
        from ckanext.sozialdaten.indicators._terms import Reader

        known = self.catalogue
        indicator = known[indicator_id]
        if as_of is not None:
            reader = Reader(self.lake, as_of, self.register)
            return figures(indicator, reader, known, self.register)
        path = self._path(indicator, known, self.lake.layouts(Zone.PUBLIC))
        held = self._tables.get(indicator_id)
        if held and held[0] == path:
            return held[1]
        table = _read(path)
        if table is None:
            reader = Reader(self.lake, None, self.register)
            table = figures(indicator, reader, known, self.register)
            self._put(path, table)
        self._tables[indicator_id] = (path, table)
        return table

    def ready(self, indicator_id: str) -> bool:
        """Whether `of` answers without computing."""
        return indicator_id in self.all_ready([indicator_id])

    def all_ready(self, ids: Iterable[str] | None = None) -> tuple[str, ...]:
        """The indicators for which `of` answers without computing; the lake is asked once.

        Args:
            ids: of these; default: of all.

        Raises:
            UnknownIndicatorError: no definition has one of the ids.
        """
        known, layouts = self.catalogue, self.lake.layouts(Zone.PUBLIC)
        wanted = known if ids is None else ids
        return tuple(key for key in wanted if self._path(known[key], known, layouts).is_file())

    def select(
        self,
        indicator_id: str,
        regions: Iterable[str] | None = None,
        start: dt.date | None = None,
        end: dt.date | None = None,
        as_of: dt.datetime | dt.date | None = None,
    ) -> "pa.Table":
        """Some figures: those of some regions, in periods that end in a span of days."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = self.of(indicator_id, as_of)
        conditions: list[Any] = []
        if regions is not None:
            conditions.append(pc.field("region").isin(list(regions)))
        if start is not None:
            conditions.append(pc.field("period_end") >= pa.scalar(start, pa.date32()))
        if end is not None:
            conditions.append(pc.field("period_end") <= pa.scalar(end, pa.date32()))
        for condition in conditions:
            table = table.filter(condition)
        return table

    def build(self) -> int:
        """Compute whatever has data and is not ready, and remove what no longer holds.

        Each input is read once. Figures of withdrawn releases are gone from the folder afterwards.

        Returns:
            How many indicators were computed.
        """
        from ckanext.sozialdaten.indicators._compute import figures
        from ckanext.sozialdaten.indicators._terms import Reader

        known, layouts, count = self.catalogue, self.lake.layouts(Zone.PUBLIC), 0
        reader = Reader(self.lake, None, self.register)
        paths = {item.id: self._path(item, known, layouts) for item in known.values()}
        for other in set(self._folder.glob("*.arrow")) - set(paths.values()):
            other.unlink(missing_ok=True)
        for indicator in known.values():
            path = paths[indicator.id]
            needed = _layouts(indicator, known)
            if needed & set(layouts) and not path.is_file():
                self._put(path, figures(indicator, reader, known, self.register))
                count += 1
        return count

    def _path(
        self, indicator: Indicator, known: Catalogue, layouts: Mapping[str, Layouted]
    ) -> Path:
        """Where the figures lie; the name holds everything that they depend on."""
        definitions = [indicator, *_all_references(indicator, known)]
        needed = sorted(_layouts(indicator, known))
        states = [layouts[name].state if name in layouts else "" for name in needed]
        parts = [_VERSION, self._regions, *states, *map(repr, definitions)]
        digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
        return self._folder / f"{indicator.id}-{digest}.arrow"

    def _put(self, path: Path, table: "pa.Table") -> None:
        """Write a table, and remove older ones of the indicator once nobody can be opening them."""
        _write(path, table)
        before = time.time() - _KEPT_SECONDS
        for other in self._folder.glob(f"{path.name.rsplit('-', 1)[0]}-*.arrow"):
            with suppress(FileNotFoundError):
                if other != path and other.stat().st_mtime < before:
                    other.unlink()


def _layouts(indicator: Indicator, known: Catalogue) -> set[str]:
    found = set(indicator.layouts)
    for other in _all_references(indicator, known):
        found.update(other.layouts)
    return found


def _all_references(indicator: Indicator, known: Catalogue) -> list[Indicator]:
    found: list[Indicator] = []
    for key in indicator.references:
        found += [known[key], *_all_references(known[key], known)]
    return found


def _write(path: Path, table: "pa.Table") -> None:
    """Nobody ever reads a file that is half written."""
    import pyarrow as pa

    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as stream:
        part = Path(stream.name)
    with pa.OSFile(str(part), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    part.replace(path)


def _read(path: Path) -> "pa.Table | None":
    """The table, mapped into memory; None where it was never computed or has just been removed."""
    import pyarrow as pa

    try:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).read_all()
    except FileNotFoundError:
        return None


@lru_cache(maxsize=2)
def _of_process(
    environment: tuple[str, ...],
    withdrawn: Callable[[], frozenset[str]],
    own: Callable[[], Mapping[str, str]],
) -> Figures:
    folder, home, *_ = environment
    if folder:
        place = Path(folder)
    elif home:
        place = Path(home) / "cache" / "figures"
    else:
        place = Path(tempfile.gettempdir()) / f"sozialdaten-figures-{os.getuid()}"
    settings = LakeSettings.from_environment()
    settings.of(Zone.PUBLIC)  # says at once where there is none
    return Figures(Lake.open(settings, withdrawn), place, Register.default(), own=own)
