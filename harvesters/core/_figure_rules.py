"""What the texts of a table of figures mean to a source: its columns, regions and times.

Each rule is asked once for every distinct text. It answers with what the text becomes, with None
where the source does not want the row, or with a :class:`Refusal`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from ckanext.sozialdaten.geography import GeographyError, Level, Register
from ckanext.sozialdaten.harvesters.core._dimensions import parse_dimensions
from ckanext.sozialdaten.harvesters.core._periods import Span
from ckanext.sozialdaten.harvesters.core._text import squeeze
from ckanext.sozialdaten.harvesters.core.errors import (
    BadCode,
    BadDate,
    DeliveryError,
    OtherUnit,
    UnknownRegionKey,
)
from ckanext.sozialdaten.harvesters.core.observations import TOTAL, dimensions_text
from ckanext.sozialdaten.harvesters.core.readers import region_key, region_named
from ckanext.sozialdaten.harvesters.core.source import (
    ObservationRule,
    Period,
    Reference,
    RegionScope,
    Source,
    ValueRule,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["Columns", "Refusal", "Regions", "Target", "Times"]

_LENGTHS = {
    Period.YEAR: (range(365, 367), Message("The time is no whole year.")),
    Period.QUARTER: (range(90, 93), Message("The time is no whole quarter.")),
    Period.MONTH: (range(28, 32), Message("The time is no whole month.")),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text cannot be taken: becomes an error at the first cell that has it."""

    kind: type[DeliveryError]
    message: Message
    hint: Message


@dataclass(frozen=True, slots=True)
class Target:
    """What a cell becomes: a value column, its dimensions as canonical JSON, its unit."""

    rule: ValueRule
    dimensions: str
    unit: str


class Columns:
    """Series, dimensions and units of the file -> value columns of the source."""

    def __init__(self, source: Source, rule: ObservationRule) -> None:
        self.rule = rule
        self._layout = source.publish.layout
        self._known: dict[str, tuple[ValueRule, ...]] = {}

    def wants(self, series: str) -> bool:
        """Whether the source has a column for a series of the file."""
        return bool(self._of(series))

    def target(self, series: str, dimensions: str, unit: str) -> Target | Refusal | None:
        """What the cells of a series with these dimensions become."""
        codes = dict(parse_dimensions(dimensions or "{}"))
        if not _agrees(self.rule.where, codes):
            return None
        for value in self._of(series):
            if _agrees(value.where, codes):
                return self._target(value, codes, unit)
        return None

    def _of(self, series: str) -> tuple[ValueRule, ...]:
        if series not in self._known:
            self._known[series] = tuple(
                value
                for value in self.rule.values
                if any(_names(wanted, series) for wanted in value.series)
            )
        return self._known[series]

    def _target(self, value: ValueRule, codes: dict[str, str], unit: str) -> Target | Refusal:
        for name in (*self.rule.where, *value.where, *self.rule.ignore):
            codes.pop(name, None)
        renamed: dict[str, str] = {}
        for variable in self.rule.dimensions:
            found = [codes.pop(name) for name in variable.variables if name in codes]
            code = found[0] if found else TOTAL
            renamed[variable.name] = variable.codes.get(code, code)
            known = self._layout[variable.name].codes
            if (variable.codes and found and code not in variable.codes and code != TOTAL) or (
                known and renamed[variable.name] not in known
            ):
                return _unknown_code(variable.name)
        if codes:
            return _unknown_dimension(next(iter(codes)))
        return self._with_unit(value, dimensions_text(renamed), unit)

    @staticmethod
    def _with_unit(value: ValueRule, dimensions: str, unit: str) -> Target | Refusal:
        allowed = {squeeze(name) for name in (value.printed or (value.unit,)) if name}
        if unit and allowed and squeeze(unit) not in allowed:
            return Refusal(
                OtherUnit,
                Message(
                    "The file states the unit “{found}”, expected is “{expected}”.",
                    {"found": unit, "expected": ", ".join(value.printed or (value.unit,))},
                ),
                Message(
                    "If the office changed the unit, state it as “printed” with its “factor” in "
                    "the source; nothing is converted silently."
                ),
            )
        return Target(value, dimensions, value.unit or unit or "Anzahl")


