"""Lakes and deliveries by name, for the tests of several rooms."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from ckanext.sozialdaten.lake import Delivery, Lake, LakeSettings, Zone, ZoneSettings

REGIONS = [f"010560{number:02}" for number in range(1, 6)]


def settings_in(folder: Path) -> LakeSettings:
    """Both zones in folders of their own, each with a catalogue of its own."""
    return LakeSettings(
        {zone: ZoneSettings(str(folder / zone), f"sqlite:///{folder}/{zone}.db") for zone in Zone}
    )


def moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def delivery(captured: str, digest: str, source: str = "intern", **more: Any) -> Delivery:
    return Delivery(source, digest, moment(captured), **more)


def cells(
    values: Mapping[str, int | str | Decimal | None],
    reference: str = "2023-12-31",
    series: str = "faelle",
    **columns: Any,
) -> pa.Table:
    """Observations of one series at one Stichtag, by region; a text is a sign without figure."""
    day = dt.date.fromisoformat(reference)
    rows = [
        {
            "series": series,
            "region": region,
            "reference_start": day,
            "reference_end": day,
            "value": None if isinstance(value, str) else value,
            "quality": value if isinstance(value, str) else "",
            "unit": "Anzahl",
        }
        | columns
        for region, value in values.items()
    ]
    empty = dict.fromkeys(
        ("series", "region", "reference_start", "reference_end", "value", "quality", "unit")
    )
    if not rows:
        return pa.Table.from_pylist([empty]).slice(0, 0)
    return pa.Table.from_pylist(rows)


def figures(lake: Lake, series: str = "faelle", **question: Any) -> dict[str, int | str]:
    """The answer of a lake by region: the figure, or the sign in its place."""
    return {
        row["region"]: row["quality"] if row["value"] is None else int(row["value"])
        for row in lake.values(series, **question).to_pylist()
    }


def in_one_database(folder: Path, url: str) -> LakeSettings:
    """Both zones in one database: the zone is part of every name in the catalogue."""
    return LakeSettings({zone: ZoneSettings(str(folder / zone), url) for zone in Zone})


def write_as_worker(folder: Path, url: str, worker: int, count: int) -> None:
    """Full deliveries of a common source and deltas of an own one, as a worker process writes."""
    with Lake.open(in_one_database(folder, url)) as lake:
        for number in range(count):
            day = f"2024-01-{10 + worker:02}T00:00:{number:02}"
            common = cells(dict.fromkeys(REGIONS[: worker + 2], worker * 100 + number))
            lake.append(Zone.RESTRICTED, delivery(day, f"{worker}-{number}", "common"), common)
            own = cells({REGIONS[0]: number}, series=f"own {worker}")
            lake.append(
                Zone.RESTRICTED, delivery(day, f"{number}", f"worker{worker}"), own, "delta"
            )
