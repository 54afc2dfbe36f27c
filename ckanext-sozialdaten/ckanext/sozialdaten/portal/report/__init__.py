"""The Sozialbericht of a region: its headline figures by field of action, told in sentences."""

from ckanext.sozialdaten.portal.report._aim_kinds import aim_kinds
from ckanext.sozialdaten.portal.report._aims import Measure, progress_name
from ckanext.sozialdaten.portal.report._build import Chapter, Entry, Report, report_of
from ckanext.sozialdaten.portal.report._edition_kind import edition_kind
from ckanext.sozialdaten.portal.report._editions import Wording, propose_edition
from ckanext.sozialdaten.portal.report._files import rows_of

__all__ = [
    "Chapter",
    "Entry",
    "Measure",
    "Report",
    "Wording",
    "aim_kinds",
    "edition_kind",
    "progress_name",
    "propose_edition",
    "report_of",
    "rows_of",
]
