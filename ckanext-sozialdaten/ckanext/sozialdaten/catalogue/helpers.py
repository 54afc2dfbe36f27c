"""Helpers of the catalogue's templates and of scheming's forms."""

from collections.abc import Mapping
from typing import Any

import ckan.plugins.toolkit as tk
from markupsafe import Markup

from ckanext.sozialdaten.catalogue import facets, facts, places
from ckanext.sozialdaten.catalogue.codelists import codelist
from ckanext.sozialdaten.catalogue.forms import (
    sozialdaten_described,
    sozialdaten_has_field,
    sozialdaten_region_lines,
    sozialdaten_touches,
)
from ckanext.sozialdaten.catalogue.labels import indicator_names
from ckanext.sozialdaten.catalogue.language import language
from ckanext.sozialdaten.catalogue.licences import Licence, find_licence, licences
from ckanext.sozialdaten.catalogue.policies import policy_titles
from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.lake.layouts import Field, Layout, Role

__all__ = [
    "sozialdaten_choices",
    "sozialdaten_columns",
    "sozialdaten_dataset_facts",
    "sozialdaten_described",
    "sozialdaten_facet_items",
    "sozialdaten_field_label",
    "sozialdaten_form_groups",
    "sozialdaten_has_field",
    "sozialdaten_indicator_choices",
    "sozialdaten_lang",
    "sozialdaten_language",
    "sozialdaten_legal_basis",
    "sozialdaten_licence",
    "sozialdaten_licence_options",
    "sozialdaten_place_search",
    "sozialdaten_policy_choices",
    "sozialdaten_region_lines",
    "sozialdaten_resource_facts",
    "sozialdaten_role_name",
    "sozialdaten_similar",
    "sozialdaten_touches",
]

_MOST_WORDS = 6
_SHORTEST = 4  # letters from which on a misspelt word can be told from another one


def sozialdaten_language() -> str:
    """The reader's language, ``"de"`` or ``"en"``."""
    return language()


def sozialdaten_lang(record: Mapping[str, Any] | None = None, field: str = "title") -> Markup:
    """The attribute ``lang`` of a text that staff wrote, where it is not the page's language.

    Args:
        record: a dataset, whose ``{field}_en`` holds the English text; None for a text that
            exists in German alone.
        field: the field shown.
    """
    if language() == "de" or (record is not None and record.get(f"{field}_en")):
        return Markup("")
    return Markup(' lang="de"')


def sozialdaten_choices(field: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices of a field from its code list, as scheming's form snippets want them."""
    return [
        {"value": code.value, "label": dict(code.titles)} for code in codelist(field["codelist"])
    ]


def sozialdaten_indicator_choices(_field: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The indicators as choices of a form field, by name."""
    known = sorted(indicator_names().items(), key=lambda item: item[1]["de"].casefold())
    return [{"value": code, "label": dict(names)} for code, names in known]


def sozialdaten_legal_basis(stored: Any) -> str:
    """Legal bases as words: codes of the list by their names, everything else as it was typed."""
    texts = stored if isinstance(stored, list) else str(stored or "").split(";")
    names = [codelist("legal_bases").title(str(text).strip(), language()) for text in texts]
    return "; ".join(filter(None, names))


def sozialdaten_field_label(name: str) -> str:
    """What people call a field of a dataset; its name where the form does not have it."""
    schema = tk.h.scheming_get_dataset_schema("dataset") or {}
    for field in schema.get("dataset_fields", ()):
        if field["field_name"] == name and field.get("label"):
            return str(tk.h.scheming_language_text(field["label"]))
    known = {
        "groups": tk._("Groups"),
        "license_id": tk._("License"),
        "owner_org": tk._("Organization"),
        "tags": tk._("Tags"),
    }
    return known.get(name, name)


def sozialdaten_policy_choices(_field: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The disclosure policies as choices of a form field."""
    return [{"value": name, "label": titles} for name, titles in policy_titles().items()]


def sozialdaten_licence_options() -> list[Licence]:
    """The licences that a form offers."""
    return list(licences())


def sozialdaten_licence(dataset: Mapping[str, Any]) -> Licence | None:
    """The licence of a dataset."""
    return find_licence(str(dataset.get("license_id") or ""))


def sozialdaten_dataset_facts(dataset: Mapping[str, Any]) -> tuple[facts.FactGroup, ...]:
    """The facts of a dataset in the reader's language, in the groups of the form."""
    return facts.dataset_facts(dataset, language())


def sozialdaten_resource_facts(resource: Mapping[str, Any]) -> tuple[facts.Fact, ...]:
    """The facts of a resource in the reader's language."""
    return facts.resource_facts(resource, language())


def sozialdaten_columns(resource: Mapping[str, Any]) -> Layout | None:
    """The columns of a resource, if it has a layout that can be read."""
    text = resource.get("layout")
    if not text:
        return None
    try:
        return Layout.from_json(text)
    except SozialdatenError:
        return None


def sozialdaten_facet_items(facet: str, search_facets: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a facet in the order of the page."""
    return facets.facet_items(facet, search_facets)


def sozialdaten_form_groups(
    schema: Mapping[str, Any], errors: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """The groups of the dataset form; the first one and those with errors are open."""
    groups: list[dict[str, Any]] = [
        {
            "id": group["id"],
            "title": tk.h.scheming_language_text(group["title"]),
            "help": tk.h.scheming_language_text(group["help"]),
            "fields": [],
        }
        for group in schema["form_groups"]
    ]
    by_id = {group["id"]: group for group in groups}
    for field in schema["dataset_fields"]:
        if field.get("form_snippet", "") is not None:
            by_id[field["form_group"]]["fields"].append(field)
    for number, group in enumerate(groups):
        names = {field["field_name"] for field in group["fields"]}
        group["open"] = number == 0 or bool(names & set(errors or ()))
    return groups


def sozialdaten_place_search() -> places.PlaceSearch:
    """What the place box of this page shows."""
    return places.place_search(tk.request.path, list(tk.request.args.items(multi=True)))


def sozialdaten_role_name(column: Field) -> str:
    """What a column is, in the reader's language."""
    if column.quality_of:
        return tk._("quality signs of {column}").format(column=column.quality_of)
    return _role_names().get(column.role, "") if column.role else ""


def _role_names() -> dict[Role, str]:
    return {
        Role.IDENTIFIER: tk._("identifier"),
        Role.QUASI_IDENTIFIER: tk._("quasi-identifier"),
        Role.SENSITIVE: tk._("sensitive"),
        Role.REGION: tk._("region"),
        Role.TIME: tk._("time"),
        Role.DIMENSION: tk._("dimension"),
        Role.COUNT: tk._("count"),
        Role.MAGNITUDE: tk._("magnitude"),
        Role.RATE: tk._("rate"),
        Role.WEIGHT: tk._("weight"),
        Role.FREE_TEXT: tk._("free text"),
    }


def sozialdaten_similar(question: str) -> dict[str, Any] | None:
    """The same question with similarly written words, if that finds anything.

    Returns:
        ``q``, the question, and ``count``, what it finds; None if it finds nothing either.
    """
    words = question.split()
    if not 0 < len(words) <= _MOST_WORDS or not all(word.isalpha() for word in words):
        return None
    similar = " ".join(f"{word}~" if len(word) >= _SHORTEST else word for word in words)
    if similar == question:
        return None
    found = tk.get_action("package_search")({}, {"q": similar, "rows": 0})
    return {"q": similar, "count": found["count"]} if found["count"] else None
