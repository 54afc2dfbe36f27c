"""An instance of the GENESIS family on this machine: its rules, its words, its bad habits."""

import io
import json
import zipfile
from dataclasses import dataclass, field

from connector_world import Asked, Reply

__all__ = ["HEADER", "MAINTENANCE", "Instance"]

HEADER = (
    "statistics_code;statistics_label;time_code;time_label;time;1_variable_code;1_variable_label;"
    "1_variable_attribute_code;1_variable_attribute_label;value;value_unit;value_variable_code;"
    "value_variable_label"
)
MAINTENANCE = Reply(
    b"\xef\xbb\xbf<!DOCTYPE html><html><head><title>Wartungsarbeiten</title></head></html>",
    headers={"Content-Type": "text/html"},
)
WORDS = {
    0: "erfolgreich",
    50: "Es liegen keine neueren Daten vor.",
    98: "Die Tabelle ist zu gross, um im Dialog abgerufen zu werden.",
    104: "Es gibt keine Objekte zum angegebenen Selektionskriterium",
    -1: "Für die Teiltabelle wurde kein Datenquader gefunden!",
}


@dataclass
class Instance:
    """One table of population; a year is a value for each region.

    Args:
        limit: values in the dialogue.
        polls: how often a job is not ready yet.
        token: login that may not start jobs.
    """

    regions: tuple[str, ...] = ("01056001", "01056002", "06440001", "06440002")
    years: tuple[int, ...] = (2021, 2022, 2023, 2024)
    limit: int = 40_000
    polls: int = 2
    modified: str = "17.02.2026"
    user: str = "DE0001"
    password: str = "word-of-secret"
    value: int = 100
    table: str = "12411-01-01-5"
    refused: list[Reply] = field(default_factory=list)
    jobs: dict[str, dict[str, str]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    downloads: int = 0

    def __call__(self, asked: Asked) -> Reply:
        method = asked.path.removeprefix("/genesisws/rest/2020/")
        if asked.method != "POST":
            return Reply(b"", 405)
        if "charset=UTF-8" not in asked.headers.get("Content-Type", ""):
            return Reply(b"", 415)
        if self.refused:
            return self.refused.pop(0)
        if asked.headers.get("username") != self.user:
            return told({"Code": 2, "Content": "Benutzername falsch", "Type": "ERROR"}, 404)
        if asked.headers.get("password") != self.password:
            return told({"Code": 15, "Content": "nicht berechtigt", "Type": "ERROR"}, 401)
        return {
            "metadata/table": self._metadata,
            "catalogue/modifieddata": self._modified,
            "data/tablefile": self._tablefile,
            "catalogue/results": self._results,
            "data/resultfile": self._resultfile,
            "profile/removeresult": self._remove,
        }[method](asked.form)

    def _metadata(self, form: dict[str, str]) -> Reply:
        if form["name"] != self.table:
            return status(104)
        return status(
            0,
            Object={
                "Code": self.table,
                "Content": "Bevölkerung nach\nGeschlecht",
                "Time": {"From": "31.12.1995", "To": f"31.12.{max(self.years)}"},
                "Structure": {"Head": {"Code": "12411"}},
                "Updated": "04.04.2022 08:31:04h",
            },
        )

    def _modified(self, form: dict[str, str]) -> Reply:
        assert form["selection"] == "12411"
        return status(0, List=[{"Code": "12411", "Date": self.modified}])

    def _tablefile(self, form: dict[str, str]) -> Reply:
        rows = self.rows(form)
        if form.get("job") == "true":
            name = f"{self.table}_{1000 + len(self.jobs)}"
            self.jobs[name] = {**form, "polls": str(self.polls)}
            sentence = "kann in Kürze als Ergebnis mit folgendem Namen abgerufen werden: "
            return status(99, sentence + name)
        if not rows:
            return status(104)
        return status(98) if len(rows) > self.limit else self._packed(rows)

    def _results(self, form: dict[str, str]) -> Reply:
        job = self.jobs.get(form["selection"])
        if job is None or int(job["polls"]) > 0:
            if job:
                job["polls"] = str(int(job["polls"]) - 1)
            return status(104)
        return status(0, List=[{"Code": form["selection"], "Values": "1980160"}])

    def _resultfile(self, form: dict[str, str]) -> Reply:
        job = self.jobs.get(form["name"])
        return status(104) if job is None else self._packed(self.rows(job))

    def _remove(self, form: dict[str, str]) -> Reply:
        self.removed.append(form["name"])
        return status(0)

    def rows(self, form: dict[str, str]) -> list[str]:
        """What a request asks for; without years the latest alone, as the real ones do."""
        keys = [key for key in form.get("regionalkey", "").split(",") if key]
        first = int(form.get("startyear") or max(self.years))
        last = int(form.get("endyear") or max(self.years))
        return [
            f"12411;Fortschreibung;STAG;Stichtag;{year}-12-31;GEMEIN;Gemeinden;{region};Ort;"
            f"{self.value + year};Anzahl;BEVSTD;Bevölkerungsstand"
            for year in self.years
            if first <= year <= last
            for region in self.regions
            if not keys or any(region.startswith(key.rstrip("*")) for key in keys)
        ]

    def _packed(self, rows: list[str]) -> Reply:
        """A ZIP whose member has another name, and its rows another order, each time."""
        self.downloads += 1
        if self.downloads % 2:
            rows.reverse()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            text = "\n".join([HEADER, *rows, ""])
            archive.writestr(f"{self.table}_{self.downloads}_de_flat.csv", text.encode("utf-8-sig"))
        return Reply(out.getvalue(), headers={"Content-Type": "application/zip"})


def status(code: int, words: str = "", **more: object) -> Reply:
    """An answer as nearly all of them are: HTTP 200, and the truth in its JSON."""
    content = {"Code": code, "Content": words or WORDS.get(code, ""), "Type": "Information"}
    return told({"Ident": {}, "Status": content, "Parameter": {"username": "****"}, **more})


def told(document: object, code: int = 200) -> Reply:
    return Reply(json.dumps(document, ensure_ascii=False).encode(), code)
