"""Direct identifiers: what is found, and what must not be mistaken for one."""

import base64
import hashlib
import uuid
from collections.abc import Callable

import pytest
from disclosure_worlds import POLICY, counts_beside, found, named, table

from ckanext.sozialdaten.disclosure import check
from ckanext.sozialdaten.disclosure.checkdigits import (
    is_document,
    is_iban,
    is_kvnr,
    is_rvnr,
    is_steuer_id,
)
from ckanext.sozialdaten.disclosure.rules._detector import binomial_tail

CASES = {
    "identifier-email": ["erika.mustermann@example.org", "h.meier (at) example.de", "a_b@web.de"],
    "identifier-phone": ["0431/123456", "+49 170 1234567", "(04101) 22 33 44"],
    "identifier-iban": [
        "DE89370400440532013000",
        "DE89 3704 0044 0532 0130 00",
        "FR1420041010050500013M02606",
    ],
    "identifier-tax-id": ["36574261809", "36 574 261 809", "36574261809"],
    "identifier-pension-number": ["15070649C103", "15 070649 C 103", "15070649C103"],
    "identifier-health-number": ["A123456780", "A123456780", "A123456780"],
    "identifier-address": ["Musterstraße 12", "Lange Gasse 3a", "Am Markt 7"],
    "identifier-name": ["Müller, Hans", "Fatma Yılmaz", "Schmidt, Erika"],
    "identifier-identity-card": ["T220001293", "L01X00T471", "T220001293D"],
    "identifier-ip-address": ["192.168.17.4", "2001:db8::8a2e:370:7334", "93.184.216.34"],
}


@pytest.mark.parametrize("rule", CASES)
def test_an_identifier_is_found_by_its_values_alone(rule: str) -> None:
    assert rule in found(counts_beside("Merkmal", CASES[rule]))


@pytest.mark.parametrize("rule", [rule for rule in CASES if rule != "identifier-ip-address"])
def test_an_identifier_within_free_text_is_found(rule: str) -> None:
    text = f"Rückfrage wegen {CASES[rule][0]} am Montag im Amt, danach erneute Vorlage der Akte"
    rows = ["Antrag vollständig, Bescheid ging in der letzten Woche hinaus an alle", text] * 3
    assert rule in found(counts_beside("Bemerkung", [f"{row} {n}" for n, row in enumerate(rows)]))


@pytest.mark.parametrize(
    ("column", "values", "rule"),
    [
        ("Nachname", ["Xyzzy", "Plugh", "Quux"], "identifier-name"),
        ("Geb.-Dat.", ["06.04.1949", "12.12.1941", "15.07.1974"], "identifier-birth-date"),
        ("doğum tarihi", ["1949-04-06", "1941-12-12", "1974-07-15"], "identifier-birth-date"),
        (
            "Aktenzeichen",
            ["50.1-12/2023", "50.1-13/2023", "50.1-14/2023"],
            "identifier-case-number",
        ),
        ("Fall-Nr.", ["J-00004", "J-00005", "J-00006"], "identifier-case-number"),
        ("BG", ["01056BG0000001", "01056BG0000002", "01056BG0000003"], "identifier-case-number"),
        ("AZR-Nummer", ["190123456789", "190123456790", "190123456791"], "identifier-azr-number"),
        ("Kennzeichen", ["PI-AB 123", "HH XY 12", "KI-Z 999"], "identifier-licence-plate"),
    ],
)
def test_a_column_is_found_by_its_name_and_values(
    column: str, values: list[str], rule: str
) -> None:
    assert rule in found(counts_beside(column, values))


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("erika.mustermann (at) ort punkt de", "identifier-email"),
        ("erika.mustermann [at] example [dot] org", "identifier-email"),
        ("erika.mustermann at example dot org", "identifier-email"),
        ("DE89\u00a03704\u00a00044\u00a00532\u00a00130\u00a000", "identifier-iban"),
        ("DE89-3704-0044-0532-0130-00", "identifier-iban"),
        ("de89370400440532013000", "identifier-iban"),
        ("15-070649-C-103", "identifier-pension-number"),
        ("a123 456 780", "identifier-health-number"),
        ("+49 (0) 431 12 34 56", "identifier-phone"),
        ("MUSTERSTRASSE 12", "identifier-address"),
        ("Unter den Linden 5", "identifier-address"),
        ("00:1B:44:11:3A:B7", "identifier-ip-address"),
        ("IDD<<T220001293<<<<<<<<<<<<<<<", "identifier-identity-card"),
        ("POINT (9.65432 53.75321)", "identifier-location"),
        ("32U NE 65432 42345", "identifier-location"),
        ("100mN26891E43414", "identifier-location"),
        ("53°45'12.3\"N 9°39'12.1\"E", "identifier-location"),
    ],
)
def test_other_notations_are_found_as_well(value: str, rule: str) -> None:
    data = table(Alter=[20 + n % 3 for n in range(12)], Merkmal=[value] * 12)
    assert rule in found(data)


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("Steuer-ID", "36574261800", "identifier-tax-id"),
        ("SVNR", "15070649C109", "identifier-pension-number"),
        ("KVNR", "A123456789", "identifier-health-number"),
        ("IBAN", "DE00370400440532013000", "identifier-iban"),
        ("Telefon", "4311234567", "identifier-phone"),
        ("Telefon", "4.31123E+09", "identifier-phone"),
        ("AZR-Nr.", "1.90123E+11", "identifier-azr-number"),
        ("Ausweisnummer", "1234567890", "identifier-identity-card"),
        ("Hausnummer", "12 a", "identifier-address"),
        ("Geburtsdatum", "29254", "identifier-birth-date"),
        ("Geburtsdatum", "03/02/1980", "identifier-birth-date"),
        ("Geburtsdatum", "3. Februar 1980", "identifier-birth-date"),
        ("Geburtsdatum", "19800203", "identifier-birth-date"),
        ("Дата рождения", "03.02.1980", "identifier-birth-date"),
        ("تاريخ الميلاد", "1980-02-03", "identifier-birth-date"),
        ("Data urodzenia", "1980-02-03", "identifier-birth-date"),
        ("Фамилия", "Иванов", "identifier-name"),
        ("Прізвище", "Шевченко", "identifier-name"),
        ("Soyadı", "Yılmaz", "identifier-name"),
        ("Imię", "Agnieszka", "identifier-name"),
        ("@vorname", "Agnieszka", "identifier-name"),
    ],
)
def test_a_telling_name_needs_no_check_digit(column: str, value: str, rule: str) -> None:
    assert rule in found(counts_beside(column, [value] * 4))


