"""Goals and measures that staff attach to a figure of a region: what they say, and how far it is.

They are texts for the public, written as YAML, which a second person approves (`_aim_kinds`).
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import yaml

from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.preview import Cell
from ckanext.sozialdaten.publishing import proposals

__all__ = [
    "GOAL",
    "MEASURE",
    "Aims",
    "Direction",
    "Goal",
    "Measure",
    "Progress",
    "Standing",
    "aims",
    "goal_key",
    "goal_sentences",
    "measure_key",
    "progress_name",
    "read_goal",
    "read_measure",
    "standing",
    "written",
]  # fmt: skip

GOAL, MEASURE = "goal", "measure"
_SLUG = re.compile(r"[^a-z0-9]+")
_KEY = 100


class Direction(StrEnum):
    """Which side of the target is reached."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Progress(StrEnum):
    """How far a measure has come, in the order in which they are listed."""

    RUNNING = "running"
    PLANNED = "planned"
    DONE = "done"
    STOPPED = "stopped"


class Standing(StrEnum):
    """How a figure lies to its goal."""

    REACHED = "reached"
    MISSED = "missed"
    UNCERTAIN = "uncertain"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Goal:
    """What a figure shall become.

    Args:
        region: key.
        indicator: id.
        direction: whether more or less than the target is wanted.
        target: in the unit of the indicator.
        until: year.
        text: what is meant, and who decided it.
        office: who is responsible.
    """

    region: str
    indicator: str
    direction: Direction
    target: float
    until: str
    text: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done about a figure.

    Args:
        region: key.
        indicator: id.
        title: what is done.
        progress: how far it has come.
        until: year; may be empty.
        text: more of it.
        office: who is responsible.
    """

    region: str
    indicator: str
    title: str
    progress: Progress
    until: str = ""
    text: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True)
class Aims:
    """All approved goals and measures."""

    goals: tuple[Goal, ...] = ()
    measures: tuple[Measure, ...] = ()

    def goal(self, region: str, indicator: str) -> Goal | None:
        """The goal of a figure."""
        return next((g for g in self.goals if (g.region, g.indicator) == (region, indicator)), None)

    def of(self, region: str, indicator: str) -> tuple[Measure, ...]:
        """The measures about a figure, those that run before those that are done."""
        found = [m for m in self.measures if (m.region, m.indicator) == (region, indicator)]
        return tuple(sorted(found, key=lambda measure: list(Progress).index(measure.progress)))


def aims() -> Aims:
    """The approved goals and measures; what nobody approved is not among them."""
    goals = (_parsed(GOAL, proposal.body) for proposal in proposals.approved(GOAL))
    measures = (_parsed(MEASURE, proposal.body) for proposal in proposals.approved(MEASURE))
    return Aims(
        tuple(goal for goal in goals if isinstance(goal, Goal)),
        tuple(measure for measure in measures if isinstance(measure, Measure)),
    )


@lru_cache(maxsize=512)
def _parsed(kind: str, body: str) -> Goal | Measure | None:
    try:
        return read_goal(body) if kind == GOAL else read_measure(body)
    except (ValueError, KeyError, TypeError, yaml.YAMLError):
        return None  # approved under rules of then that no longer hold


def read_goal(body: str) -> Goal:
    """A goal from its YAML.

    Raises:
        ValueError: something is missing or not what it should be.
    """
    known = _fields(body)
    target = float(known["target"])
    if not math.isfinite(target):
        raise ValueError("target")
    return Goal(
        region=str(known["region"]),
        indicator=str(known["indicator"]),
        direction=Direction(known["direction"]),
        target=target,
        until=str(known["until"]),
        text=str(known.get("text") or ""),
        office=str(known.get("office") or ""),
    )


def read_measure(body: str) -> Measure:
    """A measure from its YAML.

    Raises:
        ValueError: something is missing or not what it should be.
    """
    known = _fields(body)
    return Measure(
        region=str(known["region"]),
        indicator=str(known["indicator"]),
        title=str(known["title"]),
        progress=Progress(known["progress"]),
        until=str(known.get("until") or ""),
        text=str(known.get("text") or ""),
        office=str(known.get("office") or ""),
    )


def _fields(body: str) -> Mapping[str, Any]:
    known = yaml.safe_load(body)
    if not isinstance(known, dict):
        raise ValueError("no fields")  # noqa: TRY004 - the text is wrong, not our types
    return known


def written(aim: Goal | Measure) -> str:
    """The YAML of a goal or measure; empty fields are left out."""
    fields = {
        name: str(value) if isinstance(value, StrEnum) else value
        for name, value in asdict(aim).items()
        if value != ""
    }
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=100)


def goal_key(region: str, indicator: str) -> str:
    """Names the goal of a figure: there is one."""
    return f"{region}_{indicator}"[:_KEY]


def measure_key(region: str, indicator: str, title: str) -> str:
    """Names a measure among those about a figure, by its title."""
    plain = title.casefold()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        plain = plain.replace(umlaut, letters)
    slug = _SLUG.sub("-", plain).strip("-") or "x"
    return f"{region}_{indicator}_{slug}"[:_KEY].rstrip("-_")


def standing(goal: Goal, cell: Cell) -> tuple[Standing, float]:
    """How a figure lies to its goal, and how much is missing.

    A goal within the 95 % interval of the figure is neither reached nor missed for certain.
    """
    if cell.value is None:
        return Standing.UNKNOWN, 0.0
    missing = goal.target - cell.value
    if goal.direction is Direction.AT_MOST:
        missing = -missing
    if cell.low is not None and cell.high is not None and cell.low < goal.target < cell.high:
        return Standing.UNCERTAIN, missing
    return (Standing.MISSED, missing) if missing > 0 else (Standing.REACHED, 0.0)


def progress_name(progress: Progress) -> Message:
    """What people call it."""
    return {
        Progress.PLANNED: Message("planned"),
        Progress.RUNNING: Message("under way"),
        Progress.DONE: Message("done"),
        Progress.STOPPED: Message("given up"),
    }[progress]


def goal_sentences(
    goal: Goal, found: tuple[Standing, float], numbers: Sequence[str]
) -> tuple[Message, ...]:
    """What is said of a goal beside the figure.

    Args:
        goal: the goal.
        found: how the figure lies to it.
        numbers: target and what is missing as people read them, with their unit.
    """
    target, missing = numbers
    values = {"target": target, "until": goal.until}
    wanted = (
        Message("At least {target} by {until}.", values)
        if goal.direction is Direction.AT_LEAST
        else Message("At most {target} by {until}.", values)
    )
    told = {
        Standing.REACHED: Message("The goal is reached."),
        Standing.MISSED: Message("It is {missing} away from the goal.", {"missing": missing}),
        Standing.UNCERTAIN: Message("Whether the goal is reached cannot be told with certainty."),
        Standing.UNKNOWN: Message("There is no figure to hold against the goal."),
    }
    return wanted, told[found[0]]
