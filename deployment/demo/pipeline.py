"""The demo: deliveries go through the running portal as they would in a real Kreis.

Every step looks first at what is there, so that a second run creates nothing and prints the same.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ckanext.sozialdaten.demo import _accounts as accounts
from ckanext.sozialdaten.demo._aiming import approve_edition, approve_texts
from ckanext.sozialdaten.demo._documenting import release_papers
from ckanext.sozialdaten.demo._harvesting import HarvestReport, Harvests
from ckanext.sozialdaten.demo._portal import Installation, Portal
from ckanext.sozialdaten.demo._releasing import Published, release, verify
from ckanext.sozialdaten.demo.generate import Delivered, generate
from ckanext.sozialdaten.messages import Message

__all__ = ["Result", "publish"]


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
        documents: names of the documents that this run published.
        texts: how many goals, measures and editions it had approved.
        seconds: how long the run took.
    """

    url: str
    passwords: dict[str, str]
    created: list[str] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    harvested: dict[str, HarvestReport] = field(default_factory=dict)
    published: list[Published] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    texts: int = 0
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
        dropped: dict[str, list[Delivered]] = {}
        for delivered in result.delivered:
            dropped.setdefault(delivered.source, []).append(delivered)
        harvests = Harvests(portal, dropped)
        progress(Message("{count} sources: drop and harvest", {"count": len(dropped)}))
        harvests.start()
        for number, report in enumerate(harvests.done(), start=1):
            values = {"number": number, "count": len(dropped), "source": report.source}
            progress(Message("{number} of {count}: {source}: check, submit, approve", values))
            result.harvested[report.source] = report
            result.published.append(release(portal, report.source))
        order = list(dropped)
        result.published.sort(key=lambda published: order.index(published.source))
        progress(Message("Documents: upload, check, submit, approve"))
        result.documents = release_papers(portal)
        progress(Message("Goals and measures of the social report: write, approve"))
        result.texts = approve_texts(portal)
        progress(Message("Looking at it as a visitor without an account"))
        verify(portal, result.published)
        progress(Message("Frozen edition of a social report: make, approve"))
        result.texts += approve_edition(portal)
    finally:
        portal.sign_out()
    result.seconds = time.monotonic() - started
    return result
