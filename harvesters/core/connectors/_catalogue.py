"""Entries of a catalogue, whatever it speaks: datasets, their licences, their files."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib import resources
from typing import cast

from ckanext.sozialdaten.harvesters.core.connectors._client import Request
from ckanext.sozialdaten.harvesters.core.connectors._facts import Facts
from ckanext.sozialdaten.harvesters.core.connectors._options import WEB_KEYS, Web
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting, unknown_marker
from ckanext.sozialdaten.harvesters.core.connectors.http import expecting_data
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["CHOICE_KEYS", "Choice", "Entry", "EntryFile", "licence_ids", "refs", "resource"]

CHOICE_KEYS = ("formats", "licences", "files", *WEB_KEYS)
_NOISE = re.compile(r"[^a-z0-9]")
_DCAT = "http://dcat-ap.de/def/licenses/"


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A file of a dataset: its address, format, name, licence, and what changes when it does."""

    id: str
    url: str
    format: str
    name: str
    licence: str
    marker: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset of a catalogue.

    Args:
        id: identifier that stays.
        title: its name.
        modified: when the catalogue says that it changed; may be empty.
        files: its files.
        facts: what else the catalogue says about it.
    """

    id: str
    title: str
    modified: str
    files: tuple[EntryFile, ...]
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which files of a catalogue are wanted.

    Args:
        formats: lower-case formats such as ``csv``; empty: all.
        licences: ids of our licences; empty: all.
        files: patterns of names or addresses; empty: all.
    """

    formats: tuple[str, ...]
    licences: tuple[str, ...]
    files: tuple[str, ...]

    @classmethod
    def read(cls, section: Section) -> "Choice":
        """Read the keys ``formats``, ``licences`` and ``files``.

        Raises:
            LayoutError: a licence that we do not know.
        """
        known = set(licence_ids().values())
        licences = section.texts("licences")
        for licence in licences:
            if licence not in known:
                raise section.wrong(
                    "licences", "{where} must be of {allowed}.", allowed=", ".join(sorted(known))
                )
        formats = tuple(name.lower().lstrip(".") for name in section.texts("formats"))
        return cls(formats, licences, section.texts("files"))

    def wants(self, file: EntryFile) -> bool:
        """Whether a file is one of those."""
        if self.formats and file.format not in self.formats:
            return False
        if self.licences and file.licence not in self.licences:
            return False
        names = (file.name.lower(), file.url.lower())
        return not self.files or any(
            fnmatchcase(name, pattern.lower()) for pattern in self.files for name in names
        )


def licence_ids() -> dict[str, str]:
    """Our licence id by every usual spelling of a licence, as :func:`spelling` writes it."""
    file = resources.files("ckanext.sozialdaten.schemas.codelists") / "licences.json"
    entries = cast("list[dict[str, str]]", json.loads(file.read_text(encoding="utf-8")))
    return {
        spelling(text): entry["id"]
        for entry in entries
        for text in (entry["id"], entry["url"].removeprefix(_DCAT), entry["deed"])
        if text
    }


def spelling(text: str) -> str:
    """A licence without what spellings differ in: case, punctuation, DCAT-AP.de's address.

    >>> spelling("http://dcat-ap.de/def/licenses/dl-by-de/2_0") == spelling("dl-by-de/2.0")
    True
    """
    bare = text.strip().replace("https://", "http://").removeprefix(_DCAT)
    return _NOISE.sub("", bare.casefold().removesuffix("deed.de"))


def refs(entries: Iterable[Entry], choice: Choice, safe: Callable[[str], str]) -> Iterator[Ref]:
    """The wanted files of all entries, each once."""
    seen: set[str] = set()
    for entry in entries:
        for file in entry.files:
            if file.url in seen or not choice.wants(file):
                continue
            seen.add(file.url)
            ending = f".{file.format}" if file.format else ""
            name = safe(f"{entry.id}-{file.id}"[:100] + ending)
            yield Ref(name, file.url, file.size, file.marker or entry.modified or unknown_marker())


def resource(setting: Setting, web: Web, ref: Ref) -> RawDelivery:
    """A file of a catalogue; its address may lie with anybody, so ``hosts`` must allow it.

    Raises:
        FetchError: it cannot be had, or a page came in its place.
    """
    target = setting.target(ref.name)
    setting.client(web).send(Request(ref.location), target, expecting_data)
    return setting.delivery(target)
