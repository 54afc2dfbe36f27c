"""Files by link, and the client under every connector: limits that hold whatever a service does."""

import datetime as dt
import ipaddress
import logging
import ssl
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest
from connector_world import Asked, Handler, Reply, Service, Some, drip, lying, opened, options
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from harvest_world import Installation

from ckanext.sozialdaten.harvesters.core.connectors import (
    FetchError,
    Progress,
    Unchanged,
    connector,
    landing_folder,
)
from ckanext.sozialdaten.harvesters.core.connectors._client import Client, Limits, Request
from ckanext.sozialdaten.harvesters.core.connectors.errors import (
    AddressRefused,
    Busy,
    CredentialMissing,
    LoginRefused,
    NoData,
    NotThere,
    ServiceRefused,
    TookTooLong,
    Unreachable,
    WrongAnswer,
)
from ckanext.sozialdaten.harvesters.core.connectors.paginators import Offset, pages
from ckanext.sozialdaten.harvesters.core.errors import TooLarge
from ckanext.sozialdaten.harvesters.core.ledger import Ledger, Outcome, state_folder
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery
from ckanext.sozialdaten.lake.errors import LayoutError

TABLE = b"key;value\n" + b"01056;1\n" * 500
Serve = Callable[[Handler], Service]


pytestmark = pytest.mark.usefixtures("web")


def link(service: Service, more: str = "", path: str = "/files/table.csv") -> str:
    return f"{{type: http, url: '{service.url}{path}', retries: 2{', ' if more else ''}{more}}}"


def fetched(block: str) -> RawDelivery:
    source = opened(block)
    (ref,) = source.discover()
    return source.fetch(ref)


def always(reply: Reply) -> Handler:
    return lambda _: reply


def client(service: Service, folder: Path, **limits: float) -> Client:
    return Client(
        ("127.0.0.1",),
        folder,
        Limits(**limits),
        private_hosts=("127.0.0.1",),  # type: ignore[arg-type]
    )


def test_a_file_arrives_with_all_its_bytes(serve: Serve) -> None:
    raw = fetched(link(serve(always(Reply(TABLE)))))
    assert raw.name == "table.csv"
    assert raw.path.read_bytes() == TABLE
    assert raw.path.parent == landing_folder(Some(options("{type: http, url: 'http://a.example'}")))


def test_looking_writes_nothing(serve: Serve, installation: Installation) -> None:
    before = lying(installation.folder)
    service = serve(always(Reply(TABLE, headers={"ETag": '"1"'})))
    (ref,) = opened(link(service)).discover()
    assert ref.marker == '"1"'
    assert ref.size == len(TABLE)
    assert service.paths() == ["HEAD /files/table.csv"]
    new = set(lying(installation.folder)) - set(before)
    assert all(name.startswith("127.0.0.1.") for name in new), "only the locks of hosts"


def test_what_was_dealt_with_is_asked_for_conditionally(serve: Serve) -> None:
    def answer(asked: Asked) -> Reply:
        known = asked.headers.get("If-None-Match") == '"v1"'
        return Reply(TABLE, 304 if known else 200, {"ETag": '"v1"'})

    service = serve(answer)
    raw = fetched(link(service))
    fetched(link(service))  # nobody has stored it yet: it must come again
    Ledger(state_folder() / raw.source).record(raw, Outcome.DONE)
    with pytest.raises(Unchanged):
        fetched(link(service))


def test_a_service_without_head_and_validators_is_fetched_each_time(serve: Serve) -> None:
    service = serve(lambda asked: Reply(TABLE, 405 if asked.method == "HEAD" else 200))
    source = opened(link(service))
    assert len({next(iter(source.discover())).marker for _ in range(2)}) == 2
    assert fetched(link(service)).digest == fetched(link(service)).digest


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Reply(b"", 401), LoginRefused),
        (Reply(b"", 404), NotThere),
        (Reply(b"", 400), ServiceRefused),
        (Reply(b"", 500), Busy),
        (Reply(b"", 503), Busy),
        (Reply(b"\xef\xbb\xbf<!DOCTYPE html><title>Wartung</title>"), WrongAnswer),
        (Reply(b"<html><body>moved</body></html>", 404), NotThere),
        (Reply(b""), NoData),
        (Reply(TABLE, cut=100), WrongAnswer),
    ],
)
def test_each_failure_has_its_name_and_leaves_no_file(
    serve: Serve, installation: Installation, reply: Reply, error: type[FetchError]
) -> None:
    service = serve(lambda asked: reply if asked.method == "GET" else Reply(status=405))
    with pytest.raises(error) as caught:
        fetched(link(service))
    assert caught.value.place
    assert caught.value.text("de") != caught.value.text("en")
    landing = landing_folder(Some(options(link(service))))
    assert not (landing / "table.csv").exists()


