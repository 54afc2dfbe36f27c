"""Disclosure records: what was approved, under which rules, chained by hashes.

Knows no CKAN: whoever holds exported records can verify them with this module alone. The public
part of a record names no person and quotes no finding; the internal part enters the chain by its
hash.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.sozialdaten.messages import Message

__all__ = ["FORMAT", "Link", "Problem", "canonical", "digest", "link_hash", "verify"]

FORMAT = 2


def canonical(value: Any) -> str:
    """JSON that is the same text for the same value: sorted keys, no blanks, UTF-8.

    Of texts, whole numbers, booleans, lists and mappings with plain keys this is the canonical form
    of RFC 8785. Records hold nothing else.
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON of ``value``, in hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def link_hash(public: Mapping[str, Any], internal_sha256: str, previous_hash: str) -> str:
    """The hash of a record, which holds the hash of the record before it."""
    return digest(
        {"public": public, "internal_sha256": internal_sha256, "previous_hash": previous_hash}
    )


@dataclass(frozen=True, slots=True)
class Link:
    """One record of the chain.

    Args:
        hash: its own hash.
        previous_hash: the hash of the record before it; empty for the first one.
        public: its public part; None if it was withdrawn, so that only the hashes remain.
        internal_sha256: hash of its internal part.
        internal: the internal part itself, for those who may read it.
    """

    hash: str
    previous_hash: str
    public: Mapping[str, Any] | None = None
    internal_sha256: str = ""
    internal: Mapping[str, Any] | None = None

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Link":
        """A link as :meth:`to_json` writes it; unknown keys are ignored."""
        return cls(
            str(data.get("hash", "")),
            str(data.get("previous_hash", "")),
            data.get("public"),
            str(data.get("internal_sha256", "")),
            data.get("internal"),
        )

    def to_json(self, *, internal: bool = False) -> dict[str, Any]:
        """The link as JSON; the internal part only for those who may read it."""
        shown: dict[str, Any] = {"format": FORMAT, "hash": self.hash}
        shown |= {"previous_hash": self.previous_hash, "internal_sha256": self.internal_sha256}
        shown["public"] = dict(self.public) if self.public is not None else None
        if internal and self.internal is not None:
            shown["internal"] = dict(self.internal)
        return shown

    @property
    def name(self) -> str:
        """Dataset and number, as people know the release; the hash if it was withdrawn."""
        if self.public is None:
            return self.hash[:12]
        return f"{self.public.get('dataset', '')} {self.public.get('number', '')}".strip()


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that does not hold.

    Args:
        link: name of the record.
        message: what is wrong.
    """

    link: str
    message: Message


def verify(links: Sequence[Link], *, whole: bool = False) -> list[Problem]:
    """What does not fit in a chain of records.

    Args:
        links: records, the oldest first. One alone is verified by itself.
        whole: whether the first one must be the first of all.

    Returns:
        Nothing if every hash fits its record and the record before it.
    """
    problems: list[Problem] = []
    before: Link | None = None
    for link in links:
        if link.public is not None:
            expected = link_hash(link.public, link.internal_sha256, link.previous_hash)
            if expected != link.hash:
                problems.append(Problem(link.name, Message("The record was changed.")))
        if link.internal is not None and digest(link.internal) != link.internal_sha256:
            text = Message("The internal part of the record was changed.")
            problems.append(Problem(link.name, text))
        if before is not None and link.previous_hash != before.hash:
            text = Message("The record does not follow the one before it: one is missing or moved.")
            problems.append(Problem(link.name, text))
        if before is None and whole and link.previous_hash:
            text = Message("The first record names one before it: the chain is cut.")
            problems.append(Problem(link.name, text))
        before = link
    return problems
