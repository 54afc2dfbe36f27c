"""What the actions accept, and how answers are told."""

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ckan.plugins.toolkit as tk
from ckan.types import Schema

from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Register, UnknownRegion
from ckanext.sozialdaten.indicators import UnknownIndicatorError
from ckanext.sozialdaten.lake import UnknownSeriesError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "asked",
    "codes",
    "count",
    "date",
    "moment",
    "needed",
    "number",
    "page",
    "paging",
    "region_keys",
    "shown",
    "text",
    "texts",
    "validated",
]

_LIMIT = 1000
_MOST = 50_000


@contextmanager
def asked() -> Iterator[None]:
    """Our errors as those of CKAN: not found, or the fault of the question.

    Raises:
        ObjectNotFound: an indicator, series or region that does not exist.
        ValidationError: a question that cannot be answered.
    """
    try:
        yield
    except (UnknownIndicatorError, UnknownSeriesError, UnknownRegion) as error:
        raise tk.ObjectNotFound(error.text(language())) from error
    except SozialdatenError as error:
        raise tk.ValidationError({"query": [error.text(language())]}) from error


def validated(data_dict: dict[str, Any], accepted: Schema) -> dict[str, Any]:
    """The parameters in their types.

    Raises:
        ValidationError: a parameter is missing or not of its type.
    """
    data, errors = tk.navl_validate(data_dict, accepted)
    if errors:
        raise tk.ValidationError(errors)
    return data


def text() -> list[Any]:
    """A text that may be left out."""
    return [tk.get_validator("ignore_missing"), tk.get_validator("unicode_safe")]


def needed() -> list[Any]:
    """A text that must be there."""
    return [tk.get_validator("not_empty"), tk.get_validator("unicode_safe")]


def texts() -> list[Any]:
    """Several texts: repeated, as a list, or with commas between them."""
    return [tk.get_validator("ignore_missing"), _several]


def date() -> list[Any]:
    """A day as YYYY-MM-DD."""
    return [tk.get_validator("ignore_missing"), _day]


def moment() -> list[Any]:
    """A day or a time in ISO 8601."""
    return [tk.get_validator("ignore_missing"), _moment]


def number() -> list[Any]:
    """A number above 0."""
    return [tk.get_validator("ignore_missing"), _positive]


def codes() -> list[Any]:
    """Codes of dimensions as JSON: ``{"altersgruppe": "INSGESAMT"}``."""
    return [tk.get_validator("ignore_missing"), _codes]


def count(default: int) -> list[Any]:
    """A whole number of at least 0."""
    fill: Any = tk.get_validator("default")
    return [fill(default), tk.get_validator("natural_number_validator")]


def paging() -> Schema:
    """How many rows, and from which on."""
    return {"limit": count(_LIMIT), "offset": count(0)}


def region_keys(given: list[str] | None) -> list[str] | None:
    """Canonical keys of regions, whichever way they were written.

    Raises:
        UnknownRegion: the register does not know one.
    """
    if not given:
        return None
    register = Register.default()
    return [register.normalise(key) for key in given]


def page(table: "pa.Table", data: dict[str, Any], without: tuple[str, ...] = ()) -> dict[str, Any]:
    """A part of a table as records, with how many there are."""
    limit = min(data["limit"], _MOST)
    part = table.drop_columns(list(without)).slice(data["offset"], limit)
    columns = {name: _cells(part[name]) for name in part.schema.names}
    records = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return {"total": table.num_rows, "limit": limit, "offset": data["offset"], "records": records}


def _cells(column: "pa.ChunkedArray") -> list[Any]:
    """The cells of a column as JSON knows them; of days and moments each text is made once."""
    import pyarrow as pa

    kind = column.type
    if not (pa.types.is_temporal(kind) or pa.types.is_decimal(kind)):
        return column.to_pylist()
    coded: Any = column.combine_chunks().dictionary_encode()
    texts = [shown(value) for value in coded.dictionary.to_pylist()]
    return [None if code is None else texts[code] for code in coded.indices.to_pylist()]


def shown(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _several(value: Any) -> list[str]:
    items = value if isinstance(value, list) else str(value).split(",")
    return [str(item).strip() for item in items if str(item).strip()]


def _day(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise tk.Invalid(tk._("Must be a day: YYYY-MM-DD.")) from None


def _moment(value: Any) -> dt.date | dt.datetime:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        pass
    try:
        return dt.datetime.fromisoformat(str(value))
    except ValueError:
        raise tk.Invalid(tk._("Must be a day or a time in ISO 8601.")) from None


def _positive(value: Any) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError):
        found = 0.0
    if not 0 < found < 1e12:
        raise tk.Invalid(tk._("Must be a number above 0."))
    return found


def _codes(value: Any) -> dict[str, str]:
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise tk.Invalid(tk._("Must be codes of dimensions as JSON."))
    return {str(name): str(code) for name, code in found.items()}
