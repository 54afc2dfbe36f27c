"""The command line ``sozialdaten``: one module for each command, loaded when it is called."""

import importlib

import click

__all__ = ["main"]

COMMANDS = {
    "attack": "the interval that an attacker derives for each suppressed cell",
    "audit": "check and attack over all tables of a folder or portal",
    "bench": "the benchmarks that the README quotes",
    "combine": "two series of the lake as a ratio",
    "check": "findings on files that shall be published",
    "demo": "generate and publish the fictitious Kreis Musterland",
    "explain": "what a rule protects against, with the numbers of a policy",
    "indicator": "indicators, their figures and where these come from",
    "lake": "upkeep of the lake, and counts of its restricted zone",
    "layout": "a description of the columns of a delivery, to start from",
    "protect": "a copy of a table of counts that gives nothing away",
    "read": "tidy observations of any supported delivery",
    "region": "regions, their keys and hierarchy",
    "verify": "disclosure records of releases, and the files that they vouch for",
    "source": "a description of a source, drafted from a sample file",
    "series": "series of the lake and their values",
}


class _LazyGroup(click.Group):
    """Imports a command's module only when it runs: `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"{__name__}.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ckanext-sozialdaten")
def main() -> None:
    """Social data: read, check, look up. Results on standard output, messages on standard error."""
