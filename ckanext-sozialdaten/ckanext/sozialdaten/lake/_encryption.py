"""Whether a zone lies encrypted at rest, as far as the system of this machine can say.

Neither PyIceberg nor DuckDB reads Parquet's own encryption within an Iceberg table: keys of columns
would have to travel through metadata that neither writes. So the file system encrypts: LUKS below
it, or gocryptfs or fscrypt as the folder itself. What the process can see of that is told; a disk
that a hypervisor encrypts cannot be seen from within.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

__all__ = ["Encryption", "EncryptionFound", "encryption_of"]

_STACKED = ("fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "ecryptfs")


class Encryption(StrEnum):
    """What is known of a folder."""

    ENCRYPTED = "encrypted"
    PLAIN = "not encrypted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EncryptionFound:
    """A verdict on a folder.

    Args:
        state: what is known.
        reason: by what, in English.
    """

    state: Encryption
    reason: str


def encryption_of(
    warehouse: str, mounts: str | None = None, devices: Path = Path("/sys/class/block")
) -> EncryptionFound:
    """Look at the file system of a zone's folder and at the devices below it.

    Args:
        warehouse: folder, or address of a bucket.
        mounts: content of ``/proc/self/mounts``; default: of this process.
        devices: folder of the kernel's block devices.
    """
    if "://" in warehouse and not warehouse.startswith("file://"):
        return EncryptionFound(Encryption.UNKNOWN, "a bucket: see its own encryption settings")
    folder = Path(warehouse.removeprefix("file://"))
    if mounts is None:
        table = Path("/proc/self/mounts")
        mounts = table.read_text(encoding="utf-8") if table.exists() else ""
    device, kind = _mount(folder, mounts)
    if kind in _STACKED:
        return EncryptionFound(Encryption.ENCRYPTED, kind)
    if not device.startswith("/dev/"):
        return EncryptionFound(Encryption.UNKNOWN, f"file system {kind or 'not found'}")
    below = _below(Path(device).resolve().name, devices)
    if not below:
        return EncryptionFound(Encryption.UNKNOWN, f"{device} is no device that can be seen here")
    crypts = [name for name, uuid in below.items() if uuid.startswith("CRYPT-")]
    if crypts:
        return EncryptionFound(Encryption.ENCRYPTED, f"dm-crypt on {crypts[0]} below {device}")
    return EncryptionFound(Encryption.PLAIN, f"{device} ({kind}) lies on no dm-crypt device")


def _mount(folder: Path, mounts: str) -> tuple[str, str]:
    """Device and type of the file system that holds a folder; the innermost, last mounted one."""
    found, depth = ("", ""), -1
    real = folder.resolve()
    for line in mounts.splitlines():
        device, point, kind = (part.replace("\\040", " ") for part in line.split(" ")[:3])
        inside = real.is_relative_to(point)
        if inside and len(Path(point).parts) >= depth:
            found, depth = (device, kind), len(Path(point).parts)
    return found


def _below(name: str, devices: Path) -> dict[str, str]:
    """A block device and all below it, each with the identifier of its mapping or nothing."""
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop()
        folder = devices / one
        if one in found or not folder.exists():
            continue
        uuid = folder / "dm" / "uuid"
        found[one] = uuid.read_text(encoding="ascii").strip() if uuid.exists() else ""
        slaves = folder / "slaves"
        waiting += [path.name for path in slaves.iterdir()] if slaves.is_dir() else []
    return found
