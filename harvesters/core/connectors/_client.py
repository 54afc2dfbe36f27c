"""An HTTP client for slow, overloaded and surprising services, within limits that always hold.

One client serves one discovery or one fetch: its time runs from the moment it is made. Contents are
looked at before statuses, and what an answer means is said by a *judge*: it raises, and where the
error is transient the same request is sent again, as often as the limits allow.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urljoin, urlsplit

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from ckanext.sozialdaten import net
from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._guard import guarded_session
from ckanext.sozialdaten.harvesters.core.connectors._partial import Partial
from ckanext.sozialdaten.harvesters.core.connectors._slots import slot
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content, content_of
from ckanext.sozialdaten.harvesters.core.connectors._waiting import backoff, retry_after
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    AddressRefused,
    FetchError,
    TookTooLong,
    Unreachable,
)
from ckanext.sozialdaten.harvesters.core.errors import HarvestError, TooLarge
from ckanext.sozialdaten.messages import Message

__all__ = ["AGENT", "Answer", "Client", "Judge", "Limits", "Progress", "Request", "by_status"]

AGENT = "Sozialdaten-Harvester/1 (+https://www.ckan.org; kommunales Datenportal)"
_CHUNK = 1 << 16
_TOLD_EVERY = 1 << 20
_REDIRECTS = 5
_ERROR_BODY = 1 << 20
_MOVED = (301, 302, 303, 307, 308)
_BUSY = (429, 500, 502, 503, 504)
_GONE = (404, 410)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a fetch may cost.

    Args:
        seconds: time for all of it: requests, redirects, waits, retries.
        read_seconds: longest silence, and longest time for the head of an answer.
        max_bytes: largest answer.
        retries: how often one request is sent again.
        first_wait: seconds before the first retry; doubled each time.
        parallel: requests to one host at a time, over all workers.
    """

    seconds: float = 3600.0
    read_seconds: float = 60.0
    max_bytes: int = 256 * 1024 * 1024
    retries: int = 4
    first_wait: float = 2.0
    parallel: int = 2


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a fetch is.

    Args:
        what: address or part that is being fetched.
        done: bytes or parts that are there.
        total: how many there are; None if unknown.
        problem: what is broken, while the rest goes on.
    """

    what: str
    done: int
    total: int | None = None
    problem: HarvestError | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Args:
        url: address.
        params: query; a sequence repeats its key.
        headers: sent besides ours; those of ``secret`` stay with the first host.
        form: body of a POST as a form, in UTF-8.
        json: body of a POST as JSON.
        secret: names of headers that carry credentials.
        method: verb; POST where there is a body.
    """

    url: str
    params: Mapping[str, str | Sequence[str]] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Mapping[str, str] | None = None
    json: Mapping[str, Any] | list[Any] | None = None
    secret: tuple[str, ...] = ()
    method: str = ""

    @property
    def verb(self) -> str:
        """GET or POST, unless said otherwise."""
        return self.method or ("GET" if self.form is None and self.json is None else "POST")

    @property
    def key(self) -> str:
        """The same for the same question, without a word of it; no credential goes in."""
        said = [self.verb, self.url, sorted(self.params.items()), self.form, self.json]
        return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Args:
        url: address that answered, after redirects.
        status: HTTP status.
        headers: by name in any case.
        content: what the first bytes look like.
        body: all bytes, or the first of them where the answer went to ``path``.
        path: file that holds the answer.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content: Content
    body: bytes
    path: Path | None = None

    def json(self) -> object:
        """The answer as parsed JSON.

        Raises:
            WrongAnswer: it is none.
        """
        data = self.body if self.path is None else self.path.read_bytes()
        try:
            return json.loads(data.decode("utf-8-sig"))
        except ValueError as error:
            raise texts.wrong_answer(self.url, "JSON", str(self.content)) from error


Judge = Callable[[Answer], None]


def by_status(answer: Answer) -> None:
    """The meaning of an answer where its status can be trusted.

    Raises:
        FetchError: anything but success.
    """
    if answer.status in _BUSY:
        raise texts.busy(answer.url)
    if answer.status in (401, 403):
        raise texts.login_refused(answer.url)
    if answer.status in _GONE:
        raise texts.not_there(answer.url)
    if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
        raise texts.refused(answer.url, f"HTTP {answer.status}")


