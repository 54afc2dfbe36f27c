"""People who see the portal for the first time, and people who only hear it."""

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from browser_world import Visit
from playwright.sync_api import Page, expect

TOWN = "99001004"
SUPPORT = f"/kennzahlen/kjh_hze_u6?gebiet={TOWN}"


def ask(page: Page, text: str) -> None:
    """Type a question into the search of the home page."""
    box = page.get_by_role("searchbox", name="Was möchten Sie wissen?")
    box.fill(text)
    box.press("Enter")


def test_the_care_rate_of_a_gemeinde_comes_as_a_workbook_in_two_clicks(visitor: Visit) -> None:
    page = visitor.open("/")
    ask(page, "U3 Betreuung Bad Silberquell")
    page.get_by_role("link", name="Betreuungsquote unter 3 Jahren", exact=True).click()
    with page.expect_download() as caught:
        page.get_by_role("link", name="Excel herunterladen").click()
    book = openpyxl.load_workbook(io.BytesIO(caught.value.path().read_bytes()), read_only=True)
    cells = [str(cell) for row in book.worksheets[0].values for cell in row]
    assert "Bad Silberquell" in cells
    told = {str(row[0]) for row in book.worksheets[1].values}
    assert {"state = suppressed", "state = not_applicable", "value = 0"} <= told


def test_two_gemeinden_are_compared_in_one_click(visitor: Visit) -> None:
    page = visitor.open("/")
    ask(page, "Ahornfeld und Birkenmoos vergleichen")
    page.get_by_role("link", name="Ahornfeld, Birkenmoos vergleichen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ahornfeld")
    expect(page.locator(".sd-spine-legend")).to_contain_text("Birkenmoos")


def test_a_passage_in_a_document_is_one_click_from_the_question(visitor: Visit) -> None:
    page = visitor.open("/")
    ask(page, "Ganztagsbetreuung")
    hit = page.locator(".sd-doc-hits li").first
    expect(hit.locator("mark").first).to_have_text(re.compile("Ganztagsbetreuung"))
    hit.get_by_role("link").click()
    expect(page.locator(".sd-leaf-text")).to_contain_text("Ganztagsbetreuung")


def heard(page: Page) -> list[tuple[str, str]]:
    """Role and name of everything in Chrome's accessibility tree."""
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    return [
        (str(node["role"]["value"]), str(node.get("name", {}).get("value", "")))
        for node in nodes
        if not node.get("ignored")
    ]


def test_birth_rates_since_2015_by_keyboard_alone(visitor: Visit) -> None:
    page = visitor.open("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Zum Inhalt springen")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("id", "sd-home-q")
    page.keyboard.type("Geburtenrate Bad Silberquell seit 2015 mit Land und Bund")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"geb_ziffer.*{TOWN}.*von=2015"))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Zur Tabelle springen")
    page.keyboard.press("Enter")
    tree = heard(page)
    assert any(role == "table" and "2015 – " in name for role, name in tree)
    heads = {name for role, name in tree if role == "columnheader"}
    assert {"Berichtszeitpunkt", "Bad Silberquell", "Beispielland", "Deutschland"} <= heads
    rows = {name for role, name in tree if role == "rowheader"}
    assert {"2015", "Kleinster Wert", "Größter Wert", "Mittelwert"} <= rows


@pytest.mark.parametrize("tab", ["verlauf", "karte", "rang", "tabelle"])
def test_what_is_suppressed_is_heard_in_words_in_every_view(visitor: Visit, tab: str) -> None:
    page = visitor.open(f"{SUPPORT}&ansicht={tab}")
    names = [name for _, name in heard(page)]
    assert any("geheim gehalten zum Schutz von Personen" in name for name in names)


@pytest.mark.parametrize("path", ["/", "/dokumente", "/dataset/", "/suche?q=Pflege", SUPPORT])
def test_german_words_on_english_pages_say_so(visitor: Visit, path: str) -> None:
    page = visitor.open(f"/en{path}")
    told = page.evaluate(
        """() => {
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          const words = /\\b(und|der|die|das|nach|mit|für|eine)\\b/, found = [];
          while (walk.nextNode()) {
            const node = walk.currentNode, parent = node.parentElement;
            if (["SCRIPT", "STYLE"].includes(parent.tagName)) continue;
            if (parent.closest("[lang]").lang === "en" && words.test(node.textContent))
              found.push(node.textContent.trim());
          }
          return found;
        }"""
    )
    assert told == []


def test_a_wide_table_on_a_phone_can_be_moved_and_keeps_its_caption(
    visits: Callable[..., Visit],
) -> None:
    phone = visits(viewport={"width": 390, "height": 844})
    page = phone.open(f"{SUPPORT}&ansicht=tabelle")
    frame = page.locator(".sd-scroll").first
    expect(frame).to_have_attribute("tabindex", "0")
    inside, outside = frame.evaluate("e => [e.scrollWidth, e.clientWidth]")
    assert inside > outside
    frame.evaluate("e => e.scrollTo(e.scrollWidth, 0)")
    box = frame.locator("caption").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
