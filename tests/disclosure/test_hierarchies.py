"""Hierarchies of columns: declared in files, or built from names and values."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.disclosure import NotSupportedError
from ckanext.sozialdaten.disclosure.protection.recoding import (
    Hierarchy,
    read_hierarchy,
)
from ckanext.sozialdaten.disclosure.protection.recoding._automatic import automatic


def test_a_hierarchy_is_read_as_arx_writes_it(tmp_path: Path) -> None:
    file = tmp_path / "plz.csv"
    file.write_text("24114;241**;*\n24115;241**;*\n24937;249**;*\n", "utf-8")
    tree = read_hierarchy("plz", file)
    assert tree.height == 3
    assert tree.labels(["24115", "24937"], 1) == ["241**", "249**"]


@pytest.mark.parametrize(
    "text",
    ["", "a;b\na;c\nd;b", "a;b;*\nb;*", "a;x;one\nb;x;two"],
    ids=["no", "twice", "rag", "parts"],
)
def test_a_hierarchy_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "h.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(NotSupportedError):
        read_hierarchy("x", file)


def test_values_that_a_hierarchy_does_not_know_stand_alone_until_the_top() -> None:
    tree = Hierarchy("x", {"a": ("a", "ab", "*"), "b": ("b", "ab", "*")}).covering(["a", "c"])
    assert tree.labels(["a", "c"], 1) == ["ab", "c"]
    assert tree.labels(["a", "c"], 2) == ["*", "*"]


def test_ages_become_the_bands_of_official_statistics() -> None:
    tree = automatic("Alter", {str(age): 50 for age in range(90)}, 5)
    assert tree.labels(["2", "16", "24", "70"], 2) == [
        "0 bis unter 3",
        "15 bis unter 18",
        "18 bis unter 25",
        "65 bis unter 75",
    ]
    assert tree.labels(["2", "16", "24", "70"], 4) == [
        "0 bis unter 18",
        "0 bis unter 18",
        "18 bis unter 65",
        "65 und mehr",
    ]


def test_a_date_of_birth_is_never_published_to_the_day() -> None:
    tree = automatic("Geburtsdatum", {"03.05.1987": 4, "1990-01-02": 4, "04.05.1989": 4}, 5)
    assert tree.lowest == 1
    assert tree.labels(["03.05.1987", "1990-01-02"], 1) == ["1987", "1990"]
    assert tree.labels(["03.05.1987"], 2) == ["1985-1989"]


def test_days_become_months_quarters_and_years() -> None:
    days = {"03.05.2023": 3, "04.05.2023": 2, "30.06.2023": 2, "01.12.2023": 2, "01.01.2024": 1}
    tree = automatic("Antrag am", days, 5)
    assert [tree.levels["03.05.2023"][level] for level in range(4)] == [
        "03.05.2023",
        "2023-05",
        "2023-Q2",
        "2023",
    ]


def test_a_gemeinde_becomes_its_kreis_and_its_land() -> None:
    tree = automatic("AGS", {"01056001": 3, "01056002": 3, "01057001": 2, "02000000": 4}, 5)
    assert tree.levels["01056001"] == ("01056001", "01056", "01", "*")


def test_postcodes_lose_digits() -> None:
    tree = automatic("PLZ", {"24114": 3, "24115": 3, "24937": 2, "20095": 4}, 5)
    assert tree.levels["24114"] == ("24114", "2411*", "24***", "2****")


def test_rare_kinds_become_others() -> None:
    tree = automatic("Nation", {"A": 90, "B": 60, "C": 2, "D": 1}, 5)
    assert tree.labels(["A", "B", "C", "D"], 1) == ["A", "B", "Sonstige", "Sonstige"]


def test_the_few_at_the_ends_of_a_scale_stand_together() -> None:
    rows = {str(number): 20 for number in range(0, 1000, 10)} | {"9500": 1, "1200": 2}
    labels = automatic("Einkommen", rows, 5).levels
    assert labels["9500"][1] == labels["1200"][1]
    assert "und mehr" in labels["9500"][1]


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["Alter", "AGS", "PLZ", "Datum", "Betrag", "Merkmal"]),
    st.dictionaries(
        st.one_of(
            st.integers(-50, 20_000).map(str),
            st.dates().map(str),
            st.from_regex(r"0[1-9]0[0-9]{5}", fullmatch=True),
            st.sampled_from(["0-3", "3-6", "6-10", "", "a", "b", "1,5"]),
        ),
        st.integers(1, 30),
        min_size=1,
        max_size=30,
    ),
)
def test_what_one_level_joins_no_higher_level_parts(column: str, rows: dict[str, int]) -> None:
    tree = automatic(column, rows, 5)
    for level in range(1, tree.height):
        pairs = {labels[level - 1 : level + 1] for labels in tree.levels.values()}
        assert len(pairs) == len({low for low, _ in pairs})
    assert len({labels[-1] for labels in tree.levels.values()}) == 1
