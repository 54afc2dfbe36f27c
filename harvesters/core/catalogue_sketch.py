"""The description of a source that is a whole foreign catalogue, from a few answers."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

__all__ = ["KINDS", "catalogue_answers", "catalogue_description"]

KINDS = ("ckan", "dcat")
_THEMES = {"SOCI": ["population"], "HEAL": ["health"], "EDUC": ["education"]}


def catalogue_answers(said: Mapping[str, str]) -> dict[str, str]:
    """The answers, with what follows from the address where nothing was said."""
    host = urlsplit(said.get("address", "")).hostname or "katalog"
    short = "-".join(part for part in host.split(".") if part not in ("www", "ckan", "opendata"))
    start = {
        "id": f"katalog-{short.replace('_', '-')}",
        "title": host,
        "prefix": short.split("-")[0],
        "filter": "",
        "schedule": "daily",
        "licence": "",
        "attribution": host,
        "legal_basis": "",
        "owner_org": "",
        "catalogue": "ckan",
        "address": "",
    }
    return start | {key: said[key].strip() for key in start if key in said}


def catalogue_description(answers: Mapping[str, str]) -> str:
    """The YAML of the source: metadata and addresses of every dataset, never figures."""
    connector: dict[str, Any] = {"type": answers["catalogue"], "url": answers["address"]}
    if answers["filter"] and answers["catalogue"] == "ckan":
        connector["filter"] = answers["filter"]
    data: dict[str, Any] = {
        "id": answers["id"],
        "title": {"de": answers["title"]},
        "owner_org": answers["owner_org"],
        "connector": connector,
        "catalogue": {"prefix": answers["prefix"], "themes": _THEMES, "vanish": 20},
        "schedule": answers["schedule"],
        "licence": answers["licence"],
        "attribution": answers["attribution"],
        "legal_basis": [answers["legal_basis"]] if answers["legal_basis"] else [],
        "dataset": {"protection_class": "open", "department": "statistik"},
    }
    return yaml.safe_dump(
        {key: value for key, value in data.items() if value not in ("", [])},
        allow_unicode=True,
        sort_keys=False,
        width=110,
    )
