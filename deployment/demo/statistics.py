"""What statistics the demo delivers, and with which rates their figures are made.

Rates are of a thousand and roughly those of Germany; nothing is copied from a table. Codes of
tables, variables and values are the real ones where a public table was at hand. Tables that the
Regionaldatenbank gives for Kreise alone come with Gemeinden, as a Land's own database gives them.
"""

from itertools import product

from ckanext.sozialdaten.demo.figures import (
    SEX,
    Attribute,
    Event,
    Figure,
    Grown,
    Less,
    Level,
    People,
    Quotient,
    Rate,
    Same,
    Share,
    Statistic,
    Value,
    Variable,
    everywhere,
)
from ckanext.sozialdaten.demo.kreis import FIRST_YEAR, LAST_YEAR
from ckanext.sozialdaten.demo.population import AGE_GROUPS
from ckanext.sozialdaten.demo.welfare import WELFARE

__all__ = ["STATISTICS"]

_YEARS = tuple(range(FIRST_YEAR + 2, LAST_YEAR + 1))
_ALL = People("mw")
_NATION = Variable(
    "NAT", "Nationalität", (Attribute("NATD", "Deutsche"), Attribute("NATA", "Ausländer"))
)


def _population() -> Statistic:
    figures: dict[tuple[str, ...], Figure] = {
        ("BEVSTD", f"GES{sex.upper()}", group.code): Same(People(sex, group.lower, group.upper))
        for sex in ("m", "w")
        for group in AGE_GROUPS
    }
    ages = tuple(Attribute(group.code, group.label) for group in AGE_GROUPS)
    return Statistic(
        "musterland-bevoelkerung",
        "12411-02-03-5",
        "Fortschreibung des Bevölkerungsstandes",
        tuple(range(FIRST_YEAR, LAST_YEAR + 1)),
        (Value("BEVSTD", "Bevölkerungsstand"),),
        figures,
        (SEX, Variable("ALTX20", "Altersgruppen (unter 3 bis 75 u. m.)", ages)),
    )


def _movements() -> tuple[Statistic, ...]:
    """What changes the number of persons, and the land they live on."""
    return (
        Statistic(
            "musterland-geburten",
            "12612-91-01-5",
            "Statistik der Geburten",
            _YEARS,
            (Value("BEV001", "Lebendgeborene"),),
            {("BEV001",): Event("born")},
            day="",
        ),
        Statistic(
            "musterland-sterbefaelle",
            "12613-91-01-5",
            "Statistik der Sterbefälle",
            _YEARS,
            (Value("BEV002", "Gestorbene"),),
            {("BEV002",): Event("died")},
            day="",
        ),
        Statistic(
            "musterland-wanderungen",
            "12711-91-01-5",
            "Wanderungsstatistik",
            _YEARS,
            (
                Value("BEV083", "Zuzüge (über Gemeindegrenzen)"),
                Value("BEV084", "Fortzüge (über Gemeindegrenzen)"),
            ),
            {("BEV083",): Event("arrived"), ("BEV084",): Event("departed")},
            day="",
        ),
        Statistic(
            "musterland-flaeche",
            "11111-01-01-5",
            "Feststellung des Gebietsstands",
            _YEARS,
            (Value("FLC006", "Gebietsfläche", "qkm", 2),),
            {("FLC006",): Event("area")},
        ),
    )


def _nationality() -> Statistic:
    foreign = {"m": Rate(148, 92, 44, 135, 0.036), "w": Rate(136, 86, 41, 120, 0.036)}
    figures: dict[tuple[str, ...], Figure] = {}
    for sex, code in (("m", "GESM"), ("w", "GESW")):
        figures["BEVSTD", "NATA", code] = Share(People(sex), foreign[sex])
        figures["BEVSTD", "NATD", code] = Less(
            People(sex), ("musterland-nationalitaet", "BEVSTD", "NATA", code)
        )
    return Statistic(
        "musterland-nationalitaet",
        "12411-04-02-5",
        "Fortschreibung des Bevölkerungsstandes",
        _YEARS,
        (Value("BEVSTD", "Bevölkerungsstand"),),
        figures,
        (_NATION, SEX),
    )


