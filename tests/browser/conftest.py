"""A real browser on the running demo: Debian's Chromium, driven by Playwright.

The tests ask for the portal of ``SOZIALDATEN_HOME`` (default ``var/``), filled by
``deployment/portal demo``. Where it does not run they fail and say so: a browser test that skips
proves nothing.
"""

import configparser
import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser_world import Demo, Visit
from playwright.sync_api import Browser, BrowserContext, Request, expect, sync_playwright

CHROMIUM = os.environ.get("SOZIALDATEN_CHROMIUM", "/usr/bin/chromium")
# As root, Chromium's sandbox does not start; small machines have little /dev/shm.
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
expect.set_options(timeout=20_000)  # checks share two cores with other work
HOME = Path(os.environ.get("SOZIALDATEN_HOME", Path(__file__).parents[2] / "var"))


def _url() -> str:
    ini = HOME / "ckan.ini"
    if not ini.is_file():
        pytest.fail(f"no portal in {HOME}: run `deployment/portal demo` first", pytrace=False)
    parser = configparser.RawConfigParser(strict=False)
    parser.read(ini, encoding="utf-8")
    return parser["app:main"]["ckan.site_url"].rstrip("/")


@pytest.fixture(scope="session")
def demo() -> Demo:
    url = _url()
    accounts = HOME / "secrets" / "demo-accounts.json"
    if not accounts.is_file():
        pytest.fail(f"no demo in {HOME}: run `deployment/portal demo` first", pytrace=False)
    try:
        with urllib.request.urlopen(f"{url}/api/3/action/status_show", timeout=60):
            pass
    except OSError as error:
        pytest.fail(f"{url} does not answer ({error}): run `deployment/portal up`", pytrace=False)
    return Demo(HOME, url, json.loads(accounts.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def _watched(demo: Demo, context: BrowserContext) -> Visit:
    visit = Visit(demo, context.new_page())
    own = urlsplit(demo.url).netloc

    def note(request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != own:
            visit.foreign.append(request.url)

    context.on("request", note)
    return visit


@pytest.fixture
def visits(demo: Demo, chromium: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens browsers for several people; each must stay with this portal alone."""
    opened: list[tuple[BrowserContext, Visit]] = []

    def visit(**options: Any) -> Visit:
        context = chromium.new_context(locale="de-DE", **options)
        context.set_default_timeout(90_000)  # a release on a busy machine
        made = _watched(demo, context)
        opened.append((context, made))
        return made

    yield visit
    foreign = [url for _, made in opened for url in made.foreign]
    for context, _ in opened:
        context.close()
    assert foreign == [], "the visitor's browser talks to this portal alone"


@pytest.fixture
def visitor(visits: Callable[..., Visit]) -> Visit:
    """An anonymous visitor with a desktop browser."""
    return visits(viewport={"width": 1280, "height": 900})
