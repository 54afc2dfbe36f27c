"""What stands around a figure: where it comes from, what it is compared with, what is like it."""

import datetime as dt

import pyarrow as pa
import pytest
from indicator_world import (
    ALL,
    BIRTHS,
    PEOPLE,
    SUPPORT,
    births,
    computed,
    define,
    people,
    population,
    register,
    release,
    support,
    values,
    yearly,
)
from shapely.geometry import shape

from ckanext.sozialdaten.disclosure import check, load_policy
from ckanext.sozialdaten.geography import Level, Region, Register
from ckanext.sozialdaten.indicators import (
    Catalogue,
    Figures,
    Filter,
    Indicator,
    Part,
    QuestionError,
    Verdict,
    catalogue,
    combine,
    compare,
    explain,
    similar,
    verdict,
)
from ckanext.sozialdaten.lake import Lake, UnknownSeriesError

PLACES = ("98001001", "98001002", "98001003")
TOTAL = {"altersgruppe": "INSGESAMT"}


def figures(lake: Lake, tmp_path: object, known: Catalogue, regions: Register) -> Figures:
    return Figures(lake, tmp_path / "figures", regions, known)  # type: ignore[operator]


def test_a_figure_is_explained_down_to_the_released_cells(lake: Lake) -> None:
    rate = define(
        f"inputs:\n  a: {births()}\n  b: {people(time='mean')}\n"
        "formula: {per_mille: {of: a, to: b}}\nsource_tables: [12612-91-01-5]\n"
    )
    population(lake, {PLACES[0]: {2022: 900, 2023: 1100}}, source="bev", captured="2024-05-01")
    release(lake, BIRTHS, "lebendgeborene", {(PLACES[0], "2023"): 10}, source="geb")
    found = explain(rate, lake, Catalogue([rate]), PLACES[0], "2023", register=register())
    assert found.figure["value"] == pytest.approx(10.0)
    assert found.source_tables == ("12612-91-01-5",)
    born, lived = found.uses
    assert [(cell.series, cell.value) for cell in born.cells] == [("geb.lebendgeborene", 10.0)]
    assert [(cell.end.year, cell.value) for cell in lived.cells] == [(2022, 900), (2023, 1100)]
    assert lived.cells[0].dimensions == ALL
    assert lived.cells[0].file == "bev.csv (1)"
    assert lived.cells[0].captured_at == dt.datetime(2024, 5, 1, tzinfo=dt.UTC)


def test_the_sum_for_a_kreis_is_explained_by_its_gemeinden(lake: Lake) -> None:
    count = define(f"inputs:\n  a: {births()}\nformula: {{value: a}}\n")
    release(lake, BIRTHS, "lebendgeborene", {(key, "2023"): 4 for key in PLACES})
    found = explain(count, lake, Catalogue([count]), "98001", "2023", register=register())
    assert found.figure["value"] == 12
    assert [cell.region for cell in found.uses[0].cells] == list(PLACES)


def test_a_figure_that_is_not_there_cannot_be_explained(lake: Lake) -> None:
    count = define(f"inputs:\n  a: {births()}\nformula: {{value: a}}\n")
    release(lake, BIRTHS, "lebendgeborene", {(PLACES[0], "2023"): 4})
    with pytest.raises(QuestionError, match="2023"):
        explain(count, lake, Catalogue([count]), PLACES[0], "1999", register=register())


@pytest.mark.parametrize(
    ("figure", "reference", "expected"),
    [
        ((7.0, 5.0, 9.0), 8.0, Verdict.NOT_DISTINGUISHABLE),
        ((7.0, 5.0, 9.0), 9.5, Verdict.LOWER),
        ((7.0, 5.0, 9.0), 4.0, Verdict.HIGHER),
        ((7.0, None, None), 8.0, Verdict.LOWER),
        ((None, None, None), 8.0, Verdict.UNKNOWN),
        ((7.0, 5.0, 9.0), None, Verdict.UNKNOWN),
    ],
)
def test_a_reference_inside_the_interval_is_no_shown_difference(
    figure: tuple[float | None, float | None, float | None],
    reference: float | None,
    expected: Verdict,
) -> None:
    assert verdict(*figure, reference) is expected


