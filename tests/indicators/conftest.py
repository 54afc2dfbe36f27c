from collections.abc import Iterator
from pathlib import Path

import pytest
from lake_world import settings_in

from ckanext.sozialdaten.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.open(settings_in(tmp_path / "lake")) as lake:
        yield lake
