"""What an observation of SDMX says, in whatever syntax it came."""

from collections.abc import Mapping

from ckanext.sozialdaten.errors import Place
from ckanext.sozialdaten.harvesters.core._periods import compact_time
from ckanext.sozialdaten.harvesters.core.observations import dimensions_text
from ckanext.sozialdaten.harvesters.core.readers._cells import Numbers
from ckanext.sozialdaten.harvesters.core.readers._emit import Problems, strange_cell
from ckanext.sozialdaten.harvesters.core.readers._ports import Observed
from ckanext.sozialdaten.harvesters.core.readers._regions import key_of
from ckanext.sozialdaten.harvesters.core.readers._times import Time, time_of

__all__ = ["beside", "observed"]

_VALUE = "obs_value"
_TIME = ("time_period", "time")
_REGION = ("geo", "ref_area", "region", "ags", "gebiet")
_UNIT = ("unit", "unit_measure", "einheit")
_STATUS = ("obs_flag", "obs_status", "flags")
_SILENT = frozenset(
    {
        *("dataflow", "structure", "structure_id", "structure_name", "action", "last update"),
        *("conf_status", "decimals", "obs_conf", "type"),
        # cross-domain concepts that are never dimensions (SDMX content-oriented guidelines)
        *("time_format", "title", "title_compl", "obs_com", "comment_obs", "comment_ts"),
        *("comment_dset", "compilation", "source_agency", "last_update", "time_per_collect"),
    }
)
_FACTOR = "unit_mult"


def beside(cells: Mapping[str, str]) -> dict[str, str]:
    """Of attributes those without which a figure cannot be understood: unit, factor and status."""
    kept = (*_UNIT, *_STATUS, _FACTOR)
    return {name: value for name, value in cells.items() if name.lower() in kept}


def observed(
    flow: str, cells: Mapping[str, str], signs: Mapping[str, str], place: Place, problems: Problems
) -> Observed:
    """The observation that ``cells`` (component -> value) are.

    Args:
        flow: name of the data flow, the series.
        cells: dimensions, value and attributes by their identifiers.
        signs: the legend.
        place: where it stands.
        problems: takes a value that is neither number nor sign.
    """
    lower = {name.lower(): value.strip() for name, value in cells.items()}

    def first(names: tuple[str, ...]) -> str:
        return next((lower[name] for name in names if lower.get(name)), "")

    printed = lower.get(_VALUE, "")
    status = first(_STATUS)
    figure = ("", "", "")
    if printed and printed.lower() != "nan":
        read = Numbers(".", signs).read(printed)
        if read is None:
            problems.add(strange_cell(printed, place))
        figure = read or figure
    span = compact_time(first(_TIME))
    time = Time(*span) if span else time_of(first(_TIME))
    region = first(_REGION)
    apart = {_VALUE, *_TIME, *_REGION, *_UNIT, *_STATUS, *_SILENT}
    dimensions = {
        name: value.strip()
        for name, value in cells.items()
        if name.lower() not in apart and value and (name.lower(), value) != (_FACTOR, "0")
    }
    return (
        flow,
        key_of(region) or region,
        time.start.isoformat() if time else "",
        time.end.isoformat() if time else "",
        dimensions_text(dimensions),
        figure[0],
        first(_UNIT),
        status or figure[1],
    )
