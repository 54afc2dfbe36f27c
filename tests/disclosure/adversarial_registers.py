"""Rows of persons as specialist software exports them: nobody declared what a column means."""

import gzip
import hashlib
import io
import json
import random
import uuid
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from adversarial import PLACES, Case
from adversarial_files import Rows, csv, lines, nested, parquet, xml, zipped

SEED = 271828
PERSONS = frozenset(
    (
        *("k-anonymity", "l-diversity", "pseudonym", "duplicate-person", "free-text"),
        *("identifier-birth-date", "identifier-case-number", "minimum-frequency"),
    )
)
Row = Callable[[random.Random, int], Sequence[object]]


def _day(rng: random.Random, year: int) -> str:
    return f"{rng.randint(1, 28):02}.{rng.randint(1, 12):02}.{year}"


REGISTERS: dict[str, tuple[Sequence[str], Row]] = {
    "members of households": (
        ("HH", "Person", "Alter", "Geschlecht", "Leistung"),
        lambda r, n: (f"H{n // 3}", n % 3 + 1, r.randint(0, 80), r.choice("mw"), r.choice("BW")),
    ),
    "households with income": (
        ("Haushalt", "Haushaltsgröße", "Alter jüngstes Kind", "Nettoeinkommen"),
        lambda r, n: (1000 + n, r.randint(1, 7), r.randint(0, 17), r.randint(500, 3500)),
    ),
    "ages beside kinds of help": (
        ("Alter", "Stadtteil", "Hilfe", "Beginn"),
        lambda r, n: (r.randint(0, 20), r.choice(PLACES), r.choice(["§31", "§34"]), "03/2023"),
    ),
    "a coded survey": (
        ("v1", "v2", "v3", "v4", "v5", "v6"),
        lambda r, n: tuple(r.randint(1, most) for most in (5, 2, 90, 9, 4, 7)),
    ),
    "an English export": (
        ("gender", "zip", "yob", "benefit", "duration_months"),
        lambda r, n: (
            *(r.choice(["female", "male"]), 24800 + r.randint(1, 60), r.randint(1940, 2010)),
            *(r.choice(["housing", "basic"]), r.randint(1, 90)),
        ),
    ),
    "children of two institutions": (
        ("Einrichtung", "Alter in Monaten", "Geschlecht", "Staatsangehörigkeit", "Stunden"),
        lambda r, n: (
            *(r.choice(["Kita A", "Kita B"]), r.randint(10, 75), r.choice("mw")),
            *(r.choice(["D", "SYR", "AFG"]), r.choice([25, 35, 45])),
        ),
    ),
    "one in each row": (
        ("Ort", "Geschlecht", "Alter", "Nation", "Anzahl"),
        lambda r, n: (r.choice(PLACES), r.choice("mw"), r.randint(0, 90), r.choice("DSU"), 1),
    ),
    "moving in and out": (
        ("Unterkunft", "Einzug", "Auszug", "Alter", "Herkunft"),
        lambda r, n: (
            *(r.choice("AB"), _day(r, 2022), _day(r, 2023)),
            *(r.randint(18, 70), r.choice(["SYR", "AFG", "D"])),
        ),
    ),
}
"""Header and one row, by what the export lists."""

PSEUDONYMS: dict[str, Callable[[random.Random, int], str]] = {
    "md5": lambda r, n: hashlib.md5(str(n).encode()).hexdigest(),
    "sha256": lambda r, n: hashlib.sha256(str(n).encode()).hexdigest(),
    "uuid": lambda r, n: str(uuid.UUID(int=r.getrandbits(128), version=4)),
    "eight characters": lambda r, n: f"{r.getrandbits(32):08x}",
    "letter and digits": lambda r, n: f"P{r.randint(10_000, 99_999)}",
    "a large number": lambda r, n: str(r.randint(10**6, 10**7)),
}


def registers() -> Iterator[Case]:
    """Persons under names that help nobody, in several formats, and from left to right."""
    writers = (("a.csv", csv), ("a.parquet", parquet), ("a.json", nested), ("a.xml", xml))
    for place, (name, (head, make)) in enumerate(REGISTERS.items()):
        rng = random.Random(SEED)
        rows: Rows = [head, *[make(rng, n) for n in range(120)]]
        for file, write in dict([writers[0], writers[place % len(writers)]]).items():
            yield Case(f"persons: {name} in {file}", PERSONS, {file: write(rows)})
    rng = random.Random(SEED)
    for name, make_key in PSEUDONYMS.items():
        people = [
            (make_key(rng, n), rng.choice("NSWO"), rng.choice("mw"), rng.choice(["HLU", "GSiAE"]))
            for n in range(80)
        ]
        table = csv([("k", "Ort", "Geschlecht", "Leistung"), *people])
        yield Case(f"pseudonym of {name}", frozenset({"pseudonym"}), {"a.csv": table})
    turned = [
        ("Merkmal", *[f"Nr. {n}" for n in range(8)]),
        ("Alter", 34, 12, 56, 23, 45, 67, 8, 19),
        ("Geschlecht", *"mwmwmwmw"),
        ("Diagnose", "F10", "F20", "F32", "F10", "F40", "F84", "F90", "F10"),
    ]
    yield Case("persons from left to right", PERSONS, {"a.csv": csv(turned)})


def _points(kind: str, properties: dict[str, object]) -> bytes:
    """Twelve points close to each other."""
    places = [[9.56789 + n * 0.0013, 54.51234 + n * 0.0021] for n in range(12)]
    told = properties.items()
    features = [
        {
            "type": "Feature",
            "geometry": {"type": kind, "coordinates": [at] if kind == "MultiPoint" else at},
            "properties": {key: f"{value} {n}" if key == "name" else value for key, value in told},
        }
        for n, at in enumerate(places)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def formats() -> Iterator[Case]:
    """Points of houses, and counts in encodings and wrappings that programs write."""
    where = frozenset({"identifier-location"})
    for kind in ("Point", "MultiPoint"):
        house = _points(kind, {"hilfe": "HzE", "jahr": 2023})
        yield Case(f"houses as {kind}", where, {"a.geojson": house})
        office = _points(kind, {"name": "Beratungsstelle Sucht", "leistung": "Beratung"})
        yield Case(f"offices as {kind} (harmless)", frozenset(), {"a.geojson": office})
    small = [("Gemeinde", "Fälle"), ("Nord", 17), ("Süd", 2), ("West", 31)]
    few = frozenset({"minimum-frequency"})
    text = lines(small)
    yield Case("gzip", few, {"a.csv.gz": gzip.compress(csv(small))})
    for encoding in ("utf-16-le", "utf-16-be", "utf-32"):
        yield Case(f"text in {encoding}", few, {"a.csv": text.encode(encoding)})
    yield Case("line ends of old Macs", few, {"a.csv": text.replace("\n", "\r").encode("cp1252")})
    named = zipped({"Akte Erika Müller/tab.csv": csv([*small[:2], ("Süd", 22)])})
    yield Case("a folder in an archive", frozenset({"identifier-name"}), {"a.zip": named})
    table = pa.table({"Ort": ["N", "S"], "Fälle": [20, 30]})
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"x": "Erika Müller, geb. 03.02.1980"}), buffer)
    born = frozenset({"identifier-birth-date"})
    yield Case("metadata of Parquet", born, {"a.parquet": buffer.getvalue()})
