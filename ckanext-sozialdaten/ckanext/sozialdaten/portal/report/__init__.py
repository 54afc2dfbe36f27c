"""The Sozialbericht of a region: its headline figures by field of action, told in sentences."""

from ckanext.sozialdaten.portal.report._build import Chapter, Entry, Report, report_of
from ckanext.sozialdaten.portal.report._files import rows_of

__all__ = ["Chapter", "Entry", "Report", "report_of", "rows_of"]
