"""Cube files of the GENESIS family: records ``K;`` name what the records ``D;`` below them hold.

The axes stand in the blocks DQA (region first, then variables) and DQZ (time); the figures in the
block QEI, four cells for each value (WERT, QUALITAET, GESPERRT, WERT-VERFAELSCHT), with a decimal
point. The first line names the user of the interface and is not read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._periods import parse_time, part_of_year
from ckanext.sozialdaten.harvesters.core.errors import BadDate, NotReadable, UnknownSign
from ckanext.sozialdaten.harvesters.core.genesis import TOTAL
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._cells import Numbers
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems, strange_cell
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._regions import key_of
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CubeFileReader"]

_HEAD = re.compile(rb"^(\xef\xbb\xbf)?(\*[^\n]*\r?\n)?K;DQ;", re.MULTILINE)
_REGIONAL = re.compile(r"DINSG|DLAND|LAND|REGBEZ|KREISE?|GEMEIN|GEO\w+")
_CELLS = 4


@dataclass
class _Cube:
    """What the blocks above the figures say."""

    code: str = ""
    axes: list[str] = field(default_factory=list[str])
    contents: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


class CubeFileReader:
    """``genesis-cube``."""

    name = "genesis-cube"
    signs = "genesis"

    def recognise(self, opened: Opened) -> Recognition:
        """By the first record."""
        found = opened.kind == Kind.TEXT and bool(_HEAD.search(opened.head[:2000]))
        return Recognition(1.0 if found else 0.0, "K;DQ;…")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """The series is ``<cube>.<content>``.

        Raises:
            NotReadable: the figures come before what they mean, or are cut off.
            DeliveryRefused: cells that are neither number nor sign.
        """
        yield from batches(_rows(opened, legend(settings.signs or "genesis")), opened.name)


def _rows(opened: Opened, signs: dict[str, str]) -> Iterator[Observed]:
    cube, block = _Cube(), ""
    numbers, problems = Numbers(".", signs), Problems(opened.name)
    for number, row in enumerate(opened.text.rows(";"), 1):
        kind = row[0] if row else ""
        if kind == "K" and len(row) > 1:
            block = row[1]
        elif kind == "D" and block == "QEI":
            yield from _figures(opened.name, number, row[1:], cube, numbers, problems)
        elif kind == "D":
            _describe(cube, block, row[1:])
    problems.stop()


def _describe(cube: _Cube, block: str, cells: list[str]) -> None:
    if block == "DQ" and cells:
        cube.code = cells[0]
    elif block in ("DQA", "DQZ") and cells:
        cube.axes.append(cells[0])
    elif block == "DQI" and len(cells) > 3:
        cube.contents.append((cells[0], cells[1] or cells[3]))


def _figures(
    file: str, number: int, cells: list[str], cube: _Cube, numbers: Numbers, problems: Problems
) -> Iterator[Observed]:
    axes = len(cube.axes)
    if not cube.contents or len(cells) < axes + _CELLS * len(cube.contents) - 3:
        raise NotReadable(
            Message(
                "The row has {found} cells, the header {expected}.",
                {"found": len(cells), "expected": axes + _CELLS * len(cube.contents)},
            ),
            Message("The transfer may have been cut off; fetch the table again."),
            Place(file, row=number),
        )
    named = dict(zip(cube.axes, cells, strict=False))
    span = parse_time(cells[axes - 1])
    if span is None:
        raise BadDate(
            Message("This time is not understood."),
            Message("Known are days, months, quarters, terms, school years and years."),
            Place(file, row=number, column=cube.axes[-1]),
        )
    region = next((name for name in cube.axes if _REGIONAL.fullmatch(name)), "")
    codes = {
        name: code or TOTAL for name, code in named.items() if name not in (region, cube.axes[-1])
    }
    for code in codes.values():
        span = part_of_year(span, code)
    for index, (content, unit) in enumerate(cube.contents):
        value, quality, locked = (*cells[axes + _CELLS * index :], "", "", "")[:3]
        figure = numbers.read(value) if value.strip() else ("", "", "")
        sign = quality.strip() or locked.strip()
        place = Place(file, row=number, column=content)
        if figure is None:
            problems.add(strange_cell(value, place))
            continue
        if sign and sign not in numbers.legend:
            problems.add(_unknown(place))
        yield (
            f"{cube.code}.{content}",
            key_of(named.get(region, "DG")) or "DG",
            span[0].isoformat(),
            span[1].isoformat(),
            dimensions_text(codes),
            figure[0],
            unit,
            sign or figure[1],
        )


def _unknown(place: Place) -> UnknownSign:
    return UnknownSign(
        Message("This sign is not in the legend of the source."),
        Message("Add it to schemas/codelists/quality_signs.yaml with its meaning."),
        place,
    )
