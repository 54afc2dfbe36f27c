"""What no formula can do: give back a figure that is hidden.

Results are functions of released cells alone, and of those with a figure alone. So whoever knows
all public figures could compute every result without us, and a formula, whoever wrote it, reveals
nothing that they do not. Three things have to hold for that; each is a test.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
from indicator_world import (
    SUPPORT,
    computed,
    define,
    people,
    population,
    register,
    release,
    support,
    values,
)
from lake_world import delivery, settings_in

from ckanext.sozialdaten.indicators import Indicator
from ckanext.sozialdaten.lake import Lake, Zone

KEYS = tuple(f"9800100{number}" for number in range(1, 6))
YEARS = range(2018, 2024)
HIDDEN = {(KEYS[0], 2019), (KEYS[1], 2019), (KEYS[2], 2023), ("98001", 2023), (KEYS[4], 2021)}
INPUTS = f"inputs:\n  a: {support()}\n  b: {people()}\n"
COUNTED = support()[:-1] + ", count: true}"
FORMULAS = {
    "difference": f"{INPUTS}formula: {{difference: [b, a]}}\n",
    "sum": f"{INPUTS}formula: {{sum: [a, b]}}\n",
    "product": f"{INPUTS}formula: {{product: [a, b]}}\n",
    "rate": f"{INPUTS}formula: {{per_mille: {{of: a, to: b}}}}\n",
    "pooled": f"{INPUTS}formula: {{per_mille: {{of: a, to: b}}}}\n"
    "small_numbers: {below: 30, years: 3}\ninterval: poisson\n",
    "upside_down": f"{INPUTS}formula: {{ratio: {{of: b, to: a}}}}\n",
    "rest": f"{INPUTS}formula: {{share: {{of: {{difference: [b, a]}}, to: b}}}}\n",
    "change": f"inputs:\n  a: {support()}\nformula: {{change: {{of: a, years: 1}}}}\n",
    "since": f'inputs:\n  a: {support()}\nformula: {{change: {{of: a, since: "2019"}}}}\n',
    "trend": f"inputs:\n  a: {support()}\nformula: {{trend: {{of: a, years: 3}}}}\n"
    "interval: line\n",
    "continuity": f"inputs:\n  a: {support()}\nformula: {{continuity: {{of: a, years: 3}}}}\n",
    "index": f"{INPUTS}formula: {{index: {{parts: [{{of: a}}, {{of: b}}], scale: rank}}}}\n",
    "mean": f"inputs:\n  a: {support()[:-1]}, time: mean}}\nformula: {{value: a}}\n",
    "latest": f"inputs:\n  a: {support()[:-1]}, time: latest, within_years: 3}}\n"
    "formula: {value: a}\n",
    "count": f"inputs:\n  a: {COUNTED}\nformula: {{value: a}}\n",
}


def _true(region: str, year: int) -> int:
    return 3 + (int(region[-1]) * 7 + year * 5) % 29


def _fill(lake: Lake, *, signs: bool) -> None:
    """The same public figures; hidden cells with their sign, or not there at all."""
    told: dict[tuple[str, str], Any] = {
        (key, f"{year}-12-31"): _true(key, year)
        for key in (*KEYS, "98001")
        for year in YEARS
        if (key, year) not in HIDDEN
    }
    if signs:
        told |= {(key, f"{year}-12-31"): "." for key, year in HIDDEN}
    release(lake, SUPPORT, "junge_menschen", told, {"altersgruppe": "INSGESAMT"}, source="hze")
    sizes = {key: dict.fromkeys(YEARS, 1000 + 10 * int(key[-1])) for key in (*KEYS, "98001")}
    population(lake, sizes, source="bev")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Hidden cells stand in the public zone as signs; their figures lie in the restricted one."""
    with Lake.open(settings_in(tmp_path_factory.mktemp("signed"))) as lake:
        _fill(lake, signs=True)
        secret = [
            {
                "series": "hze.junge_menschen",
                "region": key,
                "reference_start": dt.date(year, 12, 31),
                "reference_end": dt.date(year, 12, 31),
                "dimensions": '{"altersgruppe":"INSGESAMT"}',
                "value": _true(key, year),
                "quality": "",
                "unit": "Anzahl",
            }
            for key, year in HIDDEN
        ]
        named = delivery("2025-01-01", "secret", "hze", layout=SUPPORT)
        lake.append(Zone.RESTRICTED, named, pa.Table.from_pylist(secret), kind="delta")
        yield lake


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """The hidden cells were never written anywhere."""
    with Lake.open(settings_in(tmp_path_factory.mktemp("bare"))) as lake:
        _fill(lake, signs=False)
        yield lake


def _figures(indicator: Indicator, lake: Lake) -> dict[tuple[str, str], tuple[Any, ...]]:
    rows = computed(indicator, lake, register({"98001": 5}))
    names = ("value", "low", "high", "numerator", "denominator", "pooled")
    return {
        place: tuple(row[name] for name in names)
        for place, row in rows.items()
        if row["value"] is not None
    }


@pytest.mark.parametrize("name", FORMULAS)
def test_every_figure_follows_from_the_public_figures_alone(
    signed: Lake, bare: Lake, name: str
) -> None:
    """A lake that never knew the hidden figures gives the very same ones."""
    indicator = define(FORMULAS[name], "%" if name == "rest" else "Zahl")
    shown = _figures(indicator, signed)
    assert shown
    without = _figures(indicator, bare)
    assert shown == {place: without[place] for place in shown}


@pytest.mark.parametrize("name", [name for name in FORMULAS if name not in ("latest", "index")])
def test_where_an_input_is_hidden_the_result_is_hidden_too(signed: Lake, name: str) -> None:
    indicator = define(FORMULAS[name], "%" if name == "rest" else "Zahl")
    rows = values(computed(indicator, signed, register({"98001": 5})))
    for key, year in HIDDEN:
        if (key, str(year)) in rows:
            assert rows[key, str(year)] == "suppressed", (key, year)


def test_two_formulas_with_the_same_denominator_show_nothing_between_them(signed: Lake) -> None:
    """``a / b`` and ``(b - a) / b`` add up to one: neither may show where ``a`` is hidden."""
    for name in ("rate", "rest"):
        indicator = define(FORMULAS[name], "%" if name == "rest" else "Zahl")
        shown = set(_figures(indicator, signed))
        assert shown & {(key, str(year)) for key, year in HIDDEN} == set()


def test_a_sum_that_is_hidden_is_not_added_up_from_its_parts(signed: Lake) -> None:
    """The Kreis is hidden in 2023 with one of its Gemeinden; both stay away in every formula."""
    indicator = define(f"inputs:\n  a: {support()}\nformula: {{value: a}}\n")
    rows = values(computed(indicator, signed, register({"98001": 5})))
    assert rows["98001", "2023"] == rows[KEYS[2], "2023"] == "suppressed"
    assert isinstance(rows[KEYS[3], "2023"], float)
