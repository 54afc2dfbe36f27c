"""What the search box of the home page finds: indicators and places."""

from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal.indicator._figures import store
from ckanext.sozialdaten.portal.indicator._overview import Tile, places, tiles
from ckanext.sozialdaten.portal.indicator._search import Hit, Question, rank, read_question

__all__ = ["Answer", "Answers", "answers_to"]

_MOST_INDICATORS = 12
_MOST_PLACES = 8
_MOST_COMPARED = 4
_SURE = 0.9
_APART = 0.06  # less is no difference that a reader would see


@dataclass(frozen=True, slots=True)
class Answer:
    """An indicator that fits, in the region and time asked for.

    Args:
        name: of the indicator.
        description: what it says.
        path: its page, from the address of all indicators on.
        tile: its newest figure in the region, if there is one.
    """

    name: str
    description: str
    path: str
    tile: Tile | None


@dataclass(frozen=True, slots=True)
class Answers:
    """All that fits a question.

    Args:
        indicators: best first.
        places: key, name and name of the region above.
        clear: the page that answers the question, where there is no doubt; else empty.
        where: names of the places that the question names.
        words: what is left of it for a search in datasets.
        pair: keys of two to four places named, which can be compared.
    """

    indicators: list[Answer]
    places: list[tuple[str, str, str]]
    clear: str
    where: str
    words: str
    pair: tuple[str, ...] = ()


def answers_to(text: str, own: str = "") -> Answers:
    """Indicators and places that fit a text.

    Args:
        text: the reader's words.
        own: the reader's region, where the text names none.
    """
    question = read_question(text)
    holder = store()
    hits = rank(question, holder.catalogue) if holder else []
    region = (*question.regions, own, "")[0]
    told = {tile.id: tile for tile in tiles(region)} if region and hits else {}
    found = [_answer(hit, question, own, told) for hit in hits[:_MOST_INDICATORS]]
    return Answers(
        found,
        _places_for(question, text),
        found[0].path if found and _is_clear(question, hits) else "",
        ", ".join(regions.name_of(key) for key in question.regions),
        " ".join(question.words),
        question.regions[:_MOST_COMPARED] if len(question.regions) > 1 else (),
    )


def _answer(hit: Hit, question: Question, own: str, told: dict[str, Tile]) -> Answer:
    item, speech = hit.indicator, frame.language()
    return Answer(
        item.label(speech),
        item.description.get(speech) or item.description.get("de", ""),
        item.id + question.address(own).query(),
        told.get(item.id),
    )


def _is_clear(question: Question, hits: Sequence[Hit]) -> bool:
    """Whether a place or a time is named, and one indicator fits better than all others."""
    if not (question.regions or question.start or question.end):
        return False
    best = hits[0].score
    return best >= _SURE and (len(hits) == 1 or hits[1].score < best - _APART)


def _places_for(question: Question, text: str) -> list[tuple[str, str, str]]:
    known = dict(places())
    keys = list(question.regions)
    if not keys and text:
        keys = [region.ags for region in Register.default().search(text, _MOST_PLACES)]
    return [(key, known[key], regions.upper_name(key)) for key in keys if key in known]
