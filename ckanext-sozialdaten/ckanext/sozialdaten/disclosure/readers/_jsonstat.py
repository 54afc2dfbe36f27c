"""JSON-stat: a cube as one list of values, in the order of its dimensions.

Source: JSON-stat 2.0 (json-stat.org/full), and 1.x, which puts ``id`` and ``size`` into the
dimensions.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from ckanext.sozialdaten.disclosure.readers._records import Scalar

__all__ = ["cells_of_cube"]

_VALUE, _STATUS = "value", "status"
Fields = Mapping[str, object]


def cells_of_cube(fields: Fields) -> Iterator[dict[str, Scalar]] | None:
    """The cells of a JSON-stat dataset as records; None if an object is none.

    Args:
        fields: the object.
    """
    about, values = _fields(fields.get("dimension")), fields.get(_VALUE)
    if not about or not isinstance(values, list | dict):
        return None
    ids, sizes = fields.get("id") or about.get("id"), fields.get("size") or about.get("size")
    if not isinstance(ids, list) or not isinstance(sizes, list):
        return None
    names = [str(name) for name in cast("list[object]", ids)]
    lengths = [size for size in cast("list[object]", sizes) if isinstance(size, int) and size > 0]
    if len(names) != len(lengths) or not names:
        return None
    codes = [_codes(about.get(name), size) for name, size in zip(names, lengths, strict=True)]
    labels = [_label(about.get(name), name) for name in names]
    return _cells(labels, codes, _by_place(fields.get(_VALUE)), _by_place(fields.get(_STATUS)))


def _cells(
    labels: Sequence[str],
    codes: Sequence[Sequence[str]],
    values: Mapping[int, Scalar],
    signs: Mapping[int, Scalar],
) -> Iterator[dict[str, Scalar]]:
    steps = [math.prod(map(len, codes[at + 1 :])) for at in range(len(codes))]
    size = math.prod(map(len, codes))
    for place in sorted({*values, *signs}):
        if not 0 <= place < size:
            continue
        row: dict[str, Scalar] = {
            label: one[place // step % len(one)]
            for label, one, step in zip(labels, codes, steps, strict=True)
        }
        row[_VALUE] = values.get(place)
        if signs:
            row[_STATUS] = signs.get(place)
        yield row


def _by_place(given: object) -> dict[int, Scalar]:
    """Values by their place in the cube; a sparse cube names the places."""
    if isinstance(given, list):
        found = enumerate(cast("list[object]", given))
        return {place: _scalar(value) for place, value in found}
    named = _fields(given).items()
    return {int(key): _scalar(value) for key, value in named if key.isdecimal()}


def _fields(given: object) -> Fields:
    return cast("Fields", given) if isinstance(given, dict) else {}


def _scalar(value: object) -> Scalar:
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _label(given: object, name: str) -> str:
    text = _fields(given).get("label")
    return (
        f"{name}: {text}" if isinstance(text, str) and text.casefold() != name.casefold() else name
    )


def _codes(given: object, size: int) -> list[str]:
    """The labels of a dimension's categories in their order, with blanks where none is given."""
    about = _fields(_fields(given).get("category"))
    index, named = about.get("index"), _fields(about.get("label"))
    order = [str(number) for number in range(size)]
    if isinstance(index, list):
        order[: len(cast("list[object]", index))] = map(str, cast("list[object]", index))
    elif index is None:
        order[: len(named)] = named
    for key, place in _fields(cast("object", index)).items():
        if isinstance(place, int) and 0 <= place < size:
            order[place] = key
    return [str(named.get(key, key)) for key in order[:size]]
