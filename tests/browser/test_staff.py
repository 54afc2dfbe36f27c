"""Staff publish a table through the pages: upload, findings, correction, submission, approval."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browser_world import Demo, Visit
from playwright.sync_api import Page, expect

YEARS = range(2020, 2025)
TOWNS = ("99001001", "99001013", "99001014", "99001004")


@dataclass(frozen=True)
class Draft:
    """A dataset that the test writes."""

    name: str
    title: str


@pytest.fixture
def draft(visits: Callable[..., Visit], demo: Demo) -> Iterator[Draft]:
    """A name of its own; whatever was released under it is withdrawn at the end."""
    number = secrets.token_hex(4)
    made = Draft(f"kindertageseinrichtungen-{number}", f"Kindertageseinrichtungen {number}")
    yield made
    reviewer = visits()
    reviewer.sign_in("dieter")
    page = reviewer.open("/dataset/")
    page.goto(f"{demo.url}/dataset/{made.name}")
    withdraw = page.get_by_role("link", name="Zurückziehen")
    if withdraw.count():
        withdraw.first.click()
        page.locator("#field-reason").fill("Ende der Prüfung")
        page.get_by_role("button", name="Zurückziehen").click()


def harmful(folder: Path) -> Path:
    """A table with names and birth dates in it."""
    path = folder / "kitas.csv"
    path.write_text(
        "gebiet;stichtag;Name, Vorname;Geburtsdatum;plaetze\n"
        + "".join(
            f"{town};2024-03-01;Musterkind, Änne {n};0{n + 1}.05.2019;{100 + n}\n"
            for n, town in enumerate(TOWNS)
        ),
        encoding="utf-8",
    )
    return path


def harmless(folder: Path) -> Path:
    """Places in day-care centres by Gemeinde and year."""
    path = folder / "kitas.csv"
    path.write_text(
        "gebiet;jahr;plaetze\n"
        + "".join(
            f"{town};{year};{400 + 50 * n + year - 2020}\n"
            for n, town in enumerate(TOWNS)
            for year in YEARS
        ),
        encoding="utf-8",
    )
    return path


def upload(page: Page, path: Path, name: str) -> None:
    """Fill the form of a resource with a file and save it."""
    page.locator("input[type=file]").first.set_input_files(path)
    field = page.locator("#field-name")
    if not field.input_value():
        field.fill(name)


def create(page: Page, draft: Draft, path: Path) -> None:
    """A new working copy with one file, by the forms."""
    page.locator("#field-title").fill(draft.title)
    page.evaluate("name => { document.querySelector('#field-name').value = name }", draft.name)
    page.locator("#field-notes").fill("Plätze in Kindertageseinrichtungen nach Gemeinde und Jahr.")
    page.locator("#field-license_id").select_option(
        label="Datenlizenz Deutschland – Namensnennung – Version 2.0"
    )
    page.locator("#field-license_attribution").fill("Kreis Musterland")
    page.get_by_role("main").locator("button[name=save]").last.click()
    page.wait_for_url(re.compile("/resource/new"))
    upload(page, path, "Plätze nach Gemeinde und Jahr")
    page.locator("button[name=save][value=go-metadata]").click()
    page.wait_for_url(re.compile(f"/dataset/{draft.name}"))


def replace_file(page: Page, demo: Demo, draft: Draft, path: Path) -> None:
    """Give the only file of the working copy new content."""
    page.goto(f"{demo.url}/dataset/{draft.name}", wait_until="networkidle")
    link = page.locator("a[href*='/resource/']").first.get_attribute("href")
    assert link is not None
    found = re.search(r"/resource/([0-9a-f-]{36})", link)
    assert found is not None
    page.goto(f"{demo.url}/dataset/{draft.name}/resource/{found[1]}/edit")
    page.wait_for_load_state("networkidle")
    remove = page.locator("#resource-link-button, button.btn-remove-url, a.btn-remove-url").first
    if remove.count() and remove.is_visible():
        remove.click()
    page.locator("input[type=file]").first.set_input_files(path)
    page.get_by_role("main").locator("button[name=save]").last.click()
    page.wait_for_load_state("networkidle")


def check(page: Page) -> None:
    page.get_by_role("button", name="Prüfen", exact=True).click()
    page.wait_for_load_state("networkidle")


def status_for_everybody(demo: Demo, visit: Visit, draft: Draft) -> int:
    answer = visit.page.goto(f"{demo.url}/dataset/{draft.name}")
    assert answer is not None
    return 404 if "/user/login" in visit.page.url else answer.status


def test_staff_publish_a_table_through_the_pages(
    visits: Callable[..., Visit], demo: Demo, draft: Draft, tmp_path: Path
) -> None:
    erika, dieter, anybody = visits(), visits(), visits()
    erika.sign_in("erika")
    page = erika.open("/dataset/new")
    create(page, draft, harmful(tmp_path))

    page = erika.open(f"/dataset/{draft.name}")
    check(page)
    section = page.locator("#pruefung")
    expect(section).to_contain_text("Geburtsdatum")
    expect(section).not_to_contain_text("Musterkind")
    expect(section.get_by_role("link", name="Zur Prüfung einreichen")).to_have_count(0)
    assert status_for_everybody(demo, anybody, draft) in (403, 404)

    replace_file(page, demo, draft, harmless(tmp_path))
    page = erika.open(f"/dataset/{draft.name}")
    check(page)
    page.locator("#pruefung").get_by_role("link", name="Zur Prüfung einreichen").click()
    page.locator("#field-purpose").fill("Kita-Bedarfsplanung")
    page.locator("#field-legal_basis").fill("§ 80 SGB VIII")
    page.get_by_role("main").get_by_role("button", name="Zur Prüfung einreichen").click()
    page.wait_for_load_state("networkidle")
    assert status_for_everybody(demo, anybody, draft) in (403, 404)

    dieter.sign_in("dieter")
    page = dieter.open("/pruefung")
    page.get_by_role("link", name=draft.title).first.click()
    page.locator("#field-reason").fill("Keine Einwände.")
    page.get_by_role("button", name="Freigeben").click()
    page.wait_for_load_state("networkidle")

    page = anybody.open(f"/dataset/{draft.name}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(draft.title)
    expect(page.locator("body")).not_to_contain_text("Musterkind")
    page = anybody.open("/dataset/?q=Kita")
    expect(page.get_by_role("main")).to_contain_text(draft.title)
