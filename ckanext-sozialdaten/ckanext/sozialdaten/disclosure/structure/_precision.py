"""How exactly published counts stand for true ones: as they are, rounded, or with noise."""

from dataclasses import dataclass
from enum import StrEnum

from ckanext.sozialdaten.disclosure.errors import RolesError
from ckanext.sozialdaten.messages import Message

__all__ = ["Noise", "Precision"]


class Noise(StrEnum):
    """What was done to all counts of a table."""

    EXACT = "exact"
    ROUNDED = "rounded"
    CONTROLLED = "controlled"
    CELL_KEY = "cell-key"


@dataclass(frozen=True, slots=True)
class Precision:
    """The bounds that a published count leaves for the true one; whoever attacks knows them.

    Args:
        noise: what was done.
        size: the base of rounding, or the greatest deviation of the Cell Key Method.
        mixed: whether counts that are no multiples of the base stand for themselves, such as exact
            totals beside rounded parts.

    >>> Precision.parse("rounded:5").bounds(10)
    (8.0, 12.0)
    >>> Precision.parse("controlled:3").bounds(3)
    (1.0, 5.0)
    >>> Precision.parse("cell-key:2").bounds(1)
    (0.0, 3.0)
    >>> Precision(Noise.ROUNDED, 5, mixed=True).bounds(36)
    (36.0, 36.0)
    """

    noise: Noise = Noise.EXACT
    size: int = 0
    mixed: bool = False

    @classmethod
    def parse(cls, text: str) -> "Precision":
        """``exact``, ``rounded:BASE``, ``controlled:BASE`` or ``cell-key:DEVIATION``.

        Raises:
            RolesError: none of these.
        """
        kind, _, size = text.partition(":")
        if kind == Noise.EXACT and not size:
            return cls()
        if kind in list(Noise)[1:] and size.isdigit() and int(size) > 0:
            return cls(Noise(kind), int(size))
        raise RolesError(
            Message("Nobody knows how to read {text}.", {"text": text}),
            Message("Write exact, rounded:BASE, controlled:BASE or cell-key:DEVIATION."),
        )

    def bounds(self, value: float) -> tuple[float, float]:
        """Lowest and highest true count behind a published one."""
        if self.mixed and value % self.size:
            return value, value
        reach = {
            Noise.EXACT: 0,
            Noise.ROUNDED: self.size // 2,
            Noise.CONTROLLED: max(self.size - 1, 0),
            Noise.CELL_KEY: self.size,
        }[self.noise]
        low = float(value - reach)
        return max(0.0, low) if value >= 0 else low, float(value + reach)
