"""The audit of a folder and of a portal: what leaks, what cannot be read, how it goes on."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from ckanext.sozialdaten.cli.audit import command
from ckanext.sozialdaten.disclosure import load_policy
from ckanext.sozialdaten.disclosure.audit import (
    Fetcher,
    FetchError,
    as_html,
    audit,
    folder_items,
    portal_items,
)
from ckanext.sozialdaten.disclosure.audit._first import Kind
from ckanext.sozialdaten.disclosure.audit._report import Json

POLICY = load_policy()
AGES = "Gemeinde;Altersgruppe;Fälle\nA;0-5;.\nA;6-17;40\nB;0-5;30\nB;6-17;50\n"
WHOLE = "Gemeinde;Fälle\nA;42\nB;80\n"


def catalogue(folder: Path) -> Path:
    """Two tables of one dataset that leak together, one alone, one that nobody can read."""
    (folder / "hilfen").mkdir(parents=True)
    (folder / "wohngeld").mkdir()
    (folder / "hilfen" / "hilfen_alter.csv").write_text(AGES, "utf-8")
    (folder / "hilfen" / "hilfen_gesamt.csv").write_text(WHOLE, "utf-8")
    wohngeld = "Gemeinde;Wohngeldhaushalte\nA;142\nB;280\n"
    (folder / "wohngeld" / "wohngeld.csv").write_text(wohngeld, "utf-8")
    (folder / "wohngeld" / "kaputt.xlsx").write_bytes(b"PK no workbook")
    return folder


def test_tables_that_leak_together_are_named(tmp_path: Path) -> None:
    found = audit(folder_items(catalogue(tmp_path)), POLICY)
    assert {table.name: table.verdict for table in found.tables} == {
        "hilfen/hilfen_alter.csv": "safe",
        "hilfen/hilfen_gesamt.csv": "safe",
        "wohngeld/kaputt.xlsx": "unreadable",
        "wohngeld/wohngeld.csv": "safe",
    }
    (leak,) = found.leaks
    assert leak["tables"] == ["hilfen/hilfen_alter.csv", "hilfen/hilfen_gesamt.csv"]
    assert found.verdict == "unsafe"


def test_what_to_do_first_is_the_worst_of_each_dataset(tmp_path: Path) -> None:
    folder = catalogue(tmp_path)
    (folder / "wohngeld" / "liste.csv").write_text(
        "Ort;IBAN\nA;DE89370400440532013000\nB;DE89370400440532013000\n", "utf-8"
    )
    (folder / "pflege").mkdir()
    (folder / "pflege" / "pflege.csv").write_text("Ort;Fälle\nA;2\nB;30\n", "utf-8")
    found = audit(folder_items(folder), POLICY)
    assert [(step.kind, step.datasets) for step in found.first] == [
        (Kind.NAMED, ("wohngeld",)),
        (Kind.OPEN, ("hilfen",)),
        (Kind.SMALL, ("pflege",)),
        (Kind.UNREAD, ("wohngeld",)),
    ]
    assert found.first[1].files == ("hilfen/hilfen_alter.csv", "hilfen/hilfen_gesamt.csv")
    shown = cast("Sequence[Json]", found.to_json()["datasets"])
    assert [dataset["name"] for dataset in shown] == ["wohngeld", "pflege", "hilfen"]
    page = as_html(found, "de", "Kreis")
    assert page.index("Was zuerst zu tun ist") < page.index("Sofort vom Netz nehmen")
    told = CliRunner().invoke(command, [str(folder)]).output
    assert "1. wohngeld: Sofort vom Netz nehmen" in told


def test_an_audit_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    items = folder_items(catalogue(tmp_path / "catalogue"))
    state = tmp_path / "state.json"
    told: list[str] = []

    def interrupt(message: object) -> None:
        told.append(str(message))
        if len(told) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(items, POLICY, state=state, progress=interrupt)
    kept = json.loads(state.read_text("utf-8"))["entries"]
    assert sum(key.startswith("check:") for key in kept) == 2
    first = audit(items, POLICY, state=state)
    again: list[str] = []
    second = audit(items, POLICY, state=state, progress=lambda m: again.append(m.msgid))
    assert first.to_json() == second.to_json()
    assert not any("attacked" in text for text in again)


def test_another_policy_starts_anew(tmp_path: Path) -> None:
    items = folder_items(catalogue(tmp_path / "catalogue"))
    state = tmp_path / "state.json"
    audit(items, POLICY, state=state)
    strict = audit(items, load_policy("streng-5"), state=state)
    assert strict.policy == "streng-5"
    assert json.loads(state.read_text("utf-8"))["basis"].startswith("streng-5")


class _Outline(HTMLParser):
    """Tags of a page, and addresses that it would load."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.loads += [str(values[name]) for name in ("src", "srcset") if name in values]
        if tag == "html":
            self.language = values.get("lang") or ""


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_report_is_one_accessible_page_that_loads_nothing(
    tmp_path: Path, language: str
) -> None:
    page = as_html(audit(folder_items(catalogue(tmp_path)), POLICY), language, "<Kreis>")
    outline = _Outline()
    outline.feed(page)
    assert outline.language == language
    assert outline.tags.count("h1") == 1
    assert outline.tags.count("caption") == outline.tags.count("table") > 0
    assert not {"script", "link", "img", "iframe"} & set(outline.tags)
    assert not outline.loads
    assert "&lt;Kreis&gt;" in page
    assert "<Kreis>" not in page


