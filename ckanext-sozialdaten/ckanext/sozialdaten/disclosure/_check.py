"""The verb check: rules over tables and files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from ckanext.sozialdaten.disclosure._by_measure import by_measure
from ckanext.sozialdaten.disclosure._engine import Backend, Engine
from ckanext.sozialdaten.disclosure._model import Finding, Report
from ckanext.sozialdaten.disclosure._original import Original, originals
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._released import Released, named
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure._table import Loose, Sheet
from ckanext.sozialdaten.disclosure._turned import turned
from ckanext.sozialdaten.disclosure.documents import is_document
from ckanext.sozialdaten.disclosure.magnitudes import Contributors, Demands, read_contributors
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.readers._arrow import plain_columns
from ckanext.sozialdaten.disclosure.readers._common import unique_names
from ckanext.sozialdaten.disclosure.rules import IDENTIFIER_RULES, TABLE_RULES
from ckanext.sozialdaten.disclosure.rules.dominance import judge
from ckanext.sozialdaten.disclosure.rules.growth import changes_of_released
from ckanext.sozialdaten.disclosure.rules.rate_inversion import rates_of_released
from ckanext.sozialdaten.disclosure.rules.release_difference import compare, together
from ckanext.sozialdaten.disclosure.rules.small_area import small_areas
from ckanext.sozialdaten.lake.layouts import Dialect, Layout, Role

__all__ = ["check_files", "check_table"]

Declarations = Layout | Mapping[str, Role | str] | None


def _findings(subject: Subject) -> Iterator[Finding]:
    if subject.policy.identifiers.check:
        for rule in IDENTIFIER_RULES:
            yield from rule.find(subject)
    for rule in TABLE_RULES:
        yield from rule.find(subject)


def _merged(findings: Iterable[Finding]) -> list[Finding]:
    """One finding where two detectors of one rule saw the same cells."""
    return list({(f.rule, f.column, f.cells, f.message.text()): f for f in findings}.values())


def _by_page(findings: Iterable[Finding]) -> list[Finding]:
    """Of the same trouble on many pages of a document one finding, which names the pages."""
    joined: dict[tuple[str, str, str], Finding] = {}
    for found in findings:
        key = (found.rule, found.severity, found.message.text())
        seen = joined.get(key, found)
        cells = tuple(sorted({*seen.cells, *found.cells}))
        joined[key] = replace(seen, cells=cells)
    return list(joined.values())


def _report(
    subject: Subject,
    released: Sequence[Subject] = (),
    contributors: Contributors | None = None,
) -> Report:
    sheet = subject.sheet
    found = _merged(
        (
            *_findings(subject),
            *compare(subject, released),
            *small_areas(subject, released),
            *rates_of_released(subject, released),
            *changes_of_released(subject, released),
            *judge(subject, contributors),
        )
    )
    if is_document(sheet.resource) and not sheet.table.num_columns:
        found = _by_page(found)
    placed = [finding.at(sheet.resource, sheet.name) for finding in found]
    return Report.of(
        subject.policy.name, placed, {(sheet.resource, sheet.name): subject.known.guesses}
    )


def _otherwise(subject: Subject) -> Iterator[Sheet]:
    """The same table read otherwise: persons from left to right, a measure in each row."""
    if any(guess.confidence == 1.0 for guess in subject.known.guesses.values()):
        return  # somebody has said how it is to be read
    aside = turned(subject.sheet)
    if aside is not None:
        yield aside
    yield from by_measure(subject)


def check_table(
    table: pa.Table,
    layout: Declarations,
    policy: Policy,
    *,
    resource: str = "",
    sheet: str = "",
    hierarchies: Mapping[str, Mapping[str, str]] | None = None,
    backend: Backend = Backend.DUCKDB,
) -> Report:
    """Findings on one Arrow table: see :func:`ckanext.sozialdaten.disclosure.check`."""
    plain = plain_columns(table)
    plain = plain.rename_columns(unique_names(plain.column_names))
    loose = [Loose(name, "header") for name in plain.column_names]
    loose += [Loose(text, kind) for text, kind in ((resource, "file"), (sheet, "sheet")) if text]
    whole = Sheet(plain, resource, sheet, 1, tuple(loose))
    engine = Engine(backend)
    try:
        subject = prepare(whole, layout, policy, engine, strict=True, hierarchies=hierarchies)
        parts = [prepare(part, layout, policy, engine) for part in _otherwise(subject)]
        reports = [_report(subject), *map(_report, parts)]
        if parts:
            reports.append(_linked(policy, [s for s in parts if s.measures is not None], ()))
        return Report.joined(policy.name, reports)
    finally:
        engine.close()


def _released(
    released: Sequence[str | Path | Released], dialect: Dialect | None
) -> Iterator[tuple[Sheet, Released]]:
    """The tables of releases, under the names that findings give them."""
    for one in named(released):
        own = one.layout.dialect if isinstance(one.layout, Layout) else dialect
        for sheet in read_paths([one.path], own):
            yield (replace(sheet, resource=one.name) if one.name else sheet), one


def _linked(
    policy: Policy,
    subjects: Sequence[Subject],
    released: Sequence[Subject],
    demands: Mapping[int, Demands] | None = None,
) -> Report:
    """What the tables of one submission give away together."""
    placed = [
        finding.at(subject.sheet.resource, subject.sheet.name)
        for subject, finding in together(subjects, released, demands)
    ]
    for subject in subjects:
        beside = [other for other in subjects if other is not subject]
        place = (subject.sheet.resource, subject.sheet.name)
        placed += [finding.at(*place) for finding in rates_of_released(subject, beside)]
        placed += [finding.at(*place) for finding in changes_of_released(subject, beside)]
    return Report.of(policy.name, placed, {})


def check_files(
    paths: Sequence[str | Path],
    layout: Declarations,
    policy: Policy,
    *,
    released: Sequence[str | Path | Released] = (),
    contributors: str | Path | None = None,
    contributor_roles: Mapping[str, Role | str] | None = None,
    hierarchies: Mapping[str, Mapping[str, str]] | None = None,
    original: Sequence[str | Path] = (),
    backend: Backend = Backend.DUCKDB,
) -> Report:
    """Findings on files: see :func:`ckanext.sozialdaten.disclosure.check_files`."""
    dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
    behind = read_contributors(contributors, contributor_roles) if contributors else None
    engine = Engine(backend)
    try:
        earlier = [
            replace(
                prepare(sheet, one.layout or layout, policy, engine, hierarchies=hierarchies),
                published_as=one.published_as,
            )
            for sheet, one in _released(released, dialect)
        ]
        reports: list[Report] = []
        counted: list[Subject] = []
        wholes: Iterable[Subject] = (
            prepare(sheet, layout, policy, engine, hierarchies=hierarchies)
            for sheet in read_paths(paths, dialect)
        )
        before: dict[int, Original] = {}
        if original:
            wholes = list(wholes)
            before = originals(wholes, original, layout, policy, behind, engine)
        for whole in wholes:
            parts = [prepare(part, layout, policy, engine) for part in _otherwise(whole)]
            for subject in (whole, *parts):
                report = _report(subject, earlier, behind if subject is whole else None)
                known = before.get(id(subject))
                reports.append(known.beside(subject, report) if known else report)
                if subject.measures is not None and not subject.known.person_level:
                    counted.append(subject)
        demands = {key: known.demands for key, known in before.items()}
        reports.append(_linked(policy, counted, earlier, demands))
    finally:
        engine.close()
    return Report.joined(policy.name, reports)
