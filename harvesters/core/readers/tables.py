"""Tables of figures of any office: workbooks and delimited texts, understood by their captions.

One reader serves them all; a :class:`Profile` says what differs between sources (signs, decimal
character, captions that a table must have). What the cells mean is decided for a column as a whole
and never for a cell: the decimal character, whether digits are keys, years or figures.
"""

import io
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

import yaml

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import BadNumber, EmptyDelivery, NotReadable
from ckanext.sozialdaten.harvesters.core.readers._batches import batches
from ckanext.sozialdaten.harvesters.core.readers._emit import Emitter, Problems
from ckanext.sozialdaten.harvesters.core.readers._grid import Grid
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed, Recognition, Settings
from ckanext.sozialdaten.harvesters.core.readers._sections import (
    Profile,
    Section,
    filled,
    find_sections,
)
from ckanext.sozialdaten.harvesters.core.readers._times import Time, find_time
from ckanext.sozialdaten.harvesters.core.readers._words import fold, words
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["TableReader", "grids_of", "observations", "table_readers"]

_CODE = re.compile(r"\d{5}(-\w{1,4})+|AI-?\w[\w-]*|\d{4}[A-Z]-\d{4}")


class TableReader:
    """Any table of figures that captions explain.

    Args:
        profile: what is particular to the source.
    """

    def __init__(self, profile: Profile | None = None) -> None:
        self.profile = profile or Profile("tabelle")
        self.name = self.profile.name
        self.signs = self.profile.signs

    def recognise(self, opened: Opened) -> Recognition:
        """By what its first rows say; without such signs any table might be one, faintly."""
        if not _is_table(opened):
            return Recognition()
        if self.profile.seen:
            seen = all(re.search(sign, opened.opening) for sign in self.profile.seen)
            return Recognition(0.8 if seen else 0.0, " + ".join(self.profile.seen))
        return Recognition(0.1, "rows of cells")

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """All tables of all sheets.

        Raises:
            EmptyDelivery: no figures anywhere.
            DeliveryRefused: cells that are neither number nor sign.
        """
        yield from batches(observations(opened, settings, self.profile), opened.name)


def _is_table(opened: Opened) -> bool:
    if opened.kind == Kind.JSON:
        return bool(opened.grids)
    return opened.kind in (Kind.WORKBOOK, Kind.PARQUET) or (
        opened.kind == Kind.TEXT and b"\n" in opened.head
    )


def grids_of(opened: Opened, wanted: str = "") -> list[Grid]:
    """The sheets that may hold figures, or the text."""
    if opened.kind != Kind.WORKBOOK:
        return opened.grids
    named = [grid for grid in opened.grids if wanted and re.search(wanted, fold(grid.name))]
    if named:
        return named
    return [grid for grid in opened.grids if not words().silent_sheets.search(fold(grid.name))]


def table_readers() -> list[TableReader]:
    """A reader for each format of ``schemas/formats/table_formats.yaml``, one for the rest."""
    source = resources.files("ckanext.sozialdaten.schemas.formats") / "table_formats.yaml"
    data = cast("dict[str, list[dict[str, Any]]]", yaml.safe_load(source.read_text("utf-8")))
    found = [
        Profile(
            item["name"],
            item.get("signs", "statistik"),
            tuple(item.get("seen", ())),
            item.get("sheets", ""),
            item.get("decimal", ""),
        )
        for item in data["formats"]
    ]
    return [TableReader(profile) for profile in found] + [TableReader()]


