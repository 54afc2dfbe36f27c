"""A bucket on this machine: listing in pages, objects with entity tags and ranges, signatures."""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from connector_world import Asked, Reply

__all__ = ["Bucket"]


@dataclass
class Bucket:
    """The bucket ``amt``.

    Args:
        objects: key -> bytes.
        page: keys in a page of the listing.
        cut: how many bytes of a whole object arrive.
        endless: the token never ends.
    """

    objects: dict[str, bytes]
    page: int = 2
    cut: int | None = None
    endless: bool = False
    refused: Reply | None = None
    ranges: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        if self.refused:
            return self.refused
        signature = asked.headers.get("Authorization", "")
        if not signature.startswith("AWS4-HMAC-SHA256 Credential=access-key/"):
            return Reply(b"<Error><Code>AccessDenied</Code></Error>", 403)
        if asked.path in ("/amt", "/amt/"):
            return self._list(asked)
        body = self.objects.get(asked.path.removeprefix("/amt/").replace("%20", " "))
        if body is None:
            return Reply(b"<Error><Code>NoSuchKey</Code></Error>", 404)
        wanted = asked.headers.get("Range", "")
        self.ranges.append(wanted)
        tag = f'"{hash(body)}"'
        if wanted and asked.headers.get("If-Range") == tag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            told = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return Reply(body[start:], 206, {"ETag": tag, "Content-Range": told})
        return Reply(body, headers={"ETag": tag}, cut=self.cut)

    def _list(self, asked: Asked) -> Reply:
        keys = [key for key in sorted(self.objects) if key.startswith(asked.one("prefix"))]
        start = int(asked.one("continuation-token", "0"))
        here = keys[start : start + self.page]
        items = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>2026-01-01T00:00:00Z</LastModified>"
            f"<ETag>&quot;{hash(self.objects[key])}&quot;</ETag>"
            f"<Size>{len(self.objects[key])}</Size></Contents>"
            for key in here
        )
        following = start + self.page
        more = ""
        if self.endless or following < len(keys):
            token = 0 if self.endless else following
            more = f"<NextContinuationToken>{token}</NextContinuationToken>"
        name = "http://s3.amazonaws.com/doc/2006-03-01/"
        return Reply(
            f'<?xml version="1.0"?><ListBucketResult xmlns="{name}">{items}{more}'
            "</ListBucketResult>".encode()
        )
