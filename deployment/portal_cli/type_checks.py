"""A view of the project for the type checker, in which every installed name is where it belongs.

basedpyright follows no import hook, and an editable installation is one; besides, other extensions
install a ``ckanext/__init__.py`` that hides ours. So it gets a tree of links with the installed
names, and the settings of pyproject.toml with that tree in front.
"""

import json
import os
import tomllib
from pathlib import Path

from portal_cli.state import ROOT, State

__all__ = ["FOLDERS", "configuration"]

HOUSE = "ckanext/sozialdaten"
#: Folder of the repository -> package folder of the wheel, as setup.py maps them.
FOLDERS = {
    f"ckanext-sozialdaten/{HOUSE}": HOUSE,
    "harvesters": f"{HOUSE}/harvesters",
    "schemas": f"{HOUSE}/schemas",
    "deployment/demo": f"{HOUSE}/demo",
}


def _link(link: Path, target: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _tree(folder: Path) -> None:
    house = folder / HOUSE
    house.mkdir(parents=True, exist_ok=True)
    (folder / "ckanext" / "__init__.py").touch()
    for old in house.iterdir():
        old.unlink()
    for source, package in FOLDERS.items():
        if package == HOUSE:
            for entry in (ROOT / source).iterdir():
                _link(house / entry.name, entry)
        else:
            _link(folder / package, ROOT / source)


def configuration(state: State) -> Path:
    """Write the tree and the settings, and return the path of the settings."""
    folder = state.home / "typing"
    _tree(folder)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["basedpyright"]
    for name in ("include", "exclude", "strict"):
        # The checker takes no absolute paths here.
        settings[name] = [
            path if path.startswith("**") else os.path.relpath(ROOT / path, folder)
            for path in settings.get(name, ())
        ]
    settings["extraPaths"] = [str(folder), str(ROOT / "deployment")]
    settings["stubPath"] = str(ROOT / "typings")
    path = folder / "pyrightconfig.json"
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return path
