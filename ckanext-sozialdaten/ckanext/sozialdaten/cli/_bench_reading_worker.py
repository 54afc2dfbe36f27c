"""One side of ``bench harvest --part reading`` in a process of its own.

``python _bench_reading_worker.py ours|pandas FILE`` prints one line of JSON; each side needs its
own packages alone. What is imported is not measured; a small head of the file is read before, on
both sides.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["main"]

_FEW = 200
_SIGNS = ["-", "0", ".", "...", "/", "x", "()", "p", "r", "s", "e", "u"]
_GROUPS = (2, 3)


def _ours(path: Path) -> list[object]:
    """What the harvester reads: text columns as printed, signs beside the values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from ckanext.sozialdaten.harvesters.core.readers import Settings, read_file

    table = pa.Table.from_batches(list(read_file(path, "genesis-ffcsv", Settings())))
    figures = table.filter(pc.equal(table["quality"], ""))
    total = pc.sum(figures["value"].cast(pa.float64())).as_py()
    signs = table.num_rows - figures.num_rows
    return [table.num_rows, signs, round(total, 1), _distinct(table)]


def _distinct(table: Any) -> list[int]:
    import pyarrow.compute as pc

    names = ("region", "reference_end", "dimensions", "unit")
    return [len(pc.unique(table[name])) for name in names]


def _pandas(path: Path) -> list[object]:
    """The same table as a careful analyst makes it: text, then values and signs, then keys."""
    import pandas as pd

    data: Any = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    data["series"] = data["statistics_code"] + "." + data["value_variable_code"]
    text = data["value"].str.strip()
    value: Any = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce")
    data["quality"] = text.where(value.isna(), "")
    unknown = ~data["quality"].isin(["", *_SIGNS])
    if unknown.any():
        raise ValueError(f"unknown sign in row {unknown.idxmax() + 2}")
    data["value"] = value
    data["reference_end"] = pd.to_datetime(data["time"], format="%Y-%m-%d")
    data["reference_start"] = data["reference_end"]
    data["region"] = data["1_variable_attribute_code"]
    parts = [
        '"' + data[f"{n}_variable_code"] + '":"' + data[f"{n}_variable_attribute_code"] + '"'
        for n in reversed(_GROUPS)
    ]
    data["dimensions"] = "{" + parts[0] + "," + parts[1] + "}"
    data = data.rename(columns={"value_unit": "unit"})
    columns = ("region", "reference_end", "dimensions", "unit")
    signs = int((data["quality"] != "").sum())
    return [
        len(data),
        signs,
        round(float(data["value"].sum()), 1),
        [int(data[name].nunique()) for name in columns],
    ]


_SIDES: dict[str, Callable[[Path], list[object]]] = {"ours": _ours, "pandas": _pandas}


def main() -> None:
    """Measure one side."""
    side, path = _SIDES[sys.argv[1]], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder, path.open("rb") as stream:
        head = Path(folder, path.name)
        head.write_bytes(b"".join(stream.readline() for _ in range(_FEW)))
        side(head)
    started, cpu = time.perf_counter(), time.process_time()
    answer = side(path)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    mib = int(peak.split()[1]) / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "mib": mib, "answer": answer}))


if __name__ == "__main__":
    main()
