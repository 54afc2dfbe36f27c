"""Connectors: from where a source's data lie to a file on this machine, one module for each kind.

``discover`` looks and writes nothing, so a dry run is just that; ``fetch`` brings one delivery.
"""

from ckanext.sozialdaten.harvesters.core.connectors._catalogue import Entry, EntryFile
from ckanext.sozialdaten.harvesters.core.connectors._client import Progress
from ckanext.sozialdaten.harvesters.core.connectors._facts import THEMES, Facts
from ckanext.sozialdaten.harvesters.core.connectors.errors import FetchError, Unchanged
from ckanext.sozialdaten.harvesters.core.connectors.folder import (
    DropFolder,
    GenesisFolder,
    drop_folder,
    raw_file,
)
from ckanext.sozialdaten.harvesters.core.connectors.registry import (
    connection,
    connector,
    entries,
    is_remote,
    kinds,
    landing_folder,
)

__all__ = [
    "THEMES",
    "DropFolder",
    "Entry",
    "EntryFile",
    "Facts",
    "FetchError",
    "GenesisFolder",
    "Progress",
    "Unchanged",
    "connection",
    "connector",
    "drop_folder",
    "entries",
    "is_remote",
    "kinds",
    "landing_folder",
    "raw_file",
]
