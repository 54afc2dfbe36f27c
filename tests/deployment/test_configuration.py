"""ckan.ini and test.ini: what they close, what they keep apart, what they never hold."""

import configparser
from collections.abc import Callable
from pathlib import Path

import pytest
from portal_cli import ckan_config
from portal_cli.ckan_config import Configuration
from portal_cli.console import PortalError
from portal_cli.state import State

CLOSED = (
    "ckan.auth.anon_create_dataset",
    "ckan.auth.create_unowned_dataset",
    "ckan.auth.create_dataset_if_not_in_organization",
    "ckan.auth.user_create_groups",
    "ckan.auth.user_create_organizations",
    "ckan.auth.user_delete_groups",
    "ckan.auth.user_delete_organizations",
    "ckan.auth.create_user_via_api",
    "ckan.auth.create_user_via_web",
    "ckan.auth.public_user_details",
    "ckan.auth.public_activity_stream_detail",
    "ckan.auth.reveal_private_datasets",
    "ckan.auth.create_default_api_keys",
    "ckan.auth.allow_dataset_collaborators",
    "ckan.auth.enable_cookie_auth_in_api",
    "ckan.datastore.sqlsearch.enabled",
    "ckan.cache_enabled",
)


def _read(path: Path) -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read(path, encoding="utf-8")
    return dict(parser["app:main"])


@pytest.mark.parametrize("name", CLOSED)
def test_every_door_that_ckan_leaves_open_is_closed(
    configuration: Configuration, name: str
) -> None:
    assert configuration.portal()[name] == "false"
    assert configuration.test()[name] == "false"


def test_the_gate_is_the_innermost_plugin_and_the_portals_templates_win(
    option: Callable[[str], str],
) -> None:
    plugins = option("ckan.plugins").split()
    assert plugins[-1] == "sozialdaten_gate"
    assert plugins[0] == "sozialdaten_portal"


def test_the_plugins_are_those_that_the_package_declares(repository: Path) -> None:
    text = (repository / "pyproject.toml").read_text(encoding="utf-8")
    declared = text.split('[project.entry-points."ckan.plugins"]')[1].split("\n\n")[0]
    names = {line.split(" = ")[0] for line in declared.strip().splitlines()}
    assert names == {name for name in ckan_config.PLUGINS if name.startswith("sozialdaten")}


def test_a_session_ends_after_eight_hours_on_the_server(option: Callable[[str], str]) -> None:
    assert option("SESSION_TYPE") == "redis"
    assert int(option("PERMANENT_SESSION_LIFETIME")) == 8 * 60 * 60
    assert int(option("REMEMBER_COOKIE_DURATION")) <= 8 * 60 * 60


def test_tokens_expire(option: Callable[[str], str]) -> None:
    assert "expire_api_token" in option("ckan.plugins").split()
    assert int(option("expire_api_token.default_lifetime")) <= 86_400


def test_jobs_may_take_as_long_as_a_harvest(option: Callable[[str], str]) -> None:
    assert int(option("ckan.jobs.timeout")) >= 3_600


def test_limits_are_off_in_tests_alone_and_a_proxy_is_believed_where_there_is_one(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = "ckanext.sozialdaten.limits"
    assert f"{limits}.enabled" not in configuration.portal()
    assert configuration.test()[f"{limits}.enabled"] == "false"
    assert configuration.portal()[f"{limits}.trusted_proxies"] == "0"
    monkeypatch.setenv("SOZIALDATEN_URL", "https://daten.example")
    assert configuration.portal()[f"{limits}.trusted_proxies"] == "1"


@pytest.mark.parametrize(
    ("address", "secure"), [("https://daten.example", "true"), ("http://daten.example", "false")]
)
def test_cookies_are_secure_where_the_address_is(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch, address: str, secure: str
) -> None:
    monkeypatch.setenv("SOZIALDATEN_URL", address + "/")
    options = configuration.portal()
    assert options["ckan.site_url"] == address
    assert options["SESSION_COOKIE_SECURE"] == options["REMEMBER_COOKIE_SECURE"] == secure


def test_an_address_that_is_none_is_refused(
    configuration: Configuration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_URL", "daten.example")
    with pytest.raises(PortalError, match=r"daten\.example"):
        configuration.portal()


def test_tests_touch_no_server_folder_or_database_of_the_portal(
    configuration: Configuration,
) -> None:
    live, test = configuration.portal(), configuration.test()
    for name in (
        "sqlalchemy.url",
        "ckan.datastore.write_url",
        "ckan.datastore.read_url",
        "solr_url",
        "ckan.redis.url",
        "ckan.storage_path",
        "ckan.webassets.path",
        "SECRET_KEY",
    ):
        assert live[name] != test[name], name
    assert test["testing"] == "true"
    assert live["testing"] == "false"


def test_the_files_say_what_was_configured_whatever_the_signs(
    configuration: Configuration, state: State
) -> None:
    (state.home / "local.ini").write_text(
        "[app:main]\nckan.site_title = 100 % Kreis\nsmtp.server = post.example\n", encoding="utf-8"
    )
    ckan_config.write(configuration)
    written = _read(state.ckan_ini)
    assert written["ckan.site_title"] == "100 % Kreis"
    assert written["smtp.server"] == "post.example"
    assert written["sqlalchemy.url"] == configuration.portal()["sqlalchemy.url"]
    assert "smtp.server" not in _read(state.test_ini)


def test_local_options_without_a_section_are_an_error_with_the_place(
    configuration: Configuration, state: State
) -> None:
    (state.home / "local.ini").write_text("smtp.server = post.example\n", encoding="utf-8")
    with pytest.raises(PortalError, match=r"local\.ini"):
        ckan_config.write(configuration)


def test_configuration_files_are_for_the_owner_alone(
    configuration: Configuration, state: State
) -> None:
    ckan_config.write(configuration)
    for path in (state.ckan_ini, state.test_ini):
        assert path.stat().st_mode & 0o777 == 0o600
