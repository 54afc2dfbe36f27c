"""Pages for citizens by keyboard, screen reader, finger and magnifier: what axe cannot see."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from browser_world import Visit
from playwright.sync_api import Page, expect

TOWN = "99001001"
RATE = "/kennzahlen/geb_ziffer"
PAGES = (
    "/",
    "/kennzahlen",
    f"/gebiete/{TOWN}",
    f"{RATE}?gebiet={TOWN}&ansicht=karte",
    f"{RATE}?gebiet={TOWN}&ansicht=rang",
    "/leichte-sprache",
    "/barriere-melden",
)
# links inside of sentences and table cells may be as small as their words (WCAG 2.5.8)
SMALL = """least => [...document.querySelectorAll("a, button, select, input, summary")]
  .filter((e) => !e.closest("p, td, th, dd, svg, .visually-hidden, .visually-hidden-focusable"))
  .filter((e) => e.type !== "hidden" && e.checkVisibility({ visibilityProperty: true }))
  .filter((e) => !["checkbox", "radio", "range"].includes(e.type))
  .map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()])
  .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < least)
  .map(([html, box]) => `${html} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
MAIN = ".sd-nav a, .sd-tabs a, .btn-primary, .sd-controls select, .sd-search button, .sd-step"


def _nodes(page: Page) -> list[tuple[str, str]]:
    """Role and name of each node of Chrome's accessibility tree, from top to bottom."""
    client = page.context.new_cdp_session(page)
    found: list[tuple[str, str]] = []
    for node in client.send("Accessibility.getFullAXTree")["nodes"]:
        if not node.get("ignored"):
            name: Any = node.get("name", {}).get("value", "")
            found.append((node["role"]["value"], str(name)))
    return found


def test_a_screen_reader_hears_place_rank_and_comparison_of_each_row_of_the_profile(
    visitor: Visit,
) -> None:
    nodes = _nodes(visitor.open(f"/gebiete/{TOWN}"))
    rows = [name for role, name in nodes if role == "link" and "; Rang " in name]
    birth = next(name for name in rows if name.startswith("Allgemeine Geburtenziffer"))
    assert re.search(r": \d+,\d je 1\.000 Einw\. \(\d+,\d bis \d+,\d\); Rang ", birth)
    assert "Kreis Musterland" in birth
    headings = [name for role, name in nodes if role == "heading"]
    assert headings[0] == "Musterstadt"
    assert any(name.startswith("Profil: Musterstadt") for name in headings)
    assert ("graphics-document", "Musterstadt unter den Gemeinden (Kreis Musterland)") in {
        (role.replace("GraphicsDocument", "graphics-document"), name) for role, name in nodes
    }


def test_the_profile_is_one_stop_and_arrows_walk_its_rows(visitor: Visit) -> None:
    page = visitor.open(f"/gebiete/{TOWN}")
    expect(page.locator(".sd-spine [tabindex='0']")).to_have_count(1)
    page.locator(".sd-spine [tabindex='0']").focus()
    first = page.locator(".sd-spine :focus").get_attribute("aria-label")
    page.keyboard.press("ArrowDown")
    second = page.locator(".sd-spine :focus").get_attribute("aria-label")
    assert first != second
    assert page.evaluate(
        "getComputedStyle(document.activeElement.querySelector('.sd-spine-row')).strokeWidth"
    ) == "3px"  # fmt: skip
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/kennzahlen/.*ansicht=rang"))


def test_arrows_walk_the_map_and_the_focus_is_seen(visitor: Visit) -> None:
    page = visitor.open(f"{RATE}?ansicht=karte")
    expect(page.locator(".sd-map-svg [tabindex='0']")).to_have_count(1)
    page.locator(".sd-map-svg [tabindex='0']").focus()
    names = set()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "End", "Home"):
        page.keyboard.press(key)
        names.add(page.locator(".sd-map-svg :focus").get_attribute("aria-label"))
    assert len(names) >= 3
    width = "getComputedStyle(document.activeElement.querySelector('path')).strokeWidth"
    assert page.evaluate(width) == "8px"


@pytest.mark.parametrize("path", PAGES)
def test_the_first_stop_skips_to_the_content_and_the_content_begins_with_a_heading(
    visitor: Visit, path: str
) -> None:
    page = visitor.open(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.hash") == "#content"
    assert page.locator("main h1").count() == 1


@pytest.mark.parametrize("path", PAGES)
def test_at_twice_the_size_nothing_has_to_be_scrolled_sideways(
    visits: Callable[..., Visit], path: str
) -> None:
    page = visits(viewport={"width": 640, "height": 450}, device_scale_factor=2).open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640


@pytest.mark.parametrize("path", PAGES)
def test_a_finger_meets_what_it_aims_at(visits: Callable[..., Visit], path: str) -> None:
    page = visits(viewport={"width": 820, "height": 1180}, has_touch=True).open(path)
    assert page.evaluate(SMALL, 24) == []
    low = [box["height"] for one in page.locator(MAIN).all() if (box := one.bounding_box())]
    assert min(low) >= 43.5


def test_who_asks_for_less_motion_gets_none(visits: Callable[..., Visit]) -> None:
    page = visits(reduced_motion="reduce").open("/")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => { const s = getComputedStyle(e);"
        " return parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none'; }).length"
    )
    assert moving == 0


def test_forced_colours_keep_the_marks_of_the_profile(visits: Callable[..., Visit]) -> None:
    page = visits(forced_colors="active").open(f"/gebiete/{TOWN}")
    fills = page.evaluate(
        "['.sd-spine-own', '.sd-spine-all'].map((s) =>"
        " getComputedStyle(document.querySelector(s)).fill)"
    )
    assert fills[0] != fills[1]


@pytest.mark.parametrize("path", [f"/gebiete/{TOWN}", "/leichte-sprache", "/barriere-melden",
                                  f"{RATE}/einbetten?gebiet={TOWN}"])  # fmt: skip
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_barriers_that_axe_knows(
    visits: Callable[..., Visit], path: str, scheme: str
) -> None:
    visit = visits(color_scheme=scheme)
    visit.open(path)
    assert visit.violations() == []
