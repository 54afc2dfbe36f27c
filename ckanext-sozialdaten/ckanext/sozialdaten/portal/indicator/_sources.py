"""The datasets that an indicator was computed from, as anybody may see them."""

from collections.abc import Sequence
from dataclasses import dataclass

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.portal import _frame as frame

__all__ = ["Source", "sources_of"]

_MOST = 100


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


def sources_of(series: Sequence[str]) -> list[Source]:
    """The public datasets of series of the lake, which are called ``<dataset>.<column>``."""
    names = list(dict.fromkeys(name.rpartition(".")[0] for name in series))[:_MOST]
    if not names:
        return []
    listed = " OR ".join(f'"{name}"' for name in names)
    # with nobody's rights: what stands here is kept for every reader
    found = tk.get_action("package_search")(
        {"user": "", "ignore_auth": False}, {"fq": f"name:({listed})", "rows": _MOST}
    )
    return [
        Source(
            package["name"],
            frame.text_of(package, "title") or package["name"],
            str(package.get("source_name") or (package.get("organization") or {}).get("title", "")),
            str(package.get("license_title") or package.get("license_id") or ""),
            str(package.get("license_url") or ""),
            str(package.get("license_attribution") or ""),
        )
        for package in sorted(found["results"], key=lambda package: names.index(package["name"]))
    ]
