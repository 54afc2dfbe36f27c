"""A sensitive column as the measures see it."""

from dataclasses import dataclass, field

from ckanext.sozialdaten.disclosure.persons._ground import Equal, Ground

__all__ = ["Sensitive"]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """A sensitive column and how its values lie over everybody.

    Args:
        column: its name in the table.
        values: its values, None for NULL; for an ordered ground in their order.
        shares: share of all persons with each value, in the same order; they sum to 1.
        ground: distances between the values.
    """

    column: str
    values: tuple[object, ...]
    shares: tuple[float, ...]
    ground: Ground = field(default_factory=Equal)
