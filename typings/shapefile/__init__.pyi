"""The part of pyshp that the project uses."""

from collections.abc import Iterator
from typing import Self

class ShapefileException(Exception): ...

class Shape:
    __geo_interface__: dict[str, object]

class _Record:
    def as_dict(self) -> dict[str, object]: ...

class ShapeRecord:
    record: _Record
    shape: Shape

class Reader:
    def __init__(self, shapefile: str, *, encoding: str, encodingErrors: str) -> None: ...  # noqa: N803
    def __enter__(self) -> Self: ...
    def __exit__(self, *args: object) -> None: ...
    def __len__(self) -> int: ...
    def iterShapeRecords(self) -> Iterator[ShapeRecord]: ...  # noqa: N802
