"""Views: the figures of one indicator of one table, over dimensions that other tables share.

Tables name the same dimension differently ("Gemeinde", "AGS"), write its codes differently ("m",
"männlich"), put it into columns, or leave it out where they hold a single code. A view speaks of
all of them in one language, so that tables can be compared cell by cell.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._measures import COLUMN
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.structure._cells import Cells, cells_of
from ckanext.sozialdaten.disclosure.structure._dimensions import Dimension
from ckanext.sozialdaten.disclosure.structure._meaning import (
    Period,
    Topic,
    period,
    periods_in,
    region_key,
    sex,
    total,
)
from ckanext.sozialdaten.disclosure.structure._named import stem_of
from ckanext.sozialdaten.disclosure.structure._nesting import spans
from ckanext.sozialdaten.disclosure.structure._own_keys import own_keys
from ckanext.sozialdaten.disclosure.structure._relations import relations
from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.lake.layouts import Role

__all__ = ["TOTAL", "Code", "Side", "View", "views"]

#: The sum over a whole dimension.
TOTAL = ""
#: A code in the language that all views share.
Code = str | tuple[int, int] | Period
_MOSTLY = 0.6
_WORD = re.compile(r"[a-zäöüß]{3,}")


@dataclass(frozen=True, slots=True)
class Side:
    """One dimension of a view.

    Args:
        topic: what its codes speak of.
        name: the column it comes from, in lower case.
        codes: the meaning of each label of the dimension.
    """

    topic: Topic
    name: str
    codes: tuple[Code, ...]

    @property
    def plain(self) -> frozenset[Code]:
        """Its codes without the total."""
        return frozenset(code for code in self.codes if code != TOTAL)


@dataclass(frozen=True, slots=True)
class View:
    """The figures of one indicator.

    Args:
        release: position of the table among all that are looked at; the first one is the newest.
        subject: the table.
        role: counts or magnitudes.
        what: the value columns.
        named: words of the value columns that say what is counted.
        words: the same; those of title and file where the columns say nothing.
        cells: the figures.
        sides: one for each dimension of ``cells``.
    """

    release: int
    subject: Subject
    role: Role
    what: tuple[str, ...]
    named: frozenset[str]
    words: frozenset[str]
    cells: Cells
    sides: tuple[Side, ...]

    @property
    def place(self) -> str:
        """File and sheet."""
        sheet = self.subject.sheet
        return " > ".join(part for part in (sheet.resource, sheet.name) if part)


def views(subjects: Sequence[Subject], role: Role) -> list[View]:
    """The views of all tables; those whose rows nothing names are left out."""
    names = _aliases(subjects)
    found: list[View] = []
    for release, subject in enumerate(subjects):
        cells = cells_of(subject, role, constants=True)
        if cells is not None:
            for part, what, title in _split(cells):
                found.append(_view(release, subject, role, part, what, title, names))
    return found


def _texts(subject: Subject) -> list[str]:
    """Sheet, titles and file name: what a reader takes the table to be about."""
    sheet = subject.sheet
    titles = [loose.text for loose in sheet.loose if loose.kind == "title"]
    stem = sheet.resource.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return [sheet.name, *titles, stem]


def _said_sex(subject: Subject) -> str | None:
    """The one sex that a sheet or file is named after: "Frauen", ``hilfen_maennlich.csv``."""
    sheet, *_, stem = _texts(subject)
    words = _WORD.findall(normal(f"{sheet} {stem}".replace("_", " ")))
    found = {code for word in words if len(word) > 3 and (code := sex(word)) is not None}
    return found.pop() if len(found) == 1 else None


def _topic_words(texts: Sequence[str]) -> frozenset[str]:
    """Words that say what is counted, cut to their stem."""
    spoken = {word for text in texts for word in _WORD.findall(normal(text))}
    silent = lexicon().silent
    return frozenset(word[:7] for word in spoken if word not in silent and sex(word) is None)


def _view(
    release: int,
    subject: Subject,
    role: Role,
    cells: Cells,
    what: tuple[str, ...],
    title: str,
    names: Mapping[str, str],
) -> View:
    texts = _texts(subject)
    said = periods_in(texts)
    year = int(said.start // 12) if said else 0
    sides: list[Side] = []
    for position, dimension in enumerate(cells.dimensions):
        side = _side(dimension, year, {**names, **dict(_own(cells, position))})
        taken = {other.topic for other in sides}
        if side.topic in taken and side.topic is not Topic.OTHER:
            side = Side(Topic.OTHER, side.name, _plain(dimension))
        sides.append(side)
    for topic, code in ((Topic.TIME, said), (Topic.SEX, _said_sex(subject))):
        if code and not any(side.topic is topic for side in sides):
            codes = np.zeros(len(cells), dtype=np.int64)
            fixed = Dimension(f"__{topic}", ("",), codes)
            cells = replace(cells, dimensions=(*cells.dimensions, fixed))
            sides.append(Side(topic, "", (code,)))
    shown = _topic_words([title])
    spoken = shown or _topic_words(texts) - _topic_words([side.name for side in sides])
    return View(release, subject, role, what, shown, spoken, cells, tuple(sides))


def _own(cells: Cells, position: int) -> Iterator[tuple[str, str]]:
    """Keys of Gemeinden that look like those of their Kreis, as names of themselves."""
    return ((label, label) for label in own_keys(cells, position))


def _plain(dimension: Dimension) -> tuple[Code, ...]:
    """The labels as they are, but for totals."""
    totals = dimension.totals
    return tuple(TOTAL if label in totals else normal(label) or label for label in dimension.labels)


def _side(dimension: Dimension, year: int, names: Mapping[str, str]) -> Side:
    """The meaning of a dimension's labels."""
    totals = dimension.totals
    labels = [label for label in dimension.labels if label not in totals]
    name = normal(dimension.name)
    meant: Mapping[str, Code]
    for topic, meant in _readings(dimension, labels, year, names):
        if labels and len(meant) >= _MOSTLY * len(labels):
            codes = tuple(
                code if label in totals else meant.get(label, code)
                for label, code in zip(dimension.labels, _plain(dimension), strict=True)
            )
            return Side(topic, name, codes)
    return Side(Topic.OTHER, name, _plain(dimension))