def _employees() -> tuple[Statistic, ...]:
    """Employees where they live and where they work."""
    at_home: dict[tuple[str, ...], Figure] = {}
    at_work: dict[tuple[str, ...], Figure] = {}
    shares = {"GESM": everywhere(432, 0.011), "GESW": everywhere(377, 0.013)}
    for nation, sex in product(("NATD", "NATA"), ("GESM", "GESW")):
        people = ("musterland-nationalitaet", "BEVSTD", nation, sex)
        at_home["ERW012", nation, sex] = Share(people, shares[sex])
        home = ("musterland-beschaeftigte-wohnort", "ERW012", nation, sex)
        at_work["ERW032", nation, sex] = Share(home, Rate(1420, 660, 430, 1004))
    label = "Statistik der sozialversicherungspflichtig Beschäftigten"
    return (
        Statistic(
            "musterland-beschaeftigte-wohnort",
            "13111-02-02-5",
            label,
            _YEARS,
            (Value("ERW012", "Sozialversicherungspfl. Beschäftigte (Wohnort)"),),
            at_home,
            (_NATION, SEX),
            day="06-30",
            lag=1,
        ),
        Statistic(
            "musterland-beschaeftigte-arbeitsort",
            "13111-01-03-5",
            label,
            _YEARS,
            (Value("ERW032", "Sozialversicherungspfl. Beschäftigte (Arbeitsort)"),),
            at_work,
            (_NATION, SEX),
            day="06-30",
        ),
    )


def _schools() -> Statistic:
    degrees = (
        ("OHNE", "ohne Ersten Schulabschluss", 42, 27),
        ("ESA", "Erster Schulabschluss", 128, 96),
        ("MSA", "Mittlerer Schulabschluss", 270, 258),
        ("FHR", "Fachhochschulreife", 1.2, 1.4),
        ("AHR", "Allgemeine Hochschulreife", 196, 252),
    )
    figures: dict[tuple[str, ...], Figure] = {}
    for code, _, men, women in degrees:
        for sex, rate in (("m", men), ("w", women)):
            # A year's leavers come from three years of age; town schools serve the villages too.
            rates = Rate(rate * 0.92, rate * 0.7, 0, rate * 0.5, 0.02 if code == "OHNE" else 0.0)
            figures["ABS001", code, f"GES{sex.upper()}"] = Share(People(sex, 15, 18), rates)
    return Statistic(
        "musterland-schulabschluesse",
        "21111-02-06-4",
        "Statistik der allgemeinbildenden Schulen",
        tuple(range(2013, LAST_YEAR + 1)),
        (Value("ABS001", "Absolventen und Abgänger"),),
        figures,
        (
            Variable(
                "BILAB1",
                "Schulabschlüsse",
                tuple(Attribute(code, label) for code, label, *_ in degrees),
            ),
            SEX,
        ),
        day="",
        lag=1,
        places=("99001001", "99001004", "99001008", "99001013", "99001014"),
    )


def _money() -> Statistic:
    payers = ("musterland-einkommen", "STE001")
    return Statistic(
        "musterland-einkommen",
        "73111-01-01-5",
        "Lohn- und Einkommensteuerstatistik",
        tuple(range(2012, 2022)),
        (
            Value("STE001", "Lohn- und Einkommensteuerpflichtige"),
            Value("STE002", "Gesamtbetrag der Einkünfte", "Tsd. EUR"),
            Value("STE003", "Lohn- und Einkommensteuer", "Tsd. EUR"),
        ),
        {
            ("STE001",): Share(People("mw", 20), everywhere(625, 0.004)),
            ("STE002",): Share(payers, Rate(38_100, 49_200, 42_400, 41_900, 0.026)),
            ("STE003",): Share(("musterland-einkommen", "STE002"), Rate(164, 196, 171, 178, 0.008)),
        },
        day="",
    )


