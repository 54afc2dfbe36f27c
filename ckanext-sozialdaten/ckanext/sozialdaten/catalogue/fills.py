"""Validators that fill a field from others, so that a clerk need not."""

# ruff: noqa: ARG001 - CKAN calls every validator with all arguments

from typing import Any
from urllib.parse import unquote, urlsplit

import ckan.plugins.toolkit as tk
from ckan import model, types
from ckan.lib.munge import munge_title_to_name

__all__ = ["sozialdaten_address", "sozialdaten_file_name", "sozialdaten_filled"]

_LONGEST = 80
_TRIES = 100
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def sozialdaten_filled(value: Any) -> Any:
    """Something is written."""
    if value is tk.missing or not str(value or "").strip():
        raise tk.Invalid(tk._("Please fill in this field."))
    return value


def sozialdaten_address(
    key: types.FlattenKey,
    data: types.FlattenDataDict,
    errors: types.FlattenErrorDict,
    context: types.Context,
) -> None:
    """The address of a dataset: if none is given, the present one, else one made from the title."""
    given = data.get(key, tk.missing)
    if given is not tk.missing and str(given or "").strip():
        return
    package = context.get("package")
    title = str(data.get(("title",)) or "").strip()
    if package is not None:
        data[key] = package.name
    elif title:
        munged = munge_title_to_name(title.lower().translate(_GERMAN))
        data[key] = _free(munged[:_LONGEST].strip("-"))
    else:  # the title says what is missing
        data[key] = ""
        raise tk.StopOnError


def _free(wanted: str) -> str:
    """The name, or with a number the first that nobody has."""
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, _TRIES)))
    return next((name for name in names if model.Package.get(name) is None), wanted)


def sozialdaten_file_name(
    key: types.FlattenKey,
    data: types.FlattenDataDict,
    errors: types.FlattenErrorDict,
    context: types.Context,
) -> None:
    """The name of a file: if none is given, that of the uploaded file.

    A name that was only the file's follows when the file is replaced.
    """
    given = data.get(key, tk.missing)
    text = "" if given is tk.missing or given is None else str(given).strip()
    uploaded = _file(data.get((*key[:-1], "url")))
    known = data.get((*key[:-1], "id"))
    old = model.Resource.get(str(known)) if known and known is not tk.missing else None
    if not text or (old is not None and old.name == text == _file(old.url)):
        text = uploaded or text
    if text:
        data[key] = text
    else:
        data.pop(key, None)
        raise tk.StopOnError


def _file(url: Any) -> str:
    """The last part of an address, as people read it."""
    text = url if isinstance(url, str) else ""
    return unquote(urlsplit(text).path.rsplit("/", maxsplit=1)[-1])
