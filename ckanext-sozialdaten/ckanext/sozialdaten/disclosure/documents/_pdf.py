"""PDF files by PDFium: text, properties, notes, form fields, and the picture of a page."""

import ctypes
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ckanext.sozialdaten.disclosure.documents._errors import (
    ActiveError,
    DamagedError,
    EncryptedError,
    NoPageError,
    TooMuchError,
)
from ckanext.sozialdaten.disclosure.documents._model import Block, Document, Extra, Page

__all__ = ["draw_pdf", "read_pdf"]

_MOST_PAGES = 3_000
_MOST_LETTERS = 20_000_000
_PASSWORD = 4  # FPDF_ERR_PASSWORD
_AUTHORS = frozenset({"Author"})
_MACHINE = frozenset({"Creator", "Producer", "CreationDate", "ModDate", "Trapped"})
_NOTES = ("Contents", "T", "V")  # what a note says, who wrote it; the value of a form field
_OUTLINE = 500
_SOFT = re.compile("[\ufffe\x02\u00ad]\\s*")  # hyphens at the end of a line
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f]")
_FULL = 0.7  # of the longest line: the paragraph goes on
_XMP = re.compile(rb"<x:xmpmeta.{0,262144}?</x:xmpmeta>", re.DOTALL)
_TAG = re.compile(rb"<[^>]*>")
# what XMP says about programs and times, not about people
_XMP_MACHINE = re.compile(
    rb"<(xmpMM|xmp|pdf|stEvt|stRef):(?!Keywords|Author|Label|Nickname)[^>]*>[^<]*</[^>]*>"
)
_LARGEST = 4_000
_QUALITY = 82


def _opened(path: Path) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise EncryptedError from error
        raise DamagedError from error


def read_pdf(path: Path) -> Document:
    """Everything that a PDF holds.

    Raises:
        DocumentFault: it cannot be read.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    known = _opened(path)
    if len(known) > _MOST_PAGES:
        raise TooMuchError
    if pdfium.FPDFDoc_GetJavaScriptActionCount(known) > 0:
        raise ActiveError
    pages: list[Page] = []
    extras = [*_properties(known, path)]
    letters = pictures = 0
    try:
        for number in range(len(known)):
            page = known[number]
            text = page.get_textpage().get_text_bounded()
            letters += len(text)
            if letters > _MOST_LETTERS:
                raise TooMuchError
            shown = sum(1 for _ in page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3))
            pictures += shown
            blocks = tuple(_blocks(text))
            pages.append(Page(blocks, pictured=not blocks and shown > 0))
            extras += _notes(page, number + 1)
            page.close()
    except pypdfium2.PdfiumError as error:
        raise DamagedError from error
    attached = tuple(
        str(known.get_attachment(n).get_name()) for n in range(known.count_attachments())
    )
    return Document(
        pages=tuple(pages) or (Page(),),
        extras=tuple(extras),
        pictures=pictures,
        embedded=attached,
        drawn=True,
        outline=tuple(_outline(known)),
        title=str(known.get_metadata_dict().get("Title", "")),
    )


def _properties(known: Any, path: Path) -> Iterator[Extra]:
    for name, value in known.get_metadata_dict(skip_empty=True).items():
        if name not in _MACHINE and str(value).strip():
            yield Extra("author" if name in _AUTHORS else "property", str(value).strip())
    for found in _XMP.finditer(path.read_bytes()):
        plain = _TAG.sub(b"\n", _XMP_MACHINE.sub(b"\n", found[0])).decode("utf-8", "replace")
        for line in dict.fromkeys(line.strip() for line in plain.splitlines()):
            if line and not line.startswith(("pdf", "http", "uuid:", "PDF")):
                yield Extra("property", line)


def _notes(page: Any, number: int) -> Iterator[Extra]:
    """Notes on the page, who wrote them, and what stands in form fields."""
    import pypdfium2.raw as pdfium

    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        for key in _NOTES:
            text = _string(pdfium.FPDFAnnot_GetStringValue, note, key.encode())
            if text:
                yield Extra("author" if key == "T" else "comment", text, number)
        pdfium.FPDFPage_CloseAnnot(note)


def _string(ask: Any, holder: Any, key: bytes) -> str:
    """A text of PDFium, which is asked for its length first; UTF-16."""
    length = ask(holder, key, None, 0)
    if length <= 2:
        return ""
    held = ctypes.create_string_buffer(length)
    ask(holder, key, ctypes.cast(held, ctypes.POINTER(ctypes.c_ushort)), length)
    return held.raw[: length - 2].decode("utf-16-le", "replace").strip()


def _blocks(text: str) -> Iterator[Block]:
    """Lines to paragraphs: a line that fills the column goes on in the next."""
    text = _SOFT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [" ".join(_CONTROL.sub(" ", line).split()) for line in text.split("\n")]
    longest = max(map(len, lines), default=0)
    held: list[str] = []
    for line in lines:
        if line:
            held.append(line)
        if held and len(line) < _FULL * longest:
            yield Block(" ".join(held))
            held = []
    if held:
        yield Block(" ".join(held))


def _outline(known: Any) -> Iterator[tuple[str, int]]:
    for place, mark in enumerate(known.get_toc(max_depth=3)):
        if place >= _OUTLINE:
            return
        target = mark.get_dest()
        index = target.get_index() if target else None
        if index is not None:
            yield " ".join(str(mark.get_title()).split()), index + 1


def draw_pdf(path: Path, page: int, width: int) -> bytes:
    """A line with width and height, then the picture of a page as WebP.

    Raises:
        DocumentFault: it cannot be read, or has no such page.
    """
    import pypdfium2

    known = _opened(path)
    if not 1 <= page <= len(known):
        raise NoPageError
    try:
        sheet = known[page - 1]
        wide, high = sheet.get_size()
        if wide <= 0 or high <= 0:
            raise DamagedError
        scale = min(width / wide, _LARGEST / high, _LARGEST / wide)
        image = sheet.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise DamagedError from error
    stream = io.BytesIO()
    image.save(stream, "WEBP", quality=_QUALITY, method=4)
    return f"{image.width} {image.height}\n".encode() + stream.getvalue()
