"""The documents that a reader may see: by field of action and kind, or beside a figure."""

import re
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import ckan.plugins.toolkit as tk
import sqlalchemy as sa
import yaml
from ckan import model

from ckanext.sozialdaten.geography import Register
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._themes import social_themes
from ckanext.sozialdaten.portal.documents._files import files_of, forms_of
from ckanext.sozialdaten.publishing.model import Release, Withdrawal

__all__ = ["Paper", "Shelf", "Stock", "kinds", "linked", "newest_files", "papers", "stock_of"]

_ALL = "+document_kind:[* TO *]"
_ID = re.compile(r"[a-z0-9_]+")
_MOST = 1_000
_NEWEST = "metadata_created desc"
_MOST_LINKED = 6


@cache
def kinds() -> list[Mapping[str, str]]:
    """Code, German and English name of each kind of document."""
    source = resources.files("ckanext.sozialdaten.schemas") / "codelists/document_kinds.yaml"
    return yaml.safe_load(source.read_text("utf-8"))["codes"]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document on a list.

    Args:
        name: its address.
        title: in the reader's language.
        notes: what it is about, as Markdown.
        kind: code.
        kind_name: in the reader's language.
        themes: codes of its fields of action.
        year: that it speaks of, else of its publication.
        publisher: title of the organisation.
        forms: endings of its files with their sizes in bytes.
        english: fields that exist in English, too.
    """

    name: str
    title: str
    notes: str
    kind: str
    kind_name: str
    themes: tuple[str, ...]
    year: str
    publisher: str
    forms: tuple[tuple[str, int], ...]
    english: frozenset[str] = frozenset()

    def lang(self, field: str) -> str:
        """The attribute ``lang`` for ``field``, where its language is not the page's."""
        known = {f"{name}_en": True for name in self.english}
        return tk.h.sozialdaten_lang(known, field)

    @property
    def address(self) -> str:
        """Where it can be read."""
        return tk.h.url_for("sozialdaten_documents.read", name=self.name)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The documents of a field of action; ``code`` is empty for those of none."""

    code: str
    name: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Stock:
    """All documents that fit a choice.

    Args:
        shelves: by field of action, in the order of the themes.
        kinds: code, name, count and whether it is chosen.
        themes: the same.
        years: the same.
        count: how many there are.
    """

    shelves: tuple[Shelf, ...]
    kinds: tuple[tuple[str, str, int, bool], ...]
    themes: tuple[tuple[str, str, int, bool], ...]
    years: tuple[tuple[str, str, int, bool], ...]
    count: int


def paper_of(package: Mapping[str, Any]) -> Paper:
    """A dataset as a document of a list."""
    kind = str(package.get("document_kind") or "")
    names = {entry["code"]: entry[frame.language()] for entry in kinds()}
    return Paper(
        name=str(package["name"]),
        title=frame.text_of(package, "title") or str(package["name"]),
        notes=frame.text_of(package, "notes"),
        kind=kind,
        kind_name=names.get(kind, kind),
        themes=tuple(package.get("social_theme") or ()),
        year=_year(package),
        publisher=str((package.get("organization") or {}).get("title") or ""),
        forms=forms_of(package),
        english=frozenset(name for name in ("title", "notes") if package.get(f"{name}_en")),
    )


def _year(package: Mapping[str, Any]) -> str:
    periods = [period for period in package.get("temporal_coverage") or () if period]
    ends = [str(period.get("end") or period.get("start") or "")[:4] for period in periods]
    told = max(ends, default="") or str(package.get("reference_date") or "")[:4]
    return told or str(package.get("issued") or package.get("metadata_created") or "")[:4]


def _search(condition: str, rows: int, **more: Any) -> dict[str, Any]:
    context: Any = {"user": tk.current_user.name, "auth_user_obj": tk.current_user}
    asked = {"fq": f"{_ALL} {condition}", "rows": rows, **more}
    return tk.get_action("package_search")(context, asked)


def papers(condition: str = "", rows: int = _MOST) -> tuple[Paper, ...]:
    """The public documents, newest first, that meet a condition of the search index."""
    answer = _search(condition, rows, sort=_NEWEST)
    return tuple(paper_of(package) for package in answer["results"])


def linked(indicator: str = "", region: str = "") -> tuple[Paper, ...]:
    """The newest documents that belong to an indicator, or that speak of a region.

    Args:
        indicator: its id.
        region: its key; documents of the regions that it lies in count too.
    """
    return _linked(indicator, region, frame.language(), _state())


def _state() -> tuple[int, int, int]:
    """Changes with each release and each withdrawal; and with the minute, until which the search
    index may not know of a new release yet.
    """
    gone = sa.select(sa.func.count()).select_from(Withdrawal).scalar_subquery()
    newest, withdrawn = model.Session.execute(sa.select(sa.func.max(Release.seq), gone)).one()
    return newest or 0, withdrawn, int(time.monotonic() // 60)


@lru_cache(maxsize=512)
def _linked(
    indicator: str, region: str, _language: str, _known: tuple[int, int, int]
) -> tuple[Paper, ...]:
    if _ID.fullmatch(indicator):
        return papers(f"+linked_indicators:{indicator}", _MOST_LINKED)
    if regions.known(region):
        keys = (region, *Register.default().ancestors(region))
        return papers(f"+regions:({' OR '.join(keys)})", _MOST_LINKED)
    return ()


def newest_files(
    region: str, most: int, only: Collection[str] | None = None
) -> tuple[tuple[str, str, Path], ...]:
    """The files of the newest documents about a region: title, a name of its own, where it lies.

    Args:
        region: its key.
        most: bytes of all together; what does not fit any more is left out.
        only: the names of those that are wanted; None: all.
    """
    keys = (region, *Register.default().ancestors(region)) if regions.known(region) else ()
    answer = _search(f"+regions:({' OR '.join(keys)})", _MOST_LINKED, sort=_NEWEST) if keys else {}
    found: list[tuple[str, str, Path]] = []
    for package in answer.get("results", ()):
        for number, file in enumerate(files_of(package)):
            mark = f"-{number + 1}" if number else ""
            name = f"{package['name']}{mark}.{file.kind.lower()}"
            if not file.released or (only is not None and name not in only):
                continue
            most -= file.size
            if most >= 0:
                found.append((frame.text_of(package, "title"), name, file.path))
    return tuple(found)


def _shelves(chosen: Sequence[Paper], known: Mapping[str, str], theme: str) -> Iterator[Shelf]:
    """Each document once: with the chosen field of action, else with its first one."""
    order = {entry["code"]: place for place, entry in enumerate(kinds())}
    by_theme: dict[str, list[Paper]] = {}
    for paper in chosen:
        own = [code for code in known if code in paper.themes]
        by_theme.setdefault(theme or (own[0] if own else ""), []).append(paper)
    for code, name in (*known.items(), ("", tk._("Across all fields"))):
        if code in by_theme:
            held = sorted(by_theme[code], key=lambda p: (order.get(p.kind, 9), -_number(p.year)))
            yield Shelf(code, name, tuple(held))


def _number(year: str) -> int:
    return int(year) if year.isdigit() else 0


def stock_of(kind: str = "", theme: str = "", year: str = "") -> Stock:
    """All documents, with how many there are of each kind, field of action and year."""
    every = papers()
    known = {entry["code"]: entry[frame.language()] for entry in social_themes()}

    def fits(paper: Paper, *, leave: str = "") -> bool:
        return (
            (not kind or leave == "kind" or paper.kind == kind)
            and (not theme or leave == "theme" or theme in paper.themes)
            and (not year or leave == "year" or paper.year == year)
        )

    of_kind = Counter(p.kind for p in every if fits(p, leave="kind"))
    of_theme = Counter(t for p in every if fits(p, leave="theme") for t in p.themes)
    of_year = Counter(p.year for p in every if fits(p, leave="year"))
    chosen = [paper for paper in every if fits(paper)]
    return Stock(
        shelves=tuple(_shelves(chosen, known, theme)),
        kinds=tuple(
            (e["code"], e[frame.language()], of_kind[e["code"]], e["code"] == kind) for e in kinds()
        ),
        themes=tuple((c, n, of_theme[c], c == theme) for c, n in known.items() if of_theme[c]),
        years=tuple((y, y, n, y == year) for y, n in sorted(of_year.items(), reverse=True)),
        count=len(chosen),
    )
