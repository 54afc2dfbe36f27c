"""Validators of the dataset schema: each error says what is wrong and what to enter instead.

Registered by the plugin under the names in ``__all__``; ``schemas/dataset.yaml`` names them.
"""

# ruff: noqa: ARG001 - CKAN and scheming call every validator with all arguments

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import ckan.plugins.toolkit as tk
from ckan import types

from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.derive import (
    attribution_missing,
    set_spatial_coverage,
    set_themes,
)
from ckanext.sozialdaten.catalogue.fills import (
    sozialdaten_address,
    sozialdaten_file_name,
    sozialdaten_filled,
)
from ckanext.sozialdaten.catalogue.labels import indicator_names
from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.catalogue.licences import find_licence, licences
from ckanext.sozialdaten.catalogue.periods import parse_period
from ckanext.sozialdaten.catalogue.places import similar_regions
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.lake.layouts import Layout

__all__ = [
    "sozialdaten_address",
    "sozialdaten_attribution",
    "sozialdaten_code",
    "sozialdaten_codes",
    "sozialdaten_day",
    "sozialdaten_file_name",
    "sozialdaten_filled",
    "sozialdaten_indicators",
    "sozialdaten_layout",
    "sozialdaten_legal_bases",
    "sozialdaten_licence",
    "sozialdaten_not_before_start",
    "sozialdaten_period",
    "sozialdaten_policy",
    "sozialdaten_private_by_default",
    "sozialdaten_regions",
    "sozialdaten_spatial_coverage",
    "sozialdaten_url",
    "sozialdaten_urls",
]

_SEPARATORS = re.compile(r"[\n\r;,]+")
_NAMED_KEY = re.compile(r".*\((\d{2,12}|DG)\)")  # as the form writes a region: name and key
_LAW = re.compile(r"sgb[\s_-]*([ivx]+|\d+)", re.IGNORECASE)
_NUMERALS = (
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
)
_ROMAN = {numeral: str(number) for number, numeral in enumerate(_NUMERALS, start=1)}


def _marked(validator: Callable[..., Any]) -> Callable[..., Any]:
    """Have scheming call ``validator`` with the field and the schema, as it does with its own."""
    validator.is_a_scheming_validator = True  # type: ignore[attr-defined]
    return validator


def _texts(value: Any) -> list[str]:
    """The texts of a list, of JSON that holds one, or of lines and commas in a form field."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            try:
                value = json.loads(value)
            except ValueError:
                raise tk.Invalid(tk._("This is no valid list.")) from None
        else:
            value = _SEPARATORS.split(value)
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise tk.Invalid(tk._("Enter a list of texts."))
    return [item.strip() for item in value if item.strip()]


def _stored(values: list[str]) -> str:
    return json.dumps(list(dict.fromkeys(values)), ensure_ascii=False)


def _unknown(value: str, allowed: list[str]) -> tk.Invalid:
    return tk.Invalid(
        tk._("“{value}” is not in the list. Choose one of: {allowed}.").format(
            value=value, allowed=", ".join(allowed)
        )
    )


def _from_list(value: str, name: str) -> str:
    known = codelist(name)
    found = known.find(value)
    if found is None:
        raise _unknown(value, [code.code for code in known])
    return found.value


@_marked
def sozialdaten_code(field: Mapping[str, Any], schema: Mapping[str, Any]) -> types.Validator:
    """One code of the field's list, by its code or address."""

    def validator(value: Any) -> Any:
        return _from_list(str(value), field["codelist"])

    return validator


@_marked
def sozialdaten_codes(field: Mapping[str, Any], schema: Mapping[str, Any]) -> types.Validator:
    """Several codes of the field's list; stored as a JSON list."""

    def validator(value: Any) -> Any:
        return _stored([_from_list(text, field["codelist"]) for text in _texts(value)])

    return validator


def sozialdaten_legal_bases(value: Any) -> Any:
    """Legal bases, in any usual spelling of law and section; stored as a JSON list of codes."""
    return _stored([_from_list(_law(text), "legal_bases") for text in _texts(value)])


def sozialdaten_indicators(value: Any) -> Any:
    """Ids of indicators that the portal knows; stored as a JSON list."""
    known, found = indicator_names(), _texts(value)
    for text in found:
        if text not in known:
            raise tk.Invalid(
                tk._("There is no indicator “{text}”. Choose one of the list.").format(text=text)
            )
    return _stored(found)


def _law(text: str) -> str:
    """The code of a legal basis: ``SGB VIII §64`` is ``sgb8-64``."""
    text = _LAW.sub(lambda found: "sgb" + _ROMAN.get(found[1].lower(), found[1]), text)
    return re.sub(r"[\W_]+", "-", text.replace("§", " ")).strip("-").lower()


def sozialdaten_policy(value: Any) -> Any:
    """The name of one of the disclosure policies in ``schemas/policies``."""
    from ckanext.sozialdaten.catalogue.policies import policy_titles

    names = list(policy_titles())
    if value not in names:
        raise _unknown(str(value), names)
    return value


def sozialdaten_licence(value: Any) -> Any:
    """A licence of the register, by its id or address; stored as its id."""
    if value is tk.missing or not value:
        raise tk.Invalid(tk._("Choose a licence."))
    found = find_licence(str(value))
    if found is None:
        raise _unknown(str(value), [licence.id for licence in licences()])
    return found.id


