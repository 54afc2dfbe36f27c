"""The pages on which staff decide, in a browser: each meets WCAG, and an organisation gets its
third person by clicks."""

from collections.abc import Callable

import pytest
from browser_world import Visit

ORGANISATION = "kreis-musterland"
PUBLISHERS = f"/organization/{ORGANISATION}/veroeffentlichen"
PAGES = {
    "leitung": (PUBLISHERS, "/pruefung/loeschungen", "/pruefung/rollen"),
    "dieter": ("/pruefung", "/pruefung/loeschungen", "/pruefung/dauerfreigaben"),
    "erika": ("/dashboard/datasets", "/dataset/new", "/user/erika/api-tokens"),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_decisions_meet_wcag_22_aa(visits: Callable[..., Visit], name: str) -> None:
    visit = visits(viewport={"width": 390, "height": 800})
    visit.sign_in(name)
    found: dict[str, list[str]] = {}
    for path in PAGES[name]:
        page = visit.open(path)
        found[path] = visit.violations()
        if page.evaluate("document.documentElement.scrollWidth") > 390:
            found[path].append("scrolls sideways")
    assert {path: problems for path, problems in found.items() if problems} == {}


def test_an_organisation_names_a_publisher_and_drops_them(visits: Callable[..., Visit]) -> None:
    head = visits()
    head.sign_in("leitung")
    page = head.open(PUBLISHERS)
    page.locator("#field-user").select_option(value="erika")
    with page.expect_navigation():
        page.locator("button[value=name]").click()
    try:
        assert page.locator("table tbody tr, li").filter(has_text="Erika Beispiel").count() >= 1
        assert head.violations() == []
    finally:
        with page.expect_navigation():
            page.locator("button[value=drop]").first.click()
    assert page.locator("button[value=drop]").count() == 0
