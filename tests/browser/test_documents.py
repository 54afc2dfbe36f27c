"""Documents on a tablet: found in three clicks, read page by page with a finger, without script."""

import re
from collections.abc import Callable

import pytest
from browser_world import Visit
from playwright.sync_api import expect

PAPER = "/dokumente/empfehlungen-pflege-2030/lesen"
EDITION = "/sozialbericht/99001001/fassung/1"
FINGER = 44


@pytest.fixture
def tablet(visits: Callable[..., Visit]) -> Visit:
    """A tablet held upright that runs no script at all."""
    size = {"width": 820, "height": 1180}
    return visits(viewport=size, has_touch=True, java_script_enabled=False)


def test_from_the_home_page_to_the_yearly_report_in_three_clicks(tablet: Visit) -> None:
    page = tablet.open("/")
    page.get_by_role("navigation").get_by_role("link", name="Dokumente").first.click()
    page.get_by_role("link", name=re.compile(r"^Jahresbericht \d")).click()
    page.get_by_role("link", name="Jahresbericht der Jugendhilfe 2024").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jahresbericht der Jugendhilfe 2024")
    expect(page.get_by_role("img", name=re.compile("^Seite 1;"))).to_be_visible()


def test_a_word_leads_to_its_page_and_the_pages_turn_without_script(tablet: Visit) -> None:
    page = tablet.open("/dokumente?q=Tagespflege")
    expect(page.locator("mark").first).to_have_text("Tagespflege")
    page.get_by_role("link", name=re.compile("^Seite 3")).click()
    expect(page.get_by_role("heading", name="Text der Seite 3")).to_be_visible()
    expect(page.locator(".sd-leaf-text")).to_contain_text("Tagespflege mit Fahrdienst")
    page.get_by_role("link", name="Nächste Seite").first.click()
    expect(page.get_by_role("heading", name="Text der Seite 4")).to_be_visible()
    page.get_by_role("spinbutton", name="Gehe zu Seite").first.fill("2")
    page.get_by_role("button", name="Los").first.click()
    expect(page.get_by_role("heading", name="Text der Seite 2")).to_be_visible()


def test_a_page_is_a_sharp_picture_and_its_controls_fit_a_finger(
    visits: Callable[..., Visit],
) -> None:
    page = visits(viewport={"width": 820, "height": 1180}, has_touch=True).open(f"{PAPER}?seite=2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 820
    image = page.locator(".sd-leaf img")
    expect(image).to_be_visible()
    page.wait_for_function("document.querySelector('.sd-leaf img').naturalWidth > 0")
    assert image.evaluate("(image) => image.naturalWidth >= image.clientWidth")
    for target in page.locator(".sd-turn a, .sd-turn button, .sd-turn input[type=number]").all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER - 0.5


def test_lists_pages_and_editions_have_no_barriers_that_axe_knows(
    visits: Callable[..., Visit],
) -> None:
    for options in ({"viewport": {"width": 390, "height": 844}}, {"color_scheme": "dark"}):
        visit = visits(**options)
        for path in ("/dokumente", f"{PAPER}?seite=3&suche=Tagespflege", EDITION):
            visit.open(path)
            assert visit.violations() == [], path


def test_a_goal_is_told_and_drawn_beside_its_figure(tablet: Visit) -> None:
    page = tablet.open("/sozialbericht/99001001")
    entry = page.locator(".sd-report-entry").filter(has_text="Betreuungsquote unter 3 Jahren").first
    expect(entry).to_contain_text(re.compile(r"Mindestens 40,0\s% bis 2030"))
    expect(entry).to_contain_text("Zwei neue Einrichtungen im Süden des Kreises – läuft, bis 2027")
    expect(entry.locator(".sd-spark-aim")).to_have_count(1)


def test_the_report_leads_to_its_frozen_edition_which_says_that_it_is_one(tablet: Visit) -> None:
    page = tablet.open("/sozialbericht/99001001")
    page.get_by_role("link", name="Stand der Beschlussfassung 2024").click()
    expect(page.get_by_role("note").first).to_contain_text("Eingefrorener Stand")
    page.get_by_role("link", name="Neuere Zahlen stehen im aktuellen Bericht.").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sozialbericht Musterstadt")
