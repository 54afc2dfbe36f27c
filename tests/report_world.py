"""The world of the reports: births and population of three Gemeinden, their Kreis and Germany."""

from collections.abc import Iterator

import pytest
from indicator_world import BIRTHS, population, release

from ckanext.sozialdaten.lake import Lake

__all__ = ["BORN", "HAMLET", "PEOPLE", "TOWN", "VILLAGE", "YEARS", "lake"]

TOWN, VILLAGE, HAMLET = "99001001", "99001002", "99001003"
PEOPLE = {TOWN: 20_000, VILLAGE: 900, HAMLET: 4_000, "99001": 24_900, "DG": 80_000_000}
BORN = {TOWN: 290, VILLAGE: 0, HAMLET: ".", "99001": 330, "DG": 700_000}
YEARS = (2019, 2020, 2021, 2022, 2023)


@pytest.fixture(scope="module", autouse=True)
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A public lake with these figures, computed."""
    folder = tmp_path_factory.mktemp("report-lake")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC", str(folder / "public"))
        patch.setenv("SOZIALDATEN_LAKE_PUBLIC_CATALOG", f"sqlite:///{folder}/public.db")
        patch.setenv("SOZIALDATEN_FIGURES", str(folder / "figures"))
        made = Lake.open()
        population(made, {key: dict.fromkeys((2018, *YEARS), n) for key, n in PEOPLE.items()})
        births = {(key, str(year)): n for key, n in BORN.items() for year in YEARS}
        births[TOWN, "2019"] = 150
        release(made, BIRTHS, "lebendgeborene", births, source="geburten")
        from ckanext.sozialdaten.indicators import Figures

        Figures.from_environment().build()
        yield made
