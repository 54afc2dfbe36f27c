"""pyCANON's part of ``bench disclosure --part persons``; runs in its own environment.

``python _bench_pycanon.py k|t FILE.csv`` prints one line of JSON. Nothing of this project is
imported: pyCANON pins versions of numpy and pandas that exclude ours.
"""

import json
import sys
import time

import pandas as pd
from pycanon import anonymity  # pyright: ignore[reportMissingImports]

__all__ = ["main"]

QUASI = ["plz", "sex", "birth", "nationality"]
SENSITIVE = ["benefit"]
_FEW = 200


def _measured(task: str, data: pd.DataFrame) -> float:
    if task == "k":
        return float(anonymity.k_anonymity(data, QUASI))
    return float(anonymity.t_closeness(data, QUASI, SENSITIVE))


def main() -> None:
    """Measure k-anonymity or t-closeness of a file of texts; reading it is measured apart."""
    task, file = sys.argv[1:]
    started = time.process_time()
    data = pd.read_csv(file, dtype=str)
    reading = time.process_time() - started
    _measured(task, data.head(_FEW))  # imports and caches are warm on both sides
    started, cpu = time.perf_counter(), time.process_time()
    answer = _measured(task, data)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    figures = {"seconds": seconds, "cpu": cpu, "reading_cpu": reading}
    print(json.dumps({**figures, "answer": [answer]}))


if __name__ == "__main__":
    main()
