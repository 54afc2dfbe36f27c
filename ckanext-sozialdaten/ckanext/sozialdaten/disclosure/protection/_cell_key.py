"""The Cell Key Method: noise for counts that only the persons in a cell decide.

Each person has a key in [0, 1), fixed for ever. The key of a cell is the fractional part of the
sum of the keys of the persons in it; a perturbation table turns count and key into noise. So the
same persons always give the same published count, in whatever table they stand, and nobody can
average the noise away. Totals get noise of their own: they are near the sums of what is shown, but
do not equal them.

Sources: B. Fraser and J. Wooton, "A proposed method for confidentialising tabular output to protect
against differencing", UNECE work session (2005); the variant in whole numbers: Office for
National Statistics, "Cell key perturbation", package ``cell-key-perturbation`` 3.1.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ckanext.sozialdaten.disclosure.errors import RolesError
from ckanext.sozialdaten.disclosure.protection._ptable import Table
from ckanext.sozialdaten.disclosure.protection._secret import Secret
from ckanext.sozialdaten.messages import Message

__all__ = ["Counted", "WholeKeys", "cell_key_table", "count_records", "record_keys"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Counted:
    """Cells of a table, with every total. Keys and true counts stay inside.

    Args:
        codes: for each dimension the code of each cell.
        counts: how many records each cell holds.
        keys: the cell keys.
    """

    codes: Mapping[str, Sequence[str]]
    counts: Ints
    keys: Floats


@dataclass(frozen=True, slots=True)
class WholeKeys:
    """The variant of the Office for National Statistics, with keys in whole numbers.

    Args:
        noise: what is added, by row of the perturbation table and by cell key where that matters.
        modulus: keys lie between 0 and this, exclusively.
        largest: last row of the table that belongs to one count alone.
        cycle: rows, ending with ``largest``, that larger counts share in turn.
        threshold: published counts below this are withheld.
    """

    noise: Mapping[tuple[int, int | None], int]
    modulus: int = 256
    largest: int = 750
    cycle: int = 250
    threshold: int = 10

    def row(self, count: int) -> int:
        """The row of a count.

        >>> [WholeKeys({}).row(count) for count in (7, 750, 751, 1000, 1001)]
        [7, 750, 501, 750, 501]
        """
        if count <= self.largest:
            return count
        return (count - 1) % self.cycle + self.largest - self.cycle + 1

    def published(self, count: int, keys: int) -> int | None:
        """A count as published; None where it is withheld.

        Args:
            count: the true count.
            keys: the sum of the keys of its records.
        """
        row, key = self.row(count), keys % self.modulus
        noise = self.noise.get((row, key), self.noise.get((row, None)))
        shown = count + (noise or 0)
        return None if min(count, shown) < self.threshold else shown


def record_keys(records: pa.Table, identifier: str, secret: Secret) -> Floats:
    """Keys of persons from what names each of them for ever, such as a case number."""
    names = records.column(identifier).to_pylist()
    known = {name: secret.key("record", str(name)) for name in dict.fromkeys(names)}
    return np.array([known[name] for name in names])


def count_records(
    records: pa.Table, dimensions: Sequence[str], keys: Floats, total: str = "Insgesamt"
) -> Counted:
    """Count records over all combinations of codes that occur, with every total.

    Args:
        records: one row for each person.
        dimensions: the columns to count by.
        keys: the key of each record.
        total: the code of totals.

    Raises:
        RolesError: a dimension is missing, or uses the code of totals itself.
    """
    missing = [name for name in dimensions if name not in records.column_names]
    if missing:
        raise RolesError(Message("There is no column {column}.", {"column": ", ".join(missing)}))
    labels: dict[str, list[str]] = {}
    places: dict[str, Ints] = {}
    for name in dimensions:
        encoded: Any = records.column(name).cast(pa.string()).combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.combine_chunks()
        labels[name] = [
            "" if label is None else str(label) for label in encoded.dictionary.to_pylist()
        ]
        if total in labels[name]:
            raise RolesError(
                Message("{code} is a code of {column} already.", {"code": total, "column": name})
            )
        places[name] = np.asarray(encoded.indices.fill_null(0), dtype=np.int64)
    codes: dict[str, list[str]] = {name: [] for name in dimensions}
    counts: list[Ints] = []
    sums: list[Floats] = []
    for kept in itertools.chain.from_iterable(
        itertools.combinations(dimensions, size) for size in range(len(dimensions) + 1)
    ):
        stacked = (
            np.stack([places[name] for name in kept]) if kept else np.zeros((1, len(keys)), int)
        )
        found, inverse = np.unique(stacked, axis=1, return_inverse=True)
        inverse = inverse.reshape(-1)
        size = found.shape[1]
        counts.append(np.bincount(inverse, minlength=size))
        sums.append(np.bincount(inverse, keys, minlength=size).astype(np.float64))
        for name in dimensions:
            if name in kept:
                codes[name] += [labels[name][code] for code in found[kept.index(name)].tolist()]
            else:
                codes[name] += [total] * size
    whole = np.concatenate(sums)
    return Counted(codes, np.concatenate(counts), _fraction(whole))


def _fraction(sums: Floats) -> Floats:
    """The fractional part, without the dust of adding many short decimals."""
    fraction: Floats = np.mod(np.round(sums, _DIGITS), 1.0)
    return np.round(fraction, _DIGITS).astype(np.float64)


def cell_key_table(
    records: pa.Table,
    dimensions: Sequence[str],
    table: Table,
    *,
    keys: str | None = None,
    identifier: str | None = None,
    secret: Secret | None = None,
    total: str = "Insgesamt",
    count: str = "Anzahl",
) -> pa.Table:
    """Count persons and add the noise of the Cell Key Method.

    Args:
        records: one row for each person; they never leave this function.
        dimensions: the columns to count by.
        table: the perturbation table.
        keys: column of record keys in [0, 1), if the records carry them.
        identifier: else the column that names each person for ever.
        secret: from which to draw keys for identifiers.
        total: the code of totals.
        count: name of the column of published counts.

    Returns:
        The dimensions and the published counts, with every total. Neither keys nor true counts.

    Raises:
        RolesError: a column is missing, or the records have neither keys nor an identifier.
    """
    if keys is not None and keys in records.column_names:
        drawn = np.asarray(records.column(keys).to_numpy(), dtype=np.float64)
    elif identifier and secret is not None and identifier in records.column_names:
        drawn = record_keys(records, identifier, secret)
    else:
        raise RolesError(
            Message("The records have neither keys nor an identifier to draw them from."),
            Message("Name the column of keys, or an identifier and a secret."),
        )
    found = count_records(records, dimensions, drawn, total)
    shown = found.counts + table.noise(found.counts.astype(np.float64), found.keys)
    columns: dict[str, Any] = {name: pa.array(list(codes)) for name, codes in found.codes.items()}
    return pa.table({**columns, count: pa.array(np.rint(shown).astype(np.int64))})