def test_a_gemeinde_stands_beside_kreis_land_and_bund(lake: Lake, tmp_path: object) -> None:
    rate = define(
        f"inputs:\n  a: {support()}\n  b: {people()}\n"
        "formula: {per_mille: {of: a, to: b}}\ninterval: poisson\n"
    )
    where = (*PLACES, "98001", "98")
    population(lake, {key: {2023: 1000} for key in where})
    hilfen = dict(zip(where, (10, 8, 30, 12, 60), strict=True))
    cells = {(key, "2023-12-31"): count for key, count in hilfen.items()}
    release(lake, SUPPORT, "junge_menschen", cells, TOTAL)
    known = figures(lake, tmp_path, Catalogue([rate]), register())
    found = {
        item.kind: item
        for item in compare(known, "probe", PLACES[0], "2023", alike=(PLACES[1], PLACES[2]))
    }
    assert (found["kreis"].value, found["kreis"].verdict) == (12.0, Verdict.NOT_DISTINGUISHABLE)
    assert (found["land"].value, found["land"].verdict) == (60.0, Verdict.LOWER)
    assert (found["bund"].value, found["bund"].verdict) == (None, Verdict.UNKNOWN)
    assert (found["similar"].value, found["similar"].regions) == (19.0, (PLACES[1], PLACES[2]))


def test_similar_regions_are_near_in_size_and_age_and_say_so(lake: Lake, tmp_path: object) -> None:
    regions = register({"98001": 5})
    keys = [f"9800100{number}" for number in range(1, 6)]
    sizes, young, old = (1000, 1100, 9000, 20000, 1050), (18, 18, 17, 12, 10), (20, 21, 24, 30, 33)
    for code, parts in (("ALT000B03", young), ("ALT075UM", old)):
        cells = {
            (key, "2023-12-31"): size * part // 100
            for key, size, part in zip(keys, sizes, parts, strict=True)
        }
        release(lake, PEOPLE, "einwohner", cells, {"geschlecht": "INSGESAMT", "altersgruppe": code})
    for code in ("ALT003B06", "ALT006B10", "ALT010B15", "ALT015B18", "ALT065B75"):
        cells = {(key, "2023-12-31"): 0 for key in keys}
        release(lake, PEOPLE, "einwohner", cells, {"geschlecht": "INSGESAMT", "altersgruppe": code})
    population(lake, {key: {2023: size} for key, size in zip(keys, sizes, strict=True)})
    found = similar(figures(lake, tmp_path, catalogue(), regions), keys[0], count=3)
    assert found[0].region == keys[1]
    assert found[0].distance < found[1].distance < found[2].distance
    assert {reason.indicator for reason in found[0].reasons} == {
        *("bev_stand", "bev_u18_anteil", "bev_65_anteil"),
    }
    assert found[0].reasons[0].apart <= found[0].reasons[-1].apart


def test_of_a_region_about_which_too_little_is_known_nothing_is_like_it(
    lake: Lake, tmp_path: object
) -> None:
    population(lake, {key: {2023: 1000} for key in PLACES})
    assert similar(figures(lake, tmp_path, catalogue(), register()), PLACES[0]) == ()


def test_two_series_make_a_ratio_with_regions_on_the_left_and_the_age_of_the_denominator(
    lake: Lake,
) -> None:
    population(lake, {key: {2022: 1000} for key in PLACES}, source="bev")
    cells = yearly({PLACES[0]: {2022: 4, 2023: 5}}, "{}-12-31")
    release(lake, SUPPORT, "junge_menschen", cells, TOTAL, source="hze")
    table = combine(
        lake,
        Part("hze.junge_menschen"),
        Part("bev.einwohner"),
        factor=1000,
        register=register(),
    )
    rows = {(row["region"], row["period"]): row for row in table.to_pylist()}
    assert values(rows)[PLACES[1], "2023"] == "not_available"
    assert (rows[PLACES[0], "2023"]["value"], rows[PLACES[0], "2023"]["age_days"]) == (5.0, 365)
    assert rows[PLACES[0], "2022"]["unit"] == "je 1000"


