"""ckan.ini and test.ini: every option that the portal sets."""

import configparser
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal_cli.console import PortalError
from portal_cli.ports import Ports
from portal_cli.postgres_roles import TEST, url
from portal_cli.solr import USER as SOLR_USER
from portal_cli.state import State, write_private

__all__ = ["PLUGINS", "Configuration", "write"]

#: Outermost first: the portal's templates win, and the gate is the innermost of every chain.
PLUGINS = (
    "sozialdaten_portal",
    "sozialdaten_catalogue",
    "sozialdaten",
    "sozialdaten_map",
    "sozialdaten_timeseries",
    "activity",
    "expire_api_token",
    "datastore",
    "scheming_datasets",
    "spatial_metadata",
    "spatial_query",
    "harvest",
    "sozialdaten_harvester",
    "dcat",
    "datatables_view",
    "text_view",
    "sozialdaten_gate",
)
#: Tests make API tokens by CKAN's factories, which know no expiry.
NOT_IN_TESTS = frozenset({"expire_api_token"})

LOGGING = {
    "loggers": {"keys": "root, ckan, ckanext, rq"},
    "handlers": {"keys": "console"},
    "formatters": {"keys": "generic"},
    "logger_root": {"level": "WARNING", "handlers": "console"},
    "logger_ckan": {"level": "INFO", "handlers": "console", "qualname": "ckan", "propagate": "0"},
    "logger_ckanext": {
        "level": "INFO",
        "handlers": "console",
        "qualname": "ckanext",
        "propagate": "0",
    },
    # CKAN's command line silences loggers that are not named here: a worker would die wordless.
    "logger_rq": {"level": "WARNING", "handlers": "console", "qualname": "rq", "propagate": "0"},
    "handler_console": {
        "class": "StreamHandler",
        "args": "(sys.stderr,)",
        "level": "NOTSET",
        "formatter": "generic",
    },
    "formatter_generic": {"format": "%(asctime)s %(levelname)-5.5s [%(name)s] %(message)s"},
}

