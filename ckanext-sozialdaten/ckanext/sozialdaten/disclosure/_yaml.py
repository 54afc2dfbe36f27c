"""YAML files by the quick parser, where PyYAML has it."""

from typing import Any

import yaml

__all__ = ["parsed"]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parsed(content: str) -> object:
    """The data of a YAML document.

    Raises:
        yaml.YAMLError: it is none.
    """
    return yaml.load(content, _LOADER)  # noqa: S506  both loaders are safe ones
