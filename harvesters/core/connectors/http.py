"""Files by link over HTTP(S): workbooks, CSV, archives as publishers put them on their pages."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote, urlsplit

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import (
    Answer,
    Judge,
    Request,
    by_status,
)
from ckanext.sozialdaten.harvesters.core.connectors._memory import Told
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    WEB_KEYS,
    Credentials,
    Web,
    credentials,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting, unknown_marker
from ckanext.sozialdaten.harvesters.core.connectors._sniff import Content
from ckanext.sozialdaten.harvesters.core.connectors.errors import FetchError
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["HttpConnector", "HttpOptions", "expecting_data"]

KEYS = ("url", "urls", "filename", "html", "credentials", *WEB_KEYS)


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """What a source of links says.

    Args:
        urls: addresses, each a delivery of its own.
        filename: name of the file where the address has none; one address only.
        html: whether an HTML page is the data; otherwise it is an error page, whatever the status.
        credentials: login by Basic authentication, or a token.
        web: hosts, time, size.
    """

    urls: tuple[str, ...]
    filename: str
    html: bool
    credentials: Credentials
    web: Web

    @classmethod
    def read(cls, section: Section) -> "HttpOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        first = is_web_address(section, "url") if "url" in section else ""
        urls = (*((first,) if first else ()), *section.texts("urls"))
        if not urls:
            raise section.wrong("url", "{where} is missing: the address of the file.")
        if any(urlsplit(url).scheme not in ("http", "https") for url in urls):
            raise section.wrong("urls", "{where} must be addresses with http or https.")
        found = web(section, urls[0])
        return cls(
            urls=urls,
            filename=section.text("filename", ""),
            html=section.flag("html", default=False),
            credentials=credentials(section, ("username", "password", "token")),
            web=found,
        )


@dataclass(frozen=True, slots=True)
class HttpConnector:
    """See the module."""

    setting: Setting
    options: HttpOptions

    def discover(self) -> Iterator[Ref]:
        """One delivery for each address; its marker is the entity tag or time of change.

        Services that say neither, or do not answer HEAD, give a marker that never repeats: only
        fetching tells whether the bytes have changed, or what is wrong with this one address.
        """
        client = self.setting.client(self.options.web)
        for url in self.options.urls:
            try:
                answer = client.send(self._request(url, "HEAD"), None, by_status)
            except FetchError as error:
                if error.transient:
                    raise
                answer = None
            yield self._ref(url, answer)

    def fetch(self, ref: Ref) -> RawDelivery:
        """The file, if there is a newer one than was fetched last.

        Raises:
            Unchanged: there is none.
            FetchError: it cannot be had, or a page came in its place.
            TooLarge: it exceeds ``max_bytes``.
        """
        told = self.setting.told(ref.name)
        request = self._request(ref.location, headers=told.conditions)
        judge = _or_unchanged(by_status if self.options.html else expecting_data)
        answer = self.setting.client(self.options.web).send(
            request, self.setting.target(ref.name), judge
        )
        if answer.path is None:
            raise self.setting.unchanged(ref.name)
        raw = self.setting.delivery(answer.path)
        headers = answer.headers
        said = Told(headers.get("ETag", ""), headers.get("Last-Modified", ""), raw.digest)
        self.setting.memory.remember(ref.name, said)
        return raw

    def _ref(self, url: str, answer: Answer | None) -> Ref:
        headers: Mapping[str, str] = answer.headers if answer else {}
        length = headers.get("Content-Length", "")
        marker = headers.get("ETag") or headers.get("Last-Modified") or unknown_marker()
        return Ref(
            self.setting.safe(self._name(url)), url, int(length) if length.isdigit() else 0, marker
        )

    def _name(self, url: str) -> str:
        if self.options.filename and len(self.options.urls) == 1:
            return self.options.filename
        parts = urlsplit(url)
        name = unquote(posixpath.basename(parts.path)) or parts.hostname or "delivery"
        same = [posixpath.basename(urlsplit(other).path) for other in self.options.urls]
        twice = same.count(posixpath.basename(parts.path)) > 1
        return f"{self.options.urls.index(url) + 1}-{name}" if twice else name

    def _request(self, url: str, verb: str = "", headers: dict[str, str] | None = None) -> Request:
        sent = dict(headers or {})
        keys = self.options.credentials
        if keys.token:
            sent["Authorization"] = f"Bearer {keys.value(keys.token)}"
        elif keys.username:
            sent["Authorization"] = basic(keys.value(keys.username), keys.value(keys.password))
        return Request(url, headers=sent, secret=("Authorization",), method=verb)


def basic(username: str, password: str) -> str:
    """The header of Basic authentication (RFC 7617), in UTF-8."""
    import base64

    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")


def expecting_data(answer: Answer) -> None:
    """A judge for files: an HTML page in place of one is maintenance or a moved address.

    Raises:
        WrongAnswer: HTML, whatever the status.
        NoData: no bytes at all.
        FetchError: the status says so.
    """
    by_status(answer)
    if answer.content is Content.HTML:
        raise texts.wrong_answer(answer.url, "data", "HTML")
    if answer.content is Content.EMPTY:
        raise texts.no_data(answer.url)


def _or_unchanged(judge: Judge) -> Judge:
    def judged(answer: Answer) -> None:
        if answer.status != HTTPStatus.NOT_MODIFIED:
            judge(answer)

    return judged
