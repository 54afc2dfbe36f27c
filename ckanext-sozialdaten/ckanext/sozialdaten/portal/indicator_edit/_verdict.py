"""What is wrong with a definition, each thing at the field that it belongs to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ckan.plugins.toolkit as tk
import yaml

from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.indicators import (
    Catalogue,
    DefinitionError,
    Indicator,
    catalogue,
    read_text,
)
from ckanext.sozialdaten.messages import Message
from ckanext.sozialdaten.portal.indicator_edit._choices import found
from ckanext.sozialdaten.portal.indicator_edit._draft import (
    TEXTS,
    Draft,
    as_yaml,
    definition_of,
    slug,
)
from ckanext.sozialdaten.publishing.indicators import approved_definitions

__all__ = ["RESERVED", "Problem", "Verdict", "id_of", "judged", "judged_text", "problems"]

RESERVED = frozenset({"neu", "eigene", "verknuepfen", "vorschau"})
"""Addresses of pages beside those of indicators."""
_NEEDED = ("name", "unit", "description", "method")
_FIELDS = (
    *("id", "theme", "decimals", "polarity", "periods", "levels", "interval", "source_tables"),
)
_MOST_NAMED = 6
_NAMELESS = "kennzahl"
_SOMETHING = "…"
_ANY_THEME = "population"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Args:
        path: keys of the definition, such as ``inputs.a.column``; empty: the whole.
        messages: what is wrong, and the way out.
    """

    path: str
    messages: tuple[Message, ...]

    def told(self, language: str) -> str:
        """The text beside a field, which need not name its key again."""
        text = " ".join(message.text(language) for message in self.messages)
        plain = text.removeprefix(f"{self.path}: ").removeprefix(f"{self.path} ")
        return plain if plain == text else plain[:1].upper() + plain[1:]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a form or a text.

    Args:
        text: the definition as YAML.
        key: its id.
        indicator: what it means, if it can be computed; texts may still be missing.
        errors: what is wrong, by the field of the form; ``""`` for the whole.
    """

    text: str
    key: str
    indicator: Indicator | None
    errors: Mapping[str, str]


def id_of(text: str) -> str:
    """The id that a definition names; empty if it is no definition at all."""
    try:
        data: object = yaml.safe_load(text)
    except yaml.YAMLError:
        return ""
    found_id: object = data.get("id") if isinstance(data, dict) else None
    return found_id if isinstance(found_id, str) else ""


def problems(text: str) -> tuple[Indicator | None, Sequence[Problem]]:
    """Whether a text may become an indicator of this portal.

    Args:
        text: the YAML.

    Returns:
        What it means, where it can be read, and what is wrong with it; nothing, if all is well.
    """
    key = id_of(text)
    try:
        meant = read_text(text, f"{key or _NAMELESS}.yaml")
    except DefinitionError as error:
        return None, [_problem(error)]
    if not key:
        return None, [Problem("id", (Message("The definition must name its id."),))]
    wrong = list(_missing(meant))
    if key in RESERVED or key in catalogue():
        wrong.append(Problem("id", (Message("This id is taken. Choose another one."),)))
    own = {name: body for name, body in approved_definitions().items() if name != key}
    try:
        Catalogue([meant, *(item for item in catalogue(own=own).values() if item.id != key)])
    except DefinitionError as error:
        wrong.append(_problem(error, "formula"))
    return meant, wrong


def judged_text(text: str) -> Verdict:
    """The verdict on a text; everything that is wrong stands beside the text."""
    meant, wrong = problems(text)
    told = " ".join(problem.told(language()) for problem in wrong)
    return Verdict(text, id_of(text), meant if not wrong else None, {"yaml": told} if told else {})


def judged(draft: Draft) -> Verdict:
    """The verdict on a form; where only texts are missing it can be computed all the same."""
    text = as_yaml(definition_of(draft))
    errors, unsettled = _unfilled(draft), _unsettled(draft)
    meant: Indicator | None = None
    if not unsettled:
        meant, wrong = problems(as_yaml(definition_of(_filled(draft))))
        for problem in wrong:
            errors.setdefault(_field(problem.path, draft), problem.told(language()))
    return Verdict(text, id_of(text), meant, unsettled | errors)


def _unfilled(draft: Draft) -> dict[str, str]:
    """The fields that readers need and nobody has filled in."""
    said = {"name": draft.name, "unit": draft.unit, **draft.texts}
    text = tk._("Please fill in this text: readers need it.")
    errors = {
        f"{name}_{one}": text
        for name in _NEEDED
        for one in ("de", "en")
        if not said.get(name, {}).get(one)
    }
    return errors if draft.theme else {**errors, "theme": tk._("Please choose.")}


def _filled(draft: Draft) -> Draft:
    """The same with something in every text, so that the computation can be judged."""

    def told(texts: Mapping[str, str]) -> dict[str, str]:
        return {one: texts.get(one) or _SOMETHING for one in ("de", "en")}

    percent = {"de": "%", "en": "%"} if draft.kind == "share" and not draft.course else {}
    return replace(
        draft,
        id=draft.id or slug(draft.name.get("de", "")) or _NAMELESS,
        theme=draft.theme or _ANY_THEME,
        name=told(draft.name),
        unit=told({**percent, **{one: text for one, text in draft.unit.items() if text}}),
        texts={name: told(draft.texts.get(name, {})) for name in TEXTS},
    )


def _unsettled(draft: Draft) -> dict[str, str]:
    """Inputs whose words mean no series, or several."""
    errors: dict[str, str] = {}
    if draft.kind in ("indicator", "index"):
        return errors
    for number, item in enumerate(draft.inputs):
        hits = found(item.series, language()) if item.series else []
        if len(hits) == 1:
            continue
        if not item.series:
            text = tk._("Choose what is counted, for instance “Einwohner”.")
        elif hits:
            names = ", ".join(hit.key for hit in hits[:_MOST_NAMED])
            text = tk._("Several series fit. Take one of these: {names}").format(names=names)
        else:
            text = tk._("No series of a published table fits these words.")
        errors[f"i-{number}-series"] = text
    return errors


def _field(path: str, draft: Draft) -> str:
    """The field of the form that keys of a definition belong to."""
    head, *rest = path.split(".")
    if head == "inputs" and rest:
        names = list(definition_of(draft).get("inputs", {}))
        number = names.index(rest[0]) if rest[0] in names else 0
        key = rest[1] if len(rest) > 1 else "series"
        if key == "dimensions":
            return f"i-{number}-d-{rest[2]}" if len(rest) > 2 else f"i-{number}-series"
        plain = {"within_years": "within", "census_base": "census"}.get(key, key)
        known = ("time", "within", "day", "upward", "census")
        return f"i-{number}-{plain if plain in known else 'series'}"
    if head == "formula":
        spans = {"years", "quarters", "months", "since"}
        return "span" if spans & set(rest) else "per" if "per" in rest else "kind"
    if head in ("name", "unit", *TEXTS):
        return f"{head}_{rest[0]}" if rest else f"{head}_de"
    if head == "small_numbers":
        return "below"
    return head if head in _FIELDS else ""


def _missing(meant: Indicator) -> Sequence[Problem]:
    """Texts that a reader needs, in both languages."""
    said = {name: getattr(meant, name) for name in _NEEDED}
    return [
        Problem(f"{name}.{one}", (Message("Please fill in this text: readers need it."),))
        for name, texts in said.items()
        for one in ("de", "en")
        if not str(texts.get(one, "")).strip()
    ]


def _problem(error: DefinitionError, path: str = "") -> Problem:
    params = error.message.params
    path = str(params.get("key") or params.get("where") or path)
    row = error.place.row if error.place else None
    where = () if row is None else (Message("Row {row}:", {"row": row}),)
    return Problem(path, (*where, error.message, *((error.hint,) if error.hint else ())))
