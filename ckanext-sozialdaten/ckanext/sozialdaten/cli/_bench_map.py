"""One map of 500 regions, drawn by this portal and by four libraries, in the same slow browser.

The libraries come from npm and are bundled by esbuild, which drops what is not used. Every page has
the same boundaries, classes and words; ours sends them drawn.
"""

import gzip
import json
import shutil
import statistics
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.cli._bench_browser import browsers, opened
from ckanext.sozialdaten.cli._bench_pages_world import collection
from ckanext.sozialdaten.cli._bench_portal import BenchError

if TYPE_CHECKING:
    from ckanext.sozialdaten.portal.preview import Classes, Figures

__all__ = ["OURS", "Drawn", "measure_maps"]

OURS = "Sozialdaten"
_PERIOD = "2024"
_PAGE = """<!DOCTYPE html><html lang="de"><head><meta charset="utf-8"><title>Karte</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>
<body><h1>Geburtenrate, 2024</h1>{body}</body></html>"""
_BOX = '<div id="map" style="width:960px;height:680px"></div>'
_PEERS = {
    "Leaflet": (
        "leaflet",
        'document.querySelectorAll("path.leaflet-interactive").length >= {count}',
    ),
    "ECharts": ("echarts", "window.drawn"),
    "Vega-Lite": ("vega", "window.drawn"),
    "MapLibre": ("maplibre", "window.drawn"),
}
_WEBGL = "MapLibre"
_STYLES = {
    "leaflet": "leaflet/dist/leaflet.css",
    "maplibre": "maplibre-gl/dist/maplibre-gl.css",
}
_TYPES = {".html": "text/html", ".js": "text/javascript", ".json": "application/json",
          ".css": "text/css"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """A map: milliseconds until it was seen (median of the rounds), bytes received in all."""

    seen: float
    received: int
    scripts: int


def measure_maps(regions: int, rounds: int) -> dict[str, Drawn]:
    """The map by name of what draws it.

    Raises:
        BenchError: npm, esbuild or the browser is missing.
    """
    with tempfile.TemporaryDirectory(prefix="bench-map-") as name:
        folder = Path(name)
        site = folder / "site"
        site.mkdir()
        _write_ours(site, regions)
        _write_peers(folder, site)
        waits = {OURS: ("ours", "document.querySelectorAll('.sd-map-svg path').length >= {count}")}
        with _serving(site) as address, browsers() as (plain, graphics):
            times: dict[str, list[float]] = {}
            sizes: dict[str, tuple[int, int]] = {}
            # in turns: what else runs on the machine falls on all alike
            for _ in range(rounds):
                for title, (file, there) in (waits | _PEERS).items():
                    wanted = there.format(count=regions)
                    browser = graphics if title == _WEBGL else plain
                    with opened(browser, f"{address}/{file}.html", wanted) as page:
                        times.setdefault(title, []).append(page.seen)
                        sizes[title] = page.received, page.scripts
    return {title: Drawn(statistics.median(found), *sizes[title]) for title, found in times.items()}


def _figures(shapes: dict[str, Any]) -> "tuple[Figures, Classes]":
    from ckanext.sozialdaten.portal.preview import Cell, Figures, Kind, classify, read_periods

    keys = [feature["id"] for feature in shapes["features"]]
    cells = {
        (key, _PERIOD): Cell(Kind.VALUE, round(6 + (place * 37 % 61) / 10, 1))
        for place, key in enumerate(keys)
    }
    figures = Figures(cells, tuple(read_periods({_PERIOD})), 1)
    classes = classify(figures.values(keys))
    if classes is None:
        raise BenchError("no classes")
    return figures, classes


def _write_ours(site: Path, regions: int) -> None:
    """The map as pages of this portal send it, and the same data for the libraries."""
    from ckanext.sozialdaten.portal.preview import MapScene, draw, map_svg, region_label

    shapes: Any = collection(regions)
    figures, classes = _figures(shapes)
    scene = MapScene(
        draw(shapes), figures, _PERIOD, classes, "je 1.000 Einw.", "de", "m", "Geburtenrate, 2024",
        "Eine Karte.", link=lambda key: f"?gebiet={key}",
    )  # fmt: skip
    portal = resources.files("ckanext.sozialdaten.portal")
    for name in ("public/sozialdaten/preview.js", "assets/preview.css"):
        (site / Path(name).name).write_bytes((portal / name).read_bytes())
    head = (
        '<link rel="stylesheet" href="preview.css"><script type="module" src="preview.js"></script>'
    )
    body = f'<div data-sd-charts><div class="sd-lines">{map_svg(scene)}</div></div>'
    (site / "ours.html").write_text(_PAGE.format(head=head, body=body), "utf-8")
    for feature in shapes["features"]:
        cell = figures.cell(feature["id"], _PERIOD)
        told = feature["properties"]
        told["value"], told["fill"] = cell.value, classes.fill(cell.value or 0)
        told["label"] = region_label(told["name"], cell, scene.unit, "de", 1)
    bounds = [0.0, *classes.breaks, 100.0]
    shapes["breaks"] = classes.breaks
    shapes["pieces"] = [
        {"gte": low, "lt": high, "color": colour}
        for low, high, colour in zip(bounds, bounds[1:], classes.colours, strict=False)
    ]
    points = [point for f in shapes["features"] for point in f["geometry"]["coordinates"][0]]
    xs, ys = zip(*points, strict=True)
    shapes["bounds"] = [min(xs), min(ys), max(xs), max(ys)]
    (site / "data.json").write_text(json.dumps(shapes, separators=(",", ":")), "utf-8")


def _write_peers(folder: Path, site: Path) -> None:
    own = resources.files("ckanext.sozialdaten.cli") / "assets/bench_map"
    for item in own.iterdir():
        (folder / item.name).write_bytes(item.read_bytes())
    npm = shutil.which("npm")
    if npm is None:
        raise BenchError("npm is missing: install Node.js")
    _call([npm, "install", "--no-audit", "--no-fund", "--silent"], folder)
    packages = folder / "node_modules"
    for file, _ in _PEERS.values():
        _call(
            [str(packages / ".bin/esbuild"), f"{file}.js", "--bundle", "--minify", "--format=esm",
             "--target=es2022", f"--outfile={site / file}.js"], folder,
        )  # fmt: skip
        head = f'<script type="module" src="{file}.js"></script>'
        if file in _STYLES:
            shutil.copy(packages / _STYLES[file], site / f"{file}.css")
            head += f'<link rel="stylesheet" href="{file}.css">'
        (site / f"{file}.html").write_text(_PAGE.format(head=head, body=_BOX), "utf-8")
    worker = next(iter(sorted((packages / "maplibre-gl/dist").glob("*worker.*js"))), None)
    if worker is not None:
        shutil.copy(worker, site / "worker.js")


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - npm and esbuild
        command, cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BenchError(f"{Path(command[0]).name}: {(done.stderr or done.stdout).strip()[-800:]}")


class _Site(SimpleHTTPRequestHandler):
    """Files of a folder, compressed as a web server compresses them."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with a file."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", _TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        """Say nothing of each request."""


@contextmanager
def _serving(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
