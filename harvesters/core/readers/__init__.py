"""Readers: a file of any format that sources deliver, as tidy observations.

Each format is a module with a :class:`Reader`; the registry asks all of them how sure they are of a
file and takes the surest. What they share lies beside: opening safely, cells, times, regions.
"""

from ckanext.sozialdaten.harvesters.core.readers._draft import draft_layout
from ckanext.sozialdaten.harvesters.core.readers._opened import Opened
from ckanext.sozialdaten.harvesters.core.readers._ports import (
    COLUMNS,
    Reader,
    Recognition,
    Settings,
)
from ckanext.sozialdaten.harvesters.core.readers._regions import gemeinde_named as region_named
from ckanext.sozialdaten.harvesters.core.readers._regions import key_of as region_key
from ckanext.sozialdaten.harvesters.core.readers._registry import (
    convention,
    formats,
    read_file,
    reader_for,
)

__all__ = [
    "COLUMNS",
    "Opened",
    "Reader",
    "Recognition",
    "Settings",
    "convention",
    "draft_layout",
    "formats",
    "read_file",
    "reader_for",
    "region_key",
    "region_named",
]