def test_series_that_rest_on_two_censuses_are_not_divided_unasked(lake: Lake) -> None:
    from lake_world import cells, delivery

    from ckanext.sozialdaten.lake import Zone

    for number, base in enumerate(("2011", "2022")):
        table = cells({PLACES[0]: 10 + number}, series=f"s{base}.n", census_base=base)
        lake.append(Zone.PUBLIC, delivery("2024-01-01", base, f"s{base}"), table)
    with pytest.raises(QuestionError, match="2011, 2022"):
        combine(lake, Part("s2011.n"), Part("s2022.n"), register=register())


def test_a_dimension_without_total_must_be_narrowed(lake: Lake) -> None:
    population(lake, {PLACES[0]: {2023: 1000}}, source="bev")
    for code in ("ALT000B06", "ALT006B15"):
        cells = {(PLACES[0], "2023-12-31"): 3}
        release(lake, SUPPORT, "junge_menschen", cells, {"altersgruppe": code}, source="hze")
    over, under = Part("hze.junge_menschen"), Part("bev.einwohner")
    with pytest.raises(QuestionError, match="ALT000B06"):
        combine(lake, over, under, register=register())
    narrowed = Part("hze.junge_menschen", {"altersgruppe": "ALT006B15"})
    table = combine(lake, narrowed, under, register=register())
    assert table["numerator"].drop_null().to_pylist() == [3.0]
    with pytest.raises(QuestionError, match="gibtsnicht"):
        combine(lake, Part("hze.junge_menschen", {"altersgruppe": "gibtsnicht"}), under)


def test_an_unknown_series_is_an_error(lake: Lake) -> None:
    population(lake, {PLACES[0]: {2023: 1000}}, source="bev")
    with pytest.raises(UnknownSeriesError):
        combine(lake, Part("gibts.nicht"), Part("bev.einwohner"), register=register())


def institutions(lake: Lake, known: Register, *told: tuple[str, int | str, str]) -> None:
    """Institutions inside Gemeinden: key, figure, and a number of their own.

    The column of their sex holds the longitude, that of their age the latitude.
    """
    for number, (key, figure, places) in enumerate(told):
        shape_of = known.boundaries(known.level(key), key)["features"][0]["geometry"]
        inside = shape(shape_of).representative_point()
        codes = {
            "geschlecht": f"{inside.x}",
            "altersgruppe": f"{inside.y}",
            "nr": f"{number}",
            "plaetze": places,
        }
        release(lake, PEOPLE, "einwohner", {("99001", "2023-12-31"): figure}, codes)


def at_points(more: str) -> Indicator:
    return define(
        "inputs:\n  a: {layout: bevoelkerung-gemeinde, column: einwohner, "
        f"points: [geschlecht, altersgruppe]{more}}}\nformula: {{value: a}}\n"
    )


def test_institutions_are_counted_where_their_coordinates_lie(lake: Lake) -> None:
    """Of the Kreis that comes with the project; a Gemeinde without any has none."""
    known = Register.default()
    first, second, third = known.children("99001")[:3]
    institutions(lake, known, (first, 25, "1"), (first, 25, "2"), (second, 25, "3"))
    found = values(computed(at_points(", count: true"), lake, known))
    assert [found[key, "2023"] for key in (first, second, third)] == [2, 1, 0]
    assert found["99001", "2023"] == 3


def test_figures_of_institutions_have_sums_means_and_extremes(lake: Lake) -> None:
    known = Register.default()
    first, second, third = known.children("99001")[:3]
    institutions(lake, known, (first, 10, ""), (first, 20, ""), (first, 60, ""), (second, 7, ""))
    told = {
        name: values(computed(at_points(f", statistic: {name}"), lake, known))
        for name in ("sum", "mean", "median", "min", "max", "deviation")
    }
    assert [told[name][first, "2023"] for name in told] == pytest.approx(
        [90, 30, 20, 10, 60, (1400 / 3) ** 0.5]
    )
    assert told["sum"][third, "2023"] == 0, "the Kreis is covered: there is no institution"
    assert told["median"][third, "2023"] == "not_available"
    assert told["median"]["99001", "2023"] == 15, "of all institutions, not of medians"
    assert told["sum"]["99001", "2023"] == 97


