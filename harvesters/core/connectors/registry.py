"""Which connectors there are, and how a source's ``connector:`` block becomes one."""

import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from ckanext.sozialdaten.harvesters.core.connectors import (
    arcgis,
    ckan,
    dcat,
    eurostat,
    genesis,
    http,
    inkar,
    kommonitor,
    s3,
    sftp,
    wegweiser,
    wfs,
)
from ckanext.sozialdaten.harvesters.core.connectors._catalogue import Entry
from ckanext.sozialdaten.harvesters.core.connectors._client import Progress
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors._slots import slot
from ckanext.sozialdaten.harvesters.core.connectors.folder import (
    DropFolder,
    GenesisFolder,
    Origin,
    drop_folder,
)
from ckanext.sozialdaten.harvesters.core.ledger import state_folder
from ckanext.sozialdaten.harvesters.core.ports import Connector, RawDelivery, Ref
from ckanext.sozialdaten.harvesters.core.source import Connection
from ckanext.sozialdaten.harvesters.core.storage import storage_folder
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["connection", "connector", "entries", "is_remote", "keys_of", "kinds", "landing_folder"]

_LOCKS = 64
_PATIENCE = 900.0
_FOLDER_KEYS = ("pattern", "folder", "max_bytes", "table")


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of connector.

    Args:
        keys: keys of its block, besides ``type``.
        read: options from the block; None for folders, whose options are the connection's own.
        open: the connector from its setting and its options.
    """

    keys: tuple[str, ...]
    read: Callable[[Section], object] | None
    open: Callable[[Setting, Any], Connector] | None


_KINDS: Mapping[str, _Kind] = MappingProxyType(
    {
        "file": _Kind(_FOLDER_KEYS, None, None),
        "genesis": _Kind(_FOLDER_KEYS, None, None),
        "http": _Kind(http.KEYS, http.HttpOptions.read, http.HttpConnector),
        "genesis-api": _Kind(genesis.KEYS, genesis.GenesisOptions.read, genesis.GenesisConnector),
        "eurostat": _Kind(eurostat.KEYS, eurostat.EurostatOptions.read, eurostat.EurostatConnector),
        "ckan": _Kind(ckan.KEYS, ckan.CkanOptions.read, ckan.CkanConnector),
        "dcat": _Kind(dcat.KEYS, dcat.DcatOptions.read, dcat.DcatConnector),
        "kommonitor": _Kind(
            kommonitor.KEYS, kommonitor.KomMonitorOptions.read, kommonitor.KomMonitorConnector
        ),
        "arcgis": _Kind(arcgis.KEYS, arcgis.ArcgisOptions.read, arcgis.ArcgisConnector),
        "wegweiser": _Kind(
            wegweiser.KEYS, wegweiser.WegweiserOptions.read, wegweiser.WegweiserConnector
        ),
        "inkar": _Kind(inkar.KEYS, inkar.InkarOptions.read, inkar.InkarConnector),
        "wfs": _Kind(wfs.KEYS, wfs.WfsOptions.read, wfs.WfsConnector),
        "sftp": _Kind(sftp.KEYS, sftp.SftpOptions.read, sftp.SftpConnector),
        "s3": _Kind(s3.KEYS, s3.S3Options.read, s3.S3Connector),
    }
)


@dataclass(frozen=True, slots=True)
class _OneAtATime:
    """A connector that never brings one delivery twice at a time: both would write one file.

    A preview in the browser and a worker may well want the same delivery at the same moment.
    """

    inner: Connector
    source: str

    def discover(self) -> Iterator[Ref]:
        """As the connector does."""
        return self.inner.discover()

    def fetch(self, ref: Ref) -> RawDelivery:
        """As the connector does, after whoever fetches the same delivery now.

        Raises:
            Busy: that takes too long.
        """
        name = f"{self.source}.{zlib.crc32(ref.name.encode()) % _LOCKS}"
        deadline = time.monotonic() + _PATIENCE
        with slot(state_folder() / "fetching", name, 1, deadline, time.sleep):
            return self.inner.fetch(ref)


def kinds() -> tuple[str, ...]:
    """The types of connectors that a source may name."""
    return tuple(_KINDS)


def keys_of(type_: str) -> tuple[str, ...]:
    """The keys that the block of a connector may have, besides ``type``."""
    return _KINDS[type_].keys


def is_remote(type_: str) -> bool:
    """Whether deliveries are fetched, rather than found in a folder of this machine."""
    return _KINDS[type_].open is not None


def connection(section: Section) -> Connection:
    """What the ``connector:`` block of a source says.

    Args:
        section: the whole source.

    Raises:
        LayoutError: an unknown type, or a key that is missing, unknown or wrong; it is named.
    """
    raw = section.raw("connector")
    named = cast("Mapping[str, object]", raw if section.is_mapping("connector") else {})
    type_ = str(named.get("type", ""))
    if type_ not in _KINDS:
        raise section.wrong(
            "connector.type", "{where} must be one of {allowed}.", allowed=", ".join(_KINDS)
        )
    kind = _KINDS[type_]
    inner = section.section("connector", ("type", *kind.keys))
    plain = Connection(type_)
    limit = inner.integer("max_bytes", plain.max_bytes)
    if kind.read is not None:
        return Connection(type_, max_bytes=limit, options=kind.read(inner))
    folder = inner.text("folder", "")
    if folder and not Path(folder).is_absolute():
        raise inner.wrong("folder", "{where} must be an absolute path.")
    return Connection(
        type=type_,
        pattern=inner.text("pattern", plain.pattern),
        folder=folder,
        max_bytes=limit,
        table=inner.text("table", ""),
    )


def landing_folder(source: Origin) -> Path:
    """The folder in which a fetched delivery lies: the drop folder, or one of the restricted area.

    Args:
        source: whose deliveries they are.
    """
    if is_remote(source.connection.type):
        return storage_folder() / source.id / "landing"
    return drop_folder(source)


def entries(source: Origin, progress: Callable[[Progress], None]) -> Iterator[Entry]:
    """The datasets of the catalogue that the source's YAML names; none if it names no catalogue.

    Raises:
        FetchError: a page cannot be had: half a catalogue is none.
    """
    kind = _KINDS[source.connection.type]
    setting = Setting(source.id, landing_folder(source), progress)
    found = kind.open(setting, source.connection.options) if kind.open else None
    if isinstance(found, ckan.CkanConnector | dcat.DcatConnector):
        yield from found.entries()


def connector(source: Origin, progress: Callable[[Progress], None] = lambda _: None) -> Connector:
    """The connector that the source's YAML names.

    Args:
        source: whose deliveries are wanted; an id and a connection suffice.
        progress: told how far a fetch is.
    """
    kind = _KINDS[source.connection.type]
    if kind.open is not None:
        setting = Setting(source.id, landing_folder(source), progress)
        return _OneAtATime(kind.open(setting, source.connection.options), source.id)
    folder = GenesisFolder if source.connection.type == "genesis" else DropFolder
    return folder(source, drop_folder(source))
