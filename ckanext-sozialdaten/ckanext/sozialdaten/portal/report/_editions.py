"""Frozen editions: a report as it was decided upon, with its files, for ever.

An edition is a text for the public (kind ``edition``) that a second person approves: the content of
the report as JSON, and the digests of its files. It holds the releases behind each figure. Once one
of these was withdrawn, the figure is hidden and no file is given out: a frozen edition never
revives what was withdrawn.
"""

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan import model
from ckan.types import Context

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.indicator._sources import sources_of
from ckanext.sozialdaten.portal.report import _vault
from ckanext.sozialdaten.portal.report._build import Entry, Report
from ckanext.sozialdaten.portal.report._bundle import as_zip
from ckanext.sozialdaten.portal.report._document import as_pdf
from ckanext.sozialdaten.portal.report._files import as_csv, as_xlsx
from ckanext.sozialdaten.printing import PrintingError
from ckanext.sozialdaten.publishing import proposals
from ckanext.sozialdaten.publishing.model import Release, withdrawn_releases

__all__ = [
    "EDITION", "FILES", "Edition", "Wording", "edition_of", "editions", "first_free", "freeze",
    "key_of", "missing", "parse", "propose_edition", "shown",
]  # fmt: skip

EDITION = "edition"
FILES = ("pdf", "xlsx", "csv", "zip")
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Wording:
    """What staff write to an edition.

    Args:
        title: such as "Stand der Beschlussfassung".
        decided: day of the decision, ISO 8601.
        foreword: plain text, a paragraph a line.
    """

    title: str
    decided: str
    foreword: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """A frozen edition as it is shown.

    Args:
        number: of the region's editions, from 1.
        content: what was frozen, see `freeze`.
        hidden: ids of indicators whose release was withdrawn since.
    """

    number: int
    content: Mapping[str, Any]
    hidden: frozenset[str] = frozenset()

    @property
    def wording(self) -> Wording:
        """Title, day and foreword."""
        known = self.content
        return Wording(known["title"], known["decided"], known["foreword"])

    def file(self, kind: str) -> bytes | None:
        """The bytes of a file; none once a figure in it was withdrawn."""
        return None if self.hidden else _vault.kept(self.content["files"][kind])


def freeze(report: Report, wording: Wording) -> str:
    """Make the files of a report, keep them, and return the text of the edition.

    Args:
        report: as it is public now.
        wording: title, day of the decision, foreword.

    Raises:
        PrintingError: the document could not be made.
    """
    pdf = as_pdf(report, edition=wording)
    files = {
        "pdf": pdf,
        "xlsx": as_xlsx(report),
        "csv": as_csv(report),
        "zip": as_zip(report, pdf, beside=None, edition=wording),
    }
    content = {
        "format": _FORMAT,
        "title": wording.title,
        "decided": wording.decided,
        "foreword": wording.foreword,
        "region": report.region,
        "name": report.name,
        "year": report.year,
        "since": report.since,
        "language": frame.language(),
        "captured": report.captured,
        "credits": [source.credit for source in report.sources],
        "chapters": [
            {
                "code": chapter.code,
                "name": chapter.name,
                "entries": [_entry(entry, report.state) for entry in chapter.entries],
            }
            for chapter in report.chapters
        ],
        "files": {kind: _vault.keep(body) for kind, body in files.items()},
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)


def _entry(entry: Entry, state: str) -> dict[str, Any]:
    return {
        "indicator": entry.indicator.id,
        "name": entry.name,
        "text": entry.text,
        "pattern": entry.pattern,
        "period": entry.story.period,
        "remark": entry.remark,
        "sentence": entry.sentence,
        "goal": entry.goal_words,
        "measures": [measure.title for measure in entry.measures],
        "releases": _releases(entry.known.sources, state),
    }


