"""Goals and measures: written by staff, approved by a second person, told beside the figure."""

import io
import re

import openpyxl
import pytest
from ckan_world import World
from gate_office import Office, new_office
from report_world import TOWN, lake  # noqa: F401

from ckanext.sozialdaten.portal.preview import Cell, Kind
from ckanext.sozialdaten.portal.report._aims import Direction, Goal, Standing, standing

PATH = f"/sozialbericht/{TOWN}"
FORM = f"{PATH}/ziele"
GOAL = {
    "kind": "goal",
    "indicator": "geb_ziffer",
    "direction": "at_least",
    "target": "20,5",
    "until": "2030",
    "text": "Beschluss des Kreistags",
    "office": "Familienbüro",
}


@pytest.fixture
def office(world: World) -> Office:
    return new_office(world)


def send(office: Office, account, /, **fields):
    """The form, sent by an account that is signed in by its token."""
    return office.world.app.post(
        f"/de{FORM}",
        data={"organisation": office.organisation["name"], **fields},
        headers=account.headers,
        follow_redirects=False,
    )


def waiting(office: Office) -> list[dict]:
    return office.world.call("sozialdaten_proposal_list", office.reviewer, state="submitted")


def approve_all(office: Office) -> None:
    for text in waiting(office):
        office.world.call(
            "sozialdaten_proposal_approve", office.reviewer, id=text["id"], reason="Beschluss"
        )


def body_of(office: Office, path: str = PATH) -> str:
    body = office.world.page(path, language="de").body
    return " ".join(re.sub(r"<[^>]+>", " ", body).replace("\u00a0", " ").split())


def test_a_goal_stands_beside_the_figure_once_a_second_person_approved_it(office: Office):
    assert send(office, office.editor, submit="1", **GOAL).status_code == 302
    assert "20,5" not in body_of(office)
    approve_all(office)
    told = body_of(office)
    assert "Mindestens 20,5 je 1.000 Einw. bis 2030." in told
    assert "Bis zum Ziel fehlen 6,0 je 1.000 Einw." in told
    assert "Beschluss des Kreistags" in told


def test_measures_are_told_with_their_state_those_that_run_first(office: Office):
    for title, progress in (("Hebammenhaus", "planned"), ("Willkommensbesuche", "running")):
        fields = {"kind": "measure", "indicator": "geb_ziffer", "until": "", "text": ""}
        send(office, office.editor, submit="1", title=title, progress=progress, office="",
             **fields)  # fmt: skip
    approve_all(office)
    told = body_of(office)
    assert told.index("Willkommensbesuche – läuft") < told.index("Hebammenhaus – geplant")


def test_files_hold_the_goal_too(office: Office):
    send(office, office.editor, submit="1", **GOAL)
    approve_all(office)
    csv = office.world.page(f"{PATH}.csv").body
    row = next(line for line in csv.splitlines() if ",goal," in line)
    assert ",2030,20.5," in row
    assert "at_least missed" in row
    book = openpyxl.load_workbook(io.BytesIO(office.world.page(f"{PATH}.xlsx").data))
    read = [cell for line in book.worksheets[0].values for cell in line if cell]
    assert any("20,5" in str(cell) and "2030" in str(cell) for cell in read)


def test_a_draft_is_seen_by_its_staff_alone(office: Office):
    send(office, office.editor, **GOAL)
    mine = office.world.page(FORM, account=office.editor, language="de")
    assert "Entwurf" in mine.body
    assert waiting(office) == []
    for account in (None, office.stranger, office.member):
        assert office.world.page(FORM, account=account).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("target", "viel", "Geben Sie den Zielwert als Zahl ein"),
        ("until", "bald", "Das Jahr hat vier Ziffern"),
        ("indicator", "gibt_es_nicht", "Diese Kennzahl gibt es nicht"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(office: Office, field, value, told):
    answer = send(office, office.editor, submit="1", **{**GOAL, field: value})
    assert answer.status_code == 200
    assert told in answer.body
    assert "Beschluss des Kreistags" in answer.body
    assert waiting(office) == []


def cell(value, low=None, high=None):
    kind = Kind.VALUE if value is not None else Kind.SUPPRESSED
    return Cell(value=value, kind=kind, low=low, high=high)


@pytest.mark.parametrize(
    ("direction", "figure", "expected"),
    [
        ("at_least", cell(12.0), Standing.REACHED),
        ("at_least", cell(10.0), Standing.REACHED),
        ("at_least", cell(9.0), Standing.MISSED),
        ("at_most", cell(9.0), Standing.REACHED),
        ("at_most", cell(11.0), Standing.MISSED),
        ("at_least", cell(11.0, 9.5, 12.5), Standing.UNCERTAIN),
        ("at_least", cell(9.0, 7.0, 9.9), Standing.MISSED),
        ("at_least", cell(None), Standing.UNKNOWN),
    ],
)
def test_a_goal_within_the_interval_is_neither_reached_nor_missed(direction, figure, expected):
    goal = Goal(TOWN, "geb_ziffer", Direction(direction), 10.0, "2030")
    assert standing(goal, figure)[0] is expected
