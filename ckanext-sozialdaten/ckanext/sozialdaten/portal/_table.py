"""The published table behind a preview, read with the rights of the reader."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.sozialdaten.lake.errors import LayoutError, ObservationError
from ckanext.sozialdaten.lake.layouts import Field, Layout, Role
from ckanext.sozialdaten.lake.signs import Sign, SignKind, signs_of
from ckanext.sozialdaten.portal.preview import Row

__all__ = ["MOST_ROWS", "Table", "previewable"]

# a preview is a page, not an export: 400 Gemeinden x 25 years x 10 parts fit
MOST_ROWS = 100_000
_PAGE = 32_000
_MOST_CODES = 12_000  # all Gemeinden of Germany
_OFFICIAL = "din-55301"
_ADDED_SIGNS = "_zeichen"


def previewable(resource: Mapping[str, Any]) -> Layout | None:
    """The layout of ``resource`` if it has a region, a time and a figure; else None."""
    text = resource.get("layout")
    if not text:
        return None
    try:
        layout = Layout.from_json(text)
    except LayoutError:
        return None
    whole = layout.by_role(Role.REGION) and layout.by_role(Role.TIME) and layout.values
    return layout if whole else None


@dataclass(frozen=True, slots=True)
class Table:
    """A table in the DataStore with the meaning of its columns.

    Args:
        resource_id: the resource; the reader's right to it is checked at every query.
        layout: its columns.
        signs: its quality signs, after the convention that the resource names.
    """

    resource_id: str
    layout: Layout
    signs: Mapping[str, Sign]

    @classmethod
    def of(cls, resource: Mapping[str, Any]) -> "Table | None":
        """The table of ``resource``; None where it is no table that a preview can show."""
        layout = previewable(resource)
        if layout is None:
            return None
        return cls(str(resource["id"]), layout, _signs(str(resource.get("quality_signs") or "")))

    @property
    def region(self) -> Field:
        """The column of region keys."""
        return self.layout.by_role(Role.REGION)[0]

    @property
    def time(self) -> Field:
        """The column of reference periods."""
        return self.layout.by_role(Role.TIME)[0]

    @property
    def dimensions(self) -> tuple[Field, ...]:
        """The columns by which the figures are broken down."""
        return self.layout.by_role(Role.DIMENSION)

    def codes(self, column: str) -> list[str]:
        """All values that occur in ``column``, as text, in the layout's order where it has one."""
        found = {
            str(record[column])
            for record in self._search([column], {}, distinct=True, limit=_MOST_CODES)
            if record[column] is not None
        }
        order = {code: place for place, code in enumerate(self.layout[column].codes)}
        return sorted(found, key=lambda code: (order.get(code, len(order)), code))

    def rows(
        self, value: Field, chosen: Mapping[str, str | list[str]], regions: Sequence[str]
    ) -> list[Row]:
        """The figures of ``value`` where the dimensions have the ``chosen`` codes.

        Args:
            value: the value column.
            chosen: code by dimension; a dimension that is left out comes with all its codes.
            regions: only these regions; empty for all.
        """
        quality = self._quality(value)
        columns = [self.region.name, self.time.name, value.name]
        filters: dict[str, Any] = dict(chosen)
        if regions:
            filters[self.region.name] = list(regions)
        return [
            Row(
                str(record[self.region.name]),
                str(record[self.time.name]).removesuffix("T00:00:00"),
                _number(record[value.name]),
                record[quality] if quality else None,
            )
            for record in self._pages(columns + ([quality] if quality else []), filters)
            if record[self.region.name] and record[self.time.name] is not None
        ]

    def suppressed(
        self, value: Field, chosen: Mapping[str, str], regions: Sequence[str]
    ) -> set[tuple[str, str]]:
        """Region and period of all rows whose ``value`` is suppressed; arguments as of `rows`."""
        quality = self._quality(value)
        marks = [sign.sign for sign in self.signs.values() if sign.kind is SignKind.SUPPRESSED]
        if not quality or not marks:
            return set()
        return {
            (row.region, row.period)
            for row in self.rows(value, {**chosen, quality: marks}, regions)
        }

    def tally(
        self, value: Field, chosen: Mapping[str, str], names: Sequence[str], regions: Sequence[str]
    ) -> Counter[tuple[str, ...]]:
        """How many figures ``regions`` have for each combination of the dimensions ``names``."""
        filters = {**chosen, self.region.name: list(regions)}
        return Counter(
            tuple(str(record[name]) for name in names)
            for record in self._pages([*names, value.name], filters)
            if _number(record[value.name]) is not None
        )

    def _quality(self, value: Field) -> str:
        """Name of the column of quality signs: the layout's, else the one that the release adds."""
        named = self.layout.quality_column(value.name)
        if named:
            return named.name
        added = f"{value.name}{_ADDED_SIGNS}"
        known = self._query([], {}, limit=0)["fields"]
        return added if any(field["id"] == added for field in known) else ""

    def _pages(self, columns: list[str], filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for offset in range(0, MOST_ROWS, _PAGE):
            records = self._search(columns, filters, limit=_PAGE, offset=offset)
            yield from records
            if len(records) < _PAGE:
                return

    def _search(
        self, columns: list[str], filters: dict[str, Any], **options: Any
    ) -> list[dict[str, Any]]:
        return self._query(columns, filters, **options)["records"]

    def _query(self, columns: list[str], filters: dict[str, Any], **options: Any) -> dict[str, Any]:
        """One query.

        Raises:
            tk.NotAuthorized: the reader may not see the resource.
            tk.ObjectNotFound: its rows are not in the DataStore (yet).
        """
        query: dict[str, Any] = {
            "resource_id": self.resource_id,
            "filters": filters,
            "include_total": False,
        }
        if columns:
            query["fields"] = columns
            query["sort"] = ", ".join(f'"{column}"' for column in columns)
        context: Any = {"user": tk.current_user.name}
        return tk.get_action("datastore_search")(context, query | options)


def _signs(convention: str) -> Mapping[str, Sign]:
    """The signs of a convention; those of official statistics where a table names none we know."""
    try:
        return signs_of(convention or _OFFICIAL)
    except ObservationError:
        return signs_of(_OFFICIAL)


def _number(value: Any) -> float | None:
    """A figure of the DataStore; text columns of hand-made tables are read as plain numbers."""
    if value is None or value == "":
        return None
    try:
        return float(Decimal(str(value)))
    except InvalidOperation:
        return None
