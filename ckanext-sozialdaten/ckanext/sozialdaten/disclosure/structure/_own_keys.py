"""Keys of Gemeinden that end in 000, as keys of a Kreis written with eight digits do."""

from collections.abc import Iterator

import numpy as np

from ckanext.sozialdaten.disclosure.structure._cells import Cells
from ckanext.sozialdaten.geography import Level, Register

__all__ = ["own_keys"]


def own_keys(cells: Cells, position: int) -> frozenset[str]:
    """Labels of a dimension that end in 000 and yet name a Gemeinde.

    The register says so, or the table itself: it shows the Kreis with five digits as well, or a
    Gemeinde of the Kreis with a larger figure, which no part of it can have.
    """
    labels = cells.dimensions[position].labels
    doubtful = [(code, x) for code, x in enumerate(labels) if _doubtful(x)]
    if not doubtful:
        return frozenset()
    register = Register.default()
    known = {region.ags for region in register if region.level is Level.GEMEINDE}
    return frozenset(
        label
        for code, label in doubtful
        if label in known
        or label[:5] in labels
        or any(_larger(cells, position, code, other) for other in _beside(labels, label))
    )


def _doubtful(label: str) -> bool:
    return len(label) == 8 and label.isascii() and label.isdigit() and label.endswith("000")


def _beside(labels: tuple[str, ...], label: str) -> Iterator[int]:
    """Codes of the other keys of the same Kreis."""
    for code, other in enumerate(labels):
        if len(other) == 8 and other.startswith(label[:5]) and other != label:
            yield code


def _larger(cells: Cells, position: int, code: int, other: int) -> bool:
    """Whether the other code has a larger figure somewhere in the same row of codes."""
    codes, rest = cells.dimensions[position].codes, cells.others(position)
    shown = ~np.isnan(cells.values)
    mine = dict(
        zip(
            rest[(codes == code) & shown].tolist(),
            cells.values[(codes == code) & shown].tolist(),
            strict=True,
        )
    )
    theirs = (codes == other) & shown
    return any(
        value > mine.get(place, np.inf)
        for place, value in zip(rest[theirs].tolist(), cells.values[theirs].tolist(), strict=True)
    )
