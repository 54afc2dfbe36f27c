"""Formulas over the lake, comparison values, uncertainty, forecasts. The room is still empty.

It stands here so that the import contracts hold from the first module on: it may read the lake and
disclosure control, and only the rooms that face CKAN may read it.
"""

__all__: list[str] = []
