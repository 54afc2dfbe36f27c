"""What everything published says about the unknown atoms: one linear statement for each figure.

An *atom* is a cell of the finest partition that all published tables have in common. Every
published figure is a sum of atoms, known exactly or within bounds.
"""

from dataclasses import dataclass

__all__ = ["Figure", "Statement", "Target"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure, as a reader finds it again.

    Args:
        resource: the file or release.
        sheet: its sheet or archive member.
        row: row of the file, counted from 1; 0 if it stands in none.
        column: its column.
        label: what the figure counts, in the words of the table, such as ``Klein, Kreis 1``.
    """

    resource: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """``low <= sum of coefficient * atom <= high``, because ``figure`` says so.

    Args:
        atoms: positions of atoms, without repeats.
        coefficients: one for each atom.
        low: lowest value; equal to ``high`` for an exact figure.
        high: highest value.
        figure: where it is published; None for what everybody knows.
        derived: whether the figure was worked out from others, such as a count from a rate.
        slack: how far the printed figure may lie from the true one, such as half a unit of its last
            decimal; used only where the figures would contradict each other without it.
    """

    atoms: tuple[int, ...]
    coefficients: tuple[float, ...]
    low: float
    high: float
    figure: Figure | None = None
    derived: bool = False
    slack: float = 0.0


@dataclass(frozen=True, slots=True)
class Target:
    """A sum of atoms that must stay open: a suppressed cell, or what two releases leave between.

    Args:
        atoms: positions of atoms.
        coefficients: one for each atom.
        figure: where it would stand.
        whole: whether it is a count.
    """

    atoms: tuple[int, ...]
    coefficients: tuple[float, ...]
    figure: Figure
    whole: bool = True
