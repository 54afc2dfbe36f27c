"""Observations as they come in: checked, typed and in canonical form, or refused as a whole."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import GeographyError, key_level
from ckanext.sozialdaten.lake._model import Delivery
from ckanext.sozialdaten.lake._tables import KEYS, OBSERVATION_SCHEMA, PAYLOAD, VALUE
from ckanext.sozialdaten.lake.errors import ObservationError
from ckanext.sozialdaten.lake.signs import legend
from ckanext.sozialdaten.messages import Message

__all__ = ["canonical_dimensions", "prepare"]

_REQUIRED = ("series", "region", "reference_start", "reference_end", "value", "unit")
_FILLED = {"dimensions": "{}", "quality": ""}
_OWN = ("source", "op", "captured_at", "delivery", "written_by")
_KINDS = ("stichtag", "zeitraum")
_ZERO = pa.scalar(Decimal(0), VALUE)


def prepare(observations: pa.Table, delivery: Delivery) -> pa.Table:
    """The observations with the columns `KEYS` and `PAYLOAD`, in the types of the lake.

    Raises:
        ObservationError: a column is missing or unknown, a cell is not of its type, a region key
            not canonical, a period not possible, a quality sign not in the convention.
    """
    _check_columns(observations, delivery)
    table = _typed(_completed(observations, delivery), delivery)
    table = _with_canonical_dimensions(table, delivery)
    _check_regions(table, delivery)
    _check_references(table, delivery)
    _check_signs(table, delivery)
    return table


def canonical_dimensions(text: str) -> str:
    """A JSON object of texts with sorted keys and no blanks, so that equal means the same bytes.

    >>> canonical_dimensions('{"b": "2", "a": "1"}')
    '{"a":"1","b":"2"}'

    Raises:
        ValueError: no JSON object of texts.
    """
    data: object = json.loads(text)
    items = cast("Mapping[str, object]", data if isinstance(data, Mapping) else {"": data})
    if "" in items or not all(isinstance(value, str) for value in items.values()):
        raise ValueError(text)
    return json.dumps(items, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _error(
    delivery: Delivery, column: str, message: Message, hint: Message | None = None
) -> ObservationError:
    return ObservationError(message, hint, Place(file=delivery.name, column=column))


def _check_columns(table: pa.Table, delivery: Delivery) -> None:
    for name in _REQUIRED:
        if name not in table.column_names:
            raise _error(
                delivery,
                name,
                Message("The observations lack the column “{name}”.", {"name": name}),
            )
    for name in table.column_names:
        if name not in (*KEYS, *PAYLOAD, *_OWN):
            raise _error(
                delivery,
                name,
                Message("The lake has no column “{name}” for observations.", {"name": name}),
                Message("Columns: {columns}.", {"columns": ", ".join((*KEYS, *PAYLOAD))}),
            )


def _completed(table: pa.Table, delivery: Delivery) -> pa.Table:
    """Add the columns that may be left out."""
    for name, value in _FILLED.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.repeat(pa.scalar(value), table.num_rows))
        else:
            column = pc.fill_null(table[name].cast(pa.string()), value)
            table = table.set_column(table.column_names.index(name), name, column)
    if "reference_kind" not in table.column_names:
        start, end = (_cast(table, f"reference_{part}", delivery) for part in ("start", "end"))
        same = pc.equal(start, end)
        table = table.append_column("reference_kind", pc.if_else(same, *_KINDS))
    if "census_base" not in table.column_names:
        table = table.append_column("census_base", pa.nulls(table.num_rows, pa.string()))
    return table.select([*KEYS, *PAYLOAD])


def _typed(table: pa.Table, delivery: Delivery) -> pa.Table:
    fields = [OBSERVATION_SCHEMA.field(name) for name in (*KEYS, *PAYLOAD)]
    columns = [_cast(table, field.name, delivery) for field in fields]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _cast(table: pa.Table, name: str, delivery: Delivery) -> pa.ChunkedArray:
    field = OBSERVATION_SCHEMA.field(name)
    try:
        column = table[name].cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        raise _error(
            delivery,
            name,
            Message("The column is no {type}.", {"type": str(field.type)}),
            Message("Dates are YYYY-MM-DD, figures have at most 20 digits before the point."),
        ) from None
    if column.null_count and not field.nullable:
        raise _error(
            delivery, name, Message("{count} cells are empty.", {"count": column.null_count})
        )
    return column


def _with_canonical_dimensions(table: pa.Table, delivery: Delivery) -> pa.Table:
    column = table["dimensions"]
    known: dict[str, str] = {}
    for text in pc.unique(column).to_pylist():
        try:
            known[text] = canonical_dimensions(text)
        except ValueError:
            raise _error(
                delivery,
                "dimensions",
                Message("The dimensions are no JSON object of texts."),
                Message("For instance {example}.", {"example": '{"sex":"w"}'}),
            ) from None
    if all(before == after for before, after in known.items()):
        return table
    encoded = pc.dictionary_encode(column).combine_chunks()
    better = pa.array([known[text] for text in encoded.dictionary.to_pylist()], pa.string())
    index = table.column_names.index("dimensions")
    return table.set_column(index, table.schema.field("dimensions"), better.take(encoded.indices))


def _check_regions(table: pa.Table, delivery: Delivery) -> None:
    for key in pc.unique(table["region"]).to_pylist():
        try:
            key_level(key)
        except GeographyError as error:
            raise _error(delivery, "region", error.message, error.hint) from None


def _check_references(table: pa.Table, delivery: Delivery) -> None:
    kind, start, end = (table[f"reference_{part}"] for part in ("kind", "start", "end"))
    if not set(pc.unique(kind).to_pylist()) <= set(_KINDS):
        raise _error(
            delivery,
            "reference_kind",
            Message("A reference is “stichtag” or “zeitraum”."),
        )
    if pc.any(pc.less(end, start)).as_py():
        raise _error(delivery, "reference_end", Message("A period ends before it starts."))
    days = pc.and_(pc.equal(kind, _KINDS[0]), pc.not_equal(start, end))
    if pc.any(days).as_py():
        raise _error(
            delivery, "reference_end", Message("A Stichtag starts and ends on the same day.")
        )


def _check_signs(table: pa.Table, delivery: Delivery) -> None:
    """Each sign must be known, and a secret cell must not carry its figure."""
    known = legend(delivery.signs)
    quality, value = table["quality"], table["value"]
    for sign in pc.unique(quality).to_pylist():
        if sign and sign not in known:
            raise _error(
                delivery,
                "quality",
                Message("The quality sign “{sign}” is unknown.", {"sign": sign}),
                Message(
                    "Signs of the convention {name}: {signs}.",
                    {"name": delivery.signs, "signs": " ".join(known) or "–"},
                ),
            )
    if pc.any(pc.and_(pc.equal(quality, ""), pc.is_null(value))).as_py():
        raise _error(
            delivery,
            "quality",
            Message("A cell has neither a figure nor a sign that says why."),
            Message("Suppressed, not available, not applicable and zero are different things."),
        )
    for sign, beside in known.items():
        if beside == "any":
            continue
        wrong = pc.and_(pc.equal(quality, sign), pc.is_valid(value))
        if beside == "zero":
            wrong = pc.and_(wrong, pc.not_equal(value, _ZERO))
        if pc.any(wrong).as_py():
            raise _error(
                delivery,
                "value",
                Message("Beside the sign “{sign}” no figure may stand.", {"sign": sign}),
            )
