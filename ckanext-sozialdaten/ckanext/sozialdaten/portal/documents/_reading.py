"""A document to read: one page with its text, the way to the others, what to search in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.disclosure.documents import Document, Page
from ckanext.sozialdaten.portal.documents import _cache
from ckanext.sozialdaten.portal.documents._files import File, files_of
from ckanext.sozialdaten.portal.documents._listing import Paper, paper_of
from ckanext.sozialdaten.portal.documents._searching import Passage, passages_of

__all__ = ["WIDTHS", "Leaf", "Reading", "reading_of"]

WIDTHS = (160, 900, 1600)
_AROUND = 6  # thumbnails before and after the page


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page that one can go to."""

    number: int
    address: str
    thumbnail: str
    current: bool


@dataclass(frozen=True)
class Reading:
    """The page that shows a page.

    Args:
        paper: the document.
        files: its files; more than one can be chosen from.
        file: the one that is read.
        document: its text.
        number: of the page, from 1.
        search: the reader's words.
        passages: the pages that hold them.
        working_copy: whether nobody has approved it yet.
    """

    paper: Paper
    files: tuple[File, ...]
    file: File
    document: Document
    number: int
    search: str
    passages: tuple[Passage, ...]
    working_copy: bool

    @property
    def page(self) -> Page:
        """The page that is shown."""
        return self.document.pages[self.number - 1]

    @property
    def count(self) -> int:
        """How many pages there are."""
        return len(self.document.pages)

    def address(self, number: int) -> str:
        """Of another page, with the words that are searched for."""
        more = {"suche": self.search} if self.search else {}
        if len(self.files) > 1:
            more["datei"] = self.file.resource
        return tk.h.url_for(
            "sozialdaten_documents.read", name=self.paper.name, seite=number, **more
        )

    def picture(self, number: int, width: int) -> str:
        """Address of a page as a picture."""
        return tk.h.url_for(
            "sozialdaten_documents.picture",
            name=self.paper.name,
            resource=self.file.resource,
            digest=self.file.digest[:12],
            page=number,
            width=width,
        )

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """The pages around this one; first and last always."""
        near = range(max(1, self.number - _AROUND), min(self.count, self.number + _AROUND) + 1)
        numbers = sorted({1, self.count, *near})
        return tuple(
            Leaf(
                number,
                self.address(number),
                self.picture(number, WIDTHS[0]) if self.document.drawn else "",
                number == self.number,
            )
            for number in numbers
        )

    @property
    def outline(self) -> tuple[tuple[str, int, str], ...]:
        """Headings with their pages and addresses."""
        return tuple(
            (title, page, self.address(page))
            for title, page in self.document.outline
            if 1 <= page <= self.count
        )


def reading_of(package: Mapping[str, Any], query: Mapping[str, str]) -> Reading | None:
    """The page that the address names; None where the dataset holds no document.

    Args:
        package: a dataset that the reader may see.
        query: ``datei`` (id of the file), ``seite``, ``suche``.
    """
    files = files_of(package)
    if not files:
        return None
    file = next((one for one in files if one.resource == query.get("datei")), files[0])
    document = _cache.text_of(file)
    asked = query.get("seite", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    search = " ".join(query.get("suche", "").split())[:200]
    return Reading(
        paper=paper_of(package),
        files=files,
        file=file,
        document=document,
        number=min(max(number, 1), len(document.pages)),
        search=search,
        passages=passages_of(package, search),
        working_copy=bool(package.get("private")),
    )
