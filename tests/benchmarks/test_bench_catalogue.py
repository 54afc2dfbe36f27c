"""``sozialdaten bench harvest --part catalogue``: the catalogue is one. Nothing is timed here."""

from pathlib import Path

import pytest

from ckanext.sozialdaten.cli import _bench_catalogue
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core.catalogue import listing
from ckanext.sozialdaten.harvesters.core.sources import load_source


def test_every_dataset_of_its_catalogue_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _bench_catalogue._catalogue(1_200) as url:
        environment = _bench_catalogue._source(tmp_path, url)
        for name in ("SOZIALDATEN_HOME", "SOZIALDATEN_SOURCES", "SOZIALDATEN_PRIVATE_HOSTS"):
            monkeypatch.setenv(name, environment[name])
        found = listing(load_source(_bench_catalogue._SOURCE), Register.default())
    assert found.problems == ()
    assert len({copy.key for copy in found.copies}) == 1_200
    assert all(len(copy.resources) == 3 for copy in found.copies)
