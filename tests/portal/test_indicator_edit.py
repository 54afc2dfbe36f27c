"""Staff write an indicator in the browser; a second person approves it; everybody sees it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ckan_world import Account, RefusedError
from gate_office import Office
from indicator_world import SUPPORT, population, release, yearly

from ckanext.sozialdaten.lake import Lake
from ckanext.sozialdaten.publishing.indicators import KIND

TOWN, VILLAGE = "99001001", "99001002"
FORM = {
    "modus": "formular",
    "name_de": "Hilfen je Person",
    "name_en": "Support per person",
    "unit_de": "je 1.000",
    "unit_en": "per 1,000",
    "description_de": "Wie viele Hilfen es gibt.",
    "description_en": "How many young persons have support.",
    "method_de": "Zähler durch Nenner.",
    "method_en": "Numerator divided by denominator.",
    "theme": "youth_welfare",
    "kind": "per_mille",
    "i-0-series": "hze-gemeinde-altersgruppe.junge_menschen",
    "i-0-side": "over",
    "i-1-series": "bevoelkerung-gemeinde.einwohner",
    "i-1-side": "under",
    "levels": ["gemeinde", "kreis"],
    "decimals": "1",
    "span": "5",
}


@pytest.fixture(scope="module", autouse=True)
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """Population and young persons with support of two Gemeinden; one figure is hidden."""
    folder = tmp_path_factory.mktemp("edit-lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC", str(folder / "public"))
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC_CATALOG", f"sqlite:///{folder}/public.db")
        patch.setenv("SOZIALDATEN_FIGURES", str(folder / "figures"))
        made = Lake.open()
        years = {2022: 1000, 2023: 2000}
        population(made, {TOWN: years, VILLAGE: years}, source="bev")
        cells = yearly({TOWN: {2022: 8, 2023: 30}, VILLAGE: {2023: "."}}, "{}-12-31")
        release(made, SUPPORT, "junge_menschen", cells, {"altersgruppe": "INSGESAMT"}, source="hze")
        yield made


class Desk:
    """The form in the hands of the editor."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def send(self, path: str = "/kennzahlen/neu", who: Account | None = None, **fields: Any) -> Any:
        form = {**FORM, "organisation": self.office.organisation["id"], **fields}
        headers = (who or self.office.editor).headers
        return self.office.world.app.post(
            f"/de{path}", headers=headers, data=form, follow_redirects=False
        )

    def saved(self, key: str, action: str = "speichern", **fields: Any) -> dict[str, Any]:
        answer = self.send(id=key, aktion=action, **fields)
        assert answer.status_code == 302, answer.body
        return self.versions(key)[0]

    def versions(self, key: str) -> list[dict[str, Any]]:
        found = self.office.world.call("sozialdaten_proposal_list", self.office.editor, kind=KIND)
        return sorted((one for one in found if one["key"] == key), key=lambda one: -one["version"])

    def approve(self, proposal: dict[str, Any]) -> None:
        self.office.world.call(
            "sozialdaten_proposal_approve", self.office.reviewer, id=proposal["id"], reason="Gut."
        )

    def listed(self) -> set[str]:
        answer = self.office.world.app.get("/api/3/action/sozialdaten_indicator_list")
        return {item["id"] for item in json.loads(answer.body)["result"]}


@pytest.fixture
def desk(shared_office: Office) -> Desk:
    return Desk(shared_office)


def test_nobody_but_staff_sees_the_form(desk: Desk) -> None:
    world = desk.office.world
    for who in (None, world.account()):
        for path in ("/kennzahlen/neu", "/kennzahlen/eigene"):
            assert world.page(path, who).status_code == 403


def test_the_check_shows_a_preview_and_keeps_nothing(desk: Desk) -> None:
    body = desk.send(id="nur_geprueft", aktion="pruefen").body
    assert "Die Kennzahl lässt sich rechnen." in body
    assert "15,0" in body, "30 of 2,000"
    assert "geheim" in body
    assert desk.versions("nur_geprueft") == []


