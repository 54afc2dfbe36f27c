"""``sozialdaten explain``: what a rule protects against, with the numbers of a policy."""

import json

import click

from ckanext.sozialdaten.cli.check import fail
from ckanext.sozialdaten.disclosure import (
    DEFAULT_POLICY,
    explain,
    handbook,
    list_explained,
    load_policy,
)
from ckanext.sozialdaten.errors import SozialdatenError

__all__ = ["command"]


@click.command("explain")
@click.argument("rule", required=False)
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Policy: name or path.")
@click.option("--handbook", "whole", is_flag=True, help="The handbook: every rule and number.")
@click.option("--json", "as_json", is_flag=True, help="The page as JSON.")
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
def command(rule: str | None, policy: str, whole: bool, as_json: bool, lang: str) -> None:
    """Say what RULE, as findings name it, protects against; without RULE list all rules.

    Exit code: 0; 2 for a rule or policy that does not exist.
    """
    try:
        if whole:
            click.echo(handbook(lang), nl=False)
        elif rule:
            page = explain(rule, load_policy(policy), lang, internal=True)
            if as_json:
                click.echo(json.dumps(page.to_json(), ensure_ascii=False, indent=2))
                return
            click.echo(f"{page.title}\n\n{page.text}\n")
            for number in page.parameters:
                click.echo(f"{number.key} = {number.value}: {number.meaning}")
        else:
            for name in list_explained():
                click.echo(f"{name}: {explain(name, language=lang).title}")
    except SozialdatenError as error:
        fail(error, lang)
