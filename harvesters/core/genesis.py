"""Reads flat-file CSV (ffcsv) of the GENESIS family, new and old, plain or in its ZIP.

What leaves is one row for each value cell, none dropped: the codes as printed, the region's key,
the value with a decimal point, the unit as printed (``1000`` stays a unit; no factor is applied)
and the sign. An empty attribute code, which the format uses for a total, becomes ``INSGESAMT``.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import GeographyError, ars_to_ags, canonical_key
from ckanext.sozialdaten.harvesters.core._genesis_header import (
    Header,
    ValueColumn,
    Variable,
    find_header,
)
from ckanext.sozialdaten.harvesters.core._periods import Span, parse_time, part_of_year
from ckanext.sozialdaten.harvesters.core.errors import (
    BadDate,
    BadNumber,
    DeliveryError,
    DeliveryRefused,
    EmptyDelivery,
    NotReadable,
    UnknownRegionKey,
    UnknownSign,
)
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TOTAL", "cells_of"]

TOTAL = "INSGESAMT"
_MOST_PROBLEMS = 20
_BLOCK = 1 << 23
_FIRST = 2
_REGIONAL = re.compile(
    r"DINSG|DLAND|DLANDX?|LAND|REGBEZ|STATREG|KREISE|KREIS|GEMEIN|GEMVER|VBGEM|GEO[A-Z]{2}\d*"
)
# names that further databases give: regional where all their codes are keys
_PERHAPS = re.compile(r"(GEM|KREI|KRS|LAND|BLAND|STLAND|BEZ|REG|AGS|VERB|VG)[A-Z0-9-]*")
_PARTS = frozenset({"MONAT", "QUARTG", "QUART", "HALBJ", "HALBJG"})
_GEO_LENGTHS = {"GEODL": 0, "GEOBL": 2, "GEORB": 3, "GEOLK": 5, "GEOKR": 5, "GEOVB": 9}
_COMMA = r"^-?\d+(,\d+)?$"
_POINT = r"^-?\d+(\.\d+)?$"
_ARS = 12


@dataclass
class _File:
    """What is known of a file from its first batch on."""

    name: str
    inner: str
    header: Header
    first: int = _FIRST
    region: int | None = None
    part: int | None = None
    points: dict[str, bool] = field(default_factory=dict[str, bool])


def cells_of(opened: Opened) -> "Iterator[tuple[pa.Table, int]]":
    """The value cells of a flat file, batch by batch.

    Yields:
        The cells, and how many lines of the file they come from. Columns: ``statistic``,
        ``value_code``, ``region``, ``reference_start``, ``reference_end``, ``dimensions`` (JSON
        object: variable code -> attribute code), ``value`` (text with decimal point, null where a
        sign stands), ``unit`` and ``quality``.

    Raises:
        DeliveryError: no flat file, or several problems as a :class:`DeliveryRefused`.
    """
    _refuse_answers(opened.text.start, opened.name)
    names = _names(opened)
    file = _File(opened.name, opened.inner, find_header(tuple(names), opened.name))
    for cells in _batches(opened, names, file.header.used):
        if cells.num_rows:
            if file.first == _FIRST:
                file.region = _region_variable(cells, file.header)
                file.part = _part_variable(cells, file.header)
            yield _observations(cells, file), cells.num_rows
            file.first += cells.num_rows
    if file.first == _FIRST:
        raise EmptyDelivery(
            Message("The file has a header but no rows."),
            Message("An answer without rows never means that data are gone; fetch it again."),
            Place(opened.name, row=1),
        )


def _refuse_answers(text: str, file: str) -> None:
    """An error that came in place of data: the service answers 200 with JSON or HTML."""
    start = text.lstrip()[:1]
    if start not in ("{", "<"):
        return
    raise NotReadable(
        Message("The file holds a message of the service in place of data."),
        Message(
            "Open it in an editor: it says what went wrong (login, too many values, maintenance)."
        ),
        Place(file, row=1),
    )


def _names(opened: Opened) -> list[str]:
    """The captions of a flat file.

    Raises:
        NotReadable: it has none that separate by a semicolon, or one of them twice.
    """
    first = opened.text.start.split("\n", 1)[0].rstrip("\r")
    names = [name.strip().strip('"') for name in first.split(";")]
    if len(set(names)) != len(names) or len(names) < 2:
        raise NotReadable(
            Message("This is no flat file of the GENESIS family."),
            Message("Expected are columns separated by “;”, each named once."),
            Place(opened.name, row=1),
        )
    return names


def _batches(opened: Opened, names: list[str], used: tuple[str, ...]) -> "Iterator[pa.Table]":
    """The cells of the columns ``used`` as text, with pyarrow's streaming reader."""
    import pyarrow as pa
    from pyarrow import csv

    ragged: list[tuple[int | None, int]] = []

    def invalid(row: csv.InvalidRow) -> str:
        ragged.append((row.number, row.actual_columns))
        return "skip"

    try:
        with opened.stream() as stream:
            reader = csv.open_csv(
                stream,
                csv.ReadOptions(
                    column_names=names,
                    skip_rows=1,
                    block_size=_BLOCK,
                    encoding="utf8" if opened.text.encoding == "utf-8" else "cp1252",
                ),
                csv.ParseOptions(delimiter=";", invalid_row_handler=invalid),
                csv.ConvertOptions(
                    column_types=dict.fromkeys(used, pa.string()),
                    include_columns=list(used),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                if ragged:
                    break
                yield pa.Table.from_batches([batch])
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return
        raise NotReadable(
            Message("The rows cannot be split into cells."),
            Message("A quotation mark may be open, or the transfer was cut off."),
            Place(opened.name),
        ) from error
    if ragged:
        row, found = ragged[0]
        raise NotReadable(
            Message(
                "The row has {found} cells, the header {expected}.",
                {"found": found, "expected": len(names)},
            ),
            Message("The transfer may have been cut off; fetch the table again."),
            Place(opened.name, row=row),
        )


def _observations(cells: "pa.Table", file: _File) -> "pa.Table":
    import pyarrow as pa

    problems: list[DeliveryError] = []
    header = file.header
    regions = _regions(cells, file, problems)
    starts, ends = _times(cells, file, problems)
    dimensions = _dimensions(cells, header, file.region)
    statistic = _column(cells, header.plain.get("statistics_code", ""))
    parts: list[pa.Table] = []
    for column in header.values:
        value, quality = _values(cells, column, file, problems)
        parts.append(
            pa.table(
                {
                    "statistic": statistic,
                    "value_code": _fixed(cells, header, "value_code", column.code),
                    "region": regions,
                    "reference_start": starts,
                    "reference_end": ends,
                    "dimensions": dimensions,
                    "value": value,
                    "unit": _fixed(cells, header, "value_unit", column.unit),
                    "quality": quality,
                }
            )
        )
    if problems:
        ordered = sorted(problems, key=lambda item: (item.place and item.place.row) or 0)
        raise DeliveryRefused(file.name, ordered[:_MOST_PROBLEMS], len(ordered) > _MOST_PROBLEMS)
    return _interleaved(parts)


def _interleaved(parts: "list[pa.Table]") -> "pa.Table":
    """Rows in the order of the file, where a line of the file holds several values."""
    import numpy as np
    import pyarrow as pa

    if len(parts) == 1:
        return parts[0]
    rows = parts[0].num_rows
    order = np.arange(rows * len(parts)).reshape(len(parts), rows).T.ravel()
    return pa.concat_tables(parts).take(pa.array(order))


def _column(cells: "pa.Table", name: str) -> "pa.Array":
    import pyarrow as pa

    if not name:
        return pa.array([""] * cells.num_rows, pa.string())
    return cells[name].combine_chunks()


def _fixed(cells: "pa.Table", header: Header, what: str, fixed: str) -> "pa.Array":
    import pyarrow as pa

    if fixed or what not in header.plain:
        return pa.array([fixed] * cells.num_rows, pa.string())
    return _column(cells, header.plain[what])


def _mapped(
    cells: "pa.Table", columns: list[str], rule: Callable[[tuple[str, ...]], object]
) -> tuple[list[object], "pa.Array"]:
    """``rule`` applied once to each distinct combination of ``columns``, and where it belongs.

    Returns:
        The results, and for each row the position of its result.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    joined = pc.binary_join_element_wise(
        *[cells[column].combine_chunks() for column in columns], pa.scalar("\x1f")
    )
    encoded = pc.dictionary_encode(joined)
    results = [rule(tuple(str(key).split("\x1f"))) for key in encoded.dictionary.to_pylist()]
    return results, encoded.indices


def _region_variable(cells: "pa.Table", header: Header) -> int | None:
    """The first group whose variables are all regional (their code may change from row to row)."""
    import pyarrow.compute as pc

    for index, variable in enumerate(header.variables):
        codes = [str(code) for code in pc.unique(cells[variable.code]).to_pylist()]
        if codes and all(_REGIONAL.fullmatch(code) for code in codes):
            return index
        if codes and all(_REGIONAL.fullmatch(code) or _PERHAPS.fullmatch(code) for code in codes):
            keys, _ = _mapped(cells, [variable.code, variable.attribute], _region)
            if None not in keys:
                return index
    return None


def _part_variable(cells: "pa.Table", header: Header) -> int | None:
    """The group that names months or quarters of the year that stands in the column of times."""
    import pyarrow.compute as pc

    for index, variable in enumerate(header.variables):
        codes = pc.unique(cells[variable.code]).to_pylist()
        if codes and all(code in _PARTS for code in codes):
            return index
    return None


def _regions(cells: "pa.Table", file: _File, problems: list[DeliveryError]) -> "pa.Array":
    import pyarrow as pa

    if file.region is None:
        return pa.array(["DG"] * cells.num_rows, pa.string())
    variable: Variable = file.header.variables[file.region]
    keys, where = _mapped(cells, [variable.code, variable.attribute], _region)
    for position, row in _first_rows(keys, where, file.first):
        problems.append(
            UnknownRegionKey(
                Message("This is no regional key."),
                Message("Keys have 2, 3, 5, 8 or 12 digits; a spreadsheet may have changed them."),
                Place(file.name, row=row, column=variable.attribute),
            )
        )
        keys[position] = ""
    return pa.array(keys, pa.string()).take(where)


def _region(code: tuple[str, ...]) -> str | None:
    """The canonical key of a region, by its variable's code and its own."""
    variable, key = code
    if len(key) == _ARS and key.isdigit():
        return _from_ars(variable, key)
    if key == "DG" or (key.isascii() and key.isdigit() and len(key) in (2, 3, 5, 8, 9)):
        return key
    try:
        return canonical_key(key)
    except GeographyError:
        return None


def _from_ars(variable: str, key: str) -> str:
    length = _GEO_LENGTHS.get(variable[:5])
    if length == 0:
        return "DG"
    return key[:length] if length else ars_to_ags(key)


def _first_rows(results: list[object], where: "pa.Array", first: int) -> Iterator[tuple[int, int]]:
    """Position and first row in the file of every result that is None."""
    import pyarrow.compute as pc

    for position, result in enumerate(results):
        if result is None:
            yield position, int(pc.index(where, position).as_py()) + first


def _times(
    cells: "pa.Table", file: _File, problems: list[DeliveryError]
) -> "tuple[pa.Array, pa.Array]":
    import pyarrow as pa

    column = file.header.plain["time"]
    part = [] if file.part is None else [file.header.variables[file.part].attribute]
    spans, where = _mapped(cells, [column, *part], _span)
    for position, row in _first_rows(spans, where, file.first):
        problems.append(
            BadDate(
                Message("This time is not understood."),
                Message("Known are days, months, quarters, terms, school years and years."),
                Place(file.name, row=row, column=column),
            )
        )
        spans[position] = parse_time("1900")
    known: list[Span] = [span for span in spans if isinstance(span, tuple)]
    return (
        pa.array([span[0] for span in known], pa.date32()).take(where),
        pa.array([span[1] for span in known], pa.date32()).take(where),
    )


def _span(cells: tuple[str, ...]) -> Span | None:
    """A time, and the part of it that a second variable names."""
    span = parse_time(cells[0])
    return part_of_year(span, cells[1]) if span and len(cells) > 1 else span


def _dimensions(cells: "pa.Table", header: Header, region: int | None) -> "pa.Array":
    import pyarrow as pa

    rest = [item for index, item in enumerate(header.variables) if index != region]
    if not rest:
        return pa.array(["{}"] * cells.num_rows, pa.string())
    columns = [name for item in rest for name in (item.code, item.attribute)]
    texts, where = _mapped(cells, columns, _dimension_text)
    return pa.array(texts, pa.string()).take(where)


def _dimension_text(codes: tuple[str, ...]) -> str:
    pairs = {
        codes[index]: codes[index + 1] or TOTAL for index in range(0, len(codes), 2) if codes[index]
    }
    return json.dumps(pairs, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _values(
    cells: "pa.Table", column: ValueColumn, file: _File, problems: list[DeliveryError]
) -> "tuple[pa.Array, pa.Array]":
    """The values with decimal point (null where a sign stands) and the signs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = pc.utf8_trim_whitespace(cells[column.column].combine_chunks())
    if column.column not in file.points:
        file.points[column.column] = _decimal_point(text, file.inner)
    point = file.points[column.column]
    number = pc.match_substring_regex(text, _POINT if point else _COMMA)
    plain = pc.replace_substring(text, ",", ".")
    value = pc.if_else(number, plain, pa.scalar(None, pa.string()))
    sign = pc.if_else(number, "", text)
    if pc.any(pc.starts_with(sign, "(")).as_py():
        value, sign, number = _bracketed(text, value, sign, point)
    problems.extend(_strange(sign, number, column.column, file))
    if not column.quality:
        return value, sign
    beside = pc.utf8_trim_whitespace(cells[column.quality].combine_chunks())
    problems.extend(_strange(beside, pc.equal(beside, ""), column.quality, file))
    return value, pc.if_else(number, beside, sign)


def _bracketed(
    text: "pa.Array", value: "pa.Array", sign: "pa.Array", point: bool
) -> "tuple[pa.Array, pa.Array, pa.Array]":
    """Figures of limited validity, which stand in brackets."""
    import pyarrow.compute as pc

    inner = pc.replace_substring_regex(text, r"^\((.*)\)$", r"\1")
    limited = pc.and_(
        pc.starts_with(text, "("), pc.match_substring_regex(inner, _POINT if point else _COMMA)
    )
    value = pc.if_else(limited, pc.replace_substring(inner, ",", "."), value)
    sign = pc.if_else(limited, "()", sign)
    return value, sign, pc.is_valid(value)


def _decimal_point(text: "pa.Array", inner: str) -> bool:
    """Whether the column writes decimal points. Decided once for the column, never for a cell.

    German files write commas; files fetched in English, which say so in their name, write points.
    A file that does not say is taken by its content if that is beyond doubt: points only, and not
    every one of them before exactly three digits.
    """
    import pyarrow.compute as pc

    commas = len(text) and pc.any(pc.match_substring_regex(text, r"^-?\d+,\d+$")).as_py()
    if commas:
        return False
    if "_en_flat" in inner:
        return True
    if "_de_flat" in inner:
        return False
    points = text.filter(pc.match_substring_regex(text, r"^-?\d+\.\d+$"))
    return len(points) > 0 and not pc.all(pc.match_substring_regex(points, r"\.\d{3}$")).as_py()


def _strange(
    signs: "pa.Array", fine: "pa.Array", column: str, file: _File
) -> Iterator[DeliveryError]:
    """Cells that are neither a number nor a sign of the legend."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known = pa.array(["", *sorted(legend("genesis"))], pa.string())
    wrong = pc.indices_nonzero(pc.invert(pc.or_(fine, pc.is_in(signs, value_set=known))))
    for index in wrong.to_pylist()[: _MOST_PROBLEMS + 1]:
        cell = str(signs[index].as_py())
        place = Place(file.name, row=int(index) + file.first, column=column)
        if re.search(r"\d", cell):
            yield BadNumber(
                Message("This is no number as this file writes them."),
                Message(
                    "The file may have been saved again by a program set to another language; "
                    "fetch it anew from the source."
                ),
                place,
            )
        else:
            yield UnknownSign(
                Message("This sign is not in the legend of the source."),
                Message("Add it to schemas/codelists/quality_signs.yaml with its meaning."),
                place,
            )
