"""A view of the project for the type checker, in which every installed name is where it belongs.

basedpyright follows no import hook, and an editable installation is one; besides, other extensions
install a ``ckanext/__init__.py`` that hides ours. So it gets a copy of our packages under their
installed names, and the settings of pyproject.toml with that copy in place of the folders. A copy,
not links: through a link one file is two modules, and its classes are no longer their own kind.
"""

import json
import os
import shutil
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


def _copy(folder: Path) -> None:
    shutil.rmtree(folder / "ckanext", ignore_errors=True)
    for source, package in FOLDERS.items():
        shutil.copytree(
            ROOT / source,
            folder / package,
            ignore=shutil.ignore_patterns("__pycache__", "*.mo"),
            dirs_exist_ok=True,
        )
    (folder / "ckanext" / "__init__.py").touch()


def _seen(path: str, folder: Path) -> str:
    """Where the checker finds a path of pyproject.toml: in the copy, else in the repository."""
    if path.startswith("**"):
        return path
    for source, package in FOLDERS.items():
        if path == source or path.startswith(f"{source}/"):
            return package + path.removeprefix(source)
    return os.path.relpath(ROOT / path, folder)


def configuration(state: State) -> Path:
    """Write the copy and the settings, and return the path of the settings."""
    folder = state.home / "typing"
    _copy(folder)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = tomllib.loads(text)["tool"]["basedpyright"]
    # the copy may lie in a folder that is left out of the repository: it is what is checked
    settings["exclude"] = [
        path for path in settings["exclude"] if not folder.is_relative_to(ROOT / path)
    ]
    for name in ("include", "exclude", "strict"):
        settings[name] = [_seen(path, folder) for path in settings.get(name, ())]
    settings["exclude"] += [os.path.relpath(ROOT / "deployment" / "demo", folder)]
    settings["extraPaths"] = [str(folder), str(ROOT / "deployment")]
    settings["stubPath"] = str(ROOT / "typings")
    path = folder / "pyrightconfig.json"
    path.write_text(json.dumps(settings, indent=1), encoding="utf-8")
    return path
