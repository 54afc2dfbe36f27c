"""Published and generated tables from the command line: protected, attacked, checked against the
true values and against whole-number programs of our own."""

import csv
import itertools
import json
from pathlib import Path
from typing import Any

import highspy
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from shared_files import shared

from ckanext.sozialdaten.cli.attack import command as attack
from ckanext.sozialdaten.cli.check import command as check
from ckanext.sozialdaten.cli.protect import command as protect

Key = tuple[str, ...]


def invoked(command: Any, *words: object) -> Any:
    return CliRunner().invoke(command, [str(word) for word in words])


def pair_of(text: str) -> tuple[str, str]:
    one, two = text.split(",")
    return one, two


def classic() -> tuple[dict[str, Any], dict[tuple[str, str], int], str]:
    """The introductory table of Fischetti and Salazar as a JJ file with LPL 5 and UPL 8."""
    told = json.loads(shared("disclosure-cases/09_classic/fischetti_salazar_2001.json").read_text())
    rows, columns = told["rows"], told["cols"]
    place = {pair: n for n, pair in enumerate(itertools.product(rows, columns))}
    asked = told["csp"]
    lines = ["0", str(len(place))]
    for (row, column), number in place.items():
        value = told["values"][rows.index(row)][columns.index(column)]
        levels = f"{asked['LPL']} {asked['UPL']} 0"
        own = ("u", levels) if [row, column] == told["sensitive"] else ("s", "0 0 0")
        lines.append(f"{number} {value} {value} {own[0]} 0 1000 {own[1]}")
    sums = [[(row, column) for column in (columns[-1], *columns[:-1])] for row in rows]
    sums += [[(row, column) for row in (rows[-1], *rows[:-1])] for column in columns]
    lines.append(str(len(sums)))
    for members in sums:
        terms = [f"{place[pair]} ({-1 if not n else 1})" for n, pair in enumerate(members)]
        lines.append(f"0 {len(terms)} : {' '.join(terms)}")
    return told, place, "\n".join(lines) + "\n"


def test_the_classic_table_is_protected_at_the_published_cost(tmp_path: Path) -> None:
    told, place, text = classic()
    (tmp_path / "in.jj").write_text(text, "utf-8")
    done = invoked(protect, tmp_path / "in.jj", "-o", tmp_path / "out.jj", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["cost"] == report["lower_bound"] == told["csp"]["optimal_total_cost"]
    assert report["suppressed"] == sorted(place[a, b] for a, b in told["suppressed_pattern"])
    found = invoked(attack, tmp_path / "out.jj", "--json")
    assert found.exit_code == 0
    cells = json.loads(found.stdout)["cells"]
    intervals = {cell["row"]: [cell["low"], cell["high"]] for cell in cells}
    known = {place[pair_of(pair)]: ends for pair, ends in told["feasible_intervals"].items()}
    assert intervals == known


def test_the_classic_table_with_one_cell_alone_is_a_leak(tmp_path: Path) -> None:
    told, place, text = classic()
    (tmp_path / "in.jj").write_text(text, "utf-8")
    found = invoked(attack, tmp_path / "in.jj", "--json")
    (cell,) = json.loads(found.stdout)["cells"]
    ((pair, ends),) = told["leaks"]["only II,C suppressed"].items()
    assert found.exit_code == 1
    assert (cell["row"], [cell["low"], cell["high"]]) == (place[pair_of(pair)], ends)


Sums = list[list[tuple[int, int]]]


def reached(shown: list[float | None], sums: Sums, cell: int) -> tuple[float, float]:
    """Lowest and highest value of a hidden cell, by a program of its own."""
    model: Any = highspy.Highs()
    model.setOptionValue("output_flag", False)
    low = np.array([value or 0.0 for value in shown])
    high = np.where([value is not None for value in shown], low, 1e3)
    model.addVars(len(shown), low, high)
    for terms in sums:
        places = np.array([place for place, _ in terms], dtype=np.int32)
        signs = np.array([float(sign) for _, sign in terms])
        model.addRow(0.0, 0.0, len(terms), places, signs)
    ends: list[float] = []
    model.changeColCost(cell, 1.0)
    for sense in (highspy.ObjSense.kMinimize, highspy.ObjSense.kMaximize):
        model.changeObjectiveSense(sense)
        model.run()
        ends.append(float(model.getInfo().objective_function_value))
    return ends[0], ends[1]


SQUARE: Sums = [
    *([(4 * n + 3, -1), *((4 * n + m, 1) for m in range(3))] for n in range(4)),
    *([(12 + m, -1), *((4 * n + m, 1) for n in range(3))] for m in range(4)),
]
INNER = [4 * n + m for n in range(3) for m in range(3)]


@st.composite
def levelled(draw: st.DrawFn) -> tuple[list[int], dict[int, tuple[int, int, int]]]:
    """A 3 x 3 table with margins, and what LPL, UPL and SPL ask of one or two of its cells."""
    table = np.zeros((4, 4), dtype=int)
    table[:3, :3] = np.array(draw(st.lists(st.integers(0, 30), min_size=9, max_size=9))).reshape(
        3, 3
    )
    table[3], table[:, 3] = table.sum(axis=0), table.sum(axis=1)
    table[3, 3] = table[:3, 3].sum()
    values = table.ravel().tolist()
    unsafe = draw(st.lists(st.sampled_from(INNER), min_size=1, max_size=2, unique=True))
    levels = st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 6))
    asked = {cell: draw(levels) for cell in unsafe}
    return values, {n: (min(low, values[n]), up, slide) for n, (low, up, slide) in asked.items()}


