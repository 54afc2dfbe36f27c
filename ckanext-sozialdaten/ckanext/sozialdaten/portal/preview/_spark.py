"""The trend in a tile: a line as high as a word, gaps stay gaps."""

from collections.abc import Sequence

from ckanext.sozialdaten.portal.preview._svg import element, number

__all__ = ["spark_svg"]

_WIDTH, _HEIGHT, _EDGE = 120, 32, 4


def spark_svg(values: Sequence[float | None], target: float | None = None) -> str:
    """A line through ``values``, one per period, with a dot on the last that is known.

    It is decoration: what it shows stands in words beside it. Empty for fewer than two values.

    Args:
        values: None where there is no figure.
        target: a goal, drawn as a dashed line.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    reach = known if target is None else [*known, target]
    low, high = min(reach), max(reach)
    step = (_WIDTH - 2 * _EDGE) / (len(values) - 1)

    def point(place: int, value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        y = _HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE)
        return f"{number(_EDGE + place * step)},{number(y)}"

    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(point(place, value))
    path = "".join("M" + "L".join(run) for run in runs if len(run) > 1)
    last = max(place for place, value in enumerate(values) if value is not None)
    x, y = point(last, known[-1]).split(",")
    aim = "" if target is None else _aim(point(0, target).split(",")[1])
    return element(
        "svg",
        aim,
        element("path", d=path, fill="none", stroke="currentColor", stroke_width=2),
        f'<circle cx="{x}" cy="{y}" r="3" fill="currentColor"/>',
        class_="sd-spark",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        aria_hidden="true",
        focusable="false",
    )


def _aim(height: str) -> str:
    return element(
        "path",
        d=f"M0,{height}H{_WIDTH}",
        class_="sd-spark-aim",
        stroke="currentColor",
        stroke_width=1.5,
        stroke_dasharray="5 3",
    )
