"""Words that say what a column is: read once from ``lexicon.yaml``."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import cast

from ckanext.sozialdaten.disclosure._yaml import parsed

__all__ = ["Lexicon", "lexicon", "normal"]

_SPLIT = re.compile(r"[\s_\-./|,:;()\[\]{}#@\"'*]+")
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")


@lru_cache(maxsize=1 << 16)
def normal(name: str) -> str:
    """A column name in lower case with single blanks between its words.

    >>> normal("Geb.-Dat."), normal("kfzKennzeichen"), normal("Ort_Name")
    ('geb dat', 'kfz kennzeichen', 'ort name')
    """
    composed = unicodedata.normalize("NFC", name).replace("İ", "i")
    return " ".join(part for part in _SPLIT.split(_CAMEL.sub(" ", composed)) if part).lower()


# any number of a person or case: Klientenkennung, Bewohner-Code, Mandantenkürzel
_OF_A_PERSON = re.compile(
    r"(?:klient|patient|person|bewohner|teilnehm|mandant|kunde|antragsteller|versichert|betreut"
    r"|probanden?|pflegekind|pflegling|haushalt|fall|akte|vorgang|bescheid)[a-zäöüß]{0,8}?"
    r"(?:id|nr|nummer|kennung|kennziffer|kennzahl|schlüssel|kürzel|code|zeichen)"
)
_TOTAL_WORDS = frozenset({"insgesamt", "gesamt", "zusammen", "summe", "total", "overall"})
# each word for a total begins so, or has at most three letters: most labels need no closer look
_TOTALISH = re.compile(
    r"gesamt|zusammen|summe|total|overall|all|both|beide|sum|^\W*\w{1,3}\W*$", re.IGNORECASE
)
_TOTAL_HEADS = ("gesamtstadt", "gesamtkreis", "gesamtgebiet", "gesamtsumme", "gesamtzahl")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words.

    Args:
        patterns: by topic what a column's name between two blanks holds.
        totals: words for the sum over a dimension.
        silent: words in names of tables and columns that do not say what is counted.
        role_mailboxes: local parts of e-mail addresses that are no person's.
        first_names: frequent first names, in lower case.
        surnames: frequent surnames, in lower case.
    """

    patterns: Mapping[str, re.Pattern[str]]
    totals: frozenset[str]
    silent: frozenset[str]
    role_mailboxes: frozenset[str]
    first_names: frozenset[str]
    surnames: frozenset[str]

    def speaks_of(self, column: str, topic: str) -> bool:
        """Whether a column's name has a word of ``topic``."""
        name = normal(column).removeprefix("properties ")  # GeoJSON
        return self.patterns[topic].search(f" {name} ") is not None

    def names(self, column: str, topic: str) -> bool:
        """As ``speaks_of``, also where blanks or dashes part a word.

        >>> lexicon().names("Personen-ID", "case"), lexicon().speaks_of("Personen-ID", "case")
        (True, False)
        """
        joined = normal(column).replace(" ", "")
        if topic == "case" and _OF_A_PERSON.fullmatch(joined):
            return True
        return self.speaks_of(column, topic) or self.speaks_of(joined, topic)

    def is_total(self, label: str) -> bool:
        """Whether a code or label stands for the sum over its dimension."""
        name = normal(label)
        return name in self.totals or name.startswith(("insgesamt", "zusammen"))

    def totals_of(self, labels: Sequence[str]) -> frozenset[str]:
        """Which labels of a dimension stand for the sum over it.

        Where none says only that, the one that says it of a place or a thing does: "Stadt
        insgesamt", "Summe Kreis", "Gesamtstadt". Several such are subtotals.

        >>> sorted(lexicon().totals_of(["Nord", "Süd", "Stadt insgesamt"]))
        ['Stadt insgesamt']
        >>> sorted(lexicon().totals_of(["Kinder gesamt", "Jungen", "Frauen gesamt"]))
        []
        """
        likely = [label for label in labels if not label.isdigit() and _TOTALISH.search(label)]
        plain = frozenset(label for label in likely if self.is_total(label))
        named = [] if plain else [label for label in likely if _names_total(label)]
        return frozenset(named) if len(named) == 1 else plain


def _names_total(label: str) -> bool:
    """Whether a label says "insgesamt" of something."""
    words = normal(label).split()
    ends = {*words[:1], *words[-1:]}
    return not ends.isdisjoint(_TOTAL_WORDS) or any(w.startswith(_TOTAL_HEADS) for w in words[:1])


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Any of some words.

    ``=word`` is the whole name, ``*word`` may stand within another word; a name with ``-words`` is
    never meant.
    """
    never = "|".join(re.escape(f" {word[1:]} ") for word in words if word.startswith("-"))
    parts = [
        f"^ {re.escape(word[1:])} $"
        if word.startswith("=")
        else re.escape(word[1:])
        if word.startswith("*")
        else f" {re.escape(word)} "
        for word in words
        if not word.startswith("-")
    ]
    some = "|".join(parts) or "(?!)"
    return re.compile(f"^(?!.*(?:{never})).*?(?:{some})" if never else some)


@cache
def lexicon() -> Lexicon:
    """The project's lexicon."""
    path = Path(__file__).with_name("lexicon.yaml")
    data = cast("dict[str, object]", parsed(path.read_text("utf-8")))

    def words(key: str) -> frozenset[str]:
        return frozenset(str(word).lower() for word in cast("list[object]", data[key]))

    columns = cast("dict[str, list[object]]", data["columns"])
    return Lexicon(
        {topic: _pattern([str(word) for word in words]) for topic, words in columns.items()},
        words("totals"),
        words("silent"),
        words("role_mailboxes"),
        words("first_names"),
        words("surnames"),
    )
