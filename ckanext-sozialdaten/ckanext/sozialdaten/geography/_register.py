"""The register of regions: which exist, how they are called, which lies in which, and where."""

import datetime as dt
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._boundaries import Boundaries
from ckanext.sozialdaten.geography._features import (
    BoundaryFile,
    Feature,
    FeatureCollection,
    Geometry,
    boundary_files,
)
from ckanext.sozialdaten.geography._files import REGISTER, Region, read_regions
from ckanext.sozialdaten.geography._keys import GERMANY, Level, candidates
from ckanext.sozialdaten.geography._search import Index
from ckanext.sozialdaten.geography.errors import (
    GeographyError,
    RegisterError,
    UnknownRegion,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["Register"]

_DAYS = 16
_VERBAENDE = "Verbände"


class Register:
    """All regions that this installation knows.

    Args:
        regions: their states; several states of one region differ in validity.
        boundaries: files with their boundaries, read when first asked for.
    """

    def __init__(self, regions: Iterable[Region], boundaries: Iterable[BoundaryFile] = ()) -> None:
        self._states: dict[str, list[Region]] = {}
        for region in regions:
            self._states.setdefault(region.ags, []).append(region)
        for states in self._states.values():
            if len(states) > 1:
                states.sort(key=lambda state: state.valid_from or dt.date.min)
        self._by_ars = {
            state.ars: state.ags for all_ in self._states.values() for state in all_ if state.ars
        }
        # Gemeinden carry the code of their Kreis in some lists: the largest region is meant
        self._by_nuts = {
            state.nuts: state.ags
            for all_ in sorted(self._states.values(), key=lambda all_: -all_[-1].level.rank)
            for state in all_
            if state.nuts
        }
        self._children: dict[dt.date | None, dict[str, list[str]]] = {}
        self._boundaries = Boundaries(boundaries)
        self._index: Index | None = None

    @classmethod
    def default(cls) -> "Register":
        """The register that comes with the project, with the folders of ``SOZIALDATEN_REGIONS``.

        Raises:
            RegisterError: a folder or a file in it is not as the README of the room describes.
        """
        return _default(os.environ.get("SOZIALDATEN_REGIONS", ""))

    @classmethod
    def load(cls, folders: Iterable[Traversable]) -> "Register":
        """The register of some folders; a later folder overrides regions of an earlier one.

        Raises:
            RegisterError: see `default`.
        """
        regions: dict[str, list[Region]] = {}
        files: list[BoundaryFile] = []
        for folder in folders:
            own: dict[str, list[Region]] = {}
            for region in read_regions(_register_file(folder)):
                own.setdefault(region.ags, []).append(region)
            regions |= own
            files += boundary_files(folder)
        for states in regions.values():
            for state in states:
                _check_parent(state, regions)
        _check_small_areas(regions)
        return cls((state for states in regions.values() for state in states), files)

    def __contains__(self, key: object) -> bool:
        try:
            self.normalise(key)
        except GeographyError:
            return False
        return True

    def __iter__(self) -> Iterator[Region]:
        """The state of every region that still exists, ordered by key."""
        return (state for state in self.latest() if state.valid_to is None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def latest(self) -> Iterator[Region]:
        """The latest state of every region, former ones included, ordered by key."""
        return (self._states[ags][-1] for ags in sorted(self._states))

    def states(self, key: object) -> tuple[Region, ...]:
        """All states of a region, the oldest first.

        Raises:
            BadRegionKey: no key at all.
            UnknownRegion: no such region.
        """
        return tuple(self._states[self.normalise(key)])

    def normalise(self, key: object, level: Level | None = None) -> str:
        """The canonical key of a region: ``DG``, or an AGS as text.

        Args:
            key: an AGS of 2, 3, 5 or 8 digits, also padded with zeros, an ARS of 12, or a NUTS code
                that the register knows.
            level: the level that the column declares. Then a lost leading zero is put back, if the
                result exists; a key of another level is an error.

        Raises:
            BadRegionKey: no key at all; the hint says what probably happened to it.
            UnknownRegion: well formed, but no region has this key.
        """
        # nearly every key is canonical already, and a page asks for thousands
        if isinstance(key, str) and self._holds(key, level):
            return key
        text = "".join(key.split()) if isinstance(key, str) else key
        known = self._other_key(text) if isinstance(text, str) else None
        if known and self._holds(known, level):
            return known
        for candidate in candidates(key, level):
            if candidate in self._states:
                return candidate
        raise UnknownRegion(
            Message("No region has the key “{key}”.", {"key": str(text)}),
            Message(
                "Check the key. Further regions come from register folders that "
                "SOZIALDATEN_REGIONS names."
            ),
        )

    def _holds(self, ags: str, level: Level | None) -> bool:
        states = self._states.get(ags)
        return states is not None and (level is None or states[-1].level is level)

    def _other_key(self, text: str) -> str | None:
        return self._by_ars.get(text) or self._by_nuts.get(text)

    def get(self, key: object, on: dt.date | None = None) -> Region:
        """The region with ``key``, as it was on the day ``on`` (default: its latest state).

        Raises:
            BadRegionKey: no key at all.
            UnknownRegion: no such region, or not on that day.
        """
        states = self._states[self.normalise(key)]
        if on is None:
            return states[-1]
        for state in states:
            if state.valid_on(on):
                return state
        raise UnknownRegion(
            Message(
                "The region {name} did not exist on {day}.",
                {"name": states[-1].name, "day": on.isoformat()},
            )
        )

    def level(self, key: object) -> Level:
        """The level of a region."""
        return self.get(key).level

    def name(self, key: object) -> str:
        """The official name of a region."""
        return self.get(key).name

    def parent(self, key: object) -> str | None:
        """The key of the region above; None for Germany."""
        return self.get(key).parent

    def ancestors(self, key: object) -> tuple[str, ...]:
        """The keys of all regions above, nearest first."""
        found: list[str] = []
        above = self.parent(key)
        while above:
            found.append(above)
            above = self._states[above][-1].parent
        return tuple(found)

    def children(
        self, key: object, level: Level | None = None, on: dt.date | None = None
    ) -> tuple[str, ...]:
        """The keys of the regions inside: direct ones, or all of ``level`` at any depth.

        The direct ones are parts that do not overlap: of a Kreis its Gemeinden. Its Verbände come
        when that level is asked for.

        Args:
            key: the region above.
            level: at any depth, only regions of this level.
            on: those of that day; default: those that still exist.
        """
        ags = self.normalise(key)
        inside = self._inside(on)
        direct = inside.get(ags, ())
        if level is None:
            return tuple(direct)
        if level is Level.VERBAND:
            head = "" if ags == GERMANY else ags
            return tuple(key for key in inside.get(_VERBAENDE, ()) if key.startswith(head))
        found: list[str] = []
        for child in direct:
            rank = self._states[child][-1].level.rank
            if rank == level.rank:
                found.append(child)
            if rank < level.rank or level is Level.ORTSTEIL:
                found += self.children(child, level, on)
        return tuple(sorted(found))

    def verband(self, key: object, on: dt.date | None = None) -> str | None:
        """The key of the Verband (Amt, Samtgemeinde …) of a Gemeinde; None if it is in none.

        A Verband is no step of the hierarchy, since many Gemeinden have none: the parent of both
        is the Kreis. But `children` of a Verband are its Gemeinden.
        """
        return self._verband(self.get(key, on))

    def _verband(self, state: Region) -> str | None:
        own = state.ars[:9] if state.level is Level.GEMEINDE else ""
        return own if own in self._states else None

    def _inside(self, on: dt.date | None) -> dict[str, list[str]]:
        """The direct children of every region on a day, sorted."""
        if on not in self._children:
            found: dict[str, list[str]] = {}
            for ags, states in sorted(self._states.items()):
                state = next(
                    (s for s in states if (s.valid_to is None if on is None else s.valid_on(on))),
                    None,
                )
                if state and state.parent:
                    verband = state.level is Level.VERBAND
                    found.setdefault(_VERBAENDE if verband else state.parent, []).append(ags)
                if state and (above := self._verband(state)):
                    found.setdefault(above, []).append(ags)
            if len(self._children) >= _DAYS:
                self._children.clear()
            self._children[on] = found
        return self._children[on]

    def search(self, text: str, limit: int = 20) -> tuple[Region, ...]:
        """Regions by part of their name or by the head of their key, best match first.

        Former regions come after those that still exist.
        """
        return self._names().search(text, limit)

    def suggest(self, text: str, limit: int = 3) -> tuple[Region, ...]:
        """Regions that someone may have meant by an unknown key or a misspelt name."""
        return self._names().near(text, limit) or self.search(text, limit)

    def _names(self) -> Index:
        if self._index is None:
            self._index = Index(self.latest())
        return self._index

    def boundaries(
        self, level: Level, within: object | None = None, year: int | None = None
    ) -> FeatureCollection:
        """Boundaries of a level as GeoJSON, optionally only those inside one region.

        Args:
            level: the level whose boundaries are wanted.
            within: key of a region; that region itself counts as inside.
            year: the territorial state; of each register folder the latest file not after it, else
                the earliest there is. Default: the latest.
        """
        region = None if within is None else self.get(within)
        known, attribution = self._boundaries.features(level, year, region.ags if region else "")
        if region is None:
            features = list(known.values())
        else:
            on = dt.date(year, 12, 31) if year else None
            inside = {region.ags} if region.level is level else self.children(region.ags, level, on)
            features = [known[ags] for ags in sorted(inside) if ags in known]
        result = FeatureCollection(type="FeatureCollection", features=features)
        if attribution:
            result["attribution"] = attribution
        if features:
            result["bbox"] = _join([feature["bbox"] for feature in features])
        return result

    def bbox(self, keys: Iterable[object]) -> tuple[float, float, float, float] | None:
        """West, south, east, north of some regions in degrees; None if no boundary is known."""
        boxes = [feature["bbox"] for key in keys for feature in self._shapes(self.normalise(key))]
        return cast("tuple[float, float, float, float]", tuple(_join(boxes))) if boxes else None

    def outline(self, keys: Iterable[object]) -> Geometry | None:
        """One GeoJSON geometry for some regions together; None if no boundary is known."""
        wanted = {self.normalise(key) for key in keys}
        top = [ags for ags in sorted(wanted) if wanted.isdisjoint(self.ancestors(ags))]
        shapes = [feature["geometry"] for ags in top for feature in self._shapes(ags)]
        if len(shapes) <= 1:
            return shapes[0] if shapes else None
        from ckanext.sozialdaten.geography._union import union

        return union(shapes)

    def _shapes(self, ags: str) -> list[Feature]:
        """The region's own boundary, else those of the regions inside it."""
        known, _ = self._boundaries.features(self._states[ags][-1].level, within=ags)
        if ags in known:
            return [known[ags]]
        return [shape for child in self.children(ags) for shape in self._shapes(child)]


def _join(boxes: list[list[float]]) -> list[float]:
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


def _register_file(folder: Traversable) -> Traversable:
    source = folder / REGISTER
    if not source.is_file():
        raise RegisterError(
            Message("There is no {file} in this folder.", {"file": REGISTER}),
            Message(
                "SOZIALDATEN_REGIONS names folders with {file} and boundaries.", {"file": REGISTER}
            ),
            Place(file=folder.name),
        )
    return source


def _check_parent(state: Region, regions: dict[str, list[Region]]) -> None:
    if not state.parent:
        return
    above = regions.get(state.parent)
    if above is None:
        raise RegisterError(
            Message(
                "The region {key} lies in {parent}, which no register knows.",
                {"key": state.ags, "parent": state.parent},
            ),
            Message("Add a row for the region above."),
        )
    if state.level is not Level.ORTSTEIL and above[-1].level.rank >= state.level.rank:
        raise RegisterError(
            Message(
                "The region {key} cannot lie in {parent}, which is not above its level.",
                {"key": state.ags, "parent": state.parent},
            )
        )


def _check_small_areas(regions: dict[str, list[Region]]) -> None:
    """Small areas may lie in one another, but not in a circle."""
    small = [states[-1] for states in regions.values() if states[-1].level is Level.ORTSTEIL]
    for area in small:
        state, seen = area, set[str]()
        while state.level is Level.ORTSTEIL and state.parent:
            seen.add(state.ags)
            if state.parent in seen:
                raise RegisterError(
                    Message(
                        "The region {key} cannot lie in {parent}, which is not above its level.",
                        {"key": state.ags, "parent": state.parent},
                    )
                )
            state = regions[state.parent][-1]


@lru_cache(maxsize=4)
def _default(folders: str) -> Register:
    own = resources.files("ckanext.sozialdaten.schemas.geography")
    more = [Path(folder) for folder in folders.split(os.pathsep) if folder]
    return Register.load([own, *more])
