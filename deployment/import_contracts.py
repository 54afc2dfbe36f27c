"""Checks the import contracts of pyproject.toml on a built tree: ``import_contracts.py TREE``.

import-linter wants a root package whose parents are namespace packages, and reads one folder for
each. In an environment with CKAN extensions ``ckanext`` has an ``__init__``, and an editable
install of ours has four folders. A built tree (an unpacked wheel) has all rooms in one folder, and
here ``ckanext`` is declared the namespace that it is meant to be.
"""

import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from importlinter.cli import lint_imports


def main(tree: Path) -> int:
    """Exit code of import-linter for the package in ``tree``."""
    namespace = ModuleType("ckanext")
    namespace.__path__ = [str(tree / "ckanext")]
    namespace.__spec__ = ModuleSpec("ckanext", None, is_package=True)
    namespace.__spec__.submodule_search_locations = namespace.__path__
    sys.modules["ckanext"] = namespace
    return lint_imports(no_cache=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
