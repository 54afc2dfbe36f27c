"""What this table, linked tables and earlier releases give away together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure.magnitudes import Demands
from ckanext.sozialdaten.disclosure.rules._linked import Leak, Stranger, What, linked
from ckanext.sozialdaten.disclosure.rules._related import related
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.disclosure.structure import Kin, Precision, View
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE", "compare", "leak_finding", "stranger_finding", "together", "uncompared"]

_ID = "release-difference"
_SUPPRESS = Message(
    "Suppress the same cells as the earlier release, or correct the table with the earlier "
    "release in view."
)
_ALIGN = Message(
    "Use the same areas, bands and periods as the other publication, or merge or suppress the "
    "figures whose difference is small."
)
_TOGETHER = Message(
    "Protect these tables together: what one of them hides must not follow from the others."
)
_REPEAT = Message("Compare fewer tables at once, or raise the limits in the policy.")
_STATE = Message("Say which state of the data each table shows, and withdraw the outdated one.")
_NONE = Message("Nothing is to be done if the tables speak of different things.")

_TEXTS: dict[What, tuple[Severity, Message, Message]] = {
    What.HIDDEN: (
        Severity.BLOCK,
        Message(
            "In the column {column} {cells} suppressed cells follow from this table together with "
            "{releases}."
        ),
        _SUPPRESS,
    ),
    What.EARLIER: (
        Severity.BLOCK,
        Message(
            "In the column {column} of {place} {cells} suppressed cells follow together with "
            "{releases}."
        ),
        _SUPPRESS,
    ),
    What.GROUP: (
        Severity.BLOCK,
        Message(
            "Figures of the column {column} in {cells} rows and those of {releases} differ by "
            "groups of fewer than {minimum}."
        ),
        _ALIGN,
    ),
    What.NEAR: (
        Severity.BLOCK,
        Message(
            "In the column {column} {cells} counts, or sums of them, differ from {releases} by a "
            "small count."
        ),
        _ALIGN,
    ),
    What.REVISED: (
        Severity.INFO,
        Message(
            "In the column {column} {cells} figures of {place} do not fit those of {releases}: "
            "they were taken as revised and left out of the attack."
        ),
        _STATE,
    ),
    What.TIME_OUT: (
        Severity.WARN,
        Message(
            "The time was too short to attack {place} together with {releases}: nothing is proven."
        ),
        _REPEAT,
    ),
    What.CONTRADICTION: (
        Severity.WARN,
        Message(
            "The figures of {place} contradict each other or those of {releases}: nothing is "
            "proven."
        ),
        _STATE,
    ),
    What.TOO_LARGE: (
        Severity.WARN,
        Message("{place} and {releases} together are too large for one attack: nothing is proven."),
        _REPEAT,
    ),
    What.PARTLY: (
        Severity.WARN,
        Message(
            "{place} together with {releases} is not fully proven: only the margins that they "
            "share were attacked, and together they may tell more."
        ),
        _REPEAT,
    ),
}

_REASONS = {
    Kin.OTHER_TOPIC: Message(
        "{place} cannot be compared with {other}: they count different things."
    ),
    Kin.OTHER_TIME: Message(
        "{place} cannot be compared with {other}: they speak of different times."
    ),
    Kin.OTHER_NUMBERS: Message(
        "{place} cannot be compared with {other}: figures that should be equal are not."
    ),
    Kin.OTHER_CODES: Message(
        "{place} cannot be compared with {other}: they have no area, group or category in common."
    ),
    Kin.DOUBTFUL: Message(
        "{place} and {other} show the same codes and the same total under different names: "
        "whether they count the same, and give something away together, is not proven."
    ),
    Kin.REVISED: Message(
        "{place} cannot be put together with {other}: most of the figures were revised. Only "
        "cells that both show were compared."
    ),
}
_APART = Message(
    "{place} and related tables ({count}) were not compared with {others} further ones that may "
    "speak of the same: they are too many for one attack."
)
_UNNAMED = Message(
    "{place} cannot be compared with {other}: one of them has no figures, or rows that nothing "
    "tells apart."
)


def compare(
    subject: Subject,
    released: Sequence[Subject],
    precision: Precision | None = None,
    demands: Mapping[int, Demands] | None = None,
) -> Iterator[Finding]:
    """Findings on a table beside earlier and linked releases.

    Args:
        subject: the table.
        released: what is public already, in the order in which it came out.
        precision: how published counts stand for true ones; found from the numbers if None.
        demands: what must stay open of the magnitudes of tables, by the identity of these; where
            it is left out, a flat percentage.
    """
    if not subject.policy.releases.check or not released:
        return
    subjects = [subject, *reversed(released)]
    found = linked(subjects, subject.policy, precision, own=1, demands=demands)
    for leak in found.leaks:
        if leak.what is not What.EARLIER or leak.view.subject is not subject:
            yield leak_finding(leak)
    met = {id(view.subject) for system in found.systems for view in system}
    seen: set[int] = set()
    for stranger in found.strangers:
        other = id(stranger.two.subject)
        if stranger.one.subject is subject and other not in met and other not in seen:
            seen.add(other)
            yield stranger_finding(stranger)
    for release in released:
        if id(release) not in met | seen:
            names: dict[str, str | int | float] = {
                "place": _named(subject),
                "other": _named(release),
            }
            yield Finding(_ID, Severity.INFO, Message(_UNNAMED.msgid, names), _NONE)


def together(
    subjects: Sequence[Subject],
    released: Sequence[Subject] = (),
    demands: Mapping[int, Demands] | None = None,
) -> Iterator[tuple[Subject, Finding]]:
    """What the tables of one submission give away together, beside what is public already.

    Tables that do not count the same thing are passed over in silence: nobody said that they do.

    Args:
        subjects: the tables.
        released: what is public already, in the order in which it came out.
        demands: what must stay open of the magnitudes of tables, by the identity of these.

    Yields:
        The table where a finding belongs, and the finding.
    """
    if len(subjects) < 2 or not subjects[0].policy.releases.check:
        return
    for members, apart in related(subjects):
        if apart:
            yield members[0], uncompared(_named(members[0]), len(members), len(apart))
        if len(members) < 2:
            continue
        systems = [*members, *reversed(released)]
        found = linked(systems, members[0].policy, own=len(members), demands=demands)
        for leak in found.leaks:
            parties = [leak.view.subject, *(view.subject for view in leak.partners)]
            own = [subject for subject in members if any(subject is one for one in parties)]
            if len(own) > 1:
                home = leak.view.subject if leak.view.release < len(members) else own[0]
                yield home, leak_finding(leak, own=len(members))


def uncompared(place: str, count: int, others: int) -> Finding:
    """That tables may speak of the same, and are too many for one attack.

    Args:
        place: one of the tables that were compared with each other.
        count: how many these are.
        others: how many more there are.
    """
    numbers: dict[str, str | int | float] = {"place": place, "count": count, "others": others}
    return Finding(_ID, Severity.WARN, Message(_APART.msgid, numbers), _REPEAT)


def leak_finding(leak: Leak, own: int = 1) -> Finding:
    """A leak as a finding on its table.

    Args:
        leak: the leak.
        own: how many tables are to be published; the others are public already.
    """
    severity, text, remedy = _TEXTS[leak.what]
    if own > 1 and severity is Severity.BLOCK:
        remedy = _TOGETHER
    view = leak.view
    columns = list(dict.fromkeys(view.cells.columns[cell] for cell in leak.cells))
    rows = sorted({int(view.cells.rows[cell]) for cell in leak.cells})
    here = leak.what is not What.EARLIER and (view.release < own or leak.what is not What.REVISED)
    numbers: dict[str, str | int | float] = {
        "column": ", ".join(columns or view.what),
        "cells": len(rows),
        "place": view.place,
        "releases": _listed(leak.partners),
        "minimum": view.subject.policy.frequency.minimum,
    }
    used = {key: value for key, value in numbers.items() if "{" + key + "}" in text.msgid}
    cells = view.subject.rows(rows) if here else ()
    return Finding(
        _ID,
        severity,
        Message(text.msgid, used),
        remedy,
        column=columns[0] if columns else "",
        cells=cells,
    )


def stranger_finding(stranger: Stranger) -> Finding:
    """Two tables that were not compared: as information, or as a warning where that is doubtful."""
    names: dict[str, str | int | float] = {
        "place": stranger.one.place,
        "other": stranger.two.place,
    }
    doubt = stranger.kin is Kin.DOUBTFUL
    text = Message(_REASONS[stranger.kin].msgid, names)
    return Finding(_ID, Severity.WARN if doubt else Severity.INFO, text, _STATE if doubt else _NONE)


def _listed(views: Iterable[View]) -> str:
    return ", ".join(dict.fromkeys(view.place for view in views))


def _named(subject: Subject) -> str:
    return " > ".join(part for part in (subject.sheet.resource, subject.sheet.name) if part)


def _nothing(_subject: Subject) -> Iterator[Finding]:
    """Without releases there is nothing to compare; :func:`compare` is called where there are."""
    return iter(())


RULE = Rule(_ID, Message("Differences between releases"), _nothing)
