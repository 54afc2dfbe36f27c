"""What an XLSX or XLSB file holds besides its cells.

Every part of the package is looked at: properties, comments and threaded comments, drawings, text
boxes and charts, headers and footers, links, lists offered for cells, defined names, records of
pivot tables, copies of linked workbooks, logs of changes. Parts that nobody knows are read for
their texts. Source: ECMA-376, Office Open XML, part 1.
"""

import itertools
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import defusedxml.ElementTree as SafeTree
from defusedxml import DefusedXmlException

from ckanext.sozialdaten.disclosure._table import Hidden, HiddenKind, Loose, Sheet
from ckanext.sozialdaten.disclosure.readers._archive import MAX_BYTES, unzip
from ckanext.sozialdaten.disclosure.readers._around import Around
from ckanext.sozialdaten.disclosure.readers._common import Raw, unreadable
from ckanext.sozialdaten.disclosure.readers._ooxml_cells import affordable, scan_sheet
from ckanext.sozialdaten.disclosure.readers._records import Records
from ckanext.sozialdaten.messages import Message

__all__ = ["around"]

_SILENT = re.compile(
    r"(^|/)(sharedStrings|styles|calcChain|metadata\d*|theme\d*|\[Content_Types\])\.xml$|^xl/theme/"
)
_SHARED = re.compile(rb"<(?:\w+:)?si\b")
_AUTHORS = frozenset({"creator", "lastModifiedBy", "Manager", "Company", "author"})
_MACHINE = frozenset(
    {"Application", "AppVersion", "TotalTime", "created", "modified", "Template", "lastPrinted"}
)
_PARAGRAPHS = frozenset({"p", "comment", "threadedComment", "definedName", "v", "t"})
_ATTRIBUTES = re.compile(r"connection|command|sourceFile|userName|displayName|descr|title|alt")
_MOST_TEXTS = 50_000


def _local(tag: object) -> str:
    return str(tag).rsplit("}", 1)[-1]


