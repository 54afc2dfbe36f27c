"""The form of an indicator and its YAML say the same."""

from pathlib import Path

import pytest
import yaml
from werkzeug.datastructures import MultiDict

from ckanext.sozialdaten.indicators import read_text
from ckanext.sozialdaten.portal.indicator_edit._draft import (
    Draft,
    InputDraft,
    as_yaml,
    definition_of,
    slug,
)
from ckanext.sozialdaten.portal.indicator_edit._page import changed
from ckanext.sozialdaten.portal.indicator_edit._reading import draft_of_form, draft_of_text

SHIPPED = sorted((Path(__file__).parents[3] / "schemas/indicators").glob("*.yaml"))
ONLY_YAML = {
    *("arb_pendlersaldo", "bev_durchschnittsalter", "bev_saldo_natuerlich", "bev_wanderungssaldo"),
    *("kita_tagespflege_u3", "kjh_hze_quote", "mob_schwerverletzte_anteil"),
}


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_form_says_what_the_yaml_says_or_leaves_it_alone(file: Path) -> None:
    text = file.read_text("utf-8")
    draft = draft_of_text(text, file.stem)
    assert (draft is None) is (file.stem in ONLY_YAML)
    if draft is not None:
        again = read_text(as_yaml(definition_of(draft)), file.name)
        meant = read_text(text, file.name)
        assert again.formula == meant.formula
        assert again.inputs == meant.inputs
        assert again.name == meant.name


def test_an_id_is_made_of_the_german_name() -> None:
    assert slug("1. Größe & Höhe der Bedarfsgemeinschaften (SGB II)") == (
        "groesse_hoehe_der_bedarfsgemeinschaften_sgb_ii"
    )
    assert definition_of(Draft(name={"de": "Ärzte je Ort"}))["id"] == "aerzte_je_ort"


def test_several_inputs_of_a_side_are_added_up() -> None:
    inputs = (
        InputDraft("kita-gemeinde.kinder_tageseinrichtung"),
        InputDraft("kita-gemeinde.kinder_tagespflege"),
        InputDraft("bevoelkerung-gemeinde.einwohner", side="under"),
    )
    told = definition_of(Draft(kind="share", inputs=inputs))
    assert told["formula"] == {
        "share": {
            "of": {"sum": ["kinder_tageseinrichtung", "kinder_tagespflege"]},
            "to": "einwohner",
        }
    }


def test_a_course_is_wrapped_around_the_computation() -> None:
    draft = Draft(kind="value", inputs=(InputDraft("geburten-gemeinde.lebendgeborene"),))
    trend = definition_of(draft.renamed("a"))
    assert trend["formula"] == {"value": "lebendgeborene"}
    form = MultiDict({"kind": "value", "i-0-series": "geburten-gemeinde.lebendgeborene"})
    form.update({"course": "change_relative", "span": "3", "span_unit": "months"})
    assert definition_of(draft_of_form(form))["formula"] == {
        "change": {"of": {"value": "lebendgeborene"}, "months": 3, "relative": True}
    }


def test_what_is_no_number_stays_for_the_compiler_to_refuse() -> None:
    told = yaml.safe_load(as_yaml(definition_of(Draft(decimals="viele", below="zwanzig"))))
    assert (told["decimals"], told["small_numbers"]["below"]) == ("viele", "zwanzig")


def test_buttons_add_and_take_away_places_for_inputs() -> None:
    draft = Draft()
    more = changed(draft, "mehr-under")
    assert [item.side for item in more.inputs] == ["over", "under", "under"]
    assert len(changed(more, "weniger-0").inputs) == 2
    only = changed(Draft(kind="value"), "pruefen")
    assert len(only.inputs) == 1
    many = Draft()
    for _ in range(20):
        many = changed(many, "mehr-over")
    assert len(many.inputs) == 6