@settings(max_examples=12, deadline=None)
@given(world=levelled())
def test_lower_upper_and_sliding_levels_of_a_jj_file_are_kept(
    tmp_path_factory: pytest.TempPathFactory,
    world: tuple[list[int], dict[int, tuple[int, int, int]]],
) -> None:
    values, asked = world
    folder = tmp_path_factory.mktemp("jj")
    lines = ["0", "16"]
    for cell, value in enumerate(values):
        status = "u" if cell in asked else "s"
        levels = " ".join(map(str, asked.get(cell, (0, 0, 0))))
        lines.append(f"{cell} {value} {value + 1} {status} 0 1000 {levels}")
    lines.append(str(len(SQUARE)))
    lines += [f"0 {len(t)} : " + " ".join(f"{c} ({s})" for c, s in t) for t in SQUARE]
    (folder / "in.jj").write_text("\n".join(lines) + "\n", "utf-8")
    done = invoked(protect, folder / "in.jj", "-o", folder / "out.jj", "--json")
    assert done.exit_code == 0, done.output
    hidden = set(json.loads(done.stdout)["suppressed"])
    shown = [None if n in hidden else float(value) for n, value in enumerate(values)]
    for cell, (lower, upper, slide) in asked.items():
        low, high = reached(shown, SQUARE, cell)
        assert low <= values[cell] - lower + 1e-6
        assert high >= values[cell] + upper - 1e-6
        assert high - low >= max(slide, 1) - 1e-6
    assert invoked(attack, folder / "out.jj").exit_code == 0


TOTALS = ("Insgesamt", "Stadt insgesamt", "Summe Kreis", "Gesamtstadt", "zusammen")


