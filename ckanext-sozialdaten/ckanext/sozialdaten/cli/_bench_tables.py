"""Tables of peers' documentation as problems of suppression, with what the peers made of them.

They are read from the shared cases. Codes of a dimension are nested by their first letters below a
total; costs and requirements are those that the peers' results were computed with.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ckanext.sozialdaten.disclosure.suppression import Problem

__all__ = ["Peer", "PeerTable", "peer_tables"]

_TOTALS = ("Tot", "Total")


@dataclass(frozen=True, slots=True)
class Peer:
    """What a peer made of a table.

    Args:
        name: program and method.
        secondary: cells it suppressed besides the primary ones.
        cost: their costs; None if nobody says.
        exact: primary cells that follow exactly all the same; None if nobody attacked it.
        seconds: time that its authors or our own run report; None if unknown.
    """

    name: str
    secondary: int
    cost: float | None = None
    exact: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PeerTable:
    """A table, the least known costs of further cells, and the peers."""

    name: str
    problem: "Problem"
    best: float
    peers: tuple[Peer, ...]


def peer_tables(folder: Path) -> list[PeerTable]:
    """The vignette of sdcTable, by both costs.

    Args:
        folder: the shared cases.
    """
    return _vignette(folder / "02_sdctable")


def _vignette(folder: Path) -> list[PeerTable]:
    rows = _read(folder / "T2_vignette_maxN10_table.csv")
    values = np.array([float(row["freq"]) for row in rows])
    primary = np.array([row["sdcStatus"] == "u" for row in rows])
    peers = tuple(
        Peer(
            f"sdcTable {one['method']}",
            one["secondary"],
            one["secondary_sum_freq"],
            one["unprotected_after_attack"],
            one["seconds"],
        )
        for one in json.loads((folder / "summary.json").read_text())
        if one["case"] == "T2_vignette_maxN10" and "seconds" in one
    )
    up, down = np.where(primary, 1.0, 0.0), np.zeros(len(rows))
    names = ("V1", "V2", "V3")
    by_value = _problem(rows, names, values, values, (primary, up, down))
    by_count = _problem(rows, names, values, np.ones(len(rows)), (primary, up, down))
    return [
        PeerTable("sdcTable vignette", by_value, 354.0, peers),
        PeerTable("same, by cells", by_count, 21.0, ()),
    ]


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def _problem(
    rows: Sequence[Mapping[str, str]],
    names: Sequence[str],
    values: Any,
    weights: Any,
    asked: tuple[Any, Any, Any],
) -> "Problem":
    """The problem of a table.

    Args:
        rows: its cells.
        names: its dimensions.
        values: of the cells.
        weights: their costs.
        asked: which cells are primary, and how far above and below they must be able to lie.
    """
    from ckanext.sozialdaten.disclosure.suppression import Equation, Problem, Sums

    place = {tuple(row[name] for name in names): index for index, row in enumerate(rows)}
    equations: list[Equation] = []
    for axis in range(len(names)):
        codes = {key[axis] for key in place}
        for total in sorted(codes):
            parts = sorted(code for code in codes if _parent(code, codes) == total)
            for key, index in place.items() if parts else ():
                if key[axis] == total:
                    below = [(*key[:axis], part, *key[axis + 1 :]) for part in parts]
                    cells = [place[one] for one in below if one in place]
                    equations.append(Equation((index, *cells), (1.0, *[-1.0] * len(cells))))
    primary, up, down = asked
    zeros = np.zeros(len(rows))
    high = np.full(len(rows), 10 * (1 + values.max()))
    fixed = (values == 0) & ~primary
    return Problem(
        values, weights, zeros, high, primary, fixed, Sums.of(equations), up, down, zeros
    )


def _parent(code: str, codes: set[str]) -> str | None:
    """The code right above one; None for the total."""
    if code in _TOTALS:
        return None
    above = [c for c in codes if c != code and c not in _TOTALS and code.startswith(c)]
    return max(above, key=len) if above else next(one for one in _TOTALS if one in codes)
