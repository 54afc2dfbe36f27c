"""Tables of the GENESIS family by its web service: one connector, several instances.

What is too large for the dialogue (40,000 values) is split by regions, then by years, and left to
a job of the service where neither is possible. Pieces that have arrived, and jobs that have begun,
are not asked for again after an interruption. What leaves is one CSV with each line once.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import cast

import yaml

from ckanext.sozialdaten.harvesters.core._archive_file import open_text
from ckanext.sozialdaten.harvesters.core.connectors import _messages as texts
from ckanext.sozialdaten.harvesters.core.connectors._client import Progress
from ckanext.sozialdaten.harvesters.core.connectors._genesis_service import (
    Genesis,
    JobStarted,
    TooManyValues,
)
from ckanext.sozialdaten.harvesters.core.connectors._options import (
    WEB_KEYS,
    Credentials,
    Web,
    credentials,
    is_web_address,
    web,
)
from ckanext.sozialdaten.harvesters.core.connectors._parts import Parts
from ckanext.sozialdaten.harvesters.core.connectors._setting import Setting
from ckanext.sozialdaten.harvesters.core.connectors.errors import NoData
from ckanext.sozialdaten.harvesters.core.connectors.folder import lines_digest
from ckanext.sozialdaten.harvesters.core.ports import RawDelivery, Ref
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["GenesisConnector", "GenesisOptions", "instances"]

KEYS = (
    "instance",
    "url",
    "table",
    "regions",
    "region_variable",
    "contents",
    "from_year",
    "to_year",
    "classifying",
    "quality",
    "recheck_days",
    "credentials",
    *WEB_KEYS,
)
_MOST_CLASSIFYING = 5
_PARALLEL = 3
_READ_SECONDS = 900
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class GenesisOptions:
    """What a source of this family says.

    Args:
        base: address of the instance.
        table: code of the table.
        regions: regional keys, such as ``06440*``; empty: all.
        region_variable: variable that they are keys of, such as ``GEMEIN``; empty: the table's own.
        contents: codes of the values; empty: all.
        from_year: first year; 0: the service gives the latest period alone.
        to_year: last year; 0: up to now.
        classifying: variable -> keys, to take a part of the table.
        quality: whether quality signs are wanted.
        recheck_days: after so many days the table is fetched although nothing is said to be newer:
            the services do not announce every correction.
        credentials: user and password, or a token (which starts no job).
        web: hosts, time, size.
    """

    base: str
    table: str
    regions: tuple[str, ...]
    region_variable: str
    contents: tuple[str, ...]
    from_year: int
    to_year: int
    classifying: Mapping[str, tuple[str, ...]]
    quality: bool
    recheck_days: int
    credentials: Credentials
    web: Web

    @classmethod
    def read(cls, section: Section) -> "GenesisOptions":
        """Read the ``connector:`` block.

        Raises:
            LayoutError: a key is missing, unknown or wrong; it is named.
        """
        base, hosts = _base(section)
        found = web(section, base, _PARALLEL, _READ_SECONDS)
        return cls(
            base=base if base.endswith("/") else f"{base}/",
            table=section.text("table"),
            regions=section.texts("regions"),
            region_variable=section.text("region_variable", ""),
            contents=section.texts("contents"),
            from_year=section.integer("from_year", 0),
            to_year=section.integer("to_year", 0),
            classifying=_classifying(section),
            quality=section.flag("quality", default=True),
            recheck_days=section.integer("recheck_days", 30),
            credentials=credentials(section, ("username", "password", "token")),
            web=replace(found, hosts=(*found.hosts, *hosts)),
        )

    @property
    def fingerprint(self) -> str:
        """The same for the same question."""
        said = [self.base, self.table, self.regions, self.region_variable, self.contents]
        said += [self.from_year, self.to_year, sorted(self.classifying.items()), self.quality]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a table: some regions, some years (0: as the service likes)."""

    regions: tuple[str, ...]
    first: int
    last: int

    @property
    def key(self) -> str:
        return f"{','.join(self.regions)} {self.first}-{self.last}"

    def halves(self) -> "tuple[_Piece, ...]":
        """Two smaller pieces: of the regions, else of the years; none where it is one of each."""
        if len(self.regions) > 1:
            middle = len(self.regions) // 2
            return (
                replace(self, regions=self.regions[:middle]),
                replace(self, regions=self.regions[middle:]),
            )
        if self.first < self.last:
            year = (self.first + self.last) // 2
            return replace(self, last=year), replace(self, first=year + 1)
        return ()


