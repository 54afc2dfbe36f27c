"""Content that nobody sees who opens the file: hidden sheets, rows and columns, pivot records."""

from collections.abc import Iterator

from ckanext.sozialdaten.disclosure._model import Finding, Severity
from ckanext.sozialdaten.disclosure._subject import Subject
from ckanext.sozialdaten.disclosure._table import HiddenKind
from ckanext.sozialdaten.disclosure.rules._rule import Rule
from ckanext.sozialdaten.messages import Message

__all__ = ["RULE"]

_ID = "hidden-content"
_REMEDY = Message(
    "Copy what shall be published as values into a new workbook, or publish the table as CSV."
)
_WHAT = {
    HiddenKind.SHEET: (Severity.WARN, "The sheet is hidden, but whoever has the file can read it."),
    HiddenKind.ROWS: (Severity.WARN, "{count} hidden rows hold values."),
    HiddenKind.COLUMNS: (Severity.WARN, "{count} hidden columns hold values."),
    HiddenKind.COMMENTS: (Severity.INFO, "The cells carry {count} comments."),
    HiddenKind.PIVOT: (
        Severity.WARN,
        "The file holds the records behind a pivot table ({count} rows), not only what it shows.",
    ),
    HiddenKind.LINK: (
        Severity.WARN,
        "The file holds a copy of cells of a linked workbook ({count} rows).",
    ),
    HiddenKind.CHANGES: (Severity.WARN, "The file holds a log of changes with earlier values."),
    HiddenKind.UNSEEN: (
        Severity.INFO,
        "Comments, properties and hidden rows of this old file format cannot be seen here.",
    ),
    HiddenKind.NOTES: (
        Severity.WARN,
        "The document carries {count} comments, notes or form fields that do not show in its text.",
    ),
    HiddenKind.PICTURES: (
        Severity.INFO,
        "The document holds {count} pictures. What they show can only be judged by a person.",
    ),
    HiddenKind.EMBEDDED: (
        Severity.BLOCK,
        "{count} parts of the file belong to other programs: nobody can look into them here.",
    ),
    HiddenKind.SCANNED: (
        Severity.WARN,
        "{count} pages are pictures without text: nothing on them could be checked.",
    ),
}


def _find(subject: Subject) -> Iterator[Finding]:
    for hidden in subject.sheet.hidden:
        severity, text = _WHAT[hidden.kind]
        cells = hidden.rows[: subject.policy.report.max_cells]
        yield Finding(_ID, severity, Message(text, {"count": hidden.count}), _REMEDY, cells=cells)


RULE = Rule(_ID, Message("Hidden content"), _find)
