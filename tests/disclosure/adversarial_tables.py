"""The part of the corpus that hides counts behind sums, rates, zeros and other releases."""

from collections.abc import Iterator

from adversarial import PLACES, Case, identifiers, pair, persons, small_counts, tables
from adversarial_clerks import cases as clerks
from adversarial_files import Rows, csv, xlsx
from adversarial_offices import offices
from adversarial_registers import formats, registers
from adversarial_sheets import sheets
from municipal import municipal
from written import written

SEXES = ("männlich", "weiblich")
OPEN = "recoverable-suppression small-difference release-difference suppression-mark"


def suppressed() -> Iterator[Case]:
    """Signs that sums give back."""
    for total in ("Insgesamt", "Summe", "Gesamt", "zusammen", "Total"):
        bad = [
            ("Gemeinde", *SEXES, total),
            ("Nord", 17, "*", 19),
            ("Süd", 20, 14, 34),
            ("West", 9, 11, 20),
        ]
        good = [("Gemeinde", *SEXES), ("Nord", 17, "*"), ("Süd", 20, 14), ("West", 9, 11)]
        yield from tables(f"sign beside {total}", OPEN, bad, good)
    for form in ("xlsx", "merged-header", "parquet", "xml", "hidden-sheet"):
        bad = [
            ("Gemeinde", *SEXES, "Insgesamt"),
            ("Nord", "17", "*", "19"),
            ("Süd", "20", "14", "34"),
        ]
        good = [bad[0], ("Nord", "*", "*", "*"), ("Süd", "20", "14", "34")]
        yield from tables("sign beside its sum", OPEN, bad, good, form)
    keys = [("AGS", "Fälle"), ("99001", 62), ("99001001", "."), ("99001002", 30), ("99001003", 30)]
    open_ = [keys[0], ("99001", 80), ("99001001", "."), ("99001002", "."), ("99001003", 30)]
    yield from tables("sign under its Kreis", OPEN, keys, open_)
    bands = [
        ("Alter", "Fälle"),
        ("0 bis 17", 40),
        ("0 bis 5", "*"),
        ("6 bis 17", 38),
        ("18 bis 64", 90),
    ]
    wide = [bands[0], ("0 bis 17", 40), ("0 bis 5", 19), ("6 bis 17", 21), ("18 bis 64", 90)]
    yield from tables("sign in an age band", OPEN, bands, wide)
    crossed = [
        ("Ort", "A", "B", "C", "Summe"),
        ("Nord", 20, "*", 13, 35),
        ("Süd", 11, 14, 15, 40),
        ("West", 30, 22, 12, 64),
        ("Insgesamt", 61, 38, 40, 139),
    ]
    square = [
        crossed[0],
        ("Nord", "*", "*", 13, 35),
        ("Süd", "*", "*", 15, 40),
        *crossed[3:],
    ]
    yield from tables("one sign in a crosstab", OPEN, crossed, square)
    rest = [
        ("Ort", "Art", "Fälle"),
        ("Nord", "a", 10),
        ("Nord", "b", 9),
        ("Nord", "Insgesamt", 21),
        ("Süd", "a", 8),
        ("Süd", "b", 7),
        ("Süd", "Insgesamt", 15),
    ]
    whole = [*rest[:3], ("Nord", "Insgesamt", 19), *rest[4:]]
    yield from tables("a category left out", OPEN, rest, whole)


def marks() -> Iterator[Case]:
    """Zeros and numbers where a sign stood."""
    rule = "suppression-mark small-difference"
    head = ("Gemeinde", *SEXES, "Insgesamt")
    fine = [head, ("Nord", 17, 2 + 9, 28), ("Süd", 20, 0, 20), ("West", 31, 40, 71)]
    for form in ("csv", "xlsx", "records", "zip"):
        bad = [head, ("Nord", 17, 11, 28), ("Süd", 20, 0, 25), ("West", 31, 40, 71)]
        yield from tables("zero for a sign", rule, bad, fine, form)
    signed = [
        ("Gemeinde", "Wert", "Qualität"),
        ("Nord", 17, ""),
        ("Süd", 14, "."),
        ("West", 31, ""),
    ]
    yield from tables(
        "value beside its sign", rule, signed, [*signed[:2], ("Süd", "", "."), signed[3]]
    )


