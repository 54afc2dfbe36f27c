"""Which boundary files answer a question, each read once, when it is first needed."""

from collections.abc import Iterable
from dataclasses import dataclass

from ckanext.sozialdaten.geography._features import BoundaryFile, Feature, read_features
from ckanext.sozialdaten.geography._keys import Level

__all__ = ["Boundaries"]


@dataclass(frozen=True, slots=True)
class _Read:
    features: dict[str, Feature]
    attribution: str


class Boundaries:
    """The boundaries of some register folders.

    Args:
        files: their boundary files; those of a later folder override the same regions.
    """

    def __init__(self, files: Iterable[BoundaryFile]) -> None:
        self._files = tuple(files)
        self._read: dict[BoundaryFile, _Read] = {}

    def features(
        self, level: Level, year: int | None = None, within: str = ""
    ) -> tuple[dict[str, Feature], str]:
        """The features of a level by key, and whom to credit for them.

        Each folder gives its own best year: the latest file not after ``year``, else the earliest.
        So one county's newer file hides no other county.

        Args:
            level: the level.
            year: territorial state; default: the latest.
            within: key of a region; files of other Länder are not read.
        """
        found: dict[str, Feature] = {}
        makers: dict[str, None] = {}
        for file in self._chosen(level, year):
            if within[:2].isdigit() and file.part not in ("", within[:2]):
                continue
            read = self._of(file)
            found |= read.features
            if read.attribution:
                makers[read.attribution] = None
        return found, "; ".join(makers)

    def _chosen(self, level: Level, year: int | None) -> list[BoundaryFile]:
        groups: dict[tuple[str, str], list[BoundaryFile]] = {}
        for file in self._files:
            if file.level is level:
                groups.setdefault((file.folder, file.part), []).append(file)
        return [_of_year(files, year) for files in groups.values()]

    def _of(self, file: BoundaryFile) -> _Read:
        if file not in self._read:
            features, attribution = read_features(file.source)
            self._read[file] = _Read({item["id"]: item for item in features}, attribution)
        return self._read[file]


def _of_year(files: list[BoundaryFile], year: int | None) -> BoundaryFile:
    """The latest file not after ``year``, else the earliest."""
    ordered = sorted(files, key=lambda file: file.year)
    past = [file for file in ordered if year is None or file.year <= year]
    return past[-1] if past else ordered[0]
