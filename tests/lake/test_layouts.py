"""Layouts: strict reading, errors that name the key and the way out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.lake import LayoutError
from ckanext.sozialdaten.lake.layouts import Field, FieldType, Layout, Role

ROOT = Path(__file__).parents[2]
LAYOUTS = sorted((ROOT / "schemas" / "layouts").glob("*.yaml"))
TABLE = {
    "fields": [
        {
            "name": "gebiet",
            "type": "string",
            "role": "region",
            "title": "Gebiet",
            "title_en": "Region",
        },
        {"name": "jahr", "type": "year", "role": "time"},
        {"name": "faelle", "type": "integer", "role": "count", "unit": "Anzahl"},
        {"name": "faelle_q", "type": "string", "quality_of": "faelle"},
    ],
    "primaryKey": ["gebiet", "jahr"],
}


def test_a_table_schema_is_read_with_its_roles() -> None:
    layout = Layout.from_json(TABLE)
    assert [field.name for field in layout.by_role(Role.REGION, Role.TIME)] == ["gebiet", "jahr"]
    assert [field.name for field in layout.values] == ["faelle"]
    assert layout["gebiet"].label("en") == "Region"
    assert layout.primary_key == ("gebiet", "jahr")


def test_a_quality_column_is_found_by_its_value_column() -> None:
    layout = Layout.from_json(TABLE)
    quality = layout.quality_column("faelle")
    assert quality is not None
    assert (quality.name, quality.role) == ("faelle_q", None)
    assert layout.quality_column("jahr") is None


def test_what_is_written_is_read_back() -> None:
    layout = Layout.from_json(TABLE)
    assert layout.to_json() == TABLE
    assert Layout.from_json(layout.to_json_text()) == layout


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_every_shipped_layout_is_valid_and_survives_json(path: Path) -> None:
    layout = Layout.from_yaml(path.stem)
    assert layout.name == path.stem
    assert layout == Layout.from_yaml(path)
    assert Layout.from_json(layout.to_json_text()) == layout


def test_a_layout_of_a_file_takes_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "eigene.yaml"
    path.write_text("fields: [{name: a}]", encoding="utf-8")
    assert Layout.from_yaml(path).name == "eigene"


def test_captions_of_codes_stand_in_the_layout_or_in_a_list() -> None:
    codes = {"01": {"de": "eins", "en": "one"}}
    inline, listed = Layout.from_json(
        {"fields": [{"name": "a", "codelist": codes}, {"name": "b", "codelist": "sexes"}]}
    ).fields
    assert (inline.code_label("01", "en"), inline.code_label("02")) == ("one", "02")
    assert listed.codelist == "sexes"


def test_constraints_may_stand_at_the_field() -> None:
    field = Layout.from_json(
        {"fields": [{"name": "a", "required": True, "enum": ["m", "w"]}]}
    ).fields[0]
    assert (field.required, field.enum) == (True, ("m", "w"))


def _one(**keys: object) -> dict[str, object]:
    return {"fields": [{"name": "a", **keys}]}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({}, "fields"),
        ({"fields": {}}, "fields must be a list"),
        ({"fields": [1]}, r"fields\[0\] must be a mapping"),
        ({"fields": [{"type": "string"}]}, r"fields\[0\].name is missing"),
        ({"fields": [{"name": 1}]}, r"fields\[0\].name must be a text"),
        (_one(rolle="region"), "rolle is unknown. Did you mean “role”"),
        (_one(role="regoin"), "unknown value “regoin”. Did you mean “region”"),
        (_one(type="integer", role="region"), "leading zeros"),
        (_one(role="count"), "must be integer or number"),
        (_one(quality_of="b"), "no column “b”"),
        (_one(role="count", type="integer", quality_of="a"), "has no role"),
        (_one(required="ja"), "true or false"),
        (_one(codelist={1: "eins"}), "codes in quotes"),
        ({"fields": [{"name": "a"}, {"name": "a"}]}, "stands there twice"),
        (_one() | {"primaryKey": ["b"]}, "primaryKey: there is no column “b”"),
        (_one() | {"csv": {"delimiter": ";;"}}, "one character"),
        (_one() | {"csv": {"encoding": "latin"}}, "csv.encoding must be one of"),
        (_one() | {"csv": {"decimal": ",", "thousands": ","}}, "thousands"),
        (_one() | {"csv": {"footer": "("}}, "regular expression"),
        (_one() | {"csv": {"skip_lines": -1}}, "whole number"),
    ],
)
def test_a_mistake_is_named_with_its_key(data: dict[str, object], says: str) -> None:
    with pytest.raises(LayoutError, match=says):
        Layout.from_json(data)


def test_broken_yaml_names_file_and_row(tmp_path: Path) -> None:
    path = tmp_path / "kaputt.yaml"
    path.write_text("fields:\n  - {name: a\n", encoding="utf-8")
    with pytest.raises(LayoutError) as refused:
        Layout.from_yaml(path)
    assert refused.value.place is not None
    assert (refused.value.place.file, refused.value.place.row) == ("kaputt.yaml", 3)


def test_a_layout_that_does_not_exist_is_named() -> None:
    with pytest.raises(LayoutError, match="gibtsnicht"):
        Layout.from_yaml("gibtsnicht")


def test_broken_json_is_an_error_of_the_layout() -> None:
    with pytest.raises(LayoutError, match="JSON"):
        Layout.from_json("{")


names = st.text(min_size=1, max_size=8)
columns = st.builds(
    Field,
    name=names,
    type=st.sampled_from([FieldType.STRING, FieldType.DATE]),
    role=st.sampled_from([None, Role.DIMENSION, Role.SENSITIVE, Role.TIME]),
    title=st.fixed_dictionaries({}, optional={"de": names, "en": names}),
    unit=st.text(max_size=5),
    true_values=st.lists(names, max_size=2).map(tuple),
)


@given(st.lists(columns, min_size=1, max_size=5, unique_by=lambda column: column.name))
def test_any_layout_survives_json(fields: list[Field]) -> None:
    layout = Layout(tuple(fields))
    assert Layout.from_json(layout.to_json_text()) == layout
