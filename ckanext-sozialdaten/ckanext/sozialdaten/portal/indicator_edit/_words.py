"""What the form calls things."""

import ckan.plugins.toolkit as tk
import yaml

from ckanext.sozialdaten.catalogue.language import language

__all__ = [
    "courses",
    "figure_states",
    "intervals",
    "kinds",
    "levels",
    "means",
    "name_in",
    "periods",
    "polarities",
    "scales",
    "spans",
    "states",
    "times",
]

Choices = list[tuple[str, str]]


def kinds() -> Choices:
    """Kinds of computation."""
    return [
        ("share", tk._("Share in % (a part of a whole)")),
        ("per_mille", tk._("Rate per 1,000")),
        ("rate", tk._("Rate per another number")),
        ("ratio", tk._("Ratio (one divided by the other)")),
        ("value", tk._("Figure as it is")),
        ("sum", tk._("Sum")),
        ("difference", tk._("Difference (the first less the others)")),
        ("product", tk._("Product")),
        ("indicator", tk._("Another indicator")),
        ("index", tk._("Index of several indicators")),
    ]


def courses() -> Choices:
    """What of the course over time is told."""
    return [
        ("", tk._("The figure itself")),
        ("change", tk._("Its change, in its unit")),
        ("change_relative", tk._("Its change in %")),
        ("trend", tk._("Its trend a year, in its unit")),
        ("trend_relative", tk._("Its trend a year in %")),
        ("continuity", tk._("How evenly it rises or falls (−1 to 1)")),
    ]


def spans() -> Choices:
    """Units of a span of time."""
    return [("years", tk._("years")), ("quarters", tk._("quarters")), ("months", tk._("months"))]


def times() -> Choices:
    """Which observation belongs to a period."""
    return [
        ("", tk._("not said")),
        ("same", tk._("that of the same period")),
        ("previous", tk._("that of the year before")),
        ("mean", tk._("mean of both ends of the year")),
        ("latest", tk._("the last one known")),
    ]


def polarities() -> Choices:
    """Which side is better."""
    return [
        ("neutral", tk._("neither: it describes")),
        ("higher_is_better", tk._("high is favourable")),
        ("lower_is_better", tk._("low is favourable")),
    ]


def periods() -> Choices:
    """Lengths of periods."""
    return [("year", tk._("Year")), ("quarter", tk._("Quarter")), ("month", tk._("Month"))]


def levels() -> Choices:
    """Levels of regions."""
    return [
        ("ortsteil", tk._("Neighbourhoods")),
        ("gemeinde", tk._("Municipalities")),
        ("kreis", tk._("Counties")),
        ("land", tk._("Länder")),
        ("bund", tk._("Germany")),
    ]


def intervals() -> Choices:
    """How uncertainty is shown."""
    return [
        ("none", tk._("none")),
        ("wilson", tk._("of shares of counts (Wilson)")),
        ("poisson", tk._("of counts and rates (Poisson)")),
        ("line", tk._("of a trend")),
    ]


def scales() -> Choices:
    """How an index makes its parts comparable."""
    return [
        ("zscore", tk._("Standard deviations from the mean")),
        ("minmax", tk._("From the lowest (0) to the highest (1)")),
        ("rank", tk._("Place in the order (0 to 1)")),
    ]


def means() -> Choices:
    """How an index puts its parts together."""
    return [
        ("arithmetic", tk._("Weighted mean")),
        ("geometric", tk._("Weighted geometric mean: no part makes up for another")),
        ("lowest", tk._("The least favourable part")),
    ]


def states() -> dict[str, str]:
    """How far a version has come."""
    return {
        "draft": tk._("draft"),
        "submitted": tk._("waits for a decision"),
        "approved": tk._("approved"),
        "rejected": tk._("rejected"),
        "replaced": tk._("replaced by a newer submission"),
        "dropped": tk._("given up"),
        "retired": tk._("no longer shown"),
    }


def figure_states() -> dict[str, str]:
    """The states of cells."""
    return {
        "value": tk._("with a figure"),
        "suppressed": tk._("secret"),
        "incomplete": tk._("incomplete"),
        "not_available": tk._("not available"),
        "not_applicable": tk._("not applicable"),
    }


def name_in(text: str) -> str:
    """The name that a definition has in the reader's language; empty where it has none."""
    try:
        data: object = yaml.safe_load(text)
    except yaml.YAMLError:
        return ""
    names: object = data.get("name") if isinstance(data, dict) else None
    return str(names.get(language(), "")) if isinstance(names, dict) else ""
