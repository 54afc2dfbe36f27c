"""What a visitor without an account sees, with a mouse, with a keyboard and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from browser_world import Demo, Visit
from playwright.sync_api import Page, expect

POPULATION = "bevoelkerung-kreis-musterland"
SUPPORT = "hilfen-zur-erziehung-kreis-musterland"
TOTALS = "m.geschlecht=INSGESAMT&m.altersgruppe=INSGESAMT"
TOWN = "99001001"


def preview(demo: Demo, dataset: str, view_type: str, query: str = "") -> str:
    """The path of a preview of a released dataset."""
    shown = demo.api("package_show", id=dataset)
    resource = shown["resources"][0]["id"]
    views = demo.api("resource_view_list", id=resource)
    view = next(view["id"] for view in views if view["view_type"] == view_type)
    return f"/dataset/{dataset}/resource/{resource}?view_id={view}&{query}"


def number(text: str) -> int:
    """A figure as German pages write it."""
    return int(re.sub(r"[^\d]", "", text))


def persons(demo: Demo, region: str, year: int) -> int:
    """The population of a region as the DataStore says it."""
    shown = demo.api("package_show", id=POPULATION)
    filters = (
        f'{{"gebiet":"{region}","geschlecht":"INSGESAMT","altersgruppe":"INSGESAMT"}}'.replace(
            '"', "%22"
        )
    )
    found = demo.api(
        "datastore_search", resource_id=shown["resources"][0]["id"], filters=filters, limit="100"
    )
    by_year = {record["stichtag"][:4]: record["einwohner"] for record in found["records"]}
    return int(by_year[str(year)])


def row(page: Page, name: str) -> int:
    """The figure of a region in the map's table."""
    line = page.locator(".sd-table tbody tr").filter(
        has=page.locator("th", has_text=re.compile(f"^{re.escape(name)}"))
    )
    return number(line.locator("td").first.inner_text())


def test_the_home_page_leads_to_the_datasets(visitor: Visit) -> None:
    page = visitor.open("/")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("main").locator("input[name=q]").fill("Bevölkerung")
    page.get_by_role("main").locator("input[name=q]").press("Enter")
    page.get_by_role("link", name=re.compile("Bevölkerung im Kreis Musterland")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bevölkerung")


@pytest.mark.parametrize("word", ["Kind", "Jugendhilfe", "Familie", "Erziehungshilfe"])
def test_the_search_understands_german_words(visitor: Visit, word: str) -> None:
    page = visitor.open(f"/dataset/?q={word}")
    expect(page.get_by_role("main")).to_contain_text("Hilfen zur Erziehung im Kreis Musterland")


def test_the_search_finds_nothing_where_nothing_is(visitor: Visit) -> None:
    page = visitor.open("/dataset/?q=Raumfahrt")
    expect(page.get_by_role("main")).not_to_contain_text("Kreis Musterland nach Geschlecht")


def test_the_dataset_page_says_where_the_figures_come_from(visitor: Visit) -> None:
    page = visitor.open(f"/dataset/{POPULATION}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bevölkerung im Kreis Musterland")
    for text in ("Datenlizenz Deutschland", "Kreis Musterland"):
        expect(page.locator("body")).to_contain_text(text)


def test_three_clicks_to_the_population_of_my_gemeinde_beside_the_kreis(
    visitor: Visit, demo: Demo
) -> None:
    page = visitor.open("/")
    page.get_by_label("Wo wohnen Sie?").select_option(label="Eulenbrück")  # the first
    page.get_by_role("button", name="Zahlen zeigen").click()  # the second
    page.get_by_role(
        "link", name=re.compile("^Verlauf: Bevölkerung .* Altersgruppe")
    ).click()  # the third
    expect(page.locator(".sd-table thead th")).to_have_text(
        ["Berichtszeitpunkt", "Eulenbrück", "Kreis Musterland"]
    )
    newest = page.locator(".sd-table tbody tr").first.locator("td").all_inner_texts()
    assert [number(text) for text in newest] == [
        persons(demo, "99001008", 2025),
        persons(demo, "99001", 2025),
    ]


@pytest.mark.parametrize("dataset", [POPULATION, SUPPORT])
@pytest.mark.parametrize("name", ["karte", "verlauf"])
def test_the_first_view_has_figures(visitor: Visit, dataset: str, name: str) -> None:
    page = visitor.open(f"/dataset/{dataset}/{name}")
    figures = page.locator(".sd-table tbody td.sd-number").all_inner_texts()
    known = [text for text in figures if re.fullmatch(r"[\d.]+", text.strip())]
    assert len(known) >= len(figures) / 2
    expect(page.locator(".sd-table")).not_to_contain_text("nicht verfügbar")


def test_totals_that_are_suppressed_say_why(visitor: Visit, demo: Demo) -> None:
    page = visitor.open(preview(demo, SUPPORT, "sozialdaten_map", "m.altersgruppe=INSGESAMT"))
    table = page.locator(".sd-table tbody")
    expect(table).to_contain_text("geheim gehalten zum Schutz von Personen")
    expect(table).not_to_contain_text("nicht verfügbar")


def test_the_map_follows_the_year(visitor: Visit, demo: Demo) -> None:
    page = visitor.open(preview(demo, POPULATION, "sozialdaten_map", TOTALS))
    expect(page.locator(".sd-map-drawing svg path")).not_to_have_count(0)
    newest = row(page, "Musterstadt")
    assert newest == persons(demo, TOWN, 2025)
    page.locator("[data-sd-year]").select_option(label="31.12.2010")
    expect(page.locator(".sd-headline [data-sd-period]")).to_contain_text("2010")
    expect(page.locator(".sd-table caption [data-sd-period]")).to_contain_text("2010")
    oldest = row(page, "Musterstadt")
    assert oldest == persons(demo, TOWN, 2010) != newest
    assert "jahr=2010" in page.url


def test_the_map_is_walked_by_keyboard(visitor: Visit, demo: Demo) -> None:
    page = visitor.open(preview(demo, POPULATION, "sozialdaten_map", TOTALS))
    stops = page.locator(".sd-map-drawing svg [tabindex='0'], .sd-map-drawing svg[tabindex='0']")
    expect(stops).to_have_count(1)
    stops.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("[data-sd-live] strong")).not_to_be_empty()


