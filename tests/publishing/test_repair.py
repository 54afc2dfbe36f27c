"""The repair menu: ways to protect a table side by side, and one click that takes one of them."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from ckan import model
from ckan_world import Account, RefusedError
from gate_office import Office

from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.publishing import _repairs, _tables, _uploader
from ckanext.sozialdaten.publishing.model import Check

COUNTS = {
    "99001001": (1, 12, 44),
    "99001002": (23, 2, 31),
    "99001003": (14, 27, 60),
    "99001004": (33, 41, 25),
}


def _table() -> bytes:
    """Counts by Gemeinde and age with all margins; two of them are small."""
    lines = ["gemeinde;jahr;alter;faelle"]
    ages = ("0-5", "6-13", "14-17")
    rows = {**COUNTS, "99001": tuple(map(sum, zip(*COUNTS.values(), strict=True)))}
    for place, counts in rows.items():
        lines += [f"{place};2023;{age};{count}" for age, count in zip(ages, counts, strict=True)]
        lines.append(f"{place};2023;Insgesamt;{sum(counts)}")
    return ("\n".join(lines) + "\n").encode()


LAYOUT = (
    '{"fields": [{"name": "gemeinde", "type": "string", "role": "region"},'
    ' {"name": "jahr", "type": "year", "role": "time"},'
    ' {"name": "alter", "type": "string", "role": "dimension"},'
    ' {"name": "faelle", "type": "integer", "role": "count", "unit": "Anzahl"}]}'
)


@pytest.fixture
def copy(office: Office, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A working copy whose table holds small counts; no secret for the Cell Key Method."""
    monkeypatch.delenv("SOZIALDATEN_CELL_KEY", raising=False)
    dataset = office.world.dataset(office.editor, office.organisation, name="hilfen")
    office.world.call(
        "resource_create",
        office.editor,
        package_id=dataset["id"],
        name="Fälle",
        format="CSV",
        layout=LAYOUT,
        upload=(io.BytesIO(_table()), "faelle.csv"),
    )
    return office.show(dataset["id"])


def _menu(office: Office, copy: dict[str, Any], account: Account | None = None) -> dict[str, Any]:
    return office.world.call(
        "sozialdaten_protect_menu",
        account or office.editor,
        id=copy["id"],
        resource_id=copy["resources"][0]["id"],
    )


def _apply(
    office: Office, copy: dict[str, Any], account: Account | None, **changes: str
) -> dict[str, Any]:
    given = {
        "id": copy["id"],
        "resource_id": copy["resources"][0]["id"],
        "alternative": "suppress",
        "fingerprint": "?",
    }
    return office.world.call("sozialdaten_protect_apply", account, **(given | changes))


def _file(copy: dict[str, Any]) -> bytes:
    path = _uploader.file_of(copy["resources"][0])
    assert path is not None
    return path.read_bytes()


def _address(copy: dict[str, Any]) -> str:
    return f"/dataset/{copy['name']}/schuetzen/{copy['resources'][0]['id']}"


def test_the_menu_shows_all_ways_with_their_verdict_and_changes_nothing(
    office: Office, copy: dict[str, Any]
) -> None:
    menu = _menu(office, copy)
    assert menu["state"] == "done"
    outcomes = {one["name"]: one["outcome"] for one in menu["alternatives"]}
    assert set(outcomes) == {"suppress", "merge", "round", "round-all", "cell-key"}
    assert outcomes["suppress"] == outcomes["round"] == "safe"
    assert outcomes["cell-key"] == "impossible"
    by_name = {one["name"]: one for one in menu["alternatives"]}
    assert "SOZIALDATEN_CELL_KEY" in str(by_name["cell-key"]["reasons"])
    hidden = by_name["suppress"]["preview"]
    first = {
        "row": 2,
        "where": "99001001, 2023, 0-5",
        "column": "faelle",
        "before": "1",
        "after": ".",
    }
    assert first in hidden
    assert by_name["suppress"]["attack"] == {"attacked": len(hidden), "weak": 0}
    assert _file(copy) == _table()
    stored = model.Session.query(Check).filter(Check.policy.like("repair:%")).one()
    assert (stored.state, stored.fingerprint) == ("done", menu["fingerprint"])
    assert _menu(office, copy) == menu


def test_taking_a_version_gives_a_safe_check_and_leaves_all_other_figures(
    office: Office, copy: dict[str, Any]
) -> None:
    menu = _menu(office, copy)
    for wrong in ({"alternative": "cell-key"}, {"fingerprint": "other"}):
        with pytest.raises(RefusedError) as refused:
            _apply(office, copy, office.editor, **{"fingerprint": menu["fingerprint"], **wrong})
        assert refused.value.status == 409
    assert _file(copy) == _table()
    done = _apply(office, copy, office.editor, fingerprint=menu["fingerprint"])
    assert done["check"]["verdict"] == "safe"
    after = office.show(copy["id"])
    (resource,) = after["resources"]
    assert resource["url"].endswith("/faelle.csv")
    assert Layout.from_json(resource["layout"]) == Layout.from_json(LAYOUT)
    old = list(csv.reader(io.StringIO(_table().decode()), delimiter=";"))
    new = list(csv.reader(io.StringIO(_file(after).decode()), delimiter=";"))
    assert {now[-1] for was, now in zip(old, new, strict=True) if was != now} == {"."}
    assert [row[:3] for row in old] == [row[:3] for row in new]
    path = _uploader.file_of(resource)
    assert path is not None
    read = list(_tables.open_table(path, "faelle.csv", Layout.from_json(LAYOUT)).rows())
    assert ["99001001", "2023", "0-5", None, "."] in read
    assert model.Session.query(Check).filter(Check.policy.like("repair:%")).count() == 0