def test_a_busy_service_is_asked_again_and_retry_after_is_kept(serve: Serve) -> None:
    replies = [Reply(b"", 429, {"Retry-After": "1"}), Reply(b"", 500)]
    gets = [0.0]

    def answer(asked: Asked) -> Reply:
        if asked.method == "HEAD":
            return Reply(status=405)
        gets.append(time.monotonic())
        return replies.pop(0) if replies else Reply(TABLE)

    assert fetched(link(serve(answer))).path.read_bytes() == TABLE
    assert gets[2] - gets[1] >= 1.0
    assert len(gets) == 4


def test_a_date_in_retry_after_counts_and_too_long_a_wait_ends_at_once(serve: Serve) -> None:
    late = formatdate(time.time() + 7000, usegmt=True)
    service = serve(always(Reply(b"", 429, {"Retry-After": late})))
    start = time.monotonic()
    with pytest.raises(Busy):
        fetched(link(service, "seconds: 60"))
    assert time.monotonic() - start < 5


def test_a_login_is_tried_once(serve: Serve) -> None:
    service = serve(always(Reply(b"", 401)))
    with pytest.raises(LoginRefused):
        fetched(link(service))
    assert service.paths() == ["HEAD /files/table.csv", "GET /files/table.csv"]


def test_an_interrupted_download_goes_on_where_it_ended(serve: Serve) -> None:
    ranges: list[str] = []

    def answer(asked: Asked) -> Reply:
        wanted = asked.headers.get("Range", "")
        if asked.method == "HEAD":
            return Reply(TABLE, headers={"ETag": '"v1"'})
        ranges.append(wanted)
        if not wanted:
            return Reply(TABLE, headers={"ETag": '"v1"'}, cut=1000)
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        assert asked.headers["If-Range"] == '"v1"'
        told = f"bytes {start}-{len(TABLE) - 1}/{len(TABLE)}"
        return Reply(TABLE[start:], 206, {"ETag": '"v1"', "Content-Range": told})

    assert fetched(link(serve(answer))).path.read_bytes() == TABLE
    assert ranges == ["", "bytes=1000-"]


def test_a_later_run_goes_on_too_but_not_with_another_version(serve: Serve) -> None:
    version = ['"v1"']

    def answer(asked: Asked) -> Reply:
        headers = {"ETag": version[0]}
        wanted = asked.headers.get("Range", "")
        if wanted and asked.headers["If-Range"] == version[0]:
            raise AssertionError("the old version is gone")
        body = TABLE if version[0] == '"v1"' else TABLE.upper()
        return Reply(body, headers=headers, cut=700 if version[0] == '"v1"' else None)

    service = serve(answer)
    with pytest.raises(WrongAnswer):
        fetched(link(service, "retries: 0").replace("retries: 2, ", ""))
    version[0] = '"v2"'
    assert fetched(link(service)).path.read_bytes() == TABLE.upper()


@pytest.mark.parametrize("announced", [True, False])
def test_too_large_a_file_ends_before_it_fills_the_disk(serve: Serve, announced: bool) -> None:
    headers = {} if announced else {"Transfer-Encoding": "chunked", "Content-Length": "0"}
    if announced:
        service = serve(always(Reply(TABLE)))
    else:
        body = b"".join(b"3e8\r\n" + b"x" * 1000 + b"\r\n" for _ in range(50))
        del headers["Content-Length"]
        service = serve(lambda a: Chunked(body) if a.method == "GET" else Reply(status=405))
    with pytest.raises(TooLarge):
        fetched(link(service, "max_bytes: 1500"))
    assert lying(landing_folder(Some(options(link(service))))) == []


