"""The figures of a page as files: the same state, with everything that belongs to a figure."""

import csv
import datetime as dt
import io
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import ckan.plugins.toolkit as tk
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from ckanext.sozialdaten.formulas import neutral
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._address import Tab
from ckanext.sozialdaten.portal.indicator._figures import Detail
from ckanext.sozialdaten.portal.indicator._page import Page
from ckanext.sozialdaten.portal.preview import Kind, kind_text

__all__ = ["WRITERS"]

_COLUMNS = (
    "indicator", "region", "region_name", "period", "period_start", "period_end", "value", "low",
    "high", "unit", "state", "quality", "numerator", "denominator", "pooled", "age_days",
    "captured_at", "sources",
)  # fmt: skip


def _rows(page: Page) -> Iterator[dict[str, Any]]:
    """The figures shown, as computed and not rounded: lines of a series, else one period."""
    scope = page.scope
    series = scope.address.shown is Tab.SERIES
    peers = {peer.key: peer.name for peer in scope.peers}
    keys = [*scope.mine, *peers] if series else [*scope.keys, *peers]
    periods = [p.key for p in scope.span] if series else [scope.period]
    places = [(key, period) for key in dict.fromkeys(keys) for period in periods]
    details = scope.known.details(places)
    for place in places:
        name = peers.get(place[0]) or regions.name_of(place[0])
        yield _row(page, place, name, details.get(place))


def _row(page: Page, place: tuple[str, str], name: str, detail: Detail | None) -> dict[str, Any]:
    key, period = place
    cell = page.scope.known.figures.cell(key, period)
    shown = detail if cell.value is not None else None
    return {
        "indicator": page.indicator.id,
        "region": key,
        "region_name": name,
        "period": period,
        "period_start": detail.start if detail else None,
        "period_end": detail.end if detail else None,
        "value": shown.value if shown else cell.value,
        "low": shown.low if shown else None,
        "high": shown.high if shown else None,
        "unit": page.indicator.unit.get("de", ""),
        "state": "value" if cell.value is not None else cell.kind.value,
        "quality": detail.quality if detail else "",
        "numerator": shown.numerator if shown else None,
        "denominator": shown.denominator if shown else None,
        "pooled": detail.pooled if detail else 1,
        "age_days": shown.age_days if shown else None,
        "captured_at": detail.captured_at if detail else None,
        "sources": list(detail.sources) if detail else [],
    }


def _method(page: Page) -> list[tuple[str, str]]:
    """What a reader of the file must know: definition, source, state, address."""
    told = [
        (tk._("Indicator"), page.name),
        (tk._("Unit"), page.unit),
        (tk._("Description"), page.text("description")),
        (tk._("Method"), page.text("method")),
        (tk._("How to read it"), page.text("interpretation")),
        (tk._("What it does not say"), page.text("limits")),
        *((tk._("Source"), source.credit) for source in page.sources),
        *((tk._("Table"), table) for table in page.indicator.source_tables),
        (tk._("Data as of"), page.captured),
        (tk._("Permanent link to this view"), page.link),
        (tk._("Suggested citation"), page.citation),
    ]
    return [(label, text) for label, text in told if text]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def as_csv(page: Page) -> bytes:
    """RFC 4180, UTF-8 with byte order mark, decimal point; the state says why a value is empty."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(_COLUMNS)
    for row in _rows(page):
        writer.writerow([neutral(_text(row[name])) for name in _COLUMNS])
    return ("\ufeff" + stream.getvalue()).encode()


def as_xlsx(page: Page) -> bytes:
    """A workbook: figures as numbers on the first sheet, method and source on the second."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(tk._("Figures")[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_bold(sheet, name) for name in _COLUMNS])
    for row in _rows(page):
        sheet.append([_cell(row[name]) for name in _COLUMNS])
    notes = book.create_sheet(tk._("Method")[:31])
    notes.column_dimensions["A"].width = 30
    notes.column_dimensions["B"].width = 110
    for label, text in [*_method(page), *_legend()]:
        notes.append([_bold(notes, label), neutral(text)])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    if isinstance(value, list):
        return neutral(_text(value))
    return neutral(value) if isinstance(value, str) else value


