"""Tables of municipal offices under names that help nobody: what a second look found.

Each attack stands beside its harmless twin. Everybody is invented.
"""

import random
from collections.abc import Iterator

from adversarial import PLACES, Case, pair, tables
from adversarial_files import csv, workbook

SEED = 4711
PERSONS = "k-anonymity identifier-birth-date pseudonym duplicate-person"
OPEN = "recoverable-suppression small-difference rate-inversion release-difference"


def unhelpful_names() -> Iterator[Case]:
    """Person-level rows that no heading gives away."""
    rng = random.Random(SEED)
    days = [f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.20{n % 5 + 18}" for n in range(60)]
    child = [(rng.choice(PLACES[:2]), day, rng.choice("mw")) for day in days]
    visits = [(place, "31.12.2023", rng.choice("mw")) for place in PLACES[:2] for _ in range(30)]
    head = ("Feld1", "Feld5", "Feld8")
    yield from tables("days of birth as Feld5", PERSONS, [head, *child], [head, *visits])
    coded = [
        (
            rng.randint(1, 4),
            rng.randint(1, 2),
            rng.randint(1, 95),
            rng.randint(1, 5),
            rng.randint(1, 30),
        )
        for _ in range(200)
    ]
    counted = [(one, two, rng.randint(20, 400)) for one in range(1, 5) for two in range(1, 4)]
    yield from tables(
        "persons in codes alone",
        PERSONS,
        [("EF1", "EF2", "EF3", "EF4", "EF5"), *coded],
        [("EF1", "EF2", "EF3"), *counted],
    )
    months = [
        (rng.randint(18, 80), rng.choice("mw"), rng.choice(["D", "SYR", "PL"]), rng.randint(12, 60))
        for _ in range(80)
    ]
    ages = [(age, sex, "D", rng.randint(12, 60)) for age in range(18, 60) for sex in "mw"]
    head4 = ("Alter", "Geschlecht", "Nationalität", "Anzahl Monate im Bezug")
    yield from tables(
        "persons beside a number of months", PERSONS, [head4, *months], [head4, *ages]
    )
    files = [
        (f"{rng.randrange(10**11, 10**12)}", day, rng.choice(["Syrien", "Irak"])) for day in days
    ]
    papers = [(f"VO/{1000 + n}/2023", day, f"Beschluss {n}") for n, day in enumerate(days)]
    yield from tables(
        "codes beside days",
        f"{PERSONS} identifier-azr-number",
        [("Schl", "Ankunft", "Land"), *files],
        [("Vorlage", "Datum", "Titel"), *papers],
    )


def names() -> Iterator[Case]:
    """Names in other clothes, and schools that are named after somebody."""
    last = ["Petersen", "Schröder", "Nowak", "Krüger", "Hansen", "Vogt", "Winter", "Roth"]
    schools = ["Goethe-Schule", "Hannah-Arendt-Schule", "Kurt-Tucholsky-Schule", "Anne-Frank-Weg"]
    yield from tables(
        "initials and surnames",
        "identifier-name",
        [("Feld1", "Plätze"), *[(f"{'HKSO'[n % 4]}. {one}", 20 + n) for n, one in enumerate(last)]],
        [("Feld1", "Plätze"), *[(one, 20 + n) for n, one in enumerate(schools)]],
    )
    street = ("Straße", "Nr.", "Miete")
    yield from tables(
        "house numbers as Nr.",
        "identifier-address",
        [street, *[("Holm", n, 400 + n) for n in (1, 5, 17, 33)]],
        [("Stadtteil", "Nr.", "Miete"), *[(p, n, 400 + n) for n, p in enumerate(PLACES)]],
    )


def figures() -> Iterator[Case]:
    """Small counts and marks as offices write them."""
    notes = [("Gemeinde", "Fälle"), ("Nord", "12 1)"), ("Süd", "2 1)"), ("West", "40¹")]
    yield from tables("notes behind counts", "minimum-frequency", notes, [*notes[:2], *notes[3:]])
    head = ("Ort", "m", "w", "Insgesamt")
    rest = [("S", 20, 11, 31), ("W", 9, 8, 17), ("O", 12, 8, 20)]
    for mark in ("·", "#", "n.b.", "geh."):
        yield from tables(
            f"sign {mark} beside a sum",
            OPEN,
            [head, ("N", 14, mark, 16), *rest],
            [head[:3], ("N", 14, mark), *[row[:3] for row in rest]],
        )
    parts = [f"{n}. Quartal 2023" for n in ("I", "II", "III", "IV")]
    time = ("Zeitraum", "Fälle")
    yield from tables(
        "quarters and their year",
        OPEN,
        [time, *zip(parts, ["*", 14, 11, 13], strict=True), ("2023", 40)],
        [time, *zip(parts, [14, 14, 11, 13], strict=True), ("2023", 52)],
    )
    share = ("Ort", "Haushalte", "Anteil ohne Wohngeld in %")
    yield from tables(
        "share that leaves one",
        "rate-inversion",
        [share, ("N", 54, "98,1"), ("S", 870, "89,7"), ("W", 412, "89,3"), ("O", 233, "90,1")],
        [share, ("N", 54, "88,9"), ("S", 870, "89,7"), ("W", 412, "89,3"), ("O", 233, "90,1")],
    )
    rates = [("Ort", "Quote in %"), ("N", "3,7"), ("S", "4,6"), ("W", "8,0"), ("O", "9,0")]
    base = [("Ort", "Einwohner"), ("N", 54), ("S", 870), ("W", 412), ("O", 233)]
    other = [rates[0], ("N", "14,8"), *rates[2:]]
    yield from pair(
        "rates beside their denominators in another sheet",
        OPEN,
        {"a.xlsx": workbook(("Quote", rates, "visible"), ("EW", base, "visible"))},
        {"a.xlsx": workbook(("Quote", other, "visible"), ("EW", base, "visible"))},
    )
    house = ("Haus", "Aufenthaltsstatus", "Personen")
    kinds = ("Duldung", "Gestattung", "Erlaubnis")
    full = [
        (h, k, v)
        for h, vs in {"A": (12, 0, 0), "B": (5, 9, 4)}.items()
        for k, v in zip(kinds, vs, strict=True)
    ]
    wide = [
        (h, k, v)
        for h, vs in {"A": (12, 6, 3), "B": (5, 9, 4)}.items()
        for k, v in zip(kinds, vs, strict=True)
    ]
    yield from tables("one status in a house", "group-disclosure", [house, *full], [house, *wide])
    things = ("Kreis", "Ambulante Dienste", "Pflegeheime", "Beratungsstellen")
    yield from tables(
        "services that are no persons",
        "minimum-frequency",
        [("Kreis", "Gepflegte", "Beratene"), ("N", 2, 14), ("S", 9, 30)],
        [things, ("N", 2, 1, 4), ("S", 9, 3, 1)],
    )
    yield from pair(
        "contact in the imprint",
        "identifier-name",
        {
            "a.xlsx": workbook(
                (
                    "Liste",
                    [("Feld",), ("Svetlana Kaminski",), ("Sven Krüger",), ("Heike Vogt",)],
                    "visible",
                )
            )
        },
        {
            "a.xlsx": workbook(
                ("Impressum", [("Impressum",), ("Auskunft:",), ("Sven Krüger",)], "visible")
            )
        },
    )
    grades = [(f"PG {n}", *[10 * n + m for m in range(4)]) for n in range(1, 6)]
    yield from tables(
        "care levels by place",
        "minimum-frequency",
        [("Pflegegrad", *PLACES), *grades[:4], ("PG 5", 51, 1, 52, 53)],
        [("Pflegegrad", *PLACES), *grades],
    )


def offices() -> Iterator[Case]:
    """All of them."""
    yield from unhelpful_names()
    yield from names()
    yield from figures()
    yield from pair(
        "households and street in one text",
        "identifier-address",
        {
            "a.csv": csv(
                [
                    ("Wohnort", "Miete"),
                    ("24937 Musterstadt, Große Str. 5", 400),
                    ("24939 Musterstadt, Holmweg 7", 500),
                ]
            )
        },
        {
            "a.csv": csv(
                [("Wohnort", "Miete"), ("24937 Musterstadt", 400), ("24939 Musterstadt", 500)]
            )
        },
    )
