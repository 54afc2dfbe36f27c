"""Case lists by layout: what is read, and how each kind of bad input is refused."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from harvest_world import HEADER, SECRETS, case, case_list, raw
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core import errors
from ckanext.sozialdaten.harvesters.core._text import number_parser
from ckanext.sozialdaten.harvesters.core.delimited import DelimitedReader
from ckanext.sozialdaten.harvesters.core.ports import Reading
from ckanext.sozialdaten.lake.layouts import Layout

LAYOUT = Layout.from_yaml("hze-fallliste")


def read(folder: Path, content: bytes) -> Reading:
    path = folder / "liste.csv"
    path.write_bytes(content)
    return DelimitedReader(Register.default()).read(raw(path), LAYOUT)


def refusal(folder: Path, content: bytes) -> errors.DeliveryError:
    """The only problem of a file; never with a word of what stands in it."""
    with pytest.raises(errors.DeliveryError) as caught:
        read(folder, content)
    error = caught.value
    if isinstance(error, errors.DeliveryRefused):
        (error,) = error.problems
    for language in ("de", "en"):
        assert not any(secret in error.text(language) for secret in SECRETS)
    assert error.hint is not None
    return error


def place(error: errors.DeliveryError) -> tuple[str, int | None, str]:
    assert error.place is not None
    return error.place.file, error.place.row, error.place.column


def test_a_list_is_read_by_its_layout(tmp_path: Path) -> None:
    reading = read(tmp_path, case_list([case(1, end="31.12.9999")]))
    (row,) = reading.table.to_pylist()
    assert reading.encoding == "cp1252"
    assert row["Stichtag"] == dt.date(2024, 12, 31)
    assert row["Ende"] == dt.date(9999, 12, 31)
    assert row["Kosten je Monat (€)"] == Decimal("1234.5")
    assert row["Zuständigkeitsübergang"] is False
    assert row["GKZ"] == "99001001"
    assert list(reading.rows) == [5]


def test_utf_8_is_recognised(tmp_path: Path) -> None:
    content = case_list([case(1)]).decode("cp1252").encode()
    assert read(tmp_path, content).encoding == "utf-8"


def test_more_title_lines_do_not_matter(tmp_path: Path) -> None:
    assert read(tmp_path, b"Noch ein Titel;;\r\n" + case_list([case(1)])).rows == [6]


def test_columns_may_come_in_another_order(tmp_path: Path) -> None:
    names = HEADER.split(";")
    cells = case(1).split(";")
    content = case_list([";".join(reversed(cells))], header=";".join(reversed(names)))
    assert read(tmp_path, content).table.num_rows == 1


def test_a_column_that_nobody_declared_is_left_out(tmp_path: Path) -> None:
    reading = read(tmp_path, case_list([case(1) + ";0170 1234567"], header=HEADER + ";Telefon"))
    assert "Telefon" not in reading.table.column_names
    assert reading.notes


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    cells = case(1).split(";")
    content = case_list([";".join(cells[:6] + cells[7:])], header=HEADER.replace("GKZ;", ""))
    error = refusal(tmp_path, content)
    assert isinstance(error, errors.MissingColumn)
    assert place(error) == ("liste.csv", 4, "GKZ")


def test_a_renamed_column_is_guessed_in_the_hint(tmp_path: Path) -> None:
    error = refusal(tmp_path, case_list([case(1)], header=HEADER.replace("Beginn", "Begin")))
    assert "Begin" in error.text()


@pytest.mark.parametrize("encoding", ["utf-16", "cp850"])
def test_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    content = case_list([case(1)]).decode("cp1252").encode(encoding, "replace")
    assert isinstance(refusal(tmp_path, content), errors.WrongEncoding)


def test_nul_bytes_are_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, case_list([case(1).replace("w", "\0")]))
    assert isinstance(error, errors.WrongEncoding)
    assert place(error)[1] == 5


@pytest.mark.parametrize("region", ["99001999", "99001", "9900100", "Musterstadt"])
def test_an_unknown_region_is_refused(tmp_path: Path, region: str) -> None:
    error = refusal(tmp_path, case_list([case(1), case(2, region=region)]))
    assert isinstance(error, errors.UnknownRegionKey)
    assert place(error) == ("liste.csv", 6, "GKZ")


def test_a_duplicate_key_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, case_list([case(1), case(2), case(1)]))
    assert isinstance(error, errors.DuplicateKey)
    assert place(error)[1] == 7


@pytest.mark.parametrize("cost", ["1234.50", "1,234.50", "12,34,56", "1.23,4", "viel", "1 2,3.4"])
def test_a_number_in_the_wrong_locale_is_refused(tmp_path: Path, cost: str) -> None:
    error = refusal(tmp_path, case_list([case(1), case(2, cost=cost)]))
    assert isinstance(error, errors.BadNumber)
    assert place(error) == ("liste.csv", 6, "Kosten je Monat (€)")
    assert cost not in error.text()


@pytest.mark.parametrize("born", ["2014-01-01", "31.02.2014", "41640"])
def test_a_date_of_another_form_is_refused(tmp_path: Path, born: str) -> None:
    assert isinstance(refusal(tmp_path, case_list([case(1, born=born)])), errors.BadDate)


def test_a_code_outside_its_list_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, case_list([case(1).replace(";34;", ";99;")]))
    assert isinstance(error, errors.BadCode)


def test_an_empty_required_cell_is_refused(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path, case_list([case(1, born="")])), errors.MissingValue)


@pytest.mark.parametrize("content", [b"", b"\r\n \r\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    assert isinstance(refusal(tmp_path, content), errors.EmptyDelivery)


def test_a_list_without_records_is_refused(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path, case_list([])), errors.EmptyDelivery)


def test_a_footer_that_counts_differently_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, case_list([case(1)], count=2))
    assert isinstance(error, errors.FooterMismatch)


def test_a_list_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    whole = case_list([case(1), case(2)])
    cut = whole[: whole.index(b"Anzahl Datens")]
    assert isinstance(refusal(tmp_path, cut), errors.FooterMismatch)


def test_something_else_altogether_is_refused(tmp_path: Path) -> None:
    assert isinstance(refusal(tmp_path, b"%PDF-1.7 bla\nbla;bla\n"), errors.NotReadable)


def test_all_problems_come_together_up_to_a_limit(tmp_path: Path) -> None:
    lines = [case(number, cost="1.5") for number in range(40)]
    with pytest.raises(errors.DeliveryRefused) as caught:
        read(tmp_path, case_list(lines))
    assert len(caught.value.problems) == 20
    assert caught.value.more


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_german_numbers_survive_writing_and_reading(number: Decimal) -> None:
    written = f"{number:,.2f}".translate(str.maketrans(",.", ".,"))
    assert number_parser(",", ".")(written) == number
