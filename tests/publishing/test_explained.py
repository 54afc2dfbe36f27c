"""The public pages of the rules."""

import pytest
from gate_office import TABLE, Office

from ckanext.sozialdaten.disclosure import list_explained


def test_a_visitor_reads_every_rule(office: Office) -> None:
    body = office.world.page("/geheimhaltung", language="de").body
    for rule in list_explained():
        assert f'/geheimhaltung/{rule}"' in body
    assert (
        "Wovor sie schützt" in office.world.page("/geheimhaltung/k-anonymity", language="de").body
    )


def test_the_public_is_not_told_how_closely_somebody_may_compute(office: Office) -> None:
    body = office.world.page("/geheimhaltung/dominance", language="de").body
    assert "wird nicht genannt" in body
    assert "dominance.p_percent" not in body
    assert "dominance.contributors" in body


@pytest.mark.parametrize(
    "path",
    [
        "/geheimhaltung/none-such",
        "/geheimhaltung/parameters",
        "/geheimhaltung/handbook",
        "/geheimhaltung/k-anonymity?policy=/etc/passwd",
        "/geheimhaltung/k-anonymity?policy=../policies/streng-5.yaml",
    ],
)
def test_what_is_no_rule_or_policy_is_not_there(office: Office, path: str) -> None:
    assert office.world.page(path).status_code == 404


def test_a_finding_leads_to_its_rule_with_the_numbers_applied(office: Office) -> None:
    copy = office.working_copy(TABLE + b"99001009;2023;1\n")
    office.world.app.post(
        f"/dataset/{copy['name']}/pruefen", headers=office.editor.headers, follow_redirects=False
    )
    page = office.world.page(f"/dataset/{copy['name']}", office.editor, "en").body
    assert "/geheimhaltung/minimum-frequency?policy=amtliche-statistik-3" in page
