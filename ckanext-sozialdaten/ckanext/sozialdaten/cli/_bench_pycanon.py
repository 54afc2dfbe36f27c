"""pyCANON's part of ``bench disclosure --part persons``; runs in its own environment.

``python _bench_pycanon.py k|t FILE.csv`` prints one line of JSON. Nothing of this project is
imported: pyCANON pins versions of numpy and pandas that exclude ours.
"""

import json
import sys
import time

import pandas as pd
from pycanon import anonymity

__all__ = ["main"]

QUASI = ["plz", "sex", "birth", "nationality"]
SENSITIVE = ["benefit"]


def main() -> None:
    """Measure k-anonymity or t-closeness of a file that is already read."""
    task, file = sys.argv[1:]
    data = pd.read_csv(file, dtype=str)
    started = time.perf_counter()
    if task == "k":
        answer = float(anonymity.k_anonymity(data, QUASI))
    else:
        answer = float(anonymity.t_closeness(data, QUASI, SENSITIVE))
    print(json.dumps({"seconds": time.perf_counter() - started, "answer": [answer]}))


if __name__ == "__main__":
    main()