def observations(opened: Opened, settings: Settings, profile: Profile) -> Iterator[Observed]:
    """Every figure of every table, in the order of the file.

    Raises:
        EmptyDelivery: no figures anywhere.
        DeliveryRefused: cells that are neither number nor sign.
    """
    signs = legend(settings.signs or profile.signs)
    problems = Problems(opened.name)
    found = [
        (grid, find_sections(grid, profile, signs)) for grid in grids_of(opened, profile.sheets)
    ]
    found = [(grid, sections) for grid, sections in found if sections]
    for grid, sections in found:
        _refuse_persons(opened, sections)
        _refuse_cut(opened, grid, sections[-1])
    count = homeless = timeless = 0
    for grid, sections in found:
        if grid.hidden:
            settings.note(f"{opened.name}: sheet {grid.name} is hidden; its figures were read")
        decimal = _decimal(opened, grid, sections, settings.decimal or profile.decimal)
        fallback = _fallback(opened)
        for section in sections:
            prefix = _prefix(opened, grid, section, profile, len(found))
            emitter = Emitter(
                opened.name, grid, section, prefix, signs, settings, decimal, fallback
            )
            for row in emitter.rows(problems):
                count += 1
                homeless += not row[1]
                timeless += not row[2]
                yield row
    problems.stop()
    if not count:
        raise _nothing(opened)
    if homeless:
        settings.note(f"{opened.name}: {homeless} figures name no region; say it with --region")
    if timeless:
        settings.note(f"{opened.name}: {timeless} figures name no time; say it with --time")


def _refuse_persons(opened: Opened, sections: Sequence[Section]) -> None:
    for section in sections:
        for number, row in section.header:
            if any(words().persons.search(fold(str(cell))) for _, cell in filled(row)):
                raise NotReadable(
                    Message("This is a list of persons; its rows are never printed."),
                    Message(
                        "Describe it in schemas/formats/record_formats.yaml, or register it as a "
                        "source: persons become counts."
                    ),
                    Place(opened.name, row=number),
                )


def _refuse_cut(opened: Opened, grid: Grid, section: Section) -> None:
    """A text that stops within a row has lost more than that row."""
    if not grid.delimiter or not section.breaks_off:
        return
    with opened.seekable() as stream:
        stream.seek(-1, io.SEEK_END)
        ended = stream.read(1) in b"\r\n"
    if not ended:
        raise NotReadable(
            Message("The file ends in the middle of a row."),
            Message("The transfer may have been cut off; fetch the file again."),
            Place(opened.name, row=section.last),
        )


def _nothing(opened: Opened) -> EmptyDelivery:
    return EmptyDelivery(
        Message("The file holds no table of figures with captions."),
        Message(
            "Describe its columns: “sozialdaten layout draft FILE” writes a layout to start from."
        ),
        Place(file=opened.name),
    )


def _fallback(opened: Opened) -> Time | None:
    name = re.sub(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)", r"\1-\2-\3", opened.stem)
    name = re.sub(r"(?<!\d)((?:19|20)\d{2})(0[1-9]|1[0-2])(?!\d)", r"\1-\2", name)
    return find_time(name.replace("_", " "))


def _prefix(opened: Opened, grid: Grid, section: Section, profile: Profile, sheets: int) -> str:
    for text in (grid.name, *section.titles, opened.stem):
        match = _CODE.search(text)
        if match:
            return match[0]
    name = opened.stem if profile.name == "tabelle" else profile.name
    return f"{name}.{grid.name}" if sheets > 1 else name


def _decimal(opened: Opened, grid: Grid, sections: Sequence[Section], given: str) -> str:
    """The decimal character of a text where a column leaves it open.

    Raises:
        BadNumber: nothing in the whole file decides whether 1.234 is a thousand or about one.
    """
    if given:
        return given
    if not grid.text:
        return ","
    stats = [item for section in sections for item in section.stats.values()]
    proven = {decimal for item in stats for decimal in item.decimals}
    if not proven and any(item.grouped for item in stats):
        return ","
    if len(proven) == 1:
        return next(iter(proven))
    if grid.delimiter == ",":
        return "."
    for section in sections:
        for index, item in section.stats.items():
            if item.open_decimal[0] and not item.decimals and not proven:
                raise BadNumber(
                    Message("Nothing in the file says whether the point is a decimal point."),
                    Message("Say it with --decimal “,” or --decimal “.”."),
                    Place(opened.name, grid.name, item.open_decimal[0], section.caption(index)),
                )
    return ","
