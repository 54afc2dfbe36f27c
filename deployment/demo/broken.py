"""Deliveries as they go wrong in life: each is a good one with a single fault.

The tests of the harvesters take them from here: every fault must end a job with file, row, column
and hint, and change nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ckanext.sozialdaten.demo import youth
from ckanext.sozialdaten.demo.flatfile import Table, flat_csv

__all__ = ["HZE", "POPULATION", "Broken", "broken_deliveries"]

HZE = "musterland-hze"
POPULATION = "musterland-bevoelkerung"
_HEADER_ROW = 4
_NOT_IN_CP1252 = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")
_FAULTY = 7  # the line of the list, counted from 0, that carries the fault


@dataclass(frozen=True, slots=True)
class Broken:
    """A faulty delivery and where its fault lies.

    Args:
        fault: what is wrong, as a word for file names and test ids.
        source: id of the source that would receive it.
        name: name of the file.
        content: its bytes.
        row: where a spreadsheet shows the fault, counted from 1; none where no row is at fault.
        column: caption of the faulty column, empty where no column is at fault.
    """

    fault: str
    source: str
    name: str
    content: bytes
    row: int | None = None
    column: str = ""


def _without(values: tuple[str, ...], column: int) -> tuple[str, ...]:
    return values[:column] + values[column + 1 :]


def _with(values: tuple[str, ...], column: int, value: str) -> tuple[str, ...]:
    return (*values[:column], value, *values[column + 1 :])


def _faulty_list(
    fault: str, lines: list[tuple[str, ...]], year: int, column: str, value: str
) -> Broken:
    """The list with one value replaced."""
    changed = list(lines)
    changed[_FAULTY] = _with(changed[_FAULTY], youth.HEADER.index(column), value)
    row = _HEADER_ROW + _FAULTY + 1
    content = youth.case_list(changed, year)
    return Broken(fault, HZE, youth.file_name(year), content, row, column)


def _first_foreign_line(content: bytes) -> int:
    """The first line with a byte that cp1252 does not know, counted from 1."""
    for number, line in enumerate(content.split(b"\r\n"), start=1):
        if any(byte in line for byte in _NOT_IN_CP1252):
            return number
    raise ValueError("every byte of this file is a letter in cp1252")


def _case_lists(lines: list[tuple[str, ...]], year: int) -> Iterator[Broken]:
    name = youth.file_name(year)
    region = youth.HEADER.index("GKZ")
    narrow = youth.case_list(
        (_without(line, region) for line in lines), year, _without(youth.HEADER, region)
    )
    yield Broken("missing-column", HZE, name, narrow, _HEADER_ROW, "GKZ")
    # cp850 is what old DOS programs write; some of its umlauts are nothing at all in cp1252.
    dos = youth.case_list(lines, year).decode("cp1252").encode("cp850", "replace")
    yield Broken("wrong-encoding", HZE, name, dos, _first_foreign_line(dos))
    yield _faulty_list("unknown-region", lines, year, "GKZ", "99001999")
    first = youth.HEADER.index("Fallnummer")
    yield _faulty_list("duplicate-key", lines, year, "Fallnummer", lines[0][first])
    yield _faulty_list("wrong-locale", lines, year, "Kosten je Monat (€)", "1234.56")
    yield Broken("empty-file", HZE, name, b"")


def _flat_files(table: Table) -> Iterator[Broken]:
    header, rows = table.header, list(table.rows)
    name = "12411-02-03-5_1751344200000_de_flat.csv"
    value, region = header.index("value"), header.index("1_variable_attribute_code")
    row = _FAULTY + 2

    def file(changed: list[tuple[str, ...]]) -> bytes:
        return flat_csv(Table(header, changed))

    def replaced(column: int, text: str) -> list[tuple[str, ...]]:
        return [*rows[:_FAULTY], _with(rows[_FAULTY], column, text), *rows[_FAULTY + 1 :]]

    narrow = Table(_without(header, value), [_without(line, value) for line in rows])
    yield Broken("missing-column", POPULATION, name, flat_csv(narrow), 1, "value")
    # What a spreadsheet writes as "Unicode text".
    yield Broken(
        "wrong-encoding", POPULATION, name, file(rows).decode("utf-8-sig").encode("utf-16")
    )
    code = header[region]
    unknown = file(replaced(region, "99001999"))
    yield Broken("unknown-region", POPULATION, name, unknown, row, code)
    twice = file([*rows, _with(rows[0], value, "1")])
    yield Broken("duplicate-key", POPULATION, name, twice, len(rows) + 2)
    english = file(replaced(value, "1,234.5"))
    yield Broken("wrong-locale", POPULATION, name, english, row, "value")
    yield Broken("empty-file", POPULATION, name, b"")


def broken_deliveries(lines: list[tuple[str, ...]], year: int, table: Table) -> tuple[Broken, ...]:
    """Every fault, made from a good case list of ``year`` and a good population table."""
    return (*_case_lists(lines, year), *_flat_files(table))