def _legend() -> list[tuple[str, str]]:
    numbers = (Kind.VALUE, Kind.NOTHING, Kind.ROUNDED_ZERO, Kind.FILTERED)
    kinds = [kind for kind in Kind if kind not in numbers]
    told = [(f"state = {kind}", kind_text(kind, frame.language())) for kind in kinds]
    return [("value = 0", tk._("the figure is zero; an empty cell never is")), *told]


def as_parquet(page: Page) -> bytes:
    """Typed columns; method, source and address stand in the metadata of the file."""
    rows = list(_rows(page))
    table = pa.Table.from_pylist(rows, schema=_schema())
    told = {label.encode(): text.encode() for label, text in _method(page)}
    stream = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(told), stream, compression="zstd")
    return stream.getvalue()


@cache
def _schema() -> pa.Schema:
    text, number, day = pa.string(), pa.float64(), pa.date32()
    types = {
        "period_start": day,
        "period_end": day,
        **dict.fromkeys(("value", "low", "high", "numerator", "denominator"), number),
        "pooled": pa.int8(),
        "age_days": pa.int32(),
        "captured_at": pa.timestamp("us", tz="UTC"),
        "sources": pa.list_(text),
    }
    return pa.schema([(name, types.get(name, text)) for name in _COLUMNS])


def as_json(page: Page) -> bytes:
    """JSON-stat 2.0: the status says of every cell without a value why it has none."""
    rows = list(_rows(page))
    keys = list(dict.fromkeys(row["region"] for row in rows))
    periods = list(dict.fromkeys(row["period"] for row in rows))
    by_place = {(row["region"], row["period"]): row for row in rows}
    ordered = [by_place[key, period] for key in keys for period in periods]
    labels = {row["region"]: row["region_name"] for row in rows}
    spoken = {p.key: p.label(frame.language()) for p in page.scope.known.figures.periods}
    document = {
        "version": "2.0",
        "class": "dataset",
        "label": page.name,
        "source": "; ".join(source.credit for source in page.sources),
        "updated": _text(page.scope.known.captured),
        "href": page.link,
        "id": ["region", "period", "metric"],
        "size": [len(keys), len(periods), 1],
        "role": {"geo": ["region"], "time": ["period"], "metric": ["metric"]},
        "dimension": {
            "region": {"label": tk._("Region"), "category": _category(keys, labels)},
            "period": {
                "label": tk._("Reference period"),
                "category": _category(periods, spoken),
            },
            "metric": {
                "label": tk._("Indicator"),
                "category": {
                    "index": [page.indicator.id],
                    "label": {page.indicator.id: page.name},
                    "unit": {
                        page.indicator.id: {
                            "label": page.indicator.unit.get("de", ""),
                            "decimals": page.indicator.decimals,
                        }
                    },
                },
            },
        },
        "value": [row["value"] for row in ordered],
        "status": {
            str(place): row["state"] for place, row in enumerate(ordered) if row["state"] != "value"
        },
        "extension": {
            "interval": {
                str(place): [row["low"], row["high"]]
                for place, row in enumerate(ordered)
                if row["low"] is not None
            },
            "method": dict(_method(page)),
        },
    }
    return json.dumps(document, ensure_ascii=False).encode()


def _category(codes: list[str], labels: Mapping[str, str]) -> dict[str, Any]:
    return {"index": codes, "label": {code: labels[code] for code in codes}}


def as_geojson(page: Page) -> bytes:
    """The regions of the map with the figure of the period shown (RFC 7946)."""
    scope = page.scope
    wanted = set(scope.keys)
    details = scope.known.details((key, scope.period) for key in scope.keys)
    upper = scope.within or None
    collection = Register.default().boundaries(scope.level, upper)
    features = [
        {
            "type": "Feature",
            "id": key,
            "properties": {
                name: value if isinstance(value, int | float | list) else _text(value) or None
                for name, value in _row(
                    page,
                    (key, scope.period),
                    regions.name_of(key),
                    details.get((key, scope.period)),
                ).items()
            },
            "geometry": feature["geometry"],
        }
        for feature in collection["features"]
        if (key := str(feature["properties"]["ags"])) in wanted
    ]
    document = {"type": "FeatureCollection", "features": features, "about": dict(_method(page))}
    return json.dumps(document, ensure_ascii=False).encode()


WRITERS: Mapping[str, tuple[str, Callable[[Page], bytes]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
    "json": ("application/json", as_json),
    "geojson": ("application/geo+json", as_geojson),
}
