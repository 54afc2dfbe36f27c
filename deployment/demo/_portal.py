"""The running portal, as its users reach it: HTTP, JSON, tokens that live for an hour."""

import configparser
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.messages import Message

__all__ = ["DemoError", "Installation", "Portal", "PortalRefusedError"]

_TOKEN_SECONDS = 3600
_TIMEOUT = 180


class DemoError(SozialdatenError):
    """The demo cannot go on."""

    code = "demo"


class PortalRefusedError(DemoError):
    """The portal answered an action with an error.

    Args:
        action: what was asked.
        status: the HTTP status.
        error: CKAN's error dictionary, or the text of the answer.
    """

    code = "demo-refused"

    def __init__(self, action: str, status: int, error: Any) -> None:
        self.status = status
        self.error = error
        super().__init__(
            Message(
                "The portal refused {action} (HTTP {status}): {error}",
                {"action": action, "status": status, "error": _error_text(error)},
            )
        )


def _error_text(error: Any) -> str:
    """CKAN's error dictionary in one line."""
    if not isinstance(error, dict):
        return str(error)[:800]
    parts = [
        f"{key}: {'; '.join(map(str, value)) if isinstance(value, list) else value}"
        for key, value in error.items()
        if not key.startswith("__")
    ]
    return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Installation:
    """The folders and addresses of one installation, as its environment names them.

    Args:
        home: the state folder.
        ini: the portal's configuration.
        url: its address.
        inbox: where deliveries are dropped, one sub-folder for each source.
    """

    home: Path
    ini: Path
    url: str
    inbox: Path

    @classmethod
    def from_environment(cls) -> "Installation":
        """What ``deployment/portal run`` sets.

        Raises:
            DemoError: a variable is missing.
        """
        missing = [
            name
            for name in ("SOZIALDATEN_HOME", "CKAN_INI", "SOZIALDATEN_INBOX")
            if not os.environ.get(name)
        ]
        if missing:
            raise DemoError(
                Message("These variables are not set: {names}.", {"names": ", ".join(missing)}),
                Message("Run the demo by `deployment/portal demo`."),
            )
        ini = Path(os.environ["CKAN_INI"])
        parser = configparser.RawConfigParser(strict=False)
        parser.read(ini, encoding="utf-8")
        return cls(
            home=Path(os.environ["SOZIALDATEN_HOME"]),
            ini=ini,
            url=parser["app:main"]["ckan.site_url"].rstrip("/"),
            inbox=Path(os.environ["SOZIALDATEN_INBOX"]),
        )

    def ckan(self, *words: str) -> str:
        """What CKAN's command line prints.

        Raises:
            DemoError: it failed; the error holds its last lines.
        """
        return self._run([str(Path(sys.executable).with_name("ckan")), "-c", str(self.ini), *words])

    def sozialdaten(self, *words: str) -> str:
        """What our own command line prints."""
        return self._run([str(Path(sys.executable).with_name("sozialdaten")), *words])

    @staticmethod
    def _run(words: list[str]) -> str:
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            tail = "\n".join(done.stderr.strip().splitlines()[-8:])
            command = " ".join([Path(words[0]).name, *words[1:]])
            raise DemoError(Message("{command} failed: {text}", {"command": command, "text": tail}))
        return done.stdout.strip()


class Portal:
    """The portal's HTTP interface.

    Args:
        installation: which portal.
    """

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.url = installation.url
        self._session = requests.Session()
        self._tokens: dict[str, str] = {}

    def call(self, action: str, account: str | None = None, /, **params: Any) -> Any:
        """The result of an action, asked for by ``account`` (nobody: anonymously).

        Raises:
            PortalRefusedError: the portal said no.
            DemoError: the portal does not answer.
        """
        return self._result(action, self._post(action, account, {"json": params}))

    def upload(self, action: str, account: str, file: tuple[str, bytes], /, **params: Any) -> Any:
        """The result of an action that takes a file, given as its name and its bytes.

        Raises:
            PortalRefusedError: the portal said no.
            DemoError: the portal does not answer.
        """
        sent = {"data": params, "files": {"upload": file}}
        return self._result(action, self._post(action, account, sent))

    @staticmethod
    def _result(action: str, answer: requests.Response) -> Any:
        try:
            found = answer.json()
        except ValueError:
            raise PortalRefusedError(action, answer.status_code, answer.text) from None
        if not isinstance(found, dict):  # an action that the portal does not know
            raise PortalRefusedError(action, answer.status_code, found)
        if not (answer.ok and found.get("success")):
            raise PortalRefusedError(action, answer.status_code, found.get("error"))
        return found["result"]

    def _post(self, action: str, account: str | None, sent: Any) -> requests.Response:
        headers = {"Authorization": self._tokens[account]} if account else {}
        url = f"{self.url}/api/3/action/{action}"
        try:
            return self._session.post(url, headers=headers, timeout=_TIMEOUT, **sent)
        except requests.RequestException as error:
            raise self._silent(error) from error

    def page(self, path: str) -> requests.Response:
        """An anonymous visitor's page."""
        try:
            return self._session.get(self.url + path, timeout=_TIMEOUT)
        except requests.RequestException as error:
            raise self._silent(error) from error

    def sign_in_on_machine(self, name: str, *, scope: str = "") -> None:
        """Give an account a token, by the command line on the portal's own machine."""
        fields = {"expires_in": _TOKEN_SECONDS, "unit": 1, **({"scope": scope} if scope else {})}
        pairs = (f"{key}={value}" for key, value in fields.items())
        words = ("user", "token", "add", name, "demo", *pairs)
        self._tokens[name] = self.installation.ckan(*words, "-q").splitlines()[-1].strip()

    def sign_in(self, name: str, operator: str) -> None:
        """Give an account a token that lives for an hour."""
        lifetime = {"expires_in": _TOKEN_SECONDS, "unit": 1}
        made = self.call("api_token_create", operator, user=name, name="demo", **lifetime)
        self._tokens[name] = made["token"]

    def sign_out(self) -> None:
        """Take back every token of this run."""
        while self._tokens:
            name, token = next(iter(self._tokens.items()))
            try:
                self.call("api_token_revoke", name, token=token)
            finally:
                del self._tokens[name]

    def _silent(self, error: requests.RequestException) -> DemoError:
        return DemoError(
            Message(
                "The portal at {url} does not answer ({error}).",
                {"url": self.url, "error": type(error).__name__},
            ),
            Message("See `deployment/portal status` and `deployment/portal logs web`."),
        )
