"""HiGHS models over the deviations of cells: built once, of which only bounds and prices change."""

from typing import Any

import highspy
import numpy as np

from ckanext.sozialdaten.disclosure.suppression._problem import Floats, Sums

__all__ = ["add_sums", "places", "quiet_model", "solved"]

#: Simplex iterations times columns that one program is allowed for nothing.
_FREE = 15_000


def quiet_model() -> Any:
    """An empty model that says nothing, uses one thread and gives the same result each time."""
    model: Any = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0)):
        model.setOptionValue(name, value)
    return model


def solved(model: Any) -> int:
    """Solve a model; what that cost: 1, and more where it took many iterations (no clock)."""
    model.run()
    iterations = max(int(model.getInfo().simplex_iteration_count), 0)
    return 1 + iterations * int(model.getNumCol()) // _FREE


def places(size: int) -> Any:
    """The numbers of all columns."""
    return np.arange(size, dtype=np.int32)


def add_sums(model: Any, sums: Sums, size: int, copies: tuple[float, ...]) -> None:
    """Demand that each sum of deviations be zero.

    Args:
        model: where to add rows.
        sums: the equations.
        size: how many cells there are.
        copies: one sign for each run of ``size`` columns that together make up the deviations.
    """
    cells = np.concatenate([sums.cells + index * size for index in range(len(copies))])
    factors = np.concatenate([sums.factors * sign for sign in copies])
    rows = np.tile(sums.rows, len(copies))
    order = np.argsort(rows, kind="stable")
    starts = (sums.starts[:-1] * len(copies)).astype(np.int32)
    zero: Floats = np.zeros(sums.count)
    if sums.count:
        status = model.addRows(
            sums.count,
            zero,
            zero,
            len(cells),
            starts,
            cells[order].astype(np.int32),
            factors[order],
        )
        if status == highspy.HighsStatus.kError:  # without its sums a program proves nothing
            raise ValueError("the solver refused the sums")
