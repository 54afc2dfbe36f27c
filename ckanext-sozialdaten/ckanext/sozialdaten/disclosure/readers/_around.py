"""What a workbook holds besides the cells of its sheets."""

from dataclasses import dataclass, field

from ckanext.sozialdaten.disclosure._table import Hidden, Loose, Sheet

__all__ = ["Around"]


@dataclass(slots=True)
class Around:
    """What a workbook holds besides the cells of its sheets.

    Args:
        loose: texts by sheet; those of the whole workbook under the empty name.
        hidden: hidden content by sheet.
        columns: hidden columns by sheet, as ranges counted from 1.
        tables: further tables: records of pivot tables, copies of linked workbooks.
    """

    loose: dict[str, list[Loose]] = field(default_factory=dict[str, list[Loose]])
    hidden: dict[str, list[Hidden]] = field(default_factory=dict[str, list[Hidden]])
    columns: dict[str, list[tuple[int, int]]] = field(
        default_factory=dict[str, list[tuple[int, int]]]
    )
    tables: list[Sheet] = field(default_factory=list[Sheet])

    def say(self, sheet: str, text: str, kind: str, row: int = 0) -> None:
        """One text."""
        if text.strip():
            self.loose.setdefault(sheet, []).append(Loose(text.strip(), kind, row))

    def hide(self, sheet: str, hidden: Hidden) -> None:
        """One piece of hidden content."""
        self.hidden.setdefault(sheet, []).append(hidden)
