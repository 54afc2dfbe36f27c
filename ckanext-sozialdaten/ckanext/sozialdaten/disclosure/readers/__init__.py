"""Reading of files that shall be checked: every table of every sheet, every text around."""

from ckanext.sozialdaten.disclosure.readers._paths import read_paths

__all__ = ["read_paths"]
