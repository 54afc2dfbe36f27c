# ruff: noqa: S608  (statements are built of names and numbers of our own)
"""``bench disclosure --part persons``: k, l and t beside plain DuckDB and pyCANON.

Synthetic persons, the same in every run: postcode 60, sex 3, birth year 91, nationality 61 and
four more columns; the benefit, with 8 values, is sensitive. Every task runs in a process of its
own, ours and the peer's in turn; the quickest of some runs counts.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import duckdb

__all__ = ["lines", "run"]

_WORKER = "ckanext.sozialdaten.cli._bench_persons_worker"
_PEER = Path(__file__).with_name("_bench_pycanon.py")
_INSTALL = (
    "pyCANON is not measured: name the Python of an environment with it by --peer-python"
    " (python -m venv PEERS && PEERS/bin/pip install -r deployment/requirements/peers.in)"
)
_CODES = {"plz": 60, "sex": 3, "birth": 91, "nationality": 61, "benefit": 8}
_MORE = {"family": 5, "education": 6, "month": 12, "occupation": 20}
_RUNS = 3
_TICK = 0.001
_TARGETS = {
    "one_set_seconds": 6.0,
    "one_set_mib": 1024.0,
    "all_sets_seconds": 60.0,
    "k_times_faster_than_pycanon": 30.0,
    "t_times_faster_than_pycanon": 1000.0,
}

Result = Mapping[str, object]


def run(*, quick: bool, peer_python: str) -> Result:
    """Measure.

    Args:
        quick: a hundredth of the rows, one run.
        peer_python: interpreter of an environment with pyCANON; empty: it is left out.
    """
    scale, runs = (100, 1) if quick else (1, _RUNS)
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "large": _persons(Path(folder, "large.parquet"), 10_000_000 // scale, _CODES),
            "wide": _persons(Path(folder, "wide.parquet"), 1_000_000 // scale, _CODES | _MORE),
            "small": _persons(Path(folder, "small.parquet"), 10_000 // scale, _CODES),
        }
        result = {
            "rows": {"one_set": 10_000_000 // scale, "all_sets": 1_000_000 // scale},
            "one_set": _beside("one_set", files["large"], runs),
            "all_sets": _beside("all_sets", files["wide"], 1),
            "targets": _TARGETS,
        }
        for task, name in (("k", "wide"), ("t", "small")):
            result[task] = _beside_peer(task, _as_text(files[name]), peer_python, runs)
    return result if peer_python else result | {"note": _INSTALL}


def lines(result: Result) -> Sequence[str]:
    """The result for people."""
    told: list[str] = []
    for name in ("one_set", "all_sets"):
        both = cast("Mapping[str, Any]", result[name])
        ours, plain = both["ours"], both["duckdb"]
        told.append(
            f"{name}: {ours['seconds']:.2f} s, {ours['mib']:.0f} MiB;"
            f" plain DuckDB {plain['seconds']:.2f} s, {plain['mib']:.0f} MiB;"
            f" ratio {both['ratio']:.2f}, of CPU {both['cpu_ratio']:.2f}"
        )
    for name in ("k", "t"):
        both = cast("Mapping[str, Any]", result[name])
        told.append(f"{name}: {both['ours']['cpu']:.3f} CPU s{_peer_line(both)}")
    return [*told, str(result["note"])] if "note" in result else told


def _peer_line(both: Mapping[str, Any]) -> str:
    if "pycanon" not in both:
        return ""
    return (
        f"; pyCANON {both['pycanon']['cpu']:.2f} CPU s, {both['times_faster']:.0f} times faster,"
        f" {both['times_faster_with_reading']:.0f} times with reading the file;"
        f" {'equal' if both['same_answer'] else 'unequal'} answers"
    )


def _persons(file: Path, rows: int, codes: Mapping[str, int]) -> Path:
    """Persons whose values follow from their number alone."""
    columns = ", ".join(
        f"CAST(hash(i * 31 + {seed}) % {number} AS INTEGER) AS {name}"
        for seed, (name, number) in enumerate(codes.items())
    )
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT {columns} FROM range({rows}) t(i)) TO '{file}' (FORMAT parquet)")
    return file


def _beside(task: str, file: Path, runs: int) -> dict[str, Any]:
    """Ours and plain DuckDB in turn; both must give the same answer."""
    pairs = [(_once(task, file), _once(f"plain_{task}", file)) for _ in range(runs)]
    ours = min((pair[0] for pair in pairs), key=_seconds)
    plain = min((pair[1] for pair in pairs), key=_seconds)
    return {
        "ours": ours,
        "duckdb": plain,
        "ratio": ours["seconds"] / plain["seconds"],
        "cpu_ratio": ours["cpu"] / max(plain["cpu"], 0.01),
        "same_answer": _same(ours["answer"], plain["answer"]),
    }


def _as_text(file: Path) -> Path:
    """The same persons as a CSV file."""
    table = file.with_suffix(".csv")
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT * FROM '{file}') TO '{table}' (HEADER)")
    return table


def _beside_peer(task: str, file: Path, python: str, runs: int) -> dict[str, Any]:
    """Ours and pyCANON on the same CSV file of texts, in turn; the ratios are of CPU seconds.

    The first ratio is of the work alone, the second has the reading on both sides.
    """
    found: dict[str, Any] = {"ours": min((_once(task, file) for _ in range(runs)), key=_cpu)}
    if python:
        ours, peer = found["ours"], _json([python, str(_PEER), task, str(file)])
        read = [one["cpu"] + one["reading_cpu"] for one in (peer, ours)]
        found |= {
            "pycanon": peer,
            "times_faster": peer["cpu"] / max(ours["cpu"], _TICK),
            "times_faster_with_reading": read[0] / max(read[1], _TICK),
            "same_answer": _same(ours["answer"], peer["answer"]),
        }
    return found


def _once(task: str, file: Path) -> dict[str, Any]:
    return _json([sys.executable, "-m", _WORKER, task, str(file)])


def _json(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return cast("dict[str, Any]", json.loads(done.stdout.splitlines()[-1]))


def _cpu(measured: Mapping[str, Any]) -> float:
    return float(measured["cpu"])


def _seconds(measured: Mapping[str, Any]) -> float:
    return float(measured["seconds"])


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(abs(a - b) < 1e-6 for a, b in zip(one, other, strict=True))
