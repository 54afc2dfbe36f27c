"""RDF of catalogues as entries, also where a document is broken.

A broken RDF/XML document is cut into its datasets: the sound ones count, each broken one is a
problem of its own. Nothing is loaded from the web: entities and remote contexts are refused.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.connectors._catalogue import Entry, EntryFile, spelling
from ckanext.sozialdaten.harvesters.core.connectors._facts import Facts, region_keys, theme_codes
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["Document", "document"]

_DCAT = "http://www.w3.org/ns/dcat#"
_DCT = "http://purl.org/dc/terms/"
_DCATDE = "http://dcat-ap.de/def/dcatde/"
_FOAF = "http://xmlns.com/foaf/0.1/"
_VCARD = "http://www.w3.org/2006/vcard/ns#"
_SCHEMA = "http://schema.org/"
_IDENTIFIER = f"{_DCT}identifier"
_HYDRA = "http://www.w3.org/ns/hydra/core#"
_DATASET = re.compile(rb"<dcat:Dataset[\s>].*?</dcat:Dataset>", re.DOTALL)
_ROOT = re.compile(rb"<rdf:RDF\b[^>]*>", re.DOTALL)
_ABOUT = re.compile(rb'rdf:about="([^"]{1,500})"')
_NEXT = re.compile(
    rb'<hydra:next(?:Page)?(?:[^>]*rdf:resource="([^"]+)"[^>]*/>|[^>]*>([^<]+)</)', re.DOTALL
)
_ENDINGS = re.compile(r"\.([a-z0-9]{2,5})$")


@dataclass(frozen=True, slots=True)
class Document:
    """One page of a catalogue.

    Args:
        entries: its sound datasets.
        following: address of the next page; empty on the last.
        problems: what is broken in it.
    """

    entries: tuple[Entry, ...]
    following: str
    problems: tuple[NotReadable, ...]


def document(data: bytes, place: str, licences: Mapping[str, str]) -> Document:
    """Read one page.

    Args:
        data: RDF/XML, Turtle, N-Triples, or JSON-LD that holds its own context.
        place: its address, as errors show it.
        licences: our licence ids by spelling.

    Raises:
        NotReadable: none of these, or it wants something from elsewhere.
    """
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<!ENTITY" in data[:65536]:
        raise _unreadable(place)
    if not start.startswith(b"<?xml") and not start.startswith(b"<rdf"):
        graph = _json(data, place) if start[:1] in (b"{", b"[") else _parsed(data, "turtle")
        if graph is None:
            raise _unreadable(place)
        return Document(tuple(_entries(graph, licences)), _next(graph), ())
    graph = _parsed(data, "xml")
    if graph is not None:
        return Document(tuple(_entries(graph, licences)), _next(graph), ())
    return _pieces(data, place, licences)


def _pieces(data: bytes, place: str, licences: Mapping[str, str]) -> Document:
    """The sound datasets of a broken document.

    Raises:
        NotReadable: not even its root is sound.
    """
    root = _ROOT.search(data)
    pieces = list(_DATASET.finditer(data))
    if root is None or not pieces:
        raise _unreadable(place)
    entries: list[Entry] = []
    problems: list[NotReadable] = []
    for piece in pieces:
        graph = _parsed(root[0] + piece[0] + b"</rdf:RDF>", "xml")
        if graph is None:
            row = data.count(b"\n", 0, piece.start()) + 1
            about = _ABOUT.search(piece[0])
            problems.append(
                _broken(place, row, about[1].decode("utf-8", "replace") if about else "")
            )
        else:
            entries += _entries(graph, licences)
    if not problems:
        problems.append(_broken(place, 1, ""))
    following = _NEXT.search(data)
    address = (following[1] or following[2]).decode("utf-8", "replace").strip() if following else ""
    return Document(tuple(entries), address.replace("&amp;", "&"), tuple(problems))


def _broken(place: str, row: int, about: str) -> NotReadable:
    return NotReadable(
        Message("A dataset of the catalogue is not well-formed: {about}", {"about": about})
        if about
        else Message("The catalogue is not well-formed between its datasets."),
        Message("The other datasets were read; tell the operator of the catalogue."),
        Place(file=place, row=row),
    )


def _unreadable(place: str) -> NotReadable:
    return NotReadable(
        Message("This is no RDF that can be read."),
        Message("Give the address of RDF/XML or Turtle, such as …/catalog.rdf."),
        Place(file=place),
    )


def _parsed(data: bytes, form: str) -> "Graph | None":
    from xml.sax import SAXException

    from rdflib import Graph
    from rdflib.exceptions import ParserError
    from rdflib.plugins.parsers.notation3 import BadSyntax

    try:
        return Graph().parse(data=data, format=form)
    except (SAXException, ParserError, BadSyntax, ValueError):
        return None


def _json(data: bytes, place: str) -> "Graph | None":
    """JSON-LD; a context elsewhere is not fetched."""
    try:
        content: object = json.loads(data)
    except ValueError:
        return None
    if _remote(content):
        raise _unreadable(place)
    return _parsed(data, "json-ld")


def _remote(content: object) -> bool:
    if isinstance(content, list):
        return any(_remote(item) for item in cast("list[object]", content))
    if not isinstance(content, dict):
        return False
    found = cast("dict[str, object]", content)
    context = found.get("@context")
    contexts = cast("list[object]", context if isinstance(context, list) else [context])
    away = any(isinstance(item, str) for item in contexts) or "@import" in found
    return away or any(_remote(item) for item in found.values())


def _next(graph: "Graph") -> str:
    from rdflib import URIRef

    for name in ("next", "nextPage"):
        for found in graph.objects(None, URIRef(_HYDRA + name)):
            return str(found)
    return ""


def _entries(graph: "Graph", licences: Mapping[str, str]) -> Iterator[Entry]:
    from rdflib import RDF, BNode, URIRef

    for node in sorted(graph.subjects(RDF.type, URIRef(f"{_DCAT}Dataset")), key=str):
        modified = _first(graph, node, f"{_DCT}modified")
        whole = _first(graph, node, f"{_DCT}license")
        parts = sorted(graph.objects(node, URIRef(f"{_DCAT}distribution")), key=str)
        files = [_file(graph, part, modified, whole, licences) for part in parts]
        title = _first(graph, node, f"{_DCT}title")
        # a blank node has another name each time it is read
        name = title if isinstance(node, BNode) else str(node)
        name = _first(graph, node, f"{_DCT}identifier") or name
        yield Entry(
            id=name.rstrip("/").rpartition("/")[2] or name,
            title=title,
            modified=modified,
            files=tuple(file for file in files if file.url),
            facts=_facts(graph, node, parts, files, licences.get(spelling(whole), "")),
        )


def _facts(
    graph: "Graph", node: Any, parts: list[Any], files: list[EntryFile], licence: str
) -> Facts:
    """What a dataset says about itself; licence and attribution may stand at its files."""

    def inner(name: str, *names: str) -> str:
        found = _all(graph, node, name)
        texts = (_first(graph, one, wanted) for one in found for wanted in names)
        return next((text for text in texts if text), "")

    named = (_first(graph, one, f"{_DCATDE}licenseAttributionByText") for one in (node, *parts))
    periods = [
        (
            (_first(graph, one, f"{_DCAT}startDate") or _first(graph, one, f"{_SCHEMA}startDate")),
            (_first(graph, one, f"{_DCAT}endDate") or _first(graph, one, f"{_SCHEMA}endDate")),
        )
        for one in _all(graph, node, f"{_DCT}temporal")
    ]
    places = [f"{_DCATDE}politicalGeocodingURI", f"{_DCT}spatial"]
    return Facts(
        notes=_first(graph, node, f"{_DCT}description"),
        publisher=inner(f"{_DCT}publisher", f"{_FOAF}name"),
        contact=(
            inner(f"{_DCAT}contactPoint", f"{_VCARD}fn", f"{_VCARD}organization-name"),
            inner(f"{_DCAT}contactPoint", f"{_VCARD}hasEmail").removeprefix("mailto:"),
        ),
        page=_first(graph, node, f"{_DCAT}landingPage"),
        uri=str(node) if str(node).startswith("http") else _first(graph, node, _IDENTIFIER),
        issued=_first(graph, node, f"{_DCT}issued")[:10],
        attribution=next(filter(None, named), ""),
        licence=licence or next((file.licence for file in files if file.licence), ""),
        tags=tuple(map(str, _all(graph, node, f"{_DCAT}keyword"))),
        themes=theme_codes([str(one) for one in _all(graph, node, f"{_DCAT}theme")]),
        periods=tuple((start[:10], end[:10]) for start, end in periods if start or end),
        regions=region_keys([str(o) for name in places for o in _all(graph, node, name)]),
    )


def _all(graph: "Graph", node: Any, name: str) -> list[Any]:
    from rdflib import URIRef

    return sorted(graph.objects(node, URIRef(name)), key=str)


def _file(
    graph: "Graph", node: Any, modified: str, whole: str, licences: Mapping[str, str]
) -> EntryFile:
    from rdflib import BNode

    url = _first(graph, node, f"{_DCAT}downloadURL") or _first(graph, node, f"{_DCAT}accessURL")
    said = _first(graph, node, f"{_DCT}license") or whole
    size = _first(graph, node, f"{_DCAT}byteSize").partition(".")[0]
    blank = isinstance(node, BNode)
    name = hashlib.sha256(url.encode()).hexdigest() if blank else str(node)
    return EntryFile(
        id=name.rstrip("/").rpartition("/")[2][:8],
        url=url if url.startswith(("http://", "https://")) else "",
        format=_format(graph, node, url),
        name=_first(graph, node, f"{_DCT}title"),
        licence=licences.get(spelling(said), ""),
        marker=_first(graph, node, f"{_DCT}modified") or modified,
        size=int(size) if size.isdigit() else 0,
    )


def _format(graph: "Graph", node: Any, url: str) -> str:
    """The file type, from the publications office's list, a media type, or the address."""
    said = _first(graph, node, f"{_DCT}format") or _first(graph, node, f"{_DCAT}mediaType")
    last = said.lower().rstrip("/").rpartition("/")[2]
    known = {"vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx", "vnd.ms-excel": "xls"}
    if last:
        return known.get(last, last)
    ending = _ENDINGS.search(url.lower())
    return ending[1] if ending else ""


def _first(graph: "Graph", node: Any, name: str) -> str:
    """One value of a property, the same each time: German first."""
    from rdflib import Literal, URIRef

    found = sorted(
        graph.objects(node, URIRef(name)),
        key=lambda item: (not (isinstance(item, Literal) and item.language == "de"), str(item)),
    )
    return str(found[0]) if found else ""
