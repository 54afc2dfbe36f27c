"""The header of a flat file: which column is what, in the spellings of old and new software.

New (2025): one column ``value``, with its code beside it. Old (to 2024): one column for each value,
named ``BEVSTD__Bevölkerungsstand__Anzahl``, and German or English captions of the rest.
"""

import re
from dataclasses import dataclass

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import MissingColumn, NotReadable
from ckanext.sozialdaten.messages import Message

__all__ = ["Header", "ValueColumn", "Variable", "find_header"]

_VARIABLE = re.compile(
    r"(\d+)_(?:variable_attribute|auspraegung|ausprägung|attribute|value)_(code|label)"
    r"|(\d+)_(?:variable|merkmal|characteristic)_(code|label)",
    re.IGNORECASE,
)
_PLAIN = {
    "statistics_code": "statistics_code",
    "statistik_code": "statistics_code",
    "statistik": "statistics_code",
    "statistic_code": "statistics_code",
    "statistics_label": "statistics_label",
    "statistik_label": "statistics_label",
    "time_code": "time_code",
    "zeit_code": "time_code",
    "time_label": "time_label",
    "zeit_label": "time_label",
    "time": "time",
    "zeit": "time",
    "value": "value",
    "value_unit": "value_unit",
    "value_variable_code": "value_code",
    "value_variable_label": "value_label",
    "value_q": "value_q",
}
_USED = ("statistics_code", "time", "value_unit", "value_code")
_NEEDED_NEW = ("time", "value", "value_unit", "value_variable_code")


@dataclass(frozen=True, slots=True)
class Variable:
    """One group of columns: the variable's code and label, and the code of its attribute."""

    code: str
    attribute: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """One value column; old files say ``code`` and ``unit`` in its caption."""

    column: str
    quality: str = ""
    code: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """Names of the columns by what they are.

    Args:
        names: all captions of the file.
        plain: what it is -> caption, for ``statistics_code``, ``time_code``, ``time``,
            ``value_unit``, ``value_code``.
        variables: the groups ``1_variable_…``, ``2_variable_…`` in order.
        values: the value columns.
    """

    names: tuple[str, ...]
    plain: dict[str, str]
    variables: tuple[Variable, ...]
    values: tuple[ValueColumn, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that observations are made of: codes and figures, no labels."""
        plain = [self.plain[what] for what in _USED if what in self.plain]
        groups = [name for item in self.variables for name in (item.code, item.attribute)]
        values = [name for item in self.values for name in (item.column, item.quality) if name]
        return tuple(dict.fromkeys([*plain, *groups, *values]))


def find_header(names: tuple[str, ...], file: str) -> Header:
    """Understand the captions of a flat file.

    Raises:
        NotReadable: this is no flat file at all.
        MissingColumn: it is one, but a column is missing.
    """
    plain = {_PLAIN[name.lower()]: name for name in names if name.lower() in _PLAIN}
    groups = _groups(names)
    if "statistics_code" not in plain and not groups and "value_code" not in plain:
        raise NotReadable(
            Message("This is no flat file of the GENESIS family."),
            Message("Expected are columns such as {columns}.", {"columns": ";".join(_NEEDED_NEW)}),
            Place(file, row=1),
        )
    old = any("__" in name for name in names) and "value" not in plain
    for need in ("time",) if old else ("time", "value", "value_code"):
        if need not in plain:
            raise _missing("value_variable_code" if need == "value_code" else need, file)
    if not old and "value_unit" not in plain:
        raise _missing("value_unit", file)
    variables = _variables(groups, file)
    values = (
        _old_values(names)
        if old
        else (ValueColumn(plain["value"], quality=plain.get("value_q", "")),)
    )
    return Header(names, plain, variables, values)


def _groups(names: tuple[str, ...]) -> dict[int, dict[str, str]]:
    groups: dict[int, dict[str, str]] = {}
    for name in names:
        match = _VARIABLE.fullmatch(name)
        if match and match[1]:
            groups.setdefault(int(match[1]), {})[f"attribute_{match[2].lower()}"] = name
        elif match:
            groups.setdefault(int(match[3]), {})[match[4].lower()] = name
    return groups


def _variables(groups: dict[int, dict[str, str]], file: str) -> tuple[Variable, ...]:
    found: list[Variable] = []
    for number in sorted(groups):
        group = groups[number]
        for need, caption in (("code", "code"), ("attribute_code", "attribute_code")):
            if need not in group:
                raise _missing(f"{number}_variable_{caption}", file)
        found.append(
            Variable(group["code"], group["attribute_code"], group.get("attribute_label", ""))
        )
    return tuple(found)


def _old_values(names: tuple[str, ...]) -> tuple[ValueColumn, ...]:
    found: list[ValueColumn] = []
    for name in names:
        parts = name.split("__")
        if len(parts) == 1 or name.lower().endswith("__q"):
            continue
        quality = next((other for other in names if other.lower() == f"{name.lower()}__q"), "")
        unit = parts[-1].replace("_", " ").strip() if len(parts) > 2 else ""
        found.append(ValueColumn(name, quality, parts[0], unit))
    return tuple(found)


def _missing(column: str, file: str) -> MissingColumn:
    return MissingColumn(
        Message("The column “{name}” is missing.", {"name": column}),
        Message("Fetch the table again as flat-file CSV (ffcsv) with all its columns."),
        Place(file, row=1, column=column),
    )