def sozialdaten_regions(value: Any) -> Any:
    """Regions by key or name; stored as a JSON list of canonical keys."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        # the name of a region may hold a comma
        value = [
            part
            for line in value.splitlines()
            for part in ([line] if _NAMED_KEY.fullmatch(line.strip()) else _SEPARATORS.split(line))
        ]
    return _stored([_region(text) for text in _texts(value)])


def _region(text: str) -> str:
    register = Register.default()
    named = _NAMED_KEY.fullmatch(text)
    text = named[1] if named else text
    try:
        return register.normalise(text)
    except SozialdatenError as error:
        if any(character.isdigit() for character in text):
            raise tk.Invalid(error.text(language())) from None
    found = register.search(text, limit=2)
    if len(found) == 1 or (found and found[0].name.casefold() == text.casefold()):
        return found[0].ags
    if found:
        names = ", ".join(f"{region.name} ({region.ags})" for region in found)
        raise tk.Invalid(
            tk._("“{name}” can mean several regions, for instance {names}. Enter the key.").format(
                name=text, names=names
            )
        )
    if similar := similar_regions(text):
        raise tk.Invalid(
            tk._("No region is called “{name}”. Do you mean {names}?").format(
                name=text, names=tk._(" or ").join(similar)
            )
        )
    raise tk.Invalid(
        tk._("No region is called “{name}”. Enter its official key, for instance 01056.").format(
            name=text
        )
    )


def sozialdaten_period(value: Any) -> Any:
    """A year, month or day; stored in ISO order."""
    found = parse_period(str(value))
    if found is None:
        raise tk.Invalid(
            tk._(
                "“{value}” is no date. Enter a year (2024), month (2024-12) or day (2024-12-31)."
            ).format(value=value)
        )
    return found.text


def sozialdaten_day(value: Any) -> Any:
    """A day; stored in ISO order."""
    found = parse_period(str(value))
    if found is None or found.first != found.last:
        raise tk.Invalid(tk._("“{value}” is no day. Enter it as 2024-12-31.").format(value=value))
    return found.text


def sozialdaten_not_before_start(
    key: types.FlattenKey,
    data: types.FlattenDataDict,
    errors: types.FlattenErrorDict,
    context: types.Context,
) -> None:
    """The end of a period lies not before its start."""
    start = data.get((*key[:-1], "start"))
    first = parse_period(start) if isinstance(start, str) else None
    last = parse_period(str(data[key]))
    if first and last and last.last < first.first:
        errors[key].append(
            tk._("The period ends ({end}) before it starts ({start}). Swap the two.").format(
                end=last.text, start=first.text
            )
        )


def sozialdaten_url(value: Any) -> Any:
    """A web address that starts with http:// or https://."""
    parts = urlsplit(str(value))
    if parts.scheme not in ("http", "https") or not parts.netloc or " " in str(value):
        raise tk.Invalid(
            tk._("“{value}” is no web address. It starts with https://.").format(value=value)
        )
    return value


def sozialdaten_urls(value: Any) -> Any:
    """Several web addresses; stored as a JSON list."""
    if isinstance(value, str) and not value.lstrip().startswith("["):
        value = value.split()
    return _stored([sozialdaten_url(text) for text in _texts(value)])


def sozialdaten_layout(value: Any) -> Any:
    """A layout as JSON text or object; stored as text.

    A table with figures needs a region and a time, else nobody knows what the figures speak of.
    """
    if not isinstance(value, str | Mapping):
        raise tk.Invalid(tk._("Enter the layout as a JSON object with a list “fields”."))
    try:
        layout = Layout.from_json(value)
    except SozialdatenError as error:
        raise tk.Invalid(error.text(language())) from None
    missing = layout.unplaced
    if missing:
        raise tk.Invalid(
            tk._(
                "The columns {values} hold figures, but no column has the role {roles}. "
                "Give the column with the region the role “region”, the one with the date “time”."
            ).format(
                values=", ".join(column.name for column in layout.values),
                roles=", ".join(f"“{role}”" for role in missing),
            )
        )
    return layout.to_json_text()


def sozialdaten_private_by_default(
    key: types.FlattenKey,
    data: types.FlattenDataDict,
    errors: types.FlattenErrorDict,
    context: types.Context,
) -> None:
    """A new dataset that says nothing of its visibility is a working copy."""
    if context.get("package") is None and data.get(("private",), tk.missing) is tk.missing:
        data[("private",)] = True


def sozialdaten_attribution(
    key: types.FlattenKey,
    data: types.FlattenDataDict,
    errors: types.FlattenErrorDict,
    context: types.Context,
) -> None:
    """A licence that demands attribution comes with the text of the attribution."""
    if attribution_missing(data):
        errors[("license_attribution",)] = [
            tk._("This licence asks users to name you. Enter the text that they are to print.")
        ]


def sozialdaten_spatial_coverage(
    key: types.FlattenKey,
    data: types.FlattenDataDict,
    errors: types.FlattenErrorDict,
    context: types.Context,
) -> None:
    """Fill what follows from other fields: the spatial coverage and the EU themes."""
    set_spatial_coverage(data)
    set_themes(data, errors, context)
