"""The demo: deliveries go through the running portal as they would in a real Kreis.

Every step looks first at what is there, so that a second run creates nothing and prints the same.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ckanext.sozialdaten.demo import _accounts as accounts
from ckanext.sozialdaten.demo._harvesting import HarvestReport, harvest
from ckanext.sozialdaten.demo._portal import Installation, Portal
from ckanext.sozialdaten.demo._releasing import Published, release, verify
from ckanext.sozialdaten.demo.broken import HZE, POPULATION
from ckanext.sozialdaten.demo.generate import Delivered, generate
from ckanext.sozialdaten.messages import Message

__all__ = ["SOURCES", "Result", "publish"]

SOURCES = (POPULATION, HZE)


@dataclass(slots=True)
class Result:
    """What the run did and found.

    Args:
        url: address of the portal.
        passwords: by account.
        created: accounts and organisations that were not there before.
        delivered: the files that were dropped.
        harvested: what became of them, by source.
        published: the datasets as the public sees them.
        seconds: how long the run took.
    """

    url: str
    passwords: dict[str, str]
    created: list[str] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    harvested: dict[str, HarvestReport] = field(default_factory=dict)
    published: list[Published] = field(default_factory=list)
    seconds: float = 0.0


def publish(
    installation: Installation, deliveries: Path, progress: Callable[[Message], None]
) -> Result:
    """Run everything and return what is public now.

    Args:
        installation: a running portal.
        deliveries: folder for the generated deliveries.
        progress: told each step.

    Raises:
        DemoError: a step failed; says which, and what the portal said.
    """
    started = time.monotonic()
    portal = Portal(installation)
    try:
        progress(Message("Accounts, organisation, reviewer"))
        passwords, created = accounts.settle(portal)
        result = Result(installation.url, passwords, created)
        progress(Message("Deliveries of the fictitious Kreis"))
        result.delivered = generate(deliveries)
        for source in SOURCES:
            progress(Message("Source {source}: drop and harvest", {"source": source}))
            dropped = [d for d in result.delivered if d.source == source]
            result.harvested[source] = harvest(portal, source, dropped)
        for source in SOURCES:
            progress(Message("Source {source}: check, submit, approve", {"source": source}))
            result.published.append(release(portal, source))
        progress(Message("Looking at it as a visitor without an account"))
        for published in result.published:
            verify(portal, published)
    finally:
        portal.sign_out()
    result.seconds = time.monotonic() - started
    return result
