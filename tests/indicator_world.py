"""Small public lakes for tests of indicators: released tables by layout."""

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from lake_world import delivery

from ckanext.sozialdaten.geography import Level, Region, Register
from ckanext.sozialdaten.indicators import Catalogue, Indicator, compute
from ckanext.sozialdaten.indicators._definitions import read_text
from ckanext.sozialdaten.lake import Lake, Zone

PEOPLE = "bevoelkerung-gemeinde"
SUPPORT = "hze-gemeinde-altersgruppe"
BIRTHS = "geburten-gemeinde"
ALL = {"geschlecht": "INSGESAMT", "altersgruppe": "INSGESAMT"}

HEAD = """
theme: population
name: {de: Probe, en: Trial}
unit: {de: "%s", en: "%s"}
"""


def define(body: str, unit: str = "Zahl", name: str = "probe") -> Indicator:
    """An indicator from inputs, formula and whatever else, with head and texts filled in."""
    return read_text(HEAD % (unit, unit) + body, f"{name}.yaml")


def people(dimensions: str = "INSGESAMT", sex: str = "INSGESAMT", time: str = "") -> str:
    """An input of population."""
    told = f", time: {time}" if time else ""
    return (
        f"{{layout: {PEOPLE}, column: einwohner, "
        f"dimensions: {{geschlecht: {sex}, altersgruppe: {dimensions}}}{told}}}"
    )


def support(code: str = "INSGESAMT") -> str:
    """An input of young persons with support."""
    return f"{{layout: {SUPPORT}, column: junge_menschen, dimensions: {{altersgruppe: {code}}}}}"


def births() -> str:
    """An input of births."""
    return f"{{layout: {BIRTHS}, column: lebendgeborene}}"


def register(kreise: Mapping[str, int] | None = None) -> Register:
    """A Land with Kreise of some Gemeinden each."""
    states = [_region("DG", Level.BUND, None), _region("98", Level.LAND, "DG")]
    for kreis, count in (kreise or {"98001": 3}).items():
        states.append(_region(kreis, Level.KREIS, "98"))
        states += [
            _region(f"{kreis}{number:03}", Level.GEMEINDE, kreis) for number in range(1, count + 1)
        ]
    return Register(states)


def _region(key: str, level: Level, parent: str | None) -> Region:
    ars = "0" * 12 if key == "DG" else f"{key[:5]:0<5}0000{key[5:]:0<3}"
    return Region(ags=key, ars=ars, name=f"Ort {key}", level=level, parent=parent)


def release(
    lake: Lake,
    layout: str,
    column: str,
    figures: Mapping[tuple[str, str], Any],
    dimensions: Mapping[str, str] | None = None,
    source: str = "",
    captured: str = "2025-01-01",
    unit: str = "Anzahl",
) -> None:
    """A released table: figures by region and time.

    A text is a sign in place of a figure, a pair a figure with a sign beside it.
    """
    name = source or layout.split("-")[0]
    rows: list[dict[str, Any]] = []
    for (region, time), figure in figures.items():
        start, end = _reference(time)
        value, sign = figure if isinstance(figure, tuple) else (figure, "")
        if isinstance(value, str):
            value, sign = None, value
        rows.append(
            {
                "series": f"{name}.{column}",
                "region": region,
                "reference_start": start,
                "reference_end": end,
                "dimensions": json.dumps(dict(dimensions or {}), separators=(",", ":")),
                "value": value,
                "quality": sign,
                "unit": unit,
            }
        )
    digest = f"{captured}/{column}/{json.dumps(dict(dimensions or {}))}/{len(rows)}"
    lake.append(
        Zone.PUBLIC,
        delivery(captured, digest, name, layout=layout, name=f"{name}.csv (1)"),
        pa.Table.from_pylist(rows),
        kind="delta",
    )


def _reference(time: str) -> tuple[dt.date, dt.date]:
    if len(time) == 4:
        return dt.date(int(time), 1, 1), dt.date(int(time), 12, 31)
    if len(time) == 7:
        first = dt.date.fromisoformat(f"{time}-01")
        following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, following - dt.timedelta(days=1)
    return (day := dt.date.fromisoformat(time)), day


def population(lake: Lake, figures: Mapping[str, Mapping[int, Any]], **more: Any) -> None:
    """Population on 31 December by region and year, in total."""
    release(lake, PEOPLE, "einwohner", yearly(figures, "{}-12-31"), ALL, **more)


def yearly(figures: Mapping[str, Mapping[int, Any]], time: str) -> dict[tuple[str, str], Any]:
    """Figures by region and year as figures by region and time."""
    return {
        (key, time.format(year)): figure
        for key, years in figures.items()
        for year, figure in years.items()
    }


def computed(
    indicator: Indicator, lake: Lake, known: Register | None = None, **question: Any
) -> dict[tuple[str, str], Any]:
    """Rows by region and period."""
    others = question.pop("others", ())
    table = compute(
        indicator, lake, Catalogue([indicator, *others]), register=known or register(), **question
    )
    return {(row["region"], row["period"]): row for row in table.to_pylist()}


def values(rows: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], float | str]:
    """Figures, or the state in their place."""
    return {
        key: row["state"] if row["value"] is None else row["value"] for key, row in rows.items()
    }


def folder_of(path: Path, texts: Mapping[str, str]) -> Path:
    """A folder with definitions."""
    path.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (path / f"{name}.yaml").write_text(text, "utf-8")
    return path
