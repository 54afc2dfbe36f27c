"""Keeping a new source: its description is checked, tried on the sample, then written as a file."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.harvesters.core._source_files import own_folder, read_source
from ckanext.sozialdaten.harvesters.core.connectors import raw_file
from ckanext.sozialdaten.harvesters.core.errors import SourceError
from ckanext.sozialdaten.harvesters.core.plan import plan
from ckanext.sozialdaten.harvesters.core.ports import Plan, RawDelivery
from ckanext.sozialdaten.harvesters.core.source import Source
from ckanext.sozialdaten.harvesters.core.sources import list_sources
from ckanext.sozialdaten.messages import Message

__all__ = ["checked", "keep", "tried"]


def checked(text: str) -> Source:
    """The source that a description says.

    Raises:
        SourceError: it says something that cannot be; names key and way out.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quelle.yaml"
        path.write_text(text, encoding="utf-8")
        return read_source(path)


def tried(source: Source, sample: Path, name: str) -> Plan:
    """What the sample would become: a dry run that stores nothing.

    Raises:
        DeliveryError: the sample does not fit the description.
    """
    read = raw_file(source, sample)
    raw = RawDelivery(source.id, name, sample, read.digest, read.captured_at, read.size)
    return plan(source, raw, Register.default(), datetime.now(UTC).date())


def keep(text: str) -> Path:
    """Write a description into the folder of the installation's own sources.

    Raises:
        SourceError: it is wrong, its id is taken, or there is no such folder.
    """
    source = checked(text)
    if source.id in list_sources():
        raise SourceError(
            Message("There is a source “{name}” already.", {"name": source.id}),
            Message("Choose another identifier."),
        )
    path = own_folder() / f"{source.id}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise SourceError(
            Message("There is a source “{name}” already.", {"name": source.id}),
            Message("Choose another identifier."),
            Place(file=path.name),
        ) from error
    finally:
        part.unlink()
    return path
