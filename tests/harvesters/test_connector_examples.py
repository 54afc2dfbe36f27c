"""The examples of sources: one for each connector, valid, and not loaded by themselves."""

from importlib import resources
from pathlib import Path

import pytest
import yaml
from harvest_world import Installation

from ckanext.sozialdaten.harvesters.core.connectors import connector, is_remote, kinds, registry
from ckanext.sozialdaten.harvesters.core.sources import list_sources, load_source

FOLDER = Path(str(resources.files("ckanext.sozialdaten.schemas.sources") / "examples"))
KINDS = kinds()


@pytest.mark.parametrize("kind", KINDS)
def test_each_connector_has_an_example_that_is_valid(kind: str, installation: Installation) -> None:
    source = load_source(FOLDER / f"{kind}.yaml")
    assert source.connection.type == kind
    assert is_remote(kind) == (source.connection.options is not None)
    assert hasattr(connector(source), "discover")


def test_examples_are_not_loaded_by_themselves() -> None:
    ids = {yaml.safe_load(path.read_text("utf-8"))["id"] for path in FOLDER.glob("*.yaml")}
    assert len(ids) == len(KINDS) + 1, "one for each connector, one for whole catalogues"
    assert not ids & set(list_sources())


def test_every_connector_and_key_is_in_the_handbook() -> None:
    text = (Path(__file__).parents[2] / "docs" / "anbindungen.md").read_text("utf-8")
    rows = {line.split("`")[1]: line for line in text.splitlines() if line.startswith("| `")}
    common = {name for name in rows if name not in KINDS}
    for kind in KINDS:
        keys = set(registry.keys_of(kind)) - common
        missing = [key for key in keys if f"`{key}`" not in rows[kind]]
        assert missing == [], kind


def test_a_whole_catalogue_has_an_example_that_is_valid(installation: Installation) -> None:
    source = load_source(FOLDER / "catalogue.yaml")
    assert source.catalogue is not None
    assert source.measures == ()
