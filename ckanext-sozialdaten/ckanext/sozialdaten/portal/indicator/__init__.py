"""Pages of indicators: overview, the page of one in all its views, and the files of each state."""

from ckanext.sozialdaten.portal.indicator._overview import (
    Tile,
    by_theme,
    home_region,
    places,
    tiles,
)

__all__ = ["Tile", "by_theme", "home_region", "places", "tiles"]
