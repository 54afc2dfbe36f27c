"""What is unlike the deliveries before waits for a person; the last good state stays."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from harvest_world import CASES, SECRETS, Installation, case, case_list

from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryError,
    HarvestError,
)
from ckanext.sozialdaten.harvesters.core.ledger import Outcome
from ckanext.sozialdaten.harvesters.core.quarantine import Decision, Held
from ckanext.sozialdaten.harvesters.core.run import Run
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import load_source
from ckanext.sozialdaten.lake import Zone

GEMEINDEN = [f"990010{number:02d}" for number in range(1, 11)]
REASON = "Die Gemeinden wurden neu gezählt."
YAML: dict[str, Any] = {
    "id": "probe",
    "title": "Probe",
    "owner_org": "kreis-musterland",
    "connector": {"type": "file"},
    "observations": {
        "values": {
            "leute": {"series": "Leute", "unit": "Anzahl"},
            "flaeche": {"series": "Fläche", "unit": "ha", "printed": ["ha", "Hektar"]},
        },
        "kind": "stichtag",
        "day": "12-31",
        "regions": {"within": "99001", "column": "Schlüssel"},
    },
    "publish": {"policy": "open-statistics", "small_counts": "keep", "margins": "keep"},
    "dataset": {"name": "probe", "title": "Probe"},
    "resource": {"name": "Probe", "filename": "probe.csv"},
}


def csv(
    year: int = 2023,
    people: dict[str, str] | None = None,
    header: str = "Schlüssel;Jahr;Leute;Fläche (ha)",
    regions: list[str] = GEMEINDEN,
    total: bool = False,
) -> bytes:
    """A table of an office: people and area of each Gemeinde."""
    cells = dict.fromkeys(regions, "1000") | (people or {})
    if total:
        cells = {"99001": str(sum(int(cell) for cell in cells.values())), **cells}
    rows = [f"{key};{year};{cell};12,5" for key, cell in cells.items()]
    return "\n".join([header, *rows, ""]).encode()


@pytest.fixture
def source(installation: Installation) -> Source:
    path = installation.folder / "probe.yaml"
    path.write_text(yaml.safe_dump(YAML, allow_unicode=True), "utf-8")
    return load_source(path)


def deliver(installation: Installation, source: Source, content: bytes) -> Run:
    """One delivery through the steps of a worker: taken, or refused."""
    installation.drop(source.id, "tabelle.csv", content)
    run = installation.run(source)
    for ref in list(run.discover()):
        raw = run.fetch(ref)
        try:
            planned = run.plan(raw)
        except DeliveryError as error:
            run.refuse(raw, error)
        else:
            run.finish(planned, run.store(planned))
    return run


def held(installation: Installation, source: Source, content: bytes) -> Held:
    """The only delivery that waits, after a first good one."""
    deliver(installation, source, csv(2022))
    run = deliver(installation, source, content)
    (found,) = run.quarantine.all()
    assert found.open
    assert years(run) == {2022}
    return found


def years(run: Run) -> set[int]:
    table = run.lake.values(f"{run.source.id}.leute", zone=Zone.RESTRICTED)
    return {day.year for day in table["reference_end"].to_pylist()}


def codes(found: Held) -> list[str]:
    return [problem["code"] for problem in found.problems]


def test_a_delivery_like_the_last_is_taken(installation: Installation, source: Source) -> None:
    deliver(installation, source, csv(2022))
    run = deliver(installation, source, csv(2023, {"99001001": "1020"}))
    assert run.quarantine.all() == []
    assert years(run) == {2022, 2023}


@pytest.mark.parametrize(
    ("content", "code", "names"),
    [
        (csv(header="Schlüssel;Jahr;Leute;Fläche (qkm)"), "other_unit", "qkm"),
        (csv(header="Schlüssel;Jahr;Menschen;Fläche (ha)"), "missing_column", "leute"),
        (csv(regions=GEMEINDEN[:8]), "fewer_rows", "20 percent"),
        (csv(people=dict.fromkeys(GEMEINDEN[:3], "1300")), "values_jump", "3 of 10"),
        (csv(people={"99001001": "-5"}), "negative_figures", "below zero"),
        (csv(people={"99001001": "/"}), "new_sign", "“/”"),
        (csv(regions=[*GEMEINDEN, "99001999"]), "unknown_region", "99001999"),
        (csv(people={"99001001": "viele"}), "unknown_sign", "legend"),
    ],
    ids=["unit", "renamed", "rows", "jump", "negative", "sign", "region", "text"],
)
def test_what_is_unlike_waits_with_a_report(
    installation: Installation, source: Source, content: bytes, code: str, names: str
) -> None:
    found = held(installation, source, content)
    assert code in codes(found)
    problem = next(item for item in found.problems if item["code"] == code)
    assert names in problem["message"]["en"]
    assert problem["file"] == "tabelle.csv"
    assert problem["hint"]["de"]
    assert problem["message"]["de"] != problem["message"]["en"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Schlüssel;Jahr;Leute;Fläche (ha);Hunde", ("missing are –", "Hunde")),
        ("Schlüssel;Jahr;Fläche (ha);Leute", ("another order",)),
    ],
)
def test_new_and_reordered_columns_wait(
    installation: Installation, source: Source, header: str, words: tuple[str, ...]
) -> None:
    cells = {"Leute": "1000", "Fläche (ha)": "12,5", "Hunde": "7", "Jahr": "2023"}
    names = header.split(";")[1:]
    lines = [";".join([key, *(cells[name] for name in names)]) for key in GEMEINDEN]
    found = held(installation, source, "\n".join([header, *lines, ""]).encode())
    assert codes(found) == ["columns_changed"]
    assert all(word in found.problems[0]["message"]["en"] for word in words)


def test_parts_that_do_not_add_up_wait_even_the_first_time(
    installation: Installation, source: Source
) -> None:
    from ckanext.sozialdaten.geography import Level, Register

    every = list(Register.default().children("99001", Level.GEMEINDE))
    good = csv(regions=every, total=True)
    run = deliver(installation, source, good)
    assert run.quarantine.all() == []
    wrong = csv(2022, regions=every, total=True).replace(b"01;2022;1000", b"01;2022;990", 1)
    both = good + wrong.split(b"\n", 1)[1]
    run = deliver(installation, source, both)
    (found,) = run.quarantine.all()
    assert codes(found) == ["sums_broken"]
    assert "1 of 2" in found.problems[0]["message"]["en"]


def test_accepting_needs_a_reason_and_takes_the_delivery_once(
    installation: Installation, source: Source
) -> None:
    found = held(installation, source, csv(people=dict.fromkeys(GEMEINDEN, "1500")))
    run = installation.run(source)
    with pytest.raises(HarvestError):
        run.decide(found.digest, Decision.ACCEPTED, "erika", " ok ")
    run.decide(found.digest, Decision.ACCEPTED, "erika", REASON)
    with pytest.raises(HarvestError):
        run.decide(found.digest, Decision.REJECTED, "otto", REASON)
    (stored,) = installation.harvest(source)
    assert stored.new == 20
    assert installation.harvest(source) == []
    (after,) = installation.run(source).quarantine.all()
    assert (after.by, after.reason, after.done) == ("erika", REASON, True)
    assert years(installation.run(source)) == {2022, 2023}


def test_what_cannot_be_read_cannot_be_accepted(installation: Installation, source: Source) -> None:
    found = held(installation, source, csv(people={"99001001": "viele"}))
    assert not found.acceptable
    with pytest.raises(HarvestError):
        installation.run(source).decide(found.digest, Decision.ACCEPTED, "erika", REASON)
    installation.run(source).decide(found.digest, Decision.REJECTED, "erika", REASON)
    assert installation.harvest(source) == []


def test_accepted_rows_of_unknown_regions_are_left_out(
    installation: Installation, source: Source
) -> None:
    found = held(installation, source, csv(regions=[*GEMEINDEN, "99001999"]))
    installation.run(source).decide(found.digest, Decision.ACCEPTED, "erika", REASON)
    (stored,) = installation.harvest(source)
    assert stored.new == 20


def test_a_rejected_delivery_is_never_taken(installation: Installation, source: Source) -> None:
    content = csv(people=dict.fromkeys(GEMEINDEN, "1500"))
    found = held(installation, source, content)
    installation.run(source).decide(found.digest, Decision.REJECTED, "erika", REASON)
    assert installation.harvest(source) == []
    run = deliver(installation, source, content)
    assert years(run) == {2022}


@pytest.mark.parametrize("step", ["decided", "planned", "stored", "finished"])
def test_a_crash_after_any_step_of_accepting_gives_no_duplicate(
    installation: Installation, source: Source, step: str
) -> None:
    found = held(installation, source, csv(people=dict.fromkeys(GEMEINDEN, "1500")))
    run = installation.run(source)
    run.decide(found.digest, Decision.ACCEPTED, "erika", REASON)
    if step != "decided":
        (ref,) = run.discover()
        planned = run.plan(run.fetch(ref))
        if step in ("stored", "finished"):
            stored = run.store(planned)
            if step == "finished":
                run.finish(planned, stored)
    installation.harvest(source)
    assert installation.harvest(source) == []
    table = installation.run(source).lake.values("probe.leute", zone=Zone.RESTRICTED)
    assert table.num_rows == 20
    assert [entry.outcome for entry in run.ledger.entries()] == [Outcome.DONE] * 2


def test_a_crash_between_writing_the_report_and_moving_the_file_loses_neither(
    installation: Installation, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(installation, source, csv(2022))
    with monkeypatch.context() as patched:
        patched.setattr(
            "ckanext.sozialdaten.harvesters.core.run.put_away",
            lambda *_: (_ for _ in ()).throw(OSError),
        )
        with pytest.raises(OSError):
            deliver(installation, source, csv(regions=GEMEINDEN[:5]))
    run = installation.run(source)
    assert len(list(run.discover())) == 1
    deliver(installation, source, csv(regions=GEMEINDEN[:5]))
    (found,) = run.quarantine.all()
    assert found.there


def test_thresholds_are_the_sources_own(installation: Installation) -> None:
    path = installation.folder / "probe.yaml"
    path.write_text(yaml.safe_dump({**YAML, "checks": {"rows_drop": 60}}, allow_unicode=True))
    lenient = load_source(path)
    deliver(installation, lenient, csv(2022))
    run = deliver(installation, lenient, csv(regions=GEMEINDEN[:5]))
    assert run.quarantine.all() == []


def test_a_report_about_persons_quotes_none_of_them(installation: Installation) -> None:
    def people(count: int) -> bytes:
        return case_list(case(n, region=GEMEINDEN[n % 5]) for n in range(count))

    cases = load_source(CASES)
    deliver(installation, cases, people(30))
    run = deliver(installation, cases, people(12))
    (found,) = run.quarantine.all()
    assert "fewer_rows" in codes(found)
    text = (run.quarantine.folder / f"{found.digest}.json").read_text("utf-8")
    assert not any(secret in text for secret in SECRETS)
    assert isinstance(json.loads(text), dict)
    assert Path(found.path).is_relative_to(installation.folder)
