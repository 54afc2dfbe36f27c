"""The search server: Solr's libraries from Maven Central on an embedded Jetty, and its home."""

import base64
import hashlib
import json
import secrets
import shutil
import urllib.error
import urllib.request
from xml.etree import ElementTree

from portal_cli import packages
from portal_cli.console import PortalError, step
from portal_cli.processes import call
from portal_cli.state import ROOT, State, digest, locked, read_json, write_private

__all__ = ["CORES", "USER", "SolrServer"]

SOURCE = ROOT / "deployment" / "solr"
TERMS = ROOT / "schemas" / "search"  # word lists that the analysers read
CORES = ("ckan", "ckan_test")
USER = "ckan"
EMPTY_LISTS = ("synonyms.txt", "protwords.txt", "stopwords.txt")  # CKAN's schema names them
MEMORY = ("-Xms64m", "-Xmx320m", "-Xss512k", "-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=128m")
TIMEOUT = 30


class SolrServer:
    """Solr of one installation: its own home, port and password; libraries shared by all."""

    def __init__(self, state: State, port: int, password: str) -> None:
        self.state = state
        self.port = port
        self.password = password
        self.home = state.home / "solr"
        pom = (SOURCE / "pom.xml").read_bytes()
        self.libraries = state.cache / f"solr-{digest([pom])[:12]}"

    # --- libraries ---------------------------------------------------------------------------

    def install(self) -> None:
        """Fetch the pinned libraries once for all installations of this account."""
        if self.libraries.is_dir():
            return
        packages.ensure(packages.SOLR_BUILD)
        with locked(self.state.cache / "solr.lock", "fetches the search server"):
            if self.libraries.is_dir():
                return
            part = self.libraries.with_name(self.libraries.name + ".part")
            shutil.rmtree(part, ignore_errors=True)
            with step("Search server (Maven)"):
                command = ["mvn", "-B", "-q", "-f", SOURCE / "pom.xml", "package"]
                call(
                    [*command, f"-Dsozialdaten.build={part}"],
                    what="Maven",
                    hint="behind a mirror, name it in ~/.m2/settings.xml",
                )
            part.rename(self.libraries)

    def command(self) -> list[str]:
        """How the supervisor starts the server."""
        return [
            "java",
            *MEMORY,
            "-Djava.awt.headless=true",
            "-Dfile.encoding=UTF-8",
            "-Dsolr.log.level=warn",
            f"-Dsolr.log.dir={self.state.logs}",
            f"-Dsolr.install.dir={self.home}",
            f"-Dsozialdaten.solr.port={self.port}",
            f"-Dsozialdaten.solr.home={self.home}",
            "-cp",
            f"{self.home / 'classes'}:{self.libraries / 'lib'}/*",
            "org.eclipse.jetty.xml.XmlConfiguration",
            str(SOURCE / "jetty.xml"),
        ]

    # --- home --------------------------------------------------------------------------------

    def prepare(self) -> str:
        """Write the home and return the configset's digest: when it changes, cores are reloaded."""
        conf = self.home / "configsets" / "ckan" / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        (self.home / "classes").mkdir(exist_ok=True)
        self.home.chmod(0o700)
        for core in CORES:
            (self.home / core).mkdir(exist_ok=True)
            write_private(self.home / core / "core.properties", f"name={core}\nconfigSet=ckan\n")
        write_private(self.home / "solr.xml", (SOURCE / "solr.xml").read_text(encoding="utf-8"))
        log4j = (SOURCE / "log4j2.xml").read_text(encoding="utf-8")
        write_private(self.home / "classes" / "log4j2.xml", log4j)
        self._write_security()
        texts = self._configset()
        for path in conf.iterdir():
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            write_private(conf / name, text)
        return digest(part for item in sorted(texts.items()) for part in item)

    def _configset(self) -> dict[str, str]:
        texts: dict[str, str] = dict.fromkeys(EMPTY_LISTS, "")
        for path in sorted(TERMS.glob("*.txt")):
            texts[path.name] = path.read_text(encoding="utf-8")
        for path in sorted(SOURCE.glob("conf/*")):
            texts[path.name] = path.read_text(encoding="utf-8")
        texts["solrconfig.xml"] = (SOURCE / "solrconfig.xml").read_text(encoding="utf-8")
        texts["schema.xml"] = merged_schema(
            self._ckan_schema(), (SOURCE / "additions.xml").read_text(encoding="utf-8")
        )
        return texts

    def _ckan_schema(self) -> str:
        found = sorted(
            self.state.venv.glob("lib/python*/site-packages/ckan/config/solr/schema.xml")
        )
        if not found:
            raise PortalError("CKAN's Solr schema is not in the Python environment")
        return found[-1].read_text(encoding="utf-8")

    def _write_security(self) -> None:
        """Demand a password: another account of this machine must not read private datasets."""
        path = self.home / "security.json"
        kept = read_json(path) or {}
        held = kept.get("authentication", {}).get("credentials", {}).get(USER, "")
        if held and held == credential(self.password, held.split(" ")[1]):
            return
        salt = base64.b64encode(secrets.token_bytes(32)).decode()
        security = {
            "authentication": {
                "class": "solr.BasicAuthPlugin",
                "blockUnknown": True,
                "forwardCredentials": False,
                "credentials": {USER: credential(self.password, salt)},
            },
        }
        write_private(path, json.dumps(security, indent=1))

    # --- running -----------------------------------------------------------------------------

    def url(self, core: str) -> str:
        """The address of a core."""
        return f"http://127.0.0.1:{self.port}/solr/{core}"

    def get(self, path: str) -> bytes:
        """Ask the server.

        Raises:
            PortalError: it does not answer, or answers with an error; with its own words.
        """
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/solr/{path}")
        token = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            raise PortalError(f"Solr: {error.read().decode(errors='replace')[:2000]}") from error
        except OSError as error:
            raise PortalError(f"Solr does not answer: {error}") from error

    def answers(self) -> bool:
        """Whether both cores answer queries."""
        try:
            for core in CORES:
                self.get(f"{core}/select?q=*:*&rows=0")
        except PortalError:
            return False
        return True

    def failures(self) -> str:
        """Why a core could not be loaded, or an empty text."""
        try:
            status = json.loads(self.get("admin/cores?action=STATUS&wt=json"))
        except (PortalError, ValueError):
            return ""
        return "; ".join(f"{core}: {why}" for core, why in status["initFailures"].items())

    def reload(self) -> None:
        """Make the cores read the configset again."""
        for core in CORES:
            self.get(f"admin/cores?action=RELOAD&core={core}")


def credential(password: str, salt: str) -> str:
    """A password as Solr's BasicAuthPlugin keeps it: digest and salt, both in base64."""
    first = hashlib.sha256(base64.b64decode(salt) + password.encode()).digest()
    return f"{base64.b64encode(hashlib.sha256(first).digest()).decode()} {salt}"


def merged_schema(schema: str, additions: str) -> str:
    """CKAN's schema with our types, fields and copies; ours replace those of the same name.

    Args:
        schema: ``ckan/config/solr/schema.xml`` of the installed CKAN.
        additions: ``deployment/solr/additions.xml``.
    """
    tree, ours = ElementTree.fromstring(schema), ElementTree.fromstring(additions)  # noqa: S314 - our own files
    for section, target in (("types", tree.find("types")), ("fields", tree.find("fields"))):
        if target is None:
            raise PortalError(f"CKAN's Solr schema has no <{section}>")
        for element in ours.iterfind(f"{section}/*"):
            for old in target.findall(f"*[@name='{element.get('name')}']"):
                target.remove(old)
            target.append(element)
    tree.extend(ours.iterfind("copies/*"))
    return ElementTree.tostring(tree, encoding="unicode") + "\n"
