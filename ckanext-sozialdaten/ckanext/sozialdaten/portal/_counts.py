"""Which indicators count: of a count, the larger region always has more."""

from ckanext.sozialdaten.indicators import Function, Indicator, Upward

__all__ = ["is_count"]

_COUNTING = (Function.VALUE, Function.SUM, Function.DIFFERENCE)


def is_count(item: Indicator) -> bool:
    """Whether it counts, so that a larger region has more: then the size says nothing."""
    added = all(source.upward is Upward.SUM for source in item.inputs.values())
    return item.formula.function in _COUNTING and added and not item.references
