"""A whole foreign catalogue: each of its datasets becomes a working copy, metadata and addresses.

No file is fetched and no figure read. What a dataset is here follows from what its catalogue says
and from nothing else, so that the same catalogue gives the same copies, and a digest tells whether
one has changed.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import GeographyError, Register
from ckanext.sozialdaten.harvesters.core.connectors import (
    Entry,
    EntryFile,
    Facts,
    Progress,
    entries,
)
from ckanext.sozialdaten.harvesters.core.errors import Doubt, HarvestError, NotReadable
from ckanext.sozialdaten.harvesters.core.source import CatalogueRule, Source
from ckanext.sozialdaten.messages import Message

__all__ = ["Copy", "Listing", "Retirement", "copy_of", "listing", "retired"]

_NO_NAME = re.compile(r"[^a-z0-9]+")
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_NO_TAG = re.compile(r"[^\w \-.]")
_LONGEST_NAME, _LONGEST_TAG, _SHORTEST_TAG = 80, 100, 2
_FEW = 5
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Copy:
    """The working copy of one foreign dataset.

    Args:
        key: source and identifier there: what makes it the same dataset next time.
        dataset: fields as the dataset schema takes them, without the organisation.
        resources: its files by their addresses.
    """

    key: str
    dataset: dict[str, object]
    resources: list[dict[str, str]]

    @property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Listing:
    """What a catalogue holds.

    Args:
        copies: its datasets.
        problems: datasets that could not be taken; while there are any nothing is retired.
    """

    copies: tuple[Copy, ...]
    problems: tuple[HarvestError, ...] = ()


@dataclass(slots=True)
class _Broken:
    """Collects what a connector tells on the way."""

    found: list[HarvestError] = field(default_factory=list[HarvestError])

    def __call__(self, progress: Progress) -> None:
        if isinstance(progress.problem, HarvestError):
            self.found.append(progress.problem)


def listing(source: Source, register: Register) -> Listing:
    """All datasets of a source's catalogue.

    Raises:
        FetchError: a page cannot be had: half a catalogue is none.
        NotReadable: the catalogue is empty.
    """
    rule = source.catalogue
    broken = _Broken()
    copies: dict[str, Copy] = {}
    for entry in entries(source, broken) if rule else ():
        try:
            found = copy_of(source, entry, register)
        except HarvestError as error:
            broken.found.append(error)
        else:
            copies.setdefault(found.key, found)
    if not copies:
        raise NotReadable(
            Message("The catalogue lists no dataset that can be taken."),
            Message("An empty answer never means that datasets are gone; try again later."),
            Place(file=source.id),
        )
    return Listing(tuple(copies.values()), tuple(broken.found))


def copy_of(source: Source, entry: Entry, register: Register) -> Copy:
    """The working copy of one entry.

    Raises:
        HarvestError: its licence is none that we know, and the source names none instead.
    """
    facts, rule = entry.facts, source.catalogue or CatalogueRule(source.id)
    licence = facts.licence or source.licence
    if not licence:
        raise HarvestError(
            Message(
                "The dataset has no licence that this portal knows: {name}", {"name": entry.id}
            ),
            Message("Name one under “licence” of the source if its publisher allows that."),
            Place(file=source.id),
        )
    title = entry.title.strip() or entry.id
    dataset: dict[str, object] = {
        **source.dataset,
        "name": _name(rule.prefix, entry.id),
        "title": title,
        "notes": facts.notes or title,
        "license_id": licence,
        "license_attribution": facts.attribution or facts.publisher or source.attribution,
        "tag_string": ",".join(_tags(facts.tags)),
        "source_id": source.id,
        "source_name": facts.publisher or source.title.get("de", ""),
        "source_url": _address(facts.page),
        "identifier": facts.uri or entry.id,
        "issued": _day(facts.issued),
        "modified": _day(entry.modified[:10]),
        "legal_basis": list(source.legal_basis),
        "theme": list(facts.themes),
        "temporal_coverage": [
            {"start": _day(start), "end": _day(end)} for start, end in facts.periods
        ],
        **_places(facts, register),
        **_people(facts),
    }
    social = [theme for code in facts.themes for theme in rule.themes.get(code, ())]
    if social:
        dataset["social_theme"] = list(dict.fromkeys(social))
    filled = {name: value for name, value in dataset.items() if value not in ("", [], None)}
    return Copy(f"{source.id}/{entry.id}", filled, _resources(entry.files))


def _name(prefix: str, identifier: str) -> str:
    """An address in this portal that no other dataset of any catalogue has."""
    plain = _NO_NAME.sub("-", identifier.casefold().translate(_FOLDS)).strip("-")
    mark = hashlib.sha256(identifier.encode()).hexdigest()[:8]
    return f"{prefix}-{plain}"[:_LONGEST_NAME].strip("-") + f"-{mark}"


def _tags(tags: tuple[str, ...]) -> list[str]:
    """Keywords as CKAN takes them: some signs are not allowed, a comma separates."""
    plain = [" ".join(_NO_TAG.sub(" ", tag).split())[:_LONGEST_TAG] for tag in tags]
    return list(dict.fromkeys(tag for tag in plain if len(tag) >= _SHORTEST_TAG))


def _day(text: str) -> str:
    return text if _DAY.fullmatch(text) else ""


def _address(text: str) -> str:
    return text if text.startswith(("http://", "https://")) else ""


def _places(facts: Facts, register: Register) -> dict[str, object]:
    """The regions that the register knows; others stay with the catalogue."""
    known: list[str] = []
    for key in facts.regions:
        try:
            known.append(register.normalise(key))
        except GeographyError:
            continue
    return {"regions": known}


def _people(facts: Facts) -> dict[str, object]:
    """Publisher and contact, as the catalogue names them."""
    name, mail = facts.contact
    contact = {"name": name, "email": mail if _MAIL.fullmatch(mail) else ""}
    people: dict[str, object] = {}
    if facts.publisher:
        people["publisher"] = [{"name": facts.publisher}]
    if any(contact.values()):
        people["contact"] = [{key: value for key, value in contact.items() if value}]
    return people


def _resources(files: tuple[EntryFile, ...]) -> list[dict[str, str]]:
    taken: dict[str, int] = {}
    made: list[dict[str, str]] = []
    for file in files:
        name = file.name.strip() or file.url.rstrip("/").rpartition("/")[2] or file.url
        taken[name] = taken.get(name, 0) + 1
        if taken[name] > 1:
            name = f"{name} ({taken[name]})"
        made.append({"name": name, "url": file.url, "format": file.format.upper()})
    return made


@dataclass(frozen=True, slots=True)
class Retirement:
    """Datasets that the catalogue lists no more, or why none is taken away."""

    keys: tuple[str, ...] = ()
    doubt: Doubt | None = None


def retired(source: Source, found: Listing, known: Mapping[str, str]) -> Retirement:
    """Which of the known datasets are gone.

    Only a complete listing says that; and where many vanish at once a short page is likelier.

    Args:
        source: the source.
        found: what the catalogue lists now.
        known: key -> digest of the working copies that there are.
    """
    if found.problems or source.catalogue is None:
        return Retirement()
    gone = tuple(sorted(set(known) - {copy.key for copy in found.copies}))
    if len(gone) > max(_FEW, len(known) * source.catalogue.vanish // 100):
        return Retirement(
            doubt=Doubt(
                Message(
                    "{count} of {all} datasets are no longer in the catalogue.",
                    {"count": len(gone), "all": len(known)},
                ),
                Message("None was retired. If that is right, raise “vanish” of the source."),
                Place(file=source.id),
            )
        )
    return Retirement(gone)
