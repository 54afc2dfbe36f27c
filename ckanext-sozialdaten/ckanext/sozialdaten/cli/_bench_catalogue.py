"""The part “catalogue” of ``bench harvest``: a whole CKAN, beside ckanext-harvest's own harvester.

A server on this machine lists datasets as CKAN 2.12's ``package_search`` does, in pages of the size
that the harvester asks for. Both harvesters run on the servers of the tests, one after the other,
each in a process of its own with one consumer: the peer on plain CKAN, ours on the portal with its
gate, its schema and its private working copies. Then ours is killed at several moments of a harvest
and run again, and the datasets are counted.
"""

import configparser
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ckanext.sozialdaten.cli._bench_portal import BenchError, Worker, empty, plain_ini, worker

__all__ = ["lines", "run"]

_WORKER = "ckanext.sozialdaten.cli._bench_catalogue_worker"
_SOURCE = "bench-katalog"
_DATASETS, _FEW = 1000, 30
_MOMENTS = (0.1, 0.3, 0.5, 0.2)


def _dataset(number: int) -> dict[str, Any]:
    """A dataset as ``package_search`` of another portal gives it."""
    files = [
        {
            "id": f"{number:08d}-0000-4000-8000-{part:012d}",
            "name": f"Tabelle {part}",
            "url": f"https://daten.example/{number}/{part}.csv",
            "format": "CSV",
            "last_modified": "2026-01-05T00:00:00",
        }
        for part in range(3)
    ]
    return {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "name": f"datensatz-{number}",
        "title": f"Datensatz {number}",
        "notes": "Arbeitslose nach Gemeinden, Geschlecht und Altersgruppen. " * 4,
        "type": "dataset",
        "private": False,
        "state": "active",
        "license_id": "dl-de/zero-2-0",
        "metadata_modified": "2026-01-05T00:00:00",
        "organization": {"title": "Land Beispiel", "name": "land"},
        "owner_org": "land",
        "author": "Amt für Zahlen",
        "author_email": "zahlen@amt.example",
        "tags": [{"name": name} for name in ("Soziales", "Gemeinden", "Arbeit")],
        "groups": [],
        "extras": [
            {"key": "temporal_start", "value": "2020-01-01"},
            {"key": "temporal_end", "value": "2025-12-31"},
            {"key": "issued", "value": "2021-03-01"},
        ],
        "resources": files,
    }


@contextmanager
def _catalogue(count: int) -> Iterator[str]:
    """The address of a portal with ``count`` datasets."""
    datasets = [_dataset(number) for number in range(count)]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            start, rows = int(query["start"][0]), min(int(query["rows"][0]), 1000)
            result = {"count": count, "results": datasets[start : start + rows]}
            body = json.dumps({"success": True, "result": result}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _changed(ini: Path, target: Path, **settings: str) -> Path:
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue] - keys keep their case
    parser.read(ini, encoding="utf-8")
    for key, value in settings.items():
        parser["app:main"][f"ckan.{key}"] = value
    with target.open("w", encoding="utf-8") as stream:
        parser.write(stream)
    return target


def _fresh(ini: Path) -> None:
    """An empty database with the tables of all plugins."""
    empty(ini)
    ckan = Path(sys.executable).with_name("ckan")
    done = subprocess.run(  # noqa: S603 - CKAN's own command line
        [ckan, "-c", ini, "db", "upgrade"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"ckan db upgrade: {done.stderr.strip()[-800:]}")


def _source(folder: Path, url: str) -> dict[str, str]:
    """The YAML of our source, and the environment of the process that harvests it."""
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    text = {
        "id": _SOURCE,
        "title": {"de": "Katalog", "en": "Catalogue"},
        "owner_org": "bench",
        "connector": {"type": "ckan", "url": url},
        "catalogue": {"prefix": "bench"},
        "dataset": {"protection_class": "open"},
    }
    (sources / f"{_SOURCE}.yaml").write_text(json.dumps(text), encoding="utf-8")
    return {
        **os.environ,
        "SOZIALDATEN_HOME": str(folder),
        "SOZIALDATEN_SOURCES": str(sources),
        "SOZIALDATEN_PRIVATE_HOSTS": "127.0.0.1",
    }


def run(*, quick: bool, peer_python: str) -> dict[str, object]:  # noqa: ARG001 - as parts have it
    """Harvest the same catalogue by both, then kill ours again and again.

    Raises:
        BenchError: there are no servers of tests, or a step failed.
    """
    home = os.environ.get("SOZIALDATEN_HOME")
    if not home or not Path(home, "test.ini").exists():
        raise BenchError("no test.ini: run me by `deployment/portal run sozialdaten bench harvest`")
    count = _FEW if quick else _DATASETS
    with tempfile.TemporaryDirectory(prefix="bench-catalogue-") as name, _catalogue(count) as url:
        folder = Path(name)
        ours = _changed(
            Path(home, "test.ini"), folder / "ours.ini", storage_path=str(folder / "ours")
        )
        _fresh(ours)
        environment = _source(folder, url)
        with worker(ours, folder / "ours.log", _WORKER, environment) as portal:
            portal.ask("prepare", source=_SOURCE, url="")
            first, again = portal.ask("harvest"), portal.ask("harvest")
        killed = _killed(ours, folder, environment, first["seconds"])
        plain = _changed(
            plain_ini(Path(home, "test.ini"), folder), folder / "peer.ini",
            plugins="activity harvest ckan_harvester",
        )  # fmt: skip
        _fresh(plain)
        with worker(plain, folder / "peer.log", _WORKER, environment) as portal:
            portal.ask("prepare", source="peer", url=url)
            peer = portal.ask("harvest")
    return {"datasets": count, "ours": first, "again": again, "killed": killed, "peer": peer}


def _killed(
    ini: Path, folder: Path, environment: Mapping[str, str], seconds: float
) -> dict[str, Any]:
    """Begin anew and kill the process at several moments; what there is after the last run."""
    _fresh(ini)
    with worker(ini, folder / "prepare.log", _WORKER, environment) as portal:
        portal.ask("prepare", source=_SOURCE, url="")
    left: list[int] = []
    for moment in _MOMENTS:
        process = Worker(ini, folder / "killed.log", _WORKER, environment)
        try:
            left.append(int(process.ask("count")["datasets"]))
            timer = threading.Timer(moment * seconds, process.kill)
            timer.start()
            try:
                process.ask("harvest")
            except BenchError:
                continue
            finally:
                timer.cancel()
        finally:
            process.close()
    with worker(ini, folder / "after.log", _WORKER, environment) as portal:
        return {"kills": len(_MOMENTS), "found_by_each_run": left, **portal.ask("harvest")}


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """What people read."""
    ours, peer, again, killed = (result[key] for key in ("ours", "peer", "again", "killed"))
    yield f"{result['datasets']:,} datasets of three files each, one consumer"
    for name, one in (("ours", ours), ("ckanext-harvest", peer)):
        yield (
            f"{name:<16}{one['seconds']:>8.1f} s{one['cpu']:>8.1f} CPU s,"
            f" {one['datasets']:,} datasets, {one['indexed']:,} in the search index"
        )
    yield f"ours is {peer['seconds'] / ours['seconds']:.1f} times faster,"
    yield f"  {peer['cpu'] / ours['cpu']:.1f} times by CPU of the process"
    yield f"nothing changed   {again['seconds']:.1f} s"
    yield (
        f"after {killed['kills']} kills: {killed['datasets']:,} datasets,"
        f" {killed['titles']:,} different ones, {killed['indexed']:,} in the search index"
    )
