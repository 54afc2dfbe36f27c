from ckanext.sozialdaten.errors import Place, SozialdatenError
from ckanext.sozialdaten.messages import Message


def test_a_text_without_translation_stays_english() -> None:
    assert (
        Message("Nobody ever wrote {this}", {"this": "text"}).text("de") == "Nobody ever wrote text"
    )


def test_both_languages_carry_the_parameters() -> None:
    both = Message("{count} rows", {"count": 3}).both()
    assert set(both) == {"de", "en"}
    assert all("3" in text for text in both.values())


def test_an_error_names_place_message_and_hint() -> None:
    error = SozialdatenError(
        Message("The column is missing."),
        Message("Add it."),
        Place("export.csv", row=4, column="GKZ"),
    )
    assert error.text() == "export.csv, row 4, column GKZ: The column is missing. Add it."


def test_a_place_names_only_what_is_known() -> None:
    assert str(Place("a.xlsx", sheet="2023")) == "a.xlsx, sheet 2023"
    assert str(Place()) == ""
