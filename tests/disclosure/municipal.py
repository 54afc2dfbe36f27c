"""Tables as Jugendamt, Sozialamt and Wohngeldstelle write them: attacks with harmless twins."""

from collections.abc import Iterator

from adversarial import Case, pair, tables
from adversarial_files import csv

SMALL = "minimum-frequency"
DIFFERENCE = "small-difference"


def headings() -> Iterator[Case]:
    """Counts under headings that speak of ages, care levels or shares instead of counts."""
    ages = ("Hilfeart", "unter 6", "6-11", "12-17", "Insgesamt")
    rest = [("§ 27 flexibel", 12, 14, 18, 44), ("§ 31 SPFH", 33, 41, 27, 101)]
    yield from tables(
        "ages as headings beside kinds of help",
        SMALL,
        [ages, ("§ 29 Gruppenarbeit", 8, 11, 1, 20), *rest],
        [ages, ("§ 29 Gruppenarbeit", 8, 11, 4, 23), *rest],
    )
    yield from tables(
        "sign under ages as headings",
        "recoverable-suppression",
        [ages, ("§ 29 Gruppenarbeit", 8, 11, "*", 20), *rest],
        [ages, ("§ 29 Gruppenarbeit", "*", "*", "*", "*"), *rest],
    )
    care = ("Gemeinde", "Pflegegrad 2", "Pflegegrad 3", "Pflegegrad 4")
    yield from tables(
        "care levels as headings",
        SMALL,
        [care, ("Altdorf", 14, 21, 11), ("Birkenau", 9, 17, 2)],
        [care, ("Altdorf", 14, 21, 11), ("Birkenau", 9, 17, 8)],
        "xlsx",
    )
    shares = ("Gemeinde", "Fälle (Anteil)")
    yield from tables(
        "counts with shares under a heading of both",
        SMALL,
        [shares, ("Altdorf", "41 (45,6 %)"), ("Birkenau", "2 (2,2 %)"), ("Ende", "47 (52,2 %)")],
        [shares, ("Altdorf", "41 (44,6 %)"), ("Birkenau", "4 (4,3 %)"), ("Ende", "47 (51,1 %)")],
    )
    mean = ("Gemeinde", "Summe Zahlbetrag", "Ø Zahlbetrag")
    yield from tables(
        "sum beside a mean with its sign",
        "rate-inversion",
        [mean, ("Altdorf", "12.034,00", "501,42"), ("Birkenau", "902,40", "451,20")],
        [mean, ("Altdorf", "12.034,00", "501,42"), ("Birkenau", "4.512,00", "451,20")],
    )


def differences() -> Iterator[Case]:
    """Two large counts that leave a small one between them."""
    part = ("Gemeinde", "Arbeitslose", "darunter Ausländer")
    yield from tables(
        "nearly all in a subset",
        DIFFERENCE,
        [part, ("Altdorf", 84, 83), ("Birkenau", 60, 21)],
        [part, ("Altdorf", 84, 43), ("Birkenau", 60, 21)],
    )
    places = ("Einrichtung", "Plätze", "davon belegt")
    yield from tables(
        "nearly all in a subset beside places",
        DIFFERENCE,
        [part, ("Altdorf", 84, 82), ("Birkenau", 60, 21)],
        [places, ("Haus A", 84, 83), ("Haus B", 60, 21)],
    )
    below = ("Gruppe", "Anzahl")
    yield from tables(
        "nearly all in a subset below",
        DIFFERENCE,
        [below, ("Empfänger insgesamt", 84), ("darunter Frauen", 83)],
        [below, ("Empfänger insgesamt", 84), ("darunter Frauen", 43)],
    )
    whole = ("Einrichtung", "Bewohner", "davon mit Sozialhilfe")
    yield from tables(
        "all of a group in a subset",
        "group-disclosure",
        [whole, ("Haus A", 12, 12), ("Haus B", 40, 21)],
        [whole, ("Haus A", 12, 7), ("Haus B", 40, 21)],
    )
    bands = ("Altersgruppe", "Empfänger")
    yield from tables(
        "bands that overlap",
        DIFFERENCE,
        [bands, ("0 bis unter 15", 120), ("0 bis unter 16", 122), ("16 bis unter 25", 88)],
        [bands, ("0 bis unter 15", 120), ("0 bis unter 16", 131), ("16 bis unter 25", 88)],
    )
    running = ("Monat", "Zugänge kumuliert")
    yield from tables(
        "running sums",
        DIFFERENCE,
        [running, ("Januar 2023", 7), ("Februar 2023", 9), ("März 2023", 15)],
        [running, ("Januar 2023", 7), ("Februar 2023", 12), ("Januar 2024", 13)],
    )
    single = ("Monat", "Zugänge", "Zugänge seit Jahresbeginn")
    yield from tables(
        "sign beside running sums",
        DIFFERENCE,
        [single, ("Januar 2023", 7, 7), ("Februar 2023", "*", 9), ("März 2023", 6, 15)],
        [single, ("Januar 2023", 7, 7), ("Februar 2023", 8, 15), ("März 2023", 6, 21)],
    )
    answer = ("Herkunft", "bewilligt", "abgelehnt")
    yield from tables(
        "everybody refused",
        "group-disclosure",
        [answer, ("Afghanistan", 0, 14), ("Syrien", 21, 12), ("Ukraine", 33, 8)],
        [answer, ("Afghanistan", 9, 14), ("Syrien", 21, 12), ("Ukraine", 33, 8)],
    )


