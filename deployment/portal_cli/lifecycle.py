"""Start, stop, status: what an installation consists of, in the order in which it comes up."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from portal_cli import ckan_config, credentials, packages, ports, python_environment
from portal_cli.ckan_config import Configuration
from portal_cli.console import PortalError, note, step
from portal_cli.postgres import Cluster
from portal_cli.processes import call
from portal_cli.programs import all_programs, environment
from portal_cli.solr import SolrServer
from portal_cli.state import ROOT, State, digest, locked
from portal_cli.supervision import APPLICATION, SERVERS, Supervisor

__all__ = ["Installation", "down", "load", "up"]

PATIENCE = 120.0
LOG_TAIL = 20


class Installation:
    """One portal with its servers, as the state folder describes it."""

    def __init__(self, state: State, chosen: ports.Ports) -> None:
        self.state = state
        self.configuration = Configuration(state, chosen, credentials.ensure(state))
        self.cluster = Cluster(state, chosen.postgres)
        self.solr = SolrServer(state, chosen.solr, self.configuration.secrets["solr-password"])
        self.supervisor = Supervisor(state)
        self.ini = ""

    def write(self) -> None:
        """Write ckan.ini, test.ini and the supervisor's configuration."""
        self.ini = ckan_config.write(self.configuration)
        self.supervisor.write(all_programs(self.configuration, self.ini, self.cluster, self.solr))

    def environment(self, *, restricted: bool = True) -> dict[str, str]:
        """The project's variables for a command of the operator."""
        return environment(self.configuration, restricted=restricted)


def load(state: State) -> Installation | None:
    """The installation as it was set up, or ``None`` before the first start."""
    chosen = ports.load(state)
    return Installation(state, chosen) if chosen and state.ckan_ini.is_file() else None


def up(state: State, profile: str = python_environment.BASE) -> Installation:
    """Install what is missing and start what does not run; harmless when all is well."""
    with locked(state.home / ".lock", "starts or stops the portal"):
        _install(state, profile)
        supervisor = Supervisor(state)
        running = supervisor.running()
        if not running and supervisor.end_orphans():
            note("ended processes that a killed supervisor had left")
        installation = Installation(state, ports.choose(state, running=running))
        installation.solr.install()
        installation.cluster.prepare()
        configset = installation.solr.prepare()
        installation.write()
        if running:
            supervisor.reload()
        else:
            supervisor.launch()
            _wait("supervisor", supervisor.running, None, state)
        with step("Servers"):
            _start_servers(installation)
        _initialise(installation, configset)
        with step("Application"):
            _start_application(installation)
    return installation


def _install(state: State, profile: str) -> None:
    needs = packages.PYTHON + packages.SERVERS
    if not list(state.cache.glob("solr-*")):
        needs += packages.SOLR_BUILD
    packages.ensure(needs)
    state.create()
    python_environment.ensure(state, profile)


def _start_servers(installation: Installation) -> None:
    supervisor, chosen = installation.supervisor, installation.configuration.ports
    for name in SERVERS:
        supervisor.start(name)
    _wait("postgres", installation.cluster.answers, supervisor, installation.state)
    _wait("redis", lambda: _listens(chosen.redis), supervisor, installation.state)
    try:
        _wait("solr", installation.solr.answers, supervisor, installation.state)
    except PortalError as error:
        why = installation.solr.failures()
        raise PortalError(f"{error.message}\n{why}".strip(), error.hint) from error


def _start_application(installation: Installation) -> None:
    """Start the web pages first and wait for them alone: the others have queues to wait for."""
    supervisor, state = installation.supervisor, installation.state
    there = {process["name"] for process in supervisor.processes()}
    address = f"http://127.0.0.1:{installation.configuration.ports.web}/api/3/action/status_show"
    for name in APPLICATION:
        if name in there:
            supervisor.start(name)
        if name == "web":
            _wait(name, lambda: _answers(address), supervisor, state)


def _initialise(installation: Installation, configset: str) -> None:
    """Databases, migrations, accounts and index, if their inputs changed since the last time."""
    state, configuration = installation.state, installation.configuration
    kept = state.read_stamp("initialised") or {}
    inputs = _initial_inputs(installation)
    if kept.get("inputs") == inputs and kept.get("configset") == configset:
        return
    with step("Database accounts"):
        installation.cluster.bring_up_to_date(configuration.secrets)
        template = _site_packages(state) / "ckanext/datastore/set_permissions.sql"
        installation.cluster.grant_datastore(template.read_text(encoding="utf-8"))
    reindex = kept.get("configset") not in {None, configset}
    if reindex:
        with step("Search schema"):
            installation.solr.reload()
    with step("Migrations and accounts"):
        command = [str(state.python), str(ROOT / "deployment" / "initialise.py")]
        call(
            command + ["--reindex"] * reindex,
            what="initialisation of CKAN",
            hint=f"the whole story: {state.logs}",
            env={"PATH": f"{state.venv}/bin:/usr/bin:/bin", **installation.environment()},
        )
    state.write_stamp("initialised", {"inputs": inputs, "configset": configset})


def _initial_inputs(installation: Installation) -> str:
    """Digest of what the databases depend on."""
    state = installation.state
    migrations = sorted(ROOT.glob("ckanext-sozialdaten/**/migration/**/*.py"))
    return digest(
        [
            *installation.configuration.plugins,
            installation.configuration.site_url,
            *(str(value) for value in sorted(credentials.ensure(state).items())),
            *(path.read_bytes() for path in migrations),
            (ROOT / "deployment/requirements/base.txt").read_bytes(),
            (ROOT / "deployment/initialise.py").read_bytes(),
        ]
    )


def _site_packages(state: State) -> Path:
    return next(iter(state.venv.glob("lib/python*/site-packages")))


def down(state: State) -> bool:
    """Stop everything; ``False`` if nothing ran."""
    with locked(state.home / ".lock", "starts or stops the portal"):
        supervisor = Supervisor(state)
        if not supervisor.running():
            return supervisor.end_orphans() > 0
        with step("Stopping"):
            there = {process["name"] for process in supervisor.processes()}
            supervisor.stop(there - set(SERVERS))
            supervisor.stop(there & set(SERVERS))
            supervisor.shut_down()
            ends = time.monotonic() + PATIENCE
            while supervisor.running() and time.monotonic() < ends:
                time.sleep(0.1)
    return True


def _wait(
    name: str, answers: Callable[[], bool], supervisor: Supervisor | None, state: State
) -> None:
    """Wait until a server answers.

    Raises:
        PortalError: it ended instead, or does not answer in time; with the last lines of its log.
    """
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if answers():
            return
        if supervisor is not None and supervisor.process_state(name) == "FATAL":
            break
        time.sleep(0.15)
    log = state.logs / f"{name}.log"
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    raise PortalError(
        "\n".join([f"{name} does not come up:", *tail[-LOG_TAIL:]]),
        f"deployment/portal logs {name}",
    )


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def _answers(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=60) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
