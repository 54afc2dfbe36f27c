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
TABLE = "Plätze nach Gemeinde und Jahr"
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
        page.locator("#field-public_reason").fill("Zu Ende geprüft.")
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


def create(page: Page, draft: Draft, path: Path) -> None:
    """A new working copy with one file, by the forms."""
    page.locator("#field-title").fill(draft.title)
    page.locator("#field-notes").fill("Plätze in Kindertageseinrichtungen nach Gemeinde und Jahr.")
    page.locator("#field-license_id").select_option(
        label="Datenlizenz Deutschland – Namensnennung – Version 2.0"
    )
    page.locator("#field-license_attribution").fill("Kreis Musterland")
    page.get_by_role("main").locator("button[name=save]").last.click()
    page.wait_for_url(re.compile("/resource/new"))
    page.locator("#field-resource-upload").set_input_files(path)
    page.locator("#field-name").fill(TABLE)
    page.get_by_role("button", name="Speichern und weiter zur Prüfung").click()
    page.wait_for_url(re.compile(f"/dataset/{draft.name}"))


def replace_file(page: Page, name: str, path: Path) -> None:
    """Give the only file of the shown working copy new content."""
    page.locator("#pruefung").get_by_role("link", name=re.compile("ersetzen")).click()
    page.locator("#field-resource-upload").set_input_files(path)
    page.get_by_role("button", name="Speichern", exact=True).click()
    page.wait_for_url(re.compile("/resource/[0-9a-f-]+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def check(page: Page) -> None:
    page.get_by_role("button", name="Prüfen", exact=True).click()
    page.wait_for_load_state("networkidle")


def status_for_everybody(demo: Demo, visit: Visit, draft: Draft) -> int:
    answer = visit.page.goto(f"{demo.url}/dataset/{draft.name}")
    assert answer is not None
    return 404 if "/user/login" in visit.page.url else answer.status


def decide(page: Page, draft: Draft, reason: str, button: str) -> None:
    """Decide on the submission of the draft at the reviewers' desk."""
    page.get_by_role("link", name=draft.title).first.click()
    page.locator("#field-reason").fill(reason)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(re.compile("/pruefung$"))


def submit(page: Page) -> None:
    page.locator("#pruefung").get_by_role("link", name="Zur Prüfung einreichen").click()
    if not page.locator("#field-purpose").input_value():
        page.locator("#field-purpose").fill("Kita-Bedarfsplanung")
        page.locator("#field-legal_basis").fill("§ 80 SGB VIII")
    page.get_by_role("main").get_by_role("button", name="Zur Prüfung einreichen").click()
    expect(page.locator("#pruefung")).to_contain_text("eingereicht")


def refused(page: Page, button: str) -> None:
    """Send a form without what it demands; the browser's own check would stop it."""
    send = page.get_by_role("main").get_by_role("button", name=button)
    expect(send).to_be_visible()  # the page of the form, not the one that led here
    page.evaluate(
        "document.querySelectorAll('[required]').forEach(e => e.removeAttribute('required'))"
    )
    send.click()
    wrong = page.locator("[aria-invalid=true]").first
    expect(wrong).to_be_visible()
    told = (wrong.get_attribute("aria-describedby") or "").split()
    assert any(name.startswith("error-") for name in told)
    assert all(page.locator(f"[id='{name}']").inner_text() for name in told)


def test_staff_publish_a_table_through_the_pages(
    visits: Callable[..., Visit], demo: Demo, draft: Draft, tmp_path: Path
) -> None:
    erika, dieter, anybody = visits(), visits(), visits()
    erika.sign_in("erika")
    page = erika.open("/dataset/new")
    create(page, draft, harmful(tmp_path))
    assert erika.violations() == []

    check(page)
    section = page.locator("#pruefung")
    expect(section).to_contain_text("Geburtsdatum")
    expect(section).not_to_contain_text("Musterkind")
    expect(section.get_by_role("link", name="Zur Prüfung einreichen")).to_have_count(0)
    assert erika.violations() == []
    assert status_for_everybody(demo, anybody, draft) in (403, 404)

    replace_file(page, TABLE, harmless(tmp_path))
    assert erika.violations() == []
    page = erika.open(f"/dataset/{draft.name}")
    check(page)
    page.locator("#pruefung").get_by_role("link", name="Zur Prüfung einreichen").click()
    refused(page, "Zur Prüfung einreichen")
    assert erika.violations() == []
    page = erika.open(f"/dataset/{draft.name}")
    submit(page)
    assert status_for_everybody(demo, anybody, draft) in (403, 404)

    dieter.sign_in("dieter")
    desk = dieter.open("/pruefung")
    assert dieter.violations() == []
    desk.get_by_role("link", name=draft.title).first.click()
    refused(desk, "Ablehnen")
    assert dieter.violations() == []
    decide(dieter.open("/pruefung"), draft, "Bitte die Beschreibung ergänzen.", "Ablehnen")

    page = erika.open("/dashboard/datasets")
    expect(page.get_by_role("main")).to_contain_text("Bitte die Beschreibung ergänzen.")
    assert erika.violations() == []
    page = erika.open(f"/dataset/edit/{draft.name}")
    page.locator("#field-notes").fill("Genehmigte Plätze nach Gemeinde und Jahr.")
    page.get_by_role("main").locator("button[name=save]").last.click()
    page.wait_for_url(re.compile(f"/dataset/{draft.name}$"))
    expect(page.locator("#pruefung")).to_contain_text("Bitte die Beschreibung ergänzen.")
    check(page)
    submit(page)
    decide(dieter.open("/pruefung"), draft, "Keine Einwände.", "Freigeben")

    page = anybody.open(f"/dataset/{draft.name}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(draft.title)
    expect(page.locator("body")).not_to_contain_text("Musterkind")
    page = anybody.open("/dataset/?q=Kita")
    expect(page.get_by_role("main")).to_contain_text(draft.title)

    page = erika.open(f"/dataset/{draft.name}")
    page.get_by_role("link", name="Zurückziehen").click()
    refused(page, "Zurückziehen")
    assert erika.violations() == []
    page.locator("#field-reason").fill("Ende der Prüfung")
    page.locator("#field-public_reason").fill("Zu Ende geprüft.")
    page.get_by_role("main").get_by_role("button", name="Zurückziehen").click()
    page.wait_for_url(re.compile("/dashboard"))
    assert status_for_everybody(demo, anybody, draft) == 410
    expect(anybody.page.get_by_role("main")).to_contain_text("Zu Ende geprüft.")
    assert anybody.violations() == []


def test_a_form_names_what_is_missing_and_every_group_meets_wcag(
    visits: Callable[..., Visit],
) -> None:
    erika = visits()
    erika.sign_in("erika")
    page = erika.open("/dataset/new")
    page.get_by_role("main").locator("button[name=save]").last.click()
    alert = page.get_by_role("alert").filter(has=page.locator("#field-title, a"))
    expect(alert).to_contain_text("Bitte füllen Sie dieses Feld aus.")
    alert.get_by_role("link", name="Titel").click()
    assert page.locator("#error-field-title").is_visible()
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert erika.violations() == []


def test_a_region_is_found_by_its_name_with_the_keyboard(visits: Callable[..., Visit]) -> None:
    erika = visits()
    erika.sign_in("erika")
    page = erika.open("/dataset/new")
    page.locator("#group-space_time summary").press("Enter")
    box = page.get_by_label("Gebiet nach Namen suchen")
    box.press_sequentially("Musterst")
    option = page.locator("#field-regions-names option").first
    expect(option).to_have_attribute("value", "Musterstadt (99001001)")
    box.fill("Musterstadt (99001001)")
    box.press("Enter")
    expect(page.locator("#field-regions")).to_have_value("Musterstadt (99001001)")


def test_a_file_can_be_chosen_without_javascript(visits: Callable[..., Visit]) -> None:
    erika = visits(java_script_enabled=False)
    erika.sign_in("erika")
    page = erika.open("/dashboard/datasets")
    page.get_by_role("main").locator("tbody a").first.click()
    page.locator("#pruefung").get_by_role("link", name="Datei hinzufügen").click()
    expect(page.locator("#field-resource-upload")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Datei hinzufügen")


def test_focus_stays_visible_on_the_way_through_the_form(visits: Callable[..., Visit]) -> None:
    erika = visits()
    erika.sign_in("erika")
    page = erika.open("/dataset/new")
    page.locator("#field-title").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return e.matches(':focus-visible') && s.outlineStyle !== 'none'"
            " && parseFloat(s.outlineWidth) >= 2; }"
        ), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/gibt-es-nicht", 404, "Diese Seite gibt es nicht"),
        ("/pruefung", 403, "Diese Seite dürfen Sie nicht sehen"),
    ],
)
def test_error_pages_speak_german_and_lead_on(
    visitor: Visit, demo: Demo, path: str, status: int, text: str
) -> None:
    answer = visitor.page.goto(demo.url + path)
    assert answer is not None
    assert answer.status == status
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(text)
    expect(visitor.page.get_by_role("link", name="Zu den Datensätzen")).to_be_visible()
    assert visitor.violations() == []
