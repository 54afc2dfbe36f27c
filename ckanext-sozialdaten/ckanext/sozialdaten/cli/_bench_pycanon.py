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
    """Measure k-anonymity or t-closeness of a file that is already read."""
    task, file = sys.argv[1:]
    data = pd.read_csv(file, dtype=str)
    _measured(task, data.head(_FEW))  # imports and caches are warm on both sides
    started = time.perf_counter()
    answer = _measured(task, data)
    print(json.dumps({"seconds": time.perf_counter() - started, "answer": [answer]}))


if __name__ == "__main__":
    main()
