"""``bench disclosure --part known``: the published examples of the peers, computed anew.

Cell Key Method beside ptable, cellKey and the ONS, controlled rounding beside SmallCountRounding,
risks beside sdcMicro. What the peers publish lies in the shared cases; nothing of it is timed.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from ckanext.sozialdaten.cli._bench_shared import known_cases

__all__ = ["lines", "run"]

_CELL_KEY, _ROUNDING = "03_cellkey_ptable", "06_rounding"
_RISK = "04_microdata"
_TABLE = re.compile(r"D(\d+)_V([\d.]+?)(?:_js(\d))?(?:_pstay([\d.]+?))?\.csv")
_KEYS = ("urbrur", "roof", "walls", "water", "electcon", "relat", "sex")
_SPECIAL = ("urbrur", "roof", "walls", "water", "sex")
_EQUAL = 1e-6
_GLOBAL_RISK = 10.778298918734968

Result = Mapping[str, object]
Row = dict[str, Any]


def run(*, quick: bool, peer_python: str) -> Result:
    """Compute the published examples.

    Args:
        quick: not used: all of it takes seconds.
        peer_python: not used: the peers are R programs, whose results are published.
    """
    del quick, peer_python
    cases = known_cases()
    if cases is None:
        return {"note": "The known cases are not at hand: name their folder by SOZIALDATEN_SAMPLES"}
    return {
        "cell_key": [*_tables(cases / _CELL_KEY), *_published(cases / _CELL_KEY)],
        "rounding": list(_rounding(cases / _ROUNDING)),
        "risk": list(_risks(cases / _RISK)),
    }


def lines(result: Result) -> Sequence[str]:
    """The result for people."""
    if "note" in result:
        return [str(result["note"])]
    told = [
        f"{row['what']}: {row['equal']} of {row['compared']} equal"
        for name in ("cell_key", "risk")
        for row in cast("list[Row]", result[name])
    ]
    return told + [
        f"rounding {row['case']}: greatest deviation {row['max']:g} (SmallCountRounding"
        f" {row['peer_max']:g}), mean {row['mean']:.3f} ({row['peer_mean']:.3f}),"
        f" ratio {row['ratio']:.2f}"
        for row in cast("list[Row]", result["rounding"])
    ]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _compared(what: str, pairs: Sequence[bool]) -> Row:
    return {"what": what, "compared": len(pairs), "equal": sum(pairs)}


def _tables(folder: Path) -> Iterator[Row]:
    """Perturbation tables of ptable, each row's probabilities."""
    from ckanext.sozialdaten.disclosure.protection._ptable import read_table, table

    for path in sorted(folder.glob("ptable_*.csv")):
        found = _TABLE.search(path.name)
        if found is None:
            continue
        magnitudes = "nums" in path.name
        mine = table(
            int(found[1]),
            float(found[2]),
            int(found[3] or 0),
            stay=float(found[4]) if found[4] else None,
            step=0.5 if magnitudes else 1.0,
            counts=(1, 5, 10) if magnitudes else (),
            free=(3,) if "ex_cnts" in path.name else (),
            at_most=not magnitudes,
        )
        rows = zip(mine.rows, read_table(path).rows, strict=True)
        yield _compared(path.stem, [_same_row(one, other) for one, other in rows])


def _same_row(one: Any, other: Any) -> bool:
    shares = dict(zip(one.noise.tolist(), one.shares.tolist(), strict=True))
    theirs = dict(zip(other.noise.tolist(), other.shares.tolist(), strict=True))
    return one.count == other.count and all(
        abs(shares.get(value, 0.0) - theirs.get(value, 0.0)) < _EQUAL for value in shares | theirs
    )


