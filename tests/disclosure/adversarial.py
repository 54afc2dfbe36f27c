"""Tables that must not be published, in disguise, each beside a harmless twin.

``cases()`` is the corpus: the test of this folder runs it, and so does ``sozialdaten bench
confusion``. Everybody in it is invented; numbers with check digits are those of documentations.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from adversarial_files import FORMATS, Rows, csv, workbook

SEED = 20260
PLACES = ("Nord", "Süd", "West", "Ost")
IBAN = "DE89 3704 0044 0532 0130 00"
TAX_ID = "36574261809"
PENSION = "15 070649 C 103"
HEALTH = "A123456780"


@dataclass(frozen=True, slots=True)
class Case:
    """One input with the verdict it must get.

    Args:
        id: what it hides and how.
        rules: any of these must block; empty for a harmless twin.
        files: what is checked.
        released: what is public already.
        contributors: the rows behind it.
        policy: name of the policy.
    """

    id: str
    rules: frozenset[str]
    files: dict[str, bytes]
    released: dict[str, bytes] = field(default_factory=dict[str, bytes])
    contributors: bytes = b""
    policy: str = "amtliche-statistik-3"


def pair(
    name: str,
    rules: str,
    bad: dict[str, bytes],
    good: dict[str, bytes],
    *,
    released: dict[str, bytes] | None = None,
    contributors: bytes = b"",
    policy: str = "amtliche-statistik-3",
) -> Iterator[Case]:
    """A case and its twin."""
    expected = frozenset(rules.split())
    more = (released or {}, contributors, policy)
    yield Case(name, expected, bad, *more)
    yield Case(f"{name} (harmless)", frozenset(), good, *more)


def tables(name: str, rules: str, bad: Rows, good: Rows, form: str = "csv") -> Iterator[Case]:
    """The same for two tables in one format."""
    file, write = FORMATS[form]
    yield from pair(f"{name}: {form}", rules, {file: write(bad)}, {file: write(good)})


def counts(small: object, header: str = "Fälle") -> Rows:
    """Counts by place, the second one as given."""
    return [
        ("Gemeinde", "Jahr", header),
        *zip(PLACES, [2023] * 4, [17, small, 23, 31], strict=True),
    ]


def small_counts() -> Iterator[Case]:
    """A count below the minimum frequency in every format and some other clothes."""
    for form in FORMATS:
        yield from tables("small count", "minimum-frequency", counts(2), counts(12), form)
    for header in ("x7", "Wert", "Wert (Personen)", "n", "2023", "männlich"):
        yield from tables(
            f"small count as {header}",
            "minimum-frequency",
            counts(2, header),
            counts(12, header),
        )
    for text in ("2 (3,7 %)", "(2)", "n = 2", "2 r"):
        clothed = [
            row if row[2] in ("Fälle", text) else (*row[:2], f"{row[2]} (12,5 %)")
            for row in counts(text)
        ]
        plain = [
            row if row[2] == "Fälle" else (*row[:2], f"{row[2]} (12,5 %)") for row in counts(12)
        ]
        yield from tables(f"small count written {text}", "minimum-frequency", clothed, plain)
    rng = random.Random(SEED)
    wide = [[rng.randint(5, 900) for _ in range(40)] for _ in PLACES]
    head = ["Gemeinde", *[f"Leistung {n} Fälle" for n in range(40)]]
    hidden = [[*row] for row in wide]
    hidden[2][33] = 1
    yield from tables(
        "one small count among 160",
        "minimum-frequency",
        [head, *[[place, *row] for place, row in zip(PLACES, hidden, strict=True)]],
        [head, *[[place, *row] for place, row in zip(PLACES, wide, strict=True)]],
        "xlsx",
    )
    sides = [("", *PLACES), ("Wohngeld", 17, 2, 23, 31), ("Kinderzuschlag", 45, 67, 89, 21)]
    fine = [sides[0], ("Wohngeld", 17, 12, 23, 31), sides[2]]
    yield from tables("small count in a crosstab", "minimum-frequency", sides, fine)
    german = [("Gemeinde", "Einwohner"), ("Nord", "1.234"), ("Süd", "2"), ("West", "12.345")]
    round_ = [german[0], german[1], ("Süd", "2.001"), german[3]]
    yield from tables("small count among grouped ones", "minimum-frequency", german, round_)


LETTER = "Sehr geehrte Damen und Herren, im Haushalt gab es im Berichtsjahr mehrere Gespräche"


def identifiers() -> Iterator[Case]:
    """Direct identifiers in columns, texts and everything around a table."""
    values = {
        "identifier-iban": ("Zahlweg", IBAN, "Überweisung"),
        "identifier-tax-id": ("Schlüssel", f"Steuer-ID {TAX_ID}", "Regelfall"),
        "identifier-pension-number": ("Merkmal", PENSION, "ohne"),
        "identifier-health-number": ("Kasse", HEALTH, "AOK"),
        "identifier-email": ("Kontakt", "erika.musterfrau@beispiel.org", "telefonisch"),
        "identifier-email in other clothes": (
            "Kontakt",
            "erika.musterfrau (at) beispiel (dot) org",
            "telefonisch",
        ),
        "identifier-phone": ("Erreichbar", "0176 12345678", "vormittags"),
    }
    for rule, (column, value, harmless) in values.items():
        for form in ("csv", "xlsx", "records"):
            bad = [("Gemeinde", column, "Fälle"), *[(p, harmless, 20) for p in PLACES[1:]]]
            twin = [*bad, ("Nord", harmless, 20)]
            bad.append(("Nord", value, 20))
            yield from tables(f"{rule} in {column}", rule.split()[0], bad, twin, form)
    columns = {
        "identifier-name": ("Vorname", ["Erika", "Fatma", "Jürgen", "Olena"], "Altersgruppe"),
        "identifier-birth-date": (
            "Geb.-Dat.",
            ["03.02.1980", "04.05.1999", "01.01.2010", "30.11.1955"],
            "Altersgruppe",
        ),
        "identifier-address": (
            "Anschrift",
            ["Lindenweg 3", "Am Markt 12", "Hauptstr. 7a", "Ringstraße 21"],
            "Altersgruppe",
        ),
        "identifier-case-number": (
            "Aktenzeichen",
            ["50.1-123/23", "50.1-124/23", "50.2-77/23", "50.3-9/23"],
            "Altersgruppe",
        ),
        "identifier-licence-plate": (
            "Kennzeichen",
            ["ML-AB 123", "ML-C 77", "ML-XY 9", "ML-ZZ 4711"],
            "Altersgruppe",
        ),
    }
    groups = ["unter 18", "18 bis 64", "65 bis 79", "80 und mehr"]
    for rule, (column, cells, twin) in columns.items():
        for form in ("csv", "hidden-sheet", "zip-in-zip"):
            bad = [(column, "Fälle"), *zip(cells, (20, 30, 40, 50), strict=True)]
            good = [(twin, "Fälle"), *zip(groups, (20, 30, 40, 50), strict=True)]
            yield from tables(f"{rule} as {column}", rule, bad, good, form)
    table = csv(counts(12)).decode()
    around = {
        "client in a footer": (
            "identifier-birth-date identifier-name",
            "Klientin Erika Musterfrau, geb. am 03.02.1980, nicht enthalten\n",
            "Fälle, die am 03.02.2023 endeten, nicht enthalten\n",
        ),
        "IBAN in a footer": ("identifier-iban", f"Konto {IBAN}\n", "Konto auf Anfrage\n"),
    }
    for name, (rule, bad_text, good_text) in around.items():
        yield from pair(
            name,
            rule,
            {"a.csv": (table + "\n" + bad_text).encode()},
            {"a.csv": (table + "\n" + good_text).encode()},
        )
    yield from pair(
        "e-mail as the name of a sheet",
        "identifier-email",
        {"a.xlsx": workbook(("e.muster@beispiel.org", counts(12), "visible"))},
        {"a.xlsx": workbook(("Frauen und Männer", counts(12), "visible"))},
    )
    yield from pair(
        "name in the name of a file",
        "identifier-name identifier-case-number identifier-birth-date identifier-email",
        {"Fall erika.musterfrau@beispiel.org.csv": table.encode()},
        {"Fallzahlen 2023.csv": table.encode()},
    )
    notes = [f"{LETTER} in {place} {n}" for n, place in enumerate(PLACES * 3)]
    ages = [20 + n % 2 for n in range(12)]
    yield from tables(
        "free text",
        "free-text",
        [("Geschlecht", "Alter", "Bemerkung"), *zip("mw" * 6, ages, notes, strict=True)],
        [("Gemeinde", "Kategorie", "Fälle"), *zip(PLACES, "abcd", ages, strict=False)],
    )


def persons() -> Iterator[Case]:
    """Person-level rows whose quasi-identifiers nobody declared."""
    rng = random.Random(SEED)
    unique = [
        (
            rng.choice(PLACES),
            rng.choice("mw"),
            rng.randint(1930, 2020),
            rng.choice(["deutsch", "syrisch", "polnisch"]),
            rng.choice(["HLU", "Pflege", "Eingliederung"]),
        )
        for _ in range(300)
    ]
    coarse = [
        (place, sex, kind)
        for place in PLACES
        for sex in ("männlich", "weiblich")
        for kind in ["HLU"] * 9 + ["Pflege"] * 8 + ["Eingliederung"] * 7
    ]
    heads = (
        ("Ort", "Geschlecht", "Geburtsjahr", "Nationalität", "Leistung"),
        ("m1", "m2", "m3", "m4", "m5"),
    )
    for head in heads:
        few = (head[0], head[1], head[4])
        for form in ("csv", "xlsx", "parquet", "records"):
            yield from tables(
                f"persons as {head[0]}",
                "k-anonymity l-diversity",
                [head, *unique],
                [few, *coarse],
                form,
            )
    same = [
        (place, sex, "Pflege" if (place, sex) == ("Nord", "weiblich") else kind)
        for place, sex, kind in coarse
    ]
    yield from tables(
        "alike persons with one benefit",
        "l-diversity k-anonymity",
        [("Ort", "Geschlecht", "Leistung"), *same],
        [("Ort", "Geschlecht", "Leistung"), *coarse],
    )
    tokens = [f"{rng.getrandbits(128):032x}" for _ in range(60)]
    base = [(place, 20 + n) for n, place in enumerate(PLACES * 15)]
    yield from tables(
        "pseudonyms",
        "pseudonym",
        [("Hash", "Ort", "Betrag"), *[(t, *b) for t, b in zip(tokens, base, strict=True)]],
        [
            ("Gruppe", "Ort", "Jahr", "Betrag"),
            *[(f"G{n % 5}", p, 2000 + n // 20, 100 + 7 * n) for n, (p, _) in enumerate(base)],
        ],
    )
