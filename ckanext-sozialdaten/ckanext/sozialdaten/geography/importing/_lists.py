"""Taking lists into a register folder: which kind each is, in which order, what was done."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.geography._files import Region
from ckanext.sozialdaten.geography._keys import Level, candidates, key_level
from ckanext.sozialdaten.geography._register import Register
from ckanext.sozialdaten.geography._search import fold
from ckanext.sozialdaten.geography.errors import RegisterError, UnknownRegion
from ckanext.sozialdaten.geography.importing._changes import (
    Former,
    Step,
    crosswalk_of_csv,
    crosswalk_of_sheet,
    with_takers,
)
from ckanext.sozialdaten.geography.importing._folder import Folder
from ckanext.sozialdaten.geography.importing._records import (
    Snapshot,
    records_of_sheet,
    records_of_text,
    snapshot,
)
from ckanext.sozialdaten.geography.importing._renamings import Change, changes_of_sheet, steps
from ckanext.sozialdaten.geography.importing._sheets import (
    Sheet,
    cell_text,
    read_csv,
    read_text,
    read_workbook,
)
from ckanext.sozialdaten.geography.importing._small_areas import (
    Facts,
    facts_of_csv,
    small_areas_of_csv,
)
from ckanext.sozialdaten.geography.importing._states import fold_in
from ckanext.sozialdaten.messages import Message

__all__ = ["import_lists"]

_LIST = "list"
_DAY = dt.timedelta(days=1)
_YEAR = dt.timedelta(days=366)


@dataclass(slots=True)
class _Sorted:
    """The files by what they hold; lists of one day each are sorted before they are taken in."""

    snapshots: list[tuple[Path, Snapshot]] = field(default_factory=list)
    changes: list[tuple[Path, list[Change]]] = field(default_factory=list)
    steps: list[tuple[Path, list[Step], list[Former]]] = field(default_factory=list)
    tables: list[tuple[Path, Sheet]] = field(default_factory=list)


def import_lists(
    files: Sequence[Path], folder: Path, parent: str = "", day: dt.date | None = None
) -> list[Message]:
    """Take lists of regions and of their changes into a register folder.

    The kind of each is seen from its content: GV-ISys workbook or GV100AD, BBSR Umsteigeschlüssel,
    Destatis Namens- und Gebietsänderungen, CSV with small areas, changes, names or NUTS codes. The
    lists of one day come first, in the order of their days.

    Args:
        files: the lists.
        folder: register folder; made if it is not there.
        parent: the Gemeinde or Kreis in which all small areas of a CSV lie.
        day: territorial state of a CSV with small areas that has no days of its own.

    Returns:
        what was done, in the order in which it was done.

    Raises:
        RegisterError: a file cannot be read or is of no known kind; nothing of it is taken in.
    """
    target = Folder(folder)
    found = _Sorted()
    for path in files:
        _sort(path, found)
    notes: list[Message] = []
    for path, listed in sorted(found.snapshots, key=lambda item: item[1].day):
        notes.append(_take_snapshot(target, path, listed))
    for path, sheet in found.tables:
        notes += _take_table(target, path, sheet, parent, day)
    for path, changes in found.changes:
        notes += _take_changes(target, path, changes)
    for path, way, formers in found.steps:
        notes += _take_steps(target, path, way, formers)
    return notes


def _sort(path: Path, found: _Sorted) -> None:
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xls", ".xlsb", ".ods", ".xlsm"):
        _sort_workbook(path, found)
    elif suffix in (".txt", ".asc", ".zip"):
        day, records = records_of_text(read_text(path).splitlines(), path.name)
        found.snapshots.append((path, snapshot(day, records, path.name)))
    elif suffix in (".csv", ".tsv"):
        found.tables.append((path, read_csv(path)))
    else:
        raise _unknown(path)


def _sort_workbook(path: Path, found: _Sorted) -> None:
    way: list[Step] = []
    formers: list[Former] = []
    for sheet in read_workbook(path):
        opening = [cell_text(cell) for row in sheet.rows[:12] for cell in row]
        plain = " ".join(opening).replace("-", "").replace(" ", "").lower()
        if "satzart" in plain and "regionalschlüssel" in plain:
            day, records = records_of_sheet(sheet)
            found.snapshots.append((path, snapshot(day, records, path.name)))
            return
        if (changes := changes_of_sheet(sheet)) is not None:
            found.changes.append((path, changes))
            return
        if step := crosswalk_of_sheet(sheet):
            way.append(step[0])
            formers += step[1]
    if not way:
        raise _unknown(path)
    found.steps.append((path, way, formers))


def _unknown(path: Path) -> RegisterError:
    return RegisterError(
        Message("This is no list of regions that is known here."),
        Message(
            "Known: GV-ISys (workbook, GV100AD), BBSR Umsteigeschlüssel, Destatis "
            "Namensänderungen, CSV with the columns key, name, parent (small areas), from, to, "
            "old, new, population (changes), or key, name, nuts (further names); boundaries as "
            "GeoJSON, GeoPackage or Shapefile."
        ),
        Place(path.name),
    )


def _take_snapshot(target: Folder, path: Path, listed: Snapshot) -> Message:
    before = _last(target, _LIST)
    if before and listed.day < before:
        raise RegisterError(
            Message(
                "The list of {day} is older than that of {last}, which was taken in already.",
                {"day": listed.day.isoformat(), "last": before.isoformat()},
            ),
            Message("Start with an empty folder and name all lists in one call."),
            Place(path.name),
        )
    own = Register.default()
    laender = {region.ags for region in listed.regions if region.level is Level.LAND}
    regions = [_with_facts(region, own) for region in listed.regions]
    states = fold_in(
        target.states(),
        regions,
        listed.day,
        lambda region: region.level is not Level.ORTSTEIL and region.ags[:2] in laender,
        before,
    )
    target.write_states(states)
    target.write_sizes(listed.sizes)
    target.note(path, _LIST, listed.day)
    count = sum(1 for region in regions if region.level is Level.GEMEINDE)
    return Message(
        "{file}: {count} municipalities and the regions above them, state of {day}.",
        {"file": path.name, "count": count, "day": listed.day.isoformat()},
    )


def _with_facts(region: Region, own: Register) -> Region:
    """With the NUTS code and aliases that the project ships."""
    if region.level is not Level.LAND or region.ags not in own:
        return region
    shipped = own.get(region.ags)
    return replace(
        region,
        nuts=region.nuts or shipped.nuts,
        designation=shipped.designation,
        aliases=tuple(dict.fromkeys((*region.aliases, *shipped.aliases))),
    )


def _take_table(
    target: Folder, path: Path, sheet: Sheet, parent: str, day: dt.date | None
) -> list[Message]:
    way = crosswalk_of_csv(sheet)
    if way is not None:
        return _take_steps(target, path, way, [])
    states = target.states()
    resolve = _resolver(states)
    areas = small_areas_of_csv(sheet, resolve(parent) if parent else "", resolve)
    if areas is not None:
        return [_take_areas(target, path, areas, states, day)]
    facts = facts_of_csv(sheet, resolve)
    if facts is None:
        raise _unknown(path)
    return [_take_facts(target, path, facts, states)]


def _resolver(states: dict[str, list[Region]]) -> Callable[[str], str]:
    own = Register.default()

    def resolve(text: str) -> str:
        for key in candidates(text):
            if key in states:
                return key
        for key in candidates(text):
            if key in own:
                return key
        raise UnknownRegion(
            Message("No region has the key “{key}”.", {"key": text}),
            Message("Import the list of municipalities (GV-ISys) first."),
        )

    return resolve


def _take_areas(
    target: Folder,
    path: Path,
    areas: Sequence[Region],
    states: dict[str, list[Region]],
    day: dt.date | None,
) -> Message:
    dated = any(area.valid_from or area.valid_to for area in areas)
    kinds = {area.designation for area in areas}
    heads = {area.ags.partition("-")[0] for area in areas}
    kind = f"small_areas {'+'.join(sorted(heads))} {'+'.join(sorted(kinds))}"
    own = dict(states)
    if dated or day is None:
        for area in areas:
            own[area.ags] = []
        for area in areas:
            own[area.ags].append(area)
    else:
        own = fold_in(
            states,
            areas,
            day,
            lambda region: (
                region.level is Level.ORTSTEIL
                and region.designation in kinds
                and region.ags.partition("-")[0] in heads
            ),
            _last(target, kind),
        )
    for area in areas:
        if area.parent not in own and area.parent not in Register.default():
            raise UnknownRegion(
                Message(
                    "The region {key} lies in {parent}, which no register knows.",
                    {"key": area.ags, "parent": str(area.parent)},
                ),
                Message("Add a row for the region above."),
                Place(path.name),
            )
    target.write_states(own)
    target.note(path, kind, day)
    return Message("{file}: {count} small areas.", {"file": path.name, "count": len(areas)})


def _take_facts(
    target: Folder, path: Path, facts: Facts, states: dict[str, list[Region]]
) -> Message:
    done = 0
    for key, name in facts.names:
        for state in states.get(key, ())[-1:]:
            known = {fold(text) for text in (state.name, *state.aliases)}
            if fold(name) not in known:
                states[key][-1] = replace(state, aliases=(*state.aliases, name))
                done += 1
    for key, code in facts.nuts:
        for state in states.get(key, ())[-1:]:
            done += state.nuts != code
            states[key][-1] = replace(state, nuts=code)
    target.write_states(states)
    target.note(path, "facts")
    return Message(
        "{file}: {count} further names and NUTS codes.", {"file": path.name, "count": done}
    )


def _take_changes(target: Folder, path: Path, changes: list[Change]) -> list[Message]:
    states = target.states()
    made = steps(changes, target.sizes(), _existed(target, states), path.name)
    for change in sorted(changes, key=lambda item: item.day):
        _date(states, change)
    target.write_states(states)
    return _take_steps(target, path, made, [])


def _last(target: Folder, kind: str) -> dt.date | None:
    return max(target.days(kind), default=None)


def _existed(target: Folder, states: dict[str, list[Region]]) -> Callable[[str, dt.date], bool]:
    """Whether a region existed on a day; before the first list it is taken to have."""
    first = min(target.days(_LIST), default=dt.date.max)

    def existed(key: str, day: dt.date) -> bool:
        known = states.get(key, [])
        return any(state.valid_on(day) for state in known) if known else day < first

    return existed


def _date(states: dict[str, list[Region]], change: Change) -> None:
    """Lists of one day say that something changed since the last; this one says on which day."""
    for key in {change.old, change.new}:
        own = states.get(key, [])
        for index, state in enumerate(own):
            begun, ended = state.valid_from, state.valid_to
            if begun and change.day < begun < change.day + _YEAR:
                begun = change.day
            if ended and change.day <= ended < change.day + _YEAR:
                ended = change.day - _DAY
            own[index] = replace(state, valid_from=begun, valid_to=ended)
    gone = change.kind in ("1", "3") and change.old != change.new
    if gone and change.old not in states and change.old_name:
        last = change.day - _DAY
        _former(states, Former(change.old, change.old_name, last))


def _former(states: dict[str, list[Region]], former: Former) -> None:
    level = key_level(former.key)
    above = [key for key in (former.key[:5], former.key[:3], former.key[:2]) if key != former.key]
    parent = next((key for key in above if key in states), former.key[:2])
    name = former.name.partition(", ")[0]
    ars = f"{former.key[:5]}0000{former.key[5:]}" if level is Level.GEMEINDE else former.key
    aliases = (former.name,) if former.name != name else ()
    region = Region(
        former.key, ars.ljust(12, "0"), name, level, parent, None, former.last, aliases=aliases
    )
    states[former.key] = [region]


def _take_steps(
    target: Folder, path: Path, way: Sequence[Step], formers: Iterable[Former]
) -> list[Message]:
    states = target.states()
    last: dict[str, Former] = {}
    for former in (item for item in formers if item.name):
        if former.key not in last or last[former.key].last < former.last:
            last[former.key] = former
    register = Register.default()
    for key in sorted(last.keys() - states.keys(), key=len):
        if key[:2] in states or key[:2] in register:
            _former(states, last[key])
    if last:
        target.write_states(states)
    existed = _existed(target, states)
    for step in way:
        target.write_step(with_takers(step, existed))
    target.note(path, "changes")
    return [_told(path, step) for step in way]


def _told(path: Path, step: Step) -> Message:
    return Message(
        "{file}: {count} parts of regions of level {level}, from {start} to {end}.",
        {
            "file": path.name,
            "count": len(step.parts),
            "level": step.level,
            "start": step.start.isoformat(),
            "end": step.end.isoformat(),
        },
    )
