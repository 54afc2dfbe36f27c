"""Texts that a spreadsheet program would run, and how to make them harmless.

A text that starts with ``=`` or ``@`` is a formula to a spreadsheet that opens a CSV file; one that
starts with a sign is one if it calls a function or another program. Source: OWASP, CSV Injection.
"""

import re

__all__ = ["is_formula", "neutral"]

_FORMULA = re.compile(r"[\t\r]*(?:=\s*[^\s=]|@\s*\w+\s*\(|[+-].*(?:\w\(|\|.*!))", re.DOTALL)
_STARTS = ("=", "@", "+", "-", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[\s\d.,'’%]*$")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet runs the text. Negative numbers and labels are none.

    >>> [is_formula(text) for text in ("=1+1", "-5", "- insgesamt", "-2+cmd|'/C calc'!A0")]
    [True, False, False, True]
    """
    return text.startswith(_STARTS) and _FORMULA.match(text) is not None


def neutral(text: str) -> str:
    """The text of a cell as an export writes it: no spreadsheet takes it for a formula.

    An apostrophe before it marks it as text. Numbers and single signs stay as they are.

    >>> [neutral(text) for text in ("=1+1", "@SUMME(A1)", "+49 431", "-5,0", "-", "- insgesamt")]
    ["'=1+1", "'@SUMME(A1)", '+49 431', '-5,0', '-', "'- insgesamt"]
    """
    if not text.startswith(_STARTS) or _NUMBER.fullmatch(text):
        return text
    return f"'{text}"
