"""Reading kept deliveries anew, after a reader or a source's description was mended.

The lake takes each at its old time of capture, in the order of capture, as a new reading of the
same content: states of the past then are what they should have been. What was published stays
published; a release of it is made like any other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.harvesters.core.run import Run, Stored
from ckanext.sozialdaten.harvesters.core.storage import storage_folder
from ckanext.sozialdaten.lake import Change, Zone

__all__ = ["Reread", "reread_kept"]


@dataclass(frozen=True, slots=True)
class Reread:
    """What became of one delivery.

    Args:
        change: its last reading before.
        stored: what the new reading did; None where the file is no longer kept.
    """

    change: Change
    stored: Stored | None


def reread_kept(run: Run) -> Iterator[Reread]:
    """Read every delivery of a source anew whose file is still kept, the oldest first.

    Raises:
        DeliveryError: a delivery can no longer be read; those before it are done.
    """
    readings: dict[str, list[Change]] = {}
    for change in run.lake.history(source=run.source.id, zone=Zone.RESTRICTED):
        readings.setdefault(change.digest, []).append(change)
    folder = storage_folder() / run.source.id
    kept = {path.name[:16]: path for path in sorted(folder.glob("until-*/*")) if path.is_file()}
    for digest, changes in readings.items():
        first = changes[0]
        path = kept.get(digest[:16])
        if path is None:
            yield Reread(changes[-1], None)
            continue
        raw = RawDelivery(
            source=run.source.id,
            name=first.name,
            path=path,
            digest=digest,
            captured_at=first.captured_at,
            size=path.stat().st_size,
        )
        yield Reread(changes[-1], run.reread(raw, len(changes)))
