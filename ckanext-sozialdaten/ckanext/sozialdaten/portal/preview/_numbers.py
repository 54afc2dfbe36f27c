"""Numbers as German and English readers write them."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["decimals_needed", "format_number"]

_MOST_DECIMALS = 2
_SEPARATORS = {"de": (".", ","), "en": (",", ".")}


def format_number(value: float, language: str, decimals: int = 0) -> str:
    """``value`` with thousands separators, rounded half up as ``Intl.NumberFormat`` does it.

    >>> format_number(-12345.678, "de", 1)
    '−12.345,7'
    >>> format_number(12345.678, "en", 1)
    '12,345.7'
    """
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    thousands, point = _SEPARATORS["en" if language == "en" else "de"]
    text = f"{abs(rounded):,.{decimals}f}"
    text = text.replace(",", "\0").replace(".", point).replace("\0", thousands)
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