def test_one_hidden_institution_hides_every_statistic_around_it(lake: Lake) -> None:
    known = Register.default()
    first, second = known.children("99001")[:2]
    institutions(lake, known, (first, 10, ""), (first, ".", ""), (second, 7, ""))
    for name in ("sum", "mean", "max"):
        found = values(computed(at_points(f", statistic: {name}"), lake, known))
        assert found[first, "2023"] == found["99001", "2023"] == "suppressed"
        assert found[second, "2023"] == 7


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Filter(least=20), ["20", "35"]),
        (Filter(least=5, most=20), ["7", "20"]),
        (Filter(contains="kita"), ["Kita Nord", "KITA"]),
        (Filter(contains="kita", without=("KITA",)), ["Kita Nord"]),
        (Filter(without=("7", "20", "35")), ["Kita Nord", "KITA", "Hort"]),
    ],
)
def test_texts_and_numbers_of_institutions_can_be_filtered(
    condition: Filter, expected: list[str]
) -> None:
    codes = ("7", "20", "35", "Kita Nord", "KITA", "Hort")
    assert [code for code in codes if condition.takes(code)] == expected


def test_rates_of_a_kreis_are_means_weighted_by_their_own_population(lake: Lake) -> None:
    rent = "{layout: inkar-kreis, column: angebotsmiete, upward: {weighted: b}}"
    body = f"inputs:\n  a: {rent}\n  b: {people()}\nformula: {{value: a}}\n"
    population(lake, {PLACES[0]: {2023: 9000}, PLACES[1]: {2023: 500}, PLACES[2]: {2023: 500}})
    rents = dict(zip(PLACES, (10, 5, 6), strict=True))
    cells = {(key, "2023"): figure for key, figure in rents.items()}
    release(lake, "inkar-kreis", "angebotsmiete", cells)
    assert values(computed(define(body), lake))["98001", "2023"] == pytest.approx(9.55)
    release(lake, "inkar-kreis", "angebotsmiete", {(PLACES[1], "2023"): "."}, captured="2025-02-01")
    assert values(computed(define(body), lake))["98001", "2023"] == "suppressed"


def test_small_areas_make_up_their_gemeinde_and_only_all_of_them(lake: Lake) -> None:
    parts = [
        Region(f"98001001-{name}", "", name, Level.ORTSTEIL, parent)
        for name, parent in (("A", "98001001"), ("B", "98001001"), ("A1", "98001001-A"))
    ]
    kreis = Register([*register({"98001": 1}), *parts])
    body = define(f"inputs:\n  a: {people()}\nformula: {{value: a}}\nlevels: [gemeinde, kreis]\n")
    population(lake, {"98001001-A1": {2022: 30, 2023: 40}, "98001001-B": {2023: 60}})
    found = values(computed(body, lake, kreis))
    assert found["98001001", "2023"] == found["98001", "2023"] == 100
    assert found.get(("98001001", "2022"), "incomplete") == "incomplete"


def test_a_result_with_hidden_figures_passes_the_check_of_disclosure(lake: Lake) -> None:
    """Numerators, denominators and rates together, the denominators known to everybody."""
    rate = define(
        f"inputs:\n  a: {support()}\n  b: {people()}\n"
        "formula: {per_mille: {of: a, to: b}}\ninterval: poisson\n"
    )
    kreis = register({"98001": 6})
    keys = [f"9800100{number}" for number in range(1, 7)]
    population(lake, {key: {2023: 1000 + 7 * place} for place, key in enumerate(keys)})
    shown = dict(zip(keys, (12, ".", 9, ".", 15, 20), strict=True))
    cells = {(key, "2023-12-31"): count for key, count in shown.items()}
    release(lake, SUPPORT, "junge_menschen", cells, TOTAL)
    rows = computed(rate, lake, kreis, regions=keys).values()
    table = pa.table(
        {
            "gebiet": [row["region"] for row in rows],
            "jahr": [row["period"] for row in rows],
            "faelle": [row["numerator"] for row in rows],
            "faelle_q": [row["quality"] for row in rows],
            "einwohner": [row["denominator"] for row in rows],
            "quote": [row["value"] for row in rows],
        }
    )
    roles = {
        "gebiet": "region",
        "jahr": "time",
        "faelle": "count",
        "einwohner": "count",
        "quote": "rate",
    }
    report = check(table, roles, load_policy("amtliche-statistik-3"))
    assert [item.rule for item in report.findings if item.severity == "block"] == []
    assert table["faelle"].null_count == table["quote"].null_count == 2
