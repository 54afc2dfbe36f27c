"""Steps of the library that opens workbooks: whatever it stumbles over is one kind of error."""

from collections.abc import Callable
from typing import TypeVar

__all__ = ["BrokenWorkbook", "guarded"]

_T = TypeVar("_T")


class BrokenWorkbook(Exception):  # noqa: N818 - it says what the file is
    """The file is no workbook, or one that is damaged or encrypted."""


def guarded(work: Callable[[], _T]) -> _T:
    """The result of a step of calamine.

    Raises:
        BrokenWorkbook: the library gave up, or panicked.
    """
    import python_calamine as calamine

    try:
        return work()
    except (calamine.CalamineError, ValueError, OSError, OverflowError, MemoryError) as error:
        raise BrokenWorkbook from error
    except BaseException as error:
        # a panic of the library is no Exception, and it has no importable name
        if type(error).__name__ != "PanicException":
            raise
        raise BrokenWorkbook from error
