"""Reading of files that shall be checked: every table of every sheet, every text around."""

from ckanext.sozialdaten.disclosure.readers._limits import plausible_archive
from ckanext.sozialdaten.disclosure.readers._paths import read_paths

__all__ = ["plausible_archive", "read_paths"]
