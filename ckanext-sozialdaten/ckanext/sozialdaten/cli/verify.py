"""``sozialdaten verify``: disclosure records and the files that they vouch for."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import click

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.publishing.records import Link, verify

__all__ = ["command"]

_CHUNK = 1 << 20


def _links(path: Path) -> list[Link]:
    data: Any = json.loads(path.read_text("utf-8"))
    items = data["releases"] if isinstance(data, dict) and "releases" in data else data
    return [Link.from_json(item) for item in (items if isinstance(items, list) else [items])]


def _sha256(path: Path) -> str:
    hashed = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            hashed.update(chunk)
    return hashed.hexdigest()


def _vouched(links: list[Link]) -> set[str]:
    return {
        str(file.get("sha256", ""))
        for link in links
        for file in ((link.public or {}).get("files") or [])
    }


@click.command("verify")
@click.argument("records", nargs=-1, required=True, metavar="RECORD...")
@click.option("--file", "files", multiple=True, metavar="FILE", help="A downloaded file.")
@click.option("--whole", is_flag=True, help="The chain must begin with the first release of all.")
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
def command(records: tuple[str, ...], files: tuple[str, ...], whole: bool, lang: str) -> None:
    """Verify RECORDs of releases, one or a chain each, and that they vouch for the FILEs.

    A portal offers the record of a release as `nachweis.json` on its page, and the whole chain as
    `/veroeffentlichungen.json`. Exit code: 0 all hold, 1 something was changed, 2 unreadable.
    """
    bad = False
    for name in records:
        try:
            links = _links(Path(name))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            text = Message("{file} is no disclosure record.", {"file": name})
            click.echo(text.text(lang), err=True)
            sys.exit(2)
        problems = verify(links, whole=whole)
        for problem in problems:
            click.echo(f"{name}: {problem.link}: {problem.message.text(lang)}")
        for file in files:
            path = Path(file)
            if not path.is_file():
                click.echo(Message("There is no file {file}.", {"file": file}).text(lang), err=True)
                sys.exit(2)
            if _sha256(path) not in _vouched(links):
                told = Message("{file} is not the file of this release.", {"file": file})
                click.echo(f"{name}: {told.text(lang)}")
                bad = True
        count = Message(
            "{count} records, {bad} problems", {"count": len(links), "bad": len(problems)}
        )
        click.echo(f"{name}: {count.text(lang)}")
        bad = bad or bool(problems)
    sys.exit(1 if bad else 0)
