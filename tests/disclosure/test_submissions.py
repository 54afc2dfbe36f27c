"""Several tables of one submission: what they give away together, and what they do not."""

from pathlib import Path

import pytest
from test_linked import HARMLESS, LEAKS, RULE, Files, severities

from ckanext.sozialdaten.disclosure import check_files


def written(folder: Path, files: Files) -> list[Path]:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in files]


@pytest.mark.parametrize("case", LEAKS)
def test_tables_of_one_submission_are_linked(case: str, tmp_path: Path) -> None:
    report = check_files(written(tmp_path, LEAKS[case]))
    assert "block" in severities(report), [f.message.text() for f in report.findings]
    texts = [f.message.text("en") for f in report.findings if f.rule == RULE]
    assert any(name in text for name in LEAKS[case] for text in texts)


@pytest.mark.parametrize("case", HARMLESS)
def test_a_submission_that_gives_nothing_away_is_quiet(case: str, tmp_path: Path) -> None:
    report = check_files(written(tmp_path, HARMLESS[case]))
    assert not severities(report), [f.message.text() for f in report.findings]
