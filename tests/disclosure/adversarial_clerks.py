"""Files as clerks write them: what the first look at new ones missed, and harmless neighbours."""

import random
from collections.abc import Iterator

from adversarial import Case

__all__ = ["cases"]

_PERSONS = "k-anonymity l-diversity reidentification-risk duplicate-person"


def _bad(name: str, rules: str, rows: str, file: str = "a.csv") -> Case:
    return Case(name, frozenset(rules.split()), {file: rows.encode()})


def _good(name: str, rows: str) -> Case:
    return Case(f"{name} (harmless)", frozenset(), {"a.csv": rows.encode()})


def _identifiers() -> Iterator[Case]:
    counts = "Ort;Anzahl\nNord;20\nSüd;31\nWest;44\n"
    yield _bad("birth in file name", "identifier-birth-date", counts, "Bescheid_geb_12.03.1975.csv")
    yield _bad(
        "footnote names a case", "identifier-name", counts + "\n1) ohne den Fall Hinnerk Jessen\n"
    )
    rows = "".join(f"P{i % 15:05d};2024-0{i // 15 + 1};A\n" for i in range(45))
    for name in ("Personen-ID", "Klienten-Kennung", "Bewohner-Code"):
        yield _bad(name, "identifier-case-number pseudonym", f"{name};Monat;Leistung\n{rows}")
    notes = (
        "Einsatz;Ort;Was war los\n"
        "1;Nord;Die Mutter von drei Kindern ist nach Streit zu ihrer Schwester nach Kiel gezogen\n"
        "2;Süd;Der 14-jährige wurde am Bahnhof aufgegriffen, der Vater war zu dieser Zeit in Kur\n"
        "3;Nord;Eine Nachbarin meldet lautes Geschrei und die Wohnung war vermüllt an dem Tag\n"
    )
    yield _bad("notes on cases", "free-text", notes)


def _persons() -> Iterator[Case]:
    draw = random.Random(606)
    coded = "".join(
        f"{draw.randint(1930, 2015)};{draw.randint(1, 2)};{draw.randint(24800, 24860)};"
        f"{draw.randint(1, 9)}\n"
        for _ in range(150)
    )
    yield _bad("codes without names", _PERSONS, "V1;V2;V3;V4\n" + coded)
    staff = "".join(
        f"{draw.randint(25, 65)};{draw.choice(['Leitung', 'IT', 'Büro'])};{draw.randint(0, 60)};"
        f"Amt {draw.randint(50, 51)}\n"
        for _ in range(45)
    )
    head = "Alter;Tätigkeit;Krankheitstage;Dienststelle\n"
    yield _bad("staff by office", _PERSONS, head + staff)
    deaths = "Sterbedatum;Bestattung;Kosten\n03.02.2024;Erd;2.300\n11.03.2024;Feuer;1.900\n"
    yield _bad("burials by day", _PERSONS, deaths)


def _counts() -> Iterator[Case]:
    few = "minimum-frequency"
    yield _bad("n of m", few, "Schule;Förderkinder\nA;12 von 210\nB;2 von 180\nC;9 von 300\n")
    yield _bad("in brackets", few, "Amt;Fälle (davon Kinder)\nA;22 (9)\nB;8 (1)\nC;40 (12)\n")
    yield _bad("told in a cell", few, "Thema;Ergebnis\nGewalt;Es gab nur zwei Fälle\nKitas;Alle\n")
    shares = "Alter;Anteil\n0-17;30,0 %\n18-64;66,7 %\n65+;3,3 %\nInsgesamt (30 Personen);100,0 %\n"
    yield _bad("base in the total's label", "rate-inversion", shares)


def _harmless() -> Iterator[Case]:
    yield _good("rents", "Personen im Haushalt;Zone 1;Zone 2\n1;412;450\n2;498;531\n3;592;640\n")
    yield _good(
        "election", "Wahlbezirk;Wahlberechtigte;ungültig;Bewerber A\n001;1200;4;2\n002;980;1;220\n"
    )
    yield _good(
        "council", "Fraktion;Mitglied\nCDU;Walter Behrens\nSPD;Birte Petersen\nFDP;Uwe Schmitz\n"
    )
    yield _good("deaths by day", "Sterbedatum;Sterbefälle\n01.01.2023;12\n02.01.2023;9\n")


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _identifiers()
    yield from _persons()
    yield from _counts()
    yield from _harmless()
