"""What commands on the lake share: errors, options and the form of their answers."""

import csv
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import wraps
from typing import ParamSpec, cast

import click

from ckanext.sozialdaten.errors import SozialdatenError

__all__ = ["canonical", "day", "for_json", "moment", "speaking", "write"]

Parameters = ParamSpec("Parameters")


def speaking(run: Callable[Parameters, None]) -> Callable[Parameters, None]:
    """Our errors as text on standard error and exit code 2."""

    @wraps(run)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> None:
        try:
            run(*args, **kwargs)
        except SozialdatenError as error:
            click.echo(error.text(), err=True)
            sys.exit(2)

    return wrapped


def write(columns: tuple[str, ...], rows: Iterable[Mapping[str, object]], as_json: bool) -> None:
    """Rows as CSV or JSON on standard output, with these columns in this order."""
    if as_json:
        found = [{name: for_json(name, row[name]) for name in columns} for row in rows]
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(row[name]) for name in columns] for row in rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, list):
        return " ".join(map(str, cast("list[object]", value)))
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def for_json(name: str, value: object) -> object:
    """A value of a column as JSON knows it."""
    if name == "dimensions":
        return json.loads(str(value))
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    plain = value is None or isinstance(value, int | float | list)
    return value if plain else _text(value)


def canonical(key: str) -> str:
    """The register's key, or the key by form alone: a lake may know more regions."""
    from ckanext.sozialdaten.geography import Register, UnknownRegion, canonical_key

    try:
        return Register.default().normalise(key)
    except UnknownRegion:
        return canonical_key(key)


def day(text: str | None, option: str) -> dt.date | None:
    """The day that an option names, if it was given."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no date (YYYY-MM-DD)", param_hint=option) from None


def moment(text: str | None) -> dt.datetime | dt.date | None:
    """The day or time that ``--as-of`` names, if it was given."""
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        pass
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no ISO date or time", param_hint="--as-of") from None
