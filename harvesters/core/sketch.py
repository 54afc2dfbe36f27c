"""What a sample file holds, and a source's description drafted from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from ckanext.sozialdaten.harvesters.core._dimensions import parse_dimensions
from ckanext.sozialdaten.harvesters.core.readers import Opened, Settings, reader_for

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Answers", "Sketch", "described", "drafted", "sketched"]

_MOST_CODES = 40
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_OPEN = {"policy": "open-statistics", "small_counts": "keep", "margins": "keep"}


@dataclass(frozen=True, slots=True)
class Sketch:
    """A sample file of figures, as far as it explains itself.

    Args:
        form: its format.
        signs: convention of its quality signs.
        cells: value cells.
        series: name -> unit as printed, in the order of the file.
        dimensions: name -> its first codes.
        regions: the first keys; empty where the file shows none.
        start: first day that it speaks of; empty where it names no time.
        end: last day.
        periods: whether its times are periods rather than days.
        sample: the first cells.
        notes: what was noticed.
    """

    form: str
    signs: str
    cells: int
    series: Mapping[str, str]
    dimensions: Mapping[str, tuple[str, ...]]
    regions: tuple[str, ...]
    start: str
    end: str
    periods: bool
    sample: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person says of a source; the rest follows from the sketch.

    Args:
        id: identifier.
        title: German name.
        owner_org: name of the organisation.
        within: key of the region whose parts are meant.
        connector: the block ``connector``.
        columns: name of the column -> name of the series in the file.
        units: name of the column -> unit.
        dimensions: name here -> name in the file; what is not named is ignored.
        region_column: dimension that holds the regions, where the file shows no keys.
        level: level of the regions; empty: all.
        also: further keys to keep.
        kind: ``stichtag`` or ``period``.
        read_region: region of the whole file, where it names none.
        read_time: time of the whole file, where it names none.
        schedule: when it is fetched.
        legal_basis: code of the legal basis.
        licence: licence id.
        attribution: whom to name.
        retention_days: how long files stay.
        published: whether the figures are public official statistics already.
    """

    id: str
    title: str
    owner_org: str
    within: str
    connector: Mapping[str, object]
    columns: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict[str, str])
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    region_column: str = ""
    level: str = ""
    also: tuple[str, ...] = ()
    kind: str = "stichtag"
    read_region: str = ""
    read_time: str = ""
    schedule: str = "manual"
    legal_basis: str = ""
    licence: str = ""
    attribution: str = ""
    retention_days: int = 0
    published: bool = False


def sketched(path: Path, name: str) -> Sketch:
    """Read a sample file.

    Raises:
        DeliveryError: it cannot be read, or lists persons; says where and what to do.
    """
    import pyarrow as pa

    opened = Opened(path, name)
    reader = reader_for(opened)
    notes: list[str] = []
    table = pa.concat_tables(
        [pa.table(batch) for batch in reader.read(opened, Settings(note=notes.append))]
    )
    series: dict[str, str] = {}
    for pair in table.group_by(["series", "unit"], use_threads=False).aggregate([]).to_pylist():
        series[pair["series"]] = series.get(pair["series"]) or pair["unit"]
    dimensions: dict[str, dict[str, None]] = {}
    for text in table["dimensions"].unique().to_pylist():
        for key, code in parse_dimensions(text or "{}").items():
            dimensions.setdefault(key, {})[code] = None
    starts, ends = _days(table, "reference_start"), _days(table, "reference_end")
    return Sketch(
        reader.name,
        reader.signs,
        table.num_rows,
        series,
        {key: tuple(codes)[:_MOST_CODES] for key, codes in dimensions.items()},
        tuple(key for key in table["region"].unique().to_pylist() if key)[:_MOST_CODES],
        min(starts, default=""),
        max(ends, default=""),
        bool(starts) and starts != ends,
        tuple(table.slice(0, 8).to_pylist()),
        tuple(notes),
    )


def _days(table: "pa.Table", column: str) -> list[str]:
    return sorted(day for day in table[column].unique().to_pylist() if day)


def drafted(sketch: Sketch, name: str) -> Answers:
    """Answers to start from, by what the file shows."""
    short: dict[str, str] = {}
    for series in sketch.series:
        column = _slug(series.split(".", 1)[-1], "_") or "wert"
        short.setdefault(column, series)
    units = {column: sketch.series[series] or "Anzahl" for column, series in short.items()}
    keys = [key for key in sketch.regions if key.isdigit() and len(key) >= 5]
    prefixes = {key[:5] for key in keys}
    named = next(
        (key for key in sketch.dimensions if re.search(r"(?i)schl|ags|key|gebiet", key)), ""
    )
    return Answers(
        id=_slug(Path(name).stem, "-") or "quelle",
        title=Path(name).stem.replace("_", " "),
        owner_org="",
        within=prefixes.pop() if len(prefixes) == 1 else "",
        connector={"type": "file"},
        columns=short,
        units=units,
        dimensions={
            _slug(key, "_") or "merkmal": key
            for key in sketch.dimensions
            if key != (named if not sketch.regions else "")
        },
        region_column="" if sketch.regions else named,
        kind="period" if sketch.periods else "stichtag",
    )


def _slug(text: str, joint: str) -> str:
    folded = text.casefold().translate(_FOLDS)
    return joint.join(re.findall(r"[a-z0-9]+", folded))[:60].strip(joint)


def described(sketch: Sketch, answers: Answers) -> str:
    """The YAML of the source."""
    used = set(answers.dimensions.values()) | {answers.region_column}
    regions: dict[str, Any] = {
        "within": answers.within,
        "level": answers.level,
        "also": list(answers.also),
        "column": answers.region_column,
    }
    observations: dict[str, Any] = {
        "values": {
            column: {"series": series.split(".", 1)[-1], **_unit(sketch, answers, column, series)}
            for column, series in answers.columns.items()
        },
        "dimensions": dict(answers.dimensions),
        "ignore": [name for name in sketch.dimensions if name not in used],
        "kind": answers.kind,
        "regions": _filled(regions),
    }
    data: dict[str, Any] = {
        "id": answers.id,
        "title": {"de": answers.title},
        "owner_org": answers.owner_org,
        "connector": dict(answers.connector),
        "reader": sketch.form,
        "read": _filled({"region": answers.read_region, "time": answers.read_time}),
        "schedule": answers.schedule,
        "observations": _filled(observations),
        "retention_days": answers.retention_days,
        "publish": _OPEN if answers.published else {"policy": "amtliche-statistik-3"},
        "licence": answers.licence,
        "attribution": answers.attribution,
        "legal_basis": [answers.legal_basis] if answers.legal_basis else [],
        "dataset": {"name": answers.id, "title": answers.title},
        "resource": {"name": answers.title, "filename": f"{answers.id}.csv"},
    }
    return yaml.safe_dump(_filled(data), allow_unicode=True, sort_keys=False, width=110)


def _unit(sketch: Sketch, answers: Answers, column: str, series: str) -> dict[str, str]:
    """The unit, and the printed one where that differs only in words."""
    unit, printed = answers.units.get(column, ""), sketch.series.get(series, "")
    differs = bool(printed) and unit != printed
    return _filled({"unit": unit, "printed": printed if differs else ""})


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in ("", [], {}, None)}
