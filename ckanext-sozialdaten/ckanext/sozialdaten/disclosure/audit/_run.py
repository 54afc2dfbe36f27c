"""The audit itself: check each table, find what belongs together, attack each group."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ckanext.sozialdaten.disclosure._check import check_files
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.audit._report import Audit, Json, Table
from ckanext.sozialdaten.disclosure.audit._state import State
from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.rules._linked import linked
from ckanext.sozialdaten.disclosure.rules._related import Card, card_of, groups_of
from ckanext.sozialdaten.disclosure.rules.release_difference import (
    leak_finding,
    stranger_finding,
    uncompared,
)
from ckanext.sozialdaten.disclosure.structure import views
from ckanext.sozialdaten.errors import Place, SozialdatenError
from ckanext.sozialdaten.lake.layouts import Role
from ckanext.sozialdaten.messages import Message

__all__ = ["Item", "audit", "folder_items"]

#: Counted up when what a state file keeps changes its form.
_FORM = 2
Progress = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a catalogue.

    Args:
        dataset: the dataset it belongs to.
        title: the dataset's title.
        file: its name.
        load: gets its bytes.
        url: page of the dataset; empty for folders.
        stamp: changes with the bytes, if something does; else the bytes are looked at.
    """

    dataset: str
    title: str
    file: str
    load: Callable[[], bytes]
    url: str = ""
    stamp: str = ""

    @property
    def key(self) -> str:
        """Names the file and its state."""
        return f"item:{self.url}:{self.dataset}/{self.file}:{self.stamp}"


def folder_items(folder: Path) -> list[Item]:
    """The files of a folder; each folder directly below it is a dataset.

    Raises:
        UnreadableFileError: there is no such folder.
    """
    if not folder.is_dir():
        raise UnreadableFileError(
            Message("There is no such file or folder."),
            Message("Check the path."),
            Place(file=str(folder)),
        )
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    shown = [path for path in found if not any(part.startswith(".") for part in path.parts[-2:])]
    return [_folder_item(path, path.relative_to(folder)) for path in shown]


def _folder_item(path: Path, inside: Path) -> Item:
    dataset = inside.parts[0] if len(inside.parts) > 1 else inside.stem
    return Item(dataset, dataset, inside.name, path.read_bytes)


def audit(
    items: Iterable[Item],
    policy: Policy,
    *,
    state: Path | None = None,
    progress: Progress = lambda _message: None,
) -> Audit:
    """Check every table of a catalogue, and attack those that speak of the same thing together.

    Args:
        items: the files.
        policy: the numbers.
        state: file that keeps finished work; a second run with the same file goes on from there.
        progress: told what happens.
    """
    with tempfile.TemporaryDirectory(prefix="sozialdaten-audit-") as folder:
        basis = f"{policy.name} {policy.version} {_FORM}"
        run = _Run(policy, State.open(state, basis), Path(folder))
        entries = list(run.entries(items, progress))
        groups = list(run.groups(entries, progress))
    tables = [entry.table for entry in entries]
    complete = not any(group["apart"] for group in groups)
    return Audit(policy.name, tuple(tables), tuple(groups), complete)


@dataclass(frozen=True, slots=True)
class _Entry:
    item: Item
    table: Table
    digest: str
    card: Card | None


