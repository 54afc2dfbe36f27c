"""``bench harvest --part reading``: a flat file of the GENESIS family beside pystatis and pandas.

A fictitious table in the exact format: population by Gemeinde, year, sex and age, with signs among
the figures. Each side makes a tidy table of the same file, in a process of its own and in turn; the
quickest of some runs counts. pystatis does what it does with an answer of the service, without the
network: it leaves out odd lines, reads, and turns the values into columns.
"""

import importlib.util
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import duckdb

__all__ = ["lines", "run", "write_flat_file"]

_ROOT = Path(__file__).resolve().parents[4]
_WORKER = Path(__file__).with_name("_bench_reading_worker.py")
_PEER = Path(__file__).with_name("_bench_pystatis.py")
_REQUIREMENTS = _ROOT / "deployment" / "requirements"
_ROWS = 1_000_000
_RUNS = 3
_COLUMNS = (
    *("statistics_code", "statistics_label", "time_code", "time_label", "time"),
    *(
        f"{number}_variable_{what}"
        for number in (1, 2, 3)
        for what in ("code", "label", "attribute_code", "attribute_label")
    ),
    *("value", "value_unit", "value_variable_code", "value_variable_label"),
)
_TARGETS = {"rows_in_10_seconds": 1_000_000, "times_faster": 3.0}
_FILE = """
SELECT concat_ws(';', '12411', 'Fortschreibung des Bevölkerungsstandes', 'STAG', 'Stichtag',
    (2024 - i // 440000)::VARCHAR || '-12-31',
    'GEMEIN', 'Gemeinden', (99000001 + i // 40 % 11000)::VARCHAR,
    format('Musterort {{}}, Stadt', i // 40 % 11000),
    'GES', 'Geschlecht', CASE WHEN i % 2 = 0 THEN 'GESM' ELSE 'GESW' END,
    CASE WHEN i % 2 = 0 THEN 'männlich' ELSE 'weiblich' END,
    'ALTX20', 'Altersgruppen', format('ALT{{:03d}}B{{:03d}}', i // 2 % 20 * 5, i // 2 % 20 * 5 + 5),
    format('{{}} bis unter {{}} Jahre', i // 2 % 20 * 5, i // 2 % 20 * 5 + 5),
    CASE hash(i) % 40 WHEN 0 THEN '-' WHEN 1 THEN '.' WHEN 2 THEN '/' ELSE
        (hash(i * 3) % 9000)::VARCHAR ||
        CASE WHEN hash(i) % 10 = 9 THEN ',' || (hash(i * 5) % 10)::VARCHAR ELSE '' END END,
    'Anzahl', 'BEVSTD', 'Bevölkerungsstand')
FROM range({rows}) t(i)
"""

Result = Mapping[str, object]


def run(*, quick: bool, peer_python: str) -> Result:
    """Measure.

    Args:
        quick: a hundredth of the rows, one run.
        peer_python: interpreter of an environment with pystatis; empty: one is made and removed
            again; ``none``: it is left out.
    """
    rows, runs = (_ROWS // 100, 1) if quick else (_ROWS, _RUNS)
    with tempfile.TemporaryDirectory(prefix="sozialdaten-reading-") as folder:
        file = write_flat_file(Path(folder, "12411-01-01-4_de_flat.csv"), rows)
        commands = {
            "ours": [sys.executable, str(_WORKER), "ours"],
            "pandas": [_with_pandas(Path(folder, "pandas")), str(_WORKER), "pandas"],
        }
        if python := _with_pystatis(peer_python, Path(folder, "pystatis")):
            commands["pystatis"] = [python, str(_PEER)]
        turns = [
            {name: _json([*one, str(file)]) for name, one in commands.items()} for _ in range(runs)
        ]
        size = file.stat().st_size
    best = {name: min((turn[name] for turn in turns), key=_cpu) for name in commands}
    faster = {
        f"times_faster_than_{name}": {
            key: best[name][key] / best["ours"][key] for key in ("seconds", "cpu")
        }
        for name in commands
        if name != "ours"
    }
    same = best["ours"]["answer"] == best["pandas"]["answer"]
    return {"rows": rows, "bytes": size, **best, **faster, "same_answer": same} | {
        "targets": _TARGETS
    }


def lines(result: Result) -> Sequence[str]:
    """The result for people."""
    rows = cast("int", result["rows"])
    told = [f"{rows:,} rows, {cast('int', result['bytes']) / 1e6:.0f} MB of flat file"]
    for name in ("ours", "pandas", "pystatis"):
        if name not in result:
            told.append("pystatis is not measured: it could not be installed, or was not asked for")
            continue
        one = cast("Mapping[str, float]", result[name])
        told.append(
            f"{name:<9}{one['seconds']:6.2f} s, {one['cpu']:6.2f} CPU s, {one['mib']:5.0f} MiB;"
            f" {rows / one['seconds'] * 10:,.0f} rows in 10 s{_faster(result, name)}"
        )
    told.append("equal tables of ours and pandas" if result["same_answer"] else "UNEQUAL TABLES")
    return told


def write_flat_file(path: Path, rows: int) -> Path:
    """A flat file with ``rows`` lines; the same in every run."""
    header = ";".join(_COLUMNS)
    with duckdb.connect() as connection, path.open("w", encoding="utf-8-sig", newline="") as stream:
        stream.write(f"{header}\n")
        connection.execute(_FILE.format(rows=rows))
        while some := connection.fetchmany(50_000):
            stream.writelines(f"{line}\n" for (line,) in some)
    return path


def _faster(result: Result, name: str) -> str:
    found = cast("Mapping[str, float] | None", result.get(f"times_faster_than_{name}"))
    if found is None:
        return ""
    return f"; ours is {found['seconds']:.1f} times faster, {found['cpu']:.1f} times by CPU"


def _with_pandas(folder: Path) -> str:
    """An interpreter with pandas: this one where a developer's packages brought it."""
    if importlib.util.find_spec("pandas"):
        return sys.executable
    return _environment(folder, "peers-pandas.in", needed=True)


def _with_pystatis(python: str, folder: Path) -> str:
    """The interpreter with pystatis; empty where there is none."""
    if python:
        return "" if python == "none" else python
    return _environment(folder, "peers-reading.in", needed=False)


def _environment(folder: Path, requirements: str, *, needed: bool) -> str:
    venv.create(folder, with_pip=True)
    made = str(folder / "bin" / "python")
    install = [made, "-m", "pip", "install", "--quiet", "-r", str(_REQUIREMENTS / requirements)]
    done = subprocess.run(install, capture_output=True, check=needed)  # noqa: S603
    return "" if done.returncode else made


def _json(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return cast("dict[str, Any]", json.loads(done.stdout.splitlines()[-1]))


def _cpu(measured: Mapping[str, Any]) -> float:
    return float(measured["cpu"])
