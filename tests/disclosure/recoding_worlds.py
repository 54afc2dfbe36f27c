"""Tables of persons and of counts that the tests of recoding and merging share."""

import random
from collections.abc import Mapping

import pyarrow as pa

from ckanext.sozialdaten.disclosure import Report, check, load_policy
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import prepare
from ckanext.sozialdaten.disclosure._table import Sheet
from ckanext.sozialdaten.disclosure.protection import Candidate
from ckanext.sozialdaten.disclosure.protection.recoding import (
    Hierarchy,
    Metric,
    merge_candidate,
    recode_candidate,
)

POLICY = load_policy()
Roles = Mapping[str, str] | None


def recoded(
    data: pa.Table,
    roles: Roles = None,
    policy: Policy = POLICY,
    hierarchies: Mapping[str, Hierarchy] | None = None,
    metric: Metric = Metric.BALANCED,
) -> Candidate:
    """The recoded table of persons."""
    engine = Engine()
    try:
        subject = prepare(Sheet(data, "", "", 1), roles, policy, engine)
        return recode_candidate(subject, hierarchies, metric)
    finally:
        engine.close()


def merged(data: pa.Table, roles: Roles = None, policy: Policy = POLICY) -> Candidate | None:
    """The table of counts with merged categories."""
    engine = Engine()
    try:
        return merge_candidate(prepare(Sheet(data, "", "", 1), roles, policy, engine))
    finally:
        engine.close()


def judged(table: pa.Table, roles: Mapping[str, str], policy: Policy = POLICY) -> Report:
    """What the check says of a table, with the roles of the columns that are left."""
    kept = {name: role for name, role in roles.items() if name in table.column_names}
    return check(table, kept, policy)


def persons(rows: int = 600, seed: int = 1) -> pa.Table:
    """Fictitious persons of an office, with everything that must not be published."""
    chance = random.Random(seed)
    kinds = ["deutsch"] * 10 + ["syrisch"] * 3 + ["türkisch"] * 2 + ["polnisch", "chilenisch"]
    return pa.table(
        {
            "Nachname": [f"Muster{number}" for number in range(rows)],
            "Aktenzeichen": [f"{100_000 + number}/24" for number in range(rows)],
            "Geburtsdatum": [
                f"{chance.randint(10, 28)}.0{chance.randint(1, 9)}.{chance.randint(1950, 2015)}"
                for _ in range(rows)
            ],
            "Geschlecht": [chance.choice("mw") for _ in range(rows)],
            "AGS": [
                chance.choice(["01056001", "01056002", "01056003", "01057001", "02000000"])
                for _ in range(rows)
            ],
            "Staatsangehörigkeit": [chance.choice(kinds) for _ in range(rows)],
            "Leistungsart": [chance.choice(["HLU", "GruSi", "HzP"]) for _ in range(rows)],
            "Bemerkung": ["wurde am Telefon gefragt"] * rows,
        }
    )
