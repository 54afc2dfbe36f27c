"""Computed figures, kept for pages that need them at once.

What lies in the folder can be thrown away at any time: it is computed again when it is asked for.
The name of a file holds the definition and the state of the public zone it was computed from, so an
outdated file is never read.
"""

import datetime as dt
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.indicators._catalogue import Catalogue, catalogue
from ckanext.sozialdaten.indicators._model import Indicator
from ckanext.sozialdaten.lake import Lake, LakeSettings, Zone

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
    """

    def __init__(
        self, lake: Lake, folder: Path, register: Register, known: Catalogue | None = None
    ) -> None:
        self.lake = lake
        self.register = register
        self._folder = folder
        self._known = known
        self._seen: tuple[float, Catalogue] | None = None
        self._tables: dict[str, tuple[str, pa.Table]] = {}
        ordered = sorted(repr(region) for region in register)
        self._regions = hashlib.sha256("\n".join(ordered).encode()).hexdigest()

    @classmethod
    def from_environment(cls) -> "Figures":
        """The figures of this installation, the same object for the whole process.

        The folder is ``SOZIALDATEN_FIGURES``, else ``cache/figures`` of ``SOZIALDATEN_HOME``, else
        one of this user in the folder for temporary files.

        Raises:
            SettingsError: the environment names no public zone.
        """
        names = ("SOZIALDATEN_FIGURES", "SOZIALDATEN_HOME", "SOZIALDATEN_REGIONS")
        zone = ("SOZIALDATEN_LAKE_PUBLIC", "SOZIALDATEN_LAKE_PUBLIC_CATALOG")
        return _of_process(tuple(os.environ.get(name, "") for name in (*names, *zone)))

    @property
    def catalogue(self) -> Catalogue:
        """The indicators; a file that was edited counts after some seconds."""
        if self._known is not None:
            return self._known
        now = time.monotonic()
        if self._seen is None or now - self._seen[0] > _FRESH_SECONDS:
            self._seen = (now, catalogue())
        return self._seen[1]

    def token(self) -> str:
        """A text that changes with what the public zone shows; a key for caches of pages."""
        return self.lake.token(Zone.PUBLIC)

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
            return figures(indicator, Reader(self.lake, as_of, self.register), known, self.register)
        token = self.token()
        key = self._key(indicator, known, token)
        held = self._tables.get(indicator_id)
        if held and held[0] == key:
            return held[1]
        path = self._folder / token / f"{indicator_id}-{key}.arrow"
        if not path.is_file():
            _write(
                path,
                figures(indicator, Reader(self.lake, None, self.register), known, self.register),
            )
            self._forget_others(token)
        table = _read(path)
        self._tables[indicator_id] = (key, table)
        return table

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
        """Compute whatever is missing for the present state, each input read once.

        Returns:
            How many indicators were computed.
        """
        from ckanext.sozialdaten.indicators._compute import figures
        from ckanext.sozialdaten.indicators._terms import Reader

        known, token, reader, count = (
            self.catalogue,
            self.token(),
            Reader(self.lake, None, self.register),
            0,
        )
        for indicator in known.values():
            key = self._key(indicator, known, token)
            path = self._folder / token / f"{indicator.id}-{key}.arrow"
            if not path.is_file():
                _write(path, figures(indicator, reader, known, self.register))
                count += 1
        self._forget_others(token)
        return count

    def _key(self, indicator: Indicator, known: Catalogue, token: str) -> str:
        parts = [_VERSION, token, self._regions, repr(indicator)]
        parts += [repr(known[key]) for key in _all_references(indicator, known)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def _forget_others(self, token: str) -> None:
        """Remove what older states left, once nobody can still be writing it."""
        before = time.time() - _KEPT_SECONDS
        for folder in self._folder.iterdir():
            with suppress(FileNotFoundError):
                if folder.name != token and folder.stat().st_mtime < before:
                    shutil.rmtree(folder, ignore_errors=True)


def _all_references(indicator: Indicator, known: Catalogue) -> list[str]:
    found: list[str] = []
    for key in indicator.references:
        found += [key, *_all_references(known[key], known)]
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


def _read(path: Path) -> "pa.Table":
    import pyarrow as pa

    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


@lru_cache(maxsize=2)
def _of_process(environment: tuple[str, ...]) -> Figures:
    folder, home, *_ = environment
    if folder:
        place = Path(folder)
    elif home:
        place = Path(home) / "cache" / "figures"
    else:
        place = Path(tempfile.gettempdir()) / f"sozialdaten-figures-{os.getuid()}"
    return Figures(Lake.open(LakeSettings.from_environment()), place, Register.default())
