"""The forty ways in which CKAN 2.12 makes data public or leaks it, by their numbers; none is open.

Ways 1 to 15 are metadata and visibility, 16 to 25 content without an update of the dataset, 26 to
29 other writers, 30 to 40 readers. Each way that writes is tried over HTTP by everybody and then
in-process without authorisation; some attempts are refused, some do nothing harmful: what a visitor
and a stranger read is the same afterwards, to the byte. Each way that reads is tried by those who
may not. The attempts stand in ``gate_ways.py`` and ``gate_reads.py``.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from gate_office import Office
from gate_reads import READS
from gate_target import Target, new_target
from gate_ways import WRITES

_NUMBERS = range(1, 41)


@pytest.fixture(scope="module")
def target(shared_office: Office) -> Iterator[Target]:
    """One office for all ways: whatever is tried, nothing of it may stay."""
    with pytest.MonkeyPatch.context() as patch:
        # A page of CKAN's that breaks answers as it does on a server.
        patch.setitem(shared_office.world.app.flask_app.config, "PROPAGATE_EXCEPTIONS", False)
        yield new_target(shared_office)


def test_all_forty_ways_are_tried() -> None:
    assert sorted(WRITES.keys() | READS.keys()) == list(_NUMBERS)
    assert WRITES.keys() & READS.keys() == set()


@pytest.mark.parametrize("number", WRITES, ids=lambda n: f"{n:02} {WRITES[n].__name__}")
def test_no_way_makes_anything_public(target: Target, number: int) -> None:
    before = target.public()
    WRITES[number](target)
    assert target.public() == before


@pytest.mark.parametrize("number", READS, ids=lambda n: f"{n:02} {READS[n].__name__}")
def test_no_way_tells_of_a_working_copy(target: Target, number: int) -> None:
    told: list[Any] = READS[number](target)
    assert told == []