@dataclass(slots=True)
class Client:
    """See the module.

    Args:
        hosts: hosts that may be asked; ``*`` any public one.
        slots: folder for the locks of hosts.
        limits: what it may cost.
        private_hosts: hosts that may lie in a private network, as the operator says.
        ca_file: certificates to trust in place of the installation's.
        progress: told how far it is.
        sleep: how to wait; tests do not.
    """

    hosts: tuple[str, ...]
    slots: Path
    limits: Limits = field(default_factory=Limits)
    private_hosts: tuple[str, ...] = ()
    ca_file: str = ""
    progress: Callable[[Progress], None] = field(default=lambda _: None, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    _session: requests.Session = field(init=False, repr=False)
    _deadline: float = field(init=False)

    def __post_init__(self) -> None:
        self._session = guarded_session(self._may_be_private, self.ca_file)
        self._session.headers["User-Agent"] = AGENT
        self._deadline = time.monotonic() + self.limits.seconds

    def send(
        self, request: Request, target: Path | None = None, judge: Judge = by_status
    ) -> Answer:
        """Ask, judge, and ask again where that may help.

        Args:
            request: what is asked.
            target: file for the answer, which then is never held in memory. It appears when it
                is complete and judged; what arrived of it before goes on at the next try, also of
                a later run, where the service can resume.
            judge: raises for an answer that is not what was meant.

        Raises:
            FetchError: in the end there was no such answer.
            TooLarge: it exceeds the limit.
        """
        tries = 0
        while True:
            wait: float | None = None
            try:
                answer = self._follow(request, target)
                wait = retry_after(answer.headers.get("Retry-After", ""))
                self._judged(answer, judge)
            except FetchError as error:
                final = not error.transient or isinstance(error, TookTooLong)
                if final or tries >= self.limits.retries:
                    raise
                pause = backoff(self.limits.first_wait, tries) if wait is None else wait
                if time.monotonic() + pause > self._deadline:
                    raise
                self.sleep(pause)
                tries += 1
            else:
                if target is None or answer.path is None:
                    return answer
                Partial(target).finish()
                return replace(answer, path=target)

    def pause(self, seconds: float, url: str) -> None:
        """Wait, unless the time for all would be over by then.

        Raises:
            TookTooLong: it would.
        """
        if time.monotonic() + seconds > self._deadline:
            raise texts.too_long(url, self.limits.seconds)
        self.sleep(seconds)

    def _judged(self, answer: Answer, judge: Judge) -> None:
        try:
            judge(answer)
        except HarvestError:
            if answer.path is not None:
                answer.path.unlink(missing_ok=True)
            raise

    def _follow(self, request: Request, target: Path | None) -> Answer:
        """The answer at the end of all redirects, each of which is checked anew."""
        for _ in range(_REDIRECTS + 1):
            host = self._checked(request.url)
            with slot(self.slots, host, self.limits.parallel, self._deadline, self.sleep):
                answer = self._exchange(request, target)
            location = answer.headers.get("Location", "")
            if answer.status not in _MOVED or not location:
                return answer
            request = self._moved(request, urljoin(answer.url, location), answer.status)
        raise AddressRefused(Message("The address leads on and on."), None, texts.at(request.url))

    def _moved(self, request: Request, url: str, status: int) -> Request:
        """The request for the target of a redirect: credentials stay with their origin."""
        before, after = urlsplit(request.url), urlsplit(url)
        if before.scheme == "https" and after.scheme != "https":
            raise AddressRefused(
                Message("The address leads from an encrypted connection to an open one."),
                None,
                texts.at(url),
            )
        moved = replace(request, url=url, params={})
        if (before.scheme, before.netloc) != (after.scheme, after.netloc):
            kept = {k: v for k, v in request.headers.items() if k not in request.secret}
            moved = replace(moved, headers=kept)
        if status == HTTPStatus.SEE_OTHER:
            moved = replace(moved, form=None, json=None, method="GET")
        return moved

    def _checked(self, url: str) -> str:
        """The host of an address to which this client may go."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in _PORTS or not host:
            text = Message("Only addresses with http or https can be fetched.")
            raise AddressRefused(text, None, texts.at(url))
        if host not in self.hosts and "*" not in self.hosts:
            raise texts.host_refused(url, host)
        return host

    def _may_be_private(self, host: str) -> bool:
        return host in self.private_hosts

    def _exchange(self, request: Request, target: Path | None) -> Answer:
        """One request and its answer."""
        partial = Partial(target) if target is not None else None
        plain = partial is not None or request.verb == "HEAD"  # lengths shall be those of the file
        headers = {"Accept-Encoding": "identity" if plain else "gzip", **request.headers}
        if request.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        if partial:
            headers |= partial.resume(request.key)
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise texts.too_long(request.url, self.limits.seconds)
        seconds = min(self.limits.read_seconds, left)
        with self._plainly(request.url):
            response = self._session.request(
                request.verb,
                request.url,
                params=dict(request.params) or None,
                headers=headers,
                data=_encoded(request.form),
                json=request.json,
                timeout=(seconds, seconds),
                allow_redirects=False,
                stream=True,
            )
            with response:
                return self._received(request, response, partial)

    def _received(
        self, request: Request, response: requests.Response, partial: Partial | None
    ) -> Answer:
        head = CaseInsensitiveDict(response.headers.items())
        # the query may hold a token, so what errors and logs see is the address alone
        found = Answer(request.url, response.status_code, head, Content.EMPTY, b"")
        if request.verb == "HEAD":
            return found
        good = response.status_code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT)
        if partial is None or not good:
            limit = self.limits.max_bytes if good else min(_ERROR_BODY, self.limits.max_bytes)
            body = b"".join(self._chunks(request, response, limit))
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and partial:
                partial.drop()
                raise texts.cut_off(request.url)
            return replace(found, content=content_of(body[:4096]), body=body)
        ranged = response.status_code == HTTPStatus.PARTIAL_CONTENT
        start = partial.begin(request.key, head, ranged)
        if start is None:
            raise texts.cut_off(request.url)
        try:
            with partial.path.open("ab") as stream:
                for chunk in self._chunks(request, response, self.limits.max_bytes - start):
                    stream.write(chunk)
        except TooLarge:
            partial.drop()
            raise
        with partial.path.open("rb") as stream:
            first = stream.read(4096)
        return replace(found, status=200, content=content_of(first), body=first, path=partial.path)

    def _chunks(self, request: Request, response: requests.Response, limit: int) -> Iterator[bytes]:
        """The body piece by piece, as it comes in, within bytes and time."""
        raw = cast("urllib3.HTTPResponse", response.raw)
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
        if total is not None and total > limit:
            raise texts.too_large(request.url, self.limits.max_bytes)
        size = told = 0
        with self._until_deadline(raw):
            while chunk := raw.read1(_CHUNK, decode_content=True):
                size += len(chunk)
                if size > limit:
                    raise texts.too_large(request.url, self.limits.max_bytes)
                if size - told >= _TOLD_EVERY:
                    told = size
                    self.progress(Progress(net.shown(request.url), size, total))
                yield chunk
        if time.monotonic() > self._deadline:
            raise texts.too_long(request.url, self.limits.seconds)

    @contextmanager
    def _until_deadline(self, raw: urllib3.HTTPResponse) -> Generator[None]:
        """End reading at the deadline, also while waiting for the next of many single bytes."""
        left = max(0.0, self._deadline - time.monotonic())
        watch = threading.Timer(left, _stop, (raw,))
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    @contextmanager
    def _plainly(self, url: str) -> Generator[None]:
        """Errors of the libraries in our words."""
        try:
            yield
        except net.PrivateAddressError as error:
            raise AddressRefused(
                error.message,
                Message("The operator may list it in SOZIALDATEN_PRIVATE_HOSTS if it is meant."),
                texts.at(url),
            ) from error
        except net.NetError as error:
            raise Unreachable(error.message, error.hint, texts.at(url)) from error
        except requests.exceptions.SSLError as error:
            raise Unreachable(
                Message("The certificate of the server is not trusted."),
                Message("If its chain is incomplete, name the missing one as connector.ca_file."),
                texts.at(url),
            ) from error
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            self._over(url, error)
            raise Unreachable(
                Message("The server did not answer in time."), None, texts.at(url)
            ) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            self._over(url, error)
            raise texts.cut_off(url) from error

    def _over(self, url: str, error: Exception) -> None:
        if time.monotonic() >= self._deadline:
            raise texts.too_long(url, self.limits.seconds) from error


def _stop(raw: urllib3.HTTPResponse) -> None:
    try:
        raw.shutdown()
    except (RuntimeError, ValueError, OSError):
        return  # it has just ended by itself


def _encoded(form: Mapping[str, str] | None) -> bytes | None:
    if form is None:
        return None
    return urlencode(form).encode("ascii")
