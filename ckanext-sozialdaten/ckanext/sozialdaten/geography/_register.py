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
from ckanext.sozialdaten.geography._files import (
    BoundaryFile,
    Feature,
    FeatureCollection,
    Geometry,
    Region,
    boundary_files,
    read_features,
    read_regions,
)
from ckanext.sozialdaten.geography._keys import Level, candidates
from ckanext.sozialdaten.geography.errors import (
    GeographyError,
    RegisterError,
    UnknownRegion,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["Register"]

_REGISTER = "regions.csv"
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


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
            states.sort(key=lambda state: state.valid_from or dt.date.min)
        self._by_ars = {state.ars: state.ags for all_ in self._states.values() for state in all_}
        self._children: dict[str, list[str]] = {}
        for ags, states in self._states.items():
            if states[-1].parent:
                self._children.setdefault(states[-1].parent, []).append(ags)
        self._files = list(boundaries)
        self._features: dict[tuple[BoundaryFile, ...], dict[str, Feature]] = {}

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
        return cls((state for states in regions.values() for state in states), files)

    def __contains__(self, key: object) -> bool:
        try:
            self.normalise(key)
        except GeographyError:
            return False
        return True

    def __iter__(self) -> Iterator[Region]:
        """The latest state of every region, ordered by key."""
        return (self._states[ags][-1] for ags in sorted(self._states))

    def __len__(self) -> int:
        return len(self._states)

    def normalise(self, key: object, level: Level | None = None) -> str:
        """The canonical key of a region: ``DG``, or an AGS as text.

        Args:
            key: an AGS of 2, 3, 5 or 8 digits, also padded with zeros, or an ARS of 12.
            level: the level that the column declares. Then a lost leading zero is put back, if the
                result exists; a key of another level is an error.

        Raises:
            BadRegionKey: no key at all; the hint says what probably happened to it.
            UnknownRegion: well formed, but no region has this key.
        """
        text = "".join(key.split()) if isinstance(key, str) else key
        known = self._by_ars.get(text) if isinstance(text, str) else None
        if known and (level is None or self._states[known][-1].level is level):
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

    def children(self, key: object, level: Level | None = None) -> tuple[str, ...]:
        """The keys of the regions inside: direct ones, or all of ``level`` at any depth."""
        ags = self.normalise(key)
        direct = sorted(self._children.get(ags, ()))
        if level is None:
            return tuple(direct)
        found: list[str] = []
        for child in direct:
            if self._states[child][-1].level is level:
                found.append(child)
            else:
                found += self.children(child, level)
        return tuple(found)

    def search(self, text: str, limit: int = 20) -> tuple[Region, ...]:
        """Regions by part of their name or by the head of their key, best match first."""
        wanted = fold(text)
        if not wanted:
            return ()
        ranked = [
            (rank, region.level.rank, region.ags, region)
            for region in self
            if (rank := _match(region, wanted)) is not None
        ]
        return tuple(item[-1] for item in sorted(ranked, key=lambda item: item[:3])[:limit])

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
        known = self._level_features(level, year)
        if within is None:
            features = list(known.values())
        else:
            region = self.get(within)
            inside = {region.ags} if region.level is level else self.children(region.ags, level)
            features = [known[ags] for ags in sorted(inside) if ags in known]
        result = FeatureCollection(type="FeatureCollection", features=features)
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
        own = self._level_features(self._states[ags][-1].level, None).get(ags)
        if own:
            return [own]
        return [shape for child in self._children.get(ags, ()) for shape in self._shapes(child)]

    def _level_features(self, level: Level, year: int | None) -> dict[str, Feature]:
        """Each folder gives its own best year: one county's newer file hides no other county."""
        folders = {file.folder: list[BoundaryFile]() for file in self._files}
        for file in self._files:
            if file.level is level:
                folders[file.folder].append(file)
        chosen = tuple(_of_year(files, year) for files in folders.values() if files)
        if chosen not in self._features:
            self._features[chosen] = {
                feature["id"]: feature for file in chosen for feature in read_features(file.source)
            }
        return self._features[chosen]


def _of_year(files: list[BoundaryFile], year: int | None) -> BoundaryFile:
    """The latest file not after ``year``, else the earliest."""
    ordered = sorted(files, key=lambda file: file.year)
    past = [file for file in ordered if year is None or file.year <= year]
    return past[-1] if past else ordered[0]


def fold(text: str) -> str:
    """Text without case and with umlauts spelled out, as search compares it.

    >>> fold("Groß Nordende") == fold("GROSS  NORDENDE")
    True
    """
    return " ".join(text.casefold().translate(_FOLDS).split())


def _match(region: Region, wanted: str) -> int | None:
    """0 for the same name, 1 where it starts so, 2 where it is inside; None for no match."""
    names = [fold(name) for name in (region.name, *region.aliases)]
    if wanted in (region.ags.casefold(), region.ars) or wanted in names:
        return 0
    if region.ags.startswith(wanted) or any(name.startswith(wanted) for name in names):
        return 1
    return 2 if any(wanted in name for name in names) else None


def _join(boxes: list[list[float]]) -> list[float]:
    west, south, east, north = zip(*boxes, strict=True)
    return [min(west), min(south), max(east), max(north)]


def _register_file(folder: Traversable) -> Traversable:
    source = folder / _REGISTER
    if not source.is_file():
        raise RegisterError(
            Message("There is no {file} in this folder.", {"file": _REGISTER}),
            Message(
                "SOZIALDATEN_REGIONS names folders with {file} and boundaries.", {"file": _REGISTER}
            ),
            Place(file=folder.name),
        )
    return source


def _check_parent(state: Region, regions: dict[str, list[Region]]) -> None:
    if state.parent and state.parent not in regions:
        raise RegisterError(
            Message(
                "The region {key} lies in {parent}, which no register knows.",
                {"key": state.ags, "parent": state.parent},
            ),
            Message("Add a row for the region above."),
        )
    if state.parent and regions[state.parent][-1].level.rank >= state.level.rank:
        raise RegisterError(
            Message(
                "The region {key} cannot lie in {parent}, which is not above its level.",
                {"key": state.ags, "parent": state.parent},
            )
        )


@lru_cache(maxsize=4)
def _default(folders: str) -> Register:
    own = resources.files("ckanext.sozialdaten.schemas.geography")
    more = [Path(folder) for folder in folders.split(os.pathsep) if folder]
    return Register.load([own, *more])
