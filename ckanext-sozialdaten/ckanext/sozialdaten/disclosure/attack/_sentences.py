"""Combinations of published figures as sentences: "Klein 30 minus Kreis 1: 20 ergibt Nord = 10"."""

from ckanext.sozialdaten.disclosure.attack._leaks import Leak, Side, Term
from ckanext.sozialdaten.disclosure.attack._statements import Figure
from ckanext.sozialdaten.messages import Message

__all__ = ["leaks_json", "sentence"]

_LANGUAGES = ("de", "en")
_NOTHING = "0"


def sentence(leak: Leak, target: Figure, language: str) -> str:
    """What a reader works out, in one sentence. It quotes the value that was to stay secret.

    Args:
        leak: the combination.
        target: the figure that was withheld.
        language: ``de`` or ``en``.
    """
    several = len({(t.figure.resource, t.figure.sheet) for t in leak.terms}) > 1
    text = ""
    for term in leak.terms:
        if term.low == term.high == 0:
            continue
        shown = _term(term, language, several=several)
        if text:
            joint = "{sum} plus {figure}" if term.factor > 0 else "{sum} minus {figure}"
        else:
            joint = "{figure}" if term.factor > 0 else "{sum} minus {figure}"
        parts = {"sum": text or _NOTHING, "figure": shown}
        text = Message(joint, parts).text(language) if joint != "{figure}" else shown
    patterns = {
        Side.EXACT: "{sum} gives {target} = {value}",
        Side.LOW: "{sum} gives {target} = at least {value}",
        Side.HIGH: "{sum} gives {target} = at most {value}",
    }
    pattern = patterns[leak.side]
    if leak.floor:
        pattern += ", as no number is below 0"
    parts = {
        "sum": text or _NOTHING,
        "target": _name(target, language),
        "value": _number(leak.value, language),
    }
    return Message(pattern, parts).text(language)


def _term(term: Term, language: str, *, several: bool) -> str:
    """One figure with its value: ``Klein 30``, ``Kreis 1: 20``, ``2 × Nord 7``."""
    name = _name(term.figure, language)
    if several:
        place = " > ".join(p for p in (term.figure.resource, term.figure.sheet) if p)
        name = f"{name} ({place})"
    value = _number(term.low, language)
    if term.low != term.high:
        ends = {"low": value, "high": _number(term.high, language)}
        value = Message("{low} to {high}", ends).text(language)
    colon = ":" if name[-1:].isdigit() else ""
    size = abs(term.factor)
    return (f"{size} × " if size != 1 else "") + f"{name}{colon} {value}".strip()


def _name(figure: Figure, language: str) -> str:
    """What a figure counts; a figure over everything is named by its column."""
    if figure.label:
        return figure.label
    return Message("{column} in total", {"column": figure.column}).text(language)


def _number(value: float, language: str) -> str:
    text = f"{value:.10g}" if abs(value) < 1e15 else f"{value:g}"
    return text.replace(".", ",") if language == "de" else text


def leaks_json(leaks: tuple[Leak, ...], target: Figure) -> dict[str, object]:
    """The combinations as JSON: sentences, and the figures with their multipliers."""
    texts = {
        language: "; ".join(sentence(one, target, language) for one in leaks)
        for language in _LANGUAGES
    }
    terms = [
        {
            "side": str(one.side),
            "factor": str(term.factor),
            "low": term.low,
            "high": term.high,
            "resource": term.figure.resource,
            "sheet": term.figure.sheet,
            "row": term.figure.row,
            "column": term.figure.column,
            "label": term.figure.label,
        }
        for one in leaks
        for term in one.terms
    ]
    return {**texts, "terms": terms}
