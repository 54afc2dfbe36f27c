"""Previews for people who use a keyboard or a screen reader, and how light they are."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from browser_world import Demo, Visit
from playwright.sync_api import Page, expect

POPULATION = "bevoelkerung-kreis-musterland"
SCRIPT_LIMIT = 8 * 1024
PAGE_LIMIT = 60 * 1024
STEP_LIMIT_MS = 60


def _roles(page: Page) -> dict[str, list[str]]:
    """The names in Chrome's accessibility tree by role."""
    client = page.context.new_cdp_session(page)
    found: dict[str, list[str]] = {}
    for node in client.send("Accessibility.getFullAXTree")["nodes"]:
        if not node.get("ignored"):
            name: Any = node.get("name", {}).get("value", "")
            found.setdefault(node["role"]["value"], []).append(name)
    return found


def test_the_accessibility_tree_holds_every_region_with_its_figure(visitor: Visit) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/karte")
    links = [name for name in _roles(page)["link"] if re.match(r"Musterstadt: [\d.]+", name)]
    assert len(links) == 1


def test_the_accessibility_tree_holds_every_point_of_the_chart(visitor: Visit) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/verlauf?gebiet=99001001")
    names = [name for group in _roles(page).values() for name in group]
    points = {name for name in names if re.match(r"Musterstadt, 31\.12\.\d{4}: [\d.]+", name)}
    assert len(points) == 16


def test_arrow_keys_walk_along_the_line(visitor: Visit) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/verlauf?gebiet=99001001")
    stop = page.locator(".sd-lines [tabindex='0']")
    expect(stop).to_have_count(1)
    stop.focus()
    expect(stop).to_have_attribute("aria-label", re.compile("2010"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sd-lines :focus")).to_have_attribute("aria-label", re.compile("2011"))
    expect(page.locator(".sd-tip")).to_contain_text("2011")
    page.keyboard.press("Escape")
    expect(page.locator(".sd-tip")).to_be_hidden()


def test_the_slider_speaks_the_period_and_keeps_the_address(visitor: Visit) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/karte")
    slider = page.locator(".sd-slider input")
    row = page.locator(".sd-table tbody tr").first
    newest = row.inner_text()
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "31.12.2024")
    assert "jahr=2024-12-31" in page.url
    expect(row).not_to_have_text(newest, use_inner_text=True)  # follows when the steps pause
    shown = row.inner_text()
    page.reload()
    assert row.inner_text() == shown


def test_script_and_server_draw_the_same_map(visitor: Visit, demo: Demo) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/karte?jahr=2015")
    served = page.locator(".sd-map-drawing path[fill]").evaluate_all(
        "paths => paths.map(p => p.getAttribute('fill')).sort()"
    )
    page = visitor.open(f"/dataset/{POPULATION}/karte")
    page.locator("[data-sd-year]").select_option(label="31.12.2015")
    drawn = page.locator(".sd-map-drawing path[fill]").evaluate_all(
        "paths => paths.map(p => p.getAttribute('fill')).sort()"
    )
    assert drawn == served


def test_without_javascript_the_next_year_is_a_link(visits: Callable[..., Visit]) -> None:
    visit = visits(java_script_enabled=False)
    page = visit.open(f"/dataset/{POPULATION}/karte")
    page.get_by_role("link", name="Voriger Zeitpunkt").click()
    expect(page.locator(".sd-headline")).to_contain_text("31.12.2024")


def test_a_chosen_region_stays_chosen_when_the_year_changes(visitor: Visit) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/karte")
    page.locator("a[data-key='99001001']").click()
    page.locator("[data-sd-step='-1']").click()
    expect(page.locator("[data-sd-live] strong")).to_have_text("Musterstadt, 31.12.2024")
    assert "gebiet=99001001" in page.url


@pytest.mark.parametrize("name", ["karte", "verlauf"])
def test_pages_and_script_stay_light(visitor: Visit, demo: Demo, name: str) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/{name}")
    assert len(gzip.compress(page.content().encode())) < PAGE_LIMIT
    script = page.request.get(f"{demo.url}/sozialdaten/preview.js").body()
    assert len(gzip.compress(script)) < SCRIPT_LIMIT


def test_one_year_step_is_quick_on_a_slow_tablet(visitor: Visit) -> None:
    page = visitor.open(f"/dataset/{POPULATION}/karte")
    client = page.context.new_cdp_session(page)
    client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    milliseconds = page.evaluate(
        """() => {
          const slider = document.querySelector('.sd-slider input');
          const times = [];
          for (let place = 0; place < 10; place += 1) {
            const start = performance.now();
            slider.value = place;
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            times.push(performance.now() - start);
          }
          return times.sort((a, b) => a - b)[5];
        }"""
    )
    assert milliseconds < STEP_LIMIT_MS


def test_a_strict_content_security_policy_breaks_nothing(visitor: Visit) -> None:
    def strict(route: Any) -> None:
        answer = route.fetch()
        policy = "script-src 'self'; default-src 'self'; img-src 'self' data:"
        route.fulfill(
            response=answer, headers={**answer.headers, "content-security-policy": policy}
        )

    address = visitor.open(f"/dataset/{POPULATION}/karte").url
    visitor.page.route(re.compile("/resource/"), strict)
    errors: list[str] = []
    visitor.page.on("console", lambda message: errors.append(message.text))
    visitor.page.goto(address)
    expect(visitor.page.locator(".sd-slider")).to_be_visible()
    assert [text for text in errors if "preview" in text or "sozialdaten" in text] == []


def test_the_table_of_ckan_has_a_decimal_comma_in_german_alone(visitor: Visit, demo: Demo) -> None:
    resource = demo.api("package_show", id="inkar-kreis-musterland")["resources"][0]["id"]
    views = demo.api("resource_view_list", id=resource)
    view = next(one["id"] for one in views if one["view_type"] == "datatables_view")
    path = f"/dataset/inkar-kreis-musterland/resource/{resource}/view/{view}"
    numbers = visitor.open(f"/de{path}").locator("#dtprv tbody tr").first
    expect(numbers).to_have_text(re.compile(r"\d,\d"))
    visitor.open(f"/en{path}")
    expect(numbers).to_have_text(re.compile(r"\d\.\d"))