@settings(max_examples=8, deadline=None, phases=(Phase.generate,))
@given(
    small=st.lists(st.integers(1, 9), min_size=4, max_size=4),
    large=st.lists(st.integers(10, 40), min_size=4, max_size=4),
    total=st.sampled_from(TOTALS),
    separator=st.sampled_from(";,\t"),
    order=st.permutations(range(15)),
)
def test_whatever_the_total_is_called_no_count_follows(
    tmp_path_factory: pytest.TempPathFactory,
    small: list[int],
    large: list[int],
    total: str,
    separator: str,
    order: list[int],
) -> None:
    folder = tmp_path_factory.mktemp("total")
    table = np.zeros((5, 3), dtype=int)
    table[:4, :2] = np.array([*small, *large]).reshape(2, 4).T
    table[4], table[:, 2] = table.sum(axis=0), table.sum(axis=1)
    table[4, 2] = table[:4, 2].sum()
    places, sexes = ("Nord", "Süd", "West", "Ost", total), ("männlich", "weiblich", "insgesamt")
    cells = [(places[n], sexes[m], int(table[n, m])) for n in range(5) for m in range(3)]
    head = separator.join(("Stadtteil", "Geschlecht", "Personen"))
    lines = [head, *(separator.join(map(str, cells[n])) for n in order)]
    (folder / "in.csv").write_text("\n".join(lines) + "\n", "utf-8")
    done = invoked(protect, folder / "in.csv", "-o", folder / "out.csv")
    assert done.exit_code == 0, done.output
    with (folder / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        copy = {(row[0], row[1]): row[2] for row in csv.reader(file, delimiter=separator)}
    shown = [None if copy[p, s] == "." else float(copy[p, s]) for p, s, _ in cells]
    sums: Sums = [[(3 * n + 2, -1), (3 * n, 1), (3 * n + 1, 1)] for n in range(5)]
    sums += [[(12 + m, -1), *((3 * n + m, 1) for n in range(4))] for m in range(3)]
    for number, (*_, value) in enumerate(cells):
        if value < 3:
            assert shown[number] is None
            low, high = reached(shown, sums, number)
            assert high - low >= 3 - 1e-6
    assert invoked(check, folder / "out.csv", "--original", folder / "in.csv").exit_code == 0


def test_linked_tables_whose_total_has_a_single_part_do_not_open_each_other(
    tmp_path: Path,
) -> None:
    """Kreis 01001 has one Gemeinde alone: its key and that of the Kreis count the same."""
    places = {"01001": ("01001001",), "01002": ("01002001", "01002002", "01002003")}
    ages = {"0-17": (2, 30, 1, 25), "18-64": (40, 50, 33, 28), "65+": (17, 9, 21, 2)}
    sexes = {"m": (30, 40, 27, 30), "w": (29, 49, 28, 25)}
    every = [key for keys in places.values() for key in keys]
    paths: list[Path] = []
    for name, groups in (("Altersgruppe", ages), ("Geschlecht", sexes)):
        lines = [f"AGS;{name};Fälle"]
        known = {**groups, "insgesamt": tuple(map(sum, zip(*groups.values(), strict=True)))}
        for group, counts in known.items():
            lines += [f"{key};{group};{n}" for key, n in zip(every, counts, strict=True)]
            for above, keys in places.items():
                value = sum(n for key, n in zip(every, counts, strict=True) if key in keys)
                lines.append(f"{above};{group};{value}")
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text("\n".join(lines) + "\n", "utf-8")
    done = invoked(protect, *paths, "-o", tmp_path / "safe")
    assert done.exit_code == 0, done.output
    copies = [tmp_path / "safe" / path.name for path in paths]
    assert "01001001;0-17;." in copies[0].read_text("utf-8")
    assert "01001;0-17;." in copies[0].read_text("utf-8")
    assert invoked(attack, *copies).exit_code == 0
    assert invoked(check, *copies, "--original", paths[0], "--original", paths[1]).exit_code == 0


def test_linked_turnover_tables_are_protected_together(tmp_path: Path) -> None:
    folder = shared("disclosure-cases/05_tauargus")
    codes = ("--hierarchy", f"ACTIVITY={folder / 'activity_corr_table.csv'}")
    paths: list[Path] = []
    for name in ("act_cj", "act_size"):
        with (folder / f"turnover_{name}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        keys = list(rows[0])[:2]
        lines = [";".join((*keys, "TOT", "status"))]
        for row in rows:
            few = 0 < int(row["N_OBS"]) < 3
            unsafe = few or float(row["MAX"]) > 0.85 * float(row["TOT"])
            lines.append(";".join((*(row[k] for k in keys), row["TOT"], "u" if unsafe else "s")))
        paths.append(tmp_path / f"{name}.csv")
        paths[-1].write_text("\n".join(lines) + "\n", "utf-8")
    done = invoked(protect, *paths, "-o", tmp_path / "safe", *codes)
    assert done.exit_code == 0, done.output
    copies = [tmp_path / "safe" / path.name for path in paths]
    true = [word for path in paths for word in ("--original", path)]
    assert invoked(check, *copies, *true, *codes).exit_code == 0
    told = json.loads(invoked(attack, *copies, *true, *codes, "--json").stdout)
    assert [cell for cell in told["cells"] if not cell["holds"]] == []


def test_a_copy_that_its_original_contradicts_is_named(tmp_path: Path) -> None:
    (tmp_path / "copy.csv").write_text(
        "Ort;Art;Umsatz\nNord;a;.\nNord;b;.\nNord;zusammen;30\nSüd;a;7\nSüd;b;13\nSüd;zusammen;20\n",
        "utf-8",
    )
    (tmp_path / "before.csv").write_text(
        "Ort;Art;Umsatz\nNord;a;42\nNord;b;18\nNord;zusammen;60\nSüd;a;7\nSüd;b;13\nSüd;zusammen;20\n",
        "utf-8",
    )
    asked = (tmp_path / "copy.csv", "--original", tmp_path / "before.csv", "--json")
    done = invoked(check, *asked)
    told = {
        tuple(f["cells"]): f["severity"]
        for f in json.loads(done.stdout)["findings"]
        if f["rule"] == "recoverable-suppression"
    }
    assert done.exit_code == 1
    assert told == {(2,): "block", (4,): "warn"}


def test_a_grand_total_of_cells_whose_margins_nobody_shows_opens_none(tmp_path: Path) -> None:
    rows = ["Gesamt;Gesamt;31", "Gesamt;Ort A;8", "Gesamt;Ort B;6", "Gesamt;Ort C;17"]
    rows += ["alt;Nord;16", "alt;Süd;4", "jung;Nord;9", "jung;Süd;2"]
    text = "Alter;Ort;Fälle\n" + "\n".join(rows) + "\n"
    (tmp_path / "in.csv").write_text(text, "utf-8")
    done = invoked(protect, tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    copy = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "jung;Süd;." in copy
    assert copy.count(";.") == 2  # one further cell keeps the small one open
    assert invoked(attack, tmp_path / "out.csv").exit_code == 0


def test_a_copy_that_shows_no_amount_at_all_still_fits_its_original(tmp_path: Path) -> None:
    table = "Sparte;Ort;Betrag\nA;Nord;75,9\nA;Süd;96,6\nB;Nord;24,5\nB;Süd;43,2\n"
    (tmp_path / "in.csv").write_text(table, "utf-8")
    behind = "Sparte;Ort;Träger;Betrag\n" + "".join(
        f"{line.rsplit(';', 1)[0]};T;{line.rsplit(';', 1)[1]}\n" for line in table.split("\n")[1:5]
    )
    (tmp_path / "behind.csv").write_text(behind, "utf-8")
    given = ("--contributors", tmp_path / "behind.csv")
    done = invoked(protect, tmp_path / "in.csv", "-o", tmp_path / "out.csv", *given)
    assert done.exit_code == 0, done.output
    beside = ("--original", tmp_path / "in.csv", *given)
    again = invoked(attack, tmp_path / "out.csv", *beside)
    assert again.exit_code == 0, again.output


def test_zeros_beside_a_whole_group_in_one_category_are_hidden_with_it(tmp_path: Path) -> None:
    counts = {"Nord": (24, 0), "Süd": (40, 31), "Gesamt": (64, 31)}
    kinds = ("Depression", "Sucht", "Gesamt")
    rows = [
        f"{place};{kind};{number}"
        for place, (one, two) in counts.items()
        for kind, number in zip(kinds, (one, two, one + two), strict=True)
    ]
    (tmp_path / "in.csv").write_text("Ort;Diagnose;Fälle\n" + "\n".join(rows) + "\n", "utf-8")
    done = invoked(protect, tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    copy = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "Nord;Depression;." in copy
    assert "Nord;Sucht;." in copy
    assert "Nord;Gesamt;24" in copy
    assert invoked(attack, tmp_path / "out.csv").exit_code == 0
    assert invoked(check, tmp_path / "out.csv").exit_code == 0
