"""Every page works under its own security policy: no browser reports that it broke it."""

import re
from collections.abc import Callable

import pytest
from browser_world import Demo, Visit
from playwright.sync_api import ConsoleMessage

PUBLIC = (
    "/",
    "/dataset/",
    "/organization/",
    "/about",
    "/user/login",
    "/user/reset",
)


def listen(visit: Visit) -> list[str]:
    """What the browser says of broken policies and of scripts that fail, with the page."""
    heard: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if re.search("Content Security Policy|violates", message.text):
            heard.append(f"{visit.page.url}: {message.text}")

    visit.page.on("console", note)
    visit.page.on("pageerror", lambda error: heard.append(f"{visit.page.url}: {error}"))
    return heard


def of_datasets(demo: Demo) -> list[str]:
    """A released dataset with its file, every preview, its embedded view and its releases."""
    name = str(demo.api("package_list")[0])
    dataset = demo.api("package_show", id=name)
    resource = dataset["resources"][0]
    base = f"/dataset/{name}/resource/{resource['id']}"
    found = [f"/dataset/{name}", f"/dataset/{name}/veroeffentlichungen", base]
    for view in demo.api("resource_view_list", id=resource["id"]):
        found += [f"{base}?view_id={view['id']}", f"{base}/view/{view['id']}"]
    return found


def test_no_page_breaks_the_policy_for_visitors(visitor: Visit, demo: Demo) -> None:
    heard = listen(visitor)
    for path in (*PUBLIC, *of_datasets(demo)):
        visitor.open(path)
    assert heard == []


START = {
    "erika": ("/dataset/new", "/dashboard/datasets", "/user/edit", "/user/erika/api-tokens"),
    "dieter": ("/pruefung", "/pruefung/rollen", "/pruefung/dauerfreigaben", "/dashboard/datasets"),
    "leitung": ("/organization/kreis-musterland/veroeffentlichen", "/pruefung/loeschungen"),
    "admin": ("/ckan-admin/", "/ckan-admin/config", "/ckan-admin/trash", "/harvest"),
}
_MOST = 40  # kinds of pages for each person
_NO_PAGE = re.compile(
    r"/download/|/datei/|/dump/|/_logout|/user/logout|/api/|/revoke|/feeds/"
    r"|\.(json|csv|svg|pdf|xml|ttl|rdf|jsonld|n3|xlsx|parquet|png|zip)$"
)


def _kind(path: str) -> str:
    """What sort of page an address is: names, ids and numbers do not make another one."""
    bare = re.sub(r"^/en(?=/|$)", "", path.split("?")[0])
    bare = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "ID", bare)
    bare = re.sub(
        r"/(geheimhaltung|organization|group|user)/(?!edit|new|login)[^/]+", r"/\1/N", bare
    )
    bare = re.sub(r"/dataset/(?!new|edit|groups|activity)[^/]+", "/dataset/N", bare)
    bare = re.sub(r"/dataset/(edit|groups|activity)/[^/]+", r"/dataset/\1/N", bare)
    return re.sub(r"/\d+", "/n", bare)


def _crawl(visit: Visit, start: tuple[str, ...]) -> set[str]:
    """Open one page of every kind that links lead to."""
    ways, seen = list(start), set[str]()
    while ways and len(seen) < _MOST:
        path = ways.pop(0)
        if _kind(path) in seen or _NO_PAGE.search(path.split("?")[0]):
            continue
        seen.add(_kind(path))
        answer = visit.page.goto(visit.demo.url + path, wait_until="load")
        assert answer is not None
        if answer.status >= 400:
            continue
        links = visit.page.eval_on_selector_all(
            "a[href]", "all => all.map(a => a.getAttribute('href'))"
        )
        # CKAN's scripts give "javascript:;" to links that do nothing but what their script does
        runs = [link for link in links if re.match("javascript:.*[^;]", link)]
        assert runs == [], path
        own = [link.removeprefix(visit.demo.url).split("#")[0] for link in links]
        ways += [link for link in own if link.startswith("/")]
    return seen


@pytest.mark.parametrize("name", [*START, ""])
def test_no_kind_of_page_breaks_the_policy(
    visits: Callable[..., Visit], demo: Demo, name: str
) -> None:
    visit = visits()
    if name:
        visit.sign_in(name)
    heard = listen(visit)
    seen = _crawl(visit, START.get(name, ("/", "/dataset/", *of_datasets(demo))))
    assert heard == []
    assert len(seen) >= 10


def test_a_token_is_made_and_revoked_under_the_policy(visits: Callable[..., Visit]) -> None:
    erika = visits()
    erika.sign_in("erika")
    heard = listen(erika)
    page = erika.open("/user/erika/api-tokens")
    page.locator("main input[name=name], .form input[name=name]").first.fill("Prüfung")
    page.get_by_role("button", name=re.compile("Token")).first.click()
    created = page.locator("[id^=token-] code, tr code").first
    created.wait_for()
    page.locator("input[name=token]").first.check()
    assert page.locator("#revoke-tokens-button").is_enabled()
    assert heard == []


def test_a_script_in_a_text_does_not_run(visitor: Visit) -> None:
    page = visitor.open("/")
    ran = page.evaluate(
        """() => new Promise(done => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            const image = document.createElement("img");
            image.setAttribute("onerror", "window.ran = true");
            image.src = "data:,";
            document.body.append(image);
            setTimeout(() => done(window.ran === true), 500);
        })"""
    )
    assert ran is False
