"""What keeps attackers out besides the gate: uploads, passwords, tokens, limits, headers."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import ckan.lib.redis
import pytest
import redis
from ckan.common import config
from ckan_world import RefusedError, World
from gate_office import TABLE, Office

from ckanext.sozialdaten.publishing._limits import Limit

LIMITS = "ckanext.sozialdaten.limits"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'


def packed(**members: bytes) -> bytes:
    """A ZIP; two underscores in a name stand for a slash, one for the dot."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return held.getvalue()


def climbing() -> bytes:
    """A ZIP whose member would land beside the folder that it is unpacked into."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("../a.csv", TABLE)
    return held.getvalue()


def workbook(**more: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", *more):
            archive.writestr(name.replace("__", "/").replace("_bin", ".bin"), b"<x/>")
    return held.getvalue()


GOOD: dict[str, bytes] = {
    "faelle.csv": TABLE,
    "Fälle 2024.TSV": b"a\tb\n-\t-5,3\n",
    "utf16.csv": "gebiet;faelle\nA;1\n".encode("utf-16"),
    "faelle.xlsx": workbook(),
    "faelle.ods": packed(content_xml=b"<x/>", mimetype=b"x"),
    "faelle.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "faelle.parquet": b"PAR1" + bytes(40) + b"PAR1",
    "faelle.json": b'\xef\xbb\xbf  [{"a": 1}]',
    "kreise.geojson": b'{"type": "FeatureCollection", "features": []}',
    "faelle.xml": b'<?xml version="1.0"?><rows><row>1</row></rows>',
    "bericht.pdf": b"%PDF-1.7\n",
    "alles.zip": packed(daten__a_csv=TABLE, b_xlsx=workbook()),
}
BAD: dict[str, tuple[str, bytes]] = {
    "a program": ("faelle.exe", b"MZ\x90"),
    "a page": ("faelle.html", b"<html></html>"),
    "a picture with a script": ("karte.svg", SVG),
    "that picture as XML": ("karte.xml", SVG),
    "a script deep in XML": ("a.xml", b"<a>" + b" " * (2 << 20) + b"<x:script xmlns:x='y'/></a>"),
    "a script in UTF-16": ("a.xml", '<?xml version="1.0"?><script/>'.encode("utf-16")),
    "an entity": ("a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
    "a page as a table": ("faelle.csv", b"\n <!DOCTYPE html><html><script>1</script>"),
    "a program as a table": ("faelle.csv", b"MZ\x90\x00\x03"),
    "a workbook as a table": ("faelle.csv", workbook()),
    "a table as a workbook": ("faelle.xlsx", TABLE),
    "an archive as a workbook": ("faelle.xlsx", packed(a_csv=TABLE)),
    "a workbook with macros": ("faelle.xlsx", workbook(xl__vbaProject_bin=b"x")),
    "a table as Parquet": ("faelle.parquet", TABLE),
    "an archive with a page": ("alles.zip", packed(a_csv=TABLE, b_html=b"<html>")),
    "an archive that leads out": ("alles.zip", climbing()),
    "a bomb": ("alles.zip", packed(a_csv=bytes(30 << 20))),
    "a workbook that is a bomb": ("a.xlsx", packed(xl__a_xml=bytes(30 << 20))),
    "nothing": ("leer.csv", b""),
    "no ending": ("faelle", TABLE),
}


@pytest.fixture
def send(office: Office) -> Callable[[str, bytes], Any]:
    """Uploads a file to a working copy of its own."""
    package = office.world.dataset(office.editor, office.organisation)

    def sent(name: str, content: bytes) -> Any:
        return office.world.call(
            "resource_create",
            office.editor,
            package_id=package["id"],
            name="Tabelle",
            upload=(io.BytesIO(content), name),
        )

    return sent


def test_files_of_every_kind_that_the_portal_takes_are_taken(
    send: Callable[[str, bytes], Any],
) -> None:
    for name, content in GOOD.items():
        assert send(name, content)["size"] == len(content), name


def test_harmful_files_are_refused_by_name_and_leave_no_trace(
    send: Callable[[str, bytes], Any], office: Office
) -> None:
    package = send("faelle.csv", TABLE)["package_id"]
    for what, (name, content) in BAD.items():
        with pytest.raises(RefusedError) as refusal:
            send(name, content)
        assert refusal.value.status == 409, what
        text = str(refusal.value.error["upload"])
        assert name in text, what
    assert len(office.show(package)["resources"]) == 1
    kept = office.show(package)["resources"][0]
    with pytest.raises(RefusedError):
        office.world.call(
            "resource_patch", office.editor, id=kept["id"], upload=(io.BytesIO(SVG), "a.svg")
        )
    assert office.show(package)["resources"][0] == kept


def test_a_link_is_an_address_of_the_web_and_is_never_fetched(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = office.world.dataset(office.editor, office.organisation)
    monkeypatch.setattr("ckanext.sozialdaten.net.connection", lambda *_: pytest.fail("fetched"))
    for url in (
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://a.example/x",
        "https://who:word@a.example/",
    ):
        with pytest.raises(RefusedError, match="https://"):
            office.world.call(
                "resource_create", office.editor, package_id=package["id"], url=url, name="x"
            )
    fine = office.world.call(
        "resource_create",
        office.editor,
        package_id=package["id"],
        url="http://127.0.0.1/t.csv",
        name="x",
    )
    assert fine["url"] == "http://127.0.0.1/t.csv"


# Passwords


@pytest.fixture
def limited(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The portal with its limits on, and counters that know nobody."""
    connection = ckan.lib.redis.connect_to_redis()
    monkeypatch.setitem(config, f"{LIMITS}.enabled", True)
    monkeypatch.setitem(config, f"{LIMITS}.trusted_proxies", 1)
    yield world
    for key in connection.scan_iter("sozialdaten:limit:*"):
        connection.delete(key)


