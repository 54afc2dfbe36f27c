"""Borders come by the YAML of a source, over real HTTP, into a register folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from connector_world import Asked, Handler, Reply, Service

from ckanext.sozialdaten.cli.region import command
from ckanext.sozialdaten.geography import Level, Register

Serve = Callable[[Handler], Service]
pytestmark = pytest.mark.usefixtures("web")


def square(key: str, x: float, gf: int = 4) -> dict[str, Any]:
    """A Gemeinde of a tenth of a degree."""
    ring = [[x, 54.0], [x + 0.1, 54.0], [x + 0.1, 54.1], [x, 54.1], [x, 54.0]]
    return {
        "type": "Feature",
        "properties": {"ags": key, "ars": key[:5] + "0000" + key[5:], "gf": gf, "gen": "Ort"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


PLACES = [square("99001001", 9.0), square("99001002", 9.1), square("99001002", 9.2, gf=2)]


def answer(asked: Asked) -> Reply:
    start = int(asked.one("startIndex"))
    page = {"type": "FeatureCollection", "features": PLACES[start : start + 2]}
    return Reply(json.dumps(page | {"numberMatched": len(PLACES)}).encode(), 200)


def fetch(tmp_path: Path, url: str, **connector: object) -> Result:
    example = yaml.safe_load(Path("schemas/sources/examples/wfs.yaml").read_text())
    example["connector"] = {
        "type": "wfs",
        "url": url,
        "layers": ["vg250:vg250_gem"],
        "within": ["99001"],
        "page": 2,
        "retries": 0,
        **connector,
    }
    source = tmp_path / "beispiel-vg250.yaml"
    source.write_text(yaml.safe_dump(example, allow_unicode=True))
    order = ["fetch", str(source), "--to", str(tmp_path / "register"), "--year", "2023"]
    return CliRunner().invoke(command, order)


def test_land_of_a_service_becomes_the_boundaries_of_the_register(
    tmp_path: Path, serve: Serve
) -> None:
    folder = tmp_path / "register"
    folder.mkdir()
    (folder / "regions.csv").write_text("ags,ars,name,level,parent,valid_from,valid_to\n")
    done = fetch(tmp_path, f"{serve(answer).url}/wfs")
    assert done.exit_code == 0, done.stderr
    register = Register.load([Path("schemas/geography"), folder])
    shapes = register.boundaries(Level.GEMEINDE, "99001", 2023)
    reach = {shape["properties"]["ags"]: shape["bbox"] for shape in shapes["features"]}
    assert [round(edge, 2) for edge in reach["99001001"]] == [9.0, 54.0, 9.1, 54.1]
    # the piece of water is left out
    assert [round(edge, 2) for edge in reach["99001002"]] == [9.1, 54.0, 9.2, 54.1]
    landed = [path.name for path in tmp_path.rglob("*.geojson") if path.parent != folder]
    assert landed == []


def test_a_service_that_fails_leaves_the_register_as_it_was(tmp_path: Path, serve: Serve) -> None:
    service = serve(lambda _: Reply(b"<html>Wartung</html>", 200))
    done = fetch(tmp_path, f"{service.url}/wfs")
    assert (done.exit_code, done.stdout) == (2, "")
    assert not list((tmp_path / "register").glob("boundaries*"))


def test_only_services_of_borders_bring_boundaries(tmp_path: Path) -> None:
    order = ["fetch", "musterland-inkar", "--to", str(tmp_path), "--year", "2023"]
    done = CliRunner().invoke(command, order)
    assert done.exit_code == 2
    assert "connector wfs" in done.stderr
