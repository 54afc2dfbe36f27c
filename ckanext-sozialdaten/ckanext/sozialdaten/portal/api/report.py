"""The Sozialbericht for machines: what its page says, figures and sentences."""

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.portal.api import _query as q
from ckanext.sozialdaten.portal.report import (
    Report,
    Wording,
    propose_edition,
    report_of,
    rows_of,
)

__all__ = ["sozialdaten_report_freeze", "sozialdaten_report_show"]


@tk.side_effect_free
def sozialdaten_report_show(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """The report of a region: its headline figures with comparison, change and sentences.

    Sentences and names are in the language of the address (``/en/api/3/action/…`` for English).

    :param region: key of a Gemeinde, Kreis or Land (AGS or ARS)
    :type region: string
    :param year: the year it speaks of; default: the newest for which half of the figures are there
    :type year: string, optional
    :param since: the year that changes are told from; default: five years earlier
    :type since: string, optional

    :returns: ``region``, ``name``, ``year``, ``since``, ``years`` (that can be asked for) and
        ``entries``, each with ``indicator``, ``theme``, ``name``, ``period``, ``sentence``,
        ``change`` (``risen``, ``fallen``, ``unchanged``, ``uncertain`` or null), ``figures``: the
        rows of the report's CSV, not rounded, with ``role`` (``own``, ``before``, ``kreis``,
        ``land``, ``bund``, ``goal``), ``value``, ``low``, ``high``, ``unit``, ``state``,
        ``verdict``, ``captured_at``, ``sources``
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_report_show", context, data_dict)
    accepted: Any = {"region": q.needed(), "year": q.text(), "since": q.text()}
    data = q.validated(data_dict, accepted)
    with q.asked():
        key = Register.default().normalise(data["region"])
    report = report_of(key, data.get("year") or "", data.get("since") or "")
    if report is None:
        raise tk.ObjectNotFound(tk._("There are no figures for this region yet."))
    return {
        "region": report.region,
        "name": report.name,
        "year": report.year,
        "since": report.since,
        "years": list(report.years),
        "entries": _entries(report),
    }


def sozialdaten_report_freeze(context: Context, data_dict: dict[str, Any]) -> dict[str, Any]:
    """Freeze the report of a region as an edition, and send it to a second person.

    The edition holds figures, sentences and files as they are now, in the language of the address.
    Once it is approved, it stands at ``/sozialbericht/<region>/fassung/<n>`` and never changes.

    :param region: key of a Gemeinde, Kreis or Land (AGS or ARS)
    :type region: string
    :param title: such as "Stand der Beschlussfassung 2024"
    :type title: string
    :param decided: day of the decision, such as 2025-11-20
    :type decided: string
    :param foreword: plain text, a paragraph a line
    :type foreword: string, optional
    :param year: the year it speaks of; default: as the report chooses it
    :type year: string, optional
    :param since: the year that changes are told from
    :type since: string, optional
    :param organisation: id or name of the organisation that writes it
    :type organisation: string

    :returns: the submitted proposal, see ``sozialdaten_proposal_show``
    :rtype: dictionary
    """
    tk.check_access("sozialdaten_report_freeze", context, data_dict)
    accepted: Any = {
        "region": q.needed(), "title": q.needed(), "decided": q.needed(),
        "organisation": q.needed(), "foreword": q.text(), "year": q.text(), "since": q.text(),
    }  # fmt: skip
    data = q.validated(data_dict, accepted)
    with q.asked():
        key = Register.default().normalise(data["region"])
    report = report_of(key, data.get("year") or "", data.get("since") or "")
    if report is None:
        raise tk.ObjectNotFound(tk._("There are no figures for this region yet."))
    wording = Wording(data["title"], data["decided"], data.get("foreword") or "")
    return propose_edition(context, report, wording, data["organisation"])


def _entries(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "indicator": entry.indicator.id,
            "theme": entry.indicator.theme,
            "name": entry.name,
            "period": entry.period.key,
            "change": entry.way.value if entry.way else None,
            "sentence": entry.sentence,
            "figures": [
                {name: q.shown(value) for name, value in row.items()} for row in rows_of(entry)
            ],
        }
        for entry in report.entries
    ]
