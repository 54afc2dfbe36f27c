"""How services hand out long lists: paginators are small objects, :func:`pages` follows them."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import (
    Answer,
    Client,
    Judge,
    Request,
    by_status,
)
from ckanext.sozialdaten.harvesters.core.connectors.errors import WrongAnswer
from ckanext.sozialdaten.messages import Message

__all__ = ["Offset", "Paginator", "Single", "endless", "pages"]

MOST_PAGES = 10_000


class Paginator(Protocol):
    """Knows which request comes after a page."""

    def first(self, request: Request) -> Request:
        """The request for the first page."""
        ...

    def following(self, request: Request, page: object) -> Request | None:
        """The request for the page after ``page``; None where that was the last."""
        ...


@dataclass(frozen=True, slots=True)
class Single:
    """All on one page."""

    def first(self, request: Request) -> Request:
        """The request as it is."""
        return request

    def following(self, request: Request, page: object) -> Request | None:
        """There is none."""
        return None


@dataclass(frozen=True, slots=True)
class Offset:
    """Pages by the number of items before them.

    Args:
        offset: parameter with that number.
        size: parameter with the number of items that are wanted.
        step: how many are wanted at a time.
        items: how many items a page holds; services give fewer than wanted as they like.
        more: whether items follow, from the page and the number of items up to its end.
    """

    offset: str
    size: str
    step: int
    items: Callable[[object], int]
    more: Callable[[object, int], bool]

    def first(self, request: Request) -> Request:
        """The first ``step`` items."""
        return self._at(request, 0)

    def following(self, request: Request, page: object) -> Request | None:
        """The items after those of ``page``."""
        got = self.items(page)
        end = int(str(request.params[self.offset])) + got
        return self._at(request, end) if got and self.more(page, end) else None

    def _at(self, request: Request, start: int) -> Request:
        place = {self.offset: str(start), self.size: str(self.step)}
        return replace(request, params={**request.params, **place})


def pages(
    client: Client,
    request: Request,
    paginator: Paginator,
    judge: Judge = by_status,
    most: int = MOST_PAGES,
) -> Iterator[tuple[object, Answer]]:
    """All pages of a list, parsed, with their answers.

    Raises:
        WrongAnswer: a page repeats an earlier one, or there are more than ``most``: a service
            that ignores its own parameters would otherwise never end.
        FetchError: a page cannot be had.
    """
    seen: set[bytes] = set()
    following: Request | None = paginator.first(request)
    while following is not None:
        current = following
        answer = client.send(current, None, judge)
        page = answer.json()
        following = paginator.following(current, page)
        mark = hashlib.sha256(answer.body).digest()
        if mark in seen or len(seen) >= most:
            raise endless(request.url)
        seen.add(mark)
        yield page, answer


def endless(url: str) -> WrongAnswer:
    """The error that a list does not end."""
    return WrongAnswer(
        Message("The service gives the same page again and again."),
        Message("Tell its operator; nothing of this list was taken over."),
        texts.at(url),
    )
