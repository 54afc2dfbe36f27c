"""What a finished copy must keep open, from the table or the contributors that it was made of."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ckanext.sozialdaten.disclosure._attacked import Question
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._policy import Policy
from ckanext.sozialdaten.disclosure._subject import Subject, prepare
from ckanext.sozialdaten.disclosure.errors import NotSupportedError
from ckanext.sozialdaten.disclosure.magnitudes import Demands, demands_of, read_contributors
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.layouts import Layout, Role
from ckanext.sozialdaten.messages import Message

__all__ = ["demanded", "originals_of"]


def demanded(
    subjects: Sequence[Subject],
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    question: Question,
    engine: Engine,
) -> dict[int, Demands]:
    """What is asked of each of the copies, by the identity of its subject.

    The copies stand in the order of their originals and have the same rows, as ``protect`` writes
    them. Nothing where neither originals nor contributors are given: then the policy's flat
    percentage decides.

    Raises:
        NotSupportedError: an original does not fit its copy.
    """
    behind = read_contributors(question.contributors) if question.contributors else None
    if not question.originals:
        return {id(one): demands_of(one, behind) for one in subjects} if behind else {}
    before = originals_of(subjects, question.originals, layout, policy, engine)
    return {key: demands_of(one, behind) for key, one in before.items()}


def originals_of(
    copies: Sequence[Subject],
    paths: Sequence[str | Path],
    layout: Layout | Mapping[str, Role | str] | None,
    policy: Policy,
    engine: Engine,
) -> dict[int, Subject]:
    """The tables that copies were made of, by the identity of the copies.

    Raises:
        NotSupportedError: an original does not fit its copy.
    """
    dialect = layout.dialect if isinstance(layout, Layout) and layout.name else None
    sheets = list(read_paths(paths, dialect))
    if len(sheets) != len(copies):
        raise NotSupportedError(
            Message("There are not as many originals as tables."),
            Message("Give one --original for each file, in the same order."),
        )
    found: dict[int, Subject] = {}
    for copy, sheet in zip(copies, sheets, strict=True):
        before = prepare(sheet, layout, policy, engine, hierarchies=copy.hierarchies)
        if not _fits(before, copy):
            raise NotSupportedError(
                Message("The original does not have the rows of the table."),
                Message("Give the file that the copy was made of, with its rows in their order."),
                Place(file=sheet.resource, sheet=sheet.name),
            )
        found[id(copy)] = before
    return found


def _fits(before: Subject, copy: Subject) -> bool:
    """Whether rows stand for each other: as many, with the same texts in what names them."""
    one, two = before.sheet.table, copy.sheet.table
    if one.num_rows != two.num_rows or not set(two.column_names) <= set(one.column_names):
        return False
    values = {name for each in (before, copy) if each.measures for name in each.measures.columns}
    return all(
        _texts(before, name) == _texts(copy, name)
        for name in two.column_names
        if name not in values
    )


def _texts(subject: Subject, name: str) -> list[str]:
    cells = subject.sheet.table.column(name).to_pylist()
    return [str("" if cell is None else cell).strip() for cell in cells]
