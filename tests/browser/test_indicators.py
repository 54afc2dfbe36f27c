"""A citizen's ways to a figure, counted in clicks; and the pages for keyboard and screen reader."""

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from browser_world import Demo, Visit
from playwright.sync_api import Locator, Page, expect

TOWN = "99001001"
RATE = "/kennzahlen/geb_ziffer"
TABS = ("verlauf", "karte", "rang", "verteilung", "zusammenhang", "tabelle")
PAGE_LIMIT = 60 * 1024
SCRIPT_LIMIT = 35 * 1024


@dataclass
class Counted:
    """A person who clicks; typing and choosing from a list that the keyboard opens is free."""

    page: Page
    clicks: int = 0

    def click(self, target: Locator) -> None:
        """One click."""
        self.clicks += 1
        target.click()


def _tree(page: Page) -> dict[str, list[str]]:
    """The names in Chrome's accessibility tree by role."""
    client = page.context.new_cdp_session(page)
    found: dict[str, list[str]] = {}
    for node in client.send("Accessibility.getFullAXTree")["nodes"]:
        if not node.get("ignored"):
            name: Any = node.get("name", {}).get("value", "")
            found.setdefault(node["role"]["value"], []).append(name)
    return found


def test_birth_rate_of_my_gemeinde_since_2015_with_land_and_bund_in_three_clicks(
    visitor: Visit,
) -> None:
    person = Counted(visitor.open("/"))
    page = person.page
    page.get_by_label("Wo wohnen Sie?").select_option("Musterstadt")
    person.click(
        page.get_by_role("button", name="Werte anzeigen")
        .or_(page.locator(".sd-home-region button"))
        .first
    )
    person.click(page.get_by_role("link", name=re.compile("Geburtenrate")).first)
    page.get_by_label("von", exact=True).select_option("2015")
    person.click(page.get_by_role("button", name="Anzeigen"))
    page.wait_for_url(re.compile("von=2015"))
    heads = page.locator(".sd-table thead th").all_inner_texts()
    assert {"Musterstadt", "Kreis Musterland", "Beispielland", "Deutschland"} <= set(heads)
    assert page.locator(".sd-table tbody th").last.inner_text() == "2015"
    assert person.clicks <= 3


def test_the_same_question_typed_needs_no_click(visitor: Visit) -> None:
    page = visitor.open("/")
    box = page.get_by_role("main").locator("input[name=q]")
    box.fill("Geburtenrate Musterstadt seit 2015 mit Land und Bund")
    box.press("Enter")
    page.wait_for_url(re.compile(r"/kennzahlen/geb_ziffer\?"))
    expect(page.locator(".sd-answer")).to_contain_text("Musterstadt")
    heads = page.locator(".sd-table thead th").all_inner_texts()
    assert {"Musterstadt", "Beispielland", "Deutschland"} <= set(heads)


@pytest.mark.parametrize("tab", TABS)
def test_no_view_has_barriers_that_axe_knows(visitor: Visit, tab: str) -> None:
    visitor.open(f"{RATE}?gebiet={TOWN}&ansicht={tab}")
    assert visitor.violations() == []


@pytest.mark.parametrize("path", ["/kennzahlen", "/suche?q=Geburten", f"/gebiete/{TOWN}"])
def test_lists_have_no_barriers_that_axe_knows(visitor: Visit, path: str) -> None:
    visitor.open(path)
    assert visitor.violations() == []


def test_dark_colours_have_enough_contrast(visits: Callable[..., Visit]) -> None:
    visit = visits(color_scheme="dark")
    for path in ("/kennzahlen", f"{RATE}?gebiet={TOWN}", f"{RATE}?ansicht=rang"):
        visit.open(path)
        assert visit.violations() == []


def test_the_accessibility_tree_holds_every_figure_of_map_ranking_and_series(
    visitor: Visit,
) -> None:
    figure = re.compile(r"^Musterstadt: \d+,\d je 1\.000 Einw\. \(\d+,\d bis \d+,\d")
    for tab in ("karte", "rang"):
        links = _tree(visitor.open(f"{RATE}?ansicht={tab}"))["link"]
        assert len([name for name in links if figure.match(name)]) == 1, tab
    names = [
        name
        for group in _tree(visitor.open(f"{RATE}?gebiet={TOWN}&von=2015&bis=2017")).values()
        for name in group
    ]
    points = {name for name in names if re.match(r"Musterstadt, 201[567]: \d+,\d je", name)}
    assert len(points) == 3


def test_a_scatter_is_one_stop_and_arrows_walk_from_dot_to_dot(visitor: Visit) -> None:
    page = visitor.open(f"{RATE}?ansicht=zusammenhang&mit=bev_u18_anteil")
    stop = page.locator(".sd-lines [tabindex='0']")
    expect(stop).to_have_count(1)
    stop.focus()
    before = page.locator(".sd-lines :focus").get_attribute("aria-label")
    page.keyboard.press("End")
    focus = page.locator(".sd-lines :focus")
    assert focus.get_attribute("aria-label") != before
    expect(page.locator(".sd-tip")).to_have_text(str(focus.get_attribute("aria-label")))
    page.keyboard.press("Escape")
    expect(page.locator(".sd-tip")).to_be_hidden()


def test_the_permanent_link_shows_the_same_state_again(visitor: Visit) -> None:
    page = visitor.open(f"{RATE}?ansicht=karte")
    page.locator("[data-sd-step='-1']").click()
    page.locator(f"a[data-key='{TOWN}']").click()
    link = page.locator("[data-sd-permalink]").input_value()
    shown = page.locator("[data-sd-live]").inner_text()
    headline = page.locator(".sd-headline").inner_text()
    page.goto(link)
    assert page.locator(".sd-headline").inner_text() == headline
    assert page.locator("[data-sd-live]").inner_text().splitlines()[1] == shown.splitlines()[1]


def test_without_javascript_every_view_is_a_link_and_a_form(visits: Callable[..., Visit]) -> None:
    page = visits(java_script_enabled=False).open(f"{RATE}?gebiet={TOWN}")
    page.get_by_role("link", name="Rangliste").click()
    expect(page.locator(".sd-bars-svg")).to_be_visible()
    page.get_by_role("link", name="Karte", exact=True).click()
    expect(page.locator(".sd-map-svg")).to_be_visible()
    page.get_by_label("Berichtszeitpunkt").select_option("2015")
    page.get_by_role("button", name="Anzeigen").click()
    expect(page.locator(".sd-headline")).to_contain_text("2015")


@pytest.mark.parametrize("tab", TABS)
def test_pages_and_scripts_stay_light(visitor: Visit, demo: Demo, tab: str) -> None:
    scripts: list[str] = []
    visitor.page.on(
        "request",
        lambda request: scripts.append(request.url) if request.resource_type == "script" else None,
    )
    page = visitor.open(f"{RATE}?gebiet={TOWN}&ansicht={tab}")
    served = page.request.get(page.url).body()
    assert len(gzip.compress(served)) < PAGE_LIMIT
    loaded = [gzip.compress(page.request.get(url).body()) for url in scripts]
    assert sum(map(len, loaded)) < SCRIPT_LIMIT
    assert all(url.startswith(demo.url) for url in scripts)


@pytest.mark.parametrize("width", [390, 820])
@pytest.mark.parametrize("tab", TABS)
def test_nothing_is_wider_than_a_phone_or_a_tablet(
    visits: Callable[..., Visit], width: int, tab: str
) -> None:
    page = visits(viewport={"width": width, "height": 800}).open(
        f"{RATE}?gebiet={TOWN}&ansicht={tab}"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
