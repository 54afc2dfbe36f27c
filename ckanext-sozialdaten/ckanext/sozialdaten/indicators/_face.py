"""The questions that everybody asks, without an engine until one is asked."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ckanext.sozialdaten.indicators._catalogue import Catalogue
from ckanext.sozialdaten.indicators._explained import Explanation
from ckanext.sozialdaten.indicators._model import Indicator, Part

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.geography import Register
    from ckanext.sozialdaten.lake import Lake

__all__ = ["combine", "compute", "explain"]


def compute(
    indicator: Indicator,
    lake: "Lake",
    catalogue: Catalogue,
    *,
    regions: Iterable[str] | None = None,
    start: dt.date | None = None,
    end: dt.date | None = None,
    as_of: dt.datetime | dt.date | None = None,
    register: "Register | None" = None,
) -> "pa.Table":
    """The figures of an indicator from the public zone of the lake.

    Every region of the indicator's levels around the data has a row for every period of the first
    input, whether there is a figure or not: regions stand on the left of the join.

    Args:
        indicator: what to compute.
        lake: its public zone is read, the restricted one never.
        catalogue: where indicators that the formula names are found.
        regions: only these regions, canonical keys.
        start: only periods that start then or later.
        end: only periods that end then or earlier.
        as_of: the state as it was known then; what was withdrawn since does not come back.
        register: the regions; default: those of this installation.

    Returns:
        ``indicator``, ``region``, ``period`` (``2023``, ``2023-Q4``, ``2023-12``), ``period_start``
        and ``period_end`` (days; a pooled figure starts years earlier), ``value``, ``low`` and
        ``high`` (95 % interval, null where there is none), ``numerator``, ``denominator`` (null
        unless the formula is a ratio), ``state`` (`State`), ``quality`` (signs of the inputs),
        ``unit`` (German), ``age_days`` (days between the newest and the oldest Stichtag used),
        ``captured_at`` (when the last of the inputs was released), ``sources`` (list of series),
        ``pooled`` (number of years taken together, 1 for a single one). Ordered by region and time.
    """
    from ckanext.sozialdaten.indicators._compute import compute_indicator

    return compute_indicator(
        indicator,
        lake,
        catalogue,
        regions=regions,
        start=start,
        end=end,
        as_of=as_of,
        register=register,
    )


def explain(
    indicator: Indicator,
    lake: "Lake",
    catalogue: Catalogue,
    region: str,
    period: str,
    *,
    as_of: dt.datetime | dt.date | None = None,
    register: "Register | None" = None,
) -> Explanation:
    """From a figure back to the cells of released tables.

    Args:
        indicator: what was computed.
        lake: its public zone is read.
        catalogue: where indicators that the formula names are found.
        region: canonical key.
        period: as results name it, such as ``2023``.
        as_of: the state as it was known then.
        register: the regions; default: those of this installation.

    Raises:
        QuestionError: the indicator has no row for this region and period.
    """
    from ckanext.sozialdaten.indicators._explain import explain_figure

    return explain_figure(
        indicator, lake, catalogue, region, period, as_of=as_of, register=register
    )


def combine(
    lake: "Lake",
    numerator: Part,
    denominator: Part,
    *,
    factor: float = 1.0,
    within_years: int = 1,
    census_base: str = "",
    regions: Iterable[str] | None = None,
    register: "Register | None" = None,
) -> "pa.Table":
    """The ratio of two series for all regions around the numerator, year by year.

    Where the denominator has no figure of the year, its last one counts, with its age in
    ``age_days``. Kreise without rows of their own are added up from complete Gemeinden.

    Args:
        lake: its public zone is read.
        numerator: what is divided.
        denominator: by what.
        factor: 100 for per cent, 1000 for per mille.
        within_years: how old the denominator may be.
        census_base: census that both rest on; needed only where figures of several are there.
        regions: only these regions, canonical keys.
        register: the regions; default: those of this installation.

    Returns:
        A table as `compute` gives it; ``indicator`` is ``combine`` and ``unit`` both units.

    Raises:
        UnknownSeriesError: the public zone has no such series.
        QuestionError: a dimension without total is not narrowed, or the census bases differ.
    """
    from ckanext.sozialdaten.indicators._combine import combine_series

    return combine_series(
        lake,
        numerator,
        denominator,
        factor=factor,
        within_years=within_years,
        census_base=census_base,
        regions=regions,
        register=register,
    )
