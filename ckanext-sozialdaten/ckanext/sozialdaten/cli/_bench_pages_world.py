"""A made-up Kreis of any size with boundaries, figures and indicators, for benchmarks of pages.

Run as a module with a folder, it fills the public lake and the store of figures that the
environment names.
"""

import datetime as dt
import json
import random
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

__all__ = ["FIRST_YEAR", "KREIS", "collection", "gemeinden", "main", "prepare"]

KREIS = "98001"
FIRST_YEAR = 2000
_STEPS = 6
_SIDE = 0.05
_WEST, _NORTH = 9.0, 53.0
_HEAD = "ags,ars,name,level,parent,valid_from,valid_to,designation,nuts,aliases"
_DEFINITION = """
theme: families
name: {{de: "Ziffer {number:02}", en: "Rate {number:02}"}}
unit: {{de: je 1.000 Einw., en: "per 1,000 inhabitants"}}
decimals: 1
polarity: neutral
periods: year
levels: [gemeinde, kreis, land, bund]
headline: true
source_tables: [12612-91-01-5]
inputs:
  geborene: {{layout: geburten-gemeinde, column: lebendgeborene}}
  bevoelkerung:
    layout: bevoelkerung-gemeinde
    column: einwohner
    dimensions: {{geschlecht: INSGESAMT, altersgruppe: INSGESAMT}}
    time: same
formula: {{per_mille: {{of: geborene, to: bevoelkerung}}}}
interval: poisson
description: {{de: Zum Messen., en: For measuring.}}
method: {{de: Zum Messen., en: For measuring.}}
interpretation: {{de: Zum Messen., en: For measuring.}}
limits: {{de: Zum Messen., en: For measuring.}}
"""
Point = tuple[float, float]


def gemeinden(count: int) -> list[str]:
    """The keys of ``count`` Gemeinden."""
    return [f"{KREIS}{number:03}" for number in range(1, count + 1)]