def rates() -> Iterator[Case]:
    """Rates that give back a count."""
    base = (54, 870, 412, 233)
    shapes = {
        "Anteil in %": (["3,7", "12,6", "14,8", "9,9"], ["14,8", "12,6", "14,8", "9,9"]),
        "Quote je 1000": (["37,0", "126,4", "148,1", "98,7"], ["148,1", "126,4", "148,1", "98,7"]),
        "Fälle pro 10.000 Einwohner": (
            ["370,4", "1264,4", "1480,6", "987,1"],
            ["1481,5", "1264,4", "1480,6", "987,1"],
        ),
    }
    for name, (bad, good) in shapes.items():
        head = ("Ort", "Einwohner", name)
        for form in ("csv", "cp1252", "xlsx"):
            yield from tables(
                f"rate {name}",
                "rate-inversion",
                [head, *zip(PLACES, base, bad, strict=True)],
                [head, *zip(PLACES, base, good, strict=True)],
                form,
            )
        released = {"b.csv": csv([("Ort", "Einwohner"), *zip(PLACES, base, strict=True)])}
        yield from pair(
            f"rate {name} of a released table",
            "rate-inversion recoverable-suppression release-difference",
            {"a.csv": csv([("Ort", name), *zip(PLACES, bad, strict=True)])},
            {"a.csv": csv([("Ort", name), *zip(PLACES, good, strict=True)])},
            released=released,
        )
    head = ("Antwort", "Nord (n=54)", "Süd (n=62)")
    bad = [head, ("ja", "44,4", "45,2"), ("nein", "51,9", "41,9"), ("weiß nicht", "3,7", "12,9")]
    good = [head, ("ja", "44,4", "45,2"), ("nein", "48,1", "41,9"), ("weiß nicht", "7,4", "12,9")]
    yield from tables("shares under a heading with n", "rate-inversion", bad, good)
    sums = [
        ("Ort", "Ausgaben in Euro", "Durchschnittliche Ausgaben in Euro"),
        ("Nord", "902,40", "451,20"),
        ("Süd", "12.034,00", "501,42"),
        ("West", "8.822,10", "464,32"),
    ]
    yield from tables(
        "sum beside mean",
        "rate-inversion",
        sums,
        [sums[0], ("Nord", "4.512,00", "451,20"), *sums[2:]],
    )


def groups() -> Iterator[Case]:
    """Whole groups in one category."""
    kinds = ("Sucht", "Depression", "Demenz")
    bad: Rows = [("Ort", *kinds), ("Nord", 7, 8, 9), ("Süd", 0, 12, 0), ("West", 5, 6, 4)]
    good = [*bad[:2], ("Süd", 5, 12, 4), bad[3]]
    for form in ("csv", "xlsx", "geojson"):
        yield from tables("whole group in columns", "group-disclosure", bad, good, form)
    for name in ("Diagnose", "Hilfeart", "Rechtsgrundlage"):

        def tidy(rows: Rows, column: str = name) -> Rows:
            return [("Ort", column, "Fälle")] + [
                (row[0], kind, count)
                for row in rows[1:]
                for kind, count in zip("abc", row[1:], strict=True)
            ]

        yield from tables(f"whole group by {name}", "group-disclosure", tidy(bad), tidy(good))
    full = [("Ort", "Anteil Arbeitslose in %"), ("Nord", "12,5"), ("Süd", "100,0"), ("West", "7,1")]
    yield from tables(
        "share of 100 percent", "group-disclosure", full, [*full[:2], ("Süd", "31,0"), full[3]]
    )


