"""SDMX-JSON: observations whose keys are positions in the dimensions that the message describes.

Source: SDMX-JSON data message 1.0 and 2.0 (github.com/sdmx-twg/sdmx-json); dimensions stand at the
data set, at the series and at the observation.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ckanext.sozialdaten.disclosure.readers._records import Scalar

__all__ = ["cells_of_message"]

_VALUE = "value"
Fields = Mapping[str, object]
#: Name of a dimension and the texts of its codes.
_Dimension = tuple[str, Sequence[str]]


def cells_of_message(fields: Fields) -> Iterator[dict[str, Scalar]] | None:
    """The cells of an SDMX-JSON message as records; None if an object is none.

    Args:
        fields: the object that holds ``dataSets`` and ``structure`` or ``structures``, or that
            holds such a one as its ``data``.
    """
    fields = fields if "dataSets" in fields else _fields(fields.get("data"))
    sets = _items(fields.get("dataSets"))
    known = [_fields(one) for one in _items(fields.get("structures")) or [fields.get("structure")]]
    if not sets or not any(one.get("dimensions") for one in known):
        return None
    return _cells([_fields(one) for one in sets], known)


def _cells(sets: Sequence[Fields], known: Sequence[Fields]) -> Iterator[dict[str, Scalar]]:
    for one in sets:
        number = one.get("structure")
        place = number if isinstance(number, int) and 0 <= number < len(known) else 0
        about = _fields(known[place].get("dimensions"))
        fixed = {name: codes[0] for name, codes in _dimensions(about, "dataSet") if codes}
        inner, outer = _dimensions(about, "observation"), _dimensions(about, "series")
        for row, found in _observations(one, outer):
            for key, value in found.items():
                codes = _row(inner, key)
                if codes is not None:
                    first = next(iter(_items(value)), None)
                    yield {**fixed, **row, **codes, _VALUE: _scalar(first)}


def _observations(
    one: Fields, outer: Sequence[_Dimension]
) -> Iterator[tuple[dict[str, Scalar], Fields]]:
    """The observations of each series, or those of a data set without series."""
    yield {}, _fields(one.get("observations"))
    for key, series in _fields(one.get("series")).items():
        row = _row(outer, key)
        if row is not None:
            yield row, _fields(_fields(series).get("observations"))


def _row(dimensions: Sequence[_Dimension], key: str) -> dict[str, Scalar] | None:
    """What a key such as ``0:3:1`` names; None if it names nothing."""
    places = key.split(":")
    if len(places) != len(dimensions):
        return None
    row: dict[str, Scalar] = {}
    for place, (name, codes) in zip(places, dimensions, strict=True):
        if not place.isdecimal() or int(place) >= len(codes):
            return None
        row[name] = codes[int(place)]
    return row


def _dimensions(about: Fields, level: str) -> list[_Dimension]:
    """The dimensions of a level in the order of their keys."""
    given = [_fields(one) for one in _items(about.get(level))]
    return [(_text(one), [_text(code) for code in _items(one.get("values"))]) for one in given]


def _text(given: object) -> str:
    """The name of a dimension or code, in German where there are several; else its id."""
    about = _fields(given)
    names = {**_fields(about.get("names")), **_fields(about.get("name"))}
    text = about.get("name") if isinstance(about.get("name"), str) else names.get("de")
    chosen = text or next(iter(names.values()), None) or about.get("id")
    return str(chosen) if chosen is not None else ""


def _fields(given: object) -> Fields:
    return cast("Fields", given) if isinstance(given, dict) else {}


def _items(given: object) -> list[object]:
    return cast("list[object]", given) if isinstance(given, list) else []


def _scalar(value: object) -> Scalar:
    return value if value is None or isinstance(value, str | int | float) else str(value)
