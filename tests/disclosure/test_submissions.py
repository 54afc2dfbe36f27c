"""Several tables of one submission: what they give away together, and what they do not."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from test_linked import HARMLESS, LEAKS, RULE, Files, severities

from ckanext.sozialdaten.disclosure import attack_files, check_files, load_policy
from ckanext.sozialdaten.disclosure._engine import Engine
from ckanext.sozialdaten.disclosure._subject import prepare
from ckanext.sozialdaten.disclosure.attack._published import published
from ckanext.sozialdaten.disclosure.readers import read_paths
from ckanext.sozialdaten.disclosure.rules._related import Card, groups_of
from ckanext.sozialdaten.disclosure.structure import space_of, views
from ckanext.sozialdaten.lake.layouts import Role


def written(folder: Path, files: Files) -> list[Path]:
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return [folder / name for name in files]


OPEN = (
    "a total of another table opens a cell",
    "two classifications differ by a small group",
    "bands leave a band between them",
    "columns of one table beside rows of another",
)
QUIET = (
    "the same table again",
    "a large revision",
    "two classifications of the same persons",
    "another indicator",
    "a Kreis and its Gemeinden",
)


@pytest.mark.parametrize("case", OPEN)
def test_tables_of_one_submission_are_linked(case: str, tmp_path: Path) -> None:
    report = check_files(written(tmp_path, LEAKS[case]))
    assert "block" in severities(report), [f.message.text() for f in report.findings]
    texts = [f.message.text("en") for f in report.findings if f.rule == RULE]
    assert any(name in text for name in LEAKS[case] for text in texts)


@pytest.mark.parametrize("case", QUIET)
def test_a_submission_that_gives_nothing_away_is_quiet(case: str, tmp_path: Path) -> None:
    report = check_files(written(tmp_path, HARMLESS[case]))
    assert not severities(report), [f.message.text() for f in report.findings]


def _book(folder: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    book = Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    del book[book.sheetnames[0]]
    path = folder / "mappe.xlsx"
    book.save(path)
    return path


HEAD = ("Gemeinde", "Fälle")
MEN = (HEAD, ("A", 31), ("B", 22), ("C", 40))
WOMEN = (HEAD, ("A", "."), ("B", 23), ("C", 41))
ALL = (HEAD, ("A", 33), ("B", 45), ("C", 81))


def test_sheets_for_men_women_and_all_are_one_system(tmp_path: Path) -> None:
    path = _book(tmp_path, {"Männer": MEN, "Frauen": WOMEN, "Insgesamt": ALL})
    (found,) = [f for f in check_files([path]).findings if f.rule == RULE]
    assert (found.severity.value, found.sheet) == ("block", "Frauen")
    assert found.cells == (2,)
    assert "Männer" in found.message.text("en")
    assert "Insgesamt" in found.message.text("en")
    (cell,) = attack_files([path])
    assert (cell.interval.low, cell.interval.high, cell.holds) == (2, 2, False)


@pytest.mark.parametrize("names", [("Männer", "Frauen"), ("Tabelle 1", "Tabelle 2")])
def test_sheets_of_one_shape_that_count_other_persons_are_no_states(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    path = _book(tmp_path, dict(zip(names, (MEN, WOMEN), strict=True)))
    assert not severities(check_files([path]))
    assert all(cell.holds for cell in attack_files([path]))


def test_a_folder_beside_a_release_leaks_by_all_three(tmp_path: Path) -> None:
    files = LEAKS["three tables that no two of them open"]
    paths = written(tmp_path, files)
    report = check_files(paths[:2], released=paths[2:])
    assert "block" in severities(report)
    assert "block" not in severities(check_files(paths[:2]))


def test_the_same_release_many_times_does_not_make_the_system_larger(tmp_path: Path) -> None:
    files = LEAKS["three tables that no two of them open"]
    sizes: list[int] = []
    for times in (1, 5):
        names = {f"{n}{name}": text for n in range(times) for name, text in files.items()}
        folder = tmp_path / str(times)
        folder.mkdir()
        sizes.append(_size(written(folder, names)))
    assert sizes[0] == sizes[1] > 0


def _size(paths: Sequence[Path]) -> int:
    """Statements of the one system of some files."""
    engine = Engine()
    policy = load_policy()
    subjects = [prepare(sheet, None, policy, engine) for sheet in read_paths(paths)]
    found = views(subjects, Role.COUNT)
    space = space_of(found)
    sums = {id(view): space.sums(view) for view in found}
    system = published(space, found, sums, policy.frequency.total_share)
    engine.close()
    return len(system.statements)


def test_a_folder_of_unrelated_tables_is_quiet_and_quick(tmp_path: Path) -> None:
    cards = [Card(frozenset((f"thema{n}",)), frozenset(("region:#01056",))) for n in range(500)]
    assert not list(groups_of(cards))


def test_too_many_related_tables_are_parted_by_their_codes_and_it_is_said() -> None:
    def card(kind: str, number: int) -> Card:
        return Card(frozenset(("hilfen",)), frozenset((f"{kind}{number % 3}", f"{kind}", "jahr")))

    cards = [card("ab"[n % 2], n) for n in range(100)]
    groups = list(groups_of(cards))
    assert sorted(place for members, _ in groups for place in members) == list(range(100))
    assert [len({n % 2 for n in members}) for members, _ in groups] == [2, 1]
    assert [len(apart) for _, apart in groups] == [40, 0]
