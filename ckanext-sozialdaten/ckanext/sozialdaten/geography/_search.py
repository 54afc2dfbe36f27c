"""Finding regions by what people type: names in any spelling, heads of keys, near misses."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import takewhile

from ckanext.sozialdaten.geography._files import Region

__all__ = ["Index", "fold"]

_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_NEAR = 0.75


class Index:
    """Names and keys of some regions, folded once.

    Args:
        regions: what can be found; of equal matches the earlier comes first.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        self._entries = [
            (region, tuple(fold(name) for name in (region.name, *region.aliases)))
            for region in regions
        ]

    def search(self, text: str, limit: int) -> tuple[Region, ...]:
        """Regions by part of their name or by the head of their key, best match first."""
        wanted = fold(text)
        if not wanted:
            return ()
        ranked = [
            (rank, region.valid_to is not None, region.level.rank, region.ags, region)
            for region, names in self._entries
            if (rank := _match(region, names, wanted)) is not None
        ]
        return tuple(item[-1] for item in sorted(ranked, key=lambda item: item[:4])[:limit])

    def near(self, text: str, limit: int) -> tuple[Region, ...]:
        """Regions whose key or name resembles ``text``, for “did you mean”."""
        wanted = fold(text)
        found: dict[str, Region] = {}
        if wanted[:1].isdigit():
            by_key = {region.ags: region for region, _ in self._entries}
            alike = [key for key in by_key if abs(len(key) - len(wanted)) <= 1]
            close = get_close_matches(wanted, alike, 10 * limit, _NEAR)
            # a slip is rarely in the head of a key: what starts alike comes first
            close.sort(key=lambda key: _alike(key, wanted), reverse=True)
            found = {key: by_key[key] for key in close[:limit]}
        else:
            by_name = {name: region for region, names in self._entries for name in names}
            matches = get_close_matches(wanted, list(by_name), limit, _NEAR)
            found = {by_name[name].ags: by_name[name] for name in matches}
        return tuple(found.values())


def _alike(one: str, other: str) -> int:
    """How many signs both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def fold(text: str) -> str:
    """Text without case and with umlauts spelled out, as search compares it.

    >>> fold("Groß Nordende") == fold("GROSS  NORDENDE")
    True
    """
    return " ".join(text.casefold().translate(_FOLDS).split())


def _match(region: Region, names: tuple[str, ...], wanted: str) -> int | None:
    """0 for the same name, 1 where it starts so, 2 where it is inside; None for no match."""
    if wanted in (region.ags.casefold(), region.ars) or wanted in names:
        return 0
    if region.ags.startswith(wanted) or any(name.startswith(wanted) for name in names):
        return 1
    return 2 if any(wanted in name for name in names) else None
