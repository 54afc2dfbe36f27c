"""How much memory processes take, shared pages counted once."""

from pathlib import Path

__all__ = ["proportional_set_size"]


def _children() -> dict[int, list[int]]:
    tree: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold blanks: what follows the last bracket is regular.
            parent = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            continue
        tree.setdefault(parent, []).append(int(path.parent.name))
    return tree


def proportional_set_size(pid: int, *, children: bool = True) -> int:
    """Bytes of a process, with those that it started; 0 for one that we may not look into."""
    tree = _children() if children else {}
    waiting, whole = [pid], 0
    while waiting:
        one = waiting.pop()
        waiting += tree.get(one, [])
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        whole += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return whole
