"""Goals and measures as texts that a second person approves: what is checked, what is compared."""

from collections.abc import Iterator, Sequence

import yaml

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal import _regions as regions
from ckanext.sozialdaten.portal._figures import public_figures
from ckanext.sozialdaten.portal.report import _aims
from ckanext.sozialdaten.portal.report._aims import Direction, Goal, Measure
from ckanext.sozialdaten.publishing.proposals import Kind

__all__ = ["aim_kinds"]

_LONGEST = {"title": 200, "text": 4_000, "office": 200}
_YEARS = (1990, 2100)


def aim_kinds() -> Sequence[Kind]:
    """The kinds ``goal`` and ``measure``."""
    return [
        Kind(
            name=_aims.GOAL,
            title=Message("Goal of the social report"),
            validate=lambda body: tuple(_errors(body, _aims.GOAL)),
            render=lambda body: tuple(_lines(body, _aims.GOAL)),
            address=_address,
            on_change=_nothing,
        ),
        Kind(
            name=_aims.MEASURE,
            title=Message("Measure of the social report"),
            validate=lambda body: tuple(_errors(body, _aims.MEASURE)),
            render=lambda body: tuple(_lines(body, _aims.MEASURE)),
            address=_address,
            on_change=_nothing,
        ),
    ]


def _nothing() -> None:
    """Reports read what is approved each time: nothing is to be told."""


def _address(key: str) -> str:
    return f"/sozialbericht/{key.split('_', 1)[0]}"


def _read(body: str, kind: str) -> Goal | Measure:
    return _aims.read_goal(body) if kind == _aims.GOAL else _aims.read_measure(body)


def _errors(body: str, kind: str) -> Iterator[Message]:
    try:
        aim = _read(body, kind)
    except (ValueError, KeyError, TypeError, yaml.YAMLError):
        yield Message("Something is missing, or a number or a choice is none.")
        return
    if not regions.known(aim.region):
        yield Message("There is no such region.")
    if aim.indicator not in public_figures().catalogue:
        yield Message("There is no such indicator.")
    if aim.until or isinstance(aim, Goal):
        fine = aim.until.isdecimal() and _YEARS[0] <= int(aim.until) <= _YEARS[1]
        if not fine:
            yield Message("The year has four digits, such as 2030.")
    if isinstance(aim, Measure) and not aim.title.strip():
        yield Message("A measure needs a title.")
    for name, most in _LONGEST.items():
        if len(getattr(aim, name, "")) > most:
            yield Message("A text is too long: at most {count} characters.", {"count": most})


def _lines(body: str, kind: str) -> Iterator[str]:
    """What a reviewer compares, in words."""
    aim, language = _read(body, kind), frame.language()

    def said(label: Message, text: str) -> str:
        return f"{label.text(language)}: {text}"

    known = public_figures().catalogue
    name = known[aim.indicator].label(language) if aim.indicator in known else aim.indicator
    yield said(Message("Region"), regions.name_of(aim.region))
    yield said(Message("Indicator"), name)
    if isinstance(aim, Goal):
        unit = known[aim.indicator].unit.get(language, "") if aim.indicator in known else ""
        least = aim.direction is Direction.AT_LEAST
        way = Message("at least") if least else Message("at most")
        yield said(Message("Goal"), f"{way.text(language)} {aim.target:g} {unit}".rstrip())
    else:
        yield said(Message("Measure taken"), aim.title)
        yield said(Message("State"), _aims.progress_name(aim.progress).text(language))
    yield said(Message("Until"), aim.until)
    yield said(Message("Responsible"), aim.office)
    yield from aim.text.splitlines()
