"""Points in polygons: which Gemeinde an institution lies in, by its coordinates."""

import json
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry import shape

from ckanext.sozialdaten.geography import Level, Register

__all__ = ["located"]


def located(
    table: pa.Table, dimensions: tuple[str, str], register: Register, *, upward: bool = False
) -> pa.Table:
    """Cells of the lake with the Gemeinde of their point as region.

    Longitude and latitude are degrees in WGS 84, as text with a decimal point. A point on a border
    belongs to the Gemeinde with the lower key; one outside all boundaries is left out.

    Args:
        table: cells as `Lake.values` gives them.
        dimensions: the dimensions with longitude and latitude.
        register: the boundaries, in their latest state.
        upward: whether each cell also stands for the Kreis, for statistics that cannot be added up.
    """
    features = register.boundaries(Level.GEMEINDE)["features"]
    ordered = sorted(features, key=lambda feature: feature["id"])
    keys = [feature["id"] for feature in ordered]
    tree: Any = shapely.STRtree([shape(cast("Any", feature["geometry"])) for feature in ordered])
    texts: list[str] = table["dimensions"].unique().to_pylist()
    found = {text: _place(text, dimensions, tree, keys) for text in texts}
    regions = pa.array([found[text] for text in table["dimensions"].to_pylist()], pa.string())
    place = table.column_names.index("region")
    moved = table.set_column(place, "region", regions).filter(regions.is_valid())
    if not upward:
        return moved
    heads = pc.utf8_slice_codeunits(moved["region"], 0, 5)
    return pa.concat_tables([moved, moved.set_column(place, "region", heads)])


def _place(text: str, dimensions: tuple[str, str], tree: Any, keys: list[str]) -> str | None:
    cell = cast("dict[str, str]", json.loads(text))
    try:
        longitude, latitude = (float(cell[name]) for name in dimensions)
    except (KeyError, ValueError):
        return None
    found: Any = tree.query(shapely.Point(longitude, latitude), predicate="intersects")
    hits: list[int] = found.tolist()
    return keys[min(hits)] if hits else None