def texts() -> Iterator[Case]:
    """Tables within prose, and offices and things that only look like people."""
    page = "# Fälle\n\nStand Ende 2023\n\n| Gemeinde | Fälle |\n|---|---|\n| Altdorf | {} |\n"
    page += "| Birkenau | 31 |\n"
    yield from pair(
        "table in Markdown",
        SMALL,
        {"a.md": page.format(2).encode()},
        {"a.md": page.format(12).encode()},
    )
    offices = (
        ("Dienststelle", "Anschrift", "Telefon"),
        ("Sozialamt Kreis Musterland", "Marktplatz 1, 99001 Altdorf", "05121 309-0"),
        ("Jugendamt Kreis Musterland", "Marktplatz 2, 99001 Altdorf", "05121 309-100"),
    )
    yield Case("addresses of offices (harmless)", frozenset(), {"a.csv": csv(offices)})
    things = (("Spielplatz", "Geräte"), ("Am Park", 6), ("Schulhof", 4), ("Bolzplatz", 2))
    yield Case("things on playgrounds (harmless)", frozenset(), {"a.csv": csv(things)})


def keys() -> Iterator[Case]:
    """Keys of persons, and a sample with weights."""
    places = ("Altdorf", "Birkenau", "Ende", "Felsberg")
    rows = [(f"P-{97 * n + 7:04x}3e5b", places[n % 4], 200 + 7 * n) for n in range(40)]
    yield from tables(
        "keys of persons",
        "pseudonym",
        [("person_key", "gemeinde", "betrag"), *rows],
        [("Produkt", "gemeinde", "betrag"), *rows],
    )
    head = ("Key1", "Key2", "Num1", "w")
    few = [(1 + n % 2, 1 + n % 3, f"0.{n + 1}", f"{17.5 + n}") for n in range(8)]
    regions = [(f"9900100{n}", f"9900200{n}", 17 + n, f"0.{n + 1}") for n in range(8)]
    yield from tables(
        "sample with weights",
        "k-anonymity",
        [head, *few],
        [("AGS_alt", "AGS_neu", "Einwohner", "w"), *regions],
    )
    years = ("Stadtteil", "Einwohner", "Zuzüge im Jahr 2023")
    yield from tables(
        "counts whose heading names a year",
        SMALL,
        [years, ("Nord", 870, 17), ("Süd", 430, 1), ("West", 990, 41)],
        [years, ("Nord", 870, 17), ("Süd", 430, 11), ("West", 990, 41)],
    )


def municipal() -> Iterator[Case]:
    """All of them."""
    for part in (headings, differences, texts, keys):
        yield from part()