@dataclass(frozen=True, slots=True)
class _Package:
    """The parts of a workbook and the sheet that each belongs to."""

    raw: Raw
    archive: zipfile.ZipFile
    owners: dict[str, str]

    def root(self, name: str) -> Any:
        """A part as a tree of elements."""
        data = unzip(self.raw, self.archive, self.archive.getinfo(name), MAX_BYTES)
        try:
            return SafeTree.fromstring(bytes(data[:]), forbid_dtd=True)
        except (SafeTree.ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise self.damaged() from error
        except RecursionError as error:
            raise self.damaged() from error

    def damaged(self) -> Exception:
        """A part that cannot be read might hold anything."""
        return unreadable(
            self.raw,
            Message("A part of the workbook is damaged."),
            Message("Open it in a spreadsheet program and save it as XLSX without a password."),
        )


def _links(package: _Package, part: str) -> Iterator[tuple[str, str, bool]]:
    """The relations of a part: id, target, and whether that lies outside."""
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in package.archive.namelist():
        return
    for link in package.root(path):
        target = str(link.get("Target", ""))
        outside = link.get("TargetMode") == "External"
        if not outside:
            target = posixpath.normpath(posixpath.join(folder, target)).lstrip("/")
        yield str(link.get("Id", "")), target, outside


def _owners(package: _Package) -> dict[str, str]:
    """The sheet that each part belongs to, by the relations of workbook and sheets."""
    book = "xl/workbook.xml"
    if book not in package.archive.namelist():
        return {}
    parts = {key: target for key, target, _ in _links(package, book)}
    owners: dict[str, str] = {}
    for node in package.root(book).iter():
        if _local(node.tag) != "sheet":
            continue
        key = next((value for name, value in node.attrib.items() if _local(name) == "id"), "")
        part, name = parts.get(key, ""), str(node.get("name", ""))
        if part:
            owners[part] = name
            owners.update(
                {target: name for _, target, outside in _links(package, part) if not outside}
            )
    return owners


def around(raw: Raw, archive: zipfile.ZipFile) -> Around:
    """Everything around the cells of an XLSX, XLSM or XLSB file.

    Raises:
        UnreadableFileError: a damaged part, or cells that lie implausibly far apart.
    """
    found = Around()
    package = _Package(raw, archive, {})
    package.owners.update(_owners(package))
    lengths = _shared_lengths(package)
    for member in archive.infolist():
        name = member.filename
        sheet = package.owners.get(name, "")
        if member.is_dir() or _SILENT.search(name):
            continue
        if re.search(r"worksheets/[^/]+\.xml$", name):
            data = unzip(raw, archive, member, MAX_BYTES)
            scan_sheet(raw, data, sheet, found)
            affordable(raw, data, lengths, sheet)
        elif re.search(r"pivotCacheDefinition[^/]*\.xml$", name):
            _pivot(package, name, found)
        elif name.endswith((".rels", ".xml")) and "pivotCacheRecords" not in name:
            _part(package, name, sheet, found)
    if raw.suffix == ".xlsb":
        found.hide("", Hidden(HiddenKind.UNSEEN))
    return found


def _shared_lengths(package: _Package) -> list[int]:
    """Bytes of each text that cells share; any number of cells may repeat a long one."""
    part = "xl/sharedStrings.xml"
    if part not in package.archive.namelist():
        return []
    data = unzip(package.raw, package.archive, package.archive.getinfo(part), MAX_BYTES)
    starts = [match.start() for match in _SHARED.finditer(data)]
    return [after - start for start, after in itertools.pairwise([*starts, len(data)])]


def _part(package: _Package, name: str, sheet: str, found: Around) -> None:
    """The texts of one part, by the kind of its root."""
    root = package.root(name)
    kind = _local(root.tag)
    if kind == "Relationships":
        _targets(root, sheet, found)
    elif kind in ("coreProperties", "Properties"):
        _properties(root, found)
    elif kind in ("comments", "ThreadedComments"):
        _comments(root, sheet, found)
    elif kind == "externalLink":
        _linked(package, root, name, found)
    elif kind in ("revisions", "users"):
        found.hide("", Hidden(HiddenKind.CHANGES))
        _texts(root, "", "comment", found)
    elif kind == "personList":
        for person in root:
            found.say("", str(person.get("displayName", "")), "author")
    else:
        _texts(root, sheet, "title" if sheet else "metadata", found)


def _targets(root: Any, sheet: str, found: Around) -> None:
    for link in root:
        if link.get("TargetMode") == "External":
            found.say(sheet, str(link.get("Target", "")), "property")


def _properties(root: Any, found: Around) -> None:
    for node in root:
        name = _local(node.tag)
        own = str(node.get("name", ""))
        text = "".join(node.itertext()).strip()
        if text and name not in _MACHINE:
            kind = "author" if name in _AUTHORS else "property"
            found.say("", f"{own or name}: {text}" if own else text, kind)


def _comments(root: Any, sheet: str, found: Around) -> None:
    count = 0
    rows: list[int] = []
    for node in root.iter():
        kind = _local(node.tag)
        if kind in ("comment", "threadedComment"):
            row = int("0" + re.sub(r"\D", "", str(node.get("ref", "")))[:7])
            found.say(sheet, "".join(node.itertext()), "comment", row)
            rows.append(row)
            count += 1
        elif kind == "author":
            found.say(sheet, node.text or "", "author")
    if count:
        found.hide(sheet, Hidden(HiddenKind.COMMENTS, count, tuple(sorted(filter(None, rows)))))


def _texts(root: Any, sheet: str, kind: str, found: Around) -> None:
    """All paragraphs of a part, and the attributes in which people write."""
    taken = 0
    for node in root.iter():
        texts = [value for key, value in node.attrib.items() if _ATTRIBUTES.search(_local(key))]
        if _local(node.tag) in _PARAGRAPHS or (not len(node) and node.text):
            texts.append("".join(node.itertext()))
        for text in texts:
            if any(letter.isalpha() for letter in text) or len(text) > 5:
                found.say(sheet, text, kind)
                taken += 1
        if taken > _MOST_TEXTS:
            return


def _linked(package: _Package, root: Any, name: str, found: Around) -> None:
    """The copy of a linked workbook: its cells as a column of texts."""
    records = Records(package.raw)
    for row in root.iter():
        if _local(row.tag) == "row":
            cells = ["".join(cell.itertext()).strip() for cell in row]
            records.add({f"column {index}": cell for index, cell in enumerate(cells, 1)})
    table = records.table()
    if table.num_rows:
        found.tables.append(_sheet(package.raw, name, records, HiddenKind.LINK))


def _sheet(raw: Raw, part: str, records: Records, kind: HiddenKind) -> Sheet:
    table = records.table()
    return Sheet(
        table,
        raw.resource,
        raw.sheet(part.rsplit("/", 1)[-1].removesuffix(".xml")),
        1,
        tuple(Loose(name, "header") for name in table.column_names),
        hidden=(Hidden(kind, table.num_rows),),
    )


def _pivot(package: _Package, name: str, found: Around) -> None:
    """The records behind a pivot table; they stay in the file when the source is removed."""
    names: list[str] = []
    shared: list[list[str]] = []
    for field in package.root(name).iter():
        if _local(field.tag) == "cacheField":
            names.append(str(field.get("name", "")))
            shared.append(
                [
                    str(item.get("v", ""))
                    for items in field
                    if _local(items.tag) == "sharedItems"
                    for item in items
                ]
            )
    records = Records(package.raw)
    parts = [target for _, target, outside in _links(package, name) if not outside]
    for part in parts:
        if part in package.archive.namelist() and "Records" in part:
            for row in package.root(part):
                cells = (_cell(node, shared, index) for index, node in enumerate(row))
                records.add(dict(zip(names, cells, strict=False)))
    if not records.names:
        for index in range(max(map(len, shared), default=0)):
            records.add(
                {
                    head: items[index] if index < len(items) else ""
                    for head, items in zip(names, shared, strict=True)
                    if items
                }
            )
    if records.names:
        found.tables.append(_sheet(package.raw, name, records, HiddenKind.PIVOT))


def _cell(node: Any, shared: list[list[str]], index: int) -> str:
    """A cell of a pivot table's records: a value, or the number of a shared one."""
    value = str(node.get("v", ""))
    if _local(node.tag) != "x" or index >= len(shared) or not value.isdecimal():
        return value
    items = shared[index]
    return items[int(value)] if int(value) < len(items) else ""
