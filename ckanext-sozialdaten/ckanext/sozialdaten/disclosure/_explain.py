"""What each rule protects against, for people: one page per rule, with the numbers of a policy.

The pages and the meaning of every number are data in ``schemas/rules``: the command line, the
portal and the handbook ``docs/geheimhaltung.md`` show the same texts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml

from ckanext.sozialdaten.disclosure._policy import Policy, list_policies
from ckanext.sozialdaten.disclosure.errors import UnknownRuleError
from ckanext.sozialdaten.messages import Message

__all__ = [
    "Explanation",
    "Language",
    "Parameter",
    "explain",
    "handbook",
    "handbook_intro",
    "list_explained",
]

_FOLDER = files("ckanext.sozialdaten.schemas") / "rules"
_PARAMETERS = re.compile(r"^\*\*Parameter\w*[.:]\*\*\s*(.*)$", re.MULTILINE)
_KEY = re.compile(r"`([a-z_]+\.[a-z_]+)`")
_DIVIDER = "\n---\n"
_HANDBOOK = "handbook"


class Language(StrEnum):
    """Languages of the pages."""

    DE = "de"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of a policy.

    Args:
        key: section and name, such as ``persons.k``.
        meaning: what it means.
        value: its value, as the YAML has it; empty if no policy was asked for or if the public may
            not know it.
        confidential: whether the public may not know its value.
    """

    key: str
    meaning: str
    value: str = ""
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Explanation:
    """The page of a rule in one language.

    Args:
        rule: its id.
        title: what it looks for.
        text: Markdown: what it protects against, an example, a remedy, literature.
        parameters: the numbers that it uses.
    """

    rule: str
    title: str
    text: str
    parameters: tuple[Parameter, ...]

    def to_json(self) -> dict[str, object]:
        """The page as JSON."""
        return {
            "rule": self.rule,
            "title": self.title,
            "text": self.text,
            "parameters": [
                {"key": p.key, "meaning": p.meaning, "value": p.value} for p in self.parameters
            ],
        }


def list_explained() -> list[str]:
    """Ids of all rules that have a page, sorted."""
    names = (entry.name for entry in _FOLDER.iterdir())
    stems = (name.removesuffix(".md") for name in names if name.endswith(".md"))
    return sorted(stem for stem in stems if stem != _HANDBOOK)


def explain(
    rule: str,
    policy: Policy | None = None,
    language: Language | str = Language.DE,
    *,
    internal: bool = False,
) -> Explanation:
    """The page of a rule.

    Args:
        rule: its id, as findings name it.
        policy: whose numbers to show; none if None.
        language: of all texts.
        internal: whether to show numbers too that help whoever wants to compute protected figures.

    Raises:
        UnknownRuleError: no rule has this id.
    """
    if rule not in list_explained():
        raise UnknownRuleError(
            Message("There is no rule {name}.", {"name": rule}),
            Message("Known rules: {names}.", {"names": ", ".join(list_explained())}),
        )
    title, text = _part(rule, Language(language))
    found = _PARAMETERS.search(text)
    keys = _KEY.findall(found.group(1)) if found else []
    return Explanation(
        rule,
        title,
        _PARAMETERS.sub("", text).strip(),
        tuple(_parameter(key, policy, Language(language), internal=internal) for key in keys),
    )


def handbook_intro(language: Language | str = Language.DE) -> str:
    """What comes before the rules, as Markdown with its title."""
    title, text = _part(_HANDBOOK, Language(language))
    return f"# {title}\n\n{text}"


def handbook(language: Language | str = Language.DE) -> str:
    """The handbook for data-protection officers as Markdown: every rule and every number."""
    chosen = Language(language)
    words = _WORDS[chosen]
    lines = [handbook_intro(chosen), "", f"## {words['policies']}", "", *_policy_table(chosen)]
    lines += ["", f"## {words['rules']}", ""]
    for rule in list_explained():
        page = explain(rule, None, chosen)
        lines += [f"### {page.title} (`{rule}`)", "", page.text, ""]
        if page.parameters:
            keys = (f"`{p.key}`: {p.meaning}" for p in page.parameters)
            lines += [f"**{words['parameters']}:** " + "; ".join(keys) + ".", ""]
    return "\n".join(lines).rstrip() + "\n"


_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.DE: {
        "policies": "Geheimhaltungsregeln und ihre Werte",
        "rules": "Die Regeln",
        "parameters": "Werte",
        "key": "Wert",
        "meaning": "Bedeutung",
    },
    Language.EN: {
        "policies": "Policies and their numbers",
        "rules": "The rules",
        "parameters": "Numbers",
        "key": "Number",
        "meaning": "Meaning",
    },
}


def _policy_table(language: Language) -> list[str]:
    words, policies = _WORDS[language], list_policies()
    lines = [f"* `{p.name}`: {p.title[language]}. {p.description[language]}" for p in policies]
    head = [words["key"], words["meaning"], *(f"`{p.name}`" for p in policies)]
    lines += ["", "| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for key in _meanings():
        shown = [_parameter(key, p, language, internal=True) for p in policies]
        cells = [f"`{key}`", shown[0].meaning, *(one.value for one in shown)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _part(name: str, language: Language) -> tuple[str, str]:
    """Title and text of a page in one language: the German part stands first."""
    content = (_FOLDER / f"{name}.md").read_text("utf-8")
    german, _, english = content.partition(_DIVIDER)
    part = (german if language is Language.DE else english).strip()
    title, _, text = part.partition("\n")
    return title.lstrip("# ").strip(), text.strip()


@cache
def _meanings() -> Mapping[str, Mapping[str, Any]]:
    return cast(
        "Mapping[str, Mapping[str, Any]]",
        yaml.safe_load((_FOLDER / "parameters.yaml").read_text("utf-8")),
    )


def _parameter(key: str, policy: Policy | None, language: Language, *, internal: bool) -> Parameter:
    entry = _meanings()[key]
    confidential = bool(entry.get("confidential", False))
    value = ""
    if policy is not None and (internal or not confidential):
        section, name = key.split(".")
        found = getattr(getattr(policy, section), name)
        value = str(found).lower() if isinstance(found, bool) else f"{found}"
    return Parameter(key, str(entry[language.value]), value, confidential)
