"""Quality signs: which ones a convention knows, and whether a figure may stand beside them."""

from functools import cache
from importlib import resources
from typing import TypedDict, cast

import yaml

from ckanext.sozialdaten.lake.errors import ObservationError
from ckanext.sozialdaten.messages import Message

__all__ = ["legend"]


class _Sign(TypedDict):
    sign: str
    kind: str
    with_value: bool


class _Convention(TypedDict):
    code: str
    signs: list[_Sign]


_ZERO = ("nothing", "rounded_to_zero")


@cache
def _conventions() -> dict[str, list[_Sign]]:
    source = resources.files("ckanext.sozialdaten.schemas.codelists") / "quality_signs.yaml"
    data = cast("dict[str, list[_Convention]]", yaml.safe_load(source.read_text(encoding="utf-8")))
    return {convention["code"]: convention["signs"] for convention in data["codes"]}


def legend(convention: str) -> dict[str, str]:
    """Signs of a convention, each with what may stand beside it: ``any``, ``zero`` or ``none``.

    Raises:
        ObservationError: there is no such convention.
    """
    known = _conventions()
    if convention not in known:
        raise ObservationError(
            Message("There is no sign convention “{name}”.", {"name": convention}),
            Message("Known: {names}.", {"names": ", ".join(known)}),
        )
    return {sign["sign"]: _beside(sign) for sign in known[convention]}


def _beside(sign: _Sign) -> str:
    if sign["with_value"]:
        return "any"
    return "zero" if sign["kind"] in _ZERO else "none"
