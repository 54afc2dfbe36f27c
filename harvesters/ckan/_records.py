"""ckanext-harvest's records. They come without types, so they are `Any` here and nowhere else."""

from typing import Any

from ckanext.harvest import model

__all__ = [
    "HarvestGatherError",
    "HarvestJob",
    "HarvestObject",
    "HarvestObjectError",
    "HarvestObjectExtra",
    "HarvestSource",
    "Record",
]

Record = Any
HarvestGatherError: Any = model.HarvestGatherError
HarvestJob: Any = model.HarvestJob
HarvestObject: Any = model.HarvestObject
HarvestObjectError: Any = model.HarvestObjectError
HarvestObjectExtra: Any = model.HarvestObjectExtra
HarvestSource: Any = model.HarvestSource
