"""The Gemeinden of the fictitious Kreis and how each develops.

Keys and names come from the register of regions; what is told here is only how a place lives:
whether young families move in, whether it ages, how many people it starts with.
"""

from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.geography import Level, Register

__all__ = ["FIRST_YEAR", "KREIS", "LAND", "LAST_YEAR", "Kind", "Municipality", "municipalities"]

KREIS = "99001"
LAND = "99"
FIRST_YEAR = 2010
LAST_YEAR = 2024


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


# Kind and persons by rank of the key; the Kreisstadt (by its name) takes the first entry.
_PLACES = (
    (Kind.TOWN, 38_400),
    (Kind.SUBURB, 14_900),
    (Kind.SUBURB, 11_200),
    (Kind.TOWN, 12_600),
    (Kind.VILLAGE, 2_450),
    (Kind.SUBURB, 8_700),
    (Kind.VILLAGE, 1_780),
    (Kind.VILLAGE, 3_900),
    (Kind.SUBURB, 6_300),
    (Kind.VILLAGE, 960),
    (Kind.TOWN, 9_100),
    (Kind.VILLAGE, 2_900),
    (Kind.VILLAGE, 640),
    (Kind.SUBURB, 5_200),
    (Kind.VILLAGE, 4_350),
    (Kind.VILLAGE, 1_420),
    (Kind.SUBURB, 7_450),
    (Kind.VILLAGE, 3_150),
    (Kind.VILLAGE, 2_050),
    (Kind.VILLAGE, 5_600),
)


def municipalities() -> tuple[Municipality, ...]:
    """The Gemeinden of the Kreis, by key."""
    register = Register.default()
    regions = sorted(register.children(KREIS, Level.GEMEINDE), key=lambda region: region.key)
    ranked = sorted(regions, key=lambda region: ("Kreisstadt" not in region.name, region.key))
    places = {
        region.key: Municipality(region.key, region.name, kind, inhabitants)
        for region, (kind, inhabitants) in zip(ranked, _PLACES, strict=True)
    }
    return tuple(places[region.key] for region in regions)
