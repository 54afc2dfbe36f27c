"""Strict reading of hand-written YAML and JSON: errors name the key and the way out."""

import difflib
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar, cast

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.lake.errors import LayoutError
from ckanext.sozialdaten.messages import Message

__all__ = ["Section"]

Choice = TypeVar("Choice", bound=StrEnum)


class Section:
    """One mapping of a file, read key by key.

    Args:
        data: what the YAML or JSON parser gave.
        where: the path of keys to this mapping, as errors show it, such as ``fields[2]``.
        keys: every key that is allowed here; any other is an error.
        file: the file's name for the error's place.

    Raises:
        LayoutError: ``data`` is no mapping or has a key that is not allowed.
    """

    def __init__(self, data: object, where: str, keys: Collection[str], file: str = "") -> None:
        self.where = where
        self.file = file
        if not isinstance(data, Mapping):
            raise self._error(
                Message("{where} must be a mapping of keys to values.", {"where": where or "/"}),
                Message("Allowed keys: {allowed}.", {"allowed": ", ".join(keys)}),
            )
        self._data = {
            str(key): value for key, value in cast("Mapping[object, object]", data).items()
        }
        for key in self._data:
            if key not in keys:
                raise self._unknown(key, keys)

    def __contains__(self, key: str) -> bool:
        return self._data.get(key) is not None

    def raw(self, key: str) -> object:
        """The value as parsed, or None."""
        return self._data.get(key)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; numbers are not silently turned into text, for ``01`` would become ``1``.

        Raises:
            LayoutError: the key is missing and has no default, or its value is no text.
        """
        value = self._data.get(key)
        if value is None:
            if default is None:
                raise self._missing(key)
            return default
        if not isinstance(value, str):
            raise self.wrong(key, "{where} must be a text (in quotes).")
        return value

    def integer(self, key: str, default: int) -> int:
        """A whole number of at least 0."""
        value = self._data.get(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.wrong(key, "{where} must be a whole number.")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """``true`` or ``false``."""
        value = self._data.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "{where} must be true or false.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self._data.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            return (value,)
        items = self._items(key)
        if not all(isinstance(item, str) for item in items):
            raise self.wrong(key, "{where} must be a list of texts.")
        return tuple(str(item) for item in items)

    def titles(self, key: str) -> dict[str, str]:
        """German and English text: a mapping with ``de`` and ``en``, or one text meaning ``de``."""
        value = self._data.get(key)
        if value is None:
            return {}
        if isinstance(value, str):
            return {"de": value}
        return self._languages(value, self._path(key))

    def is_mapping(self, key: str) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self._data.get(key), Mapping)

    def captions(self, key: str) -> dict[str, dict[str, str]]:
        """German and English captions of codes: ``{code: {de: …, en: …}}``.

        Raises:
            LayoutError: a code is no text; ``01`` without quotes would silently become 1.
        """
        codes = cast("Mapping[object, object]", self._data.get(key, {}))
        if not all(isinstance(code, str) for code in codes):
            raise self.wrong(key, "{where} must have codes in quotes.")
        where = self._path(key)
        return {
            str(code): {"de": text} if isinstance(text, str) else self._languages(text, where)
            for code, text in codes.items()
        }

    def choice(
        self,
        key: str,
        kind: type[Choice],
        default: Choice | None = None,
        aliases: Mapping[str, str] = MappingProxyType({}),
    ) -> Choice | None:
        """One member of ``kind``, or ``default`` where the key is absent."""
        if key not in self:
            return default
        value = self.text(key)
        try:
            return kind(aliases.get(value, value))
        except ValueError:
            near = difflib.get_close_matches(value, list(kind), 1)
            raise self._error(
                Message(
                    "{where} has the unknown value “{value}”.",
                    {"where": self._path(key), "value": value},
                ),
                self._way_out(near, list(kind)),
            ) from None

    def sections(self, key: str, keys: Collection[str]) -> Iterator["Section"]:
        """The mappings of a list, in order."""
        for number, item in enumerate(self._items(key)):
            yield Section(item, f"{self._path(key)}[{number}]", keys, self.file)

    def section(self, key: str, keys: Collection[str]) -> "Section":
        """A mapping inside this one; an absent key counts as an empty mapping."""
        return Section(self._data.get(key, {}), self._path(key), keys, self.file)

    def wrong(self, key: str, msgid: str, **params: str) -> LayoutError:
        """The error that ``key`` is not what it should be; ``msgid`` names it as ``{where}``."""
        return self._error(Message(msgid, {"where": self._path(key), **params}), None)

    def _languages(self, value: object, where: str) -> dict[str, str]:
        inner = Section(value, where, ("de", "en"), self.file)
        return {language: inner.text(language) for language in ("de", "en") if language in inner}

    def _items(self, key: str) -> list[object]:
        value = self._data.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "{where} must be a list.")
        return cast("list[object]", value)

    def _path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def _missing(self, key: str) -> LayoutError:
        return self._error(Message("{where} is missing.", {"where": self._path(key)}), None)

    def _unknown(self, key: str, keys: Collection[str]) -> LayoutError:
        near = difflib.get_close_matches(key, list(keys), 1)
        return self._error(
            Message("The key {where} is unknown.", {"where": self._path(key)}),
            self._way_out(near, keys),
        )

    def _error(self, message: Message, hint: Message | None) -> LayoutError:
        return LayoutError(message, hint, Place(file=self.file) if self.file else None)

    @staticmethod
    def _way_out(near: list[str], allowed: Collection[str]) -> Message:
        if near:
            return Message(
                "Did you mean “{near}”? Allowed: {allowed}.",
                {"near": near[0], "allowed": ", ".join(allowed)},
            )
        return Message("Allowed: {allowed}.", {"allowed": ", ".join(allowed)})
