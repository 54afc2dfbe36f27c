"""From lists of single days to states with validity."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from ckanext.sozialdaten.geography._files import Region

__all__ = ["fold_in"]

_DAY = dt.timedelta(days=1)


def fold_in(
    known: Mapping[str, Sequence[Region]],
    listed: Iterable[Region],
    day: dt.date,
    covers: Callable[[Region], bool],
    before: dt.date | None,
) -> dict[str, list[Region]]:
    """The states of all regions once the list of ``day`` is taken in.

    A region as it was goes on. A changed one gets a new state from ``day`` on; the old one ends
    the day before. A region that the list should have and lacks has ended; one that it is the first
    to have begins on ``day``, or has always been there where nothing older is known. When exactly
    between two lists something changed they do not say: take in the lists of every year.

    Args:
        known: states so far, oldest first, by key.
        listed: the regions of the list.
        day: its day, not before that of any list taken in already.
        covers: whether the list would have a region if it still existed.
        before: day of the list of this kind taken in last; None for the first.
    """
    states = {key: list(rows) for key, rows in known.items()}
    seen: set[str] = set()
    for region in listed:
        seen.add(region.ags)
        own = states.setdefault(region.ags, [])
        last = own[-1] if own else None
        if last and last.valid_to is None and _same(last, region):
            own[-1] = replace(
                last,
                designation=region.designation or last.designation,
                aliases=tuple(dict.fromkeys((*last.aliases, *region.aliases))),
            )
            continue
        if last and last.valid_to is None:
            region = _inherit(region, last)
            if before is None or last.valid_from == day:
                # what was known came without a day: the list speaks for it
                own[-1] = replace(region, valid_from=last.valid_from)
                continue
            own[-1] = replace(last, valid_to=day - _DAY)
        own.append(replace(region, valid_from=day if before or last else None))
    if before is not None:
        for key, own in states.items():
            if key not in seen and own[-1].valid_to is None and covers(own[-1]):
                own[-1] = replace(own[-1], valid_to=day - _DAY)
    return states


def _same(old: Region, new: Region) -> bool:
    return (old.ars, old.name, old.parent) == (new.ars, new.name, new.parent)


def _inherit(region: Region, last: Region) -> Region:
    """What lists do not hold stays: the NUTS code, and former names as aliases."""
    names = [last.name] if last.name != region.name else []
    aliases = dict.fromkeys([*region.aliases, *last.aliases, *names])
    aliases.pop(region.name, None)
    return replace(region, nuts=region.nuts or last.nuts, aliases=tuple(aliases))
