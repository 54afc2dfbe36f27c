"""The Sozialbericht on a tablet, on paper and for a screen reader."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from browser_world import Demo, Visit
from playwright.sync_api import expect

TOWN = "99001001"
REPORT = f"/sozialbericht/{TOWN}"
PAGE_LIMIT = 60 * 1024
FINGER = 44


@pytest.fixture
def tablet(visits: Callable[..., Visit]) -> Visit:
    """A tablet held upright, touched, without JavaScript of ours or anybody's being needed."""
    return visits(viewport={"width": 820, "height": 1180}, has_touch=True)


def test_forty_figures_and_more_of_a_gemeinde_each_in_sentences(tablet: Visit) -> None:
    page = tablet.open(REPORT)
    words = page.locator(".sd-report-words")
    assert words.count() >= 40
    for text in words.all_inner_texts():
        assert re.search(r"betrug der Wert|gibt es keinen Wert", text), text


def test_from_the_home_page_to_my_report_in_three_clicks(tablet: Visit) -> None:
    page = tablet.open("/")
    page.get_by_role("navigation").get_by_role("link", name="Sozialbericht").click()
    page.get_by_role("main").get_by_role("link", name="Musterstadt", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sozialbericht Musterstadt")
    page.get_by_role("link", name="Pflege", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile(r"\d+\. Pflege"))).to_be_in_viewport()


def test_a_tablet_needs_no_sideways_scrolling_and_has_targets_for_fingers(tablet: Visit) -> None:
    page = tablet.open(REPORT)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 820
    for target in page.locator(
        ".sd-report-contents a, .sd-report summary, .sd-report select, .sd-report button"
    ).all():
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= FINGER - 0.5


def test_page_choice_and_dark_page_have_no_barriers_that_axe_knows(
    visits: Callable[..., Visit],
) -> None:
    for options in ({"viewport": {"width": 820, "height": 1180}}, {"color_scheme": "dark"}):
        visit = visits(**options)
        for path in (REPORT, "/sozialbericht"):
            visit.open(path)
            assert visit.violations() == []


def test_the_page_is_light(tablet: Visit) -> None:
    html = tablet.open(REPORT).content()
    assert len(gzip.compress(html.encode())) < PAGE_LIMIT
    assert tablet.page.locator("script").count() == 0


def test_on_paper_the_controls_are_gone_and_the_figures_stay(tablet: Visit) -> None:
    page = tablet.open(REPORT)
    page.emulate_media(media="print")
    for control in (".sd-controls", ".sd-downloads", ".sd-header", ".sd-report-more"):
        expect(page.locator(control).first).to_be_hidden()
    expect(page.locator(".sd-report-words").first).to_be_visible()
    expect(page.locator(".sd-report table").first).to_be_visible()


def test_the_page_of_the_archive_opens_from_a_folder_without_barriers(
    tablet: Visit, demo: Demo, tmp_path: Path
) -> None:
    answer = tablet.page.request.get(f"{demo.url}{REPORT}.zip")
    with zipfile.ZipFile(io.BytesIO(answer.body())) as archive:
        archive.extractall(tmp_path)
    (page,) = tmp_path.glob("*/index.html")
    asked: list[str] = []
    tablet.page.on("request", lambda request: asked.append(request.url))
    tablet.page.goto(page.as_uri())
    expect(tablet.page.get_by_role("heading", level=1)).to_contain_text("Musterstadt")
    assert asked == [page.as_uri()]
    assert tablet.violations() == []
