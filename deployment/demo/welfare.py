"""The demo's statistics of work, income support, childcare and care.

Rates are of a thousand and roughly those of Germany; nothing is copied from a table.
"""

from ckanext.sozialdaten.demo.figures import (
    SEX,
    Attribute,
    Figure,
    Less,
    People,
    Rate,
    Same,
    Share,
    Statistic,
    Value,
    Variable,
    everywhere,
)
from ckanext.sozialdaten.demo.kreis import FIRST_YEAR, LAST_YEAR

__all__ = ["WELFARE"]

_YEARS = tuple(range(FIRST_YEAR + 2, LAST_YEAR + 1))
_ALL = People("mw")
_CRISES = {2020: 1.04, 2021: 1.02, 2022: 1.07, 2023: 1.12, 2024: 1.14, 2025: 1.13}


def _thereof(code: str, label: str) -> Attribute:
    return Attribute(code, label, counts=False)


def _by_sex(value: str, code: str, men: Share, women: Share) -> dict[tuple[str, ...], Figure]:
    return {(value, code, "GESM"): men, (value, code, "GESW"): women}


def _unemployed() -> Statistic:
    of_all = ("musterland-arbeitslose", "ERWP06", "")
    years = {2020: 1.17, 2021: 1.12, 2023: 1.09, 2024: 1.17, 2025: 1.23}
    return Statistic(
        "musterland-arbeitslose",
        "13211-01-03-5",
        "Arbeitsmarktstatistik der Bundesagentur für Arbeit",
        _YEARS,
        (Value("ERWP06", "Arbeitslose"),),
        {
            ("ERWP06", "MAENNER"): Share(People("m", 15, 65), Rate(54, 29, 25, 45, -0.012, years)),
            ("ERWP06", "FRAUEN"): Share(People("w", 15, 65), Rate(46, 26, 22, 39, -0.014, years)),
            ("ERWP06", "AUSLAENDER"): Share(of_all, Rate(335, 230, 160, 290, 0.035)),
            ("ERWP06", "ALT015B25"): Share(of_all, everywhere(91)),
            ("ERWP06", "ALT055B65"): Share(of_all, everywhere(214, 0.01)),
            ("ERWP06", "LANGZEIT"): Share(of_all, Rate(370, 320, 310, 355, -0.004)),
            ("ERWP06", "SCHWERBEHINDERT"): Share(of_all, everywhere(66)),
        },
        (
            Variable(
                "ARBLO1",
                "Ausgewählte Personengruppen",
                (
                    Attribute("MAENNER", "Männer"),
                    Attribute("FRAUEN", "Frauen"),
                    _thereof("AUSLAENDER", "Ausländer"),
                    _thereof("ALT015B25", "15 bis unter 25 Jahre"),
                    _thereof("ALT055B65", "55 bis unter 65 Jahre"),
                    _thereof("LANGZEIT", "Langzeitarbeitslose"),
                    _thereof("SCHWERBEHINDERT", "schwerbehinderte Menschen"),
                ),
            ),
        ),
        day="",
        lag=1,
        minimum=3,
    )


