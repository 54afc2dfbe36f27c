"""Harvest installations by name: an inbox, a key, a lake, a ledger; all real, all in one folder."""

import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ckanext.sozialdaten.harvesters.core.genesis import cells_of
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.harvesters.core.readers import Opened
from ckanext.sozialdaten.harvesters.core.run import Run, Stored
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["CASES", "PEOPLE", "Installation", "case_list", "flat_cells", "raw"]

CASES = "musterland-hze"
PEOPLE = "musterland-bevoelkerung"
HEADER = (
    "Stichtag;Fallnummer;PersNr;Name, Vorname;Geb.-Dat.;Geschl.;GKZ;Ort;Hilfeart;Beginn;Ende;"
    "Zuständigkeitsübergang;Kosten je Monat (€);SB"
)
SECRETS = ("Geheim", "Güler", "Musterstadt", "XQ7")


def case(
    number: int,
    person: str = "",
    region: str = "99001001",
    born: str = "01.01.2014",
    stichtag: str = "31.12.2024",
    start: str = "01.02.2023",
    end: str = "",
    cost: str = "1.234,50",
) -> str:
    """One line of a case list; the names in it must never come out anywhere."""
    who = person or f"P{number}"
    return (
        f"{stichtag};J-{number};{who};Geheim, Güler;{born};w;{region};Musterstadt;34;"
        f"{start};{end};N;{cost};XQ7"
    )


def case_list(lines: Iterable[str], *, header: str = HEADER, count: int | None = None) -> bytes:
    """A case list as the youth office's system writes it."""
    body = list(lines)
    titles = ["Auswertung: Hilfen zur Erziehung", "Mandant: Test (FIKTIV)", ""]
    footer = f"Anzahl Datensätze: {len(body) if count is None else count}"
    return "\r\n".join([*titles, header, *body, footer, ""]).encode("cp1252")


def raw(path: Path, source: str = "test") -> RawDelivery:
    """A file as a delivery, for readers alone."""
    now = dt.datetime.now(dt.UTC)
    return RawDelivery(source, path.name, path, "0" * 64, now, path.stat().st_size)


def flat_cells(path: Path, limit: int = 1 << 28) -> "pa.Table":
    """The value cells of a flat file of the GENESIS family."""
    import pyarrow as pa

    opened = Opened(path, path.name, limit)
    return pa.concat_tables([cells for cells, _ in cells_of(opened)])


@dataclass(slots=True)
class Installation:
    """A folder with all that a harvest needs; the environment points to it."""

    folder: Path

    def inbox(self, source: str) -> Path:
        path = self.folder / "inbox" / source
        path.mkdir(parents=True, exist_ok=True)
        return path

    def drop(self, source: str, name: str, content: bytes) -> Path:
        path = self.inbox(source) / name
        path.write_bytes(content)
        return path

    def run(self, source: str | Source) -> Run:
        return Run(load_source(source) if isinstance(source, str) else source)

    def harvest(self, source: str | Source) -> list[Stored]:
        """Everything that lies in the inbox, as a worker does it; a refusal is raised."""
        run = self.run(source)
        stored: list[Stored] = []
        for ref in list(run.discover()):
            planned = run.plan(run.fetch(ref))
            stored.append(run.store(planned))
            run.finish(planned, stored[-1])
        return stored

    def files(self) -> list[Path]:
        """Every file of the installation, wherever it lies."""
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def lose(self, name: str) -> None:
        shutil.rmtree(self.folder / name)
