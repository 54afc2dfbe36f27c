"""What an answer is, by its first bytes: statuses and content types of services lie."""

from enum import StrEnum

__all__ = ["Content", "content_of"]

_BOM = b"\xef\xbb\xbf"
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body")


class Content(StrEnum):
    """What bytes look like."""

    EMPTY = "empty"
    ZIP = "zip"
    JSON = "json"
    HTML = "html"
    XML = "xml"
    OTHER = "other"


def content_of(start: bytes) -> Content:
    """What an answer is, by (at least some hundred of) its first bytes.

    >>> content_of(b"\\xef\\xbb\\xbf<!DOCTYPE html>")
    <Content.HTML: 'html'>
    """
    text = start.removeprefix(_BOM).lstrip()
    if not text:
        return Content.EMPTY
    if start.startswith(b"PK\x03\x04"):
        return Content.ZIP
    if text[:1] in (b"{", b"[") or text[:2] == b'"{' or text[:3] == b'"[{':
        return Content.JSON
    if text.lower().startswith(_HTML):
        return Content.HTML
    if text[:1] == b"<":
        return Content.HTML if b"<html" in text[:2000].lower() else Content.XML
    return Content.OTHER
