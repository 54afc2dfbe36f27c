"""XML as a stream of elements, without entities and without a DTD."""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core.errors import NotReadable
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.messages import Message

__all__ = ["events", "local_name"]


def local_name(tag: object) -> str:
    """A name without its namespace."""
    return str(tag).rsplit("}", 1)[-1]


def events(opened: Opened) -> Iterator[tuple[str, Any]]:
    """``start`` and ``end`` of every element, with the element.

    Raises:
        NotReadable: damaged, or with entities or a DTD.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    try:
        with opened.stream() as stream:
            yield from iterparse(stream, events=("start", "end"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise NotReadable(
            Message("The XML is damaged, or holds entities or a DTD."),
            Message("Deliver it without them; the transfer may have been cut off."),
            Place(opened.name, row=(getattr(error, "position", None) or (None,))[0]),
        ) from error
