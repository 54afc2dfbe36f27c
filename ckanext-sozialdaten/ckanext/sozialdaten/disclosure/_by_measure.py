"""Tables whose rows say what they count: one table for each measure and unit.

"Leistungsberechtigte, Personen, 2" stands beside "Ausgaben, Euro, 12034" and "Quote, %, 3,4": as
one column these are no counts, no amounts and no rates.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from ckanext.sozialdaten.disclosure._lexicon import lexicon, normal
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure._table import Loose, Sheet

__all__ = ["by_measure"]

_MEASURE = re.compile(
    r"^(?:merkmal|kennzahl|kennziffer|indikator|variable|messgröße|messgroesse|größe|measure|metric"
    r"|indicator|statistik|position|wertart|einheit|maßeinheit|masseinheit|unit|kennzahlname)$"
)
_MOST_KINDS, _MOST_ROWS = 60, 200_000
_KINDS = ("rate", "unit_rate", "unit_money", "magnitude")


def by_measure(subject: Subject) -> Iterator[Sheet]:
    """The tables of single measures, if a column of names or units tells several kinds apart.

    Args:
        subject: the table as it stands.
    """
    measures, table = subject.measures, subject.sheet.table
    if measures is None or len(measures.columns) != 1 or table.num_rows > _MOST_ROWS:
        return
    (value,) = measures.columns
    if subject.known.guesses[value].confidence == 1.0:
        return
    names = [name for name in measures.keys if _MEASURE.match(normal(name))]
    texts = [[str(cell or "").strip() for cell in table.column(n).to_pylist()] for n in names]
    kinds = list(dict.fromkeys(zip(*texts, strict=True)))
    if not 1 < len(kinds) <= _MOST_KINDS or len({_is_figure(kind) for kind in kinds}) < 2:
        return
    said = pa.array([" ".join(row) for row in zip(*texts, strict=True)])
    for kind in kinds:
        rows = pc.indices_nonzero(pc.equal(said, " ".join(kind)))
        part = table.take(rows).drop_columns(names)
        label = " ".join(kind)
        columns = [label if name == value else name for name in part.column_names]
        if len(set(columns)) == len(columns):
            yield replace(
                subject.sheet,
                table=part.rename_columns(columns),
                rows=[subject.sheet.row(index) for index in rows.to_pylist()],
                loose=tuple(Loose(name, "header") for name in columns),
                hidden=(),
            )


def _is_figure(kind: tuple[str, ...]) -> bool:
    """Whether a measure is an amount or a rate, and no count."""
    return any(lexicon().speaks_of(text, topic) for text in kind for topic in _KINDS)
