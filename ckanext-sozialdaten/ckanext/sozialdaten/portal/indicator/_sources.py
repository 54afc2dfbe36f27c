"""The datasets that an indicator was computed from, as anybody may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame

__all__ = ["Source", "sources_of"]

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset.

    Args:
        name: its name in addresses.
        title: in the reader's language.
        publisher: who collected the figures.
        licence: under which they may be used.
        licence_url: its text.
        attribution: the words that a licence asks for.
    """

    name: str
    title: str
    publisher: str
    licence: str
    licence_url: str
    attribution: str

    @property
    def credit(self) -> str:
        """Publisher, title and licence in a line."""
        named = self.attribution or self.publisher
        return ", ".join(part for part in (named, self.title, self.licence) if part)


def sources_of(series: Sequence[str], state: str) -> list[Source]:
    """The public datasets behind series of the lake, which are called ``<source>.<column>``.

    Args:
        series: names of series; before the point stands the source of a dataset, or its name.
        state: names the state of the public zone; datasets change with it alone.
    """
    names = dict.fromkeys(name.rpartition(".")[0] for name in series)
    known = _datasets(frame.language(), state)
    return [known[name] for name in names if name in known]


@lru_cache(maxsize=4)
def _datasets(_language: str, _state: str) -> dict[str, Source]:
    """All public datasets by name and by source."""
    # with nobody's rights: what stands here is kept for every reader
    context: Any = {"user": "", "ignore_auth": False}
    answer = tk.get_action("package_search")(context, {"rows": _MOST, "sort": "name desc"})
    found: dict[str, Source] = {}
    for package in answer["results"]:
        organisation = (package.get("organization") or {}).get("title", "")
        source = Source(
            package["name"],
            frame.text_of(package, "title") or package["name"],
            str(package.get("source_name") or organisation),
            str(package.get("license_title") or package.get("license_id") or ""),
            str(package.get("license_url") or ""),
            str(package.get("license_attribution") or ""),
        )
        found[package["name"]] = source
        if package.get("source_id"):
            found[package["source_id"]] = source
    return found
