"""Finding datasets: in German, by facets and by place, on the real search server."""

import pytest

TITLES = {
    "kinder": "Kinder in Familien mit Grundsicherung",
    "pflege": "Pflegebedürftige nach Pflegegrad",
    "kita": "Kindertageseinrichtungen und ihre Plätze",
    "kitaplaetze": "Kitaplätze für Dreijährige",
    "hze": "Hilfen zur Erziehung nach Gemeinde",
    "hze-kurz": "HzE-Fallzahlen",
    "buergergeld": "Bürgergeld: Bedarfsgemeinschaften",
    "sgb2": "Leistungen nach SGB II",
    "martin": "Das Haus Martin in der Innenstadt",
    "english": "Employment statistics of the districts",
}


@pytest.fixture(scope="module")
def library(world, office, editor):
    """Datasets with telling titles and no other text that could be found."""
    for name, title in TITLES.items():
        world.dataset(editor, office, name=name, title=title, notes="Fiktiv.")
    return lambda question, **more: {
        found["name"]
        for found in world.call(
            "package_search", editor, q=question, include_private=True, rows=50, **more
        )["results"]
    }


def test_a_search_in_german_finds_forms_compounds_and_synonyms(library):
    expected = {
        "Kind": {"kinder", "kita"},
        "Kindern": {"kinder", "kita"},
        "Pflege": {"pflege"},
        "pflegebeduerftig": {"pflege"},
        "Pflegebedürftiger": {"pflege"},
        "Kita": {"kita", "kitaplaetze"},
        "Kindertageseinrichtung": {"kita", "kitaplaetze"},
        "Kindertagesstätten": {"kita", "kitaplaetze"},
        "HzE": {"hze", "hze-kurz"},
        "Hilfen zur Erziehung": {"hze", "hze-kurz"},
        "Erziehungshilfe": {"hze", "hze-kurz"},
        "SGB II": {"sgb2", "buergergeld"},
        "SGB 2": {"sgb2", "buergergeld"},
        "Grundsicherung für Arbeitsuchende": {"sgb2", "buergergeld"},
        "Hilfen zur Erziehung Gemeinde": {"hze"},
    }
    assert {question: library(question) for question in expected} == expected


def test_a_search_in_english_still_finds_english_forms(library):
    assert library("statistic district") == {"english"}


def test_a_word_inside_an_unrelated_word_finds_nothing(library):
    questions = ["Art", "heim", "wohn", "Kindesunterhalt", "Pflegefamilie"]
    assert [name for question in questions for name in library(question)] == []


def test_a_question_in_solrs_own_syntax_stays_one(library):
    assert library("title:Martin AND -title:HzE") == {"martin"}


def test_signs_of_query_syntax_in_a_question_do_no_harm(library):
    assert library('HzE (2024) "') <= set(TITLES)


def test_a_long_text_does_not_break_the_index(world, office, editor):
    long = "Wort " * 10_000
    world.dataset(editor, office, name="lang", methodology=long, quality_notes=long)
    found = world.call("package_search", editor, q="name:lang", include_private=True)
    assert found["count"] == 1
