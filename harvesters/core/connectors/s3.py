"""Files of an S3 bucket, at Amazon or at any service that speaks its protocol (MinIO, Ceph).

Requests are signed (Signature Version 4) and go the same guarded way as all others, so that limits
and refusals hold here too; a client library of its own would open connections that nobody checks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlencode

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import Answer, Request, by_status
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    WEB_KEYS,
    Credentials,
    Web,
    credentials,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors.folder import is_temporary
from ckanext.sozialdaten.harvesters.core.connectors.paginators import MOST_PAGES, endless
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["S3Connector", "S3Options"]

KEYS = ("endpoint", "region", "bucket", "prefix", "pattern", "credentials", *WEB_KEYS)


@dataclass(frozen=True, slots=True)
class S3Options:
    """What a source of a bucket says.

    Args:
        endpoint: address of the service.
        region: its region.
        bucket: name of the bucket.
        prefix: beginning of the keys.
        pattern: last parts of keys that count, several separated by ``|``.
        credentials: access key as ``username``, secret key as ``password``; none: a public bucket.
        web: hosts, time, size.
    """

    endpoint: str
    region: str
    bucket: str
    prefix: str
    pattern: str
    credentials: Credentials
    web: Web

    @classmethod
    def read(cls, section: Section) -> "S3Options":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        endpoint = is_web_address(section, "endpoint").rstrip("/")
        return cls(
            endpoint=endpoint,
            region=section.text("region", "us-east-1"),
            bucket=section.text("bucket"),
            prefix=section.text("prefix", ""),
            pattern=section.text("pattern", "*"),
            credentials=credentials(section, ("username", "password")),
            web=web(section, endpoint),
        )


@dataclass(frozen=True, slots=True)
class S3Connector:
    """See the module."""

    setting: Setting
    options: S3Options

    def discover(self) -> Iterator[Ref]:
        """All files that match, oldest first; the marker is the entity tag.

        Raises:
            FetchError: the bucket cannot be listed.
        """
        found = sorted(self._listed(), key=lambda item: (item["LastModified"], item["Key"]))
        patterns = self.options.pattern.lower().split("|")
        for item in found:
            key = item["Key"]
            name = key.rpartition("/")[2]
            if not name or is_temporary(name):
                continue
            if any(fnmatchcase(name.lower(), pattern) for pattern in patterns):
                rest = key.removeprefix(self.options.prefix).lstrip("/") or name
                size = int(item["Size"]) if item["Size"].isdigit() else 0
                yield Ref(self.setting.safe(rest), key, size, item["ETag"])

    def fetch(self, ref: Ref) -> RawDelivery:
        """One file.

        Raises:
            NotThere: it is gone.
            TooLarge: it exceeds ``max_bytes``.
            FetchError: it cannot be had.
        """
        target = self.setting.target(ref.name)
        request = self._signed(f"{self._bucket}/{quote(ref.location, safe='/~')}")
        self.setting.client(self.options.web).send(request, target, by_status)
        return self.setting.delivery(target)

    def _listed(self) -> Iterator[Mapping[str, str]]:
        client = self.setting.client(self.options.web)
        token, seen = "", set[str]()
        while True:
            query = {"list-type": "2", "prefix": self.options.prefix}
            if token:
                query["continuation-token"] = token
            url = f"{self._bucket}?{urlencode(sorted(query.items()), quote_via=quote)}"
            page = _parsed(client.send(self._signed(url), None, by_status))
            for node in page.findall("{*}Contents"):
                names = ("Key", "LastModified", "ETag", "Size")
                yield {name: node.findtext(f"{{*}}{name}") or "" for name in names}
            token = page.findtext("{*}NextContinuationToken") or ""
            if not token:
                return
            if token in seen or len(seen) >= MOST_PAGES:
                raise endless(self._bucket)
            seen.add(token)

    @property
    def _bucket(self) -> str:
        return f"{self.options.endpoint}/{quote(self.options.bucket)}"

    def _signed(self, url: str) -> Request:
        """A request with its signature, which holds for a quarter of an hour."""
        keys = self.options.credentials
        if not keys.username:
            return Request(url)
        auth: Any = import_module("botocore.auth")
        made: Any = import_module("botocore.awsrequest").AWSRequest("GET", url)
        identity: Any = import_module("botocore.credentials").Credentials(
            keys.value(keys.username), keys.value(keys.password)
        )
        auth.S3SigV4Auth(identity, "s3", self.options.region).add_auth(made)
        headers = {str(name): str(value) for name, value in made.headers.items()}
        return Request(url, headers=headers, secret=tuple(headers))


def _parsed(answer: Answer) -> Any:
    """The listing.

    Raises:
        WrongAnswer: no XML, XML that wants more than a listing, or none at all: well-formed HTML
            would pass as a bucket without objects.
    """
    try:
        found = ElementTree.fromstring(answer.body)
    except (ElementTree.ParseError, DefusedXmlException) as error:
        raise texts.wrong_answer(answer.url, "XML", str(answer.content)) from error
    if found.tag.rsplit("}", 1)[-1] != "ListBucketResult":
        raise texts.wrong_answer(answer.url, "XML", str(answer.content))
    return found
