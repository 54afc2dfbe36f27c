"""Counters of what one account or one address did lately.

A counter is a sliding window of two fixed ones: the present count, and as much of the one before as
still lies within the window. Two numbers in Redis hold it, however many requests it counts, and
they vanish by themselves. Keys are keyed hashes: Redis knows neither accounts nor addresses.
"""

import hashlib
import hmac
import ipaddress
import time
from dataclasses import dataclass
from typing import Any

from ckan.common import config
from ckan.lib.redis import connect_to_redis
from flask import request

__all__ = ["Limit", "address", "digest", "is_known", "remember"]

_NETWORK = 64  # the part of an IPv6 address that one customer has
_KNOWN = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may happen.

    Args:
        name: part of the counter's key.
        most: how often within the window; 0 is no limit.
        seconds: length of the window.
    """

    name: str
    most: int
    seconds: int

    def wait(self, subject: str, *, now: float | None = None) -> int:
        """Seconds until it may happen again to a subject; 0 if it may now.

        Raises:
            redis.RedisError: the counters cannot be read.
        """
        present, before = self._counts(subject, now)
        used = self._used(present, before, now)
        if not self.most or used < self.most:
            return 0
        return max(1, round(self.seconds - self._age(now)))

    def count(self, subject: str, *, now: float | None = None) -> int:
        """Count one more, and return what :meth:`wait` said before.

        Raises:
            redis.RedisError: the counters cannot be written.
        """
        waiting = self.wait(subject, now=now)
        if not waiting:
            window = self._window(now)
            pipe: Any = connect_to_redis().pipeline()
            pipe.incr(self._key(subject, window))
            pipe.expire(self._key(subject, window), 2 * self.seconds)
            pipe.execute()
        return waiting

    def _window(self, now: float | None) -> int:
        return int((time.time() if now is None else now) // self.seconds)

    def _age(self, now: float | None) -> float:
        return (time.time() if now is None else now) % self.seconds

    def _used(self, present: int, before: int, now: float | None) -> float:
        return present + before * (1 - self._age(now) / self.seconds)

    def _key(self, subject: str, window: int) -> str:
        return f"sozialdaten:limit:{config['ckan.site_id']}:{self.name}:{digest(subject)}:{window}"

    def _counts(self, subject: str, now: float | None) -> tuple[int, int]:
        window = self._window(now)
        keys = [self._key(subject, window), self._key(subject, window - 1)]
        found: Any = connect_to_redis().mget(keys)
        present, before = (int(number or 0) for number in found)
        return present, before


def digest(text: str) -> str:
    """A keyed hash, which only this portal can compute."""
    key = str(config["SECRET_KEY"]).encode()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]


def address() -> str:
    """Where the request comes from: an IPv4 address or an IPv6 network.

    Only as many entries of ``X-Forwarded-For`` are believed as there are proxies of our own: all
    before them is what the client says of itself.
    """
    proxies: int = config["ckanext.sozialdaten.limits.trusted_proxies"]
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    given = told[-proxies] if 0 < proxies <= len(told) else request.remote_addr or ""
    try:
        found = ipaddress.ip_address(given)
    except ValueError:
        return request.remote_addr or "unknown"
    if found.version == 6:
        return str(ipaddress.ip_network(f"{found}/{_NETWORK}", strict=False))
    return str(found)


def _known_key(account: str) -> str:
    subject = digest(f"{account}\n{address()}")
    return f"sozialdaten:limit:{config['ckan.site_id']}:known:{subject}"


def remember(account: str) -> None:
    """Note that this account has signed in from the address of this request."""
    connect_to_redis().set(_known_key(account), 1, ex=_KNOWN)


def is_known(account: str) -> bool:
    """Whether the account has lately signed in from the address of this request."""
    return bool(connect_to_redis().exists(_known_key(account)))
