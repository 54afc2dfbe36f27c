"""A register folder on disk: what is in it, and writing it so that a crash leaves the old file."""

import csv
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.geography._files import (
    OPTIONAL,
    REGISTER,
    REQUIRED,
    Region,
    read_regions,
)
from ckanext.sozialdaten.geography.importing._changes import Part, Step
from ckanext.sozialdaten.geography.importing._records import Size

__all__ = ["Folder", "Origin"]

_ORIGINS = "sources.csv"
_SIZES = "sizes.csv"


@dataclass(frozen=True, slots=True)
class Origin:
    """A file that was taken in.

    Args:
        file: its name.
        digest: SHA-256 of its bytes.
        kind: ``list``, ``small_areas`` with what it covers, ``changes``, ``boundaries``, ``facts``.
        day: territorial state, or empty.
    """

    file: str
    digest: str
    kind: str
    day: str


class Folder:
    """A register folder that is being filled.

    Args:
        path: the folder; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.path = path

    def states(self) -> dict[str, list[Region]]:
        """The regions of the folder, the oldest state first, by key."""
        found: dict[str, list[Region]] = {}
        if (self.path / REGISTER).is_file():
            for region in read_regions(self.path / REGISTER):
                found.setdefault(region.ags, []).append(region)
        for states in found.values():
            states.sort(key=lambda state: state.valid_from or dt.date.min)
        return found

    def write_states(self, states: Mapping[str, Sequence[Region]]) -> None:
        """Replace the regions of the folder."""
        rows = (_row(state) for key in sorted(states) for state in states[key])
        self._write(REGISTER, REQUIRED + OPTIONAL, rows)

    def days(self, kind: str) -> list[dt.date]:
        """Days of the lists of a kind that were taken in, the earliest first."""
        return sorted(
            dt.date.fromisoformat(o.day) for o in self._origins() if o.kind == kind and o.day
        )

    def note(self, source: Path, kind: str, day: dt.date | None = None) -> None:
        """Write down where something came from."""
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        new = Origin(source.name, digest, kind, day.isoformat() if day else "")
        kept = [origin for origin in self._origins() if origin != new]
        rows = ((o.file, o.digest, o.kind, o.day) for o in [*kept, new])
        self._write(_ORIGINS, ("file", "sha256", "kind", "day"), rows)

    def _origins(self) -> list[Origin]:
        return [Origin(*row) for row in self._rows(_ORIGINS)]

    def sizes(self) -> dict[str, Size]:
        """Area and population of Gemeinden, from the latest list that had each."""
        return {
            key: Size(float(area) if area else None, float(people) if people else None)
            for key, area, people in self._rows(_SIZES)
        }

    def write_sizes(self, sizes: Mapping[str, Size]) -> None:
        """Add sizes to those known."""
        known = self.sizes() | dict(sizes)
        rows = ((key, _text(s.area), _text(s.population)) for key, s in sorted(known.items()))
        self._write(_SIZES, ("ags", "area_km2", "population"), rows)

    def write_step(self, step: Step) -> None:
        """Write a step of territorial changes; rows of the same old regions are replaced."""
        days = f"{step.level}_{step.start}_{step.end}.csv"
        name = f"{'crosswalk' if step.complete else 'changes'}_{days}"
        rows = [row for row in self._rows(name) if row[0] not in {part.old for part in step.parts}]
        rows += [_part(part) for part in step.parts]
        self._write(name, ("old", "new", "population", "area", "employment"), sorted(rows))
        if step.complete:
            (self.path / f"changes_{days}").unlink(missing_ok=True)

    def write_text(self, name: str, text: str) -> None:
        """Write a file as a whole."""
        part = self.path / f".{name}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(self.path / name)

    def _rows(self, name: str) -> Iterator[list[str]]:
        path = self.path / name
        if path.is_file():
            rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
            next(rows, None)
            yield from rows

    def _write(self, name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        part = self.path / f".{name}.part"
        with part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
        part.replace(self.path / name)


def _row(state: Region) -> tuple[str, ...]:
    return (
        state.ags, state.ars, state.name, state.level.value, state.parent or "",
        state.valid_from.isoformat() if state.valid_from else "",
        state.valid_to.isoformat() if state.valid_to else "",
        state.designation, state.nuts, "|".join(state.aliases),
    )  # fmt: skip


def _part(part: Part) -> list[str]:
    return [part.old, part.new, *map(_text, (part.population, part.area, part.employment))]


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"
