"""Upload, check, submit, approve documents: as the offices do it on the pages of the portal."""

from ckanext.sozialdaten.demo._accounts import EDITOR, ORGANISATION, REVIEWER
from ckanext.sozialdaten.demo._portal import Portal, PortalRefusedError
from ckanext.sozialdaten.demo.documents import PAPERS, DemoPaper
from ckanext.sozialdaten.demo.kreis import KREIS

__all__ = ["release_papers"]

_POLICY = "amtliche-statistik-3"
_REASON = "Gelesen, keine Angaben zu Personen (Vorführung)."


def release_papers(portal: Portal) -> list[str]:
    """Publish the documents that are not there yet.

    Returns:
        the names of those that this run published.

    Raises:
        PortalRefusedError: the gate refused one; says why.
    """
    missing = [paper for paper in PAPERS if not _is_public(portal, paper)]
    for paper in missing:
        _release(portal, paper)
    return [paper.name for paper in missing]


def _is_public(portal: Portal, paper: DemoPaper) -> bool:
    try:
        return not portal.call("package_show", None, id=paper.name)["private"]
    except PortalRefusedError as error:
        if error.status in (403, 404):
            return False
        raise


def _working_copy(portal: Portal, paper: DemoPaper) -> str:
    """The working copy with its file: of a run that broke off, or a new one."""
    try:
        known = portal.call("package_show", EDITOR, id=paper.name)
    except PortalRefusedError as error:
        if error.status not in (403, 404):
            raise
        known = portal.call(
            "package_create",
            EDITOR,
            name=paper.name,
            title=paper.title,
            notes=paper.notes,
            owner_org=ORGANISATION,
            license_id="dl-de/zero-2-0",
            document_kind=paper.kind,
            social_theme=list(paper.themes),
            indicators=list(paper.indicators),
            regions=[KREIS],
            temporal_coverage=[{"start": paper.year, "end": paper.year}],
        )
    if not known["resources"]:
        portal.upload(
            "resource_create",
            EDITOR,
            (paper.file, paper.content),
            package_id=known["id"],
            name=paper.title,
        )
    return str(known["id"])


def _release(portal: Portal, paper: DemoPaper) -> None:
    working_copy = _working_copy(portal, paper)
    portal.call("sozialdaten_check", EDITOR, id=working_copy)
    submission = portal.call(
        "sozialdaten_submit",
        EDITOR,
        id=working_copy,
        purpose="Information der Öffentlichkeit und der Gremien des Kreises",
        legal_basis="sgb10-67c",
        policy=_POLICY,
    )
    portal.call("sozialdaten_review_approve", REVIEWER, id=submission["id"], reason=_REASON)
