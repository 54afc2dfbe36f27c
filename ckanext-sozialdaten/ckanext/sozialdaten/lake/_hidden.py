"""Sources that nobody is shown: a release of theirs is withdrawn and still lies in the zone.

Erasing takes a job; what is withdrawn is out of sight from the moment of its withdrawal.
"""

from collections.abc import Mapping

from pyiceberg.table import Table

from ckanext.sozialdaten.lake._tables import DELIVERIES
from ckanext.sozialdaten.lake._warehouse import Warehouse, all_of

__all__ = ["hidden"]


def hidden(warehouse: Warehouse) -> frozenset[str]:
    """The sources that hold a delivery of a withdrawn release; see `Lake`.

    The whole source is hidden: once the newest release is withdrawn, the ones before do not become
    the newest in its stead.
    """
    withdrawn = warehouse.withdrawn()
    if not withdrawn:
        return frozenset()
    releases = warehouse.derived(DELIVERIES, _releases)
    return frozenset(source for source, own in releases.items() if not own.isdisjoint(withdrawn))


def _releases(deliveries: Table) -> Mapping[str, frozenset[str]]:
    """What stands before the “/” in the digests of each source."""
    found: dict[str, set[str]] = {}
    rows = Warehouse.read(deliveries, all_of(), ("source", "digest")).read_all().to_pylist()
    for row in rows:
        found.setdefault(row["source"], set()).add(row["digest"].partition("/")[0])
    return {source: frozenset(own) for source, own in found.items()}
