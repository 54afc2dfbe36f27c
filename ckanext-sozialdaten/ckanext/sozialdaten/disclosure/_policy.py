"""Policies: every number that a rule uses, read strictly from one YAML file."""

import dataclasses
import difflib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast, get_type_hints

import yaml

from ckanext.sozialdaten.disclosure._parameters import (
    CellKey,
    Dominance,
    Frequency,
    Groups,
    Identifiers,
    Persons,
    Protection,
    Rates,
    Releases,
    ReportLimits,
    SmallAreas,
    Suppression,
    Zeros,
)
from ckanext.sozialdaten.disclosure._yaml import parsed
from ckanext.sozialdaten.disclosure.errors import PolicyError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["DEFAULT_POLICY", "Policy", "list_policies", "load_policy"]

DEFAULT_POLICY = "amtliche-statistik-3"
_PACKAGE = "ckanext.sozialdaten.schemas"
_DEFAULT = "default"
_PARENT = "extends"


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
    groups: Groups
    dominance: Dominance
    suppression: Suppression
    protection: Protection
    cell_key: CellKey
    persons: Persons
    rates: Rates
    releases: Releases
    small_areas: SmallAreas
    report: ReportLimits

    def is_small(self, count: float) -> bool:
        """Whether a published count is below the minimum frequency.

        >>> policy = load_policy()
        >>> [policy.is_small(count) for count in (0, 1, 2, 3)]
        [False, True, True, False]
        """
        if count == 0:
            return self.frequency.zeros is Zeros.PROTECT
        return 0 < count < self.frequency.minimum

    def is_weaker_than(self, other: "Policy") -> bool:
        """Whether this policy lets something pass that ``other`` would stop.

        Limits of effort and of reports, which protect nobody, are not compared.

        >>> default, open_statistics = load_policy(), load_policy("open-statistics")
        >>> open_statistics.is_weaker_than(default), default.is_weaker_than(open_statistics)
        (True, False)
        """
        return any(mine < theirs for mine, theirs in zip(self._force, other._force, strict=True))

    @property
    def _force(self) -> tuple[float, ...]:
        """Every switch and threshold that protects; more is stricter, 0 is switched off."""
        frequency, suppression = self.frequency.check, self.suppression.check
        groups, dominance, persons = self.groups, self.dominance, self.persons
        return (
            self.identifiers.check,
            self.rates.check,
            frequency * self.frequency.minimum,
            frequency * (self.frequency.zeros is Zeros.PROTECT),
            groups.check * (1 + groups.block),
            groups.check * groups.block * _below(groups.full_share),
            dominance.check * dominance.contributors,
            dominance.check * dominance.n * _below(dominance.k_percent),
            dominance.check * dominance.p_percent * _below(dominance.q_percent),
            suppression * self.suppression.minimum_width,
            suppression * self.suppression.minimum_width_percent,
            suppression * self.suppression.insiders,
            persons.check * persons.k,
            persons.check * persons.distinct_l,
            persons.check * persons.entropy_l,
            persons.check * persons.recursive_l * _below(persons.recursive_c),
            persons.check * _below(persons.max_share),
            persons.check * _below(persons.t),
            persons.check * _below(persons.max_individual_risk),
            persons.check * _below(persons.max_global_risk),
            self.releases.check * self.releases.minimum_difference,
            self.small_areas.check * self.small_areas.minimum_population,
        )


def _below(limit: float) -> float:
    """The force of an upper limit: the lower it is the stricter; 0 is no limit."""
    return 1.0 / limit if limit else 0.0


def list_policies() -> list[Policy]:
    """All policies that the project ships, sorted by name."""
    folder = files(_PACKAGE) / "policies"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    return [load_policy(name.removesuffix(".yaml")) for name in names]


def load_policy(name_or_path: str | Path = DEFAULT_POLICY) -> Policy:
    """Read a policy by its name in ``schemas/policies`` or by the path of a YAML file.

    A policy that says ``extends: NAME`` is the shipped policy of that name but for what it says
    itself. ``default`` is another name of the default policy.

    Raises:
        PolicyError: no such policy, or a key is missing, unknown or of the wrong type.
    """
    text = str(name_or_path)
    if text.endswith((".yaml", ".yml")):
        path = Path(text)
        if not path.is_file():
            raise PolicyError(Message("There is no policy file here."), place=Place(file=text))
        return _policy(_parsed(path.read_text("utf-8"), path.name), path.name)
    return _shipped_policy(text)


@cache
def _shipped_policy(name: str) -> Policy:
    """A policy of the project: its file does not change while a process runs."""
    return _policy(_shipped(name), f"{name}.yaml")


def _policy(data: object, place: str) -> Policy:
    return cast("Policy", _build(Policy, _extended(data), place, ""))


def _extended(data: object) -> object:
    """A policy with everything that the one it extends says."""
    if not isinstance(data, Mapping):
        return data
    own = cast("Mapping[str, object]", data)
    if _PARENT not in own:
        return own
    rest = {key: value for key, value in own.items() if key != _PARENT}
    return _merged(_extended(_shipped(str(own[_PARENT]))), rest)


def _shipped(name: str) -> object:
    folder = files(_PACKAGE) / "policies"
    stem = DEFAULT_POLICY if name == _DEFAULT else name
    resource = folder / f"{stem}.yaml"
    if not stem.replace("-", "").isalnum() or not resource.is_file():
        known = sorted(
            entry.name.removesuffix(".yaml")
            for entry in folder.iterdir()
            if entry.name.endswith(".yaml")
        )
        raise PolicyError(
            Message("There is no policy {name}.", {"name": name}),
            Message("Known policies: {names}.", {"names": ", ".join(known)}),
        )
    return _parsed(resource.read_text("utf-8"), f"{stem}.yaml")


def _parsed(content: str, place: str) -> object:
    try:
        return parsed(content)
    except yaml.YAMLError as error:
        raise PolicyError(Message("This is no valid YAML."), place=Place(file=place)) from error


def _merged(parent: object, own: object) -> object:
    """``own`` over ``parent``, section by section."""
    if not isinstance(parent, Mapping) or not isinstance(own, Mapping):
        return own
    base, over = cast("Mapping[str, object]", parent), cast("Mapping[str, object]", own)
    return {**base, **{key: _merged(base.get(key), value) for key, value in over.items()}}


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
