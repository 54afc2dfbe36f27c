"""``sozialdaten protect``: a copy of a table that gives nothing away, or the ways to make one."""

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ckanext.sozialdaten.cli._protected import check_target, table_bytes, write
from ckanext.sozialdaten.cli._protected_book import is_workbook, workbook_bytes
from ckanext.sozialdaten.cli.check import fail, parse_roles
from ckanext.sozialdaten.disclosure import (
    DEFAULT_POLICY,
    NotProtectedError,
    NotSupportedError,
    RolesError,
    load_policy,
)
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Dialect, Layout
from ckanext.sozialdaten.messages import Message

if TYPE_CHECKING:
    from ckanext.sozialdaten.disclosure._protect import Protected, Request
    from ckanext.sozialdaten.disclosure._table import Sheet
    from ckanext.sozialdaten.disclosure.protection._menu import Alternative
    from ckanext.sozialdaten.disclosure.protection.recoding import Hierarchy

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class _Options:
    """What the command line says beside the file."""

    layout: str | None
    roles: str
    policy: str
    method: str | None
    base: int | None
    all_counts: bool
    released: tuple[str, ...]
    released_as: tuple[str, ...]
    contributors: str | None
    hierarchies: tuple[str, ...]
    cell_key: str | None

    def request(self) -> "Request":
        """The same as the verb takes it."""
        from ckanext.sozialdaten.disclosure._protect import Request
        from ckanext.sozialdaten.disclosure._released import with_precision
        from ckanext.sozialdaten.disclosure.protection._ways import Wish, method_of

        layout = Layout.from_yaml(self.layout) if self.layout else parse_roles(self.roles)
        hierarchies = dict(map(_hierarchy, self.hierarchies))
        method = method_of(self.method)
        wish = Wish(method, self.base, self.all_counts, hierarchies, self.cell_key)
        known = with_precision(self.released, self.released_as)
        return Request(layout, load_policy(self.policy), wish, known, self.contributors)


def _hierarchy(text: str) -> "tuple[str, Hierarchy]":
    """A column and its hierarchy, from ``column=FILE``."""
    from ckanext.sozialdaten.disclosure.protection.recoding import read_hierarchy

    column, equals, path = text.partition("=")
    if not equals or not column or not path:
        raise RolesError(
            Message("The hierarchies cannot be read."), Message("Write --hierarchy column=FILE.")
        )
    return column, read_hierarchy(column, path)


def _dialect(request: "Request", sheet: "Sheet") -> Dialect:
    """How a copy is written: as the layout says, else with the delimiter of the file."""
    if isinstance(request.layout, Layout):
        return request.layout.dialect
    return replace(Dialect(), delimiter=sheet.delimiter or Dialect().delimiter)


def _targets(sheets: "Sequence[Sheet]", output: str, sources: Sequence[str]) -> list[Path]:
    """Where the copy of each table goes; several go into a folder, or stay in their workbook.

    Raises:
        NotSupportedError: several tables and one file.
    """
    target = Path(output)
    if is_workbook(target) and not target.is_dir():
        kinds = {Path(name).suffix.lower() == ".ods" for name in (output, sources[0])}
        if len(sources) != 1 or not is_workbook(Path(sources[0])) or len(kinds) > 1:
            raise NotSupportedError(
                Message("A workbook is written only where one workbook is protected."),
                Message("Give the file after -o the ending .csv or .parquet."),
            )
        return [target for _ in sheets]
    if len(sheets) == 1 and target.suffix and not target.is_dir():
        check_target(target)
        return [target]
    if target.suffix:
        raise NotSupportedError(
            Message("Here are {count} tables for one file.", {"count": len(sheets)}),
            Message("Name a folder after -o: each table becomes a file in it."),
        )
    names: list[Path] = []
    for sheet in sheets:
        parts = (Path(sheet.resource).stem, re.sub(r"\.\w{3,7}$", "", sheet.name))
        stem = "-".join(re.sub(r"[^\w.-]+", "_", part) for part in parts if part) or "table"
        name, number = target / f"{stem}.csv", 1
        while name in names:
            number += 1
            name = target / f"{stem}-{number}.csv"
        names.append(name)
    return names