@dataclass(slots=True)
class _Run:
    policy: Policy
    state: State
    folder: Path

    def entries(self, items: Iterable[Item], progress: Progress) -> Iterator[_Entry]:
        """Each file with what its own check found."""
        for number, item in enumerate(items, 1):
            name = f"{item.dataset}/{item.file}"
            progress(Message("{number}: {file} is checked.", {"number": number, "file": name}))
            yield self._entry(item)

    def _entry(self, item: Item) -> _Entry:
        digest = cast("str | None", self.state.get(item.key)) if item.stamp else None
        known = self.state.get(f"check:{digest}:{item.file}") if digest else None
        if known is None or digest is None:
            try:
                data = item.load()
            except (SozialdatenError, OSError) as error:
                return _Entry(item, self._unread(item, error), "", None)
            digest = hashlib.sha256(data).hexdigest()
            known = self.state.get(f"check:{digest}:{item.file}") or self._checked(
                item, data, digest
            )
            self.state.put(item.key, digest)
        entry = cast("dict[str, object]", known)
        table = Table(
            item.dataset,
            item.title,
            item.file,
            item.url,
            tuple(cast("list[Json]", entry["findings"])),
            cast("Mapping[str, str]", entry["error"]),
        )
        card = cast("dict[str, list[str]]", entry["card"])
        words = frozenset(card.get("words") or [f"/{item.dataset}"])
        codes, cells = frozenset(card.get("codes", [])), cast("int", entry["cells"])
        return _Entry(item, table, digest, Card(words, codes, cells) if cells else None)

    def _unread(self, item: Item, error: Exception) -> Table:
        return Table(item.dataset, item.title, item.file, item.url, (), _reason(error))

    def _checked(self, item: Item, data: bytes, digest: str) -> dict[str, object]:
        path = self._path(item, digest, data)
        result: dict[str, object] = {"findings": [], "error": {}, "card": {}, "cells": 0}
        try:
            report = check_files([path], None, self.policy)
            result["findings"] = [finding.to_json() for finding in report.findings]
            with _subjects([path], self.policy) as subjects:
                card = card_of(
                    view for role in (Role.COUNT, Role.MAGNITUDE) for view in views(subjects, role)
                )
            result["card"] = {"words": sorted(card.words), "codes": sorted(card.codes)}
            result["cells"] = card.cells
        except SozialdatenError as error:
            result["error"] = _reason(error)
        self.state.put(f"check:{digest}:{item.file}", result)
        return result

    def _path(self, item: Item, digest: str, data: bytes | None = None) -> Path:
        """A file with the item's bytes; its name tells dataset and file."""
        path = self.folder / digest[:16] / item.dataset.replace("/", "_") / item.file
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(item.load() if data is None else data)
        return path

    def groups(self, entries: Sequence[_Entry], progress: Progress) -> Iterator[Json]:
        """Each group of tables that speak of the same thing, attacked as one system."""
        found = [(entry, entry.card) for entry in entries if entry.card is not None]
        for positions, others in groups_of([card for _, card in found]):
            members = [found[place][0] for place in positions]
            apart = [found[place][0].table.name for place in others]
            names = sorted(f"{m.digest} {m.table.name}" for m in members)
            key = "group:" + hashlib.sha256("\n".join(names).encode()).hexdigest()
            known = self.state.get(key)
            if known is None:
                text = Message("{count} tables are attacked together.", {"count": len(members)})
                progress(text)
                known = self._attacked(members)
                self.state.put(key, known)
            yield _beside(cast("Json", known), apart)

    def _attacked(self, members: Sequence[_Entry]) -> dict[str, object]:
        """What some tables give away together, under the names of the catalogue."""
        findings: list[Json] = []
        try:
            paths = {self._path(m.item, m.digest): m.table.name for m in members}
            with _subjects(list(paths), self.policy, list(paths.values())) as subjects:
                found = linked(subjects, self.policy)
                for leak in found.leaks:
                    place = leak.view.subject.sheet
                    shown = leak_finding(leak).at(place.resource, place.name)
                    combined = [place.resource, *(v.subject.sheet.resource for v in leak.partners)]
                    findings.append({**shown.to_json(), "tables": list(dict.fromkeys(combined))})
                findings += [stranger_finding(s).to_json() for s in found.strangers]
        except (SozialdatenError, OSError) as error:
            reason = _reason(error)
            findings.append({"rule": "release-difference", "severity": "warn", "message": reason})
        return {"tables": [member.table.name for member in members], "findings": findings}


class _subjects:  # noqa: N801  reads as a context in a sentence
    """The understood tables of some files, as long as the context lasts."""

    def __init__(self, paths: Sequence[Path], policy: Policy, names: Sequence[str] = ()) -> None:
        self._paths, self._policy = paths, policy
        self._names = names or [path.name for path in paths]

    def __enter__(self) -> list[Subject]:
        from dataclasses import replace

        self._engine = Engine()
        found: list[Subject] = []
        for path, name in zip(self._paths, self._names, strict=True):
            for sheet in read_paths([path]):
                placed = replace(sheet, resource=name)
                found.append(prepare(placed, None, self._policy, self._engine))
        return found

    def __exit__(self, *_error: object) -> None:
        self._engine.close()


def _reason(error: Exception) -> dict[str, str]:
    if isinstance(error, SozialdatenError):
        return {language: error.text(language) for language in ("de", "en")}
    return Message("The file cannot be opened.").both()


def _beside(group: Json, apart: Sequence[str]) -> Json:
    """A group with the tables that may speak of the same and were not compared with it."""
    tables = cast("Sequence[str]", group["tables"])
    findings = list(cast("Sequence[Json]", group["findings"]))
    if apart:
        place, *_ = tables
        findings.append(uncompared(place, len(tables), len(apart)).to_json())
    return {**group, "findings": findings, "apart": list(apart)}
