"""Frozen editions as texts that a second person approves."""

from collections.abc import Iterator

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.report import _editions, _vault
from ckanext.sozialdaten.publishing.proposals import Kind

__all__ = ["edition_kind"]

_LONGEST = {"title": 200, "foreword": 6_000}


def edition_kind() -> Kind:
    """The kind ``edition``."""
    return Kind(
        name=_editions.EDITION,
        title=Message("Frozen edition of the social report"),
        validate=lambda body: tuple(_errors(body)),
        render=lambda body: tuple(_lines(body)),
        address=_address,
        on_change=_nothing,
        preview=lambda proposal: tk.h.url_for("sozialdaten_report_editions.draft", draft=proposal),
    )


def _nothing() -> None:
    """Pages read what is approved each time: nothing is to be told."""


def _address(key: str) -> str:
    region, _, number = key.rpartition("_")
    return f"/sozialbericht/{region}/fassung/{number}"


def _errors(body: str) -> Iterator[Message]:
    try:
        content = _editions.parse(body)
    except (ValueError, KeyError, TypeError):
        yield Message("The day of the decision is missing or no day; write it as 2025-11-20.")
        return
    if not content["title"].strip():
        yield Message("An edition needs a title.")
    for name, most in _LONGEST.items():
        if len(content[name]) > most:
            yield Message("A text is too long: at most {count} characters.", {"count": most})
    if any(_vault.kept(digest) is None for digest in content["files"].values()):
        yield Message("The files of the edition are not there. Freeze the report again.")
    if _editions.shown(0, body).hidden:
        yield Message("A figure of the edition was withdrawn. Freeze the report again.")


def _lines(body: str) -> Iterator[str]:
    """What a reviewer reads: the words, every figure, and the digests of the files."""
    content, language = _editions.parse(body), frame.language()

    def said(label: Message, text: str) -> str:
        return f"{label.text(language)}: {text}"

    yield said(Message("Title"), content["title"])
    yield said(Message("Region"), content["name"])
    yield said(Message("Year"), content["year"])
    yield said(Message("Decided on"), content["decided"])
    yield from content["foreword"].splitlines()
    for chapter in content["chapters"]:
        yield chapter["name"]
        for entry in chapter["entries"]:
            yield f"{entry['name']}: {entry['text']} ({entry['period']})"
    for kind, digest in sorted(content["files"].items()):
        yield f"{kind.upper()}: SHA-256 {digest}"