def test_a_protected_working_copy_can_be_released(office: Office, copy: dict[str, Any]) -> None:
    menu = _menu(office, copy)
    _apply(office, copy, office.editor, alternative="round", fingerprint=menu["fingerprint"])
    release = office.approve(office.submit(copy["id"]))
    with pytest.raises(RefusedError):
        _menu(office, {**copy, "id": release["dataset_id"]}, office.sysadmin)
    released = office.world.call("package_show", id=release["dataset_id"])
    assert office.world.page(_address(released), office.sysadmin).status_code in (403, 404)


def test_nobody_else_sees_the_menu_or_takes_a_version(office: Office, copy: dict[str, Any]) -> None:
    menu = _menu(office, copy)
    for account in (None, office.stranger, office.member, office.reviewer):
        with pytest.raises(RefusedError) as refused:
            _menu(office, copy, account) if account else office.world.call(
                "sozialdaten_protect_menu",
                id=copy["id"],
                resource_id=copy["resources"][0]["id"],
            )
        assert refused.value.status in (403, 404)
        with pytest.raises(RefusedError) as refused:
            _apply(office, copy, account, fingerprint=menu["fingerprint"])
        assert refused.value.status in (403, 404)
        assert office.world.page(_address(copy), account).status_code in (403, 404)
    assert _file(copy) == _table()


def test_whoever_only_looks_at_the_page_computes_nothing(
    office: Office, copy: dict[str, Any]
) -> None:
    page = office.world.page(_address(copy), office.editor, "de").body
    assert "noch nicht berechnet" in page
    assert 'name="fassung"' not in page
    assert model.Session.query(Check).filter(Check.policy.like("repair:%")).count() == 0


def test_the_page_is_a_form_for_each_safe_version(office: Office, copy: dict[str, Any]) -> None:
    office.world.call("sozialdaten_check", office.editor, id=copy["id"])
    assert _address(copy) in office.world.page(f"/dataset/{copy['name']}", office.editor).body
    page = office.world.app.post(_address(copy), headers=office.editor.headers, data={}).body
    page = office.world.page(_address(copy), office.editor, "de").body
    assert "nicht möglich" in page
    assert "99001001, 2023, 0-5" in page
    chosen = re.findall(r'name="fassung" value="([\w-]+)"', page)
    assert "suppress" in chosen
    assert "cell-key" not in chosen
    state = re.search(r'name="stand" value="(\w+)"', page)
    assert state
    office.world.app.post(
        _address(copy),
        headers=office.editor.headers,
        data={"fassung": "suppress", "stand": state[1]},
        follow_redirects=False,
    )
    assert b";.\n" in _file(copy)
    after = office.world.page(f"/dataset/{copy['name']}", office.editor, "en").body
    assert "The check found nothing that forbids the release." in after
    assert _address(copy) not in after


def test_a_big_table_is_tried_by_a_job_that_says_how_far_it_is(
    office: Office, copy: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[Any] = []
    monkeypatch.setattr(_repairs, "_AT_ONCE_BYTES", 10)
    monkeypatch.setattr(_repairs.tk, "enqueue_job", lambda job, args, **_: jobs.append((job, args)))
    assert _menu(office, copy)["state"] == "running"
    assert "<progress" in office.world.page(_address(copy), office.editor).body
    assert len(jobs) == 1
    ((job, arguments),) = jobs
    job(*arguments)
    assert _menu(office, copy)["state"] == "done"


def test_a_file_with_titles_and_cp1252_keeps_a_layout_that_fits(tmp_path: Path) -> None:
    import pyarrow as pa

    from ckanext.sozialdaten.publishing._repair_copy import as_file

    layout = Layout.from_json(
        '{"fields": [{"name": "Straße", "type": "integer", "role": "dimension"},'
        ' {"name": "n", "type": "integer", "role": "count"}],'
        ' "csv": {"skip_lines": 1, "encoding": "cp1252", "delimiter": ";"}}'
    )
    path = tmp_path / "x"
    path.write_bytes("Titel\nStraße;n\n1;5\n2;1\n".encode("cp1252"))
    before = pa.table({"Straße": ["1", "2"], "n": ["5", "1"]})
    after = pa.table({"Straße": ["1-2"], "n": ["6"]})
    made = as_file(before, after, path, "x.csv", layout)
    path.write_bytes(made.data)
    assert made.layout is not None
    assert list(_tables.open_table(path, made.filename, made.layout).rows()) == [["1-2", "6", None]]
