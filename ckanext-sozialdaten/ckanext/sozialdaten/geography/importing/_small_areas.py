"""Plain CSV files of a county: its own small areas, further names, NUTS codes."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._files import Region
from ckanext.sozialdaten.geography._keys import Level, key_level, small_area_key
from ckanext.sozialdaten.geography.errors import GeographyError, RegisterError
from ckanext.sozialdaten.geography.importing._sheets import Sheet, cell_date, cell_text
from ckanext.sozialdaten.messages import Message

__all__ = ["Facts", "facts_of_csv", "small_areas_of_csv"]

_CAPTIONS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "key": ("key", "schluessel", "schlüssel", "nr", "nummer", "kennziffer", "id"),
        "name": ("name", "bezeichnung"),
        "parent": ("parent", "gemeinde", "kreis", "gemeindeschluessel", "gemeindeschlüssel", "ags"),
        "inside": ("inside", "liegt_in", "bezirk"),
        "kind": ("kind", "art", "typ", "ebene", "designation"),
        "from": ("valid_from", "gueltig_ab", "gültig_ab", "von"),
        "to": ("valid_to", "gueltig_bis", "gültig_bis", "bis"),
        "aliases": ("aliases", "auch", "andere_namen"),
        "nuts": ("nuts",),
    }
)
_KIND = "Ortsteil"


@dataclass(frozen=True, slots=True)
class Facts:
    """Further names and NUTS codes by key."""

    names: tuple[tuple[str, str], ...]
    nuts: tuple[tuple[str, str], ...]


def _columns(sheet: Sheet) -> dict[str, int]:
    header = [cell_text(cell).lower().replace(" ", "_") for cell in sheet.rows[0]]
    found = {
        role: next((header.index(name) for name in names if name in header), -1)
        for role, names in _CAPTIONS.items()
    }
    if found["key"] < 0 and "ags" in header:
        return {**found, "key": header.index("ags"), "parent": -1}
    return found


def small_areas_of_csv(
    sheet: Sheet, parent: str, resolve: Callable[[str], str]
) -> tuple[Region, ...] | None:
    """The small areas of a CSV file; None if it has no keys, names and Gemeinden.

    Columns (German or English, any order): ``key`` of the county's own, ``name``, ``parent`` (AGS
    or ARS of the Gemeinde, or of the Kreis), and if wanted ``kind`` (Ortsteil, Planungsraum …),
    ``inside`` (key of the small area that it lies in), ``valid_from``, ``valid_to``, ``aliases``.

    Args:
        sheet: the file.
        parent: key of the region in which all lie; else each row names its own.
        resolve: canonical key of a Gemeinde or Kreis.

    Raises:
        RegisterError: a cell is wrong; names row and column.
    """
    where = _columns(sheet) if sheet.rows else {"key": -1}
    if where["key"] < 0 or where["name"] < 0 or (where["parent"] < 0 and not parent):
        return None
    found: list[Region] = []
    for row_number, row in enumerate(sheet.rows[1:], 2):
        if not any(cell_text(cell) for cell in row):
            continue
        cells = {
            role: cell_text(row[index]) if 0 <= index < len(row) else ""
            for role, index in where.items()
        }
        found.append(_area(cells, parent, resolve, Place(sheet.file, row=row_number)))
    return tuple(found)


def _area(
    cells: Mapping[str, str], parent: str, resolve: Callable[[str], str], place: Place
) -> Region:
    try:
        above = resolve(cells["parent"] or parent)
        own = cells["key"]
        key = own if own.startswith(f"{above}-") else small_area_key(above, own)
        key_level(key)
        inside = cells["inside"]
        if inside and not inside.startswith(f"{above}-"):
            inside = small_area_key(above, inside)
    except GeographyError as error:
        raise RegisterError(error.message, error.hint, place) from None
    if not cells["name"]:
        raise _wrong(place, "name", "a name")
    days: list[dt.date | None] = []
    for role in ("from", "to"):
        day = cell_date(cells[role]) if cells[role] else None
        if cells[role] and day is None:
            raise _wrong(place, f"valid_{role}", "YYYY-MM-DD")
        days.append(day)
    aliases = tuple(alias.strip() for alias in cells["aliases"].split("|") if alias.strip())
    return Region(
        key, "", cells["name"], Level.ORTSTEIL, inside or above, days[0], days[1],
        cells["kind"] or _KIND, aliases=aliases,
    )  # fmt: skip


def facts_of_csv(sheet: Sheet, resolve: Callable[[str], str]) -> Facts | None:
    """Further names (``key,name``) and NUTS codes (``key,nuts``); None for other columns.

    Rows of regions that the register does not know are left out. A NUTS code of three digits after
    the country stands for the Kreis; a Gemeinde's is that of its Kreis.
    """
    where = _columns(sheet) if sheet.rows else {"key": -1}
    if where["key"] < 0 or (where["name"] < 0 and where["nuts"] < 0):
        return None
    names: list[tuple[str, str]] = []
    nuts: dict[str, str] = {}
    for row in sheet.rows[1:]:
        cells = [
            cell_text(row[where[role]]) if 0 <= where[role] < len(row) else ""
            for role in ("key", "name", "nuts")
        ]
        try:
            key = resolve(cells[0])
        except GeographyError:
            continue
        if cells[1]:
            names.append((key, cells[1]))
        if cells[2].startswith("DE"):
            nuts |= _nuts(key, cells[2])
    return Facts(tuple(names), tuple(nuts.items()))


def _nuts(key: str, code: str) -> dict[str, str]:
    """NUTS 1 is the Land, NUTS 3 the Kreis; NUTS 2 has no level of its own everywhere."""
    if len(code) == 3:
        return {key[:2]: code}
    if len(code) == 4 and len(key) == 3:
        return {key: code}
    return {key[:5]: code, key[:2]: code[:3]} if len(code) == 5 and len(key) >= 5 else {}


def _wrong(place: Place, column: str, expected: str) -> RegisterError:
    return RegisterError(
        Message("The cell is not what the register needs here."),
        Message("Expected: {expected}.", {"expected": expected}),
        Place(place.file, row=place.row, column=column),
    )
