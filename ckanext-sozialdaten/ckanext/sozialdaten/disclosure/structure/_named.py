"""Sums that labels tell by their meaning, wherever they stand: in rows, columns or headings.

Sexes, opposites ("mit" and "ohne", "Deutsche" and "Ausländer"), age bands that cover everybody,
"davon" below its whole, and the name of the place that holds all others. Value columns whose names
differ in one piece alone ("Fälle männlich", "2023 | männlich") are codes of one dimension.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure.structure._meaning import (
    OPEN_END,
    bands,
    period,
    sex,
    total,
)

__all__ = ["Told", "families", "headed", "opposites", "stem_of", "told", "torn"]

_PIECE = re.compile(r"\s*\|\s*")
_OF = re.compile(r"^(?:davon|hiervon|of which|dav)\b[\s:.]*", re.IGNORECASE)
_AMONG = re.compile(r"^(?:darunter|dar|hierunter|thereof|including)\b", re.IGNORECASE)
_WITHOUT = re.compile(
    r"\b(?:ohne|kein(?:e[nmrs]?)?|nicht|without|not|no|non)\b[\s-]*|^nicht(?=\w{4})"
)
_WITH = re.compile(r"\b(?:mit|with)\b\s*")
_UNKNOWN = re.compile(
    r"unbekannt|ohne angabe|keine angabe|\bk a\b|nicht bekannt|unknown|not stated"
)
_NATIVE = re.compile(r"^(?:deutsche[rnsm]?|germans?|inländer(?:innen)?|german nationals)$")
_FOREIGN = re.compile(
    r"^(?:ausländer(?:innen)?|auslaender(?:innen)?|ausländische[rnsm]?|nichtdeutsche[rnsm]?"
    r"|nicht deutsche[rnsm]?|foreigners?|foreign|non germans?)$"
)
_HOLDER = re.compile(
    r"^(?:(?:land)?kreis(?:gebiet)?|lkr|lk|region|regionalverband|(?:kreisfreie )?stadt(?:gebiet)?"
    r"|amt|verband|verbandsgemeinde|samtgemeinde|gemeindeverband|verwaltungsgemeinschaft|vg"
    r"|städteregion|bundesland|land|freistaat|regierungsbezirk|gemeinde)\b"
    r"|\b(?:landkreis|kreis|verbandsgemeinde|samtgemeinde)$"
)


def stem_of(label: str) -> tuple[str, str]:
    """The indicator in a column's name and the code after or before it.

    >>> stem_of("Fälle männlich"), stem_of("Einwohner"), stem_of("2023"), stem_of("Fälle 0-3 Jahre")
    (('fälle', 'männlich'), ('einwohner', ''), ('', '2023'), ('fälle', '0-3 jahre'))
    """
    words = " ".join(re.split(r"[\s_|,;:/()]+", label)).strip().lower().split()
    for cut in range(len(words) + 1):
        for head, rest in ((words[:cut], words[cut:]), (words[cut:], words[:cut])):
            text = " ".join(rest)
            if rest and (sex(text) or total(text) or _spoken(text)):
                return " ".join(head), text
    return normal(label), ""


def _spoken(text: str) -> bool:
    band = bands([text]) and not (text.isdigit() and len(text) != 2)
    return bool(band) or (period(text) is not None and len(text) <= 20)


def families(labels: Sequence[str]) -> Iterator[dict[int, str]]:
    """Value columns whose names differ in one piece alone, with that piece of each."""
    pieces = [_PIECE.split(label) for label in labels]
    found: dict[tuple[object, ...], dict[int, str]] = {}
    for code, own in enumerate(pieces):
        for place in range(len(own) if len(own) > 1 else 0):
            rest = (*own[:place], None, *own[place + 1 :])
            found.setdefault(rest, {})[code] = own[place]
    stems = [stem_of(label) for label in labels]
    for code, (head, rest) in enumerate(stems):
        if len(pieces[code]) == 1:
            # "Fälle" beside "Fälle männlich" is the sum, as "Fälle insgesamt" is
            found.setdefault(("", head), {})[code] = rest or "insgesamt"
    for members in found.values():
        if len(members) > 2:
            yield members
    plain = {code: labels[code] for code, own in enumerate(pieces) if len(own) == 1}
    if len(plain) > 2:
        yield plain


@dataclass(frozen=True, slots=True)
class Told:
    """A sum that labels tell.

    Args:
        total: code of the total.
        parts: codes of its parts.
        exact: whether the parts are all of it.
        sure: whether the labels leave no other reading; else numbers must agree.
        alone: whether the labels speak of nothing else.
    """

    total: int
    parts: tuple[int, ...]
    exact: bool = True
    sure: bool = True
    alone: bool = False


def told(labels: Mapping[int, str]) -> Iterator[Told]:
    """Sums that some labels tell."""
    said = lexicon().totals_of(list(labels.values()))
    totals = [code for code, label in labels.items() if label in said]
    below = list(_below(labels))
    if len(totals) == 1:
        pairs = list(opposites(labels))
        ways = [way for way in (_sexes(labels), _everybody(labels), *pairs) if way]
        understood = {code for way in ways for code in way} | {p for x in below for p in x.parts}
        left = labels.keys() - set(totals) - understood - _banded(labels)
        unknown = any(_UNKNOWN.search(normal(label)) for label in labels.values())
        for way in ways:
            sure = not left or (way in pairs and not unknown)
            yield Told(totals[0], way, sure=sure, alone=len(way) + 1 == len(labels))
    yield from below


def torn(labels: Sequence[str]) -> bool:
    """Whether labels are age bands with a gap between them: together they are not everybody.

    >>> torn(["unter 3", "6 bis unter 10"]), torn(["unter 3", "3 bis unter 6"]), torn(["A", "B"])
    (True, False, False)
    """
    meant = sorted(bands(stem_of(label)[1] or label for label in labels).values())
    if len(meant) < len(labels):
        return False
    return any(one[1] < two[0] for one, two in pairwise(meant))


def _banded(labels: Mapping[int, str]) -> set[int]:
    meant = bands(labels.values())
    return {code for code, label in labels.items() if label in meant}


def _sexes(labels: Mapping[int, str]) -> tuple[int, ...]:
    found = {code: own for code, label in labels.items() if (own := sex(label)) is not None}
    once = len(set(found.values())) == len(found)
    return tuple(found) if once and {"m", "w"} <= set(found.values()) else ()


def _everybody(labels: Mapping[int, str]) -> tuple[int, ...]:
    """Age bands from birth to the open end, without gap or overlap."""
    meant = bands(labels.values())
    spans = sorted((meant[label], code) for code, label in labels.items() if label in meant)
    at = 0
    for (low, high), _ in spans:
        if low != at:
            return ()
        at = high
    return tuple(code for _, code in spans) if at == OPEN_END and len(spans) > 1 else ()


def opposites(labels: Mapping[int, str]) -> Iterator[tuple[int, ...]]:
    """Pairs of which everybody is one: "mit …" and "ohne …", Germans and foreigners."""
    names = {code: normal(label) for code, label in labels.items()}
    natives = [code for code, name in names.items() if _NATIVE.match(name)]
    strangers = [code for code, name in names.items() if _FOREIGN.match(name)]
    if len(natives) == len(strangers) == 1:
        yield natives[0], strangers[0]
    without = {
        bare: code
        for code, name in names.items()
        if (bare := _WITHOUT.sub("", name).strip()) != name and bare
    }
    for code, name in names.items():
        other = without.get(_WITH.sub("", name).strip())
        if other is not None and other != code:
            yield code, other


def _below(labels: Mapping[int, str]) -> Iterator[Told]:
    """Each whole with the "davon" that follow it, and with each "darunter" alone."""
    whole: int | None = None
    parts: list[int] = []
    among: list[tuple[int, int]] = []
    found: list[tuple[int, tuple[int, ...]]] = []
    for code, label in sorted(labels.items()):
        name = label.rpartition(" | ")[2].strip()
        if _OF.match(name) and whole is not None:
            parts.append(code)
        elif _AMONG.match(name) and whole is not None:
            among.append((whole, code))
        else:
            if whole is not None and len(parts) > 1:
                found.append((whole, tuple(parts)))
            whole, parts = code, []
    if whole is not None and len(parts) > 1:
        found.append((whole, tuple(parts)))
    yield from (Told(one, own) for one, own in found)
    # it may speak of the sum above its whole as well
    yield from (Told(one, (code,), exact=False, sure=False) for one, code in among)


def headed(labels: Sequence[str]) -> int | None:
    """The first or last label, if it alone names a place that holds others: "Kreis Musterland".

    >>> headed(["Ahof", "Bheim", "Kreis Musterland"]), headed(["Kreis A", "Kreis B", "Stadt C"])
    (2, None)
    """
    words = {
        code: match[0]
        for code, label in enumerate(labels)
        if (match := _HOLDER.search(normal(label)))
    }
    said = list(words.values())
    alone = [code for code in (0, len(labels) - 1) if said.count(words.get(code, "")) == 1]
    return alone[0] if len(alone) == 1 and 2 * len(words) <= len(labels) else None
