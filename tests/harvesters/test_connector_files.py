"""Files of SFTP servers and S3 buckets, against real servers on this machine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pytest
import yaml
from connector_world import Handler, Reply, Service, opened, options
from moto_world import moto_server, system_of
from s3_world import Bucket
from sftp_world import SftpServer

from ckanext.sozialdaten.harvesters.core.connectors import FetchError
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    AddressRefused,
    Busy,
    CredentialMissing,
    HostKeyRefused,
    LoginRefused,
    NotThere,
    ServiceRefused,
    Unreachable,
    WrongAnswer,
)
from ckanext.sozialdaten.harvesters.core.errors import TooLarge
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.lake.errors import LayoutError

Serve = Callable[[Handler], Service]
pytestmark = pytest.mark.usefixtures("web")
TABLE = b"key;value\n" + b"01056;1\n" * 200_000


@pytest.fixture(autouse=True)
def _login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_USER", "amt")
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_PASSWORD", "word-of-secret")
    sftp = "ckanext.sozialdaten.harvesters.core.connectors.sftp"
    monkeypatch.setattr(f"{sftp}._SETTLE_SECONDS", 0.02)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SftpServer]:
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "kita.csv").write_bytes(TABLE)
    server = SftpServer(folder)
    yield server
    server.close()


def sftp(server: SftpServer, **more: object) -> str:
    keys = {
        "username": "SOZIALDATEN_CREDENTIAL_USER",
        "password": "SOZIALDATEN_CREDENTIAL_PASSWORD",
    }
    said = {"type": "sftp", "host": "127.0.0.1", "port": server.port, "credentials": keys}
    return yaml.safe_dump({**said, "host_keys": [server.line], "folder": "/", **more})


def fetched(block: str) -> RawDelivery:
    source = opened(block)
    (ref,) = source.discover()
    return source.fetch(ref)


def test_a_file_of_a_known_server_arrives(office: SftpServer) -> None:
    raw = fetched(sftp(office))
    assert raw.name == "kita.csv"
    assert raw.path.read_bytes() == TABLE
    assert raw.path.stat().st_mode & 0o077 == 0


def test_a_server_with_another_key_is_refused_before_any_login(
    office: SftpServer, tmp_path: Path
) -> None:
    stranger = SftpServer(tmp_path)
    block = sftp(stranger, host_keys=[office.line])
    with pytest.raises(HostKeyRefused) as caught:
        list(opened(block).discover())
    assert stranger.logins == []
    assert "secret" not in caught.value.text()
    stranger.close()


def test_a_server_with_another_kind_of_key_is_refused_too(office: SftpServer) -> None:
    stranger = SftpServer(office.folder, paramiko.RSAKey.generate(2048))
    with pytest.raises(HostKeyRefused):
        list(opened(sftp(stranger, host_keys=[office.line])).discover())
    assert stranger.logins == []
    assert fetched(sftp(stranger)).size == len(TABLE), "its own key, of that kind, is fine"
    stranger.close()


def test_a_file_of_known_hosts_counts(office: SftpServer, tmp_path: Path) -> None:
    known = tmp_path / "known_hosts"
    known.write_text(f"[127.0.0.1]:{office.port} {office.line}\n")
    block = sftp(office, host_keys=[], known_hosts=str(known))
    assert fetched(block).size == len(TABLE)
    known.write_text(f"other.example {office.line}\n")
    with pytest.raises(HostKeyRefused):
        list(opened(block).discover())


def test_no_server_is_spoken_to_without_a_known_key(office: SftpServer) -> None:
    with pytest.raises(LayoutError, match=r"connector\.host_keys"):
        options(sftp(office, host_keys=[]))


def test_a_private_key_opens_the_door(
    office: SftpServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.user_key = paramiko.ECDSAKey.generate()
    office.user_key.write_private_key_file(str(tmp_path / "key"))
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_KEY", str(tmp_path / "key"))
    keys = {"username": "SOZIALDATEN_CREDENTIAL_USER", "key": "SOZIALDATEN_CREDENTIAL_KEY"}
    assert fetched(sftp(office, credentials=keys)).size == len(TABLE)
    (tmp_path / "key").unlink()
    with pytest.raises(CredentialMissing, match="SOZIALDATEN_CREDENTIAL_KEY"):
        fetched(sftp(office, credentials=keys))


def test_a_wrong_password_is_tried_once(
    office: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_PASSWORD", "wrong-of-secret")
    with pytest.raises(LoginRefused) as caught:
        fetched(sftp(office))
    assert office.logins == ["amt"]
    assert "secret" not in caught.value.text()


def test_links_folders_and_unfinished_files_are_passed_over(office: SftpServer) -> None:
    (office.folder / "sub.csv").mkdir()
    (office.folder / "link.csv").symlink_to("/etc/passwd")
    (office.folder / "x.csv.part").write_bytes(b"1")
    (office.folder / ".hidden.csv").write_bytes(b"1")
    (office.folder / "note.txt").write_bytes(b"1")
    source = opened(sftp(office, pattern="*.CSV|*.part"))
    refs = list(source.discover())
    assert [ref.name for ref in refs] == ["kita.csv"]
    (office.folder / "kita.csv").unlink()
    (office.folder / "kita.csv").symlink_to("/etc/passwd")
    with pytest.raises(NotThere):
        source.fetch(refs[0])


def test_the_oldest_comes_first_and_a_change_changes_the_marker(office: SftpServer) -> None:
    (office.folder / "a.csv").write_bytes(b"1")
    os.utime(office.folder / "kita.csv", (1, 1))
    first = list(opened(sftp(office)).discover())
    assert [ref.name for ref in first] == ["kita.csv", "a.csv"]
    (office.folder / "a.csv").write_bytes(b"22")
    second = list(opened(sftp(office)).discover())
    assert second[0] == first[0]
    assert second[1].marker != first[1].marker


def test_a_broken_transfer_goes_on_where_it_ended(office: SftpServer, tmp_path: Path) -> None:
    source = opened(sftp(office))
    (ref,) = source.discover()
    office.break_after = 800_000
    # what is on its way when the line breaks is lost: some of it has to be on disk
    office.may_break = lambda: any(part.stat().st_size for part in tmp_path.rglob("*.part"))
    with pytest.raises(Unreachable):
        source.fetch(ref)
    office.break_after, office.sent = None, 0
    assert source.fetch(ref).path.read_bytes() == TABLE
    assert office.sent < len(TABLE)


def test_too_large_a_file_is_not_begun(office: SftpServer) -> None:
    with pytest.raises(TooLarge):
        fetched(sftp(office, max_bytes=1000))
    assert office.sent == 0


def test_a_server_of_the_own_network_needs_the_operators_word(
    office: SftpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOZIALDATEN_PRIVATE_HOSTS")
    with pytest.raises(AddressRefused, match="private network"):
        fetched(sftp(office))


def test_a_silent_server_is_given_up() -> None:
    import socket
    import time

    silent = socket.create_server(("127.0.0.1", 0))
    host = {"type": "sftp", "host": "127.0.0.1", "port": silent.getsockname()[1]}
    keys = {"username": "SOZIALDATEN_CREDENTIAL_USER"}
    line = f"{paramiko.ECDSAKey.generate().get_name()} {paramiko.ECDSAKey.generate().get_base64()}"
    more = {"credentials": keys, "host_keys": [line], "read_seconds": 1, "seconds": 2}
    start = time.monotonic()
    with pytest.raises(FetchError):
        list(opened(yaml.safe_dump({**host, **more})).discover())
    assert time.monotonic() - start < 5
    silent.close()


def s3(service: Service, more: str = "") -> str:
    keys = (
        "credentials: {username: SOZIALDATEN_CREDENTIAL_USER,"
        " password: SOZIALDATEN_CREDENTIAL_PASSWORD}"
    )
    where = f"endpoint: '{service.url}', bucket: amt, retries: 1, {keys}"
    return f"{{type: s3, {where}{', ' if more else ''}{more}}}"


@pytest.fixture
def access(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_USER", "access-key")


OBJECTS = {
    "kita/2023 neu.csv": b"key;value\n" + b"01056;1\n" * 100,
    "kita/2024.csv": b"x;y\n1;2\n",
    "kita/sub/2025.csv": b"z\n",
    "kita/": b"",
    "kita/note.txt": b"n",
    "other/1.csv": b"o",
}


def test_a_bucket_is_listed_in_pages_and_its_files_arrive(serve: Serve, access: None) -> None:
    service = serve(Bucket(OBJECTS))
    source = opened(s3(service, "prefix: kita/, pattern: '*.csv'"))
    refs = list(source.discover())
    assert [ref.name for ref in refs] == ["2023_neu.csv", "2024.csv", "sub_2025.csv"]
    assert len(service.asked) == 3
    assert source.fetch(refs[0]).path.read_bytes() == OBJECTS["kita/2023 neu.csv"]
    assert all("word-of-secret" not in str(asked) for asked in service.asked)


def test_an_object_that_was_cut_off_goes_on(serve: Serve, access: None) -> None:
    bucket = Bucket({"a.csv": OBJECTS["kita/2023 neu.csv"]}, cut=300)
    raw = fetched(s3(serve(bucket)))
    assert raw.path.read_bytes() == OBJECTS["kita/2023 neu.csv"]
    assert bucket.ranges == ["", "bytes=300-"]


def test_an_object_has_another_marker_when_it_changes(serve: Serve, access: None) -> None:
    bucket = Bucket({"a.csv": b"1"})
    block = s3(serve(bucket))
    markers = [next(iter(opened(block).discover())).marker for _ in range(2)]
    bucket.objects["a.csv"] = b"2"
    markers.append(next(iter(opened(block).discover())).marker)
    assert markers[0] == markers[1] != markers[2]


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(b"<Error><Code>AccessDenied</Code></Error>", 403), LoginRefused),
        (Reply(b"<Error><Code>NoSuchBucket</Code></Error>", 404), NotThere),
        (Reply(b"<Error><Code>SlowDown</Code></Error>", 503), Busy),
        (Reply(b"<Error><Code>PermanentRedirect</Code></Error>", 301), ServiceRefused),
        (Reply(b"<html>"), WrongAnswer),
        (
            Reply(b'<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>'),
            WrongAnswer,
        ),
    ],
)
def test_no_error_of_a_bucket_passes_as_a_list(
    serve: Serve, access: None, reply: Reply, error: type[FetchError]
) -> None:
    with pytest.raises(error):
        list(opened(s3(serve(Bucket({}, refused=reply)))).discover())


def test_a_bucket_whose_list_never_ends_is_refused(serve: Serve, access: None) -> None:
    with pytest.raises(WrongAnswer, match="again and again"):
        list(opened(s3(serve(Bucket(OBJECTS, endless=True)))).discover())


def test_another_server_understands_our_signatures_and_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_NAME", "test")
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_SECRET", "test")
    with moto_server() as endpoint:
        system = system_of(endpoint)
        system.create_dir("amt")
        for name in ("kita/2023 neu.csv", "kita/2024.csv", "kita/ä+ö.csv", "andere/x.csv"):
            with system.open_output_stream(f"amt/{name}") as stream:
                stream.write(f"{name}\n".encode())
        given = "{username: SOZIALDATEN_CREDENTIAL_NAME, password: SOZIALDATEN_CREDENTIAL_SECRET}"
        source = opened(
            f"{{type: s3, endpoint: '{endpoint}', region: eu-central-1, bucket: amt,"
            f" prefix: kita/, pattern: '*.csv', credentials: {given}, retries: 0}}"
        )
        refs = list(source.discover())
        texts = {source.fetch(ref).path.read_text("utf-8").strip() for ref in refs}
        assert texts == {"kita/2023 neu.csv", "kita/2024.csv", "kita/ä+ö.csv"}
        with system.open_output_stream("amt/kita/2024.csv") as stream:
            stream.write(b"changed\n")
        again = {ref.name: ref.marker for ref in source.discover()}
        changed = [ref.name for ref in refs if again[ref.name] != ref.marker]
        assert len(changed) == 1