def _releases(series: Sequence[str], state: str) -> list[str]:
    """All live releases of the datasets behind a figure; any of them may have fed it."""
    names = [source.name for source in sources_of(list(series), state)]
    if not names:
        return []
    query = (
        sa.select(Release.id)
        .join(model.Package, model.Package.id == Release.dataset_id)
        .where(model.Package.name.in_(names))
        .order_by(Release.seq)
    )
    gone = withdrawn_releases()
    return [found for found in model.Session.execute(query).scalars() if found not in gone]


def parse(body: str) -> Mapping[str, Any]:
    """The content of an edition.

    Raises:
        ValueError: it is not one.
    """
    known = json.loads(body)
    needed: dict[str, type] = {"title": str, "decided": str, "foreword": str, "region": str,
                               "year": str, "chapters": list, "files": dict}  # fmt: skip
    if not isinstance(known, dict) or known.get("format") != _FORMAT:
        raise ValueError("format")
    for name, kind in needed.items():
        if not isinstance(known.get(name), kind):
            raise ValueError(name)  # noqa: TRY004 - the text is wrong, not our types
    if set(known["files"]) != set(FILES):
        raise ValueError("files")
    dt.date.fromisoformat(known["decided"])
    return known


def shown(number: int, body: str) -> Edition:
    """An edition as the public may see it now: without what was withdrawn."""
    content, gone = parse(body), withdrawn_releases()
    hidden = frozenset(
        entry["indicator"]
        for chapter in content["chapters"]
        for entry in chapter["entries"]
        if gone & set(entry["releases"])
    )
    return Edition(number, content, hidden)


def key_of(region: str, number: int) -> str:
    """Names an edition."""
    return f"{region}_{number}"


def number_of(key: str) -> int:
    """The number in the name of an edition."""
    return int(key.rpartition("_")[2])


def edition_of(region: str, number: int) -> Edition | None:
    """A public edition. What was approved first under its number counts, whatever came later."""
    known = proposals.approved_versions(EDITION, key_of(region, number))
    if not known:
        return None
    first = min(known, key=lambda proposal: proposal.version)
    return shown(number, first.body)


def editions(region: str) -> tuple[Edition, ...]:
    """The public editions of a region, the newest first."""
    numbers = sorted(
        (number_of(p.key) for p in proposals.approved(EDITION) if p.key.startswith(f"{region}_")),
        reverse=True,
    )
    return tuple(found for number in numbers if (found := edition_of(region, number)))


def missing(wording: Wording) -> list[str]:
    """What the words of an edition lack, in the reader's language."""
    found: list[str] = []
    try:
        dt.date.fromisoformat(wording.decided)
    except ValueError:
        found.append(tk._("Enter the day of the decision."))
    if not wording.title.strip():
        found.append(tk._("An edition needs a title."))
    return found


def propose_edition(
    context: Context, report: Report, wording: Wording, organisation: str
) -> dict[str, Any]:
    """Freeze a report and send it to a second person.

    Args:
        context: names who writes.
        report: as it is public now.
        wording: title, day of the decision, foreword.
        organisation: id or name of the organisation that writes it.

    Returns:
        The submitted proposal.

    Raises:
        tk.ValidationError: no title, no day, or the document could not be made.
        tk.NotAuthorized: the account does not write for the organisation.
    """
    if errors := missing(wording):
        raise tk.ValidationError({"wording": errors})
    try:
        body = freeze(report, wording)
    except PrintingError as error:
        raise tk.ValidationError({"files": [error.text(frame.language())]}) from error
    number = first_free(lambda key: proposals.is_taken(EDITION, key), report.region)
    key = key_of(report.region, number)
    given = {"kind": EDITION, "key": key, "body": body, "organisation": organisation}
    saved = tk.get_action("sozialdaten_proposal_save")(context, given)
    return tk.get_action("sozialdaten_proposal_submit")(context, {"id": saved["id"]})


def first_free(taken: Callable[[str], bool], region: str) -> int:
    """The number of the next edition of a region."""
    number = 1
    while taken(key_of(region, number)):
        number += 1
    return number
