"""The page of last resort: it answers where the portal cannot, and tells nothing of the inside."""

import json
import logging
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from werkzeug.test import Client

from ckanext.sozialdaten.portal import _mishap
from ckanext.sozialdaten.portal._mishap import Mishaps

SECRET = "connection to server at 10.0.0.7 failed: password authentication"


def _away(environ: dict[str, Any], start_response: Any) -> Any:
    raise OperationalError("SELECT name FROM person", {}, Exception(SECRET))


def _broken(environ: dict[str, Any], start_response: Any) -> Any:
    raise KeyError(SECRET)


def _fine(environ: dict[str, Any], start_response: Any) -> Any:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"fine"]


def test_without_its_database_the_portal_asks_to_try_again_in_german() -> None:
    answer = Client(Mishaps(_away, "Sozialdaten <Kreis>")).get("/kennzahlen/geb_ziffer")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert '<html lang="de">' in answer.text
    assert "Das Portal kann gerade nicht antworten" in answer.text
    assert 'href="/kennzahlen/geb_ziffer"' in answer.text
    assert "Sozialdaten &lt;Kreis&gt;" in answer.text


def test_an_english_reader_gets_english_words_and_addresses() -> None:
    client = Client(Mishaps(_broken, "Portal"))
    base = {"CKAN_LANG": "en", "CKAN_LANG_IS_DEFAULT": False}
    answer = client.get("/dataset/", environ_overrides=base)
    assert answer.status_code == 500
    assert '<html lang="en">' in answer.text
    assert 'href="/en/dataset/"' in answer.text


@pytest.mark.parametrize("inside", [_away, _broken])
@pytest.mark.parametrize("path", ["/suche", "/api/3/action/package_list"])
def test_nothing_of_the_inside_is_told(inside: Any, path: str) -> None:
    answer = Client(Mishaps(inside, "Portal")).get(path)
    for inner in ("Traceback", SECRET, "SELECT", "KeyError", "OperationalError"):
        assert inner not in answer.text


def test_machines_get_the_answer_of_an_action() -> None:
    answer = Client(Mishaps(_broken, "Portal")).get("/api/3/action/package_list")
    told = json.loads(answer.data)
    assert told["success"] is False
    assert told["error"]["message"].startswith("Der Fehler liegt bei uns")


def test_the_number_on_the_page_finds_the_cause_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the portal's configuration of logging lets nothing through to the root, where caplog listens
    monkeypatch.setattr(_mishap.log, "handlers", [caplog.handler])
    monkeypatch.setattr(_mishap.log, "disabled", False)
    with caplog.at_level(logging.ERROR, _mishap.log.name):
        answer = Client(Mishaps(_broken, "Portal")).get("/suche?q=mein+Name")
    number = answer.text.partition("<code>")[2].partition("</code>")[0]
    assert len(number) == 8
    assert number in caplog.text
    assert SECRET in caplog.text
    assert "mein" not in caplog.text.partition("Traceback")[0]


def test_the_page_asks_no_other_host_and_runs_no_script() -> None:
    answer = Client(Mishaps(_broken, "Portal")).get("/")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "http" not in answer.text.replace("http-equiv", "")
    assert "<script" not in answer.text


def test_an_address_of_another_host_is_no_way_back() -> None:
    answer = Client(Mishaps(_broken, "Portal")).get("//evil.example/x")
    assert 'href="//' not in answer.text


def test_what_works_passes_untouched() -> None:
    answer = Client(Mishaps(_fine, "Portal")).get("/")
    assert (answer.status_code, answer.text) == (200, "fine")