def _jobcentre() -> Statistic:
    def of(group: str, rate: Rate) -> Share:
        return Share(("musterland-sgb2", "ANZAHL", group), rate)

    return Statistic(
        "musterland-sgb2",
        "Grundsicherung für Arbeitsuchende: Eckwerte für Gemeinden",
        "Grundsicherung für Arbeitsuchende (SGB II)",
        tuple(range(2013, LAST_YEAR + 1)),
        (Value("ANZAHL", "Bestand"),),
        {
            ("ANZAHL", "BG"): Share(_ALL, Rate(49, 26, 19, 37, -0.02, _CRISES)),
            ("ANZAHL", "BG_KINDER"): of("BG", everywhere(338)),
            ("ANZAHL", "BG_ALLEINERZIEHEND"): of("BG_KINDER", everywhere(532)),
            ("ANZAHL", "RLB"): of("BG", everywhere(1960, 0.002)),
            ("ANZAHL", "ELB"): of("RLB", everywhere(715)),
            ("ANZAHL", "NEF"): Less(
                ("musterland-sgb2", "ANZAHL", "RLB"), ("musterland-sgb2", "ANZAHL", "ELB")
            ),
            ("ANZAHL", "NEF_U15"): Share(
                ("musterland-sgb2", "ANZAHL", "NEF"), everywhere(956), most=990
            ),
            ("ANZAHL", "LB_U18"): of("RLB", everywhere(342)),
            ("ANZAHL", "LZB"): of("ELB", everywhere(640, -0.012)),
            ("ANZAHL", "ELB_ERWERBSTAETIG"): of("ELB", everywhere(238, -0.012)),
        },
        (
            Variable(
                "MERKMAL",
                "Merkmal",
                (
                    Attribute("BG", "Bedarfsgemeinschaften"),
                    Attribute("BG_ALLEINERZIEHEND", "Bedarfsgemeinschaften Alleinerziehender"),
                    Attribute("BG_KINDER", "Bedarfsgemeinschaften mit Kindern unter 18 Jahren"),
                    Attribute("RLB", "Regelleistungsberechtigte"),
                    Attribute("ELB", "erwerbsfähige Leistungsberechtigte"),
                    Attribute("NEF", "nicht erwerbsfähige Leistungsberechtigte"),
                    Attribute(
                        "NEF_U15", "nicht erwerbsfähige Leistungsberechtigte unter 15 Jahren"
                    ),
                    Attribute("LB_U18", "Leistungsberechtigte unter 18 Jahren"),
                    Attribute("LZB", "Langzeitleistungsbeziehende"),
                    Attribute("ELB_ERWERBSTAETIG", "erwerbstätige Leistungsberechtigte"),
                ),
                no_total=True,
            ),
        ),
        minimum=3,
        sign="*",
    )


def _assistance() -> tuple[Statistic, ...]:
    """Grundsicherung, and all minimum income benefits together."""
    ages = Variable(
        "ALTGSI",
        "Altersgruppen",
        (
            Attribute("ERWERBSMINDERUNG", "18 Jahre bis unter Altersgrenze"),
            Attribute("ALTER", "Altersgrenze und älter"),
        ),
    )
    kinds = Variable(
        "LEIS01",
        "Art der Leistung",
        (
            Attribute("SGB2", "Gesamtregelleistung (SGB II)"),
            Attribute("HLU", "Laufende Hilfe zum Lebensunterhalt (SGB XII)"),
            Attribute("GSIAE", "Grundsicherung im Alter und bei Erwerbsminderung (SGB XII)"),
            Attribute("ASYLBLG", "Regelleistungen nach dem AsylbLG"),
        ),
    )
    refuge = {2012: 0.35, 2013: 0.5, 2014: 0.8, 2015: 2.1, 2016: 1.5, 2017: 1.1}
    refuge |= {2022: 1.1, 2023: 1.35, 2024: 1.25, 2025: 1.1}
    return (
        Statistic(
            "musterland-grundsicherung",
            "22151-01-02-4",
            "Statistik der Empfänger von Grundsicherung",
            tuple(range(2015, LAST_YEAR + 1)),
            (Value("SOZ033", "Empfänger von Grundsicherung"),),
            _by_sex(
                "SOZ033",
                "ERWERBSMINDERUNG",
                Share(People("m", 18, 67), Rate(13, 8, 8, 11)),
                Share(People("w", 18, 67), Rate(11, 7, 6.5, 9)),
            )
            | _by_sex(
                "SOZ033",
                "ALTER",
                Share(People("m", 66), Rate(43, 26, 17, 34, 0.026)),
                Share(People("w", 66), Rate(47, 28, 19, 36, 0.03)),
            ),
            (ages, SEX),
            minimum=3,
        ),
        Statistic(
            "musterland-mindestsicherung",
            "22811-01-01-4",
            "Soziale Mindestsicherung",
            tuple(range(2013, LAST_YEAR)),
            (Value("SOZ060", "Empfänger von Mindestsicherungsleistungen"),),
            {
                ("SOZ060", "SGB2"): Same(("musterland-sgb2", "ANZAHL", "RLB")),
                ("SOZ060", "HLU"): Share(_ALL, Rate(1.9, 1.1, 1.0, 1.5)),
                ("SOZ060", "GSIAE"): Same(("musterland-grundsicherung", "SOZ033", "", "")),
                ("SOZ060", "ASYLBLG"): Share(_ALL, Rate(5.4, 4.4, 4.1, 4.8, 0.0, refuge)),
            },
            (kinds,),
            minimum=3,
        ),
    )


