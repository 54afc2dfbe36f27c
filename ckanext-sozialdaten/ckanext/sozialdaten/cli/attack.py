"""``sozialdaten attack``: the interval that an attacker derives for each suppressed cell."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ckanext.sozialdaten.cli.check import fail, parse_roles
from ckanext.sozialdaten.disclosure import DEFAULT_POLICY, attack_report, load_policy
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    from ckanext.sozialdaten.disclosure._attacked import Attacked, AttackReport

__all__ = ["command"]

_WEAK = "weak  "
_NOTHING = Message("Too large for one attack together, so nothing is proven: {tables}.")
_PARTLY = Message(
    "Not fully proven: of {tables} only the margins that they share were attacked; together they"
    " may tell more."
)


@click.command("attack")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
@click.option("--layout", help="Layout of the tables: a name in schemas/layouts or a path.")
@click.option("--roles", default="", help="Roles: column=role,column=role or a JSON object.")
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Policy: name or path.")
@click.option("--released", multiple=True, metavar="PATH", help="Earlier or linked releases.")
@click.option(
    "--released-as",
    multiple=True,
    metavar="PATH=HOW",
    help="A release and how its counts stand for true ones, such as alt.csv=rounded:5.",
)
@click.option(
    "--published-as",
    metavar="HOW",
    help="How counts stand for true ones: exact, rounded:5, controlled:3, cell-key:2.",
)
@click.option(
    "--marks",
    multiple=True,
    metavar="MARK=LOW..HIGH",
    help="What a mark stands for, such as '*=1..2' or 'any=1..'; a legend in the file is read.",
)
@click.option(
    "--hierarchy",
    "hierarchies",
    multiple=True,
    metavar="COLUMN=FILE",
    help="Codes of a column that lie in others: a CSV file with a column for each level.",
)
@click.option("--jj", is_flag=True, help="FILEs are in the JJ format, as files ending in .jj are.")
@click.option("--pattern", metavar="FILE", help="Indices of the suppressed cells of a JJ file.")
@click.option(
    "--insiders/--no-insiders",
    default=None,
    help="Ask what the only person in a cell would learn (default: as the policy says).",
)
@click.option(
    "--original",
    "originals",
    multiple=True,
    metavar="FILE",
    help="The table that FILE was made of: amounts must stay as open as its contributors ask.",
)
@click.option("--contributors", metavar="FILE", help="The rows behind a magnitude table.")
@click.option("--proof", metavar="OUT", help="Write the tables that prove the intervals, as JSON.")
@click.option("--json", "as_json", is_flag=True, help="The intervals as JSON.")
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
def command(
    paths: tuple[str, ...],
    layout: str | None,
    roles: str,
    policy: str,
    released: tuple[str, ...],
    released_as: tuple[str, ...],
    published_as: str | None,
    marks: tuple[str, ...],
    hierarchies: tuple[str, ...],
    jj: bool,
    pattern: str | None,
    insiders: bool | None,
    originals: tuple[str, ...],
    contributors: str | None,
    proof: str | None,
    as_json: bool,
    lang: str,
) -> None:
    """Derive for each suppressed cell of FILEs the interval that everything published leaves.

    The output quotes what follows from the published figures: it is meant for those who may see
    the true values. Exit code: 0 all cells hold, 1 some can be narrowed beyond the policy or
    are not fully proven, 2 unreadable.
    """
    from ckanext.sozialdaten.disclosure._attacked import Question
    from ckanext.sozialdaten.disclosure._released import with_precision
    from ckanext.sozialdaten.disclosure.attack import parse_marks
    from ckanext.sozialdaten.disclosure.structure import Precision, parse_hierarchies

    try:
        rules = load_policy(policy)
        asked = Question(
            released=with_precision(released, released_as),
            marks=parse_marks(marks),
            precision=Precision.parse(published_as) if published_as else None,
            hierarchies=parse_hierarchies(hierarchies),
            jj=jj,
            pattern=pattern,
            insiders=rules.suppression.insiders if insiders is None else insiders,
            proofs=proof is not None,
            originals=originals,
            contributors=contributors,
        )
        chosen = Layout.from_yaml(layout) if layout else None
        report = attack_report(paths, chosen, parse_roles(roles), rules, question=asked)
    except SozialdatenError as error:
        fail(error, lang)
        return
    if proof is not None:
        _prove(report, Path(proof))
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        _show(report, lang)
    sys.exit(1 if report.weak else 0)


def _prove(report: "AttackReport", target: Path) -> None:
    try:
        target.write_text(json.dumps({"proofs": list(report.proofs)}, ensure_ascii=False))
    except OSError as error:
        click.echo(f"{target}: {error.strerror}", err=True)
        sys.exit(2)


def _show(report: "AttackReport", lang: str) -> None:
    for cell in report.cells:
        _line(cell, lang)
    for cell in report.differences:
        _line(cell, lang)
    for one in report.insiders:
        others = ", ".join(f"[{row}] {column}" for row, column in one.learns)
        text = Message(
            "If {cell} is 1, its person learns {others} as well.",
            {"cell": f"[{one.cell[0]}] {one.cell[1]}", "others": others},
        )
        click.echo(f"      {one.resource}: {text.text(lang)}")
    for groups, text in ((report.unproven, _NOTHING), (report.partly, _PARTLY)):
        for names in groups:
            click.echo(Message(text.msgid, {"tables": ", ".join(names)}).text(lang))
    click.echo(f"{report.weak} / {len(report.cells) + len(report.differences)}")


def _line(cell: "Attacked", lang: str) -> None:
    mark = " " * len(_WEAK) if cell.holds else _WEAK
    place = " > ".join(part for part in (cell.resource, cell.sheet) if part)
    ends = f"{cell.interval.low:g} .. {cell.interval.high:g}"
    proven = "" if cell.interval.proven else f" ({cell.interval.status.value})"
    click.echo(f"{mark}{place} [{cell.row}] {cell.column}: {ends}{proven}")
    told = cast("Mapping[str, str] | None", cell.leak)
    if told:
        click.echo(f"      {told[lang]}")
