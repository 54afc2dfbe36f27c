"""Connectors: from where a source's data lie to a file on this machine, one module for each kind.

``discover`` looks and writes nothing, so a dry run is just that; ``fetch`` brings one delivery.
"""

from ckanext.sozialdaten.harvesters.core.connectors._client import Progress
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
    is_remote,
    kinds,
    landing_folder,
)

__all__ = [
    "DropFolder",
    "FetchError",
    "GenesisFolder",
    "Progress",
    "Unchanged",
    "connection",
    "connector",
    "drop_folder",
    "is_remote",
    "kinds",
    "landing_folder",
    "raw_file",
]
