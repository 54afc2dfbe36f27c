"""Pages of the sources in a browser: staff fetch by a click, and read what became of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browser_world import Visit
from playwright.sync_api import expect

SOURCE = "musterland-hze"
TABLET, PHONE = {"width": 820, "height": 1180}, {"width": 390, "height": 800}
SAMPLE = "AGS;Jahr;Hunde\n" + "".join(f"99001{n:03};2023;{n + 20}\n" for n in range(1, 9))


@pytest.mark.parametrize("viewport", [TABLET, PHONE], ids=["tablet", "phone"])
def test_pages_of_sources_meet_wcag_22_aa(
    visits: Callable[..., Visit], viewport: dict[str, int]
) -> None:
    visit = visits(viewport=viewport)
    visit.sign_in("leitung")
    found: dict[str, list[str]] = {}
    for path in ("/quellen/", f"/quellen/{SOURCE}", "/quellen/neu"):
        page = visit.open(path)
        found[path] = visit.violations()
        if page.evaluate("document.documentElement.scrollWidth") > viewport["width"]:
            found[path].append("scrolls sideways")
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_a_click_fetches_a_source_and_the_page_says_what_came(
    visits: Callable[..., Visit],
) -> None:
    visit = visits(viewport=TABLET)
    visit.sign_in("erika")
    page = visit.open(f"/quellen/{SOURCE}")
    with page.expect_navigation():
        page.get_by_role("button", name="Jetzt abrufen").click()
    page.goto(page.url)
    expect(page.locator("dl").first).to_contain_text("abgerufen", timeout=60_000)
    assert page.locator("h2", has_text="Lieferungen").count() == 1


def test_a_source_is_described_from_a_sample_by_clicks(
    visits: Callable[..., Visit], tmp_path: Path
) -> None:
    sample = tmp_path / "hunde.csv"
    sample.write_text(SAMPLE, "utf-8")
    visit = visits(viewport=TABLET)
    visit.sign_in("leitung")
    page = visit.open("/quellen/neu")
    page.locator("#field-sample").set_input_files(sample)
    page.get_by_role("button", name="Muster lesen").click()
    expect(page.locator("#field-title")).to_have_value("hunde", timeout=60_000)
    page.locator("#field-within").fill("99001")
    page.locator("#field-kind").select_option("stichtag")
    page.get_by_role("button", name="Am Muster erproben").click()
    fits = page.get_by_role("heading", name="Das passt", exact=True)
    expect(fits).to_be_visible(timeout=60_000)
    assert visit.violations() == []


def test_a_catalogue_that_does_not_answer_is_told_with_a_hint(
    visits: Callable[..., Visit],
) -> None:
    visit = visits(viewport=PHONE)
    visit.sign_in("leitung")
    page = visit.open("/quellen/neu")
    page.locator("#field-catalogue-address").fill("https://127.0.0.1:9")
    page.get_by_role("button", name="Katalog beschreiben").click()
    expect(page.locator("#field-address")).to_have_value("https://127.0.0.1:9")
    page.get_by_role("button", name="Erproben").click()
    expect(page.get_by_role("alert")).to_contain_text("Das passt noch nicht", timeout=60_000)
    assert visit.violations() == []
