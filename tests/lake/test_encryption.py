"""What the process can say of encryption at rest: the file system of a folder and what is below."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ckanext.sozialdaten.lake import (
    Encryption,
    Lake,
    LakeSettings,
    SettingsError,
    Zone,
    encryption_of,
)


def _device(devices: Path, name: str, uuid: str = "", below: str = "") -> None:
    """A block device as the kernel shows it."""
    folder = devices / name
    (folder / "slaves").mkdir(parents=True)
    if uuid:
        (folder / "dm").mkdir()
        (folder / "dm" / "uuid").write_text(f"{uuid}\n")
    if below:
        (folder / "slaves" / below).mkdir()


@pytest.fixture
def devices(tmp_path: Path) -> Path:
    """A plain disk, LUKS on a second one, and a logical volume on LUKS."""
    folder = tmp_path / "devices"
    _device(folder, "sda1")
    _device(folder, "dm-0", "CRYPT-LUKS2-0123-lake", below="sdb1")
    _device(folder, "sdb1")
    _device(folder, "dm-1", "LVM-abcdef", below="dm-0")
    return folder


def _state(mounts: str, devices: Path, folder: str = "/srv/lake/restricted") -> Encryption:
    return encryption_of(folder, mounts, devices).state


def test_a_folder_on_a_plain_disk_is_not_encrypted(devices: Path) -> None:
    assert _state("/dev/sda1 / ext4 rw 0 0\n", devices) is Encryption.PLAIN


@pytest.mark.parametrize("device", ["dm-0", "dm-1"])
def test_luks_is_seen_also_below_a_logical_volume(devices: Path, device: str) -> None:
    mounts = f"/dev/sda1 / ext4 rw 0 0\n/dev/{device} /srv/lake ext4 rw 0 0\n"
    assert _state(mounts, devices) is Encryption.ENCRYPTED


def test_the_innermost_mount_counts(devices: Path) -> None:
    mounts = "/dev/dm-0 / ext4 rw 0 0\n/dev/sda1 /srv/lake ext4 rw 0 0\n"
    assert _state(mounts, devices) is Encryption.PLAIN
    assert _state(mounts, devices, "/srv/other") is Encryption.ENCRYPTED


def test_a_gocryptfs_folder_is_encrypted(devices: Path) -> None:
    mounts = "/dev/sda1 / ext4 rw 0 0\n/srv/crypt /srv/lake fuse.gocryptfs rw 0 0\n"
    assert _state(mounts, devices) is Encryption.ENCRYPTED


@pytest.mark.parametrize(
    ("mounts", "folder"),
    [
        ("overlay / overlay rw 0 0\n", "/srv/lake"),
        ("/dev/vda / ext4 rw 0 0\n", "/srv/lake"),
        ("", "/srv/lake"),
        ("/dev/sda1 / ext4 rw 0 0\n", "s3://bucket/restricted"),
    ],
)
def test_what_cannot_be_seen_is_unknown_and_never_taken_for_encrypted(
    devices: Path, mounts: str, folder: str
) -> None:
    assert _state(mounts, devices, folder) is Encryption.UNKNOWN


def test_this_machine_is_judged_without_an_error(tmp_path: Path) -> None:
    assert encryption_of(str(tmp_path)).reason


@pytest.mark.skipif(
    not (shutil.which("gocryptfs") and Path("/dev/fuse").exists()), reason="no gocryptfs here"
)
def test_a_lake_in_a_real_gocryptfs_folder_leaves_no_plain_bytes(tmp_path: Path) -> None:
    from lake_world import cells, delivery, figures, settings_in

    from ckanext.sozialdaten.lake import Lake, Zone

    cipher, plain = tmp_path / "cipher", tmp_path / "plain"
    cipher.mkdir()
    plain.mkdir()
    word = ["-q", "-extpass", "echo", "-extpass", "secret"]
    subprocess.run(["gocryptfs", "-init", "-scryptn", "10", *word, str(cipher)], check=True)
    mounted = subprocess.run(["gocryptfs", *word, str(cipher), str(plain)], check=False)
    if mounted.returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        with Lake.open(settings_in(plain)) as lake:
            lake.append(Zone.RESTRICTED, delivery("2024-01-10", "a"), cells({"01056001": 70411}))
            assert figures(lake) == {"01056001": 70411}
            lake.tidy(Zone.RESTRICTED)
        assert encryption_of(str(plain)).state is Encryption.ENCRYPTED
        stored = [path for path in cipher.rglob("*") if path.is_file()]
        assert stored
        assert not any(b"PAR1" in path.read_bytes() for path in stored)
    finally:
        subprocess.run(["fusermount", "-u", str(plain)], check=False)


def _lake(folder: Path, **more: str) -> Lake:
    given = {
        "SOZIALDATEN_LAKE_RESTRICTED": str(folder / "restricted"),
        "SOZIALDATEN_LAKE_RESTRICTED_CATALOG": f"sqlite:///{folder}/catalogue.db",
        **more,
    }
    return Lake(LakeSettings.from_environment(given))


def _used(lake: Lake) -> object:
    return lake.series(Zone.RESTRICTED)


@pytest.mark.parametrize("mode", [0o755, 0o701, 0o752])
def test_a_restricted_folder_that_others_may_enter_is_refused(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "restricted"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(SettingsError, match="open to every account") as caught:
        _used(_lake(tmp_path))
    assert "chmod" in caught.value.text("en")
    folder.chmod(0o750)
    _used(_lake(tmp_path))


def test_a_folder_that_the_lake_makes_is_closed(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        _used(_lake(tmp_path))
    finally:
        os.umask(before)
    assert (tmp_path / "restricted").stat().st_mode & 0o007 == 0


def test_nothing_is_written_where_the_encrypting_file_system_is_not_mounted(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError, match="not mounted"):
        _used(_lake(tmp_path, SOZIALDATEN_LAKE_RESTRICTED_MOUNT=str(tmp_path)))
    assert not (tmp_path / "restricted").exists()


def test_a_folder_beside_the_mounted_file_system_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not lie on /proc"):
        _used(_lake(tmp_path, SOZIALDATEN_LAKE_RESTRICTED_MOUNT="/proc"))
    _used(_lake(tmp_path, SOZIALDATEN_LAKE_RESTRICTED_MOUNT="/"))
