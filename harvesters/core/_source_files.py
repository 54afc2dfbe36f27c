"""Reading the YAML of sources, strictly: an unknown key is an error with a way out."""

import os
import re
from collections.abc import Mapping
from dataclasses import fields
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import cast

import yaml

from ckanext.sozialdaten.disclosure import DEFAULT_POLICY
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._derived import derived_layout
from ckanext.sozialdaten.harvesters.core._source_figures import (
    named,
    observation_rule,
    read_rule,
    region_scope,
)
from ckanext.sozialdaten.harvesters.core.connectors import THEMES, connection
from ckanext.sozialdaten.harvesters.core.errors import SourceError
from ckanext.sozialdaten.harvesters.core.readers import convention, formats
from ckanext.sozialdaten.harvesters.core.source import (
    ActiveRule,
    AggregateRule,
    CatalogueRule,
    Checks,
    Deliveries,
    DimensionRule,
    Group,
    Margins,
    MeasureKind,
    MeasureRule,
    ObservationRule,
    PublishRule,
    ResourceText,
    Schedule,
    SmallCounts,
    Source,
)
from ckanext.sozialdaten.lake.errors import LayoutError, ObservationError
from ckanext.sozialdaten.lake.layouts import Layout
from ckanext.sozialdaten.lake.sections import Section
from ckanext.sozialdaten.messages import Message

__all__ = ["own_folder", "read_source", "source_files"]

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SOURCE = (  # noqa: SIM905 - a table of words reads better
    "id title owner_org connector reader layout read schedule aggregate observations catalogue "
    "deliveries checks retention_days refused_days publish licence attribution legal_basis purpose "
    "dataset resource"
).split()
_AGGREGATE = (  # noqa: SIM905
    "reference region person case active dimensions measures regions keep pseudonymise"
).split()
_PUBLISH = ("layout", "measures", "policy", "small_counts", "margins")
_OWN_READERS = ("auto", "layout")
_CATALOGUES = ("ckan", "dcat")


def source_files() -> dict[str, Traversable]:
    """Every source file by id; a folder of ``SOZIALDATEN_SOURCES`` wins over the shipped ones."""
    folders: list[Traversable] = [resources.files("ckanext.sozialdaten.schemas.sources")]
    folders += _own_folders()
    return {
        entry.name.removesuffix(".yaml"): entry
        for folder in folders
        if folder.is_dir()
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml")
    }


def _own_folders() -> list[Path]:
    """The folders of ``SOZIALDATEN_SOURCES``; else the one beside the installation's state."""
    named = os.environ.get("SOZIALDATEN_SOURCES", "")
    home = os.environ.get("SOZIALDATEN_HOME", "")
    found = [Path(folder) for folder in named.split(os.pathsep) if folder]
    return found or ([Path(home) / "sources"] if home else [])


def own_folder() -> Path:
    """The folder that new sources are written to: the last one, which wins over all others.

    Raises:
        SourceError: the installation has none.
    """
    folders = _own_folders()
    if not folders:
        raise SourceError(
            Message("There is no folder for sources of this installation."),
            Message("Set SOZIALDATEN_SOURCES to a folder."),
        )
    return folders[-1]


def read_source(path_or_name: str | Path) -> Source:
    """See `load_source`."""
    file = _find(path_or_name)
    try:
        data: object = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _broken(file.name, error) from error
    try:
        return _source(Section(data, "", _SOURCE, file.name))
    except (LayoutError, ObservationError) as error:
        raise SourceError(error.message, error.hint, error.place) from error


def _find(path_or_name: str | Path) -> Traversable:
    if Path(path_or_name).suffix in (".yaml", ".yml"):
        file: Traversable | None = Path(path_or_name)
    else:
        file = source_files().get(str(path_or_name))
    if file is None or not file.is_file():
        raise SourceError(
            Message("There is no source “{name}”.", {"name": str(path_or_name)}),
            Message("Known sources: {names}.", {"names": ", ".join(sorted(source_files()))}),
        )
    return file


def _broken(file: str, error: Exception) -> SourceError:
    mark = getattr(error, "problem_mark", None)
    row = None if mark is None else cast("int", mark.line) + 1
    return SourceError(
        Message("The description of the source is no valid YAML."),
        Message("Check indentation, quotes and brackets at this place."),
        Place(file=file, row=row),
    )


