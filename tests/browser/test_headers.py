"""Every page works under its own security policy: no browser reports that it broke it."""

import re
from collections.abc import Callable

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
STAFF = ("/dataset/new", "/dashboard/datasets", "/user/edit", "/user/{name}/api-tokens")


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


def test_no_page_breaks_the_policy_for_staff(visits: Callable[..., Visit], demo: Demo) -> None:
    erika, dieter = visits(), visits()
    erika.sign_in("erika")
    heard = listen(erika)
    for path in STAFF:
        erika.open(path.format(name="erika"))
    dieter.sign_in("dieter")
    heard += listen(dieter)
    dieter.open("/pruefung")
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
