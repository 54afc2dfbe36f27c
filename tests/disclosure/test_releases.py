"""What this table and an earlier release give away together."""

from pathlib import Path

from disclosure_worlds import rules

from ckanext.sozialdaten.disclosure import check_files

HEADER = "Gemeinde;Geschlecht;Fälle\n"


def _file(folder: Path, name: str, *rows: str) -> Path:
    path = folder / name
    path.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    return path


def _both(now: Path, then: Path) -> set[str]:
    return rules(check_files([now], released=[then]))


def test_a_cell_that_an_earlier_release_shows_is_not_suppressed(tmp_path: Path) -> None:
    then = _file(tmp_path, "v1.csv", "A;m;12", "A;w;40", "B;m;18", "B;w;33")
    now = _file(tmp_path, "v2.csv", "A;m;.", "A;w;40", "B;m;18", "B;w;33")
    assert "release-difference" not in rules(check_files([now]))
    assert "release-difference" in _both(now, then)


def test_a_small_difference_between_releases_is_found(tmp_path: Path) -> None:
    then = _file(tmp_path, "v1.csv", "A;m;12", "A;w;40")
    now = _file(tmp_path, "v2.csv", "A;m;14", "A;w;40")
    assert "release-difference" in _both(now, then)
    assert "release-difference" not in _both(_file(tmp_path, "v3.csv", "A;m;12", "A;w;60"), then)


def test_a_total_of_an_earlier_release_opens_a_suppressed_cell(tmp_path: Path) -> None:
    then = _file(
        tmp_path, "v1.csv", "A;m;.", "A;w;.", "A;Insgesamt;50", "B;m;20", "B;w;30", "B;Insgesamt;50"
    )
    now = _file(tmp_path, "v2.csv", "A;m;.", "A;w;48", "B;m;20", "B;w;30")
    assert "recoverable-suppression" not in rules(check_files([now]))
    assert "release-difference" in _both(now, then)


def test_a_release_that_cannot_be_compared_is_named_with_the_reason(tmp_path: Path) -> None:
    then = tmp_path / "other.csv"
    then.write_text("Jahr;Fälle\n2020;40\n2021;50\n", "utf-8")
    now = _file(tmp_path, "v2.csv", "A;m;12", "A;w;40", "B;m;18", "B;w;33")
    report = check_files([now], released=[then])
    assert "release-difference" not in rules(report)
    assert "release-difference" in rules(report, "info")


def test_a_release_that_fits_does_not_hide_one_that_does_not(tmp_path: Path) -> None:
    rows = ("A;m;12", "A;w;40", "B;m;18", "B;w;33")
    other = tmp_path / "other.csv"
    other.write_text("Jahr;Fälle\n2020;40\n2021;50\n", "utf-8")
    now, then = _file(tmp_path, "v2.csv", *rows), _file(tmp_path, "v1.csv", *rows)
    report = check_files([now], released=[then, other])
    assert any("other.csv" in f.message.text() for f in report.findings)


def test_other_names_for_the_same_codes_and_total_are_a_warning(tmp_path: Path) -> None:
    now, then = tmp_path / "neu.csv", tmp_path / "alt.csv"
    now.write_text("Gemeinde;Hilfebezieher\nA;62\nB;80\nC;90\nD;40\n", "utf-8")
    then.write_text("Gemeinde;Leistungsempfänger\nA;60\nB;82\nC;88\nD;42\n", "utf-8")
    assert "release-difference" in rules(check_files([now], released=[then]), "warn")
    then.write_text("Gemeinde;Leistungsempfänger\nA;60\nB;82\nC;88\nD;43\n", "utf-8")
    assert "release-difference" not in rules(check_files([now], released=[then]), "warn")