def magnitudes() -> Iterator[Case]:
    """Sums with few or dominating contributors."""
    behind: Rows = [("Ort", "Träger", "Umsatz")] + [
        (place, f"T{n}", 9000 if (place, n) == ("Nord", 0) else 100 + n)
        for place in PLACES
        for n in range(6)
    ]
    shown: Rows = [("Ort", "Umsatz"), ("Nord", 9515), ("Süd", 615), ("West", 615), ("Ost", 615)]
    hidden = [shown[0], ("Nord", "."), *shown[2:]]
    for file, write in (("a.csv", csv), ("a.xlsx", xlsx)):
        yield from pair(
            f"one contributor dominates: {file}",
            "dominance",
            {file: write(shown)},
            {file: write(hidden)},
            contributors=csv(behind),
        )
    extremes = [
        ("Ort", "Summe der Ausgaben", "Höchster Betrag"),
        ("Nord", "5000", "1.207,50"),
        ("Süd", "7000", "2.333,10"),
    ]
    yield from tables("largest value", "dominance", extremes, [row[:2] for row in extremes])
    firms = [
        ("Ort", "Anzahl Betriebe", "Umsatz in Euro"),
        ("Nord", 12, 5000),
        ("Süd", 2, 900),
        ("West", 9, 3000),
    ]
    yield from tables(
        "two establishments", "dominance", firms, [*firms[:2], ("Süd", 8, 900), firms[3]]
    )
    blocks = [
        ("Baublock", "Einwohner", "Wohngeld"),
        ("B1", 60, 12),
        ("B2", 450, 40),
        ("B3", 800, 50),
    ]
    yield from pair(
        "tiny area",
        "small-area",
        {"a.csv": csv(blocks)},
        {"a.csv": csv([blocks[0], ("B1", 260, 12), *blocks[2:]])},
        policy="kleinraeumig",
    )


def linked() -> Iterator[Case]:
    """What two releases tell together."""
    old = [("Gemeinde", "Fälle"), ("Nord", 17), ("Süd", 34), ("West", 20)]
    new = [old[0], ("Nord", 18), *old[2:]]
    later = [("Gemeinde", "Fälle"), ("Nord", 29), ("Süd", 48), ("West", 33)]
    rule = "release-difference"
    yield from pair(
        "corrected by one",
        rule,
        {"a.csv": csv(new)},
        {"a.csv": csv(later)},
        released={"b.csv": csv(old)},
    )
    fine = [("Gemeinde", "Jahr", "Fälle"), ("Nord", 2023, 18), ("Süd", 2023, 35)]
    past = [("Gemeinde", "Jahr", "Fälle"), ("Nord", 2022, 17), ("Süd", 2022, 34)]
    yield Case(
        "next year beside last year", frozenset(), {"a.csv": csv(fine)}, {"b.csv": csv(past)}
    )
    signed = [("Gemeinde", "Fälle"), ("Nord", "*"), ("Süd", 34), ("West", 20)]
    both = [("Gemeinde", "Fälle"), ("Nord", 2), ("Süd", 34), ("West", 20)]
    shown = frozenset(OPEN.split())
    yield Case(
        "shown before it was suppressed", shown, {"a.csv": csv(signed)}, {"b.csv": csv(both)}
    )
    cases = [
        ("Gemeinde", "Geschlecht", "Fälle"),
        ("Nord", "männlich", 15),
        ("Nord", "weiblich", "*"),
        ("Süd", "männlich", 20),
        ("Süd", "weiblich", 14),
    ]
    sums = [("Gemeinde", "Fälle"), ("Nord", 17), ("Süd", 34)]
    yield from pair(
        "total in another table",
        OPEN,
        {"a.csv": csv(cases)},
        {"a.csv": csv([cases[0], *cases[3:]])},
        released={"b.csv": csv(sums)},
    )


def some_cases() -> list[Case]:
    """Every kind of attack with its twin, in one format each."""
    found: dict[str, Case] = {}
    for case in cases():
        kind = case.id if case.id.startswith("small count: ") else case.id.split(": ")[0]
        found.setdefault(f"{kind} {bool(case.rules)}", case)
    return list(found.values())


def cases() -> list[Case]:
    """The whole corpus; ids are unique."""
    parts = (
        small_counts,
        identifiers,
        persons,
        suppressed,
        marks,
        rates,
        groups,
        magnitudes,
        linked,
        municipal,
        offices,
        clerks,
        registers,
        formats,
        sheets,
        written,
    )
    return [case for part in parts for case in part()]
