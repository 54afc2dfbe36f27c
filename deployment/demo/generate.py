"""Writes all deliveries of the Kreis into a folder, one sub-folder for each source."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ckanext.sozialdaten.demo import flatfile, housing, youth
from ckanext.sozialdaten.demo.broken import HZE, POPULATION, Broken, broken_deliveries
from ckanext.sozialdaten.demo.figures import Statistic
from ckanext.sozialdaten.demo.kreis import FIRST_YEAR, LAST_YEAR, municipalities
from ckanext.sozialdaten.demo.society import Society
from ckanext.sozialdaten.demo.statistics import STATISTICS
from ckanext.sozialdaten.demo.workbooks import FORMATS

__all__ = ["HOUSING", "SEED", "Delivered", "World", "generate"]

HOUSING = "musterland-wohngeld"
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
        self.society = Society(seed, municipalities(), STATISTICS)

    @cached_property
    def population(self) -> flatfile.Table:
        """The population as the statistical offices' table."""
        return self.flat(self.statistic(POPULATION))

    @staticmethod
    def statistic(source: str) -> Statistic:
        """The description of the statistic that a source delivers."""
        return next(item for item in STATISTICS if item.source == source)

    def flat(self, statistic: Statistic) -> flatfile.Table:
        """A statistic as a flat file's lines."""
        return flatfile.table_of(self.seed, statistic, self.society.printed(statistic))

    @cached_property
    def cases(self) -> tuple[youth.Case, ...]:
        """The cases of the youth office."""
        return youth.cases(self.seed, self.society.places, self.society.stories)

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

    def write(source: str, name: str, content: bytes, rows: int) -> None:
        path = folder / source / name
        _write(path, content)
        written.append(Delivered(source, path, rows))

    for statistic in STATISTICS:
        if statistic.source in FORMATS:
            for name, content, rows in FORMATS[statistic.source](statistic, world.society):
                write(statistic.source, name, content, rows)
        else:
            table = world.flat(statistic)
            content = flatfile.flat_zip(flatfile.flat_csv(table), statistic.table)
            write(statistic.source, f"{statistic.table}.de.ffcsv.zip", content, len(table.rows))
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        lines = youth.rows(world.cases, year)
        write(HZE, youth.file_name(year), youth.case_list(lines, year), len(lines))
    homes = housing.households(seed, world.society.places, world.society.stories)
    for year in range(housing.FIRST_LIST, LAST_YEAR + 1):
        listed = housing.rows(homes, year)
        content = housing.case_list(listed, year)
        write(HOUSING, housing.file_name(year), content, len(listed))
    if faults:
        for broken in world.broken():
            _write(folder / "broken" / broken.source / broken.fault / broken.name, broken.content)
    return written
