"""Helpers of forms: what CKAN's and scheming's macros lack for reading tools and for clerks."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from ckanext.sozialdaten.catalogue.places import region_line
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Register

__all__ = [
    "sozialdaten_described",
    "sozialdaten_has_field",
    "sozialdaten_region_lines",
    "sozialdaten_touches",
]

_TAG = r"<(input|select|textarea)\b(?=[^>]*\sid=\"{id}\")"


def _tag(field: str) -> re.Pattern[str]:
    return re.compile(_TAG.format(id=re.escape(field)))


def sozialdaten_has_field(html: str, field: str) -> bool:
    """Whether the markup holds the form field with this id; if not, the label names a group."""
    return bool(field) and _tag(field).search(str(html)) is not None


def sozialdaten_described(
    html: str, field: str, described: str, wrong: bool, required: bool
) -> Markup:
    """The markup with its field tied to help and error.

    Args:
        html: markup of a form field, made by a template.
        field: id of the field.
        described: ids of the elements that describe it, separated by spaces.
        wrong: whether its value was refused.
        required: whether it has to be filled.
    """
    more = (
        (f' aria-describedby="{described}"' if described else "")
        + (' aria-invalid="true"' if wrong else "")
        + (' aria-required="true"' if required else "")
    )
    done = _tag(field).sub(lambda found: f"<{found[1]}{more}", str(html), count=1)
    return Markup(done)  # noqa: S704 - the templates' own markup


def sozialdaten_touches(
    fields: Iterable[Mapping[str, Any]], errors: Mapping[str, Any] | None
) -> bool:
    """Whether one of these fields has an error."""
    return bool({field["field_name"] for field in fields} & set(errors or ()))


def sozialdaten_region_lines(value: Any) -> str:
    """The regions of a form field, one a line with name and key; what was typed stays as it was."""
    if isinstance(value, str):
        return value
    return "\n".join(_line(str(item)) for item in value or [])


def _line(key: str) -> str:
    try:
        return region_line(Register.default().get(key))
    except SozialdatenError:
        return key
