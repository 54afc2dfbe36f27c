"""Questions in people's words: which indicator, where, since when.

“Geburtenrate Kleinstadt seit 2015” names an indicator, a place and a time; what is left over is a
search for datasets. Nothing is guessed: a question that fits several indicators lists them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.indicators import Indicator
from ckanext.sozialdaten.portal.indicator._address import Address, Compare

__all__ = ["Hit", "Question", "fold", "matches", "rank", "read_question"]

_WORD = re.compile(r"[\wäöüß]+(?:-[\wäöüß]+)*", re.IGNORECASE)
_SINCE = re.compile(r"\b(?:seit|ab|von|since|from)\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_UNTIL = re.compile(r"\b(?:bis|until|to)\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_IN = re.compile(r"\b((?:19|20)\d\d)\b")
_COMPARE = {
    Compare.KREIS: ("kreis", "landkreis", "district"),
    Compare.LAND: ("land", "state"),
    Compare.BUND: ("bund", "deutschland", "bundesweit", "germany"),
}
# words that carry a sentence and name nothing
_FILL = frozenset(
    "der die das den dem des ein eine einer in im am an auf aus bei für mit und oder von vom zu "
    "zum zur seit ab bis je pro wie viele viel hoch ist sind gibt es meine mein meiner gemeinde "
    "stadt vergleich verglichen gegenüber the of in and or with for since from to is are how "
    "many much my compared vergleichen vergleiche zwischen gegen compare between".replace(
        "ü", "ue"
    ).split()
)
_SHORTEST = 3
_ANOTHER = 0.95  # what another word for the same is worth

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What a text asks for.

    Args:
        words: the words that name something, folded, without place and time.
        regions: the places named.
        start: first year.
        end: last year.
        compare: levels named to compare with.
    """

    words: tuple[str, ...]
    regions: tuple[str, ...]
    start: str
    end: str
    compare: tuple[Compare, ...]

    def address(self, region: str = "") -> Address:
        """The state of an indicator's page that answers the question.

        Args:
            region: the reader's own, where the question names none.
        """
        named = self.regions or ((region,) if region else ())
        return Address(regions=named, start=self.start, end=self.end, compare=self.compare or None)


@dataclass(frozen=True, slots=True)
class Hit:
    """An indicator that fits a question, and how well: 0 to 1."""

    indicator: Indicator
    score: float


def fold(text: str) -> str:
    """Lower case, umlauts written out: people type both."""
    lowered = text.casefold()
    for umlaut, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        lowered = lowered.replace(umlaut, plain)
    return lowered


def read_question(text: str) -> Question:
    """Take a text apart: times, places, levels to compare with, and the words that are left."""
    start = "".join(match[1] for match in [_SINCE.search(text)] if match)
    end = "".join(match[1] for match in [_UNTIL.search(text)] if match)
    rest = _UNTIL.sub(" ", _SINCE.sub(" ", text))
    if not start and not end and (match := _IN.search(rest)):
        start = end = match[1]
    rest = _IN.sub(" ", rest)
    words = _WORD.findall(rest)
    regions, words = _places(words)
    folded = [fold(word) for word in words]
    # “Kreis Musterland” was a place above; a lone “Kreis” is a level to compare with
    compare = tuple(level for level, names in _COMPARE.items() if set(names) & set(folded))
    levels = {name for names in _COMPARE.values() for name in names}
    kept = tuple(
        word for word in folded if word not in _FILL and (word not in levels or not compare)
    )
    return Question(kept, regions, start, end, compare if regions or kept else ())


def _places(words: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """The longest runs of words that are the whole name of a region, and the words left."""
    names = _names()
    found: list[str] = []
    left: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(5, len(words) - place), 0, -1):
            key = names.get(fold(" ".join(words[place : place + length])))
            if key:
                found.append(key)
                place += length
                break
        else:
            left.append(words[place])
            place += 1
    return tuple(dict.fromkeys(found)), left