@pytest.mark.parametrize(
    ("fields", "field", "told"),
    [
        ({"name_en": ""}, "name_en", "füllen Sie diesen Text aus"),
        ({"i-0-series": "gibt es nicht"}, "i-0-series", "Keine Reihe"),
        ({"i-0-series": "einwohner bevölkerung frauen xyz"}, "i-0-series", "Keine Reihe"),
        ({"i-1-d-altersgruppe": ["INSGESAMT", "ALT000B03"]}, "i-1-d-altersgruppe", "doppelt"),
        ({"interval": "wilson"}, "interval", "Wilson"),
        ({"id": "bev_stand"}, "id", "vergeben"),
        ({"id": "neu"}, "id", "vergeben"),
        ({"kind": "share"}, "unit_de", "in %"),
        ({"course": "trend", "span": "1"}, "span", "Zwei Punkte"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    desk: Desk, fields: dict[str, Any], field: str, told: str
) -> None:
    body = desk.send(aktion="speichern", **{"id": "falsch", **fields}).body
    assert f'id="e-{field}"' in body
    assert told in body.split(f'id="e-{field}"')[1].split("</p>")[0]
    assert desk.versions("falsch") == []


def test_an_approved_indicator_joins_the_catalogue_and_a_retired_one_leaves_it(desk: Desk) -> None:
    draft = desk.saved("hilfen_je_person", "einreichen")
    assert draft["state"] == "submitted"
    assert "hilfen_je_person" not in desk.listed()
    assert desk.office.world.page("/kennzahlen/hilfen_je_person").status_code == 404
    desk.approve(draft)
    assert "hilfen_je_person" in desk.listed()
    answer = desk.office.world.app.get(
        f"/api/3/action/sozialdaten_indicator_values?id=hilfen_je_person&region={TOWN},{VILLAGE}"
    )
    records = json.loads(answer.body)["result"]["records"]
    told = {(row["region"], row["period"]): row["value"] or row["state"] for row in records}
    assert told[TOWN, "2023"] == pytest.approx(15.0)
    assert told[VILLAGE, "2023"] == "suppressed"
    page = desk.office.world.page("/kennzahlen/hilfen_je_person", language="de")
    assert "Hilfen je Person" in page.body
    desk.office.world.call(
        "sozialdaten_proposal_retire", desk.office.editor, id=draft["id"], reason="Alt."
    )
    assert "hilfen_je_person" not in desk.listed()
    assert desk.office.world.page("/kennzahlen/hilfen_je_person").status_code == 404


def test_who_wrote_it_does_not_approve_it(desk: Desk) -> None:
    draft = desk.saved("eigenlob", "einreichen")
    with pytest.raises(RefusedError) as refused:
        desk.office.world.call(
            "sozialdaten_proposal_approve", desk.office.editor, id=draft["id"], reason="Gut."
        )
    assert refused.value.status == 403
    assert "eigenlob" not in desk.listed()


def test_a_next_version_is_written_beside_the_approved_one(desk: Desk) -> None:
    desk.approve(desk.saved("in_fassungen", "einreichen"))
    answer = desk.send("/kennzahlen/in_fassungen/bearbeiten", aktion="speichern", decimals="3")
    assert answer.status_code == 302
    newest, approved = desk.versions("in_fassungen")
    assert (newest["version"], newest["state"], approved["state"]) == (2, "draft", "approved")
    page = desk.office.world.page("/kennzahlen/in_fassungen/bearbeiten", desk.office.editor, "de")
    assert "Fassung 2: Entwurf" in page.body
    assert f"/pruefung/texte/{newest['id']}" in page.body


def test_the_preview_of_a_version_is_for_those_who_may_read_it(desk: Desk) -> None:
    found = desk.saved("vorschau_probe", "einreichen")
    path = f"/kennzahlen/vorschau/{found['id']}"
    world = desk.office.world
    assert "15,0" in world.page(path, desk.office.reviewer, "de").body
    assert world.page(path).status_code == 404
    review = world.app.get(
        f"/de/pruefung/texte/{found['id']}", headers=world.deciding(desk.office.reviewer)
    )
    assert path in review.body


def test_yaml_goes_into_the_form_and_what_the_form_cannot_say_stays_yaml(desk: Desk) -> None:
    body = desk.saved("hin_und_her")["body"]
    simple = body.replace("per_mille:", "per_mille:").replace("decimals: 1", "decimals: 2")
    page = desk.send(aktion="yaml", yaml=simple).body
    assert 'name="modus" value="formular"' in page
    assert 'name="decimals" type="text" value="2"' in page
    data = yaml.safe_load(body)
    data["formula"] = {"product": [{"per_mille": data["formula"]["per_mille"]}] * 2}
    page = desk.send(aktion="yaml", yaml=yaml.safe_dump(data, allow_unicode=True)).body
    assert 'name="modus" value="yaml"' in page
    assert "lässt sich rechnen" in page
    broken = desk.send(aktion="yaml", yaml="id: a\nname: [").body
    assert "Zeile" in broken.split('id="e-yaml"')[1]


def test_an_indicator_whose_layout_vanished_takes_no_other_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.approve(desk.saved("bald_kaputt", "einreichen"))
    from ckanext.sozialdaten.publishing import indicators

    broken = {
        key: body.replace("hze-gemeinde-altersgruppe", "verschwunden")
        for key, body in indicators.approved_definitions().items()
    }
    monkeypatch.setattr(
        "ckanext.sozialdaten.publishing.indicators.newest_standing",
        lambda _kind: [type("Row", (), {"key": key, "body": body}) for key, body in broken.items()],
    )
    assert "bald_kaputt" not in desk.listed()
    assert desk.office.world.page("/kennzahlen/bev_stand").status_code == 200
    told = desk.office.world.page("/kennzahlen/eigene", desk.office.editor, "de").body
    assert "bald_kaputt" in told
    assert "verschwunden" in told


RATIO = "z=hze.junge_menschen&n=bev.einwohner&faktor=1000"


def test_everybody_combines_two_series_and_what_is_hidden_stays_hidden(desk: Desk) -> None:
    page = desk.office.world.page(f"/kennzahlen/verknuepfen?{RATIO}", language="de")
    rows = page.body.split("<tbody>")[1].split("</tbody>")[0]
    assert ">15<" in rows.split("Musterstadt")[1].split("</tr>")[0]
    assert "geheim" in rows.split("Ahornfeld")[1].split("</tr>")[0]
    assert "Arbeitsfassung anlegen" not in page.body


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("z=gibtsnicht&n=bev.einwohner", "Keine veröffentlichte Reihe"),
        ("z=hze.junge_menschen&n=bev.einwohner&zensus=1987", "1987"),
        ("z=bevölkerung&n=", "Zwei Reihen"),
    ],
)
def test_a_ratio_that_cannot_be_says_why(desk: Desk, query: str, told: str) -> None:
    page = desk.office.world.page(f"/kennzahlen/verknuepfen?{query}", language="de")
    assert page.status_code == 200
    assert told in page.body


