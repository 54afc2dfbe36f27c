"""Policies: every number that a rule uses, read strictly from one YAML file."""

import dataclasses
import difflib
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any, cast, get_type_hints

import yaml

from ckanext.sozialdaten.disclosure.errors import PolicyError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = [
    "Frequency",
    "Identifiers",
    "Persons",
    "Policy",
    "Protection",
    "Rates",
    "Releases",
    "ReportLimits",
    "Suppression",
    "Zeros",
    "list_policies",
    "load_policy",
]

_PACKAGE = "ckanext.sozialdaten.schemas"


class Zeros(StrEnum):
    """What a published zero is."""

    PUBLISH = "publish"
    PROTECT = "protect"


@dataclasses.dataclass(frozen=True, slots=True)
class Identifiers:
    """Direct identifiers: see ``default.yaml`` for the meaning of each number."""

    check: bool
    significance: float
    max_values: int
    name_share: float
    unique_rows: int


@dataclasses.dataclass(frozen=True, slots=True)
class Frequency:
    """Minimum frequency of published counts."""

    check: bool
    minimum: int
    zeros: Zeros
    total_share: float


@dataclasses.dataclass(frozen=True, slots=True)
class Suppression:
    """What the attack on suppressed cells must not achieve."""

    check: bool
    minimum_width: float
    minimum_width_percent: float
    max_cells: int
    seconds: float


@dataclasses.dataclass(frozen=True, slots=True)
class Protection:
    """What a protected table keeps rather, and how far the search for the best one goes."""

    margin_weight: float
    exact_cells: int
    exact_rounds: int
    exact_nodes: int


@dataclasses.dataclass(frozen=True, slots=True)
class Persons:
    """Person-level tables."""

    check: bool
    k: int
    max_set: int
    max_columns: int
    max_distinct_share: float


@dataclasses.dataclass(frozen=True, slots=True)
class Rates:
    """Rates that give back a count."""

    check: bool
    evidence_rows: int


@dataclasses.dataclass(frozen=True, slots=True)
class Releases:
    """Differences between releases."""

    check: bool
    minimum_difference: int


@dataclasses.dataclass(frozen=True, slots=True)
class ReportLimits:
    """How long a report may get."""

    max_cells: int
    max_sets: int


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """Thresholds and methods of disclosure control.

    Args:
        name: identifier, the stem of its file in ``schemas/policies``.
        version: counted up with every change of a number.
        title: German and English caption.
        description: German and English explanation.
    """

    name: str
    version: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    identifiers: Identifiers
    frequency: Frequency
    suppression: Suppression
    protection: Protection
    persons: Persons
    rates: Rates
    releases: Releases
    report: ReportLimits

    def is_small(self, count: float) -> bool:
        """Whether a published count is below the minimum frequency.

        >>> policy = load_policy("default")
        >>> [policy.is_small(count) for count in (0, 1, 2, 3)]
        [False, True, True, False]
        """
        if count == 0:
            return self.frequency.zeros is Zeros.PROTECT
        return 0 < count < self.frequency.minimum

    def is_weaker_than(self, other: "Policy") -> bool:
        """Whether this policy lets something pass that ``other`` would stop.

        Limits of effort and of reports, which protect nobody, are not compared.

        >>> default, open_statistics = load_policy("default"), load_policy("open-statistics")
        >>> open_statistics.is_weaker_than(default), default.is_weaker_than(open_statistics)
        (True, False)
        """
        return any(mine < theirs for mine, theirs in zip(self._force, other._force, strict=True))

    @property
    def _force(self) -> tuple[float, ...]:
        """Every switch and threshold that protects; more is stricter, 0 is switched off."""
        frequency, suppression = self.frequency.check, self.suppression.check
        return (
            self.identifiers.check,
            self.rates.check,
            frequency * self.frequency.minimum,
            frequency * (self.frequency.zeros is Zeros.PROTECT),
            suppression * self.suppression.minimum_width,
            suppression * self.suppression.minimum_width_percent,
            self.persons.check * self.persons.k,
            self.releases.check * self.releases.minimum_difference,
        )


def list_policies() -> list[Policy]:
    """All policies that the project ships, sorted by name."""
    folder = files(_PACKAGE) / "policies"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return [load_policy(name.removesuffix(".yaml")) for name in names]


def load_policy(name_or_path: str | Path = "default") -> Policy:
    """Read a policy by its name in ``schemas/policies`` or by the path of a YAML file.

    Raises:
        PolicyError: no such policy, or a key is missing, unknown or of the wrong type.
    """
    text = str(name_or_path)
    if text.endswith((".yaml", ".yml")):
        path = Path(text)
        if not path.is_file():
            raise PolicyError(Message("There is no policy file here."), place=Place(file=text))
        content, place = path.read_text("utf-8"), path.name
    else:
        resource = files(_PACKAGE) / "policies" / f"{text}.yaml"
        if not text.replace("-", "").isalnum() or not resource.is_file():
            known = sorted(
                entry.name.removesuffix(".yaml")
                for entry in (files(_PACKAGE) / "policies").iterdir()
                if entry.name.endswith(".yaml")
            )
            raise PolicyError(
                Message("There is no policy {name}.", {"name": text}),
                Message("Known policies: {names}.", {"names": ", ".join(known)}),
            )
        content, place = resource.read_text("utf-8"), f"{text}.yaml"
    try:
        data: object = yaml.safe_load(content)
    except yaml.YAMLError as error:
        raise PolicyError(Message("This is no valid YAML."), place=Place(file=place)) from error
    return cast("Policy", _build(Policy, data, place, ""))


def _build(kind: type, data: object, file: str, path: str) -> object:
    """An instance of the dataclass ``kind`` from a mapping with exactly its fields."""
    place = Place(file=file, column=path)
    if not isinstance(data, Mapping):
        raise PolicyError(Message("Here must stand keys and values."), place=place)
    values = cast("Mapping[str, object]", data)
    hints = get_type_hints(kind)
    for key in values:
        if key not in hints:
            near = difflib.get_close_matches(str(key), hints, 1)
            hint = Message("Did you mean {name}?", {"name": near[0]}) if near else None
            raise PolicyError(Message("Unknown key {key}.", {"key": str(key)}), hint, place)
    missing = [key for key in hints if key not in values]
    if missing:
        raise PolicyError(Message("Missing: {keys}.", {"keys": ", ".join(missing)}), None, place)
    parts = {
        key: _value(hint, values[key], file, f"{path}.{key}".lstrip("."))
        for key, hint in hints.items()
    }
    return cast("Any", kind)(**parts)


def _value(hint: Any, value: object, file: str, path: str) -> object:
    """``value`` as the type ``hint``, or an error that names the key."""
    if dataclasses.is_dataclass(hint):
        return _build(cast("type", hint), value, file, path)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if value in list(hint):
            return hint(str(value))
        expected = " | ".join(hint)
    elif hint is bool or hint is str:
        if isinstance(value, hint):
            return value
        expected = "true | false" if hint is bool else "text"
    elif hint in (int, float):
        good = int if hint is int else (int, float)
        if isinstance(value, good) and not isinstance(value, bool) and value >= 0:
            return value
        expected = "a number that is not negative"
    else:
        texts: Mapping[str, object] = (
            cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}
        )
        if set(texts) == {"de", "en"} and all(isinstance(t, str) for t in texts.values()):
            return {language: str(text).strip() for language, text in texts.items()}
        expected = "de: text, en: text"
    raise PolicyError(
        Message("{key} must be: {expected}.", {"key": path, "expected": expected}),
        place=Place(file=file, column=path),
    )
