"""Quality signs: what each means in its source's convention, and what may stand beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypedDict, cast

import yaml

from ckanext.sozialdaten.lake.errors import ObservationError
from ckanext.sozialdaten.messages import Message

__all__ = ["Sign", "SignKind", "legend", "signs_of"]


class SignKind(StrEnum):
    """What a sign says. Suppressed, not available, not applicable and zero are never merged."""

    NOTHING = "nothing"
    ROUNDED_TO_ZERO = "rounded_to_zero"
    UNKNOWN_OR_SECRET = "unknown_or_secret"  # noqa: S105 - the official sign has both meanings
    SUPPRESSED = "suppressed"
    NOT_YET = "not_yet"
    UNRELIABLE = "unreliable"
    BLOCKED = "blocked"
    LIMITED = "limited"
    PRELIMINARY = "preliminary"
    REVISED = "revised"
    ESTIMATED = "estimated"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of a convention.

    Args:
        sign: as the source prints it.
        kind: what it says.
        with_value: whether it stands beside a figure (true) or in its place (false).
        de: its meaning in German, in the words of the source.
        en: its meaning in English.
    """

    sign: str
    kind: SignKind
    with_value: bool
    de: str
    en: str

    def label(self, language: str) -> str:
        """Its meaning in ``language``: ``en``, else German."""
        return self.en if language == "en" else self.de


class _Entry(TypedDict):
    sign: str
    kind: str
    with_value: bool
    de: str
    en: str


class _Convention(TypedDict):
    code: str
    signs: list[_Entry]


_ZERO = (SignKind.NOTHING, SignKind.ROUNDED_TO_ZERO)


@cache
def _conventions() -> dict[str, Mapping[str, Sign]]:
    source = resources.files("ckanext.sozialdaten.schemas.codelists") / "quality_signs.yaml"
    data = cast("dict[str, list[_Convention]]", yaml.safe_load(source.read_text(encoding="utf-8")))
    return {
        convention["code"]: MappingProxyType(
            {entry["sign"]: _sign(entry) for entry in convention["signs"]}
        )
        for convention in data["codes"]
    }


def _sign(entry: _Entry) -> Sign:
    kind = SignKind(entry["kind"])
    return Sign(entry["sign"], kind, entry["with_value"], entry["de"], entry["en"])


def signs_of(convention: str) -> Mapping[str, Sign]:
    """The signs of a convention, by the sign as it is printed.

    Raises:
        ObservationError: there is no such convention.
    """
    known = _conventions()
    if convention not in known:
        raise ObservationError(
            Message("There is no sign convention “{name}”.", {"name": convention}),
            Message("Known: {names}.", {"names": ", ".join(known)}),
        )
    return known[convention]


def legend(convention: str) -> dict[str, str]:
    """Signs of a convention, each with what may stand beside it: ``any``, ``zero`` or ``none``.

    Raises:
        ObservationError: there is no such convention.
    """
    return {sign.sign: _beside(sign) for sign in signs_of(convention).values()}


def _beside(sign: Sign) -> str:
    if sign.with_value:
        return "any"
    return "zero" if sign.kind in _ZERO else "none"
