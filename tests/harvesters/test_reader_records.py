"""Exports about persons: counts alone leave the reader, and they are exact."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from reading_world import Row, rows_of
from shared_files import shared

from ckanext.sozialdaten.harvesters.core.errors import (
    DeliveryRefused,
    FooterMismatch,
    NotReadable,
)
from ckanext.sozialdaten.harvesters.core.readers._draft import draft_layout
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened

FOLDERS = ["synthetic/sample5", "synthetic/dev_01056"]


def expected(folder: str) -> dict[str, Any]:
    return json.loads(shared(f"{folder}/EXPECTED.json").read_text())


def total(rows: list[Row], series: str = "records", **wanted: str) -> int:
    return sum(
        int(row["value"])
        for row in rows
        if row["series"].endswith(f".{series}")
        and wanted.items() <= json.loads(row["dimensions"]).items()
    )


def by_region(rows: list[Row]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["region"]] += int(row["value"])
    return dict(counts)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_case_list_counts_each_record_once(folder: str) -> None:
    for name, wanted in expected(folder)["F1"]["deliveries"].items():
        rows = rows_of(shared(f"{folder}/{name}"))
        assert total(rows) == wanted["records_without_duplicates"]
        assert by_region(rows) == wanted["by_ags"]
        for chapter, count in wanted["by_kapitel"].items():
            assert total(rows, **{"SGB XII Kap.": chapter}) == count
        assert {row["reference_end"] for row in rows} == {wanted["stichtag"]}


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_workbook_with_merged_captions_counts_cases_and_adds_their_cost(folder: str) -> None:
    wanted = expected(folder)["F2"]
    rows = rows_of(shared(f"{folder}/F2_JUG_HzE_20231231.xlsx"))
    assert total(rows, Tabellenblatt="HzE laufend") == wanted["laufend"]
    assert total(rows, Tabellenblatt="HzE beendet 2023") == wanted["beendet"]
    cost = [
        float(row["value"])
        for row in rows
        if row["unit"] == "EUR" and "laufend" in row["dimensions"]
    ]
    assert cost == [pytest.approx(wanted["kosten_laufend"])]
    for paragraph, count in wanted["laufend_by_paragraph"].items():
        found = total(rows, **{"§ SGB VIII": paragraph, "Tabellenblatt": "HzE laufend"})
        assert found == count


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("name", ["F3_KJH_TeilI_2023.txt", "F3_KJH_CORE_2023.csv"])
def test_records_of_youth_welfare_are_counted(folder: str, name: str) -> None:
    wanted, rows = expected(folder)["F3"], rows_of(shared(f"{folder}/{name}"))
    assert total(rows) == wanted["records"]
    assert total(rows, **{"dauert an": "1"}) == wanted["ongoing"]
    assert total(rows, Geschlecht="2") == wanted["female"]
    assert {row["region"] for row in rows} == {"01056"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_persons_and_payments_inside_a_record_are_not_multiplied(folder: str) -> None:
    wanted, rows = expected(folder)["F4"], rows_of(shared(f"{folder}/F4_SGBII_202409.xml"))
    assert total(rows) == wanted["bedarfsgemeinschaften"]
    assert total(rows, Status="laufend") == wanted["laufend"]
    assert total(rows, "personen", Status="laufend") == wanted["personen_laufend"]
    current = [
        row for row in rows if row["series"].endswith(".records") and "laufend" in row["dimensions"]
    ]
    assert by_region(current) == wanted["laufend_by_ags"]
    paid = [
        float(row["value"])
        for row in rows
        if row["unit"] == "EUR" and "laufend" in row["dimensions"]
    ]
    assert paid == [pytest.approx(wanted["sum_betrag_laufend"])]
    assert total(rows_of(shared(f"{folder}/F4_DatML_RAW_like_2023.xml"))) == wanted["datml_saetze"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_residents_by_ortsteil_and_a_list_of_places_are_read(folder: str) -> None:
    wanted = expected(folder)
    rows = rows_of(shared(f"{folder}/F5_GjS_2023.xlsx"))
    parts = [
        r for r in rows if r["series"].endswith("EW gesamt") and '"alle"' not in r["dimensions"]
    ]
    assert by_region(parts) == wanted["F5"]["by_ags"]
    places = rows_of(shared(f"{folder}/F6_Zustaendigkeiten.xlsx"))
    assert len({row["region"] for row in places}) == wanted["F6"]["gemeinden"] == total(places)


def listed(folder: Path, *lines: str, footer: str) -> Path:
    head = (
        "Auswertung zum Stichtag 30.09.2024\n\nStichtag;Fallnummer;SGB XII Kap.;Name, Vorname;GKZ\n"
    )
    path = folder / "f1.csv"
    path.write_bytes((head + "\n".join([*lines, footer, ""])).encode("cp1252"))
    return path


CASE = "30.09.2024;01056-1;4;Überall, Çi?dem;1056019"


def test_nothing_about_a_person_is_printed(tmp_path: Path) -> None:
    notes: list[str] = []
    path = listed(tmp_path, CASE.replace("Ç", ""), footer="Anzahl Datensätze: 1")
    rows = rows_of(path, note=notes.append)
    assert rows[0]["region"] == "01056019"
    assert "Überall" not in f"{rows}{notes}"
    assert "01056-1" not in f"{rows}{notes}"


def test_letters_that_an_export_lost_are_told(tmp_path: Path) -> None:
    notes: list[str] = []
    path = listed(tmp_path, CASE, footer="Anzahl Datensätze: 1")
    rows_of(path, note=notes.append)
    assert any("Windows-1252" in note and "1 letters" in note for note in notes)


@pytest.mark.parametrize("footer", ["Anzahl Datensätze: 2", ""])
def test_a_closing_line_that_is_wrong_or_missing_refuses_the_list(
    tmp_path: Path, footer: str
) -> None:
    with pytest.raises(FooterMismatch):
        rows_of(listed(tmp_path, CASE, footer=footer))


def test_a_record_without_a_key_is_an_error_at_its_row(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused) as caught:
        rows_of(listed(tmp_path, CASE.replace("1056019", "Haselau"), footer="Anzahl Datensätze: 1"))
    assert "row 4" in caught.value.problems[0].text()


@pytest.mark.parametrize(
    "change", [lambda text: text[:-3], lambda text: text[:155] + "\n" + text[155:]]
)
def test_records_of_another_length_are_refused(tmp_path: Path, change: Any) -> None:
    record = f"A{'01'}0{'56'}000{'100002'}{'00001'}".ljust(155)
    path = tmp_path / "kjh_2023.txt"
    path.write_text(change(record * 2))
    with pytest.raises(NotReadable):
        rows_of(path)


def test_a_draft_of_a_layout_names_columns_types_and_roles(tmp_path: Path) -> None:
    import yaml

    from ckanext.sozialdaten.harvesters.core.readers import Opened, draft_layout
    from ckanext.sozialdaten.lake.layouts import Layout, Role

    path = tmp_path / "quoten.csv"
    path.write_text("kreis_id;Jahr;Fälle;Quote in %\n01056;2023;5;1,5\n06440;2023;6;2,5\n")
    draft = tmp_path / "draft.yaml"
    draft.write_text(draft_layout(Opened(path, path.name)), encoding="utf-8")
    layout = Layout.from_yaml(draft)
    roles = [(column.name, column.role) for column in layout.fields]
    assert roles == [
        ("kreis_id", Role.REGION),
        ("Jahr", Role.TIME),
        ("Fälle", Role.COUNT),
        ("Quote in %", Role.RATE),
    ]
    assert yaml.safe_load(draft.read_text())["csv"] == {"delimiter": ";", "decimal": ","}
    assert [row["value"] for row in rows_of(path, layout=layout)] == ["5", "1.5", "6", "2.5"]


def test_a_draft_of_a_case_list_reads_it_and_gives_counts_alone(tmp_path: Path) -> None:
    from ckanext.sozialdaten.harvesters.core.readers import Opened, draft_layout
    from ckanext.sozialdaten.lake.layouts import FieldType, Layout, Role

    path = tmp_path / "liste.csv"
    path.write_text(
        "Auswertung: Fälle\n\nStichtag;Fallnummer;Kap.;Beginn;Ende;Geb.-Dat.;GKZ;Betrag;SB\n"
        "30.09.2024;A-1;3;16.08.2009;;06.04.1949;1056019;1.506,00;MUS\n"
        "30.09.2024;A-2;5-9;21.05.2009;31.12.9999;12.12.1941;1056050;390,00;TST\n"
        "30.09.2024;A-3;4;21.05.2009;31.12.2024;12.12.1951;1056050;390,00;TST\n"
        "Anzahl Datensätze: 3\n"
    )
    draft = tmp_path / "draft.yaml"
    draft.write_text(draft_layout(Opened(path, path.name)), encoding="utf-8")
    layout = Layout.from_yaml(draft)
    roles = {column.name: (column.role, column.type) for column in layout.fields}
    assert roles["Stichtag"] == (Role.TIME, FieldType.DATE)
    assert roles["Kap."] == (Role.SENSITIVE, FieldType.STRING)
    assert roles["Beginn"] == roles["Geb.-Dat."] == (Role.QUASI_IDENTIFIER, FieldType.DATE)
    assert roles["Ende"] == (Role.QUASI_IDENTIFIER, FieldType.DATE)
    assert roles["GKZ"] == (Role.REGION, FieldType.STRING)
    assert roles["SB"][0] is Role.FREE_TEXT
    rows = rows_of(path, layout=layout)
    assert [(row["region"], row["value"]) for row in rows] == [("01056019", "1"), ("01056050", "2")]
    path.write_text(path.read_text().replace("Anzahl Datensätze: 3", "Anzahl Datensätze: 4"))
    with pytest.raises(DeliveryRefused):
        rows_of(path, layout=layout)


def test_keys_of_a_text_that_lost_their_zero_get_it_back(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("AGS;Jahr;n\n1056025;2023;5\n1056002;2023;7\n")
    assert [row["region"] for row in rows_of(path)] == ["01056025", "01056002"]


@pytest.mark.parametrize("name", ["F3_KJH_CORE_2023.csv", "F4_SGBII_202409.xml"])
def test_a_draft_never_takes_a_record_for_captions(name: str) -> None:
    path = shared(f"synthetic/dev_01056/{name}")
    with pytest.raises(NotReadable, match=r"captions|XML"):
        draft_layout(Opened(path, name))
