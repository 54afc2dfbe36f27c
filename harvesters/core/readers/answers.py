"""What services send in place of data: errors with status 200, catalogues, maintenance pages."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._json import as_list, as_object, is_object
from ckanext.sozialdaten.harvesters.core.readers._opened import Kind, Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import Recognition, Settings
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["AnswerReader"]

_CATALOGUES = ("indicatorId", "spatialUnitId", "topicId", "georesourceId")
_LONGEST = 300
_WELL = (0, 22)


class AnswerReader:
    """``answer``: recognised so that its error says what the service said."""

    name = "answer"
    signs = "none"

    def recognise(self, opened: Opened) -> Recognition:
        """By the members that statuses, errors and catalogues have; or by being HTML."""
        if opened.kind == Kind.XML:
            start = opened.head[:2000].lower()
            return Recognition(0.9 if b"<html" in start or b"<!doctype html" in start else 0.0)
        said = _said(opened.json) if opened.kind == Kind.JSON and _short(opened) else ""
        return Recognition(0.9 if said else 0.0, said)

    def read(self, opened: Opened, settings: Settings) -> "Iterator[pa.RecordBatch]":
        """Never data.

        Raises:
            NotReadable: always, with the words of the service.
        """
        if opened.kind == Kind.XML:
            raise NotReadable(
                Message("The file holds a message of the service in place of data."),
                Message(
                    "Open it in an editor: it says what went wrong (login, too many values, "
                    "maintenance)."
                ),
                Place(opened.name, row=1),
            )
        raise NotReadable(
            Message(
                "The service answered this in place of data: {said}", {"said": _said(opened.json)}
            ),
            Message("Fetch the data again when that is settled; nothing was lost."),
            Place(opened.name),
        )


def _short(opened: Opened) -> bool:
    return opened.path.stat().st_size < (1 << 20)


def _said(data: object) -> str:
    """The words of a status, an error or a catalogue; empty for anything else."""
    if as_list(data):
        return _catalogue(as_object(as_list(data)[0]))
    document = as_object(data)
    status = document.get("Status")
    if is_object(status):
        said = as_object(status)
        if said.get("Code") in _WELL:
            # it went well, and gave a description or a catalogue
            ident = as_object(document.get("Ident"))
            return _words(ident.get("Service"), ident.get("Method")) or "catalogue"
        return _words(said.get("Code"), said.get("Content"))
    if isinstance(status, str) and "Ident" in document:
        return _words("", status)
    if "Code" in document and "Content" in document:
        return _words(document["Code"], document["Content"])
    for name in ("error", "warning"):
        found = document.get(name)
        first = as_list(found)[0] if as_list(found) else found
        if isinstance(first, str):
            return _words(document.get("status"), first)
        inner = as_object(first)
        if inner:
            text = inner.get("label") or inner.get("message") or inner.get("error")
            return _words(inner.get("status") or inner.get("code"), text)
    return ""


def _catalogue(item: dict[str, Any]) -> str:
    dated = any(name.startswith("DATE_") for name in item)
    return "catalogue" if not dated and any(name in item for name in _CATALOGUES) else ""


def _words(code: object, text: object) -> str:
    parts = [str(part).strip() for part in (code, text) if part not in (None, "")]
    return " ".join(" ".join(parts).split())[:_LONGEST]
