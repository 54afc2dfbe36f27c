"""Official tables: the findings that are right, and no other one.

Here small files alone; ``sozialdaten bench confusion`` reads all of them.
"""

import pytest
from disclosure_worlds import rules
from official_tables import KNOWN, OFFICIAL, QUICK
from shared_files import shared

from ckanext.sozialdaten.disclosure import check_files


@pytest.mark.parametrize("name", QUICK)
def test_an_official_table_gets_the_findings_that_are_right(name: str) -> None:
    blocking = rules(check_files([shared(name)]))
    assert blocking <= set(OFFICIAL[name].split())
    assert bool(blocking) == bool(OFFICIAL[name])


@pytest.mark.parametrize("name", [name for name in KNOWN if "05_" in name or "07_" in name])
def test_a_known_case_is_found(name: str) -> None:
    assert rules(check_files([shared(name)])) & set(KNOWN[name].split())
