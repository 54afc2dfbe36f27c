"""The root of all errors that we raise on purpose.

Each room derives one base from :class:`SozialdatenError` and its own errors from that::

    SozialdatenError
    ├── GeographyError      geography/
    ├── LakeError           lake/
    ├── DisclosureError     disclosure/
    ├── IndicatorError      indicators/
    ├── HarvestError        harvesters/core/
    ├── NetError            net
    └── PublishingError     publishing/
"""

from dataclasses import dataclass

from ckanext.sozialdaten.messages import Message

__all__ = ["Place", "SozialdatenError"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a delivery something is wrong: all that a clerk needs to find the cell.

    Rows count from 1 and include title and header lines, as a spreadsheet shows them.
    """

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def text(self, language: str = "en") -> str:
        """The place in ``language``, from the file down to the column."""
        row = None if self.row is None else Message("row {row}", {"row": self.row})
        sheet = Message("sheet {sheet}", {"sheet": self.sheet}) if self.sheet else None
        column = Message("column {column}", {"column": self.column}) if self.column else None
        parts = [part.text(language) for part in (sheet, row, column) if part]
        return ", ".join([self.file, *parts] if self.file else parts)

    def __str__(self) -> str:
        return self.text()


class SozialdatenError(Exception):
    """An error with a code for machines, a message for people and a hint on what to do.

    Args:
        message: what is wrong; never quotes a person's values.
        hint: what the reader can do about it.
        place: where in a delivery, if the error speaks of one.
    """

    code = "sozialdaten"

    def __init__(
        self, message: Message, hint: Message | None = None, place: Place | None = None
    ) -> None:
        self.message = message
        self.hint = hint
        self.place = place
        super().__init__(self.text())

    def text(self, language: str = "en") -> str:
        """Place, message and hint in one line, in ``language``."""
        where = self.place.text(language) if self.place else ""
        place = f"{where}: " if where else ""
        hint = f" {self.hint.text(language)}" if self.hint else ""
        return f"{place}{self.message.text(language)}{hint}"
