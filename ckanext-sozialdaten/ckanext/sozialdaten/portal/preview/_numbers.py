"""Numbers as German and English readers write them."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

__all__ = ["decimals_needed", "format_number"]

_MOST_DECIMALS = 2
_GERMAN = str.maketrans(",.", ".,")
# a float below has room for the digits of every figure that `round` gives back unchanged
_EXACT = 1e12
# a page writes each number up to five times, and the figures of a Kreis resemble one another
_KEPT = 16384


@lru_cache(maxsize=_KEPT)
def format_number(value: float, language: str, decimals: int = 0) -> str:
    """``value`` with thousands separators, rounded half up as ``Intl.NumberFormat`` does it.

    >>> format_number(-12345.678, "de", 1)
    '−12.345,7'
    >>> format_number(12345.678, "en", 1)
    '12,345.7'
    """
    rounded: float | Decimal = value
    if round(value, decimals) != value or abs(value) > _EXACT:
        step = Decimal(1).scaleb(-decimals)
        rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    text = f"{abs(rounded):,.{decimals}f}"
    if language != "en":
        text = text.translate(_GERMAN)
    return f"−{text}" if rounded < 0 else text


def decimals_needed(values: Iterable[float]) -> int:
    """How many decimals (at most two) show ``values`` without loss that a reader would miss."""
    needed = 0
    for value in values:
        exponent = Decimal(str(value)).normalize().as_tuple().exponent
        needed = max(needed, -exponent if isinstance(exponent, int) else 0)
        if needed >= _MOST_DECIMALS:
            return _MOST_DECIMALS
    return needed
