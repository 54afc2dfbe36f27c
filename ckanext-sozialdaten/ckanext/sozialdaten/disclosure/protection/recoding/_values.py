"""The columns of a person-level table as numbers: distinct values, and which of them rows have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ckanext.sozialdaten.disclosure._engine import ROW
from ckanext.sozialdaten.disclosure._numbers import State, parse
from ckanext.sozialdaten.disclosure._profile import Profile
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.protection.recoding._hierarchy import Ints

__all__ = ["Values", "read_values"]

_SURE = 0.9


@dataclass(frozen=True, slots=True)
class Values:
    """One column.

    Args:
        name: the column.
        values: its distinct values without blanks around them, sorted; numbers by size.
        codes: for each row the position of its value.
        ordered: whether the values are numbers.
        changed: whether they are no longer those of the table.
    """

    name: str
    values: tuple[str, ...]
    codes: Ints
    ordered: bool
    changed: bool = False

    def rows(self) -> dict[str, int]:
        """Rows of each value."""
        counts = np.bincount(self.codes, minlength=len(self.values))
        return dict(zip(self.values, counts.tolist(), strict=True))

    def renamed(self, names: Mapping[str, str]) -> "Values":
        """The column with other values, which keep the order of the old ones."""
        new = list(dict.fromkeys(names[value] for value in self.values))
        place = {value: index for index, value in enumerate(new)}
        moved = np.array([place[names[value]] for value in self.values], dtype=np.int64)
        changed = self.changed or any(old != name for old, name in names.items())
        return replace(self, values=tuple(new), codes=moved[self.codes], changed=changed)


def read_values(subject: Subject, names: Sequence[str]) -> dict[str, Values]:
    """Some columns as the check compares them: as text, NULL as the empty one."""
    loaded = subject.loaded
    texts = {
        f"c{i}": loaded[name].cast("string").strip().fill_null("") for i, name in enumerate(names)
    }
    rows = subject.engine.table(loaded.select(**{ROW: loaded[ROW]}, **texts).order_by(ROW))
    return {
        name: _encoded(name, rows.column(f"c{i}"), subject.profiles[name])
        for i, name in enumerate(names)
    }


def _encoded(name: str, column: pa.ChunkedArray, profile: Profile) -> Values:
    whole = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], pa.string())
    encoded = whole.cast(pa.string()).dictionary_encode()
    found = [str(value) for value in encoded.dictionary.to_pylist()]
    ordered = profile.figures()[0] >= _SURE
    numbers = {value: parse(value, profile.decimal) for value in found} if ordered else {}

    def rank(place: int) -> tuple[bool, float, str]:
        number = numbers.get(found[place])
        known = number is not None and number.state is State.VALUE
        return not known, number.value if number is not None and known else 0.0, found[place]

    order = sorted(range(len(found)), key=rank)
    places = np.empty(len(found), dtype=np.int64)
    places[order] = np.arange(len(found))
    indices = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    codes: Ints = places[indices] if len(found) else indices
    return Values(name, tuple(found[place] for place in order), codes, ordered)