def _readings(
    dimension: Dimension, labels: Sequence[str], year: int, names: Mapping[str, str]
) -> Iterator[tuple[Topic, Mapping[str, Code]]]:
    """What the labels would say as regions, sexes, bands and periods."""
    words, name = lexicon(), dimension.name
    about_age = any(word in normal(name) for word in ("alter", "age", "jahrgang"))
    found = spans(dimension)
    if about_age and dimension.levels:
        yield Topic.AGE, dict(found)
    if dimension.region or words.speaks_of(name, "region"):
        yield Topic.REGION, {label: _region(label, names) for label in labels}
    coded = any(word in normal(name) for word in ("geschl", "sex", "gender"))
    yield Topic.SEX, {x: code for x in labels if (code := sex(x, coded=coded)) is not None}
    if not about_age:
        found = {label: band for label, band in found.items() if not label.strip().isdigit()}
    if about_age or len(found) > 1 or "__" in name:
        yield Topic.AGE, dict(found)
    dated = words.speaks_of(name, "time") or name == COLUMN
    if dated:
        yield Topic.TIME, {label: when for label in labels if (when := period(label, year))}
    if dimension.region or all(region_key(label) is not None for label in labels):
        yield Topic.REGION, {label: _region(label, names) for label in labels}


def _region(label: str, names: Mapping[str, str]) -> str:
    """The key of a region, by key or by name; its name where nobody knows the key."""
    own = region_key(label, small=True)
    key = names.get(label, own) if label.isdigit() else own
    if key is None:
        key = names.get(normal(label))
    return normal(label) if key is None else f"#{key}"