def Chunked(body: bytes) -> Reply:  # noqa: N802 - reads as a kind of reply
    return Reply(body, headers={"Transfer-Encoding": "chunked", "Content-Length": ""})


@pytest.mark.parametrize(
    "text", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"]
)
def test_a_drip_of_bytes_ends_at_the_deadline(text: bytes) -> None:
    ports: list[int] = []
    server = drip(ports, text)
    block = f"{{type: http, url: 'http://127.0.0.1:{ports[0]}/x.csv', seconds: 1, retries: 0}}"
    source = opened(block)
    start = time.monotonic()
    with pytest.raises(FetchError) as caught:
        source.fetch(next(iter(source.discover())))
    server.close()
    assert time.monotonic() - start < 4
    assert isinstance(caught.value, TookTooLong | Unreachable | WrongAnswer)


def test_this_machine_is_no_address_unless_the_operator_says_so(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serve(always(Reply(TABLE)))
    monkeypatch.delenv("SOZIALDATEN_PRIVATE_HOSTS")
    with pytest.raises(AddressRefused, match="private network"):
        fetched(link(service))
    assert service.asked == []


def test_a_redirect_to_a_private_address_is_refused(serve: Serve) -> None:
    inner = serve(always(Reply(TABLE)))
    port = inner.url.rsplit(":", 1)[1]
    service = serve(always(Reply(b"", 302, {"Location": f"http://localhost:{port}/secret"})))
    with pytest.raises(AddressRefused, match="localhost"):
        fetched(link(service))
    with pytest.raises(AddressRefused, match="private network"):
        fetched(link(service, "hosts: ['*']"))
    assert inner.asked == []


def test_a_redirect_does_not_carry_the_login_to_another_origin(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = serve(always(Reply(TABLE)))
    service = serve(always(Reply(b"", 302, {"Location": f"{other.url}/t.csv"})))
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_TOKEN", "word-of-secret")
    fetched(link(service, "credentials: {token: SOZIALDATEN_CREDENTIAL_TOKEN}"))
    assert service.asked[0].headers["Authorization"] == "Bearer word-of-secret"
    assert all("Authorization" not in asked.headers for asked in other.asked)


def test_a_circle_of_redirects_ends(serve: Serve) -> None:
    service = serve(always(Reply(b"", 302, {"Location": "/again"})))
    with pytest.raises(AddressRefused, match="on and on"):
        fetched(link(service))


def test_a_secret_is_in_no_error_and_no_log(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_U", "user-of-secret")
    monkeypatch.setenv("SOZIALDATEN_CREDENTIAL_P", "word-of-secret")
    keys = "credentials: {username: SOZIALDATEN_CREDENTIAL_U, password: SOZIALDATEN_CREDENTIAL_P}"
    service = serve(always(Reply(b"", 403)))
    with pytest.raises(LoginRefused) as caught:
        fetched(link(service, keys))
    assert "Basic" in service.asked[0].headers["Authorization"]
    assert "secret" not in caught.value.text() + caplog.text + repr(options(link(service, keys)))


def test_a_missing_credential_is_named(serve: Serve) -> None:
    service = serve(always(Reply(TABLE)))
    with pytest.raises(CredentialMissing, match="SOZIALDATEN_CREDENTIAL_TOKEN"):
        fetched(link(service, "credentials: {token: SOZIALDATEN_CREDENTIAL_TOKEN}"))
    assert service.asked == []


@pytest.mark.parametrize(
    ("block", "key"),
    [
        ("{type: htpp, url: 'https://a.example'}", "connector.type"),
        ("{type: http}", "connector.url"),
        ("{type: http, url: 'ftp://a.example/x'}", "connector.url"),
        ("{type: http, url: 'https://who:word@a.example/x'}", "connector.url"),
        ("{type: http, url: 'https://a.example', host: b}", "connector.host"),
        ("{type: http, url: 'https://a.example', seconds: '1'}", "connector.seconds"),
        ("{type: http, url: 'https://a.example', parallel: 9}", "connector.parallel"),
        (
            "{type: http, url: 'https://a.example', credentials: {token: hunter2}}",
            "connector.credentials.token",
        ),
        (
            "{type: http, url: 'https://a.example', credentials: {token: SOZIALDATEN_KEY_FILE}}",
            "connector.credentials.token",
        ),
    ],
)
def test_a_wrong_block_is_told_with_file_and_key(block: str, key: str) -> None:
    with pytest.raises(LayoutError) as caught:
        options(block, "my-source.yaml")
    assert key in caught.value.text()
    assert "my-source.yaml" in caught.value.text()
    assert "hunter2" not in caught.value.text()


def test_no_more_requests_at_a_time_than_a_host_is_given(serve: Serve, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    service = serve(always(Reply(b"{}", pause=0.05)))
    one = client(service, tmp_path, parallel=2)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: one.send(Request(f"{service.url}/{n}")), range(8)))
    assert service.most_open == 2
    assert len(service.asked) == 8


def listing(step: int, total: int) -> Offset:
    return Offset(
        "start",
        "rows",
        step,
        items=lambda page: len(page["x"]),  # type: ignore[index]
        more=lambda _, end: end < total,
    )


def test_pages_are_followed_to_the_end(serve: Serve, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Reply:
        start = int(asked.one("start"))
        items = ",".join(str(n) for n in range(start, min(start + 2, 7)))  # fewer than asked for
        return Reply(f'{{"x": [{items}]}}'.encode())

    service = serve(answer)
    found = pages(client(service, tmp_path), Request(f"{service.url}/list"), listing(3, 7))
    assert [n for page, _ in found for n in page["x"]] == list(range(7))  # type: ignore[index]


def test_a_list_that_never_ends_is_refused(serve: Serve, tmp_path: Path) -> None:
    service = serve(always(Reply(b'{"x": [1, 2]}')))
    found = pages(client(service, tmp_path), Request(f"{service.url}/list"), listing(2, 99))
    with pytest.raises(WrongAnswer, match="again and again"):
        list(found)
    assert len(service.asked) == 2


def test_progress_is_told(serve: Serve) -> None:
    told: list[Progress] = []
    service = serve(always(Reply(b"1;2\n" * (1 << 20))))
    source = opened(link(service), told)
    source.fetch(next(iter(source.discover())))
    assert [step.done for step in told] == sorted(step.done for step in told)
    assert told[-1].total == 4 << 20


def test_an_unreachable_host_is_told(serve: Serve) -> None:
    service = serve(always(Reply(TABLE)))
    service.close()
    with pytest.raises(Unreachable):
        fetched(link(service))


def certificate(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's side of TLS with a certificate that nobody has signed, and that certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    day = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(day - dt.timedelta(days=1))
        .not_valid_after(day + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, folder / "cert.pem"


def test_a_certificate_that_nobody_signed_is_refused_unless_the_source_names_it(
    tmp_path: Path,
) -> None:
    context, trusted = certificate(tmp_path)
    service = Service(always(Reply(TABLE)), context)
    with pytest.raises(Unreachable, match="certificate"):
        fetched(link(service))
    assert service.asked == []
    assert fetched(link(service, f"ca_file: '{trusted}'")).path.read_bytes() == TABLE
    service.close()


def test_proxies_and_logins_of_the_environment_are_not_used(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = serve(always(Reply(b"other")))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login who password word-of-secret")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, other.url)
    service = serve(always(Reply(TABLE)))
    assert fetched(link(service)).path.read_bytes() == TABLE
    assert other.asked == []
    assert all("Authorization" not in asked.headers for asked in service.asked)


def test_a_strange_name_stays_inside_the_landing_folder(serve: Serve) -> None:
    service = serve(always(Reply(TABLE)))
    raw = fetched(link(service, path="/x/..%2F..%2Fetc%2Fpasswd"))
    assert raw.path.parent == landing_folder(Some(options(link(service))))


def test_a_source_is_a_connection_and_an_id() -> None:
    some = Some(options("{type: http, url: 'https://a.example/x.csv'}"))
    assert connector(some).discover is not None
