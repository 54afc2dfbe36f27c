"""The portal runs without pandas, which pyarrow would load into each of its processes."""

import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_WITHOUT = """
import sys

class NoPandas:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pandas":
            raise ModuleNotFoundError("pandas is hidden here", name=name)

sys.meta_path.insert(0, NoPandas())
sys.argv[0] = "sozialdaten"
from ckanext.sozialdaten.cli import main
main()
"""
_TABLE = "gemeinde;insgesamt;ledig;verheiratet\nNord;30;12;18\nMitte;22;20;2\nSüd;25;11;14\n"


def _sozialdaten(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", _WITHOUT, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_portals_packages_leave_pandas_out() -> None:
    pins = (_ROOT / "deployment" / "requirements" / "base.txt").read_text(encoding="utf-8")
    assert re.search(r"^ibis-framework==", pins, re.MULTILINE)
    assert not re.search(r"^pandas==", pins, re.MULTILINE)


def test_a_table_is_checked_and_protected_without_pandas(tmp_path: Path) -> None:
    table, copy = tmp_path / "familienstand.csv", tmp_path / "geschuetzt.csv"
    table.write_text(_TABLE, encoding="utf-8")
    found = _sozialdaten("check", str(table))
    assert found.returncode == 1, found.stderr
    assert "minimum-frequency" in found.stdout
    done = _sozialdaten("protect", str(table), "-o", str(copy))
    assert done.returncode == 0, done.stderr
    assert _sozialdaten("check", str(copy)).returncode == 0


def test_person_rows_are_measured_without_pandas(tmp_path: Path) -> None:
    people = tmp_path / "personen.csv"
    rows = [
        f"{20 + n % 40};{'mw'[n % 2]};{53000 + n % 7};{'ja' if n % 5 else 'nein'}\n"
        for n in range(300)
    ]
    people.write_text("alter;geschlecht;plz;grundsicherung\n" + "".join(rows), encoding="utf-8")
    found = _sozialdaten("check", str(people))
    assert found.returncode == 1, found.stderr
    assert "k-anonymity" in found.stdout


def test_the_jobs_worker_preloads_its_engines_without_pandas() -> None:
    preload = "from ckanext.sozialdaten.publishing._jobs import preload; preload()"
    script = _WITHOUT.replace("from ckanext.sozialdaten.cli import main\nmain()", preload)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