def test_tax_numbers_that_a_spreadsheet_turned_into_floats_are_found() -> None:
    values = ["36574261809.0", "3.6574261809E+10", "36/574/261/809"]
    assert "identifier-tax-id" in found(counts_beside("Merkmal", values))
    floats = counts_beside("Merkmal", [36574261809.0, 65929970489.0, 36574261809.0])
    assert "identifier-tax-id" in found(floats)


def test_file_numbers_are_found_without_a_telling_name() -> None:
    values = [f"50.1-{n}/2023" for n in range(10, 20)]
    assert "identifier-case-number" in found(counts_beside("Feld 7", values))


def test_coordinates_are_found_by_their_ranges() -> None:
    data = table(
        a=[f"53,{n}5123" for n in range(10, 22)],
        b=[f"9,{n}74321" for n in range(10, 22)],
        Alter=[20 + n % 3 for n in range(12)],
    )
    assert "identifier-location" in found(data)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: f"P-{hashlib.md5(str(n).encode()).hexdigest()}",
        lambda n: f"sha1:{hashlib.sha1(str(n).encode()).hexdigest()}",
        lambda n: str(uuid.UUID(int=n * 7919 + 2**100)),
        lambda n: base64.b64encode(hashlib.sha256(str(n).encode()).digest()).decode(),
        lambda n: base64.urlsafe_b64encode(hashlib.md5(str(n).encode()).digest()).decode(),
    ],
)
def test_pseudonyms_of_every_form_are_found(make: Callable[[int], str]) -> None:
    data = table(Merkmal=[make(n // 2) for n in range(60)], Alter=[30 + n % 5 for n in range(60)])
    assert "pseudonym" in found(data)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Kontakt", ["jugendamt@kreis.example", "info.soziales@amt.example"]),
        ("Quelle", ["https://doi.org/10.1000/182", "https://a.example/b?id=36574261809"]),
        ("ISBN", ["978-3-16-148410-0", "978-3-16-148411-7"]),
        ("Version", ["2.10.4.21", "2.10.4.22"]),
        ("Stand", ["Version 10.15.7.42", "Version 10.15.7.43"]),
        ("Code", [f"{12000 + n}-{n:04d}" for n in range(20)]),
        ("Kennziffer", [f"{k}{n:05d}" for n, k in enumerate("ABCDEFGHIKLMNOPQ", 10)]),
        ("Produkt", [f"FX{n:03d}" for n in range(20)]),
        ("Hilfe", ["Beratung für Frau und Kind", "Hilfen für Herrn und Frau", "Frauenhaus"]),
        ("Gitter", [f"1kmN{n}E4341" for n in range(2689, 2700)]),
        ("Zeitpunkt", [f"{h:02d}:15:00" for h in range(10)]),
        ("Straßenlänge", ["12", "15", "18"]),
        ("Zeitraum", ["50-12/2023", "Jahr 2023/24"]),
    ],
)
def test_harmless_twins_are_no_alarm(column: str, values: list[str]) -> None:
    assert not found(counts_beside(column, values))


def test_coordinates_of_persons_are_found() -> None:
    data = table(
        Alter=range(20, 26),
        lat=[f"53.{n}5123" for n in range(6)],
        lon=[f"9.{n}74321" for n in range(6)],
    )
    assert "identifier-location" in found(data)


def test_pseudonyms_are_found_by_their_form() -> None:
    hashes = [hashlib.sha256(str(n).encode()).hexdigest() for n in range(30)]
    assert "pseudonym" in found(table(kennung=hashes, Alter=[30 + n % 5 for n in range(30)]))


def test_an_id_that_is_unique_per_row_is_found_in_person_level_tables() -> None:
    data = table(kuerzel=[f"x{n * 7919 % 10007}" for n in range(40)], Geschlecht=["m", "w"] * 20)
    assert "pseudonym" in found(data)


def test_free_text_about_persons_is_found() -> None:
    notes = [
        f"Der Antrag wurde am Tag {n} gestellt und dann von der Mutter begründet" for n in range(20)
    ]
    assert "free-text" in found(table(Vermerk=notes, Alter=[8] * 20))


@pytest.mark.parametrize(
    ("where", "text", "rule"),
    [
        ("sheet", "Müller Hans", "identifier-name"),
        ("resource", "Fallakte_Mueller_Hans.xlsx", "identifier-name"),
        ("resource", "Auszug_DE89370400440532013000.csv", "identifier-iban"),
        ("sheet", "36574261809", "identifier-tax-id"),
    ],
)
def test_names_of_sheets_and_files_are_looked_at(where: str, text: str, rule: str) -> None:
    assert rule in found(counts_beside("Merkmal", ["a", "b", "c"]), **{where: text})


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("ARS", [f"0105650130{n:02d}" for n in range(20)]),
        ("RS", [f"10565013{n:03d}" for n in range(20)]),
        ("AGS", [f"010560{n:02d}" for n in range(20)]),
        ("Jahr", range(2005, 2025)),
        ("Familienstand", ["Frau", "Mann", "Frau und Mann", "alleinerziehende Frau"] * 5),
        ("Altersgruppe", [f"{n} bis unter {n + 3} Jahre" for n in range(20)]),
        ("Gliederung", [f"1.2.{n}.1" for n in range(20)]),
        ("Tabelle", [f"12411-01-01-{n}" for n in range(20)]),
        ("Betrag", [f"1.234.567.{n + 100}" for n in range(20)]),
        ("Zeitraum", [f"01.01.20{n:02d} - 31.12.20{n:02d}" for n in range(10, 30)]),
        ("PLZ-Bereich", [f"01{n:03d} - 01{n + 5:03d}" for n in range(20)]),
        ("Fach", [f"HS-FG{n:02d}" for n in range(20)]),
    ],
)
def test_keys_years_and_codes_are_no_alarm(column: str, values: list[object]) -> None:
    assert not found(counts_beside(column, list(values)))


