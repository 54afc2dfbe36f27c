"""The page for those who wait until a document is printed."""

from collections.abc import Mapping

import ckan.plugins.toolkit as tk
from flask import Response

from ckanext.sozialdaten.portal.report._build import Report
from ckanext.sozialdaten.portal.report._printed import Stage, begin, digest_of

__all__ = ["waiting_page"]


def waiting_page(
    report: Report, html: str, values: Mapping[str, str] | None = None
) -> Response | None:
    """Have a document printed, and say so until it is there.

    Args:
        report: what is printed.
        html: the page that is printed.
        values: the form that goes on once the document is there; None: this address does.

    Returns:
        None once the document is there, or has to be made at once: it failed, or nobody prints it.
    """
    if begin(html) is not Stage.WAITING:
        return None
    shown = {
        "report": report,
        "digest": digest_of(html),
        "values": list((values or {}).items()),
    }
    answer = Response(tk.render("sozialdaten/report_waiting.html", shown), status=202)
    answer.headers["Cache-Control"] = "no-store"
    return answer