def _protected(
    paths: Sequence[str], output: str, request: "Request"
) -> "list[tuple[Path, Protected]]":
    """Protect each table, those of several files together; write the copies once all are safe."""
    from ckanext.sozialdaten.disclosure._protect import protect_table, tables_of
    from ckanext.sozialdaten.disclosure._protect_together import protect_together

    sheets = [sheet for path in paths for sheet in tables_of(path, request.layout)]
    targets = _targets(sheets, output, paths)
    if len(paths) > 1:
        done = protect_together(sheets, request)
    else:
        done = [protect_table(sheet, request) for sheet in sheets]
    plain = Path(paths[0]).is_file() and len(sheets) == 1
    source = hashlib.sha256(Path(paths[0]).read_bytes()).hexdigest() if plain else ""
    result: list[tuple[Path, Protected]] = []
    book = is_workbook(targets[0])
    whole = _book(paths[0], sheets, done, request) if book else b""
    for target, copy, sheet in zip(targets, done, sheets, strict=True):
        data = whole if book else table_bytes(copy.table, target, _dialect(request, sheet))
        target.parent.mkdir(parents=True, exist_ok=True)
        write(data, target)
        report = replace(
            copy.report,
            before=f"sha256:{source}" if source else copy.report.before,
            after=f"sha256:{hashlib.sha256(data).hexdigest()}",
        )
        result.append((target, replace(copy, report=report)))
    return result


def _book(
    path: str, sheets: "Sequence[Sheet]", done: "Sequence[Protected]", request: "Request"
) -> bytes:
    return workbook_bytes(Path(path), sheets, [copy.table for copy in done], request)


def _menu(
    paths: Sequence[str], request: "Request"
) -> "list[tuple[Sheet, tuple[Alternative, ...]]]":
    from ckanext.sozialdaten.disclosure._protect import menu_of, tables_of

    sheets = [sheet for path in paths for sheet in tables_of(path, request.layout)]
    return [(sheet, menu_of(sheet, request)) for sheet in sheets]


