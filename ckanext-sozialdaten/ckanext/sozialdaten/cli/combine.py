"""``sozialdaten combine``: two series of the lake as a ratio."""

import click

from ckanext.sozialdaten.cli._answers import speaking, write
from ckanext.sozialdaten.cli.indicator import COLUMNS
from ckanext.sozialdaten.indicators import Part, combine
from ckanext.sozialdaten.lake import Lake

__all__ = ["command"]


@click.command()
@click.argument("numerator")
@click.argument("denominator")
@click.option("--factor", type=float, default=1.0, help="100 for per cent, 1000 for per mille.")
@click.option("--of", "over", multiple=True, metavar="NAME=CODE", help="Code of the numerator.")
@click.option("--to", "under", multiple=True, metavar="NAME=CODE", help="Code of the denominator.")
@click.option(
    "--within-years", type=int, default=1, help="How old the denominator may be; default 1."
)
@click.option("--census-base", default="", help="Census that both rest on.")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of CSV.")
@speaking
def command(
    numerator: str,
    denominator: str,
    factor: float,
    over: tuple[str, ...],
    under: tuple[str, ...],
    within_years: int,
    census_base: str,
    as_json: bool,
) -> None:
    """The series NUMERATOR divided by DENOMINATOR, for all regions around the numerator.

    Dimensions that are not named count by their total.
    """
    with Lake.open() as lake:
        table = combine(
            lake,
            Part(numerator, dict(_pair(text) for text in over)),
            Part(denominator, dict(_pair(text) for text in under)),
            factor=factor,
            within_years=within_years,
            census_base=census_base,
        )
    write(COLUMNS, table.to_pylist(), as_json)


def _pair(text: str) -> tuple[str, str]:
    name, sign, code = text.partition("=")
    if not sign:
        raise click.BadParameter(f"{text!r} is not NAME=CODE", param_hint="--of, --to")
    return name, code
