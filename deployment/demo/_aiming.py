"""Goals, measures and a frozen report: one person writes them, another one approves."""

from typing import Any

from ckanext.sozialdaten.demo._accounts import EDITOR, ORGANISATION, REVIEWER
from ckanext.sozialdaten.demo._portal import Portal, PortalRefusedError
from ckanext.sozialdaten.demo._waiting import wait_for

__all__ = ["AIMS", "approve_edition", "approve_texts"]

_SECONDS = 300
_FIGURES = 40
_REASON = "Beschluss liegt vor (Vorführung)."
_KITA = """\
region: '{region}'
indicator: kita_quote_u3
direction: at_least
target: 40.0
until: '2030'
text: Beschluss des Jugendhilfeausschusses vom 12. November 2025 (erfunden).
office: Fachdienst Kindertagesbetreuung
"""
_PLACES = """\
region: '{region}'
indicator: kita_quote_u3
title: Zwei neue Einrichtungen im Süden des Kreises
progress: running
until: '2027'
text: Zusammen 110 Plätze, davon 40 für Kinder unter drei Jahren.
office: Fachdienst Kindertagesbetreuung
"""
_TRAINING = """\
region: '{region}'
indicator: kita_quote_u3
title: Ausbildung von Fachkräften neben dem Beruf
progress: planned
until: '2028'
office: Fachdienst Kindertagesbetreuung
"""
_WORK = """\
region: '{region}'
indicator: arb_alanteil
direction: at_most
target: 4.0
until: '2029'
text: Gemeinsames Ziel von Kreis und Jobcenter (erfunden).
office: Jobcenter
"""
_EDITION = {
    "region": "99001001",
    "title": "Stand der Beschlussfassung 2024",
    "decided": "2025-11-20",
    "year": "2024",
    "foreword": "Dieser Bericht lag dem Sozialausschuss bei seiner Sitzung vor (erfunden).\n"
    "Neuere Zahlen stehen im laufenden Bericht.",
}
AIMS = (
    ("goal", "{region}_kita_quote_u3", _KITA),
    ("goal", "{region}_arb_alanteil", _WORK),
    ("measure", "{region}_kita_quote_u3_zwei-neue-einrichtungen", _PLACES),
    ("measure", "{region}_kita_quote_u3_ausbildung-neben-dem-beruf", _TRAINING),
)
_REGIONS = ("99001", "99001001")


def approve_texts(portal: Portal) -> int:
    """Propose and approve the goals and measures that are not there yet.

    Returns:
        how many this run approved.

    Raises:
        PortalRefusedError: the portal refused one; says why.
    """
    made = 0
    for region in _REGIONS:
        for kind, key, body in AIMS:
            made += approve_text(
                portal, kind, key.format(region=region), body.format(region=region)
            )
    return made


def approve_edition(portal: Portal) -> int:
    """Freeze the report of the town as it lay before the committee, unless that is done.

    Returns:
        how many editions this run approved.
    """
    known = portal.call("sozialdaten_proposal_list", None, kind="edition")
    if known:
        return 0
    # figures are computed after the last release: an edition holds all of them, or is none
    wait_for("Sozialbericht", _SECONDS, lambda: _is_complete(portal) or None)
    frozen = portal.call("sozialdaten_report_freeze", EDITOR, organisation=ORGANISATION, **_EDITION)
    portal.call("sozialdaten_proposal_approve", REVIEWER, id=frozen["id"], reason=_REASON)
    return 1


def _is_complete(portal: Portal) -> bool:
    try:
        report = portal.call("sozialdaten_report_show", None, region=_EDITION["region"])
    except PortalRefusedError:
        return False
    return len(report["entries"]) >= _FIGURES


def approve_text(portal: Portal, kind: str, key: str, body: str) -> bool:
    """Take one text through both hands, unless the public reads it already."""
    known: list[dict[str, Any]] = portal.call("sozialdaten_proposal_list", None, kind=kind)
    if any(one["key"] == key for one in known):
        return False
    text = {"kind": kind, "key": key, "body": body, "organisation": ORGANISATION}
    draft = portal.call("sozialdaten_proposal_save", EDITOR, **text)
    portal.call("sozialdaten_proposal_submit", EDITOR, id=draft["id"])
    portal.call("sozialdaten_proposal_approve", REVIEWER, id=draft["id"], reason=_REASON)
    return True
