"""Finding and reading sources: the project's own and those of ``SOZIALDATEN_SOURCES``."""

from pathlib import Path

from ckanext.sozialdaten.harvesters.core._source_files import read_source, source_files
from ckanext.sozialdaten.harvesters.core.source import Source

__all__ = ["list_sources", "load_source"]


def load_source(path_or_name: str | Path) -> Source:
    """Read the YAML of a source, by path or by its id.

    Raises:
        SourceError: no such file, or it says something that cannot be; names key and way out.
    """
    return read_source(path_or_name)


def list_sources() -> list[str]:
    """The ids of all sources that the installation knows, sorted.

    Besides the sources that the project ships, ``SOZIALDATEN_SOURCES`` may name further folders.
    """
    return sorted(source_files())