@dataclass(frozen=True, slots=True)
class GenesisConnector:
    """See the module."""

    setting: Setting
    options: GenesisOptions

    def discover(self) -> Iterator[Ref]:
        """The table, with what the service says of its state as marker.

        The stamp ``Updated`` of a table is that of its definition, so the latest period and the
        day of the statistic's last update count; and every ``recheck_days`` it is looked at anyway.

        Raises:
            NotThere: there is no such table (any more).
            FetchError: the service cannot be asked.
        """
        state = self._service().state(self.options.table)
        marker = f"{state.marker} {self.options.fingerprint}"
        if self.options.recheck_days:
            days = int(datetime.now(UTC).timestamp()) // _DAY
            marker += f" {days // self.options.recheck_days}"
        table = self.options.table
        yield Ref(self.setting.safe(f"{table}.csv"), f"{self.options.base}{table}", 0, marker)

    def fetch(self, ref: Ref) -> RawDelivery:
        """The table as flat-file CSV; its digest is that of the sorted lines.

        Raises:
            NoData: no piece of it holds data; that never means that the data are gone.
            FetchError: it cannot be had.
            TooLarge: it exceeds ``max_bytes``.
        """
        parts = self.setting.parts(ref)
        pieces = self._pieces(parts)
        target = self.setting.target(ref.name)
        files = [path for path in map(parts.path, pieces) if path.stat().st_size]
        if not files:
            raise texts.no_data(ref.location)
        limit = self.options.web.limits.max_bytes
        _merge(files, target, limit, ref.location)
        digest = lines_digest(target, ref.name, limit)
        parts.clear()
        return self.setting.delivery(target, digest)

    def _pieces(self, parts: Parts) -> list[str]:
        """Bring all pieces of the table, each as large as the service gives it; their keys."""
        service, done = self._service(), list[str]()
        waiting: list[_Piece] = [self._whole()]
        with ThreadPoolExecutor(self.options.web.limits.parallel) as pool:
            while waiting:
                count = len(waiting)
                results = pool.map(self._bring, [service] * count, waiting, [parts] * count)
                smaller = [(piece, halves) for piece, halves in zip(waiting, results, strict=True)]
                done += [piece.key for piece, halves in smaller if not halves]
                waiting = [half for _, halves in smaller for half in halves]
                self.setting.progress(
                    Progress(self.options.table, len(done), len(done) + len(waiting))
                )
        return sorted(done)

    def _whole(self) -> _Piece:
        first = self.options.from_year
        last = (self.options.to_year or datetime.now(UTC).year) if first else 0
        return _Piece(self.options.regions, first, last)

    def _bring(self, service: Genesis, piece: _Piece, parts: Parts) -> Sequence[_Piece]:
        """A piece, or the smaller pieces that have to be brought in its place."""
        path = parts.path(piece.key)
        if path.exists():
            return ()
        split = parts.path(f"{piece.key} split")
        if split.exists():
            return piece.halves()
        job = parts.path(f"{piece.key} job")
        if job.exists():
            return self._finish(service, piece, parts)
        try:
            service.table(self._form(piece), path)
        except NoData:
            path.touch()
        except TooManyValues:
            if halves := piece.halves():
                split.touch()
                return halves
            if self.options.credentials.token:
                raise
            job.write_text(self._start(service, piece, path), encoding="utf-8")
            return self._finish(service, piece, parts)
        return ()

    def _start(self, service: Genesis, piece: _Piece, spare: Path) -> str:
        """Begin a job; its name. No file is expected, but one would go to ``spare``."""
        try:
            service.table({**self._form(piece), "job": "true"}, spare)
        except JobStarted as started:
            return started.name
        raise texts.wrong_answer(self.options.base, "99", "ZIP")

    def _finish(self, service: Genesis, piece: _Piece, parts: Parts) -> Sequence[_Piece]:
        """The result of a job that has begun; one that the service has forgotten begins anew."""
        job = parts.path(f"{piece.key} job")
        try:
            service.result(job.read_text("utf-8"), parts.path(piece.key))
        except NoData:
            job.unlink()
            raise
        return ()

    def _form(self, piece: _Piece) -> dict[str, str]:
        options = self.options
        form = {
            "name": options.table,
            "area": "all",
            "compress": "true",
            "format": "ffcsv",
            "job": "false",
            "quality": "on" if options.quality else "off",
            "contents": ",".join(options.contents),
            "regionalvariable": options.region_variable,
            "regionalkey": ",".join(piece.regions),
            "startyear": str(piece.first or ""),
            "endyear": str(piece.last or ""),
        }
        for number, (variable, keys) in enumerate(options.classifying.items(), 1):
            form[f"classifyingvariable{number}"] = variable
            form[f"classifyingkey{number}"] = ",".join(keys)
        return {key: value for key, value in form.items() if value}

    def _service(self) -> Genesis:
        options = self.options
        return Genesis(self.setting.client(options.web), options.base, options.credentials)


