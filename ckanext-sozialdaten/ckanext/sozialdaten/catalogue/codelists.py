"""Code lists: closed vocabularies with German and English names, from ``schemas/codelists``."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

__all__ = ["Code", "CodeList", "codelist"]


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of a list.

    Args:
        code: the short code.
        value: what is stored: the address (IRI) where the list has one, else the code.
        titles: German and English name.
        more: what else the list says of this entry, for instance the EU themes of a social theme.
    """

    code: str
    value: str
    titles: Mapping[str, str]
    more: Mapping[str, object]

    def title(self, language: str) -> str:
        """The name in ``language``, else in the other one."""
        return self.titles.get(language) or self.titles["de"]


class CodeList:
    """A closed vocabulary.

    Args:
        codes: its entries, in the order in which forms offer them.
    """

    def __init__(self, codes: tuple[Code, ...]) -> None:
        self.codes = codes
        self._known = {
            key: code for code in codes for key in (code.code.casefold(), code.value.casefold())
        }

    def __iter__(self) -> Iterator[Code]:
        return iter(self.codes)

    def find(self, text: str) -> Code | None:
        """The entry with this code or stored value, whatever its case."""
        return self._known.get(text.strip().casefold())

    def title(self, value: str, language: str) -> str:
        """The name of a stored value; the value itself where the list does not know it."""
        found = self.find(value)
        return found.title(language) if found else value


def _code(entry: Mapping[str, object], prefix: str) -> Code:
    known = dict(entry)
    code = str(known.pop("code"))
    titles = {"de": str(known.pop("de")), "en": str(known.pop("en"))}
    return Code(code, prefix + code, titles, known)


@cache
def codelist(name: str) -> CodeList:
    """The list in ``schemas/codelists/<name>.yaml``.

    >>> codelist("social_themes").title("care", "de")
    'Pflege'
    """
    source = resources.files("ckanext.sozialdaten.schemas.codelists") / f"{name}.yaml"
    data = yaml.safe_load(source.read_text(encoding="utf-8"))
    prefix = str(data.get("prefix", ""))
    return CodeList(tuple(_code(entry, prefix) for entry in data["codes"]))
