"""The stages of ckanext-harvest for whole catalogues.

*gather* reads the catalogue and makes one object for each hundred of datasets that are new or have
changed; *import* writes them in one transaction. A job that was killed leaves whole batches or
none, and the next one finds by their digests what is still to do: nothing comes twice.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ckan.types import Context

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.ckan import registry
from ckanext.sozialdaten.harvesters.ckan._records import (
    HarvestGatherError,
    HarvestObject,
    HarvestObjectError,
    HarvestObjectExtra,
    Record,
)
from ckanext.sozialdaten.harvesters.core.catalogue import Copy, Listing, listing, retired
from ckanext.sozialdaten.harvesters.core.quarantine import told
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.publishing import catalogue_copies

__all__ = ["gather", "store"]

_BATCH = 100


def gather(job: Record, source: Source) -> list[str]:
    """One object for each batch of datasets to write, and one for those to retire.

    Raises:
        HarvestError: the catalogue cannot be had as a whole.
    """
    found = listing(source, Register.default())
    known = catalogue_copies.known(source.id)
    plan = list(_batches(found, known))
    leaving = retired(source, found, known)
    if leaving.keys:
        plan.append({"retire": list(leaving.keys)})
    problems = [*found.problems, *([leaving.doubt] if leaving.doubt else [])]
    for problem in problems:
        HarvestGatherError.create(_line(problem), job)
    return [_object(job, source, number, content) for number, content in enumerate(plan)]


def _batches(found: Listing, known: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    fresh = [copy for copy in found.copies if known.get(copy.key) != copy.digest]
    for start in range(0, len(fresh), _BATCH):
        yield {"copies": [_as_data(copy) for copy in fresh[start : start + _BATCH]]}


def _as_data(copy: Copy) -> dict[str, Any]:
    return {
        "key": copy.key,
        "digest": copy.digest,
        "dataset": copy.dataset,
        "resources": copy.resources,
    }


def _object(job: Record, source: Source, number: int, content: dict[str, Any]) -> str:
    made = HarvestObject(
        guid=f"{source.id}/#{number}", job=job, content=json.dumps(content), current=None
    )
    made.save()
    return str(made.id)


def store(harvest_object: Record, source: Source, user: str) -> bool | str:
    """Write one batch, or retire what the catalogue lists no more."""
    content = json.loads(harvest_object.content)
    context = Context(user=user, ignore_auth=False)
    if "retire" in content:
        _, stay = catalogue_copies.retire(context, source.id, content["retire"])
        for key in stay:
            text = f"{key}: nicht mehr im Katalog der Quelle, aber hier veröffentlicht"
            HarvestObjectError.create(text, harvest_object, "Import")
        return _changed(harvest_object)
    owner = harvest_object.source.publisher_id or source.owner_org
    copies = [
        copy | {"dataset": copy["dataset"] | {"owner_org": owner}} for copy in content["copies"]
    ]
    written = catalogue_copies.write_all(context, source.id, copies)
    for key, summary in written.refused.items():
        said = "; ".join(f"{field}: {text}" for field, text in summary.items())
        HarvestObjectError.create(f"{key}: {said}", harvest_object, "Import")
    if not written.created and not written.changed:
        return False if written.refused else "unchanged"
    return _changed(harvest_object)


def _changed(harvest_object: Record) -> bool:
    harvest_object.extras.append(HarvestObjectExtra(key=registry.CHANGED, value="1"))
    harvest_object.save()
    return True


def _line(problem: SozialdatenError) -> str:
    return str(told(problem)["text"]["de"])
