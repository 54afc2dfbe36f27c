"""``bench disclosure --part inputs``: a check of the largest inputs, in bounded time and memory.

Persons and counts as CSV, counts as JSON, a CSV file with 1,901 columns and a workbook, all the
same in every run. Each is checked in a process of its own; CPU seconds and peak memory count.
"""

import itertools
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

__all__ = ["INPUTS", "lines", "main", "run"]

_MEGABYTES = 200
_TARGETS = {"cpu_seconds": 180.0, "mib": 3072.0}
_SEED = 7
_WIDE = 1_901
_BLOCK = 500
_SHEET_ROWS = 1_000_000
_CONTENT = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
    'package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override '
    'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    f'relationships"><Relationship Id="rId1" Type="{_OFFICE}/KIND" Target="TARGET"/>'
    "</Relationships>"
)
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'

Result = Mapping[str, object]


def _persons() -> Iterator[str]:
    """Age, sex, nationality, postcode, income and benefit of one person in each line."""
    random = np.random.default_rng(_SEED)
    yield "Alter;Geschlecht;Staatsangehörigkeit;PLZ;Einkommen;Leistung\n"
    while True:
        columns = [random.integers(low, high, _BLOCK) for low, high in ((0, 95), (0, 2), (0, 60))]
        more = [random.integers(0, high, _BLOCK) for high in (90, 5_000, 8)]
        for row in zip(*(column.tolist() for column in (*columns, *more)), strict=True):
            age, sex, nation, place, income, benefit = row
            yield f"{age};{'mw'[sex]};Staat {nation};{12000 + place};{income};Leistung {benefit}\n"


def _cells() -> Iterator[tuple[str, int, int, int]]:
    """Area, year, age group and a count; years and areas go on without end."""
    random = np.random.default_rng(_SEED)
    place = 0
    while True:
        for number, count in enumerate(random.integers(3, 5_000, 200).tolist()):
            yield f"{1_000_000 + place:08d}", 2000 + number // 10, number % 10, count
        place += 1


def _counts() -> Iterator[str]:
    yield "AGS;Jahr;Altersgruppe;Anzahl\n"
    for area, year, band, count in _cells():
        yield f"{area};{year};Gruppe {band};{count}\n"


def _json() -> Iterator[str]:
    for number, (area, year, band, count) in enumerate(_cells()):
        row = {"ags": area, "jahr": year, "gruppe": f"Gruppe {band}", "anzahl": count}
        yield ("," if number else "[") + json.dumps(row)


def _wide(size: int) -> Iterator[str]:
    random = np.random.default_rng(_SEED)
    columns = min(_WIDE, max(20, size // 5_000))
    yield "Gebiet;" + ";".join(f"Merkmal {number}" for number in range(columns)) + "\n"
    place = 0
    while True:
        for row in random.integers(3, 99_999, (10, columns)).tolist():
            place += 1
            yield f"Ort {place};" + ";".join(map(str, row)) + "\n"


def _text(parts: Iterable[str], file: Path, size: int, end: str = "") -> None:
    written = 0
    with file.open("w", encoding="utf-8") as stream:
        for piece in parts:
            written += stream.write(piece)
            if written >= size:
                break
        stream.write(end)


def _workbook(file: Path, size: int) -> None:
    """One sheet of counts; its file is about a third of its text."""
    book = (
        f'<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/>'
    )
    parts = {
        "[Content_Types].xml": _CONTENT,
        "_rels/.rels": _RELS.replace("KIND", "officeDocument").replace("TARGET", "xl/workbook.xml"),
        "xl/workbook.xml": book + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _RELS.replace("KIND", "worksheet").replace(
            "TARGET", "worksheets/sheet1.xml"
        ),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as stream:
            stream.write(f"<worksheet {_MAIN}><sheetData>".encode())
            head = ("AGS", "Jahr", "Gruppe", "Anzahl")
            written = stream.write(_row(head))
            for row in itertools.islice(_cells(), _SHEET_ROWS):
                written += stream.write(_row(row))
                if written > 7 * size:
                    break
            stream.write(b"</sheetData></worksheet>")


def _row(cells: Sequence[object]) -> bytes:
    shown = [
        f"<c><v>{cell}</v></c>"
        if isinstance(cell, int)
        else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
        for cell in cells
    ]
    return f"<row>{''.join(shown)}</row>".encode()


INPUTS: Mapping[str, Callable[[Path, int], None]] = {
    "persons.csv": lambda file, size: _text(_persons(), file, size),
    "counts.csv": lambda file, size: _text(_counts(), file, size),
    "counts.json": lambda file, size: _text(_json(), file, size, "]"),
    "wide.csv": lambda file, size: _text(_wide(size), file, size),
    "counts.xlsx": lambda file, size: _workbook(file, size * 3 // 10),
}


def run(*, quick: bool, peer_python: str) -> Result:
    """Measure.

    Args:
        quick: inputs of a hundredth of the size.
        peer_python: not used.
    """
    del peer_python
    size = _MEGABYTES * 1_000_000 // (100 if quick else 1)
    result: dict[str, object] = {"targets": _TARGETS}
    for name, write in INPUTS.items():
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, name)
            write(file, size)
            command = [sys.executable, "-m", __name__, str(file)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
            measured = cast("dict[str, Any]", json.loads(done.stdout.splitlines()[-1]))
            result[name] = measured | {"megabytes": round(file.stat().st_size / 1e6, 1)}
    return result


def lines(result: Result) -> Sequence[str]:
    """The result for people."""
    return [
        f"{name}: {one['megabytes']} MB, {one['cpu']:.1f} CPU s, {one['mib']:.0f} MiB:"
        f" {one['verdict']}"
        for name, one in cast("Mapping[str, Mapping[str, Any]]", result).items()
        if name != "targets"
    ]


def main() -> None:
    """Check the file of the argument and print what it took."""
    from ckanext.sozialdaten.disclosure import check_files

    started = time.process_time()
    report = check_files([sys.argv[1]])
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    measured = {"cpu": seconds, "mib": peak, "verdict": report.verdict.value}
    print(json.dumps(measured | {"findings": len(report.findings)}))


if __name__ == "__main__":
    main()
