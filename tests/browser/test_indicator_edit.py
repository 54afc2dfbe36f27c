"""Staff write an indicator, and everybody combines two series, in a real browser."""

import re
from collections.abc import Callable

import pytest
from browser_world import Visit
from playwright.sync_api import expect

MODEL = "/de/kennzahlen/neu?vorlage=kita_quote_u3"
RATIO = (
    "/de/kennzahlen/verknuepfen?z=musterland-kita.kinder_tageseinrichtung"
    "&n=musterland-bevoelkerung.einwohner&z-altersgruppe=ALT000B03&n-altersgruppe=ALT000B03"
)


def test_the_form_checks_while_it_is_written_and_keeps_the_place(visitor: Visit) -> None:
    visitor.sign_in("erika")
    page = visitor.open(MODEL)
    verdict = page.locator("#sd-edit-verdict")
    expect(verdict).to_contain_text("lässt sich rechnen")
    expect(verdict.locator("tbody tr").first).to_be_visible()
    page.fill("#f-name_en", "")
    expect(verdict).to_contain_text("Noch zu tun: 1")
    expect(verdict.locator("tbody tr").first).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "f-name_en"
    page.fill("#f-name_en", "Childcare")
    expect(verdict).to_contain_text("lässt sich rechnen")
    page.focus("#f-kind")
    page.select_option("#f-kind", "value")
    expect(page.locator("#f-i-1-series")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "f-kind"
    expect(page.locator("#f-yaml")).to_have_value(re.compile("value: "))
    assert visitor.foreign == []


@pytest.mark.parametrize("path", [MODEL, RATIO, "/de/kennzahlen/eigene"])
def test_pages_of_staff_are_accessible(visitor: Visit, path: str) -> None:
    visitor.sign_in("erika")
    visitor.open(path)
    assert visitor.violations() == []


def test_without_script_the_button_checks(visits: Callable[..., Visit]) -> None:
    visit = visits(java_script_enabled=False)
    visit.sign_in("erika")
    page = visit.open(MODEL)
    page.fill("#f-unit_de", "Kinder")
    page.locator("aside button[value=pruefen]").click()
    expect(page.locator("#e-unit_de")).to_be_visible()
