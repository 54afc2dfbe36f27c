"""Word, PowerPoint, Excel and OpenDocument files: every text they hold, where it belongs.

Parts that nobody knows are read for their texts too. Sources: ECMA-376 part 1 (WordprocessingML,
PresentationML), OASIS OpenDocument 1.3 part 3.
"""

import posixpath
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import defusedxml.ElementTree as SafeTree
from defusedxml import DefusedXmlException

from ckanext.sozialdaten.disclosure.documents._errors import (
    ActiveError,
    DamagedError,
    EncryptedError,
    TooMuchError,
)
from ckanext.sozialdaten.disclosure.documents._model import Document, Extra
from ckanext.sozialdaten.disclosure.documents._open_document import read_content
from ckanext.sozialdaten.disclosure.documents._parts import Gathered, attribute, local, texts_of
from ckanext.sozialdaten.disclosure.documents._slides import read_slides
from ckanext.sozialdaten.disclosure.documents._word import read_body
from ckanext.sozialdaten.disclosure.documents._workbook import read_excel, read_sheets

__all__ = ["read_office"]

_MOST_PARTS = 4_000
_MOST_BYTES = 300 << 20
_OLE = b"\xd0\xcf\x11\xe0"  # an encrypted file of Office
_MACROS = re.compile(r"(^|/)vbaProject\.bin$|^Basic/|^Scripts/", re.IGNORECASE)
_PICTURE = re.compile(r"(^|/)(media|Pictures)/[^/]+$")
_EMBEDDED = re.compile(r"(^|/)embeddings/[^/]+$|^ObjectReplacements/.+\.bin$")
_SILENT = re.compile(
    r"\.rels$|^\[Content_Types\]|(^|/)(theme|slideLayouts|slideMasters|notesMasters|handoutMasters)/"
    r"|(^|/)(styles|settings|fontTable|numbering|webSettings|presProps|viewProps|tableStyles"
    r"|stylesWithEffects|manifest|presentation)\.xml$|^customXml/itemProps|^META-INF/"
)
_AUTHORS = frozenset(
    {"creator", "lastModifiedBy", "Manager", "Company", "initial-creator", "printed-by"}
)
_SAID = frozenset({"title", "subject", "description", "keywords", "keyword", "category",
                   "contentStatus", "user-defined", "lpwstr", "HyperlinkBase"})  # fmt: skip

_SLIDE_RELATION = "/slide"
_NOTES_RELATION = "/notesSlide"


class Package:
    """The parts of a file, read one after another within a common bound."""

    def __init__(self, archive: zipfile.ZipFile, path: Path) -> None:
        self.archive = archive
        self.path = path
        self.names = [member.filename for member in archive.infolist() if not member.is_dir()]
        self._left = _MOST_BYTES
        self.read: set[str] = set()

    def root(self, name: str) -> Any:
        """A part as a tree of elements; its size in the file's directory is not believed."""
        with self.archive.open(name) as stream:
            data = stream.read(self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise TooMuchError
        self.read.add(name)
        try:
            return SafeTree.fromstring(data, forbid_dtd=True)
        except (SafeTree.ParseError, DefusedXmlException) as error:
            raise DamagedError from error


def read_office(path: Path, suffix: str) -> Document:
    """Everything that a file of Office holds.

    Args:
        path: where it lies.
        suffix: ``.docx``, ``.pptx``, ``.xlsx``, ``.odt``, ``.odp`` or ``.ods``.

    Raises:
        DocumentFault: it cannot be read.
    """
    with path.open("rb") as stream:
        if stream.read(4) == _OLE:
            raise EncryptedError
    with zipfile.ZipFile(path) as archive:
        package = Package(archive, path)
        if len(package.names) > _MOST_PARTS:
            raise TooMuchError
        if any(member.flag_bits & 1 for member in archive.infolist()):
            raise EncryptedError
        if any(_MACROS.search(name) for name in package.names):
            raise ActiveError
        found = Gathered()
        needed, read = _BODIES[suffix]
        if needed not in package.names:
            raise DamagedError
        read(package, found)
        title = _properties(package, found)
        for name in package.names:
            if name.endswith(".xml") and name not in package.read and not _SILENT.search(name):
                found.extras += [Extra("footer", text) for text in texts_of(package.root(name))]
    return Document(
        pages=found.pages(),
        extras=tuple(found.extras),
        tables=tuple(found.tables),
        pictures=sum(1 for name in package.names if _PICTURE.search(name)),
        embedded=tuple(name for name in package.names if _EMBEDDED.search(name)),
        outline=found.outline(),
        title=title,
    )


def _properties(package: Package, found: Gathered) -> str:
    """Who wrote it and what they say of it; the title is returned as well."""
    title = ""
    for name in ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml", "meta.xml"):
        if name not in package.names:
            continue
        for node in package.root(name).iter():
            text = (node.text or "").strip()
            kind = local(node.tag)
            if text and kind in _AUTHORS:
                found.extras.append(Extra("author", text))
            elif text and kind in _SAID:
                found.extras.append(Extra("property", text))
                title = title or (text if kind == "title" else "")
    return title


def _word(package: Package, found: Gathered) -> None:
    read_body(package.root("word/document.xml"), found)
    for name in package.names:
        if re.fullmatch(r"word/comments\w*\.xml", name):
            found.note(package.root(name), "comment")


def _links(package: Package, part: str, kind: str) -> Mapping[str, str]:
    """The parts that a part refers to by a kind of relation, by the id of the relation."""
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in package.names:
        return {}
    return {
        attribute(link, "Id"): posixpath.normpath(
            posixpath.join("/", folder, attribute(link, "Target"))
        ).lstrip("/")
        for link in package.root(path)
        if attribute(link, "Type").endswith(kind)
    }


def _slides(package: Package, found: Gathered) -> None:
    book = "ppt/presentation.xml"
    slides = _links(package, book, _SLIDE_RELATION)
    order = [
        slides.get(value, "")
        for node in package.root(book).iter()
        if local(node.tag) == "sldId"
        for key, value in node.attrib.items()
        if key.endswith("}id")
    ]
    for name in order:
        if name not in package.names:
            raise DamagedError
        found.turn()
        read_slides(package.root(name), found)
        for notes in _links(package, name, _NOTES_RELATION).values():
            if notes in package.names:
                found.note(package.root(notes), "note")
    for name in package.names:
        if re.fullmatch(r"ppt/comments/[^/]+\.xml", name):
            found.note(package.root(name), "comment")


def _open(package: Package, found: Gathered) -> None:
    read_content(package.root("content.xml"), found)


def _excel(package: Package, found: Gathered) -> None:
    if sum(member.file_size for member in package.archive.infolist()) > _MOST_BYTES:
        raise TooMuchError
    read_excel(package.path, found)
    # cells and their texts were read by openpyxl
    package.read.update(name for name in package.names if name.startswith("xl/"))


def _sheets(package: Package, found: Gathered) -> None:
    read_sheets(package.root("content.xml"), found)


_BODIES = {
    ".docx": ("word/document.xml", _word),
    ".pptx": ("ppt/presentation.xml", _slides),
    ".xlsx": ("xl/workbook.xml", _excel),
    ".ods": ("content.xml", _sheets),
    ".odt": ("content.xml", _open),
    ".odp": ("content.xml", _open),
}