def _housing() -> tuple[Statistic, ...]:
    stock = ("musterland-wohnungen", "WOHN01")
    built = {2023: 0.93, 2024: 0.82, 2025: 0.74}
    return (
        Statistic(
            "musterland-bautaetigkeit",
            "31121-03-02-5",
            "Statistik der Baufertigstellungen",
            _YEARS,
            (Value("BAU001", "Fertiggestellte Wohnungen"),),
            {("BAU001",): Share(_ALL, Rate(3.1, 4.6, 2.3, 3.3, 0.01, built))},
            day="",
        ),
        Statistic(
            "musterland-wohnungen",
            "31231-02-01-5",
            "Fortschreibung des Wohngebäude- und Wohnungsbestandes",
            _YEARS,
            (
                Value("WOHN01", "Wohnungen"),
                Value("WOHN02", "Wohnfläche", "1000 qm", 1),
                Value("WOHN03", "Räume"),
            ),
            {
                ("WOHN01",): Grown(
                    Share(_ALL, Rate(508, 446, 428, 497)),
                    ("musterland-bautaetigkeit", "BAU001"),
                    0.4,
                ),
                ("WOHN02",): Share(stock, Rate(83.5, 103, 117, 90.5, 0.002), digits=1),
                ("WOHN03",): Share(stock, Rate(3_980, 4_820, 5_310, 4_350)),
            },
        ),
    )


def _traffic() -> tuple[Statistic, ...]:
    accidents = ("musterland-unfaelle", "VER001")
    cars = ("musterland-kfz", "PKW")
    corona = {2020: 0.88, 2021: 0.86, 2022: 0.96}
    return (
        Statistic(
            "musterland-unfaelle",
            "46241-01-04-5",
            "Statistik der Straßenverkehrsunfälle",
            _YEARS,
            (
                Value("VER001", "Unfälle mit Personenschaden"),
                Value("VER002", "Getötete"),
                Value("VER003", "Schwerverletzte"),
                Value("VER004", "Leichtverletzte"),
            ),
            {
                ("VER001",): Share(_ALL, Rate(4.2, 2.9, 2.6, 3.5, -0.004, corona)),
                ("VER002",): Share(accidents, everywhere(9.6, -0.02)),
                ("VER003",): Share(accidents, everywhere(196, -0.02)),
                ("VER004",): Share(accidents, everywhere(1075)),
            },
            day="",
        ),
        Statistic(
            "musterland-kfz",
            "FZ 3.1",
            "Bestand an Kraftfahrzeugen und Kraftfahrzeuganhängern",
            tuple(range(2013, LAST_YEAR + 2)),
            (
                Value("KRAD", "Krafträder"),
                Value("PKW", "Personenkraftwagen insgesamt"),
                Value("GEWERBLICH", "darunter gewerbliche Halterinnen und Halter"),
                Value("LKW", "Lastkraftwagen"),
                Value("ZUG", "Zugmaschinen insgesamt"),
                Value("LAND", "dar. land-/forstwirtschaftliche"),
                Value("SONST", "Sonstige Kfz"),
                Value("ANHAENGER", "Kraftfahrzeuganhänger"),
            ),
            {
                ("KRAD",): Share(_ALL, Rate(46, 62, 78, 55, 0.012)),
                ("PKW",): Share(_ALL, Rate(548, 612, 652, 566, 0.007)),
                ("GEWERBLICH",): Share(cars, Rate(112, 74, 52, 108)),
                ("LKW",): Share(_ALL, Rate(33, 31, 39, 37, 0.018)),
                ("ZUG",): Share(_ALL, Rate(10, 21, 62, 26, 0.006)),
                ("LAND",): Share(("musterland-kfz", "ZUG"), everywhere(880), most=1000),
                ("SONST",): Share(_ALL, everywhere(4.5)),
                ("ANHAENGER",): Share(_ALL, Rate(62, 88, 131, 88, 0.016)),
            },
            day="01-01",
            lag=1,
            regions=(),
        ),
    )


