"""One system over several tables: sound for every world, and as sharp as counting all tables."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.disclosure import check_files, load_policy
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.attack import Interval, solve
from ckanext.sozialdaten.disclosure.attack._published import Published, published
from ckanext.sozialdaten.disclosure.structure import space_of, views
from ckanext.sozialdaten.lake.layouts import Role

POLICY = load_policy()
REGIONS = ("Nord", "Sued")
AGES = (0, 1, 2, 3)
SEXES = {"m": "männlich", "w": "weiblich"}
Person = tuple[str, int, str]
World = Mapping[Person, int]


def _count(world: World, holds: Callable[[Person], bool]) -> int:
    return sum(n for person, n in world.items() if holds(person))


def _tables(world: World, kind: str, hidden: frozenset[int]) -> Sheet:
    """One release: by ages in bands, by sex, or whole; some cells suppressed."""
    rows: list[tuple[dict[str, str], Callable[[Person], bool]]] = []
    for region in REGIONS:
        if kind == "sex":
            for code, word in SEXES.items():
                rows.append(
                    (
                        {"Gemeinde": region, "Geschlecht": word},
                        lambda p, r=region, s=code: p[0] == r and p[2] == s,
                    )
                )
        elif kind == "whole":
            rows.append(({"Gemeinde": region}, lambda p, r=region: p[0] == r))
        else:
            cuts = [0, *map(int, kind), len(AGES)]
            for low, high in itertools.pairwise(cuts):
                rows.append(
                    (
                        {"Gemeinde": region, "Altersgruppe": f"{low} bis unter {high} Jahre"},
                        lambda p, r=region, a=low, b=high: p[0] == r and a <= p[1] < b,
                    )
                )
    columns: dict[str, list[str]] = {name: [] for name in rows[0][0]}
    columns["Fälle"] = []
    for number, (names, holds) in enumerate(rows):
        for name, label in names.items():
            columns[name].append(label)
        columns["Fälle"].append("." if number in hidden else str(_count(world, holds)))
    return Sheet(pa.table(columns), f"{kind}.csv")


@contextmanager
def _system(world: World, releases: Sequence[tuple[str, frozenset[int]]]) -> Iterator[Published]:
    engine = Engine()
    roles = {"Fälle": Role.COUNT, "Gemeinde": Role.REGION}
    try:
        subjects: list[Subject] = []
        for kind, hidden in releases:
            sheet = _tables(world, kind, hidden)
            subjects.append(prepare(sheet, roles, POLICY, engine))
        found = views(subjects, Role.COUNT)
        space = space_of(found)
        sums = {id(view): space.sums(view) for view in found}
        yield published(space, found, sums, POLICY.frequency.total_share)
    finally:
        engine.close()


def _true(world: World, label: str) -> int:
    """The true value of the figure that a label names."""
    region, _, code = label.partition(", ")
    sexes = {word: key for key, word in SEXES.items()}

    def holds(person: Person) -> bool:
        if person[0] != region:
            return False
        if code in sexes:
            return person[2] == sexes[code]
        if code:
            low, high = (int(word) for word in code.split() if word.isdigit())
            return low <= person[1] < high
        return True

    return _count(world, holds)


def _intervals(system: Published, *, whole: bool = False) -> list[Interval]:
    width = 1_000.0 if whole else 0.0
    goals = [*system.hidden, *system.groups]
    return [a.interval for a in solve(system.statements, goals, integer_width=width)]


PEOPLE = list(itertools.product(REGIONS, AGES, SEXES))
worlds = st.lists(st.integers(0, 40), min_size=len(PEOPLE), max_size=len(PEOPLE)).map(
    lambda counts: dict(zip(PEOPLE, counts, strict=True))
)
kinds = st.sampled_from(["1", "2", "3", "12", "13", "23", "123", "sex", "whole"])
hiding = st.frozensets(st.integers(0, 3), max_size=3)
slow = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@slow
@given(worlds, st.lists(st.tuples(kinds, hiding), min_size=2, max_size=3))
def test_the_truth_lies_within_every_derived_interval(
    world: World, releases: list[tuple[str, frozenset[int]]]
) -> None:
    with _system(world, releases) as system:
        assert not system.revised
        intervals = _intervals(system)
        for target, interval in zip(system.hidden, intervals, strict=False):
            true = _true(world, target.figure.label)
            assert interval.low - 1e-6 <= true <= interval.high + 1e-6


TINY = [("Nord", age, "m") for age in AGES]


@settings(slow, max_examples=8)
@given(
    st.lists(st.integers(0, 3), min_size=4, max_size=4),
    st.lists(
        st.tuples(st.sampled_from(["1", "2", "3", "12", "23", "whole"]), hiding),
        min_size=2,
        max_size=3,
    ),
)
def test_intervals_are_those_of_counting_every_possible_table(
    counts: list[int], releases: list[tuple[str, frozenset[int]]]
) -> None:
    world = {**dict.fromkeys(PEOPLE, 0), **dict(zip(TINY, counts, strict=True))}
    world |= {("Sued", age, "m"): 50 + age for age in AGES}
    with _system(world, releases) as system:
        intervals = _intervals(system, whole=True)
        possible = np.ones(len(GUESSES), dtype=bool)
        for said in system.statements:
            if said.figure and said.figure.label.startswith("Nord"):
                possible &= _guessed(said.figure.label) == said.low
        for target, interval in zip(system.hidden, intervals, strict=False):
            if target.figure.label.startswith("Nord"):
                values = _guessed(target.figure.label)[possible]
                assert interval.low == values.min()
                assert interval.high == values.max() or values.max() >= 12


GUESSES = np.array(list(itertools.product(range(13), repeat=4)))


def _guessed(label: str) -> npt.NDArray[np.int64]:
    """What a figure of the tiny world would be in every possible table."""
    held = [_true({person: 1}, label) for person in TINY]
    return GUESSES @ np.array(held)


def _kreis(ages: range, regions: Sequence[str]) -> World:
    """A Kreis whose cells are large but for two children of one age in one Gemeinde."""
    world = {
        (r, a, s): 20 + 3 * a + 7 * n for n, r in enumerate(regions) for a in ages for s in "mw"
    }
    return {**world, (regions[2], 6, "m"): 1, (regions[2], 6, "w"): 1}


@pytest.fixture
def six_releases(tmp_path: Path) -> list[Path]:
    regions = [f"010560{n:02d}" for n in range(1, 7)]
    world = _kreis(range(18), regions)

    def total(region: str | None, low: int = 0, high: int = 18, sex: str = "mw") -> int:
        return _count(
            world, lambda p: p[0] == (region or p[0]) and low <= p[1] < high and p[2] in sex
        )

    def banded(*bands: tuple[int, int]) -> list[str]:
        rows = [f"{r};{a} bis unter {b};{total(r, a, b)}" for r in regions for a, b in bands]
        return ["AGS;Altersgruppe;Fälle", *rows]

    files = {
        "kita.csv": banded((0, 3), (3, 6), (6, 10), (10, 14), (14, 18)),
        "schule.csv": banded((0, 7), (7, 12), (12, 18)),
        "geschlecht.csv": [
            "AGS;Geschlecht;Fälle",
            *(f"{r};{w};{total(r, sex=s)}" for r in regions for s, w in SEXES.items()),
        ],
        "gemeinden.csv": ["AGS;Anzahl", *(f"{r};{total(r)}" for r in regions)],
        "kreis.csv": [
            "AGS;Altersgruppe;Fälle",
            *(f"01056;{a} bis unter {b};{total(None, a, b)}" for a, b in ((0, 3), (3, 6), (6, 18))),
        ],
        "vorschule.csv": banded((0, 6)),
    }
    for name, rows in files.items():
        (tmp_path / name).write_text("\n".join(rows) + "\n", "utf-8")
    return [tmp_path / name for name in files]


def test_six_releases_of_large_cells_give_two_children_away(six_releases: list[Path]) -> None:
    lines = [line for path in six_releases for line in path.read_text("utf-8").splitlines()]
    figures = [int(line.rsplit(";", 1)[1]) for line in lines if line[-1].isdigit()]
    assert min(figures) >= 34
    report = check_files(six_releases[:1], released=six_releases[1:])
    (leak,) = [f for f in report.findings if f.severity.value == "block"]
    assert leak.rule == "release-difference"
    assert "schule.csv" in leak.message.text()
    assert leak.cells == (14,)
    assert not any("geschlecht.csv" in text for text in leak.message.both().values())


def test_without_the_release_that_cuts_at_seven_nothing_leaks(six_releases: list[Path]) -> None:
    kept = [path for path in six_releases if path.name != "schule.csv"]
    report = check_files(kept[:1], released=kept[1:])
    assert report.verdict.value == "safe"
