"""What the tabs of an indicator's page have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from ckanext.sozialdaten.portal import _frame as frame
from ckanext.sozialdaten.portal.indicator._scope import Scope
from ckanext.sozialdaten.portal.indicator._tables import Entry, entry, told
from ckanext.sozialdaten.portal.preview import Cell, format_number

__all__ = ["IDENT", "Shown"]

IDENT = "sd-kz"


@dataclass(frozen=True)
class Shown:
    """A tab.

    Args:
        scope: what is shown.
        caption: name of the indicator with what is shown of it.
        unit: its unit.
        ident: prefix of ids.
    """

    scope: Scope
    caption: str
    unit: str
    ident: str = IDENT

    @property
    def title(self) -> str:
        """What is shown, of when."""
        return self.caption

    @property
    def captioned(self) -> str:
        """The title with the unit, as tables are called."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    @cached_property
    def speech(self) -> str:
        """The reader's language."""
        return frame.language()

    @cached_property
    def decimals(self) -> int:
        """Decimals of the figures."""
        return self.scope.known.figures.decimals

    @cached_property
    def link(self) -> Callable[[str], str]:
        """The address of the state in which a region is chosen."""
        address = self.scope.address
        return frame.linker(lambda key: address.query(regions=(key,), tab=address.shown))

    def number(self, value: float) -> str:
        """A number with the decimals of the figures."""
        return format_number(value, self.speech, self.decimals)

    def entry(self, cell: Cell) -> Entry:
        """A figure with its remark, or in words why there is none."""
        return entry(cell, self.decimals, self.speech)

    def told(self, cell: Cell) -> Entry:
        """The 95 % interval of a figure."""
        return told(cell, self.decimals, self.speech)
