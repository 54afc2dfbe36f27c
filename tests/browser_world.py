"""The browser tests' world: the running demo, and one person's browser in it."""

import json
import urllib.request
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

__all__ = ["Demo", "Visit"]

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True)
class Demo:
    """The running demo: its state folder, its address and the passwords of its people."""

    home: Path
    url: str
    passwords: dict[str, str] = field(repr=False)

    def api(self, action: str, **params: str) -> Any:
        """The result of a public action, asked for without an account."""
        query = "&".join(f"{key}={value}" for key, value in params.items())
        with urllib.request.urlopen(f"{self.url}/api/3/action/{action}?{query}") as answer:
            return json.load(answer)["result"]


@dataclass
class Visit:
    """One person's browser: a page, and the foreign hosts that it asked."""

    demo: Demo
    page: Page
    foreign: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Open a page of the portal and wait until it is quiet."""
        answer = self.page.goto(self.demo.url + path, wait_until="networkidle")
        assert answer is not None
        assert answer.status < 400, f"{path} answers {answer.status}"
        return self.page

    def sign_in(self, name: str) -> None:
        """Sign in as one of the demo's people."""
        page = self.open("/user/login")
        page.locator("input[name=login]").fill(name)
        page.locator("input[name=password]").fill(self.demo.passwords[name])
        # The first submit button of every page is the search's.
        with page.expect_navigation():
            page.locator("input[name=password]").press("Enter")

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 AA on the page, one line for each element."""
        if not self.page.evaluate("typeof window.axe === 'object'"):
            script = files("axe_playwright_python") / "axe.min.js"
            self.page.evaluate(script.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", WCAG
        )
        return [
            f"{rule['id']}: {node['html'][:160]} ({node['failureSummary']})"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
