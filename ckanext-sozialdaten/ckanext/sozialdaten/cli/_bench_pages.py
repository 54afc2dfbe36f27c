"""The pages of indicators under load and in a slow browser, on a Kreis of 400 Gemeinden."""

import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ckanext.sozialdaten.cli._bench_browser import browsers, opened
from ckanext.sozialdaten.cli._bench_pages_world import gemeinden, prepare
from ckanext.sozialdaten.cli._bench_portal import BenchError

__all__ = ["Pages", "Times", "measure_pages"]

_TABS = ("verlauf", "verlauf", "karte", "rang", "tabelle", "verteilung")
_WORKERS = 2
_READY_SECONDS = 120
_STEP = """async () => {
  const slider = document.querySelector(".sd-slider input");
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const times = [];
  for (let i = 0; i < 8; i += 1) {
    slider.value = Number(slider.value) + (i % 2 ? 1 : -1);
    const start = performance.now();
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await frame(); await frame();
    times.push(performance.now() - start);
    await new Promise((done) => setTimeout(done, 120));
  }
  return times.sort((a, b) => a - b)[4];
}"""


@dataclass(frozen=True, slots=True)
class Times:
    """Answers of a server in milliseconds, from the moment that each was due."""

    count: int
    median: float
    p95: float
    worst: float


@dataclass(frozen=True, slots=True)
class Pages:
    """What was measured.

    Args:
        show: pages of indicators under load.
        values: the action `sozialdaten_indicator_values` under load.
        lcp: largest contentful paint of series and map in a slow browser, in milliseconds.
        step: one step of the map's slider there, two frames included.
        page_bytes: what the browser received for the map's page, compressed where it was.
    """

    show: Times
    values: Times
    lcp: Mapping[str, float]
    step: float
    page_bytes: int


def measure_pages(
    ini: Path, regions: int, indicators: int, years: int, rate: int, seconds: int, rounds: int
) -> Pages:
    """Fill a lake, start the portal on it with two workers, ask it, look at it.

    Raises:
        BenchError: a server or the browser does not start.
    """
    with tempfile.TemporaryDirectory(prefix="bench-pages-") as name:
        folder = Path(name)
        environment = os.environ | prepare(folder, regions, indicators) | {"CKAN_INI": str(ini)}
        _run("_bench_pages_world", environment, str(regions), str(years))
        with _server(environment, folder) as address:
            ids = [f"mess_{number:02}" for number in range(indicators)]
            _warm(address, ids)
            chance = random.Random(3)  # noqa: S311
            keys = gemeinden(regions)

            def page() -> str:
                tab, start = chance.choice(_TABS), chance.randint(2000, 2010)
                path = f"/de/kennzahlen/{chance.choice(ids)}?gebiet={chance.choice(keys)}"
                return f"{path}&ansicht={tab}&von={start}"

            def values() -> str:
                return (
                    "/api/3/action/sozialdaten_indicator_values"
                    f"?id={chance.choice(ids)}&region={chance.choice(keys)}"
                )

            show = _load(address, page, rate, seconds)
            asked = _load(address, values, rate, seconds)
            lcp, step, received = _seen(address, keys[0], rounds)
    return Pages(show, asked, lcp, step, received)


def _run(module: str, environment: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", f"ckanext.sozialdaten.cli.{module}", *arguments],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BenchError(f"{module}: {done.stderr.strip()[-800:]}")


@contextmanager
def _server(environment: Mapping[str, str], folder: Path) -> Iterator[str]:
    """The portal behind gunicorn, as `deployment/portal up` runs it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    gunicorn = Path(sys.executable).with_name("gunicorn")
    deployment = Path(__file__).parents[4] / "deployment"
    command = [
        str(gunicorn), f"--bind=127.0.0.1:{port}", f"--workers={_WORKERS}", "--threads=4",
        "--preload", "--timeout=120", "--no-control-socket", f"--pythonpath={deployment}",
        "wsgi:application",
    ]  # fmt: skip
    log = folder / "web.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603
            command, env=dict(environment), stdout=stream, stderr=stream
        )
    address = f"127.0.0.1:{port}"
    try:
        until = time.monotonic() + _READY_SECONDS
        while time.monotonic() < until and process.poll() is None:
            try:
                if _answer(address, "/api/3/action/status_show") == 200:
                    break
            except OSError:
                time.sleep(0.5)
        else:
            raise BenchError(f"the portal does not start:\n{log.read_text()[-1500:]}")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _answer(address: str, path: str) -> int:
    connection = http.client.HTTPConnection(address, timeout=120)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _warm(address: str, ids: Sequence[str]) -> None:
    """Ask for each indicator often enough that, by chance, every worker has read it."""
    paths = [f"/de/kennzahlen/{item}?ansicht=verteilung" for item in ids] * (2 * _WORKERS)
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        list(pool.map(lambda path: _answer(address, path), paths))


def _load(address: str, path: Callable[[], str], rate: int, seconds: int) -> Times:
    """Ask ``rate`` times a second, whether or not earlier answers have come."""
    begin = time.monotonic() + 0.2

    def ask(due: float, wanted: str) -> float:
        time.sleep(max(0.0, due - time.monotonic()))
        status = _answer(address, wanted)
        if status != 200:
            raise BenchError(f"{wanted} answers {status}")
        return 1000 * (time.monotonic() - due)

    orders = [(begin + place / rate, path()) for place in range(rate * seconds)]
    with ThreadPoolExecutor(max_workers=64) as pool:
        times = sorted(pool.map(ask, *zip(*orders, strict=True)))
    return Times(len(times), statistics.median(times), times[int(len(times) * 0.95)], times[-1])


def _seen(address: str, region: str, rounds: int) -> tuple[dict[str, float], float, int]:
    root = f"http://{address}/de/kennzahlen/mess_00?gebiet={region}&ansicht="
    lcp: dict[str, list[float]] = {"verlauf": [], "karte": []}
    steps: list[float] = []
    received = 0
    with browsers() as (browser, _):
        for _ in range(rounds):
            for tab, times in lcp.items():
                with opened(browser, root + tab) as page:
                    times.append(page.lcp)
                    if tab == "karte":
                        received = page.received
                        steps.append(page.page.evaluate(_STEP))
    medians = {tab: statistics.median(times) for tab, times in lcp.items()}
    return medians, statistics.median(steps), received
