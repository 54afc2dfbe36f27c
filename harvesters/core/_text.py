"""Bytes to text, and cells to values. No guessing: one rule each, an error otherwise."""

import codecs
import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import EmptyDelivery, WrongEncoding
from ckanext.sozialdaten.messages import Message

__all__ = ["date_parser", "decode", "encoding_of", "number_parser", "squeeze"]

_C1 = re.compile("[\x80-\x9f\ufffd]")
_UNDEFINED = re.compile(rb"[\x00\x81\x8d\x8f\x90\x9d]")
_BLANKS = re.compile(r"[\s\u00a0\u202f\u2009]+")
_UNIT = re.compile(r"\s*(€|EUR|%)$")


def decode(data: bytes, file: str, declared: str = "") -> tuple[str, str]:
    """The text of ``data`` and the encoding it was found to have.

    Strict UTF-8 first, else Windows-1252; never a guess by frequency. Where the layout declares
    UTF-8, nothing else is taken.

    Args:
        data: all bytes.
        file: name for the error's place.
        declared: encoding that the layout declares, or empty.

    Raises:
        EmptyDelivery: no bytes, or only white space.
        WrongEncoding: NUL bytes, UTF-16, or neither of the two encodings.
    """
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise EmptyDelivery(
            Message("The file is empty."),
            Message("Export it again; the transfer may have been cut off."),
            Place(file=file),
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in data:
        row = data.count(b"\n", 0, max(data.find(b"\0"), 0)) + 1
        raise _wrong(file, row, Message("Export the file as UTF-8 or Windows-1252, not UTF-16."))
    try:
        return data.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError as error:
        if declared == "utf-8":
            row = data.count(b"\n", 0, error.start) + 1
            raise _wrong(file, row, Message("The layout demands UTF-8.")) from error
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise _wrong(file, row, Message("Export the file as UTF-8 or Windows-1252.")) from error
    control = _C1.search(text)
    if control:
        row = text.count("\n", 0, control.start()) + 1
        raise _wrong(file, row, Message("Export the file as UTF-8 or Windows-1252."))
    return text, "cp1252"


def encoding_of(chunks: Callable[[], Iterable[bytes]], file: str) -> str:
    """``utf-8`` or ``cp1252``, by the rule of :func:`decode`, of a text of any size.

    Args:
        chunks: gives the bytes piece by piece, from the start at each call.
        file: name for the error's place.

    Raises:
        WrongEncoding: NUL bytes, UTF-16, or neither of the two encodings.
    """
    utf8 = codecs.getincrementaldecoder("utf-8")()
    try:
        for number, chunk in enumerate(chunks()):
            if b"\0" in chunk or (not number and chunk.startswith((b"\xff\xfe", b"\xfe\xff"))):
                hint = Message("Export the file as UTF-8 or Windows-1252, not UTF-16.")
                raise _wrong(file, None, hint)
            utf8.decode(chunk)
        utf8.decode(b"", final=True)
    except UnicodeDecodeError:
        row = 1
        for chunk in chunks():
            strange = _UNDEFINED.search(chunk)
            if strange:
                row += chunk.count(b"\n", 0, strange.start())
                hint = Message("Export the file as UTF-8 or Windows-1252.")
                raise _wrong(file, row, hint) from None
            row += chunk.count(b"\n")
        return "cp1252"
    return "utf-8"


def _wrong(file: str, row: int | None, hint: Message) -> WrongEncoding:
    return WrongEncoding(
        Message("The characters are neither UTF-8 nor Windows-1252."), hint, Place(file, row=row)
    )


def squeeze(text: str) -> str:
    """A caption for comparing: one blank between words, no hyphenation at line ends, folded case.

    >>> squeeze("Text-\\nkenn  zeichen ")
    'textkenn zeichen'
    """
    return _BLANKS.sub(" ", text.replace("-\n", "")).strip().casefold()


def number_parser(decimal: str, thousands: str) -> Callable[[str], Decimal | None]:
    """A function from a cell to its number, or None if it is not written in this locale.

    Args:
        decimal: decimal character, ``,`` or ``.``.
        thousands: group character, or empty.

    >>> number_parser(",", ".")("1.234,50 €")
    Decimal('1234.50')
    >>> number_parser(",", ".")("1,234.50") is None
    True
    """
    groups = rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|" if thousands else ""
    pattern = re.compile(rf"([+-]?)((?:{groups}\d+)(?:{re.escape(decimal)}\d+)?)")

    def parse(cell: str) -> Decimal | None:
        plain = _BLANKS.sub("", _UNIT.sub("", cell.strip())).replace("\u2212", "-")
        match = pattern.fullmatch(plain)
        if not match:
            return None
        digits = match[2].replace(thousands, "") if thousands else match[2]
        return Decimal(match[1] + digits.replace(decimal, "."))

    return parse


def date_parser(pattern: str) -> Callable[[str], date | None]:
    """A function from a cell to its date, or None if it is not written by ``pattern``.

    >>> date_parser("%d.%m.%Y")("31.12.2024")
    datetime.date(2024, 12, 31)
    """
    known: dict[str, date | None] = {}

    def parse(cell: str) -> date | None:
        if cell not in known:
            try:
                known[cell] = datetime.strptime(cell, pattern or "%Y-%m-%d").date()
            except ValueError:
                known[cell] = None
        return known[cell]

    return parse
