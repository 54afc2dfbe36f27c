"""The question that everybody asks: the figures of an indicator."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ckanext.sozialdaten.indicators._catalogue import Catalogue
from ckanext.sozialdaten.indicators._model import Indicator

if TYPE_CHECKING:
    import pyarrow as pa

    from ckanext.sozialdaten.geography import Register
    from ckanext.sozialdaten.lake import Lake

__all__ = ["compute"]


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