def _printed(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def _place(sheet: "Sheet") -> str:
    return " > ".join(part for part in (sheet.resource, sheet.name) if part)


def _show_menu(menu: "tuple[Alternative, ...]", lang: str) -> None:
    verdicts = {
        "safe": Message("safe"),
        "unsafe": Message("unsafe"),
        "impossible": Message("not possible"),
    }
    for one in menu:
        verdict = verdicts[one.outcome].text(lang)
        click.echo(f"{one.label.text(lang)}: {verdict} ({one.seconds:.1f} s)")
        texts = [message.text(lang) for message in one.reason]
        if one.report:
            texts += [message.text(lang) for message in one.report.judgement.messages]
            texts += one.report.lines(lang)
        for text in texts:
            click.echo(f"      {text}")


def _run_menu(
    paths: Sequence[str], request: "Request", *, as_json: bool, preview: bool, lang: str
) -> None:
    """Print the repair menu; leave with 1 where no way is safe for some table."""
    found = _menu(paths, request)
    if as_json:
        tables = [
            {"table": _place(sheet), "alternatives": [one.to_json(preview=preview) for one in menu]}
            for sheet, menu in found
        ]
        click.echo(_printed(tables[0] if len(tables) == 1 else {"tables": tables}))
    else:
        for sheet, menu in found:
            click.echo(_place(sheet))
            _show_menu(menu, lang)
    if not all(menu and menu[0].safe for _, menu in found):
        sys.exit(1)


def _run(
    paths: Sequence[str],
    output: str,
    request: "Request",
    *,
    report: str | None,
    as_json: bool,
    preview: bool,
    lang: str,
) -> None:
    done = _protected(paths, output, request)
    if report:
        inside = [copy.report.to_json(internal=True, preview=True) for _, copy in done]
        data = inside[0] if len(inside) == 1 else inside
        write(_printed(data).encode("utf-8"), Path(report))
    if as_json:
        shown = [
            {"output": str(target), **copy.report.to_json(preview=preview)} for target, copy in done
        ]
        click.echo(_printed(shown[0] if len(shown) == 1 else {"tables": shown}))
        return
    for target, copy in done:
        if len(done) > 1:
            click.echo(str(target))
        for line in copy.report.lines(lang):
            click.echo(line)
        if preview:
            for one in copy.report.changes:
                click.echo(f"{one.row + 1}\t{one.column}\t{one.before} -> {one.after or '–'}")


def _run_jj(path: str, target: Path, request: "Request", *, as_json: bool, lang: str) -> None:
    """Protect an instance in the JJ format."""
    from ckanext.sozialdaten.disclosure._protect_jj import protect_jj

    if target.suffix.lower() not in (".jj", ".csv"):
        raise NotSupportedError(
            Message("A protected JJ file is written as JJ or CSV."),
            Message("Give the file after -o the ending .jj or .csv."),
        )
    done = protect_jj(path, request.policy)
    write(done.text(target.suffix.lower()).encode("utf-8"), target)
    click.echo(_printed(done.to_json()) if as_json else "\n".join(done.lines(lang)))


@click.command("protect")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "-o", "--output", metavar="OUT", help="The copy: .csv, .parquet, .xlsx, .ods, .jj or a folder."
)
@click.option("--layout", help="Layout of the table: a name in schemas/layouts or a path.")
@click.option("--roles", default="", help="Roles: column=role,column=role or a JSON object.")
@click.option("--policy", default=DEFAULT_POLICY, show_default=True, help="Policy: name or path.")
@click.option(
    "--method",
    type=click.Choice(["suppress", "merge", "round", "cell-key", "recode"]),
    help="How; by default counts are suppressed and persons recoded.",
)
@click.option("--base", type=int, help="Base of rounding; by default the policy's.")
@click.option(
    "--all-counts",
    is_flag=True,
    help="Round all counts to multiples of the base, not the small ones of the finest level alone.",
)
@click.option("--released", multiple=True, metavar="PATH", help="Earlier or linked releases.")
@click.option(
    "--released-as",
    multiple=True,
    metavar="PATH=HOW",
    help="A release and how its counts stand for true ones, such as alt.csv=rounded:5.",
)
@click.option("--contributors", metavar="FILE", help="The rows behind a magnitude table.")
@click.option(
    "--hierarchy",
    multiple=True,
    metavar="COLUMN=FILE",
    help="Levels for recoding, and sums of counts.",
)
@click.option("--cell-key", metavar="FILE", help="Secret of the Cell Key Method.")
@click.option("--menu", is_flag=True, help="All ways side by side; writes no copy.")
@click.option("--report", metavar="FILE.json", help="The internal report; for the staff alone.")
@click.option("--preview", is_flag=True, help="Every changed cell, old and new; for the staff.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.option("--lang", type=click.Choice(["de", "en"]), default="de", show_default=True)
def command(
    paths: tuple[str, ...],
    output: str | None,
    layout: str | None,
    roles: str,
    policy: str,
    method: str | None,
    base: int | None,
    all_counts: bool,
    released: tuple[str, ...],
    released_as: tuple[str, ...],
    contributors: str | None,
    hierarchy: tuple[str, ...],
    cell_key: str | None,
    menu: bool,
    report: str | None,
    preview: bool,
    as_json: bool,
    lang: str,
) -> None:
    """Write a copy of the tables in FILE that gives nothing away, and say what was lost.

    Tables of several files are protected together: a cell that two of them show is hidden in both
    or in none.

    Exit code: 0 done, 1 no safe copy is possible (none is written), 2 unreadable.
    """
    options = _Options(
        layout, roles, policy, method, base, all_counts, released, released_as, contributors,
        hierarchy, cell_key,
    )  # fmt: skip
    try:
        request = options.request()
        if menu:
            _run_menu(paths, request, as_json=as_json, preview=preview, lang=lang)
            return
        if not output:
            raise NotSupportedError(
                Message("Nothing says where the copy goes."),
                Message("Name a file after -o, or ask for the ways with --menu."),
            )
        if len(paths) == 1 and paths[0].lower().endswith(".jj"):
            _run_jj(paths[0], Path(output), request, as_json=as_json, lang=lang)
            return
        _run(paths, output, request, report=report, as_json=as_json, preview=preview, lang=lang)
    except NotProtectedError as error:
        click.echo(error.text(lang), err=True)
        sys.exit(1)
    except SozialdatenError as error:
        fail(error, lang)
    except OSError as error:
        click.echo(f"{error.filename or output}: {error.strerror}", err=True)
        sys.exit(2)
