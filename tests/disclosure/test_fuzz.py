"""Any bytes and any tables: the outcome is a report or an error that we raise on purpose.

``HYPOTHESIS_PROFILE=long`` tries a hundred times as much.
"""

import gzip
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from disclosure_worlds import POLICY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.sozialdaten.disclosure import Report, UnreadableFileError, check, check_files
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._subject import prepare
from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure.readers import _archive, _paths, read_paths
from ckanext.sozialdaten.disclosure.readers._common import Raw
from ckanext.sozialdaten.disclosure.readers._stacked import sheets_of
from ckanext.sozialdaten.disclosure.rules import IDENTIFIER_RULES, Rule
from ckanext.sozialdaten.errors import SozialdatenError

MANY = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 1
QUICK = settings(
    max_examples=25 * MANY, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
FEW = settings(QUICK, max_examples=6 * MANY)
RECORDS: list[dict[str, object]] = [
    {"gemeinde": f"Ort {n}", "jahr": 2020 + n % 3, "anzahl": n * 7, "text": "Ä ß ' \" ;"}
    for n in range(30)
]


def _csv(encoding: str) -> bytes:
    rows = [";".join(RECORDS[0]), *(";".join(map(str, r.values())) for r in RECORDS)]
    return "\r\n".join(rows).encode(encoding)


def _saved(save: Callable[[io.BytesIO], object]) -> bytes:
    target = io.BytesIO()
    save(target)
    return target.getvalue()


def _xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(RECORDS[0]))
    for record in RECORDS:
        sheet.append(list(record.values()))
    sheet.row_dimensions[3].hidden = True
    return _saved(book.save)


def _zip(members: dict[str, bytes]) -> bytes:
    def save(target: io.BytesIO) -> None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)

    return _saved(save)


def _ods() -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in ("a", "1", "b")
        )
        + "</table:table-row>"
        for _ in range(5)
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="T">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = b'<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return _zip(
        {"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": content.encode()}
    )


