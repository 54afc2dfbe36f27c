"""The Gemeinden of the fictitious Kreis and how each develops.

Keys and names come from the register of regions; what is told here is only how a place lives:
whether young families move in, whether it ages, how many people it starts with.
"""

from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.geography import Level, Register

__all__ = [
    "FIRST_YEAR",
    "KREIS",
    "LAND",
    "LAST_YEAR",
    "Kind",
    "Municipality",
    "municipalities",
    "official_label",
]

KREIS = "99001"
LAND = "99"
FIRST_YEAR = 2010
LAST_YEAR = 2025


class Kind(StrEnum):
    """How a place develops."""

    TOWN = "town"
    SUBURB = "suburb"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Municipality:
    """A Gemeinde with its development.

    Args:
        key: AGS, eight digits.
        name: as the register writes it.
        kind: how it develops.
        inhabitants: persons at the start of the story.
    """

    key: str
    name: str
    kind: Kind
    inhabitants: int


_PLACES = {
    "99001001": (Kind.TOWN, 38_400),
    "99001002": (Kind.SUBURB, 8_700),
    "99001003": (Kind.VILLAGE, 1_780),
    "99001004": (Kind.TOWN, 12_600),
    "99001005": (Kind.VILLAGE, 640),
    "99001006": (Kind.VILLAGE, 2_900),
    "99001007": (Kind.SUBURB, 6_300),
    "99001008": (Kind.TOWN, 9_100),
    "99001009": (Kind.VILLAGE, 3_900),
    "99001010": (Kind.VILLAGE, 1_420),
    "99001011": (Kind.SUBURB, 7_450),
    "99001012": (Kind.VILLAGE, 4_350),
    "99001013": (Kind.SUBURB, 14_900),
    "99001014": (Kind.SUBURB, 11_200),
    "99001015": (Kind.VILLAGE, 2_450),
    "99001016": (Kind.VILLAGE, 960),
    "99001017": (Kind.SUBURB, 5_200),
    "99001018": (Kind.VILLAGE, 3_150),
    "99001019": (Kind.VILLAGE, 2_050),
    "99001020": (Kind.VILLAGE, 5_600),
}


def municipalities() -> tuple[Municipality, ...]:
    """The Gemeinden of the Kreis, by key.

    Raises:
        KeyError: the register knows a Gemeinde of the Kreis whose development is not told here.
    """
    register = Register.default()
    keys = sorted(register.children(KREIS, Level.GEMEINDE))
    return tuple(Municipality(key, register.name(key), *_PLACES[key]) for key in keys)


def official_label(key: str) -> str:
    """The name as statistical offices print it, such as ``Musterstadt, Kreisstadt``."""
    region = Register.default().get(key)
    if region.level is Level.KREIS:
        return f"{region.name.removeprefix('Kreis ')}, {region.designation}"
    if region.designation.endswith(("stadt", "Stadt")):
        return f"{region.name}, {region.designation}"
    return region.name
