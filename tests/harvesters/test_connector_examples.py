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
def test_each_connector_has_an_example_that_is_valid(
    kind: str, installation: Installation
) -> None:
    source = load_source(FOLDER / f"{kind}.yaml")
    assert source.connection.type == kind
    assert is_remote(kind) == (source.connection.options is not None)
    assert hasattr(connector(source), "discover")


def test_examples_are_not_loaded_by_themselves() -> None:
    ids = {yaml.safe_load(path.read_text("utf-8"))["id"] for path in FOLDER.glob("*.yaml")}
    assert len(ids) == len(KINDS)
    assert not ids & set(list_sources())


@pytest.mark.parametrize("kind", [kind for kind in KINDS if is_remote(kind)])
def test_each_key_of_a_connector_is_described(kind: str) -> None:
    module = getattr(registry, kind.replace("genesis-api", "genesis"))
    (options,) = [value for name, value in vars(module).items() if name.endswith("Options")]
    said = f"{options.__doc__} {module.WEB_DOC if hasattr(module, 'WEB_DOC') else ''}"
    common = {"hosts", "seconds", "read_seconds", "retries", "parallel", "ca_file", "max_bytes"}
    other = {"formats", "licences", "files", "instance", "urls", "url", "changed_days"}
    missing = [key for key in set(module.KEYS) - common - other if f"{key}:" not in said]
    assert missing == []