def sign_in(world: World, name: str, word: str, address: str = "9.9.9.9") -> Any:
    browser = world.app.flask_app.test_client(use_cookies=False)
    return browser.post(
        "/user/login",
        data={"login": name, "password": word},
        headers={"X-Forwarded-For": f"1.2.3.4, {address}"},
    )


PASSWORD = "correct123"  # of CKAN's factories


def test_who_guesses_is_stopped_and_the_owner_is_not(limited: World) -> None:
    who = limited.account("erika").name
    assert sign_in(limited, who, PASSWORD, "8.8.8.8").status_code == 302
    guesses = [sign_in(limited, who, "falsch") for _ in range(5)]
    assert {guess.status_code for guess in guesses} == {200}
    stopped = sign_in(limited, who, PASSWORD)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 900
    assert "Too many wrong passwords" in stopped.text or "falsche Passwörter" in stopped.text
    assert sign_in(limited, who, PASSWORD, "8.8.8.8").status_code == 302
    assert sign_in(limited, who, PASSWORD, "7.7.7.7").status_code == 302
    other = limited.account("dieter").name
    assert sign_in(limited, other, PASSWORD).status_code == 302


def test_guessing_from_many_addresses_shuts_out_no_known_one(
    limited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, f"{LIMITS}.login_failures_per_account", 3)
    who = limited.account("erika").name
    assert sign_in(limited, who, PASSWORD, "8.8.8.8").status_code == 302
    for number in range(3):
        sign_in(limited, who, "falsch", f"9.9.9.{number}")
    assert sign_in(limited, who, PASSWORD, "9.9.8.1").status_code == 429
    assert sign_in(limited, who, PASSWORD, "8.8.8.8").status_code == 302


def test_one_address_does_not_try_many_accounts(
    limited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, f"{LIMITS}.login_failures_per_address", 3)
    for number in range(3):
        sign_in(limited, f"niemand{number}", "falsch", f"2001:db8::{number}")
    assert sign_in(limited, "nochwer", "falsch", "2001:db8::ffff").status_code == 429
    assert sign_in(limited, "nochwer", "falsch", "2001:db8:1::1").status_code == 200