TABLE = pa.Table.from_pylist(
    [{**record, "inner": [{"x": 1, "y": {"z": "a"}}], "when": None} for record in RECORDS]
)
FEATURES = [
    {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [9.1, 53.2]},
        "properties": record,
    }
    for record in RECORDS
]
XML = "".join(
    f'<r a="{n}"><ort>Ort {n}</ort><in><x>1</x></in><mm name="k">v</mm></r>' for n in range(30)
)
VALID: dict[str, bytes] = {
    "a.csv": _csv("utf-8"),
    "a.tsv": _csv("utf-16"),
    "b.csv": _csv("cp1252"),
    "a.json": json.dumps({"meta": {"a": [1, 2]}, "records": RECORDS}).encode(),
    "a.jsonl": "\n".join(map(json.dumps, RECORDS)).encode(),
    "a.geojson": json.dumps({"type": "FeatureCollection", "features": FEATURES}).encode(),
    "a.xml": f'<?xml version="1.0"?><t xmlns="urn:x"><!-- c --><?p i?>{XML}</t>'.encode(),
    "a.parquet": _saved(lambda target: pq.write_table(TABLE, target)),
    "a.feather": _saved(lambda target: feather.write_feather(TABLE, target)),
    "a.xlsx": _xlsx(),
    "a.ods": _ods(),
    "a.zip": _zip({"in/a.csv": _csv("utf-8"), "b.json": b"[]"}),
    "a.md": b"# Titel\n\nText\n",
}


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Valid bytes with a few flips, cuts, repeats and insertions."""
    result = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(len(result) - 1, 0)))
        kind = draw(st.sampled_from(["flip", "cut", "drop", "repeat", "insert", "number"]))
        if kind == "flip" and result:
            result[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del result[place:]
        elif kind == "drop":
            del result[place : place + draw(st.integers(1, 40))]
        elif kind == "repeat":
            part = bytes(result[place : place + 30])
            result[place:place] = part * draw(st.integers(1, 50))
        elif kind == "insert":
            result[place:place] = draw(st.binary(max_size=12))
        else:
            result[place : place + 4] = draw(st.sampled_from([b"\xff\xff\xff\x7f", b"\0\0\0\0"]))
    return bytes(result)


def _outcome(path: Path) -> Report | SozialdatenError:
    """The report, or the error: never anything else."""
    try:
        return check_files([path])
    except SozialdatenError as error:
        return error


def _read(path: Path) -> None:
    refused: UnreadableFileError | None = None
    try:
        for sheet in read_paths([path]):
            sheet.table.validate(full=True)
            assert sheet.row(max(sheet.table.num_rows - 1, 0)) > 0
    except UnreadableFileError as error:
        refused = error
    assert refused is None or (refused.hint and refused.text("de"))


CELL = st.sampled_from(["", "", "Ort", "Art", "w", "12", "2", "2023", "*", "Summe", "a b c d e"])


@QUICK
@given(st.lists(st.lists(CELL, min_size=1, max_size=5), max_size=40))
def test_no_cell_is_lost_where_tables_lie_below_one_another(grid: list[list[str]]) -> None:
    sheets = sheets_of(Raw(b"", "a.csv"), iter(grid), "")
    shown = {str(cell).strip() for s in sheets for c in s.table.columns for cell in c.to_pylist()}
    told = {text.text for s in sheets for text in s.loose}
    parts = {part for text in told for part in re.split(r" \| | \(\d+\)$", text)}
    assert {cell for row in grid for cell in row if cell} <= shown | told | parts
    rows = [sheet.row(n) for sheet in sheets for n in range(sheet.table.num_rows)]
    assert rows == sorted(set(rows))
    assert all(1 <= row <= len(grid) for row in rows)


@pytest.mark.parametrize("name", VALID)
def test_valid_files_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(VALID[name])
    assert isinstance(_outcome(tmp_path / name), Report)


@pytest.mark.parametrize("name", VALID)
def test_large_files_that_are_mapped_into_memory_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(VALID[name])
    before = [sheet.table for sheet in read_paths([path])]
    monkeypatch.setattr(_paths, "_MAPPED", 1)
    monkeypatch.setattr(_archive, "_IN_MEMORY", 1)
    after = [sheet.table for sheet in read_paths([path])]
    assert after == before


@pytest.mark.parametrize("name", VALID)
def test_mutated_files_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / name

    @QUICK
    @given(mutated(VALID[name]))
    def run(data: bytes) -> None:
        path.write_bytes(data)
        _read(path)

    run()


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods", "a.zip"])
def test_mutated_parts_of_archives_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / name
    with zipfile.ZipFile(io.BytesIO(VALID[name])) as archive:
        parts = {member: archive.read(member) for member in archive.namelist()}

    @QUICK
    @given(st.data())
    def run(data: st.DataObject) -> None:
        part = data.draw(st.sampled_from(sorted(parts)))
        path.write_bytes(_zip({**parts, part: data.draw(mutated(parts[part]))}))
        _read(path)

    run()


@pytest.mark.parametrize("suffix", ["csv", "json", "xml", "xlsx", "ods", "parquet", "zip", "gz"])
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"a.{suffix}"

    @QUICK
    @given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(_bytes)))
    def run(data: bytes) -> None:
        path.write_bytes(data)
        _read(path)

    run()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=40,
)


@QUICK
@given(JSON)
def test_any_json_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value), "utf-8")
    _read(path)


CELLS = st.one_of(
    st.none(),
    st.text(max_size=15),
    st.integers(-5, 10**12).map(str),
    st.floats().map(str),
    st.sampled_from([".", "-", "...", "*", "x", "Insgesamt", "01056", "2023", "12,5 %", "\x00"]),
)
NAMES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["Anzahl", "Gemeinde", "Jahr", "Alter", "Quote", "Name", "Hausnummer", "lat"]),
)
COLUMNS = st.one_of(
    st.lists(CELLS, min_size=6, max_size=6),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=6, max_size=6),
    st.lists(st.none() | st.floats(), min_size=6, max_size=6),
    st.lists(st.none() | st.dates(), min_size=6, max_size=6),
    st.lists(st.none() | st.booleans(), min_size=6, max_size=6),
)


@FEW
@given(st.lists(st.tuples(NAMES, COLUMNS), max_size=5))
def test_any_table_gets_a_report(columns: list[tuple[str, list[object]]]) -> None:
    clean = [name.encode("utf-8", "replace").decode() for name, _ in columns]
    arrays = [_array(cells) for _, cells in columns]
    data = pa.table(arrays, names=clean)
    json.dumps(check(data, None, POLICY).to_json())


def _array(cells: list[object]) -> pa.Array:
    texts = [
        cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell
        for cell in cells
    ]
    return pa.array(texts)


@pytest.mark.parametrize(
    "rule", IDENTIFIER_RULES, ids=[f"{n}-{rule.id}" for n, rule in enumerate(IDENTIFIER_RULES)]
)
def test_every_rule_on_identifiers_takes_any_text(rule: Rule) -> None:
    engine = Engine()

    @FEW
    @given(
        st.lists(st.text(max_size=60), min_size=1, max_size=8),
        st.text(max_size=80),
        st.sampled_from(["file", "sheet", "title", "comment", "header"]),
    )
    def run(cells: list[str], around: str, kind: str) -> None:
        texts = [cell.encode("utf-8", "replace").decode() for cell in cells]
        table = pa.table({"Merkmal": texts, "Alter": ["30"] * len(texts)})
        sheet = Sheet(table, "a.csv", loose=(Loose(around, kind, 1),))
        for finding in rule.find(prepare(sheet, None, POLICY, engine)):
            assert finding.rule == rule.id

    run()
    engine.close()


LONG = 300_000
HOSTILE: dict[str, bytes] = {
    "one-line.csv": b"x" * LONG,
    "long-cells.csv": b"a;b\n" + b"\n".join(b"y" * LONG + b";1" for _ in range(3)),
    "wide.csv": ";".join(f"c{n}" for n in range(20_000)).encode() + b"\n" + b"1;" * 20_000,
    "open-quote.csv": b'a;b\n1;"' + b"x\n" * 50_000,
    "nul.csv": b"a;b\n1;\x00\n",
    "blank-lines.csv": b"\n" * LONG + b"a;b\n1;2\n",
    "ragged.csv": "\n".join(";".join("1" * (n % 50)) for n in range(300)).encode(),
    "deep.json": b"[" * 100_000,
    "deep-object.json": b'{"a":' * 100_000,
    "deep-closed.json": b"[" * 3_000 + b"]" * 3_000,
    "numbers.json": b'[{"a":' + b"9" * 10_000 + b'},{"a":1e999},{"a":NaN}]',
    "surrogates.json": b'[{"\\ud800":"\\udfff"},{"\\ud800":"x"}]',
    "keys.json": json.dumps([{f"k{n}": 1} for n in range(3_000)]).encode(),
    "paths.json": json.dumps({f"k{n}": [{"a": n}] for n in range(3_000)}).encode(),
    "deep.xml": b"<a>" * 5_000 + b"</a>" * 5_000,
    "attributes.xml": ("<a " + " ".join(f'k{n}="1"' for n in range(5_000)) + "/>").encode(),
    "laughs.xml": b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
    "pdf.pdf": b"%PDF-1.4\n",
    "word.docx": _zip({"[Content_Types].xml": b"<a/>", "word/document.bin": b"x"}),
    "ole.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "no-suffix": b"a;b\n1;2\n",
    "bomb.gz": gzip.compress(b"0" * 40_000_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_read_or_refused_soon(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    _read(tmp_path / name)


@pytest.mark.parametrize("name", ["pdf.pdf", "word.docx", "ole.xls", "no-suffix", "bomb.gz"])
def test_what_cannot_be_read_is_never_safe(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    with pytest.raises(UnreadableFileError):
        check_files([tmp_path / name])


@pytest.mark.parametrize("name", ["Ä ö (1).csv", "a\nb.csv", "%2e%2e.csv", "-rf.csv", "'\".csv"])
def test_files_with_odd_names_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(VALID["a.csv"])
    report = check_files([tmp_path / name])
    assert {finding.resource for finding in report.findings} <= {name}


def test_links_that_lead_out_of_a_folder_are_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_bytes(VALID["a.csv"])
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "b.csv").write_bytes(VALID["b.csv"])
    (folder / "a.csv").symlink_to(outside)
    with pytest.raises(UnreadableFileError):
        check_files([folder])


@FEW
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 40))
def test_any_grid_of_texts_in_a_csv_gets_a_report(
    tmp_path_factory: pytest.TempPathFactory, seed: int, width: int, height: int
) -> None:
    chance = random.Random(seed)
    words = ["", "1", "17", ".", "Insgesamt", "Kreis 1", "2,5", "m", "w", "2020", "a@b.de", "-"]
    rows = [";".join(chance.choices(words, k=chance.randint(1, width))) for _ in range(height)]
    path = tmp_path_factory.getbasetemp() / "grid.csv"
    path.write_text("\n".join(rows), "utf-8")
    _outcome(path)


def test_columns_may_be_named_like_paths(tmp_path: Path) -> None:
    path = tmp_path / "grid.csv"
    path.write_text(".;[0];a.b;m\n" + "1;2;3;w\n4;5;6;m\n" * 8, "utf-8")
    _outcome(path)
