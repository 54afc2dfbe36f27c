"""Instances of the cell suppression problem in the JJ format of tau-ARGUS and sdcTable.

Line by line::

    0
    number of cells
    index value cost status lower upper LPL UPL SPL      for each cell
    number of equations
    rhs number : index (coefficient) index (coefficient)  for each equation

``status`` is ``u`` (must be suppressed), ``s`` (may be), ``z`` (must be published) or, in a file
that says which further cells are suppressed, ``x`` (``m`` in files of tau-ARGUS).
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ckanext.sozialdaten.disclosure.errors import UnreadableFileError
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.messages import Message

__all__ = ["JJEquation", "JJInstance", "JJStatus", "parse_jj", "read_jj", "write_jj"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_SIZE = re.compile(r"\d{1,9}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_TERM = re.compile(r"(\d{1,9}) *\(([^()]*)\)", re.ASCII)
_FIELDS = 9


class JJStatus(StrEnum):
    """What is known or asked of a cell."""

    PRIMARY = "u"
    SECONDARY = "x"
    FREE = "s"
    PUBLISHED = "z"


_STATUSES = {str(status): status for status in JJStatus} | {"m": JJStatus.SECONDARY}


@dataclass(frozen=True, slots=True)
class JJEquation:
    """The cells times their coefficients add up to ``rhs``."""

    rhs: float
    cells: tuple[int, ...]
    coefficients: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class JJInstance:
    """A table as the JJ format has it; cells by position.

    Args:
        values: the true values.
        costs: what it costs to suppress a cell.
        statuses: what is known or asked of each cell.
        low: lowest value that an attacker deems possible for a suppressed cell.
        high: highest value.
        down: lower protection level of a primary cell: how far below its value it must reach.
        up: upper protection level.
        width: sliding protection level: how wide its interval must be.
        equations: the sums.
    """

    values: Floats
    costs: Floats
    statuses: tuple[JJStatus, ...]
    low: Floats
    high: Floats
    down: Floats
    up: Floats
    width: Floats
    equations: tuple[JJEquation, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.values)

    def has(self, *statuses: JJStatus) -> Bools:
        """Which cells have one of these statuses."""
        return np.fromiter((status in statuses for status in self.statuses), bool, len(self))

    @property
    def suppressed(self) -> Bools:
        """The cells that the file itself says are suppressed."""
        return self.has(JJStatus.PRIMARY, JJStatus.SECONDARY)

    def residuals(self) -> Floats:
        """For each equation what its left side exceeds its right side by: printed values err."""
        return np.array(
            [
                float(np.dot(self.values[list(row.cells)], row.coefficients)) - row.rhs
                for row in self.equations
            ]
        )


def read_jj(path: str | Path) -> JJInstance:
    """The instance in a file.

    Raises:
        UnreadableFileError: the file is no JJ file; the error names the line.
    """
    name = Path(path).name
    try:
        text = Path(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFileError(
            Message("This is no JJ file: it cannot be read as text."), place=Place(file=name)
        ) from error
    return parse_jj(text, name)


def parse_jj(text: str, name: str = "") -> JJInstance:
    """The instance that a text in the JJ format describes.

    Args:
        text: the text.
        name: what errors call the file.

    Raises:
        UnreadableFileError: something is missing, unknown or contradictory; names the line.
    """
    lines = _Lines(text, name)
    if lines.next().strip() != "0":
        raise lines.error(Message("A JJ file begins with a line that holds 0 alone."))
    size = lines.size()
    found: dict[int, _Cell] = {}
    for _ in range(size):
        index, cell = _cell(lines, size)
        if index in found:
            raise lines.error(Message("Cell {index} stands here twice.", {"index": index}))
        found[index] = cell
    equations = tuple(_equation(lines, size) for _ in range(lines.size()))
    lines.end()
    cells = [found[index] for index in range(size)]
    numbers = np.array([cell.numbers for cell in cells], dtype=np.float64).reshape(size, 7)
    values, costs, low, high, down, up, width = numbers.T.copy()
    statuses = tuple(cell.status for cell in cells)
    return JJInstance(values, costs, statuses, low, high, down, up, width, equations)


def write_jj(instance: JJInstance, suppressed: Bools) -> str:
    """An instance as text, its suppressed cells marked ``u`` and ``x``.

    Args:
        instance: the instance.
        suppressed: which cells are suppressed; those that must be are so in any case.
    """
    return "".join(f"{line}\n" for line in _written(instance, suppressed))


def _written(instance: JJInstance, suppressed: Bools) -> Iterator[str]:
    yield "0"
    yield str(len(instance))
    arrays = (instance.values, instance.costs, instance.low, instance.high)
    levels = (instance.down, instance.up, instance.width)
    columns = [array.tolist() for array in (*arrays, *levels)]
    kept = {JJStatus.PRIMARY, JJStatus.PUBLISHED}
    for index, numbers in enumerate(zip(*columns, strict=True)):
        status = instance.statuses[index]
        if status not in kept:
            status = JJStatus.SECONDARY if suppressed[index] else JJStatus.FREE
        value, cost, *rest = map(_text, numbers)
        yield " ".join([str(index), value, cost, status, *rest])
    yield str(len(instance.equations))
    for row in instance.equations:
        terms = zip(row.cells, row.coefficients, strict=True)
        parts = " ".join(f"{cell} ({_text(factor)})" for cell, factor in terms)
        yield f"{_text(row.rhs)} {len(row.cells)} : {parts}"


def _text(number: float) -> str:
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)


@dataclass(frozen=True, slots=True)
class _Cell:
    numbers: Sequence[float]
    status: JJStatus


class _Lines:
    """The lines of a file, and how far we have read."""

    def __init__(self, text: str, name: str) -> None:
        self.lines = text.splitlines()
        self.name = name
        self.row = 0

    def error(self, message: Message) -> UnreadableFileError:
        """An error at the line read last."""
        return UnreadableFileError(message, place=Place(file=self.name, row=self.row))

    def next(self) -> str:
        """The next line."""
        self.row += 1
        if self.row > len(self.lines):
            raise self.error(Message("The JJ file ends too early."))
        return self.lines[self.row - 1]

    def size(self) -> int:
        """A number of lines that follow."""
        text = self.next().strip()
        if not _SIZE.fullmatch(text):
            raise self.error(Message("Here must stand how many lines follow."))
        if int(text) > len(self.lines) - self.row:
            raise self.error(Message("The JJ file ends too early."))
        return int(text)

    def number(self, text: str) -> float:
        """A finite number."""
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(number):
            raise self.error(Message("{text} is no number.", {"text": text[:40]}))
        return number

    def index(self, text: str, size: int) -> int:
        """The position of a cell."""
        if not _SIZE.fullmatch(text) or int(text) >= size:
            raise self.error(
                Message("There is no cell {text}; cells count from 0.", {"text": text[:40]})
            )
        return int(text)

    def end(self) -> None:
        """Nothing but blank lines follows."""
        while self.row < len(self.lines):
            if self.next().strip():
                raise self.error(Message("The JJ file should have ended before this line."))


def _cell(lines: _Lines, size: int) -> tuple[int, _Cell]:
    words = lines.next().split()
    if len(words) != _FIELDS:
        raise lines.error(
            Message("A cell needs index, value, cost, status, lower, upper, LPL, UPL and SPL.")
        )
    index = lines.index(words[0], size)
    status = _STATUSES.get(words[3])
    if status is None:
        raise lines.error(
            Message("{text} is no status; known are u, x, s and z.", {"text": words[3][:40]})
        )
    numbers = [lines.number(word) for word in (*words[1:3], *words[4:])]
    value, cost, low, high, *levels = numbers
    if not low <= value <= high:
        raise lines.error(Message("The value of a cell must lie between its bounds."))
    if cost < 0 or min(levels) < 0:
        raise lines.error(Message("Costs and protection levels cannot be negative."))
    return index, _Cell(numbers, status)


def _equation(lines: _Lines, size: int) -> JJEquation:
    head, colon, tail = lines.next().partition(":")
    words = head.split()
    terms = _TERM.findall(tail)
    if not colon or len(words) != 2 or not _SIZE.fullmatch(words[1]):
        raise lines.error(Message("An equation needs: right side, number of cells, colon, cells."))
    if _TERM.sub("", tail).strip() or len(terms) != int(words[1]):
        raise lines.error(Message("An equation must name as many cells as it says it has."))
    cells = tuple(lines.index(index, size) for index, _ in terms)
    if len(set(cells)) != len(cells):
        raise lines.error(Message("An equation names a cell twice."))
    factors = tuple(lines.number(factor.strip()) for _, factor in terms)
    return JJEquation(lines.number(words[0]), cells, factors)