def collection(count: int) -> dict[str, object]:
    """Boundaries of ``count`` Gemeinden: crooked neighbours that share their edges, 24 points each.

    As many points as the municipalities of VG250 have, simplified for a map of a Land.
    """
    columns = max(1, round(count**0.5))
    chance = random.Random(7)  # noqa: S311 - a drawing, the same each time
    rows = -(-count // columns)
    corner = {
        (x, y): (
            _WEST + (x + chance.uniform(-0.25, 0.25)) * _SIDE * 1.6,
            _NORTH - (y + chance.uniform(-0.25, 0.25)) * _SIDE,
        )
        for x in range(columns + 1)
        for y in range(rows + 1)
    }
    edges: dict[tuple[Point, Point], list[Point]] = {}
    features = [
        {
            "type": "Feature",
            "id": key,
            "properties": {"ags": key, "name": f"Gemeinde {place + 1}"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [_ring(corner, place % columns, place // columns, edges, chance)],
            },
        }
        for place, key in enumerate(gemeinden(count))
    ]
    return {"type": "FeatureCollection", "features": features, "attribution": "Benchmark"}


def _ring(
    corner: Mapping[tuple[int, int], Point],
    x: int,
    y: int,
    edges: dict[tuple[Point, Point], list[Point]],
    chance: random.Random,
) -> list[Point]:
    around = [(x, y), (x, y + 1), (x + 1, y + 1), (x + 1, y), (x, y)]
    ring: list[Point] = []
    for start, end in pairwise(corner[place] for place in around):
        if (end, start) in edges:
            drawn = edges[end, start][::-1]
        else:
            drawn = edges.setdefault((start, end), _crooked(start, end, chance))
        ring += drawn[:-1]
    return [*ring, ring[0]]


def _crooked(start: Point, end: Point, chance: random.Random) -> list[Point]:
    inner = [
        (
            round(
                start[0] + (end[0] - start[0]) * step / _STEPS + chance.uniform(-1, 1) * 0.004, 5
            ),
            round(
                start[1] + (end[1] - start[1]) * step / _STEPS + chance.uniform(-1, 1) * 0.003, 5
            ),
        )
        for step in range(1, _STEPS)
    ]
    first, last = ((round(x, 5), round(y, 5)) for x, y in (start, end))
    return [first, *inner, last]


def prepare(folder: Path, regions: int, indicators: int) -> dict[str, str]:
    """Write regions and definitions, and name the environment in which a portal uses them."""
    geography, definitions = folder / "regions", folder / "indicators"
    geography.mkdir(parents=True)
    definitions.mkdir()
    rows = [
        _HEAD,
        "98,980000000000,Messland,land,DG,,,Land,,",
        f"{KREIS},980010000000,Kreis Messen,kreis,98,,,Kreis,,",
        *(
            f"{key},980010000{key[5:]},Gemeinde {place + 1},gemeinde,{KREIS},,,Gemeinde,,"
            for place, key in enumerate(gemeinden(regions))
        ),
    ]
    (geography / "regions.csv").write_text("\n".join(rows) + "\n", "utf-8")
    shapes = geography / "boundaries_gemeinde_2024.geojson"
    shapes.write_text(json.dumps(collection(regions)), "utf-8")
    for number in range(indicators):
        text = _DEFINITION.format(number=number)
        (definitions / f"mess_{number:02}.yaml").write_text(text, "utf-8")
    return {
        "SOZIALDATEN_REGIONS": str(geography),
        "SOZIALDATEN_INDICATORS": str(definitions),
        "SOZIALDATEN_FIGURES": str(folder / "figures"),
        "SOZIALDATEN_LAKE_PUBLIC": str(folder / "lake"),
        "SOZIALDATEN_LAKE_PUBLIC_CATALOG": f"sqlite:///{folder}/lake.db",
    }


def _rows(keys: list[str], years: int) -> Iterator[tuple[str, str, int, int]]:
    chance = random.Random(11)  # noqa: S311
    people = {key: chance.randint(300, 60_000) for key in keys}
    for year in range(FIRST_YEAR, FIRST_YEAR + years):
        for key in keys:
            people[key] = round(people[key] * chance.uniform(0.985, 1.02))
            yield key, str(year), people[key], round(people[key] * chance.uniform(0.006, 0.012))
        total = sum(people.values())
        for key, factor in ((KREIS, 1), ("98", 9), ("DG", 260)):
            yield key, str(year), total * factor, round(total * factor * 0.0092)


def main() -> None:
    """Fill lake and store; arguments: numbers of regions and of years."""
    import pyarrow as pa

    from ckanext.sozialdaten.indicators import Figures
    from ckanext.sozialdaten.lake import Delivery, Lake, Zone

    regions, years = (int(text) for text in sys.argv[1:3])
    rows = list(_rows(gemeinden(regions), years))
    lake = Lake.open()
    now = dt.datetime.now(dt.UTC)
    everybody = json.dumps({"geschlecht": "INSGESAMT", "altersgruppe": "INSGESAMT"})
    for name, column, place in (
        ("bevoelkerung", "einwohner", 2),
        ("geburten", "lebendgeborene", 3),
    ):
        births = name == "geburten"
        records = [
            {
                "series": f"{name}.{column}",
                "region": row[0],
                "reference_start": dt.date(int(row[1]), 1 if births else 12, 1 if births else 31),
                "reference_end": dt.date(int(row[1]), 12, 31),
                "dimensions": "{}" if births else everybody,
                "value": row[place],
                "quality": "",
                "unit": "Anzahl",
            }
            for row in rows
        ]
        delivery = Delivery(
            name, f"{name}-bench", now, layout=f"{name}-gemeinde", name=f"{name}.csv"
        )
        lake.append(Zone.PUBLIC, delivery, pa.Table.from_pylist(records), kind="delta")
    Figures.from_environment().build()


if __name__ == "__main__":
    main()