def test_without_redis_nobody_signs_in_and_everybody_reads(
    limited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = limited.account("erika").name

    def away() -> Any:
        raise redis.ConnectionError

    monkeypatch.setattr("ckanext.sozialdaten.publishing._limits.connect_to_redis", away)
    closed = sign_in(limited, who, PASSWORD)
    assert closed.status_code == 503
    assert closed.headers["Retry-After"]
    assert limited.call("package_search")["count"] == 0


# Requests


def test_reads_writes_and_tokens_have_limits_of_their_own(
    limited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in {"reads": 2, "writes": 2, "tokens": 1}.items():
        monkeypatch.setitem(config, f"{LIMITS}.{name}", most)
    who, other = limited.account(), limited.account()

    def refused(action: str, account: Any = None, **params: Any) -> RefusedError:
        with pytest.raises(RefusedError) as refusal:
            limited.call(action, account, **params)
        assert refusal.value.status == 429
        return refusal.value

    for _ in range(2):
        limited.call("package_search")
    assert "Too Many Requests" in refused("package_search").error["__type"]
    limited.call("package_search", who)
    limited.call("follow_user", who, id=other.name)
    limited.call("unfollow_user", who, id=other.name)
    refused("follow_user", who, id=other.name)
    limited.call("follow_user", other, id=who.name)
    limited.call("api_token_create", who, user=who.name, name="a")
    refused("api_token_create", who, user=who.name, name="b")


def test_a_window_slides(limited: World) -> None:
    limit = Limit("trial", 10, 100)
    assert [limit.count("x", now=1_000) for _ in range(10)] == [0] * 10
    assert limit.wait("x", now=1_000) == 100
    assert limit.wait("x", now=1_100) > 0
    assert limit.wait("x", now=1_150) == 0
    assert limit.wait("y", now=1_000) == 0


# Tokens


def test_a_token_with_a_scope_does_that_and_no_more(office: Office) -> None:
    world, copy = office.world, office.working_copy()
    submission = office.submit(copy["id"])

    def token(account: Any, scope: str) -> Any:
        made = world.call("api_token_create", account, user=account.name, name=scope, scope=scope)
        return type(account)(account.id, account.name, made["token"])

    reads, writes = token(office.editor, "read"), token(office.editor, "working-copy")
    decides = token(office.reviewer, "working-copy")
    runs = token(office.sysadmin, "working-copy")
    assert world.call("package_show", reads, id=copy["id"])["id"] == copy["id"]
    assert world.call("package_patch", writes, id=copy["id"], title="Neu")["title"] == "Neu"
    for account, action, params in (
        (reads, "package_patch", {"id": copy["id"], "title": "Anders"}),
        (writes, "package_delete", {"id": copy["id"]}),
        (writes, "api_token_create", {"user": writes.name, "name": "frei"}),
        (writes, "api_token_revoke", {"token": reads.token}),
        (writes, "sozialdaten_release_withdraw", {"id": "x", "reason": "x"}),
        (runs, "user_create", {"name": "neu", "email": "n@a.example", "password": "geheim123"}),
        (runs, "organization_member_create", {"id": "x", "username": "y", "role": "admin"}),
    ):
        with pytest.raises(RefusedError) as refusal:
            world.call(action, account, **params)
        assert refusal.value.status == 403, action
    approval = world.app.post(
        "/api/3/action/sozialdaten_review_approve",
        headers=decides.headers,
        json={"id": submission["id"], "reason": "x"},
    )
    assert approval.status_code == 403
    page = world.app.post("/dataset/delete/" + copy["id"], headers=writes.headers)
    assert page.status_code == 403
    with pytest.raises(RefusedError, match="scope"):
        token(office.editor, "everything")
    world.call("api_token_revoke", writes, token=writes.token)
    with pytest.raises(RefusedError):
        world.call("package_show", writes, id=copy["id"])


def test_no_token_lives_for_ever(world: World) -> None:
    who = world.account()
    given = {"user": who.name, "name": "lang", "unit": 86_400}
    with pytest.raises(RefusedError) as refusal:
        world.call("api_token_create", who, **given, expires_in=366)
    assert "365" in json.dumps(refusal.value.error)


# Headers


@pytest.mark.parametrize(
    "path", ["/", "/dataset/", "/user/login", "/api/3/action/status_show", "/x"]
)
def test_every_answer_has_its_headers(world: World, path: str) -> None:
    headers = world.app.get(path, expect_errors=True).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == policy["frame-ancestors"] == "'self'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert {"Referrer-Policy", "Permissions-Policy"} <= set(headers.keys())
    assert "Strict-Transport-Security" not in headers


def test_tls_is_promised_where_the_portal_has_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(config, "ckan.site_url", "https://daten.example")
    headers = world.app.get("/api/3/action/status_show").headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_an_uploaded_file_is_no_page(office: Office) -> None:
    copy = office.working_copy()
    resource = copy["resources"][0]
    path = f"/dataset/{copy['id']}/resource/{resource['id']}/download/faelle.csv"
    answer = office.world.page(path, office.editor)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
