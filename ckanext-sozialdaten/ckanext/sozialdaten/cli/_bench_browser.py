"""Chromium as an older tablet on a middling line, for benchmarks: cold caches, throttled."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ckanext.sozialdaten.cli._bench_portal import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["SLOWER", "Opened", "browsers", "opened"]

SLOWER = 4
_BYTES_PER_SECOND = 10_000_000 / 8
_LATENCY_MS = 40
_ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
# without a graphics card WebGL is drawn by the processor; nothing else is slowed down by that
_WEBGL = ["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
# asked in every frame; the frame after the map was there has painted it
_WATCH = """
window.__seen = 0;
(function look() {
  let there = false;
  try { there = Boolean(%s); } catch { there = false; }
  const seen = () => { window.__seen = performance.now(); };
  if (there) requestAnimationFrame(() => requestAnimationFrame(seen));
  else requestAnimationFrame(look);
})();
window.__lcp = 0;
new PerformanceObserver((list) => { window.__lcp = list.getEntries().at(-1).startTime; })
  .observe({ type: "largest-contentful-paint", buffered: true });
"""


@dataclass
class Opened:
    """A page that was opened once: milliseconds until the map was seen and until LCP, bytes."""

    page: "Page"
    seen: float
    lcp: float
    received: int
    scripts: int


@contextmanager
def browsers() -> Iterator[tuple["Browser", "Browser"]]:
    """A browser, and another one for pages that cannot do without WebGL.

    Raises:
        BenchError: Playwright or Chromium is missing.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        raise BenchError(
            f"Playwright is missing ({error}): install requirements/dev.txt"
        ) from error
    path = os.environ.get("SOZIALDATEN_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as playwright:

        def launch(*more: str) -> "Browser":
            arguments = [*_ARGUMENTS, *more]
            return playwright.chromium.launch(executable_path=path, args=arguments)

        try:
            plain, graphics = launch("--disable-gpu"), launch(*_WEBGL)
        except Error as error:
            raise BenchError(f"Chromium does not start: {error}") from error
        yield plain, graphics
        plain.close()
        graphics.close()


@contextmanager
def opened(browser: "Browser", address: str, there: str = "true") -> Iterator[Opened]:
    """A page in a fresh profile, processor and line throttled.

    Args:
        browser: the browser.
        address: of the page.
        there: a JavaScript expression that is true once the map is in the document.
    """
    context = browser.new_context(locale="de-DE", viewport={"width": 1024, "height": 768})
    page = context.new_page()
    client = context.new_cdp_session(page)
    sizes: list[int] = []
    scripts: dict[str, int] = {}
    kinds: dict[str, str] = {}

    def note(event: dict[str, Any]) -> None:
        size = int(event["encodedDataLength"])
        sizes.append(size)
        if kinds.get(event["requestId"]) == "Script":
            scripts[event["requestId"]] = size

    client.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    client.on("Network.loadingFinished", note)
    client.send("Network.enable")
    line = {"offline": False, "latency": _LATENCY_MS, "downloadThroughput": _BYTES_PER_SECOND,
            "uploadThroughput": _BYTES_PER_SECOND}  # fmt: skip
    client.send("Network.emulateNetworkConditions", line)
    client.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(_WATCH % there)
    try:
        page.goto(address, wait_until="load", timeout=60_000)
        page.wait_for_function("window.__seen > 0", timeout=60_000)
        page.wait_for_timeout(300)
        seen, lcp = page.evaluate("[window.__seen, window.__lcp]")
        yield Opened(page, seen, lcp, sum(sizes), sum(scripts.values()))
    finally:
        context.close()
