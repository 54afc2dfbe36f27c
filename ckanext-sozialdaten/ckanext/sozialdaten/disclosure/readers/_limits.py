"""The limits of archives, for whoever takes files in before they are read."""

import zipfile

from ckanext.sozialdaten.disclosure.readers._archive import members, open_zip
from ckanext.sozialdaten.disclosure.readers._common import Buffer, Raw

__all__ = ["plausible_archive"]


def plausible_archive(data: Buffer, name: str) -> zipfile.ZipFile:
    """An archive, or a workbook that is one, which is no bomb by what it says of itself.

    Raises:
        UnreadableFileError: damaged, encrypted, too large, or with paths that lead out of it.
    """
    raw = Raw(data, name)
    archive = open_zip(raw)
    members(raw, archive)
    return archive
