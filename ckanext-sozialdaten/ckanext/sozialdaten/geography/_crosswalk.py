"""Territorial changes: which part of each old region went into which new one.

A step leads from one territorial state (Gebietsstand) to another; steps are chained. A file
``crosswalk_<level>_<from>_<to>.csv`` lists all regions, ``changes_…`` only changed ones. Weights
come from official lists: BBSR, Umsteigeschlüssel für konsistente Zeitreihen; Destatis, Namens- und
Gebietsänderungen der Gemeinden.
"""

import csv
import datetime as dt
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._keys import Level
from ckanext.sozialdaten.geography.errors import NoWay, RegisterError
from ckanext.sozialdaten.messages import Message

__all__ = ["Crosswalk", "Share", "Territories", "Weight", "state_day"]

_FILE = re.compile(r"(crosswalk|changes)_([a-z]+)_(\d{4}-\d{2}-\d{2})_(\d{4}-\d{2}-\d{2})\.csv")
_YEAR = re.compile(r"\d{4}")
_CLOSE = 1e-9
_SLACK = 0.01


class Weight(StrEnum):
    """By what a split region's figure is divided."""

    POPULATION = "population"
    AREA = "area"
    EMPLOYMENT = "employment"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of an old region, between 0 and 1, that lies in a new one."""

    new: str
    weight: float


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """The way from one territorial state to a later one.

    Args:
        level: level of the regions.
        start: territorial state that figures are in.
        end: territorial state that they are brought to.
        shares: parts of each old region; they add up to 1.
        complete: whether every region of ``start`` is listed. Else an unlisted one stays as it is.
    """

    level: Level
    start: dt.date
    end: dt.date
    shares: Mapping[str, tuple[Share, ...]]
    complete: bool

    def of(self, key: str) -> tuple[Share, ...]:
        """The parts of a region; none if it did not exist in ``start``."""
        if self.complete:
            return self.shares.get(key, ())
        return self.shares.get(key, (Share(key, 1.0),))

    def sources(self) -> dict[str, tuple[str, ...]]:
        """The listed old regions of which each new one has a part."""
        found: dict[str, list[str]] = {}
        for old, shares in self.shares.items():
            for share in shares:
                found.setdefault(share.new, []).append(old)
        return {new: tuple(sorted(olds)) for new, olds in found.items()}

    def then(self, later: "Crosswalk") -> "Crosswalk":
        """This way and the next one: parts are multiplied, and added where they meet again."""
        shares: dict[str, tuple[Share, ...]] = {}
        olds = set(self.shares)
        if not self.complete:
            # a region that the first step brought forth and does not list was not there before
            olds |= later.shares.keys() - {s.new for parts in self.shares.values() for s in parts}
        for old in olds:
            parts: dict[str, float] = {}
            for share in self.of(old):
                for further in later.of(share.new):
                    weight = share.weight * further.weight
                    parts[further.new] = parts.get(further.new, 0.0) + weight
            shares[old] = tuple(Share(new, _whole(weight)) for new, weight in sorted(parts.items()))
        return Crosswalk(self.level, self.start, later.end, shares, self.complete)


def _whole(weight: float) -> float:
    return 1.0 if abs(weight - 1) < _CLOSE else weight


def state_day(text: str) -> dt.date:
    """A territorial state: a day, or a year for its 31 December.

    >>> state_day("2019")
    datetime.date(2019, 12, 31)

    Raises:
        NoWay: neither.
    """
    try:
        return dt.date(int(text), 12, 31) if _YEAR.fullmatch(text) else dt.date.fromisoformat(text)
    except ValueError:
        raise NoWay(
            Message("“{text}” is no territorial state.", {"text": text}),
            Message("Give a year, or a day as YYYY-MM-DD."),
        ) from None


@dataclass(frozen=True, slots=True)
class _Step:
    level: Level
    start: dt.date
    end: dt.date
    complete: bool
    source: Traversable


class Territories:
    """The territorial changes of some register folders.

    Args:
        folders: register folders; lists of the same step are joined, a later folder's rows of a
            region override those of an earlier one.
    """

    def __init__(self, folders: Iterable[Traversable]) -> None:
        self._steps: dict[tuple[Level, dt.date, dt.date], list[_Step]] = {}
        for step in (step for folder in folders for step in _steps(folder)):
            self._steps.setdefault((step.level, step.start, step.end), []).append(step)
        self._read: dict[tuple[Level, dt.date, dt.date, Weight], Crosswalk] = {}

    @classmethod
    def default(cls) -> "Territories":
        """Those of the project and of the folders that ``SOZIALDATEN_REGIONS`` names."""
        return _default(os.environ.get("SOZIALDATEN_REGIONS", ""))

    def states(self, level: Level) -> tuple[dt.date, ...]:
        """The territorial states of a level that some step begins or ends with."""
        days = {d for own, start, end in self._steps if own is level for d in (start, end)}
        return tuple(sorted(days))

    def crosswalk(
        self, level: Level, start: dt.date, end: dt.date, weight: Weight = Weight.POPULATION
    ) -> Crosswalk:
        """The way from one territorial state to another by the fewest steps.

        Bund and Länder have not changed since 1990 and need no list.

        Raises:
            NoWay: no list leads there, or one on the way lacks the weight.
            RegisterError: a list cannot be read.
        """
        if start == end or level in (Level.BUND, Level.LAND):
            return Crosswalk(level, start, end, {}, complete=False)
        path = self._path(level, start, end)
        whole = self._crosswalk(level, *path[0], weight)
        for days in path[1:]:
            whole = whole.then(self._crosswalk(level, *days, weight))
        return whole

    def _path(self, level: Level, start: dt.date, end: dt.date) -> list[tuple[dt.date, dt.date]]:
        ways: deque[tuple[dt.date, list[tuple[dt.date, dt.date]]]] = deque([(start, [])])
        seen = {start}
        while ways:
            day, path = ways.popleft()
            if day == end:
                return path
            for own, begin, finish in sorted(self._steps):
                if own is level and begin == day and finish not in seen:
                    seen.add(finish)
                    ways.append((finish, [*path, (begin, finish)]))
        days = [day.isoformat() for day in self.states(level)] or ["–"]
        known = ", ".join(days if len(days) < 6 else [*days[:2], "…", *days[-2:]])
        raise NoWay(
            Message(
                "No list of changes leads from the state {start} to {end} for level {level}.",
                {"start": start.isoformat(), "end": end.isoformat(), "level": level},
            ),
            Message(
                "Lists lead forward only. Known states: {states}. Import further lists with "
                "“sozialdaten region import”.",
                {"states": known},
            ),
        )

    def _crosswalk(self, level: Level, start: dt.date, end: dt.date, weight: Weight) -> Crosswalk:
        asked = (level, start, end, weight)
        if asked not in self._read:
            steps = self._steps[level, start, end]
            shares: dict[str, tuple[Share, ...]] = {}
            for step in steps:
                shares |= _shares(step, weight)
            complete = any(step.complete for step in steps)
            self._read[asked] = Crosswalk(level, start, end, shares, complete)
        return self._read[asked]


def _steps(folder: Traversable) -> Iterator[_Step]:
    for source in folder.iterdir():
        match = _FILE.fullmatch(source.name)
        if match and match[2] in list(Level):
            start, end = dt.date.fromisoformat(match[3]), dt.date.fromisoformat(match[4])
            yield _Step(Level(match[2]), start, end, match[1] == "crosswalk", source)


def _shares(step: _Step, weight: Weight) -> dict[str, tuple[Share, ...]]:
    parts: dict[str, list[Share]] = {}
    reader = csv.DictReader(step.source.read_text(encoding="utf-8-sig").splitlines())
    for number, row in enumerate(reader, 2):
        place = Place(step.source.name, row=number, column=weight)
        old, new, text = row.get("old"), row.get("new"), row.get(weight)
        if not old or not new:
            raise RegisterError(
                Message("The list of changes lacks a key."),
                Message("Columns: {columns}.", {"columns": ", ".join(("old", "new", *Weight))}),
                place,
            )
        if not text:
            raise NoWay(
                Message("The list has no weights by {weight}.", {"weight": weight}),
                Message("Choose another weight; population is always there."),
                place,
            )
        share = Share(new, _weight(text, place))
        parts.setdefault(old, []).append(share)
    return {old: _normalised(old, found, step) for old, found in parts.items()}


def _weight(text: str, place: Place) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 <= weight <= 1 + _SLACK:
        raise RegisterError(
            Message("A weight is a number from 0 to 1."), Message("Import the list again."), place
        )
    return weight


def _normalised(old: str, shares: list[Share], step: _Step) -> tuple[Share, ...]:
    """Parts that add up to 1: printed weights are rounded, and totals must not change by that."""
    total = sum(share.weight for share in shares)
    if abs(total - 1) > _SLACK:
        raise RegisterError(
            Message(
                "The weights of {key} add up to {total}, not to 1.",
                {"key": old, "total": f"{total:.4f}"},
            ),
            Message("Check the list, or fetch it again."),
            Place(step.source.name),
        )
    return tuple(
        Share(share.new, _whole(share.weight / total)) for share in shares if share.weight > 0
    )


@lru_cache(maxsize=4)
def _default(folders: str) -> Territories:
    own = resources.files("ckanext.sozialdaten.schemas.geography")
    return Territories([own, *(Path(folder) for folder in folders.split(os.pathsep) if folder)])
