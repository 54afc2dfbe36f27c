"""The GENESIS web service, REST 2020 in software V5: POST alone, and statuses that say little.

Nearly every error comes as HTTP 200 with JSON, a wrong login as 404, overload as 500, maintenance
as 200 with HTML. So the first bytes decide, then the code in the JSON, and the HTTP status last.
"""

# ruff: noqa: N818 - named after what the service says
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import (
    Answer,
    Client,
    Judge,
    Request,
    by_status,
)
from ckanext.sozialdaten.harvesters.core.connectors._options import Credentials
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    FetchError,
    NoData,
    NotThere,
    Unchanged,
)
from ckanext.sozialdaten.messages import Message

__all__ = ["Genesis", "JobStarted", "TableState", "TooManyValues"]

log = logging.getLogger(__name__)
_JOB = re.compile(r"(\S+_\d+)\s*$")
_POLL = 5.0
_SLOWEST_POLL = 60.0
_LONGEST_LIST = "25000"
_FINE = (0, 22)
_SAME = 50
_UNKNOWN = 90
_TOO_MANY = 98
_STARTED = 99
_NOTHING = 104
_LOGIN = (2, 15)


class TooManyValues(FetchError):
    """More values than the service gives in the dialogue: to be split, or left to a job."""

    code = "too_many_values"


class JobStarted(FetchError):
    """The service prepares the answer in the background, under this name."""

    code = "job_started"

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        super().__init__(Message("The service prepares the table."), None, texts.at(url))


@dataclass(frozen=True, slots=True)
class TableState:
    """What the service says about the state of a table.

    Args:
        title: its name.
        statistic: code of the statistic that it belongs to.
        until: the latest period that it holds, as printed: ``31.12.2024``, ``WS 2023/24``.
        defined: when its definition changed; says nothing about its data.
        modified: day of the statistic's last update; empty where the service does not say.
    """

    title: str
    statistic: str
    until: str
    defined: str
    modified: str

    @property
    def marker(self) -> str:
        """The same as long as nothing is newer."""
        return f"{self.until} {self.modified} {self.defined}".strip()


@dataclass(frozen=True, slots=True)
class Genesis:
    """One instance of the service.

    Args:
        client: asks.
        base: address, with its closing slash.
        credentials: user and password, or a token (which starts no job).
    """

    client: Client
    base: str
    credentials: Credentials

    def state(self, table: str) -> TableState:
        """What is known of a table.

        Raises:
            NotThere: there is no such table (any more).
            FetchError: the service cannot be asked.
        """
        try:
            answer = self._call("metadata/table", {"name": table, "area": "all"})
        except NoData as error:
            raise texts.not_there(f"{self.base}metadata/table {table}") from error
        found = _part(_json(answer), "Object")
        statistic = str(_part(_part(found, "Structure"), "Head").get("Code") or table[:5])
        return TableState(
            title=" ".join(str(found.get("Content") or "").split()),
            statistic=statistic,
            until=str(_part(found, "Time").get("To") or ""),
            defined=str(found.get("Updated") or ""),
            modified=self._modified(statistic),
        )

    def table(self, form: Mapping[str, str], target: Path) -> None:
        """The file of a table.

        Raises:
            TooManyValues: it is too large for the dialogue.
            JobStarted: with ``job=true``.
            NoData: nothing matches.
            Unchanged: with ``stand``, nothing is newer.
        """
        self._call("data/tablefile", form, target, filed)

    def result(self, name: str, target: Path) -> None:
        """Wait for a job, bring its file, and tidy up at the service.

        Raises:
            TookTooLong: the job takes longer than the source allows.
            NoData: the service has forgotten the job.
        """
        self._await(name)
        form = {"name": name, "area": "user", "compress": "true", "format": "ffcsv"}
        self._call("data/resultfile", form, target, filed)
        try:
            self._call("profile/removeresult", {"name": name, "area": "user"})
        except FetchError as error:
            log.info("The result %s stays at the service: %s", name, error.code)

    def _await(self, name: str) -> None:
        """Ask until the result is listed; nothing listed means: still at work."""
        form = {"selection": name, "area": "user", "pagelength": "1"}
        wait = _POLL
        while True:
            try:
                listed = _json(self._call("catalogue/results", form)).get("List")
            except NoData:
                listed = None
            items = cast("list[dict[str, object]]", listed or [])
            if any(item.get("Code") == name for item in items):
                return
            self.client.pause(wait, f"{self.base}catalogue/results")
            wait = min(wait * 1.5, _SLOWEST_POLL)

    def _modified(self, statistic: str) -> str:
        form = {"selection": statistic, "type": "all", "date": "01.01.2000"}
        try:
            answer = self._call("catalogue/modifieddata", form | {"pagelength": _LONGEST_LIST})
        except (NoData, NotThere):
            return ""
        items = cast("list[dict[str, object]]", _json(answer).get("List") or [])
        days = [str(item.get("Date") or "") for item in items]
        return max(("-".join(reversed(day.split("."))) for day in days), default="")

    def _call(
        self,
        method: str,
        form: Mapping[str, str],
        target: Path | None = None,
        judge: Judge | None = None,
    ) -> Answer:
        keys = self.credentials
        headers: dict[str, str] = {}
        if keys.token:
            headers = {"username": keys.value(keys.token), "password": ""}
        elif keys.username:
            headers = {
                "username": keys.value(keys.username),
                "password": keys.value(keys.password),
            }
        request = Request(
            self.base + method,
            headers=headers,
            form={**form, "language": "de"},
            secret=("username", "password"),
        )
        return self.client.send(request, target, judge or judged)


