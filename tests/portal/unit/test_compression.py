"""Texts travel compressed; releases as they are."""

import gzip
from collections.abc import Iterable
from typing import Any

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from ckanext.sozialdaten.portal._compression import Compressed

TEXT = "Geburtenrate " * 400


def _ask(sent: Response, *, method: str = "GET", **headers: str) -> Any:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        return sent(environ, start_response)

    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Client(Compressed(application)).open(method=method, headers=named)


@pytest.mark.parametrize("kind", ["text/html", "text/css", "image/svg+xml", "application/json"])
def test_a_text_is_compressed_and_comes_back_the_same(kind: str) -> None:
    answer = _ask(Response(TEXT, mimetype=kind), Accept_Encoding="br, gzip")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.data).decode() == TEXT
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(TEXT) / 10
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_who_takes_no_gzip_gets_none() -> None:
    answer = _ask(Response(TEXT, mimetype="text/html"))
    assert "Content-Encoding" not in answer.headers
    assert answer.text == TEXT


@pytest.mark.parametrize(
    "sent",
    [
        Response(TEXT, mimetype="text/csv"),
        Response(TEXT, mimetype="text/html", headers={"Content-Disposition": "attachment"}),
        Response(TEXT, mimetype="text/html", headers={"Content-Encoding": "br"}),
        Response(TEXT, mimetype="text/html", status=206),
        Response("kurz", mimetype="text/html"),
    ],
)
def test_downloads_ranges_and_small_texts_stay_as_they_are(sent: Response) -> None:
    answer = _ask(sent, Accept_Encoding="gzip")
    assert answer.headers.get("Content-Encoding") != "gzip"
    assert answer.text in (TEXT, "kurz")


def test_the_size_of_a_page_tells_nothing_but_that_of_a_style_is_always_the_same() -> None:
    def sizes(kind: str) -> set[int]:
        return {
            len(_ask(Response(TEXT, mimetype=kind), Accept_Encoding="gzip").data) for _ in range(12)
        }

    assert len(sizes("text/html")) > 1
    assert len(sizes("text/css")) == 1


def test_a_tag_says_the_same_text_and_no_longer_the_same_bytes() -> None:
    sent = Response(TEXT, mimetype="text/css", headers={"ETag": '"a"', "Accept-Ranges": "bytes"})
    answer = _ask(sent, Accept_Encoding="gzip")
    assert answer.headers["ETag"] == 'W/"a"'
    assert "Accept-Ranges" not in answer.headers