def test_the_time_series_compares_with_the_kreis(visitor: Visit, demo: Demo) -> None:
    query = f"{TOTALS}&gebiet={TOWN}&gebiet=99001&darstellung=wert"
    page = visitor.open(preview(demo, POPULATION, "sozialdaten_timeseries", query))
    head = page.locator(".sd-table thead th").all_inner_texts()
    assert any("Musterstadt" in text for text in head)
    assert any("Kreis Musterland" in text for text in head)
    lines = page.locator(".sd-table tbody tr")
    expect(lines).to_have_count(16)
    cells = dict(zip(head, lines.first.locator("th, td").all_inner_texts(), strict=True))
    kreis = next(text for name, text in cells.items() if "Kreis Musterland" in name)
    assert number(kreis) in (persons(demo, "99001", 2010), persons(demo, "99001", 2025))
    expect(page.locator(".sd-lines svg")).to_be_visible()


def test_every_figure_of_the_map_is_there_without_javascript(
    visits: Callable[..., Visit], demo: Demo
) -> None:
    visit = visits(java_script_enabled=False)
    page = visit.open(preview(demo, POPULATION, "sozialdaten_map", TOTALS + "&jahr=2015-12-31"))
    expect(page.locator(".sd-table tbody tr")).to_have_count(20)
    assert row(page, "Musterstadt") == persons(demo, TOWN, 2015)
    expect(page.locator(".sd-map-drawing svg")).to_be_visible()


def test_suppressed_counts_are_marked_and_not_zero(visitor: Visit, demo: Demo) -> None:
    page = visitor.open(preview(demo, SUPPORT, "sozialdaten_map", "m.altersgruppe=ALT000B06"))
    suppressed = page.locator(".sd-table tbody .sd-none-dots")
    expect(suppressed).not_to_have_count(0)
    assert "0" not in suppressed.first.inner_text()


def test_a_visitor_cannot_see_working_copies(visitor: Visit, demo: Demo) -> None:
    answer = visitor.page.goto(f"{demo.url}/dataset/{SUPPORT}-arbeitsfassung")
    assert answer is not None
    assert answer.status in (403, 404) or "/user/login" in visitor.page.url
    expect(visitor.page.locator("body")).not_to_contain_text("Hilfen zur Erziehung im Kreis")


def test_the_picture_and_its_table_can_be_downloaded(visitor: Visit, demo: Demo) -> None:
    page = visitor.open(preview(demo, POPULATION, "sozialdaten_map", TOTALS))
    for kind, mark in (("SVG", "<svg"), ("CSV", "Musterstadt")):
        address = page.locator("a.sd-file", has_text=kind).first.get_attribute("href")
        assert address is not None
        answer = page.request.get(demo.url + address)
        assert answer.ok
        assert mark in answer.text()


MAIN_PAGES = {
    "home": "/",
    "home in English": "/en/",
    "datasets": "/dataset/",
    "dataset": f"/dataset/{POPULATION}",
    "region": f"/gebiete/{TOWN}",
    "about": "/about",
    "organisation": "/organization/kreis-musterland",
    "sign in": "/user/login",
    "accessibility": "/barrierefreiheit",
    "privacy": "/datenschutz",
    "imprint": "/impressum",
}


@pytest.mark.parametrize("name", MAIN_PAGES)
def test_main_pages_meet_wcag_22_aa(visitor: Visit, name: str) -> None:
    visitor.open(MAIN_PAGES[name])
    assert visitor.violations() == []


@pytest.mark.parametrize("view", ["sozialdaten_map", "sozialdaten_timeseries"])
@pytest.mark.parametrize("dataset", [POPULATION, SUPPORT])
def test_previews_meet_wcag_22_aa(visitor: Visit, demo: Demo, dataset: str, view: str) -> None:
    visitor.open(preview(demo, dataset, view))
    assert visitor.violations() == []


@pytest.mark.parametrize("name", MAIN_PAGES)
def test_dark_main_pages_meet_wcag_22_aa(visits: Callable[..., Visit], name: str) -> None:
    visit = visits(viewport={"width": 390, "height": 800}, color_scheme="dark")
    visit.open(MAIN_PAGES[name])
    assert visit.violations() == []


@pytest.mark.parametrize("view", ["sozialdaten_map", "sozialdaten_timeseries"])
def test_dark_previews_meet_wcag_22_aa(visits: Callable[..., Visit], demo: Demo, view: str) -> None:
    visit = visits(viewport={"width": 768, "height": 900}, color_scheme="dark")
    visit.open(preview(demo, SUPPORT, view))
    assert visit.violations() == []


@pytest.mark.parametrize("name", ["home", "dataset", "datasets", "region"])
def test_small_screens_need_no_sideways_scrolling(visits: Callable[..., Visit], name: str) -> None:
    visit = visits(viewport={"width": 320, "height": 640})
    page = visit.open(MAIN_PAGES[name])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
