"""The audit: check and attack over a whole back catalogue, of a folder or of a CKAN portal.

Tables that speak of the same thing are attacked as one system. Finished work is kept in a state
file, so that an interrupted audit goes on where it stopped.
"""

from ckanext.sozialdaten.disclosure.audit._fetch import Fetcher, FetchError
from ckanext.sozialdaten.disclosure.audit._html import as_html
from ckanext.sozialdaten.disclosure.audit._portal import portal_items
from ckanext.sozialdaten.disclosure.audit._report import Audit, Table
from ckanext.sozialdaten.disclosure.audit._run import Item, audit, folder_items

__all__ = [
    "Audit",
    "FetchError",
    "Fetcher",
    "Item",
    "Table",
    "as_html",
    "audit",
    "folder_items",
    "portal_items",
]
