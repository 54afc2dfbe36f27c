"""Names of persons: columns by name or by first names in them, and names in context in any text."""

import itertools
import re
from collections.abc import Iterator
from functools import cache

from ckanext.sozialdaten.disclosure._lexicon import lexicon
from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._rows import PERSONAL
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure._table import Loose
from ckanext.sozialdaten.disclosure.rules._detector import (
    column_finding,
    is_imprint,
    loose_finding,
)
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "identifier-name"
_IN_COLUMN = "The column {column} holds names of persons ({rows} rows)."
_OUTSIDE = Message("The name of a person stands outside the table.")
_WORD = re.compile(r"[^\W\d_]+")
_SHAPE = re.compile(r"^[^\W\d_][\w'’.-]*(?:,? +[^\W\d_][\w'’.-]*){0,4}$")
_TITLED = re.compile(
    r"\b(?<!je )(?<!pro )(?:Herrn?|Frau|Hr\.|Fr\.|Familie|Fam\.|Mr\.|Mrs\.|Ms\.)"
    r"\s+(?:(?:Dr|Prof)\.\s+)*(?:[A-ZÄÖÜÇŞ]\.\s?)?(?:(?:von|van|de|zu|al|el)\s)?"
    r"([A-ZÄÖÜÇŞ][a-zäöüßçşğı]+(?:-[A-ZÄÖÜ][a-zäöüß]+)?|[A-ZÄÖÜ]{3,})"
)
# whom a text tells of by kinship or part: what follows must be a known name
_KIN = re.compile(
    r"\b(?:Oma|Opa|Onkel|Tante|(?:Kinds)?(?:[Mm]utter|[Vv]ater)|KM|KV|Bruder|Schwester|Sohn|Tochter"
    r"|Klient(?:in)?|Patient(?:in)?|Antragsteller(?:in)?|Vormund|Betreuer(?:in)?|Eheleute)"
    r"\s+([A-ZÄÖÜÇŞ][a-zäöüßçşğı]{2,})"
)
_NO_NAMES = frozenset(
    [
        "insgesamt",
        "deutschland",
        "mann",
        "frau",
        "kind",
        "kinder",
        "mutter",
        "vater",
        "gesamt",
        "ohne",
        "mit",
        "und",
        "im",
        "in",
        "der",
        "die",
        "das",
        "zusammen",
        "alleinerziehend",
        "geboren",
        "herr",
        "jahre",
        "alter",
        "partner",
        "familie",
    ]
)
_FEW = 3
_SURNAMES = 0.5
# H. Petersen, Petersen, H.
_INITIAL = re.compile(r"^(?:[A-ZÄÖÜ]\.\s?([^\W\d_][\w'’-]+)|([^\W\d_][\w'’-]+),?\s[A-ZÄÖÜ]\.)$")
_JOINED = re.compile(r"[/&+]|\bund\b")  # Hansen/Müller
# what is named after a person
_NAMESAKE = re.compile(
    r"(?:\w(?:schule|straße|strasse|platz|stiftung|gymnasium|kindergarten)"
    r"|[-\s](?:schule|haus|heim|weg|ring|allee|klinik|kita|zentrum|werk|park))$"
    r"|^(?:kita|haus|schule|praxis|heim)\s",
    re.IGNORECASE,
)
# ... and the word that follows its name: Klaus-Groth-Schule, Willy Brandt Platz
_CALLED = re.compile(
    r"[-\s]?\w*(?:schule|straße|strasse|str\.|platz|weg|allee|ring|haus|heim|klinik|kita|zentrum"
    r"|stiftung|gymnasium|kindergarten|park|halle|stadion|preis|brücke|ufer|damm|werk|bücherei)\b",
    re.IGNORECASE,
)
_MOST_WORDS = 20_000
_FIRST_NAMES = re.compile(r"vorname|first ?name|rufname", re.IGNORECASE)
_LIST = re.compile(r"vornamen|first[ _-]?names|rufnamen", re.IGNORECASE)
_RARE = 0.05  # places such as Sankt Peter are rarer than this in any list of places
# whom an institution names as its contact is public, but it is looked at
_CONTACT = re.compile(
    r"ansprechpartner|ansprechperson|kontakt|contact|maintainer|originator|creator|publisher",
    re.IGNORECASE,
)
_PUBLIC = frozenset({"title", "footer", "metadata", "author"})
# ... but not where a heading or footer tells of a case
_OF_A_CASE = re.compile(
    r"\b(?:(?:den|dem|der|im|zum) fall"
    r"|fall(?:akte|s)? (?:der|des|von|frau|herr\w?|familie)|familie|fam\."
    r"|kind(?:er)? (?:von|der)"
    r"|kinds?(?:mutter|vater)|mutter|vater|tochter|sohn|klient(?:in)?|antragsteller(?:in)?"
    r"|widerspruch|bescheid|fallakte|az\.:? ?\d)",
    re.IGNORECASE,
)


def _fold(word: str) -> str:
    plain = word.lower().replace("ß", "ss")
    for umlaut, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue")):
        plain = plain.replace(umlaut, pair)
    return plain


@cache
def _first_names() -> frozenset[str]:
    return frozenset(map(_fold, lexicon().first_names))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(map(_fold, lexicon().surnames))