def test_frau_in_a_heading_is_no_alarm() -> None:
    data = named(
        {
            "Kreis": ["01051", "01053", "01054"],
            "Geburten je Frau": ["1,4", "1,5", "1,6"],
            "Hilfen für Frau und Kind (Anzahl)": ["12", "15", "20"],
        }
    )
    assert not found(data)


def test_the_mailbox_of_an_office_is_no_alarm() -> None:
    assert not found(counts_beside("Kontakt", ["info@kreis.example", "poststelle@amt.example"]))


def test_findings_carry_rows_but_no_values() -> None:
    data = counts_beside("Notiz", ["ok", "ok", "erika.mustermann@example.org", "ok", "ok", "ok"])
    finding = check(data, None, POLICY).findings[0]
    assert (finding.rule, finding.column, finding.cells) == ("identifier-email", "Notiz", (3,))
    assert "mustermann" not in str(finding.to_json())


def test_check_digits_reject_a_swapped_digit() -> None:
    good = [("DE89370400440532013000", is_iban), ("15070649C103", is_rvnr)]
    good += [("T220001293", is_document), ("A123456780", is_kvnr), ("36574261809", is_steuer_id)]
    for number, valid in good:
        assert valid(number)
        digit = number[-2]
        assert not valid(number[:-2] + str((int(digit) + 1) % 10) + number[-1])


def test_a_binomial_tail_adds_up() -> None:
    assert binomial_tail(5, 0.5, 5) == pytest.approx(1 / 32)
    assert binomial_tail(5, 0.5, 0) == 1.0
    assert binomial_tail(100_000, 0.1, 10_000) == pytest.approx(0.5, abs=0.01)
