"""``sozialdaten bench harvest --part reading``: compares like with like. Nothing is timed here."""

from pathlib import Path

from ckanext.sozialdaten.cli import _bench_reading, _bench_reading_worker


def test_ours_and_pandas_make_the_same_table_of_the_file(tmp_path: Path) -> None:
    path = _bench_reading.write_flat_file(tmp_path / "t_de_flat.csv", 2_000)
    ours, peer = _bench_reading_worker._ours(path), _bench_reading_worker._pandas(path)
    assert ours == peer
    assert ours[0] == 2_000
    assert 0 < int(str(ours[1])) < 400
