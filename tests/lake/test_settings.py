"""Settings from the environment, and what a cheap import means."""

import subprocess
import sys
from pathlib import Path

import pytest

from ckanext.sozialdaten.lake import Lake, LakeSettings, SettingsError, Zone

PUBLIC = {
    "SOZIALDATEN_LAKE_PUBLIC": "/srv/lake/public",
    "SOZIALDATEN_LAKE_PUBLIC_CATALOG": "postgresql+psycopg2://u:p@h/d",
}
RESTRICTED = {
    "SOZIALDATEN_LAKE_RESTRICTED": "s3://bucket/restricted",
    "SOZIALDATEN_LAKE_RESTRICTED_CATALOG": "postgresql+psycopg2://u:p@h/r",
}


def test_the_restricted_zone_is_the_default_where_it_is_open() -> None:
    assert LakeSettings.from_environment(PUBLIC | RESTRICTED).default_zone() is Zone.RESTRICTED
    assert LakeSettings.from_environment(PUBLIC).default_zone() is Zone.PUBLIC


def test_a_zone_that_is_not_open_names_the_variables() -> None:
    with pytest.raises(SettingsError, match="SOZIALDATEN_LAKE_RESTRICTED_CATALOG"):
        LakeSettings.from_environment(PUBLIC).of(Zone.RESTRICTED)


def test_half_a_zone_is_an_error() -> None:
    with pytest.raises(SettingsError, match="half configured"):
        LakeSettings.from_environment({"SOZIALDATEN_LAKE_PUBLIC": "/srv"})


def test_an_s3_address_is_taken_as_it_is() -> None:
    settings = LakeSettings.from_environment(RESTRICTED)
    assert settings.of(Zone.RESTRICTED).warehouse == "s3://bucket/restricted"


def test_each_zone_has_keys_of_its_own_for_its_bucket() -> None:
    keys = {
        "SOZIALDATEN_LAKE_RESTRICTED_S3_ENDPOINT": "https://s3.example",
        "SOZIALDATEN_LAKE_RESTRICTED_S3_SECRET_ACCESS_KEY": "geheim",
    }
    settings = LakeSettings.from_environment(PUBLIC | RESTRICTED | keys)
    assert settings.of(Zone.RESTRICTED).properties == {
        "s3.endpoint": "https://s3.example",
        "s3.secret-access-key": "geheim",
    }
    assert settings.of(Zone.PUBLIC).properties == {}
    assert "geheim" not in repr(settings)


def test_a_password_never_shows_in_the_settings() -> None:
    assert "u:p" not in repr(LakeSettings.from_environment(PUBLIC))


def test_a_folder_that_cannot_be_made_is_an_error_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = {
        "SOZIALDATEN_LAKE_PUBLIC": str(tmp_path / "file" / "lake"),
        "SOZIALDATEN_LAKE_PUBLIC_CATALOG": f"sqlite:///{tmp_path}/c.db",
    }
    with (
        Lake.open(LakeSettings.from_environment(environment)) as lake,
        pytest.raises(SettingsError, match="cannot be made"),
    ):
        lake.series()


def test_importing_the_rooms_loads_no_engine() -> None:
    script = (
        "import sys; import ckanext.sozialdaten.lake, ckanext.sozialdaten.geography; "
        "from ckanext.sozialdaten.lake.layouts import Layout; "
        "Layout.from_json({'fields': [{'name': 'a'}]}); "
        "heavy = {'pyarrow', 'duckdb', 'pyiceberg', 'pandas', 'shapely', 'ckan', 'sqlalchemy'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