def _in_context(text: str, *, strict: bool, first: frozenset[str], last: frozenset[str]) -> bool:
    """Whether a text names a person: after "Frau" or "Herr", or first name beside surname."""
    for match in _TITLED.finditer(text):
        word = _fold(match.group(1))
        if word in last or (not strict and word not in _NO_NAMES):
            return True
    for match in _KIN.finditer(text):
        if _fold(match.group(1)) in first or _fold(match.group(1)) in last:
            return True
    words = [(match.group(), match.end(), match.start()) for match in _WORD.finditer(text)]
    for (one, end, _), (two, _, start) in itertools.pairwise(words[:_MOST_WORDS]):
        if text[end:start].strip() not in ("", ",", "_", "-") or not (
            one[0].isupper() and two[0].isupper()
        ):
            continue
        pair = {_fold(one), _fold(two)}
        named = (_fold(one) in first and _fold(two) in last) or (
            _fold(one) in last and _fold(two) in first
        )
        if named and len(pair) == 2 and not _CALLED.match(text, start + len(two)):
            return True
    return False


def _is_family_name(text: str, *, alone: bool) -> bool:
    """Whether a text is a surname beside an initial, several, or, where rows are persons, one."""
    several = [_fold(word.strip()) for word in _JOINED.split(text)]
    if len(several) > 1 and _surnames().issuperset(several):
        return True
    if found := _INITIAL.match(text):
        return _fold(found[1] or found[2]) in _surnames()
    return alone and _fold(text) in _surnames()


def _column(profile: Profile, subject: Subject) -> list[str]:
    """The distinct values of a column of names, or those that name a person in their text."""
    words = lexicon()
    values = profile.values
    first, last = _first_names(), _surnames()
    lettered = [v for v in values if not v.isdigit() and any(letter.isalpha() for letter in v)]
    if words.speaks_of(profile.name, "name"):
        return lettered
    if subject.known.guesses[profile.name].role is Role.REGION:
        return []
    shaped = [v for v in lettered if _SHAPE.match(v) and not _NAMESAKE.search(v)]
    known = [
        value for value in shaped if any(_fold(word) in first for word in _WORD.findall(value))
    ]
    share = len(known) / max(len(lettered), 1)
    needed = subject.policy.identifiers.name_share
    weak = words.speaks_of(profile.name, "name_weak")
    if len(known) >= (1 if weak else _FEW) and share >= needed:
        return shaped
    family = [v for v in lettered if _is_family_name(v, alone=subject.known.person_level)]
    if len(family) >= max(_FEW, _SURNAMES * len(lettered)) and not words.speaks_of(
        profile.name, "person"
    ):
        return lettered
    named = [v for v in lettered if _in_context(v, strict=False, first=first, last=last)]
    told = subject.known.guesses[profile.name].role is Role.FREE_TEXT or subject.known.person_level
    return named if told or len(named) >= _RARE * len(lettered) else []


def _is_list_of_first_names(profile: Profile, subject: Subject) -> bool:
    """Whether a table counts how many bear a first name, as registry offices publish it."""
    sheet, words = subject.sheet, lexicon()
    titles = [text.text for text in sheet.loose if text.kind in ("title", "file", "sheet")]
    others = [name for name in subject.profiles if name != profile.name]
    return bool(
        _FIRST_NAMES.search(profile.name)
        and any(_LIST.search(text) for text in (sheet.resource, sheet.name, *titles))
        and subject.known.columns(Role.COUNT)
        and not subject.known.person_level
        and not any(words.speaks_of(name, topic) for name in others for topic in PERSONAL)
    )


def _holds_mandates(subject: Subject) -> bool:
    """Whether a table lists who sits in a council or committee, and nothing else about them."""
    words, names = lexicon(), list(subject.profiles)
    topics = ("birth", "address", "phone", "person", "sensitive", "case", "pseudonym")
    private = any(words.names(name, topic) for name in names for topic in topics)
    return not private and any(words.speaks_of(name, "mandate") for name in names)


def _loose(loose: Loose, first: frozenset[str], last: frozenset[str]) -> bool:
    text = loose.text.replace("_", " ").replace("-", " ") if loose.kind == "file" else loose.text
    # "Frau Kowalczyk" is a person in a remark; in a heading it may be anything
    return _in_context(text, strict=loose.kind != "comment", first=first, last=last)


def _find(subject: Subject) -> Iterator[Finding]:
    first, last = _first_names(), _surnames()
    for profile in subject.profiles.values():
        hits = _column(profile, subject)
        if hits:
            contact = subject.known.institutions and _CONTACT.search(profile.name)
            public = contact or is_imprint(subject) or _holds_mandates(subject)
            severity = Severity.WARN if public else Severity.BLOCK
            if _is_list_of_first_names(profile, subject):
                severity = Severity.INFO
            yield column_finding(subject, _ID, _IN_COLUMN, profile.name, hits, severity=severity)
    for loose in subject.sheet.loose:
        if _loose(loose, first, last):
            case = _OF_A_CASE.search(loose.text) and not _CONTACT.search(loose.text)
            public = loose.kind in _PUBLIC and not case
            severity = Severity.WARN if public else Severity.BLOCK
            yield loose_finding(_ID, _OUTSIDE, loose.row, severity)


RULE = Rule(_ID, Message("Names of persons"), _find)
