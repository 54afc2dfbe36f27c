"""Documents: the list by field of action, their text in the search, their pages to read."""

from ckanext.sozialdaten.portal.documents._indexing import document_text
from ckanext.sozialdaten.portal.documents._listing import Paper, linked, newest_files
from ckanext.sozialdaten.portal.documents._searching import Hit, found

__all__ = ["Hit", "Paper", "document_text", "found", "linked", "newest_files"]
