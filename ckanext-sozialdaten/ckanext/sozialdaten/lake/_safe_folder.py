"""A folder of the lake is used only where it is closed to others and where its encryption is there.

A file system that encrypts (LUKS, gocryptfs) and is not mounted leaves an empty folder behind: what
is written there lies open on the disk below, and vanishes from view with the next mount.
"""

import os
import stat
from pathlib import Path

from ckanext.sozialdaten.lake.errors import SettingsError
from ckanext.sozialdaten.messages import Message

__all__ = ["require_closed", "require_mounted"]


def require_mounted(warehouse: str, mount: str) -> None:
    """The file system that is to hold a folder is mounted, and holds it.

    Args:
        warehouse: the folder; it need not exist.
        mount: where the file system is mounted; empty: nothing is asked.

    Raises:
        SettingsError: it is not, or the folder lies elsewhere.
    """
    if not mount:
        return
    names = {"mount": mount, "folder": warehouse}
    if not os.path.ismount(mount):
        raise SettingsError(
            Message("The file system {mount} that encrypts the lake is not mounted.", names),
            Message("Mount it and try again; until then nothing is read or written."),
        )
    if not Path(warehouse).resolve().is_relative_to(Path(mount).resolve()):
        raise SettingsError(
            Message("The folder {folder} of the lake does not lie on {mount}.", names),
            Message("Move it there, or change SOZIALDATEN_LAKE_<ZONE>_MOUNT."),
        )


def require_closed(folder: Path) -> None:
    """No other account of the machine may enter, list or write the folder.

    Raises:
        SettingsError: others have rights to it.
    """
    if stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO:
        raise SettingsError(
            Message(
                "The folder {folder} of the restricted zone is open to every account of this"
                " machine.",
                {"folder": str(folder)},
            ),
            Message("Close it: chmod -R o-rwx {folder}", {"folder": str(folder)}),
        )
