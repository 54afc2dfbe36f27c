"""Which of many tables to compare at all: those that may speak of the same thing.

Comparing every table of a catalogue with every other one takes time and finds accidents. Tables
belong together where a word of their value columns, titles or files is the same. What is too much
for one attack is cut so that tables with the same codes stay together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.structure import TOTAL, Topic, View, views
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["Card", "card_of", "groups_of", "related"]

_MAX_TABLES = 60
_MAX_CELLS = 400_000
_FEW_TABLES = 12
_MAX_CODES = 2_000


@dataclass(frozen=True, slots=True)
class Card:
    """What decides with which other tables a table is compared.

    Args:
        words: words that say what is counted, or something in their stead.
        codes: what its dimensions distinguish, comparable between tables.
        cells: how many figures it has.
    """

    words: frozenset[str]
    codes: frozenset[str]
    cells: int = 1


def card_of(found: Iterable[View]) -> Card:
    """The card of the views of one table or file."""
    words: set[str] = set()
    codes: set[str] = set()
    cells = 0
    for view in found:
        words |= view.words
        codes.update(_codes(view))
        cells += len(view.cells)
    kept = codes if len(codes) <= _MAX_CODES else set(sorted(codes)[:_MAX_CODES])
    return Card(frozenset(words), frozenset(kept), cells)


def _codes(view: View) -> Iterator[str]:
    """Codes with their dimension; keys of regions also by the Kreis, bands by their topic alone."""
    for side in view.sides:
        if side.topic in (Topic.AGE, Topic.SEX):
            yield str(side.topic)
            continue
        for code in side.codes:
            if code == TOTAL:
                continue
            yield f"{side.topic}:{code}"
            if side.topic is Topic.REGION and str(code).startswith("#"):
                yield f"{side.topic}:{str(code)[:6]}"


def related(subjects: Sequence[Subject]) -> Iterator[tuple[list[Subject], list[Subject]]]:
    """Tables of one submission that are worth comparing, and those that find no room beside them.

    Few tables are one group whatever they are called; many belong together by words.
    """
    found: dict[int, list[View]] = {}
    for role in (Role.COUNT, Role.MAGNITUDE):
        for view in views(subjects, role):
            found.setdefault(view.release, []).append(view)
    numbers = list(found)
    few = len(numbers) <= _FEW_TABLES
    cards = [card_of(found[number]) for number in numbers]
    cards = [replace(c, words=frozenset("/")) if few or not c.words else c for c in cards]
    for members, apart in groups_of(cards):
        yield (
            [subjects[numbers[place]] for place in members],
            [subjects[numbers[place]] for place in apart],
        )


def groups_of(cards: Sequence[Card]) -> Iterator[tuple[list[int], list[int]]]:
    """Positions of tables to attack together; beside each group those that were related but not
    compared with it.

    Groups with a single table are left out, unless related ones were not compared with it.
    """
    for component in _components(cards):
        blocks = list(_blocks(cards, component))
        for number, block in enumerate(blocks):
            codes = frozenset[str]().union(*(cards[place].codes for place in block))
            later = [place for other in blocks[number + 1 :] for place in other]
            apart = [n for n in later if codes & cards[n].codes or not cards[n].codes]
            if len(block) > 1 or apart:
                yield block, apart


def _components(cards: Sequence[Card]) -> list[list[int]]:
    """Tables that are linked by words, over as many steps as it takes."""
    parent = list(range(len(cards)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    first: dict[str, int] = {}
    for number, card in enumerate(cards):
        for word in card.words:
            parent[root(number)] = root(first.setdefault(word, number))
    groups: dict[int, list[int]] = {}
    for number in range(len(cards)):
        groups.setdefault(root(number), []).append(number)
    return list(groups.values())


def _blocks(cards: Sequence[Card], component: Sequence[int]) -> Iterator[list[int]]:
    """A component in parts that one attack can take on: each grows by what shares most codes."""
    left = dict.fromkeys(component)
    if len(left) <= _MAX_TABLES and sum(cards[n].cells for n in left) <= _MAX_CELLS:
        yield list(left)
        return
    holders: dict[str, list[int]] = {}
    for number in left:
        for key in (*cards[number].codes, *(f"word:{word}" for word in cards[number].words)):
            holders.setdefault(key, []).append(number)
    weight = {key: 1.0 / len(places) for key, places in holders.items()}
    while left:
        yield sorted(_block(cards, left, holders, weight))


def _block(
    cards: Sequence[Card],
    left: dict[int, None],
    holders: dict[str, list[int]],
    weight: dict[str, float],
) -> list[int]:
    """One part, taken out of what is left; rare codes weigh more than those that all have."""
    block: list[int] = []
    cells = 0
    near: dict[int, float] = {}
    said: set[str] = set()
    number = next(iter(left))
    while True:
        del left[number]
        near.pop(number, None)
        block.append(number)
        cells += cards[number].cells
        for key in (*cards[number].codes, *(f"word:{word}" for word in cards[number].words)):
            if key in said:
                continue
            said.add(key)
            for other in holders[key]:
                if other in left:
                    near[other] = near.get(other, 0.0) + weight[key]
        if len(block) == _MAX_TABLES:
            return block
        room = [n for n in near if cells + cards[n].cells <= _MAX_CELLS]
        if not room:
            return block
        number = max(room, key=lambda n: (near[n], -n))
