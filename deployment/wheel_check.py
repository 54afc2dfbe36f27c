"""Checks an installed wheel: ``wheel_check.py FILES``, run by the environment that it is in.

``FILES`` lists the paths that the wheel must bring. Every plugin class is loaded from the wheel
(not from the working tree), in CKAN's own way.
"""

import sys
from importlib.metadata import distribution
from pathlib import Path

NAME = "ckanext-sozialdaten"
GROUP = "ckan.plugins"


def missing_files(names: list[str]) -> list[str]:
    """Those of ``names`` that the installed distribution does not have."""
    ours = distribution(NAME)
    return [name for name in names if not Path(str(ours.locate_file(name))).is_file()]


def broken_plugins() -> list[str]:
    """Those plugins that come from elsewhere, with the place."""
    house = Path(sys.prefix).resolve()
    wrong: list[str] = []
    for entry in distribution(NAME).entry_points:
        if entry.group != GROUP:
            continue
        module = sys.modules[entry.load().__module__]
        if house not in Path(str(module.__file__)).resolve().parents:
            wrong.append(f"{entry.name} comes from {module.__file__}")
    return wrong


def main(listing: Path) -> int:
    """0 if the wheel is complete and loads."""
    complaints = [
        f"the wheel lacks {name}"
        for name in missing_files(listing.read_text(encoding="utf-8").split("\n"))
    ]
    complaints += broken_plugins()
    sys.stderr.write("".join(f"{line}\n" for line in complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