def _source(section: Section) -> Source:
    identifier = section.text("id")
    if not _ID.fullmatch(identifier):
        raise section.wrong("id", "{where} must be lower-case letters, digits and hyphens.")
    layout = section.text("layout", "")
    catalogue = _catalogue(section, identifier) if "catalogue" in section else None
    rule = observation_rule(section) if "observations" in section else None
    source = Source(
        id=identifier,
        title=section.titles("title"),
        owner_org=section.text("owner_org"),
        connection=connection(section),
        reader=_reader(section),
        layout=Layout.from_yaml(layout) if layout else None,
        read=read_rule(section),
        schedule=section.choice("schedule", Schedule, Schedule.MANUAL) or Schedule.MANUAL,
        aggregate=_aggregate(section) if "aggregate" in section else None,
        observations=rule,
        catalogue=catalogue,
        deliveries=section.choice("deliveries", Deliveries, Deliveries.FULL) or Deliveries.FULL,
        checks=_checks(section),
        retention_days=section.integer("retention_days", 0),
        refused_days=section.integer("refused_days", 14),
        publish=_listing() if catalogue else _publish(section, identifier, rule),
        licence=section.text("licence", ""),
        attribution=section.text("attribution", ""),
        legal_basis=section.texts("legal_basis"),
        purpose=section.titles("purpose"),
        dataset=_dataset(section, () if catalogue else ("name", "title")),
        resource=ResourceText("", "") if catalogue else _resource(section),
    )
    _check(source, section)
    return source


def _one_of(section: Section, key: str, allowed: tuple[str, ...]) -> str:
    value = section.text(key)
    if value not in allowed:
        raise section.wrong(key, "{where} must be one of {allowed}.", allowed=", ".join(allowed))
    return value


def _reader(section: Section) -> str:
    """``auto``, ``layout``, or the name of a format that can be read."""
    known = (*_OWN_READERS, *formats())
    if section.text("reader", "auto") in known:
        return section.text("reader", "auto")
    return _one_of(section, "reader", known)


def _aggregate(section: Section) -> AggregateRule:
    inner = section.section("aggregate", _AGGREGATE)
    active = inner.section("active", ("from", "to"))
    reference = inner.section("reference", ("column", "kind"))
    return AggregateRule(
        reference=reference.text("column"),
        region=inner.text("region"),
        person=inner.text("person"),
        case=inner.text("case"),
        active=ActiveRule(active.text("from"), active.text("to")) if "active" in inner else None,
        dimensions=tuple(
            _dimension(name, item)
            for name, item in named(inner, "dimensions", ("column", "age_of", "groups", "outside"))
        ),
        measures=tuple(
            _measure(name, item)
            for name, item in named(inner, "measures", ("count", "sum", "unit"))
        ),
        regions=region_scope(inner),
        keep=inner.texts("keep"),
        pseudonymise=inner.texts("pseudonymise"),
    )


def _dimension(name: str, section: Section) -> DimensionRule:
    if "age_of" not in section:
        return DimensionRule(name, section.text("column"))
    groups = tuple(
        Group(
            code=group.text("code"),
            start=group.integer("from", 0),
            end=group.integer("to", 0) if "to" in group else None,
        )
        for group in section.sections("groups", ("code", "from", "to"))
    )
    if not groups:
        raise section.wrong("groups", "{where} must be a list of at least one age group.")
    for lower, upper in pairwise(groups):
        if lower.end is None or lower.end >= upper.start:
            raise section.wrong("groups", "{where}: age groups must rise and not overlap.")
    outside = section.text("outside", "error")
    return DimensionRule(
        name, section.text("age_of"), groups, "" if outside == "error" else outside
    )


def _measure(name: str, section: Section) -> MeasureRule:
    unit = section.text("unit", "")
    if "sum" in section:
        return MeasureRule(name, MeasureKind.SUM, unit, section.text("sum"))
    kind = section.choice("count", MeasureKind)
    if kind is None or kind is MeasureKind.SUM:
        raise section.wrong("count", "{where} must be persons or cases.")
    return MeasureRule(name, kind, unit)


def _publish(section: Section, name: str, rule: ObservationRule | None) -> PublishRule:
    inner = section.section("publish", _PUBLISH)
    counts = inner.choice("small_counts", SmallCounts, SmallCounts.SUPPRESS)
    margins = inner.choice("margins", Margins, Margins.WHEN_COMPLETE)
    measures = inner.texts("measures")
    if rule is None or "layout" in inner:
        layout = Layout.from_yaml(inner.text("layout"))
    else:
        measures = measures or tuple(dict.fromkeys(value.column for value in rule.values))
        layout = derived_layout(name, rule, measures, _signs(section))
    return PublishRule(
        layout=layout,
        measures=measures,
        policy=inner.text("policy", DEFAULT_POLICY),
        small_counts=counts or SmallCounts.SUPPRESS,
        margins=margins or Margins.WHEN_COMPLETE,
    )