def test_staff_make_a_private_working_copy_of_a_ratio(desk: Desk) -> None:
    world, office = desk.office.world, desk.office
    page = world.page(f"/kennzahlen/verknuepfen?{RATIO}", office.editor, "de")
    assert "Prüfung der Geheimhaltung" in page.body
    form = dict(part.split("=") for part in RATIO.split("&"))
    answer = world.app.post(
        "/de/kennzahlen/verknuepfen",
        headers=office.editor.headers,
        data={**form, "organisation": office.organisation["id"]},
        follow_redirects=False,
    )
    assert answer.status_code == 302, answer.body
    name = answer.headers["Location"].rsplit("/", 1)[-1]
    made = world.call("package_show", office.editor, id=name)
    assert made["private"]
    found = world.call("sozialdaten_check", office.editor, id=name)
    assert found["state"] == "done"
    assert found["roles"]
    with pytest.raises(RefusedError):
        world.call("package_show", None, id=name)


def test_a_stranger_makes_no_working_copy(desk: Desk) -> None:
    form = dict(part.split("=") for part in RATIO.split("&"))
    answer = desk.office.world.app.post(
        "/de/kennzahlen/verknuepfen",
        headers=desk.office.world.account().headers,
        data={**form, "organisation": desk.office.organisation["id"]},
    )
    assert answer.status_code == 403
