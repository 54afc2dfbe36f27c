"""No attack of the corpus is missed, and no harmless twin is blocked.

Here every kind of attack runs in one format; ``sozialdaten bench confusion`` runs all of them.
"""

import pytest
from adversarial import Case
from adversarial_tables import cases, some_cases
from confusion import blocking, is_right

CORPUS = cases()
SOME = some_cases()


def test_the_corpus_holds_more_than_sixty_different_attacks() -> None:
    attacks = [case.id for case in CORPUS if case.rules]
    assert len(set(attacks)) == len(attacks) >= 60
    assert len({case.id for case in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("case", SOME, ids=[case.id for case in SOME])
def test_attacks_are_found_and_twins_are_not(case: Case) -> None:
    found = blocking(case)
    assert is_right(case, found), f"expected one of {sorted(case.rules)}, found {sorted(found)}"