@lru_cache(maxsize=2)
def _names() -> Mapping[str, str]:
    """Regions by folded name; of namesakes the smaller one, and only if it is the only one."""
    register = Register.default()
    found: dict[str, str] = {}
    double: set[str] = set()
    for region in register:
        name = fold(" ".join(_WORD.findall(region.name)))
        if name in found and len(found[name]) == len(region.ags) and found[name] != region.ags:
            double.add(name)
        if name not in found or len(region.ags) > len(found[name]):
            found[name] = region.ags
    return {name: key for name, key in found.items() if name not in double}


def matches(indicator: Indicator, query: str) -> bool:
    """Whether an indicator fits a search in the overview."""
    question = read_question(query)
    return not question.words or _score(indicator, _ways(question.words)) > 0


def rank(question: Question, known: Mapping[str, Indicator]) -> list[Hit]:
    """Indicators that fit, the best first."""
    if not question.words:
        return []
    ways = _ways(question.words)
    hits = [Hit(item, _score(item, ways)) for item in known.values()]
    return sorted(
        (hit for hit in hits if hit.score > 0),
        key=lambda hit: (-hit.score, len(hit.indicator.name["de"]), hit.indicator.id),
    )


@lru_cache(maxsize=1)
def _synonyms() -> Mapping[Phrase, tuple[Phrase, ...]]:
    """Other phrases for a phrase, from the list that the search in datasets reads, too."""
    source = resources.files("ckanext.sozialdaten.schemas") / "search/synonyms_de.txt"
    found: dict[Phrase, tuple[Phrase, ...]] = {}
    for line in source.read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            group = [_phrase(text) for text in line.split(",")]
            found |= {one: tuple(other for other in group if other != one) for one in group}
    return found


def _phrase(text: str) -> Phrase:
    return tuple(word for word in _WORD.findall(fold(text)) if word not in _FILL)


def _ways(words: Sequence[str]) -> list[tuple[Phrase, ...]]:
    """What was asked for, one after the other: each first as typed, then in other words."""
    known = _synonyms()
    found: list[tuple[Phrase, ...]] = []
    place = 0
    while place < len(words):
        length = 1
        for length in range(min(4, len(words) - place), 0, -1):
            if tuple(words[place : place + length]) in known:
                break
        typed = tuple(words[place : place + length])
        if "-" in typed[0] and typed not in known:
            found += _ways(typed[0].split("-"))
        else:
            found.append((typed, *known.get(typed, ())))
        place += length
    return found


def _score(indicator: Indicator, ways: Sequence[tuple[Phrase, ...]]) -> float:
    """How well all that was asked for fits: name before description, whole words before parts."""
    names = [fold(name) for name in (*indicator.name.values(), indicator.id.replace("_", " "))]
    texts = [fold(text) for text in indicator.description.values()]
    scores = [
        max(
            _together(phrase, names, texts) * (_ANOTHER if place else 1.0)
            for place, phrase in enumerate(phrases)
        )
        for phrases in ways
    ]
    return 0.0 if not all(scores) else sum(scores) / len(scores)


def _together(phrase: Phrase, names: Sequence[str], texts: Sequence[str]) -> float:
    scores = [_fit(word, names, texts) for word in phrase]
    return 0.0 if not all(scores) else sum(scores) / len(scores)


def _whole(text: str) -> list[str]:
    """The words of a text, those with a hyphen also in parts."""
    return [part for word in _WORD.findall(text) for part in {word, *word.split("-")}]


def _fit(word: str, names: Sequence[str], texts: Sequence[str]) -> float:
    if any(word in _whole(name) for name in names):
        return 1.0
    if len(word) < _SHORTEST:
        return 0.0
    if any(part.startswith(word) for name in names for part in _whole(name)):
        return 0.9
    stem = word[: max(_SHORTEST + 2, len(word) - 3)]
    # “Geburtenrate” and “Geburtenziffer” share most of what they say
    if any(stem in name for name in names):
        return 0.7
    return 0.3 if any(stem in text for text in texts) else 0.0