@dataclass
class Portal:
    """A CKAN portal on this machine.

    Args:
        address: where it answers.
        files: path and bytes of its files.
        busy: how often a path answers "busy" first.
        asked: paths that were asked for.
    """

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    busy: dict[str, int] = field(default_factory=dict[str, int])
    moved: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])
    further: list[str] = field(default_factory=list[str])
    rows: int = 100

    def answer(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body."""
        self.asked.append(path.split("?")[0])
        bare = path.split("?")[0]
        if self.busy.get(bare, 0):
            self.busy[bare] -= 1
            return 503, {"Retry-After": "7"}, b""
        if bare in self.moved:
            return 302, {"Location": self.moved[bare]}, b""
        if bare.endswith("package_search") and bare not in self.files:
            return 200, {}, self._packages(path)
        return (200, {}, self.files[bare]) if bare in self.files else (404, {}, b"")

    def _packages(self, path: str) -> bytes:
        resources = [
            {"id": str(n), "url": self.address + path, "format": "CSV"}
            for n, path in enumerate(self.files)
        ]
        resources.append({"id": "gone", "url": f"{self.address}/gone.csv", "format": "CSV"})
        resources.append({"id": "page", "url": f"{self.address}/page.html", "format": "HTML"})
        packages = [{"name": "hilfen", "title": "Hilfen", "resources": resources}]
        packages += [{"name": name, "title": name, "resources": []} for name in self.further]
        start = int(parse_qs(urlsplit(path).query).get("start", ["0"])[0])
        page = packages[start : start + self.rows]
        result = {"count": len(packages), "results": page}
        return json.dumps({"success": True, "result": result}).encode()


@pytest.fixture
def portal() -> Iterator[Portal]:
    world = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = world.answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    world.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield world
    server.shutdown()
    server.server_close()


def test_a_portal_is_audited_over_its_interface(portal: Portal, tmp_path: Path) -> None:
    portal.files = {"/hilfen_alter.csv": AGES.encode(), "/hilfen_gesamt.csv": WHOLE.encode()}
    report = tmp_path / "report.html"
    options = [portal.address, "--allow-private", "--json", "-o", str(report)]
    result = CliRunner().invoke(command, options)
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["datasets"][0]["url"] == f"{portal.address}/dataset/hilfen"
    assert found["unread"][0]["file"] == "hilfen/gone.csv"
    assert [f["severity"] for group in found["groups"] for f in group["findings"]] == ["block"]
    assert "hilfen_gesamt.csv" in report.read_text("utf-8")


def test_private_networks_are_refused_unless_allowed(portal: Portal) -> None:
    result = CliRunner().invoke(command, [portal.address, "--lang", "en"])
    assert result.exit_code == 2
    assert "private network" in result.stderr
    assert not portal.asked


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://10.0.0.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://0.0.0.0/",
        "http://2130706433/",
    ],
)
def test_no_spelling_of_a_private_address_gets_through(address: str) -> None:
    with pytest.raises(FetchError):
        Fetcher(seconds=2).get(address)


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://example.org/x", "gopher://x"])
def test_other_schemes_are_refused(address: str) -> None:
    with pytest.raises(FetchError):
        Fetcher().get(address)


def test_a_busy_server_is_asked_again_when_it_says(portal: Portal) -> None:
    portal.files, portal.busy = {"/a.csv": b"a"}, {"/a.csv": 2}
    waited: list[float] = []
    fetcher = Fetcher(allow_private=True, sleep=waited.append)
    assert fetcher.get(f"{portal.address}/a.csv") == b"a"
    assert waited == [7.0, 7.0]


def test_a_redirect_is_looked_at_like_the_first_address(portal: Portal) -> None:
    portal.moved = {"/a.csv": "file:///etc/passwd", "/loop": "/loop"}
    fetcher = Fetcher(allow_private=True)
    for path in ("/a.csv", "/loop"):
        with pytest.raises(FetchError):
            fetcher.get(portal.address + path)


def test_a_portal_that_gives_short_pages_is_read_to_the_end(portal: Portal) -> None:
    portal.files = {"/a.csv": b"Ort;Zahl\nA;7\n"}
    portal.further, portal.rows = ["a", "b", "c", "d"], 2
    list(portal_items(portal.address, Fetcher(allow_private=True)))
    assert portal.asked.count("/api/3/action/package_search") == 3


def test_a_file_that_is_too_large_is_refused(portal: Portal) -> None:
    portal.files = {"/a.csv": b"x" * 100_000}
    with pytest.raises(FetchError):
        Fetcher(max_bytes=1_000, allow_private=True).get(f"{portal.address}/a.csv")


def test_what_is_no_portal_is_refused(portal: Portal) -> None:
    portal.files = {"/api/3/action/package_search": b"<html>a page</html>"}
    result = CliRunner().invoke(command, [portal.address, "--allow-private", "--lang", "en"])
    assert result.exit_code == 2
    assert "no CKAN portal" in result.stderr


def test_a_folder_that_is_missing_is_unreadable() -> None:
    assert CliRunner().invoke(command, ["/no/such/folder"]).exit_code == 2


def test_an_audit_that_cannot_compare_everything_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = catalogue(tmp_path)
    sexes = "Gemeinde;Geschlecht;Fälle\nA;m;20\nA;w;22\nB;m;39\nB;w;41\n"
    (folder / "hilfen" / "hilfen_geschlecht.csv").write_text(sexes, "utf-8")
    assert audit(folder_items(folder), POLICY).complete
    monkeypatch.setattr("ckanext.sozialdaten.disclosure.rules._related._MAX_TABLES", 2)
    monkeypatch.setattr("ckanext.sozialdaten.disclosure.rules._related._FEW_TABLES", 2)
    found = audit(folder_items(folder), POLICY)
    assert not found.complete
    apart = {str(name) for group in found.groups for name in cast("list[str]", group["apart"])}
    assert apart
    assert any("not compared" in text for text in _told(found.leaks))


def _told(findings: Sequence[Json]) -> list[str]:
    return [cast("Mapping[str, str]", finding["message"])["en"] for finding in findings]
