"""What to do first: the findings of an audit by dataset and kind, the worst first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, cast

from ckanext.sozialdaten.messages import Message

__all__ = ["Kind", "Step", "kind_of", "steps"]

Json = Mapping[str, object]
_ROWS = frozenset(
    {
        *("k-anonymity", "l-diversity", "t-closeness", "individual-risk", "global-risk"),
        *("duplicate-person", "reidentification-risk"),
    }
)
_SMALL = frozenset({"minimum-frequency", "group-disclosure", "small-area"})


class Kind(IntEnum):
    """How bad it is that something is online, the worst first."""

    NAMED = 0
    ROWS = 1
    OPEN = 2
    SMALL = 3
    UNREAD = 4


_TEXTS = {
    Kind.NAMED: Message(
        "Take it offline at once: {findings} findings say that it names persons. Tell the"
        " data-protection officer."
    ),
    Kind.ROWS: Message(
        "Take it offline: its rows are persons ({findings} findings). Publish a table of counts"
        " instead."
    ),
    Kind.OPEN: Message(
        "Suppressed or small figures can be worked out ({findings} findings). Replace the newest of"
        " these tables by one that is protected with the others in view: sozialdaten protect"
        " --released."
    ),
    Kind.SMALL: Message(
        "It shows small counts or whole groups ({findings} findings). Publish a protected version:"
        " sozialdaten protect."
    ),
    Kind.UNREAD: Message("It could not be read. Have somebody look at it, or export it again."),
}


def kind_of(rule: str) -> Kind:
    """How bad a blocking finding of a rule is.

    >>> kind_of("identifier-iban").name, kind_of("rate-inversion").name
    ('NAMED', 'OPEN')
    """
    if rule.startswith("identifier-") or rule in ("pseudonym", "free-text"):
        return Kind.NAMED
    if rule in _ROWS:
        return Kind.ROWS
    return Kind.SMALL if rule in _SMALL else Kind.OPEN


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Args:
        kind: how bad it is.
        datasets: whose tables it is about; several where they leak together.
        files: the tables.
        findings: how many findings it settles; 0 for what could not be read.
    """

    kind: Kind
    datasets: tuple[str, ...]
    files: tuple[str, ...]
    findings: int

    @property
    def message(self) -> Message:
        """What to do and why."""
        return Message(_TEXTS[self.kind].msgid, {"findings": self.findings})

    def to_json(self) -> dict[str, object]:
        """The step as JSON."""
        return {
            "kind": self.kind.name.lower(),
            "datasets": list(self.datasets),
            "files": list(self.files),
            "findings": self.findings,
            "message": self.message.both(),
        }


class _Table(Protocol):
    @property
    def dataset(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def findings(self) -> Sequence[Json]: ...
    @property
    def error(self) -> Mapping[str, str]: ...


def steps(tables: Iterable[_Table], leaks: Iterable[Json]) -> list[Step]:
    """What to do, the worst first; within a kind what settles most.

    Args:
        tables: every file of the audit.
        leaks: findings on combinations of tables.
    """
    found = [*_of_tables(tables), *_of_leaks(leaks)]
    return sorted(found, key=lambda step: (step.kind, -step.findings, step.files))


def _of_tables(tables: Iterable[_Table]) -> Iterator[Step]:
    """One step for each dataset and kind."""
    files: dict[tuple[str, Kind], dict[str, int]] = {}
    for table in tables:
        if table.error:
            files.setdefault((table.dataset, Kind.UNREAD), {})[table.name] = 0
        for finding in table.findings:
            if finding["severity"] == "block":
                of_kind = files.setdefault((table.dataset, kind_of(str(finding["rule"]))), {})
                of_kind[table.name] = of_kind.get(table.name, 0) + 1
    for (dataset, kind), counts in files.items():
        ordered = sorted(counts, key=lambda name: (-counts[name], name))
        yield Step(kind, (dataset,), tuple(ordered), sum(counts.values()))


def _of_leaks(leaks: Iterable[Json]) -> Iterator[Step]:
    """One step for each family of tables that give something away together."""
    families: dict[tuple[str, ...], int] = {}
    for leak in leaks:
        if leak["severity"] == "block":
            family = tuple(sorted(map(str, cast("Iterable[object]", leak.get("tables") or ()))))
            families[family] = families.get(family, 0) + 1
    for family, count in families.items():
        datasets = dict.fromkeys(name.split("/", 1)[0] for name in family)
        yield Step(Kind.OPEN, tuple(datasets), family, count)