def instances() -> Mapping[str, Mapping[str, object]]:
    """The instances of ``schemas/services/genesis.yaml`` by name."""
    file = resources.files("ckanext.sozialdaten.schemas.services") / "genesis.yaml"
    return cast("dict[str, dict[str, object]]", yaml.safe_load(file.read_text(encoding="utf-8")))


def _base(section: Section) -> tuple[str, tuple[str, ...]]:
    """The address of the instance, and further hosts that it answers under."""
    if "url" in section:
        return is_web_address(section, "url"), ()
    name = section.text("instance")
    known = instances()
    if name not in known:
        raise section.wrong(
            "instance", "{where} must be one of {allowed}.", allowed=", ".join(known)
        )
    return str(known[name]["url"]), tuple(cast("list[str]", known[name].get("hosts", [])))


def _classifying(section: Section) -> dict[str, tuple[str, ...]]:
    if "classifying" not in section:
        return {}
    if not section.is_mapping("classifying"):
        raise section.wrong("classifying", "{where} must be a mapping of names.")
    names = [str(name) for name in cast("Mapping[object, object]", section.raw("classifying"))]
    if len(names) > _MOST_CLASSIFYING:
        raise section.wrong("classifying", "{where} may name five variables at most.")
    inner = section.section("classifying", names)
    return {name: inner.texts(name) for name in names}


def _merge(files: Sequence[Path], target: Path, limit: int, address: str) -> None:
    """One CSV of all pieces: their header once, each line once.

    Raises:
        WrongAnswer: the pieces do not have the same columns.
        TooLarge: together they exceed ``limit``.
    """
    header = b""
    seen: set[bytes] = set()
    size = 0
    temporary = target.with_name(f"{target.name}.part")
    with temporary.open("wb") as out:
        for path in files:
            first, *lines = open_text(path, target.name, limit).data.splitlines()
            if header and first != header:
                raise texts.wrong_answer(address, "CSV", "CSV")
            for line in lines if header else [first, *lines]:
                mark = hashlib.blake2b(line, digest_size=16).digest()
                if mark in seen:
                    continue
                seen.add(mark)
                size += out.write(line + b"\n")
                if size > limit:
                    raise texts.too_large(address, limit)
            header = first
    temporary.chmod(0o600)
    temporary.replace(target)