def _signs(section: Section) -> str:
    """The sign convention of the deliveries: as the source says, else that of their format."""
    return read_rule(section).signs or convention(_format(section))


def _format(section: Section) -> str:
    reader = section.text("reader", "auto")
    return reader if reader not in _OWN_READERS else ""


def _checks(section: Section) -> Checks:
    plain = Checks()
    inner = section.section("checks", tuple(item.name for item in fields(Checks)))
    return Checks(
        rows_drop=inner.integer("rows_drop", plain.rows_drop),
        jump=inner.integer("jump", plain.jump),
        jump_cells=inner.integer("jump_cells", plain.jump_cells),
        jump_least=inner.integer("jump_least", plain.jump_least),
        columns=inner.raw("columns") is not False,
        order=inner.raw("order") is not False,
        sums=inner.texts("sums"),
    )


def _catalogue(section: Section, identifier: str) -> CatalogueRule:
    inner = section.section("catalogue", ("prefix", "themes", "vanish"))
    themes = inner.section("themes", sorted(THEMES))
    return CatalogueRule(
        prefix=inner.text("prefix", identifier),
        themes={code: themes.texts(code) for code in sorted(THEMES) if code in themes},
        vanish=inner.integer("vanish", 20),
    )


def _listing() -> PublishRule:
    """Sources of catalogues publish no table of their own; the plain policy holds."""
    return PublishRule(Layout(fields=()), (), DEFAULT_POLICY)


def _dataset(section: Section, needed: tuple[str, ...]) -> dict[str, object]:
    if not section.is_mapping("dataset"):
        raise section.wrong("dataset", "{where} must be a mapping of names.")
    fields = cast("Mapping[object, object]", section.raw("dataset"))
    dataset = {str(key): value for key, value in fields.items()}
    for key in needed:
        if not isinstance(dataset.get(key), str):
            raise section.wrong(f"dataset.{key}", "{where} must be a text (in quotes).")
    return dataset


def _resource(section: Section) -> ResourceText:
    inner = section.section("resource", ("name", "filename", "description"))
    filename = inner.text("filename")
    if Path(filename).name != filename:
        raise inner.wrong("filename", "{where} must be a plain file name.")
    return ResourceText(inner.text("name"), filename, inner.text("description", ""))


def _check_catalogue(source: Source, section: Section) -> None:
    if source.catalogue and source.connection.type not in _CATALOGUES:
        raise section.wrong(
            "catalogue",
            "{where}: only connectors of catalogues ({allowed}) list datasets.",
            allowed=", ".join(_CATALOGUES),
        )


def _check(source: Source, section: Section) -> None:
    """What one key cannot say alone: references between the parts of the description."""
    kinds = (source.aggregate, source.observations, source.catalogue)
    if sum(kind is not None for kind in kinds) != 1:
        raise section.wrong(
            "aggregate",
            "{where}: give either aggregate (persons), observations (figures) or catalogue.",
        )
    if source.layout is None and (source.reader == "layout" or source.aggregate):
        raise section.wrong("layout", "{where} is needed to read delimited text.")
    _check_catalogue(source, section)
    _check_columns(source, section)
    if source.publish.margins is Margins.PROTECT and len(source.publish.measures) != 1:
        raise section.wrong("publish.margins", "{where}: protect works on one measure.")
    for measure in source.publish.measures:
        if measure not in source.measures:
            raise section.wrong(
                "publish.measures", "{where}: there is no measure “{name}”.", name=measure
            )
        if measure not in source.publish.layout:
            raise section.wrong("publish.layout", "{where} has no column “{name}”.", name=measure)
    for name in source.dimension_names:
        if name not in source.publish.layout:
            raise section.wrong("publish.layout", "{where} has no column “{name}”.", name=name)


def _check_columns(source: Source, section: Section) -> None:
    rule, layout = source.aggregate, source.layout
    if rule is None or layout is None:
        return
    used = [rule.reference, rule.region, rule.person, rule.case, *rule.keep, *rule.pseudonymise]
    used += [item.column for item in rule.dimensions]
    used += [item.column for item in rule.measures if item.column]
    used += [rule.active.start, rule.active.end] if rule.active else []
    for name in used:
        if name not in layout:
            raise section.wrong(
                "aggregate", "{where}: the layout has no column “{name}”.", name=name
            )