def filed(answer: Answer) -> None:
    """The judge of answers that must be files.

    Raises:
        FetchError: as of :func:`judged`, and success without a file.
    """
    judged(answer)
    if answer.content is Content.JSON:
        raise texts.wrong_answer(answer.url, "ZIP", "JSON")


def judged(answer: Answer) -> None:
    """The judge of this family; see the module.

    Raises:
        Unchanged: nothing is newer.
        FetchError: everything that is no answer.
    """
    if answer.content is Content.ZIP:
        return
    if answer.content is Content.JSON:
        _by_code(answer)
        return
    if answer.content is Content.HTML:
        raise texts.not_there(answer.url) if answer.status == 404 else texts.busy(answer.url)
    by_status(answer)
    if answer.content is Content.EMPTY:
        raise texts.no_data(answer.url)


def _by_code(answer: Answer) -> None:
    document = _json(answer)
    status = _part(document, "Status") or document
    words = " ".join(str(status.get("Content") or "").split())
    code = _number(status.get("Code"))
    if code in _FINE:
        return
    if code == _STARTED:
        raise JobStarted(answer.url, _job_name(answer.url, words))
    if code == _SAME:
        raise Unchanged(
            Message("Nothing is newer than what was fetched last: {name}.", {"name": ""})
        )
    if code == _TOO_MANY:
        raise TooManyValues(
            Message("The table is too large for one request."),
            Message("Ask for fewer regions or years, or give user and password for a job."),
            texts.at(answer.url),
        )
    if code == _NOTHING:
        raise texts.no_data(answer.url, words)
    if code == _UNKNOWN:
        raise texts.not_there(answer.url)
    if code in _LOGIN:
        raise texts.login_refused(answer.url)
    if code is None:
        by_status(answer)
        raise texts.wrong_answer(answer.url, "ZIP", "JSON")
    raise texts.refused(answer.url, f"{words} ({code})")


def _number(code: object) -> int | None:
    """A code of a status: some instances print it as text."""
    text = str(code)
    return int(text) if text.lstrip("-").isdigit() else None


def _job_name(url: str, words: str) -> str:
    """The name of a job, which stands only at the end of a German sentence."""
    found = _JOB.search(words)
    if found is None:
        raise texts.refused(url, words)
    return found[1]


def _json(answer: Answer) -> dict[str, object]:
    document = answer.json()
    return cast("dict[str, object]", document) if isinstance(document, dict) else {}


def _part(document: Mapping[str, object], name: str) -> dict[str, object]:
    inner = document.get(name)
    return cast("dict[str, object]", inner) if isinstance(inner, dict) else {}