def _aliases(subjects: Sequence[Subject]) -> dict[str, str]:
    """Region keys by name: of the register, and of tables that show both side by side."""
    register: dict[str, str] = {}
    doubled: set[str] = set()
    for region in Register.default():
        for name in (region.name, *region.aliases):
            known = register.setdefault(normal(name), region.ags)
            if known != region.ags:
                doubled.add(normal(name))
    found = {name: key for name, key in register.items() if name not in doubled}
    for subject in subjects:
        found.update(_shown_aliases(subject))
    return {name: "" if key == "DG" else key for name, key in found.items()}


def _shown_aliases(subject: Subject) -> dict[str, str]:
    if subject.measures is None:
        return {}
    table = subject.sheet.table
    columns = [key for key in subject.measures.keys if key in table.column_names]
    texts = {key: [str(cell) for cell in table.column(key).to_pylist()] for key in columns}
    keyed = [key for key in columns if all(region_key(c) is not None for c in set(texts[key]))]
    found: dict[str, str] = {}
    for key in keyed[:1]:
        for name in columns:
            if name == key:
                continue
            pairs = {
                (normal(n), region_key(k) or "")
                for n, k in set(zip(texts[name], texts[key], strict=True))
            }
            if len(pairs) == len({n for n, _ in pairs}) == len({k for _, k in pairs}):
                found.update(dict(pairs))
    return found


def _split(cells: Cells) -> Iterator[tuple[Cells, tuple[str, ...], str]]:
    """One table for each indicator: value columns that are no codes of one dimension part."""
    position = next((i for i, d in enumerate(cells.dimensions) if d.name == COLUMN), None)
    if position is None:
        column = cells.columns[0] if cells.columns else ""
        yield cells, (column,), column
        return
    labels = cells.dimensions[position].labels
    for stem, members in _indicators(cells, position):
        chosen = np.isin(cells.dimensions[position].codes, np.asarray(list(members)))
        part = cells.where(chosen)
        rest = [d for i, d in enumerate(part.dimensions) if i != position]
        if len(members) > 1:
            moved = part.dimensions[position]
            shown = tuple(members[labels.index(label)] for label in moved.labels)
            rest.append(replace(moved, labels=shown))
        title = stem or (labels[next(iter(members))] if len(members) == 1 else "")
        yield replace(part, dimensions=tuple(rest)), tuple(labels[m] for m in members), title


def _indicators(cells: Cells, position: int) -> Iterator[tuple[str, dict[int, str]]]:
    """Groups of value columns: a common stem and the code of each column."""
    labels = cells.dimensions[position].labels
    left = dict(enumerate(labels))
    for stem, members in _stems(labels).items():
        for code, label in left.items():
            if code not in members and normal(label) in (stem, f"{stem} insgesamt".strip()):
                members[code] = "insgesamt"
        if len(members) - sum(total(rest) for rest in members.values()) > 1:
            yield stem, members
            left = {code: label for code, label in left.items() if code not in members}
    summed = _summed(cells, position, set(left))
    if summed:
        yield "", summed
    for code, label in left.items():
        if code not in summed:
            yield normal(label), {code: label}


def _stems(labels: Sequence[str]) -> dict[str, dict[int, str]]:
    """Value columns that name an indicator and a code, by the indicator."""
    stems: dict[str, dict[int, str]] = {}
    for code, label in enumerate(labels):
        stem, rest = stem_of(label)
        if rest:
            stems.setdefault(stem, {})[code] = rest
    return stems


def _summed(cells: Cells, position: int, left: set[int]) -> dict[int, str]:
    """Value columns that sums relate."""
    labels = cells.dimensions[position].labels
    found: dict[int, str] = {}
    for relation in relations(cells, 0.5):
        codes = {relation.total, *relation.parts}
        if relation.dimension == position and codes <= left:
            found.update({code: labels[code] for code in codes})
    return found