def _votes() -> Statistic:
    turnout = {2013: 0.945, 2017: 1.006, 2021: 1.012, 2025: 1.088}
    return Statistic(
        "musterland-wahlen",
        "14111-01-03-5",
        "Allgemeine Bundestagswahlstatistik",
        tuple(turnout),
        (Value("WAHL01", "Wahlberechtigte"), Value("WAHL02", "Wählende")),
        {
            ("WAHL01",): Share(
                ("musterland-nationalitaet", "BEVSTD", "NATD", ""), everywhere(832), most=900
            ),
            ("WAHL02",): Share(
                ("musterland-wahlen", "WAHL01"), Rate(728, 793, 771, 757, 0, turnout), most=960
            ),
        },
        day="09-24",
        days={2013: "09-22", 2021: "09-26", 2025: "02-23"},
        lag=1,
    )


def _households() -> Statistic:
    kinds = (
        ("EINPERSON", "Einpersonenhaushalte", Rate(218, 164, 143, 206, 0.006)),
        ("PAAR_OHNE", "Paare ohne Kinder unter 18 Jahren", Rate(142, 151, 158, 146)),
        ("PAAR_KIND", "Paare mit Kindern unter 18 Jahren", Rate(70, 92, 81, 75, -0.002)),
        ("ALLEINERZIEHEND", "Alleinerziehende mit Kindern unter 18 Jahren", Rate(21, 16, 14, 19)),
        ("SONSTIGE", "Sonstige Haushalte", Rate(39, 33, 35, 36)),
    )
    return Statistic(
        "musterland-haushalte",
        "haushalte",
        "Haushalte nach Haushaltstyp",
        tuple(range(2015, LAST_YEAR + 1)),
        (Value("HAUSHALTE", "Haushalte"),),
        {("HAUSHALTE", code): Share(_ALL, rate) for code, _, rate in kinds},
        (
            Variable(
                "HHTYP",
                "Haushaltstyp",
                tuple(Attribute(code, label) for code, label, _ in kinds),
            ),
        ),
    )


def _inkar() -> Statistic:
    workers = ("musterland-beschaeftigte-wohnort", "ERW012", "", "")
    unemployed = ("musterland-arbeitslose", "ERWP06", "")
    return Statistic(
        "musterland-inkar",
        "INKAR",
        "Indikatoren und Karten zur Raum- und Stadtentwicklung",
        tuple(range(2012, 2024)),
        (
            Value("LEBENSERWARTUNG", "Lebenserwartung", "Jahre", 2),
            Value("SCHULDNER", "Schuldnerquote", "%", 2),
            Value("MIETE", "Angebotsmieten", "EUR/qm", 2),
            Value("ALQ", "Arbeitslosenquote", "%", 1),
            Value("AERZTE", "Hausärzte je 10.000 Einwohner", "je 10.000", 2),
        ),
        {
            ("LEBENSERWARTUNG",): Level(80.9, 0.0006, 0.35),
            ("SCHULDNER",): Level(9.6, -0.012, 0.45),
            ("MIETE",): Level(7.6, 0.041, 0.3),
            ("ALQ",): Quotient((unemployed,), (unemployed, workers)),
            ("AERZTE",): Level(6.2, -0.006, 0.25),
        },
        day="",
        places=(),
    )


STATISTICS = (
    _population(),
    *_movements(),
    _nationality(),
    *_employees(),
    _schools(),
    _money(),
    *_housing(),
    *_traffic(),
    _votes(),
    _households(),
    _inkar(),
    *WELFARE,
)
"""Every public statistic of the demo."""