#: The same for the portal and its tests.
COMMON = {
    "use": "egg:ckan",
    "debug": "false",
    "ckan.locale_default": "de",
    "ckan.locales_offered": "de en",
    "ckan.locale_order": "de en",
    "ckan.display_timezone": "Europe/Berlin",
    "ckan.default.package_type": "dataset",
    "scheming.dataset_schemas": "ckanext.sozialdaten.schemas:dataset.yaml",
    "scheming.presets": "ckanext.scheming:presets.json ckanext.sozialdaten.schemas:presets.yaml",
    "ckanext.spatial.search_backend": "solr-bbox",
    "ckanext.dcat.rdf.profiles": "euro_dcat_ap_3",
    # Who may do what
    "ckan.auth.anon_create_dataset": "false",
    "ckan.auth.create_unowned_dataset": "false",
    "ckan.auth.create_dataset_if_not_in_organization": "false",
    "ckan.auth.user_create_groups": "false",
    "ckan.auth.user_create_organizations": "false",
    "ckan.auth.user_delete_groups": "false",
    "ckan.auth.user_delete_organizations": "false",
    "ckan.auth.create_user_via_api": "false",
    "ckan.auth.create_user_via_web": "false",
    "ckan.auth.roles_that_cascade_to_sub_groups": "admin",
    "ckan.auth.public_user_details": "false",
    "ckan.auth.public_activity_stream_detail": "false",
    "ckan.auth.allow_dataset_collaborators": "false",
    "ckan.auth.reveal_private_datasets": "false",
    "ckan.auth.enable_cookie_auth_in_api": "false",
    "ckan.auth.create_default_api_keys": "false",
    # What leaves the portal, and what comes in
    "ckan.gravatar_default": "disabled",
    "ckan.cache_enabled": "false",
    "ckan.cache_expires": "0",
    "ckan.requests.timeout": "15",
    "ckan.valid_url_schemes": "http https",
    "ckan.upload.user.types": "image",
    "ckan.upload.user.mimetypes": "image/png image/jpeg",
    "ckan.upload.group.types": "image",
    "ckan.upload.group.mimetypes": "image/png image/jpeg",
    "ckan.max_resource_size": "200",
    "ckan.max_image_size": "2",
    "ckan.datastore.sqlsearch.enabled": "false",
    "ckan.datastore.default_fts_index_method": "gin",
    "ckan.datastore.default_fts_lang": "german",
    "ckan.tracking_enabled": "false",
    "ckan.jobs.timeout": "3600",
    "ckan.harvest.mq.type": "redis",
    # minutes without any progress after which a job counts as dead; one delivery may take an hour
    "ckan.harvest.timeout": "180",
    "ckan.views.default_views": "",
    "ckan.preview.internal": "true",
}
#: A session ends after a working day, and a signed-in browser is not remembered beyond it.
SESSION = {
    "SESSION_TYPE": "redis",
    "SESSION_PERMANENT": "true",
    "PERMANENT_SESSION_LIFETIME": "28800",
    "SESSION_COOKIE_HTTPONLY": "true",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "REMEMBER_COOKIE_DURATION": "28800",
    "REMEMBER_COOKIE_HTTPONLY": "true",
    "REMEMBER_COOKIE_SAMESITE": "Lax",
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What the two configuration files are made of.

    Attributes:
        state: the installation.
        ports: where its servers listen.
        secrets: the generated secrets by name.
        plugins: those that are loaded, in order.
    """

    state: State
    ports: Ports
    secrets: Mapping[str, str]
    plugins: tuple[str, ...] = PLUGINS

    @property
    def site_url(self) -> str:
        """The address that people use: ``SOZIALDATEN_URL`` behind a proxy, else our own port."""
        text = os.environ.get("SOZIALDATEN_URL", "").rstrip("/")
        if text and not text.startswith(("http://", "https://")):
            raise PortalError(f"SOZIALDATEN_URL={text} is no web address", "https://host")
        return text or f"http://127.0.0.1:{self.ports.web}"

    @property
    def _is_behind_proxy(self) -> bool:
        return bool(os.environ.get("SOZIALDATEN_URL", "").strip("/"))

    def database(self, name: str, role: str, scheme: str = "postgresql") -> str:
        """The address of a database, with the password of ``role``."""
        secret = self.secrets[f"postgres-{role}"]
        return url(name, role, secret, self.ports.postgres, scheme=scheme)

    def redis(self, number: int) -> str:
        """The address of a Redis database; the long time-out keeps idle harvest consumers alive."""
        word = self.secrets["redis-password"]
        return f"redis://:{word}@127.0.0.1:{self.ports.redis}/{number}?socket_timeout=86400"

    def _servers(self, suffix: str) -> dict[str, str]:
        state, core = self.state, f"ckan{suffix}"
        return {
            "sqlalchemy.url": self.database(f"ckan{suffix}", f"ckan{suffix}"),
            # A worker process has few threads; the pool follows them.
            "sqlalchemy.pool_size": "4",
            "sqlalchemy.max_overflow": "6",
            "sqlalchemy.pool_pre_ping": "true",
            "ckan.datastore.write_url": self.database(
                f"datastore{suffix}", f"datastore_rw{suffix}"
            ),
            "ckan.datastore.read_url": self.database(f"datastore{suffix}", f"datastore_ro{suffix}"),
            "solr_url": f"http://127.0.0.1:{self.ports.solr}/solr/{core}",
            "solr_user": SOLR_USER,
            "solr_password": self.secrets["solr-password"],
            "ckan.redis.url": self.redis(1 if suffix else 0),
            "ckan.storage_path": str(state.home / f"storage{suffix}"),
            "ckan.webassets.path": str(state.home / f"webassets{suffix}"),
        }

    def portal(self) -> dict[str, str]:
        """The options of ckan.ini."""
        secure = str(self.site_url.startswith("https://")).lower()
        return {
            **COMMON,
            **SESSION,
            **self._servers(""),
            "testing": "false",
            "SECRET_KEY": self.secrets["secret-key"],
            "WTF_CSRF_SECRET_KEY": self.secrets["secret-key"],
            "api_token.jwt.algorithm": "HS256",
            "api_token.jwt.encode.secret": f"string:{self.secrets['token-key']}",
            "api_token.jwt.decode.secret": f"string:{self.secrets['token-key']}",
            "expire_api_token.default_lifetime": "86400",
            "SESSION_COOKIE_SECURE": secure,
            "REMEMBER_COOKIE_SECURE": secure,
            # the proxy of SOZIALDATEN_URL says who asks; without one nobody else is believed
            "ckanext.sozialdaten.limits.trusted_proxies": str(int(self._is_behind_proxy)),
            "ckan.plugins": " ".join(self.plugins),
            "ckan.site_id": "sozialdaten",
            "ckan.site_url": self.site_url,
            "ckan.site_title": "Sozialdaten",
            "ckanext.dcat.base_uri": self.site_url,
        }

    def test(self) -> dict[str, str]:
        """The options of test.ini: databases, index, Redis number and folders of its own."""
        return {
            **COMMON,
            **self._servers(TEST),
            "testing": "true",
            "ckanext.sozialdaten.limits.enabled": "false",
            "SECRET_KEY": "not-secret-for-tests-only",
            "WTF_CSRF_ENABLED": "false",
            "api_token.jwt.algorithm": "HS256",
            "ckan.plugins": " ".join(name for name in self.plugins if name not in NOT_IN_TESTS),
            "ckan.site_id": "sozialdaten-test",
            "ckan.site_url": "http://test.ckan.net",
            "ckan.site_title": "Sozialdaten",
        }


def render(options: Mapping[str, str]) -> str:
    """The text of an ini file; a percent sign is doubled, since the format expands it."""
    lines = ["# Written by deployment/portal at each start: changes are lost.", "[app:main]"]
    lines += [f"{name} = {value.replace('%', '%%')}".rstrip() for name, value in options.items()]
    for section, values in LOGGING.items():
        lines += ["", f"[{section}]", *(f"{name} = {value}" for name, value in values.items())]
    return "\n".join(lines) + "\n"


def write(configuration: Configuration) -> str:
    """Write both files, with the operator's additions, and return ckan.ini's text.

    Options in ``<home>/local.ini`` (section ``[app:main]``) win over ours in ckan.ini.
    """
    state = configuration.state
    portal = configuration.portal() | _local_options(state.home / "local.ini")
    text = render(portal)
    write_private(state.ckan_ini, text)
    write_private(state.test_ini, render(configuration.test()))
    for suffix in ("", TEST):
        for name in ("storage", "webassets"):
            folder = state.home / f"{name}{suffix}"
            folder.mkdir(exist_ok=True)
            folder.chmod(0o700)
    return text


def _local_options(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    parser = configparser.RawConfigParser()
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    try:
        parser.read(path, encoding="utf-8")
        return dict(parser["app:main"])
    except (configparser.Error, KeyError) as error:
        raise PortalError(
            f"{path} cannot be read: {error}", "[app:main], then key = value"
        ) from error