def _published(folder: Path) -> Iterator[Row]:
    """The published tables of cellKey and of the ONS, cell by cell."""
    from ckanext.sozialdaten.disclosure.protection._cell_key import WholeKeys, count_records
    from ckanext.sozialdaten.disclosure.protection._ptable import read_table

    people = _read(folder / "ck_microdata.csv")
    records = pa.table({name: [row[name] for row in people] for name in ("sex", "age")})
    keys = np.array([float(row["rec_key"]) for row in people])
    counted = count_records(records, ["sex", "age"], keys, "Total")
    noise = read_table(folder / "ck_ptable_used.csv").noise(
        counted.counts.astype(float), counted.keys
    )
    places = zip(*counted.codes.values(), strict=True)
    shown = dict(zip(places, (counted.counts + noise).tolist(), strict=True))
    expected = _read(folder / "ck_freqtab_expected.csv")
    pairs = [shown[row["sex"], row["age"]] == int(row["puwc"]) for row in expected]
    yield _compared("cellKey", pairs)

    rules = _read(folder / "ons_ptable_10_5_rule_bypcv.csv")
    method = WholeKeys({(int(row["pcv"]), None): int(row["pvalue"]) for row in rules})
    counts, sums = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in _read(folder / "ons_microdata.csv"):
        place = (row["stadtteil"], row["alter"], row["status"])
        counts[place] += 1
        sums[place] += int(row["record_key"])
    pairs = [
        method.published(counts[place], sums[place])
        == (int(row["count"]) if row["count"] else None)
        for row in _read(folder / "ons_10_5_expected.csv")
        for place in [(row["stadtteil"], row["alter"], row["status"])]
    ]
    yield _compared("ONS 10-5 rule", pairs)


def _rounding(folder: Path) -> Iterator[Row]:
    """The examples of SmallCountRounding through ``protect``: how far counts move."""
    from ckanext.sozialdaten.disclosure import load_policy, protect

    known = json.loads((folder / "plsrounding_summary.json").read_text(encoding="utf-8"))
    for case, peer in sorted(known.items()):
        if not (folder / f"{case}_publish.csv").is_file():
            continue  # only its summary was published
        rows = _read(folder / f"{case}_publish.csv")
        names = [name for name in rows[0] if name not in ("original", "rounded", "difference")]
        data = pa.table({name: [row[name] for row in rows] for name in names})
        data = data.append_column("Anzahl", pa.array([row["original"] for row in rows]))
        roles = dict.fromkeys(names, "dimension") | {"Anzahl": "count"}
        done = protect(data, roles, load_policy(), method="round", base=peer["base"])
        loss = done.report.loss
        yield {
            "case": case,
            "max": loss.max_deviation,
            "peer_max": peer["maxdiff"],
            "mean": loss.mean_deviation,
            "peer_mean": peer["meanAbsDiff"],
            "ratio": loss.mean_deviation / peer["meanAbsDiff"],
        }


def _risks(folder: Path) -> Iterator[Row]:
    """Risks and special uniques of sdcMicro, person by person, to six digits."""
    from ckanext.sozialdaten.disclosure._engine import ROW, Engine
    from ckanext.sozialdaten.disclosure.persons import individual_risk, risks, special_uniques

    engine = Engine()
    loaded = engine.load(pacsv.read_csv(folder / "sdcmicro_testdata.csv"))
    risky = engine.rows(individual_risk(loaded, _KEYS, "sampling_weight").order_by(ROW))
    theirs = pacsv.read_csv(folder / "sdcmicro_testdata_individual_risk.csv")["risk"].to_pylist()
    pairs = zip([row["risk"] for row in risky], theirs, strict=True)
    yield _compared("individual risk of sdcMicro", [_close(one, other) for one, other in pairs])
    total = risks(engine, loaded, _KEYS, "sampling_weight").expected
    yield _compared("global risk of sdcMicro", [_close(total, _GLOBAL_RISK)])
    special = {one.position: one for one in special_uniques(engine, loaded, _SPECIAL)}
    engine.close()
    rows = pacsv.read_csv(folder / "sdcmicro_suda2_expected.csv").to_pylist()
    scores = [
        (place in special) == bool(row["score"])
        and (place not in special or _close(special[place].dis, row["dis"]))
        for place, row in enumerate(rows)
    ]
    yield _compared("SUDA2 of sdcMicro", scores)


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _EQUAL * max(abs(one), abs(other), _EQUAL)
