"""Previews without CKAN: figures, classes, maps and charts as SVG. Pure functions only."""

from ckanext.sozialdaten.portal.preview._bars import Bar, BarChart, Mark, bar_file, bar_svg
from ckanext.sozialdaten.portal.preview._cells import (
    ABSENT,
    Cell,
    Kind,
    cell_text,
    interval_text,
    kind_text,
    read_cell,
    remark_text,
)
from ckanext.sozialdaten.portal.preview._classes import Classes, Method, Scheme, classify
from ckanext.sozialdaten.portal.preview._figures import (
    Comparison,
    Figures,
    Origin,
    Row,
    add,
    compare,
    gather,
)
from ckanext.sozialdaten.portal.preview._geometry import Outline, Plan, draw
from ckanext.sozialdaten.portal.preview._lines import Chart, Line, line_file, line_svg, ticks
from ckanext.sozialdaten.portal.preview._map import (
    MapScene,
    map_file,
    map_svg,
    pattern_of,
    patterns,
    region_label,
)
from ckanext.sozialdaten.portal.preview._numbers import decimals_needed, format_number
from ckanext.sozialdaten.portal.preview._periods import Period, read_periods
from ckanext.sozialdaten.portal.preview._spark import spark_svg
from ckanext.sozialdaten.portal.preview._spread import (
    Bins,
    Dot,
    Fit,
    Histogram,
    Measures,
    Scatter,
    fit,
    measure,
    split,
    spread_file,
    spread_svg,
)
from ckanext.sozialdaten.portal.preview._svg import document

__all__ = [
    "ABSENT",
    "Bar",
    "BarChart",
    "Bins",
    "Cell",
    "Chart",
    "Classes",
    "Comparison",
    "Dot",
    "Figures",
    "Fit",
    "Histogram",
    "Kind",
    "Line",
    "MapScene",
    "Mark",
    "Measures",
    "Method",
    "Origin",
    "Outline",
    "Period",
    "Plan",
    "Row",
    "Scatter",
    "Scheme",
    "add",
    "bar_file",
    "bar_svg",
    "cell_text",
    "classify",
    "compare",
    "decimals_needed",
    "document",
    "draw",
    "fit",
    "format_number",
    "gather",
    "interval_text",
    "kind_text",
    "line_file",
    "line_svg",
    "map_file",
    "map_svg",
    "measure",
    "pattern_of",
    "patterns",
    "read_cell",
    "read_periods",
    "region_label",
    "remark_text",
    "spark_svg",
    "split",
    "spread_file",
    "spread_svg",
    "ticks",
]
