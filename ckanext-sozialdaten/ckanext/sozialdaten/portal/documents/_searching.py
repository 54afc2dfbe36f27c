"""Full-text search in documents: which fit, and the passages that say so, with their pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
from ckan.common import config
from ckan.lib.search.common import SearchError, make_connection
from markupsafe import Markup, escape
from pysolr import SolrError

from ckanext.sozialdaten.portal.documents._files import File, files_of
from ckanext.sozialdaten.portal.documents._indexing import FIELD, mark
from ckanext.sozialdaten.portal.documents._listing import Paper, paper_of

__all__ = ["Hit", "Passage", "found", "passages_of"]

_BEGIN, _END = "\ue000", "\ue001"
_MARK = re.compile(r"^(x[0-9a-f]{12})p(\d+)\n")
_AROUND = 90  # letters before and after a hit
_MOST_HITS = 20
_MOST_PASSAGES = 3
_MOST_PAGES = 200
_MOST_LETTERS = 50_000_000


@dataclass(frozen=True, slots=True)
class Passage:
    """A page that holds what was asked for.

    Args:
        resource: id of the file.
        page: from 1.
        text: around the first hit, which is marked.
        address: of the page to read.
    """

    resource: str
    page: int
    text: Markup
    address: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that fits.

    Args:
        paper: the document.
        passages: the first of the pages that fit; empty where title or description do.
        pages: how many pages fit.
    """

    paper: Paper
    passages: tuple[Passage, ...]
    pages: int


def found(text: str, rows: int = _MOST_HITS) -> tuple[Hit, ...]:
    """The public documents that fit a text, the best first.

    Args:
        text: the reader's words.
        rows: at most so many.
    """
    if not text.strip():
        return ()
    context: Any = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    asked = {"q": _plain(text), "fq": "+document_kind:[* TO *]", "rows": rows}
    packages = tk.get_action("package_search")(context, asked)["results"]
    told = _highlighted(text, [package["id"] for package in packages])
    return tuple(_hit(package, told.get(package["id"], ()), text) for package in packages)


def _hit(package: Mapping[str, Any], pages: Sequence[str], text: str) -> Hit:
    passages = tuple(_passages(package, pages, text))
    return Hit(paper_of(package), passages[:_MOST_PASSAGES], len(passages))


def passages_of(package: Mapping[str, Any], text: str) -> tuple[Passage, ...]:
    """The pages of one public document that hold a text, in order."""
    if not text.strip():
        return ()
    told = _highlighted(text, [package["id"]])
    return tuple(_passages(package, told.get(package["id"], ()), text))


def _plain(text: str) -> str:
    """The words alone: signs of the query language are none here."""
    return " ".join(re.findall(r"[^\W_]+(?:-[^\W_]+)*", text))


def _highlighted(text: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """The pages of datasets that hold a text, with every hit marked, by id of the dataset.

    Args:
        text: the reader's words.
        ids: of datasets that the reader may see; no other one is asked for.
    """
    words = _plain(text)
    if not ids or not words:
        return {}
    query = {
        "defType": "edismax", "qf": FIELD, "q.op": "AND", "mm": "100%",
        "fq": [f"site_id:\"{config.get('ckan.site_id')}\"", f"id:({' OR '.join(ids)})"],
        "fl": "id,index_id", "rows": len(ids),
        "hl": "true", "hl.method": "original", "hl.fl": FIELD, "hl.fragsize": 0,
        "hl.snippets": _MOST_PAGES, "hl.maxAnalyzedChars": _MOST_LETTERS,
        "hl.simple.pre": _BEGIN, "hl.simple.post": _END,
    }  # fmt: skip
    try:
        answer = make_connection().search(words, **query)
    except (SolrError, SearchError):
        return {}  # the documents themselves were found; the index is asked again next time
    keys = {document["index_id"]: document["id"] for document in answer.docs}
    return {
        keys[key]: list(fields.get(FIELD, ()))
        for key, fields in answer.highlighting.items()
        if key in keys
    }


def _passages(package: Mapping[str, Any], pages: Sequence[str], text: str) -> Iterator[Passage]:
    files = {mark(file.digest, 0).removesuffix("p0"): file for file in files_of(package)}
    known: list[tuple[int, int, File, str]] = []
    order = {key: place for place, key in enumerate(files)}
    for page in pages:
        start = _MARK.match(page)
        if start and start[1] in files:
            known.append((order[start[1]], int(start[2]), files[start[1]], page[start.end() :]))
    for _, number, file, body in sorted(known, key=lambda entry: entry[:2]):
        address = tk.h.url_for(
            "sozialdaten_documents.read",
            name=package["name"], datei=file.resource, seite=number, suche=text,
        )  # fmt: skip
        yield Passage(file.resource, number, _excerpt(body), address)


def _excerpt(body: str) -> Markup:
    """Some words around the first hit, cut between words."""
    place = max(body.find(_BEGIN), 0)
    start, end = max(0, place - _AROUND), min(len(body), place + 2 * _AROUND)
    while start > 0 and not body[start - 1].isspace() and place - start < 2 * _AROUND:
        start -= 1
    while end < len(body) and not body[end].isspace() and end - place < 3 * _AROUND:
        end += 1
    shown = " ".join(body[start:end].split())
    shown = shown[: shown.rfind(_BEGIN)] if shown.rfind(_BEGIN) > shown.rfind(_END) else shown
    parts = re.split(f"[{_BEGIN}{_END}]", shown)
    marked = Markup("").join(
        Markup("<mark>{}</mark>").format(part) if index % 2 else escape(part)
        for index, part in enumerate(parts)
    )
    before, after = ("… " if start else ""), (" …" if end < len(body) else "")
    return Markup("{}{}{}").format(before, marked, after)
