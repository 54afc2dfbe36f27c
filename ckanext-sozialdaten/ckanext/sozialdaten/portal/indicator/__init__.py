"""Pages of indicators: overview, the page of one in all its views, and the files of each state."""

from ckanext.sozialdaten.portal.indicator._figures import from_table, ready, store
from ckanext.sozialdaten.portal.indicator._overview import (
    Tile,
    by_theme,
    home_region,
    places,
    tiles,
)
from ckanext.sozialdaten.portal.indicator._ranking import ranks
from ckanext.sozialdaten.portal.indicator._tables import (
    Column,
    Entry,
    Row,
    TableModel,
    entry,
    told,
)

__all__ = [
    "Column",
    "Entry",
    "Row",
    "TableModel",
    "Tile",
    "by_theme",
    "entry",
    "from_table",
    "home_region",
    "places",
    "ranks",
    "ready",
    "store",
    "tiles",
    "told",
]