def _names(wanted: str, series: str) -> bool:
    """Whether ``wanted`` is the series, or what follows its first part; ``*`` is anything."""
    want, have = squeeze(wanted), squeeze(series)
    if "*" in want:
        return fnmatchcase(have, want) or fnmatchcase(have, f"*.{want}")
    return have == want or have.endswith(f".{want}")


def _agrees(where: Mapping[str, str], codes: Mapping[str, str]) -> bool:
    return all(squeeze(codes.get(name, "")) == squeeze(code) for name, code in where.items())


def _unknown_code(name: str) -> Refusal:
    return Refusal(
        BadCode,
        Message("The table has a code that the source does not know, in “{name}”.", {"name": name}),
        Message(
            "The office may have changed the table: compare its variables and codes with "
            "“dimensions” and the layout of the source."
        ),
    )


def _unknown_dimension(name: str) -> Refusal:
    return Refusal(
        BadCode,
        Message(
            "The table has the dimension “{name}”, which the source does not name.", {"name": name}
        ),
        Message("Name it under “dimensions” of the source, or under “ignore” if it says nothing."),
    )


class Regions:
    """Keys of the file -> regions of the source."""

    def __init__(self, scope: RegionScope, register: Register) -> None:
        self.register = register
        self.level = Level(scope.level) if scope.level else None
        self.within = register.normalise(scope.within)
        if self.level:
            inside = set(register.children(self.within, self.level))
        else:
            inside = {self.within}
            waiting = list(register.children(self.within))
            while waiting:
                inside.add(region := waiting.pop())
                waiting += register.children(region)
        self.kept = inside | {register.normalise(key) for key in scope.also}

    def region(self, key: str) -> str | Refusal | None:
        """The region that a key means; None for regions that the source leaves out."""
        for candidate in self._candidates(key):
            if candidate in self.kept:
                return candidate
        if not key:
            return Refusal(
                UnknownRegionKey,
                Message("The figure names no region."),
                Message("If the whole file speaks of one region, state it as “read: region”."),
            )
        inside = self.within == "DG" or key.startswith(self.within)
        if inside and len(key) > len(self.within) and key not in self.register:
            return Refusal(
                UnknownRegionKey,
                Message("No region of the source's area has the key {key}.", {"key": key}),
                Message(
                    "Check the key. Further regions come from register folders that "
                    "SOZIALDATEN_REGIONS names."
                ),
            )
        return None

    def _candidates(self, key: str) -> tuple[str, ...]:
        """The key, and what it means once padding is taken off."""
        found = [key] if key in self.kept else []
        for level in (None, self.level):
            try:
                found.append(self.register.normalise(key, level))
            except GeographyError:
                continue
        return tuple(found)

    def written(self, cell: str) -> str:
        """The key that a cell of keys or names holds; the cell itself where it is neither."""
        return region_key(cell) or region_named(self.within, cell) or cell

    def existed(self, region: str, day: date) -> bool:
        """Whether a region was there on a day."""
        try:
            self.register.get(region, day)
        except GeographyError:
            return False
        return True


class Times:
    """First and last day in the file -> reference of the source."""

    def __init__(self, rule: ObservationRule) -> None:
        self.rule = rule

    def span(self, start: str, end: str) -> Span | Refusal:
        """The key date or period that a time means."""
        if not start or not end:
            return Refusal(
                BadDate,
                Message("The figure names no time."),
                Message("If the whole file speaks of one day or year, state it as “read: time”."),
            )
        first, last = date.fromisoformat(start), date.fromisoformat(end)
        if self.rule.kind is Reference.STICHTAG:
            return self._day(first, last)
        days, otherwise = _LENGTHS[self.rule.period]
        late = self.rule.period is Period.QUARTER and last.month % 3  # February to April is none
        if (last - first).days + 1 not in days or late:
            return Refusal(
                BadDate,
                otherwise,
                Message("Flows need periods of one length: see “period” of the source."),
            )
        return first, last

    def _day(self, first: date, last: date) -> Span:
        if self.rule.day and first != last:
            last = date.fromisoformat(f"{last.year}-{self.rule.day}")
        return last, last
