"""pystatis' part of ``bench harvest --part reading``; runs in its own environment.

``python _bench_pystatis.py FILE.csv`` prints one line of JSON. Nothing of this project is imported.
``Table.get_data`` runs as published; only the answer of the service comes from the file.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from pystatis import db, table  # pyright: ignore[reportMissingImports]

__all__ = ["main"]


def main() -> None:
    """Measure ``Table.get_data`` on one file."""
    answer = Path(sys.argv[1]).read_bytes()

    def load_data(endpoint: str, **_: Any) -> bytes:
        return answer if endpoint == "data" else b"{}"

    table.load_data = load_data
    db.identify_db_matches = lambda _: ["regio"]
    db.select_db_by_credentials = lambda _: "regio"
    asked = table.Table("12411-01-01-4")
    started, cpu = time.perf_counter(), time.process_time()
    asked.get_data(compress=False)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    mib = int(peak.split()[1]) / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "mib": mib, "answer": len(asked.data)}))


if __name__ == "__main__":
    main()
