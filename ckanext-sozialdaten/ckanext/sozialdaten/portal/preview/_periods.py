"""Reference periods as tables write them: years, months, quarters and reference dates."""

import re
from dataclasses import dataclass

__all__ = ["Period", "read_periods"]

_YEAR = re.compile(r"(\d{4})$")
_MONTH = re.compile(r"(\d{4})-(\d{2})$")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$")
_QUARTER = re.compile(r"(\d{4})-?Q([1-4])$")
_DAYS = 372  # twelve months of 31 days: an order and near enough a distance, without a calendar


@dataclass(frozen=True, slots=True)
class Period:
    """A period of a table.

    Args:
        key: as the table writes it; goes into addresses and filters.
        position: where it lies on the time axis, in years.
        year: the calendar year, or the key where it has none.
        parts: year, month, day as far as known.
    """

    key: str
    position: float
    year: str
    parts: tuple[int, ...]

    def label(self, language: str) -> str:
        """The period for readers: ``2024``, ``3. Quartal 2024``, ``12/2024``, ``31.12.2024``."""
        if match := _QUARTER.match(self.key):
            year, quarter = match.groups()
            return f"{quarter}. Quartal {year}" if language == "de" else f"Q{quarter} {year}"
        if len(self.parts) == 3 and language == "de":
            year, month, day = self.parts
            return f"{day:02d}.{month:02d}.{year}"
        if len(self.parts) == 3:
            return "{:04d}-{:02d}-{:02d}".format(*self.parts)
        if len(self.parts) == 2 and language == "de":
            return f"{self.parts[1]:02d}/{self.parts[0]}"
        return self.key


def read_periods(keys: set[str]) -> list[Period]:
    """``keys`` as periods in the order of time; unknown notations come in order of their text."""
    return sorted(
        (_read(key, place) for place, key in enumerate(sorted(keys))),
        key=lambda period: (period.position, period.key),
    )


def _read(key: str, place: int) -> Period:
    if match := _YEAR.match(key):
        year = int(match[1])
        return Period(key, float(year), match[1], (year,))
    if match := _QUARTER.match(key):
        return Period(key, int(match[1]) + (int(match[2]) - 1) / 4, match[1], ())
    if match := _MONTH.match(key):
        year, month = int(match[1]), int(match[2])
        return Period(key, year + (month - 1) / 12, match[1], (year, month))
    if match := _DAY.match(key):
        year, month, day = (int(part) for part in match.groups())
        position = year + ((month - 1) * 31 + day - 1) / _DAYS
        return Period(key, position, match[1], (year, month, day))
    return Period(key, float(place), key, ())
