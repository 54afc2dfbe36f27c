"""Ways through the portal with their clicks; typing is none."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from browser_world import Visit
from playwright.sync_api import Locator, Page, expect

TOWN = "99001001"
RATE = "/kennzahlen/geb_ziffer"


class Clicks:
    """Clicks on a page, counted."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, target: Locator) -> None:
        """One more."""
        target.click()
        self.count += 1


@pytest.fixture
def clicks() -> Clicks:
    return Clicks()


def links(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)


def test_the_papers_of_a_meeting_without_network_are_chosen_in_four_clicks(
    visits: Callable[..., Visit], clicks: Clicks
) -> None:
    tablet = visits(viewport={"width": 820, "height": 1180}, has_touch=True)
    page = tablet.open(f"/gebiete/{TOWN}")
    clicks.on(page.get_by_role("link", name=re.compile("^Sozialbericht öffnen")))
    clicks.on(links(page, "Auswählen, was mitkommt"))
    assert tablet.violations() == []
    clicks.on(page.get_by_role("checkbox", name=re.compile("Wohngeld richtig lesen")))
    with page.expect_download() as caught:
        clicks.on(page.get_by_role("button", name="Herunterladen (ZIP)"))
    with zipfile.ZipFile(io.BytesIO(caught.value.path().read_bytes())) as archive:
        papers = [name for name in archive.namelist() if "/dokumente/" in name]
    assert papers
    assert not [name for name in papers if "wohngeld" in name]
    assert clicks.count == 4


def test_all_gemeinden_by_their_figure_are_two_steps_from_the_top(
    visitor: Visit, clicks: Clicks
) -> None:
    page = visitor.open(f"{RATE}?ansicht=rang&sortierung=name")
    skip = links(page, "Diagramm überspringen, zur Tabelle")
    skip.focus()
    skip.press("Enter")
    clicks.count += 1
    clicks.on(page.get_by_role("columnheader", name=re.compile("^Wert")).get_by_role("link"))
    assert clicks.count == 2
    header = page.get_by_role("columnheader", name=re.compile("^Wert"))
    expect(header).to_have_attribute("aria-sort", "descending")


def test_another_language_keeps_the_whole_state(visitor: Visit, clicks: Clicks) -> None:
    query = f"?gebiet={TOWN}&vergleich=land,bund&von=2015&trend=gerade"
    page = visitor.open(RATE + query)
    clicks.on(links(page, "English"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for part in query[1:].split("&"):
        assert part in page.url.replace("%2C", ",")
    expect(page.locator(".sd-summary")).to_contain_text("Trend of Musterstadt")
    assert clicks.count == 1


def test_chance_is_told_from_difference_in_words_shapes_and_by_keyboard(visitor: Visit) -> None:
    page = visitor.open(f"{RATE}?gebiet={TOWN}&ansicht=zufall")
    assert visitor.violations() == []
    outside = page.locator(".sd-dot:has(path)")
    assert outside.count() >= 1
    for dot in outside.all():
        assert re.search("niedriger|höher|eher", dot.get_attribute("aria-label") or "")
    told = page.locator(".sd-table tbody td:nth-child(5)").all_inner_texts()
    assert len([text for text in told if "Zufall sein" not in text]) == outside.count()
    first = page.locator(".sd-dot[tabindex='0']")
    first.focus()
    name = first.get_attribute("aria-label")
    first.press("End")
    expect(page.locator(".sd-dot:focus")).not_to_have_attribute("aria-label", name or "")


def test_a_figure_without_events_has_no_such_view(visitor: Visit) -> None:
    page = visitor.open("/kennzahlen/bev_altenquotient?ansicht=zufall")
    expect(page.locator(".sd-hint")).to_contain_text("ansicht")
    expect(page.get_by_role("link", name="Zufall?")).to_have_count(0)


def test_up_to_three_regions_stand_beside_mine_in_the_profile(
    visitor: Visit, clicks: Clicks
) -> None:
    page = visitor.open(f"/gebiete/{TOWN}?mit=99001002&mit=99001005")
    page.locator("#sd-profil-mit").select_option(label="Eulenbrück")
    clicks.on(page.locator(".sd-profile form button"))
    expect(page.locator(".sd-spine-legend")).to_contain_text("Eulenbrück")
    assert clicks.count == 1
    expect(page.locator("#sd-profil-mit")).to_have_count(0)
    row = page.locator(".sd-spine-link").first.get_attribute("aria-label") or ""
    assert all(name in row for name in ("Ahornfeld", "Birkenmoos", "Eulenbrück"))
    expect(page.get_by_role("link", name="Birkenmoos entfernen")).to_be_visible()
    assert visitor.violations() == []


def test_a_search_without_result_shows_ways_on(visitor: Visit) -> None:
    page = visitor.open("/suche?q=xyzzy")
    expect(page.get_by_role("heading", level=2)).to_contain_text("Nichts gefunden")
    expect(page.get_by_role("main")).to_contain_text("Alle Kennzahlen")
    assert visitor.violations() == []


@pytest.mark.parametrize("path", ["/", f"{RATE}?ansicht=zufall", f"/sozialbericht/{TOWN}/mappe"])
def test_at_320_pixels_nothing_but_charts_and_tables_is_wider(
    visits: Callable[..., Visit], path: str
) -> None:
    page = visits(viewport={"width": 320, "height": 640}).open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