def _childcare() -> Statistic:
    figures: dict[tuple[str, ...], Figure] = {}
    groups = (
        ("ALT000B03", "unter 3 Jahre", People("mw", 0, 3), Rate(268, 262, 240, 287, 0.021), 52),
        ("ALT003B06", "3 bis unter 6 Jahre", People("mw", 3, 6), everywhere(912), 9),
        ("ALT006B14", "6 bis unter 14 Jahre", People("mw", 6, 14), Rate(120, 105, 70, 150), 4),
    )
    for code, _, children, rate, minders in groups:
        figures["KITA01", code] = Share(children, rate, most=962)
        figures["KITA02", code] = Share(children, everywhere(minders, 0.01))
        figures["KITA03", code] = Share(
            ("musterland-kita", "KITA01", code), Rate(255, 165, 95, 205, 0.032)
        )
    return Statistic(
        "musterland-kita",
        "22543-01-03-4",
        "Statistik der Kinder in Tageseinrichtungen und Kindertagespflege",
        tuple(range(2013, LAST_YEAR + 1)),
        (
            Value("KITA01", "Kinder in Tageseinrichtungen"),
            Value("KITA02", "Kinder in öffentlich geförderter Kindertagespflege"),
            Value("KITA03", "Kinder mit nicht deutscher Familiensprache"),
        ),
        figures,
        (
            Variable(
                "ALTKI1",
                "Altersgruppen",
                tuple(Attribute(code, label) for code, label, *_ in groups),
            ),
        ),
        day="03-01",
        lag=1,
        minimum=3,
    )


def _care() -> Statistic:
    old = {"m": People("m", 65), "w": People("w", 65)}
    figures: dict[tuple[str, ...], Figure] = {}
    kinds = (
        ("AMBULANT", "ambulante Pflege", everywhere(36, 0.05), everywhere(52, 0.05)),
        ("STATIONAER", "vollstationäre Pflege", everywhere(27, 0.004), everywhere(56, 0.001)),
        ("PFLEGEGELD", "Pflegegeld", everywhere(88, 0.085), everywhere(103, 0.085)),
        ("PFLEGEGRAD1", "Pflegegrad 1", everywhere(9, 0.16), everywhere(15, 0.16)),
    )
    for code, _, men, women in kinds:
        figures |= _by_sex("PFL001", code, Share(old["m"], men), Share(old["w"], women))
    figures |= _by_sex(
        "PFL001",
        "TEILSTATIONAER",
        Share(old["m"], everywhere(7, 0.05)),
        Share(old["w"], everywhere(9, 0.05)),
    )
    attributes = tuple(Attribute(code, label) for code, label, *_ in kinds)
    return Statistic(
        "musterland-pflege",
        "22411-02-05-4",
        "Pflegestatistik",
        tuple(range(2013, 2024, 2)),
        (Value("PFL001", "Pflegebedürftige"),),
        figures,
        (
            Variable(
                "PFLART",
                "Art der Leistung",
                (*attributes, _thereof("TEILSTATIONAER", "teilstationäre Pflege")),
            ),
            SEX,
        ),
    )


def _participation() -> Statistic:
    return Statistic(
        "musterland-eingliederungshilfe",
        "22161-01-01-4",
        "Statistik der Empfänger von Eingliederungshilfe (SGB IX)",
        tuple(range(2020, LAST_YEAR)),
        (Value("EGH001", "Empfänger von Eingliederungshilfe"),),
        {
            ("EGH001", "GESM"): Share(People("m", 0, 67), Rate(18, 14, 13, 15.5, 0.018)),
            ("EGH001", "GESW"): Share(People("w", 0, 67), Rate(12, 9, 8.5, 10.3, 0.018)),
        },
        (SEX,),
    )


WELFARE = (
    _unemployed(),
    *_assistance(),
    _childcare(),
    _care(),
    _jobcentre(),
    _participation(),
)
"""Statistics of what people need and get."""
