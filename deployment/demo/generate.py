"""Writes all deliveries of the Kreis into a folder, one sub-folder for each source."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ckanext.sozialdaten.demo import flatfile, population, youth
from ckanext.sozialdaten.demo.broken import HZE, POPULATION, Broken, broken_deliveries
from ckanext.sozialdaten.demo.kreis import (
    FIRST_YEAR,
    LAST_YEAR,
    Municipality,
    municipalities,
)

__all__ = ["SEED", "Delivered", "World", "generate"]

SEED = 2024
"""The seed of the demo: whoever uses it gets the Kreis that the documentation shows."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A file that was written, and how many rows of data it holds."""

    source: str
    path: Path
    rows: int


class World:
    """The Kreis of a seed: its people, its cases, its deliveries.

    Args:
        seed: the same seed gives the same bytes.
    """

    def __init__(self, seed: int = SEED) -> None:
        self.seed = seed

    @cached_property
    def places(self) -> tuple[Municipality, ...]:
        """The Gemeinden."""
        return municipalities()

    @cached_property
    def population(self) -> flatfile.Table:
        """The population as the statistical offices' table."""
        counted = population.counts(self.seed, self.places)
        return flatfile.population_rows(self.seed, counted)

    @cached_property
    def cases(self) -> tuple[youth.Case, ...]:
        """The cases of the youth office."""
        return youth.cases(self.seed, self.places)

    def case_list(self, year: int) -> bytes:
        """The case list of 31 December of a year."""
        return youth.case_list(youth.rows(self.cases, year), year)

    def broken(self, year: int = LAST_YEAR) -> tuple[Broken, ...]:
        """Faulty deliveries, made from the good ones of a year."""
        moment = f"{year}-12-31"
        time = self.population.header.index("time")
        part = [row for row in self.population.rows if row[time] == moment]
        table = flatfile.Table(self.population.header, part)
        return broken_deliveries(youth.rows(self.cases, year), year, table)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def generate(folder: Path, seed: int = SEED, *, faults: bool = False) -> list[Delivered]:
    """Write the deliveries of the Kreis below ``folder``.

    Args:
        folder: gets one sub-folder for each source, named by its id, as the inbox has them.
        seed: the same seed gives the same bytes.
        faults: whether to write the faulty deliveries too, below ``broken/<source>/<fault>/``.
    """
    world = World(seed)
    written: list[Delivered] = []
    archive = flatfile.flat_zip(flatfile.flat_csv(world.population))
    path = folder / POPULATION / f"{flatfile.TABLE}.de.ffcsv.zip"
    _write(path, archive)
    written.append(Delivered(POPULATION, path, len(world.population.rows)))
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        lines = youth.rows(world.cases, year)
        path = folder / HZE / youth.file_name(year)
        _write(path, youth.case_list(lines, year))
        written.append(Delivered(HZE, path, len(lines)))
    if faults:
        for broken in world.broken():
            _write(folder / "broken" / broken.source / broken.fault / broken.name, broken.content)
    return written
