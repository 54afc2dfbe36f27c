"""The figures of the report as tables, with everything that belongs to a figure."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import ckan.plugins.toolkit as tk
import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from ckanext.sozialdaten.formulas import neutral
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.preview import Kind, kind_text
from ckanext.sozialdaten.portal.report._aims import progress_name
from ckanext.sozialdaten.portal.report._build import Entry, Report

__all__ = ["COLUMNS", "about", "as_csv", "as_xlsx", "rows", "rows_of"]

COLUMNS = (
    "theme", "indicator", "name", "role", "region", "region_name", "period", "value", "low", "high",
    "unit", "state", "quality", "pooled", "verdict", "captured_at", "sources",
)  # fmt: skip
_WIDTHS = (28, 42, 18, 10, 18, 18, 16, 16, 16, 90, 50, 50)
_NUMBERS = (Kind.VALUE, Kind.NOTHING, Kind.ROUNDED_ZERO, Kind.FILTERED)
_EMPTY = tuple(kind for kind in Kind if kind not in _NUMBERS)


def rows(report: Report) -> Iterator[dict[str, Any]]:
    """Each figure of the report in a row, see `rows_of`."""
    for entry in report.entries:
        yield from rows_of(entry)


def rows_of(entry: Entry) -> Iterator[dict[str, Any]]:
    """A figure of the report and those it is compared with, not rounded.

    ``role`` says what each is there for: ``own``, ``before`` (the earlier figure of the region),
    ``kreis``, ``land``, ``bund`` or ``goal`` (what staff want it to become, in the year until which
    they do). ``verdict`` says how the own figure lies to one of those three, and of a goal whether
    at least or at most it is wanted and how it stands.
    """
    yield _row(entry, "own", entry.region, entry.period.key)
    if entry.before:
        yield _row(entry, "before", entry.region, entry.before.key)
    for peer in entry.peers:
        yield _row(entry, peer.kind, peer.region, entry.period.key, peer.verdict.value)
    if entry.goal:
        yield {
            **dict.fromkeys(COLUMNS, ""),
            "theme": entry.indicator.theme,
            "indicator": entry.indicator.id,
            "name": entry.name,
            "role": "goal",
            "region": entry.region,
            "region_name": regions.name_of(entry.region),
            "period": entry.goal.until,
            "value": entry.goal.target,
            "low": None,
            "high": None,
            "unit": entry.unit,
            "state": "value",
            "pooled": 1,
            "verdict": f"{entry.goal.direction} {entry.standing}",
            "captured_at": None,
        }


def _row(entry: Entry, role: str, region: str, period: str, verdict: str = "") -> dict[str, Any]:
    cell, detail = entry.known.figures.cell(region, period), entry.known.detail(region, period)
    shown = detail if cell.value is not None else None
    return {
        "theme": entry.indicator.theme,
        "indicator": entry.indicator.id,
        "name": entry.name,
        "role": role,
        "region": region,
        "region_name": regions.name_of(region),
        "period": period,
        "value": shown.value if shown else None,
        "low": shown.low if shown else None,
        "high": shown.high if shown else None,
        "unit": entry.unit,
        "state": "value" if shown else cell.kind.value,
        "quality": detail.quality if detail else "",
        "pooled": detail.pooled if detail else 1,
        "verdict": verdict,
        "captured_at": detail.captured_at if detail else None,
        "sources": " ".join(detail.sources) if detail else "",
    }


def about(report: Report) -> list[tuple[str, str]]:
    """What a reader of the file must know: of whom and when, from where, how to read it."""
    return [
        (tk._("Social report"), report.name),
        (tk._("Year"), report.year),
        (tk._("Changes since"), report.since),
        (tk._("Data as of"), report.captured),
        (tk._("Permanent link to this view"), report.address),
        *((tk._("Source"), source.credit) for source in report.sources),
        *(
            (f"state = {kind}", kind_text(kind, frame.language()))
            for kind in Kind
            if kind not in _NUMBERS
        ),
        ("value = 0", tk._("the figure is zero; an empty cell never is")),
    ]


def as_csv(report: Report) -> bytes:
    """RFC 4180, UTF-8 with byte order mark, decimal point; the state says why a value is empty."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in rows(report):
        writer.writerow([neutral(_text(row[name])) for name in COLUMNS])
    return ("\ufeff" + stream.getvalue()).encode()


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def as_xlsx(report: Report) -> bytes:
    """A workbook: the report to read, its figures as numbers, and what must be known of them."""
    book = openpyxl.Workbook(write_only=True)
    _read_sheet(book, report)
    sheet = book.create_sheet(tk._("Figures")[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_styled(sheet, name, bold=True) for name in COLUMNS])
    for row in rows(report):
        sheet.append([_cell(row[name]) for name in COLUMNS])
    notes = book.create_sheet(tk._("Method")[:31])
    notes.column_dimensions["A"].width = 30
    notes.column_dimensions["B"].width = 110
    told = [(entry.name, entry.told("method")) for entry in report.entries]
    for label, text in [*about(report), *told]:
        notes.append([_styled(notes, label, bold=True), neutral(text)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _read_sheet(book: Any, report: Report) -> None:
    """One row for an indicator, as the page tells it."""
    sheet = book.create_sheet(tk._("Social report")[:31])
    sheet.freeze_panes = "C2"
    for letter, width in zip("ABCDEFGHIJKL", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    levels = {"kreis": tk._("County"), "land": tk._("Land"), "bund": tk._("Germany")}
    heads = (
        tk._("Field of action"), tk._("Indicator"), tk._("Figure"), tk._("Period"),
        tk._("Interval (95 %)"), tk._("Change"), *levels.values(), tk._("In words"),
        tk._("Goal"), tk._("Measures"),
    )  # fmt: skip
    sheet.append([_styled(sheet, text, bold=True) for text in heads])
    for chapter in report.chapters:
        for entry in chapter.entries:
            peers = {peer.kind: peer.text for peer in entry.peers}
            told = (
                chapter.name, entry.name, entry.text, entry.story.period, entry.interval,
                entry.change, *(peers.get(kind, "") for kind in levels), entry.sentence,
                entry.goal_words, _measures(entry),
            )  # fmt: skip
            sheet.append([_styled(sheet, neutral(text)) for text in told])


def _measures(entry: Entry) -> str:
    """The measures, one a line."""
    language = frame.language()
    told = [(m.title, progress_name(m.progress).text(language)) for m in entry.measures]
    return "\n".join(f"{title} ({state})" for title, state in told)


def _styled(sheet: Any, text: str, *, bold: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=bold)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return neutral(value) if isinstance(value, str) else value
