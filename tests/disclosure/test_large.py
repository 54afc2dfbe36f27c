"""Small relatives of hostile and huge files: none hangs, none is called safe unread."""

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

import openpyxl
import pytest

from ckanext.sozialdaten.disclosure import UnreadableFileError, check_files
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.structure._space import _smallest

SECONDS = 30


def many_columns() -> bytes:
    row = ";".join(map(str, range(100_000)))
    return f"{row}\n{row}\n".encode()


def one_line() -> bytes:
    return b"a;b\n1;" + b"x yz " * 4_000_000


def many_members() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(2_500):
            archive.writestr(f"{number}.csv", "Ort;Wert\nNord;12\n")
    return target.getvalue()


def repeated_rows() -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    cell = '<t:table-cell t:number-columns-repeated="16384" o:value-type="float" o:value="7"/>'
    content = (
        f'<o:document-content xmlns:o="{space}:office:1.0" xmlns:t="{space}:table:1.0"><o:body>'
        f'<o:spreadsheet><t:table t:name="A"><t:table-row t:number-rows-repeated="1048576">{cell}'
        "</t:table-row></t:table></o:spreadsheet></o:body></o:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return target.getvalue()


def wide_page() -> bytes:
    return b"<table><tr><th>a" + b"<td colspan=9999>7" * 100 + b"</table>"


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("a.csv", many_columns),
        ("a.csv", one_line),
        ("a.zip", many_members),
        ("a.ods", repeated_rows),
        ("a.html", wide_page),
    ],
    ids=lambda part: part if isinstance(part, str) else part.__name__,
)
def test_what_no_table_is_like_is_refused_at_once(
    tmp_path: Path, name: str, made: Callable[[], bytes]
) -> None:
    (tmp_path / name).write_bytes(made())
    begin = process_time()
    with pytest.raises(UnreadableFileError):
        check_files([tmp_path / name])
    assert process_time() - begin < SECONDS


def read(path: Path) -> list[Sheet]:
    return list(read_paths([path]))


@pytest.mark.parametrize("spans", ["colspan=-3", "colspan=x rowspan=", 'rowspan="999999999999"'])
def test_spans_that_no_table_has_do_no_harm(tmp_path: Path, spans: str) -> None:
    text = f"<table><tr><td {spans}>Ort<td>Wert<tr><td>Nord<td>12<tr><td>Süd<td>31</table>"
    (tmp_path / "a.html").write_text(text, "utf-8")
    assert read(tmp_path / "a.html")


def test_labels_that_never_repeat_do_not_slow_the_search_for_sums(tmp_path: Path) -> None:
    numbers = random.Random(7)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("A")
    sheet.append([f"Feld {n}" for n in range(6)])
    for _ in range(3_000):
        sheet.append([numbers.getrandbits(44) for _ in range(6)])
    book.save(tmp_path / "a.xlsx")
    begin = process_time()
    check_files([tmp_path / "a.xlsx"])
    assert process_time() - begin < SECONDS


def test_the_smallest_sets_are_those_that_hold_no_other_one() -> None:
    numbers = random.Random(3)
    for _ in range(200):
        sets = {frozenset(numbers.sample(range(8), numbers.randint(1, 5))) for _ in range(12)}
        plain = {one for one in sets if not any(other < one for other in sets)}
        assert _smallest(sets) == plain
    assert _smallest({frozenset(), frozenset({1})}) == {frozenset()}
