# ruff: noqa: S608  (statements are built of names and numbers of our own)
"""One measured task of ``bench disclosure --part persons`` in a process of its own.

``python -m … TASK FILE`` prints one line of JSON: wall and CPU seconds, peak memory, the answer.
"""

import itertools
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ckanext.sozialdaten.disclosure import load_policy
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._ibis import ibis
from ckanext.sozialdaten.disclosure.persons import Cube, Sensitive, coded, counted, measure
from ckanext.sozialdaten.disclosure.persons._limits import size

__all__ = ["IN_MEMORY", "QUASI", "SENSITIVE", "TASKS", "main"]

T = TypeVar("T")

QUASI = ("plz", "sex", "birth", "nationality")
SENSITIVE = "benefit"
FEW = 200
_K = 5
_MAX_SET = 4

Answer = list[float]


def _one_set(file: str) -> Answer:
    """Our k, l and t of one set."""
    engine = Engine()
    got = measure(engine, engine.parquet(file), QUASI, SENSITIVE, load_policy().persons)
    engine.close()
    return [got.sizes.k, got.kinds, round(got.effective, 9), round(got.distance, 9)]


def _plain_one_set(file: str) -> Answer:
    """The same by one hand-written statement."""
    con = duckdb.connect()
    source = f"read_parquet('{file}')"
    shares = con.execute(f"SELECT {SENSITIVE}, count(*) FROM {source} GROUP BY 1").fetchall()
    total = sum(n for _, n in shares)
    cells = ", ".join(
        f"count(*) FILTER ({SENSITIVE} = {value}) AS c{i}" for i, (value, _) in enumerate(shares)
    )
    kinds = " + ".join(f"(c{i} > 0)::int" for i in range(len(shares)))
    logs = " + ".join(
        f"CASE WHEN c{i} > 0 THEN c{i} * ln(c{i}) ELSE 0 END" for i in range(len(shares))
    )
    gaps = " + ".join(f"abs(c{i} / f - {n / total})" for i, (_, n) in enumerate(shares))
    row = con.execute(
        f"SELECT min(f), min({kinds}), exp(min(ln(f) - ({logs}) / f)), max(({gaps}) / 2) FROM"
        f" (SELECT count(*) AS f, {cells} FROM {source} GROUP BY {', '.join(QUASI)})"
    ).fetchone()
    con.close()
    return [round(float(part), 9) for part in row or ()]


def _texts(file: str) -> pa.Table:
    """A CSV file as a check reads it: every cell is a text."""
    with Path(file).open(encoding="utf-8") as stream:
        names = stream.readline().rstrip("\n").split(",")
    types = pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    return pacsv.read_csv(file, convert_options=types)


def _k(table: pa.Table) -> Answer:
    """Our k alone, as a check computes it: texts in codes, then the classes."""
    engine = Engine()
    cube = Cube.load(engine, {name: coded(table.column(name)) for name in QUASI}, {})
    (got,) = cube.sizes([QUASI], size(load_policy().persons))
    engine.close()
    return [float(got.k)]


def _t(table: pa.Table) -> Answer:
    """Our t of a small table, with k and l beside it."""
    got = counted(table, list(QUASI), SENSITIVE, _K)
    return [round(got.distance, 9)]


def _all_sets(file: str) -> Answer:
    """k, l and t of every set of up to four columns."""
    table = pq.read_table(file)
    names = [name for name in table.column_names if name != SENSITIVE]
    engine, benefit = Engine(), coded(table.column(SENSITIVE))
    columns = {name: coded(table.column(name)) for name in names}
    cube = Cube.load(engine, columns, {SENSITIVE: benefit})
    sensitive = Sensitive(SENSITIVE, tuple(range(len(benefit.values))), benefit.shares)
    found = cube.values(_sets(names), sensitive, size(load_policy().persons))
    engine.close()
    ks = [one.sizes.k for one in found]
    return [len(found), sum(ks), round(sum(one.distance for one in found), 6)]


def _plain_all_sets(file: str) -> Answer:
    """The same sets by one hand-written statement each, on a table in memory."""
    con = duckdb.connect()
    con.execute(f"CREATE TABLE t AS SELECT * FROM read_parquet('{file}')")
    names = [row[0] for row in con.execute("DESCRIBE t").fetchall() if row[0] != SENSITIVE]
    shares = con.execute(f"SELECT {SENSITIVE}, count(*) FROM t GROUP BY 1 ORDER BY 1").fetchall()
    total = sum(n for _, n in shares)
    cells = ", ".join(
        f"count(*) FILTER ({SENSITIVE} = {value}) AS c{i}" for i, (value, _) in enumerate(shares)
    )
    gaps = " + ".join(f"abs(c{i} / f - {n / total})" for i, (_, n) in enumerate(shares))
    rows = [
        con.execute(
            f"SELECT min(f), max(({gaps}) / 2) FROM (SELECT count(*) AS f, {cells} FROM t"
            f" GROUP BY {', '.join(chosen)})"
        ).fetchall()[0]
        for chosen in _sets(names)
    ]
    con.close()
    return [len(rows), sum(k for k, _ in rows), round(sum(t for _, t in rows), 6)]


def _sets(names: list[str]) -> list[tuple[str, ...]]:
    return [
        chosen
        for number in range(1, _MAX_SET + 1)
        for chosen in itertools.combinations(names, number)
    ]


TASKS: dict[str, Callable[[str], Answer]] = {
    "one_set": _one_set,
    "plain_one_set": _plain_one_set,
    "all_sets": _all_sets,
    "plain_all_sets": _plain_all_sets,
}


IN_MEMORY: dict[str, Callable[[pa.Table], Answer]] = {"k": _k, "t": _t}
"""Tasks on a table that is read already, as the peer's are."""


def _warm_up() -> None:
    """Engines import much when they first run."""
    engine = Engine()
    engine.rows(ibis.memtable({"a": [1, 2]}).group_by("a").agg(n=ibis._.count()))
    engine.close()


def _timed(work: Callable[[], T]) -> tuple[T, float, float]:
    """The result, wall seconds and CPU seconds."""
    cpu, started = time.process_time(), time.perf_counter()
    result = work()
    return result, time.perf_counter() - started, time.process_time() - cpu


def main() -> None:
    """Run the task of the arguments and print what it took."""
    name, file = sys.argv[1], str(Path(sys.argv[2]))
    _warm_up()
    figures: dict[str, object] = {}
    if name in IN_MEMORY:
        table, _, reading = _timed(lambda: _texts(file))
        IN_MEMORY[name](table.slice(0, FEW))
        answer, seconds, cpu = _timed(lambda: IN_MEMORY[name](table))
        figures["reading_cpu"] = reading
    else:
        answer, seconds, cpu = _timed(lambda: TASKS[name](file))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures |= {"seconds": seconds, "cpu": cpu, "mib": peak, "answer": answer}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
