"""Runs the demo on the running portal; started by ``deployment/portal demo``."""

import os
import sys
import tempfile
from pathlib import Path

import click

from ckanext.sozialdaten.demo._portal import Installation
from ckanext.sozialdaten.demo._report import closing_lines
from ckanext.sozialdaten.demo.pipeline import publish
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.messages import Message

__all__ = ["main"]


def _language() -> str:
    """German for whoever works in German, else English."""
    return "de" if os.environ.get("LANG", "").startswith("de") else "en"


def main() -> int:
    """Publish the Kreis and say what happened; 1 where a step failed."""
    language = _language()

    def progress(step: Message) -> None:
        click.echo(f"demo: {step.text(language)}", err=True)

    try:
        installation = Installation.from_environment()
        with tempfile.TemporaryDirectory(prefix="musterland-") as folder:
            result = publish(installation, Path(folder), progress)
    except SozialdatenError as error:
        click.echo(f"demo: {error.text(language)}", err=True)
        return 1
    for line in closing_lines(result, language):
        click.echo(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
