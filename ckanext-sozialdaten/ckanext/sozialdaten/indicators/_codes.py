"""Which codes of a dimension an input adds up: named one by one, or as a span of ages."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import cast

from ckanext.sozialdaten.indicators._model import Filter
from ckanext.sozialdaten.lake.layouts import Field, Layout, Role
from ckanext.sozialdaten.lake.sections import Section

__all__ = ["TOTALS", "ages_of", "filtered", "mapping_of", "selected", "total_of"]

_AGES = re.compile(r"ALT(\d{3})(?:B(\d{2,3})|UM)?")
TOTALS = ("INSGESAMT", "TOTAL", "")
_OLDEST = 999
_CONDITIONS = ("from", "to", "contains", "not")


def ages_of(code: str) -> tuple[int, int] | None:
    """First and last year of age of a code of official statistics; None for other codes.

    ``ALT003B06`` is 3 to under 6, ``ALT075UM`` 75 and over, ``ALT017`` a single year.

    >>> ages_of("ALT003B06"), ages_of("ALT075UM"), ages_of("GESW")
    ((3, 5), (75, 999), None)
    """
    found = _AGES.fullmatch(code)
    if not found:
        return None
    first = int(found[1])
    if code.endswith("UM"):
        return first, _OLDEST
    return first, int(found[2]) - 1 if found[2] else first


def mapping_of(value: object) -> Mapping[str, object]:
    """A mapping of a YAML file; anything else has no keys."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def total_of(field: Field) -> str | None:
    """The code that stands for all others of a dimension, if it has one."""
    return next((code for code in field.codes if code in TOTALS), None)


def filtered(section: Section, layout: Layout) -> dict[str, Filter]:
    """The conditions on dimensions of rows that are counted or told as points.

    ``{from: 20, to: 49}``, ``{contains: text}``, ``{not: [codes]}``, or several of them at once.

    Raises:
        LayoutError: a condition is none of these, or rows of the input are not free.
    """
    wanted = mapping_of(section.raw("dimensions"))
    names = [field.name for field in layout.by_role(Role.DIMENSION)]
    inner = section.section("dimensions", tuple(names) or ("-",))
    found: dict[str, Filter] = {}
    for name in names:
        said = mapping_of(wanted.get(name))
        if not set(said) & set(_CONDITIONS):
            continue
        if section.raw("count") is not True and section.raw("points") is None:
            raise inner.wrong(
                name, "{where}: conditions are for rows that are counted (count: true) or points."
            )
        part = inner.section(name, _CONDITIONS)
        for key in ("from", "to"):
            if key in part and not isinstance(part.raw(key), int | float):
                raise part.wrong(key, "{where} must be a number.")
        least, most = (cast("float | None", part.raw(key)) for key in ("from", "to"))
        found[name] = Filter(least, most, part.text("contains", ""), part.texts("not"))
    return found


def selected(
    section: Section, layout: Layout, conditions: frozenset[str] = frozenset()
) -> dict[str, tuple[str, ...]]:
    """The codes of each dimension of ``layout`` that an input wants.

    ``conditions`` are the dimensions that `filtered` has read.

    Raises:
        LayoutError: a dimension or code is unknown, a dimension is not mentioned, codes overlap, or
            a span of ages does not end where groups end.
    """
    wanted = mapping_of(section.raw("dimensions"))
    fields = {field.name: field for field in layout.by_role(Role.DIMENSION)}
    inner = section.section("dimensions", tuple(fields) or ("-",))
    free = {*section.texts("points"), *(() if section.raw("count") is not True else fields)}
    found: dict[str, tuple[str, ...]] = {}
    for name, field in fields.items():
        if name in conditions:
            continue
        if name in wanted:
            found[name] = _codes(inner, field, wanted[name])
        elif name not in free:
            raise section.wrong(
                "dimensions",
                "{where} must say which codes of “{name}” are meant, for instance {code}.",
                name=name,
                code=total_of(field) or next(iter(field.codes), "…"),
            )
    return found


def _codes(section: Section, field: Field, said: object) -> tuple[str, ...]:
    if isinstance(said, Mapping):
        span = cast("Mapping[str, object]", said).get("ages")
        if set(cast("Mapping[str, object]", said)) != {"ages"} or not isinstance(span, list):
            raise section.wrong(
                field.name, "{where} must be codes, or “ages: [from, to]” (to: null for and over)."
            )
        return _span(section, field, cast("list[object]", span))
    codes = section.texts(field.name)
    known = field.codes or {code: {} for code in field.enum}
    for code in codes:
        if known and code not in known:
            raise section.wrong(
                field.name,
                "{where} names the unknown code “{code}”. Known: {codes}.",
                code=code,
                codes=", ".join(known),
            )
    if len(codes) > 1 and (total := total_of(field)) in codes:
        raise section.wrong(
            field.name, "{where} counts twice: “{code}” holds the other codes.", code=str(total)
        )
    _refuse_overlap(section, field, codes)
    return codes


def _refuse_overlap(section: Section, field: Field, codes: tuple[str, ...]) -> None:
    spans = sorted(span for code in codes if (span := ages_of(code)))
    for (_, last), (first, _) in pairwise(spans):
        if first <= last:
            raise section.wrong(
                field.name, "{where} counts twice: age {age} is in two codes.", age=str(first)
            )


def _span(section: Section, field: Field, span: list[object]) -> tuple[str, ...]:
    """The groups that make up a span of ages: gapless, the widest groups first."""
    ends = [_OLDEST if end is None else end for end in span]
    if len(ends) != 2 or not all(isinstance(end, int) for end in ends):
        raise section.wrong(field.name, "{where} must be “ages: [from, to]” in years.")
    first, last = cast("list[int]", ends)
    known = {code: ages for code in field.codes if (ages := ages_of(code))}
    found: list[str] = []
    while first <= last:
        fitting = [
            (ages[1], code) for code, ages in known.items() if ages[0] == first and ages[1] <= last
        ]
        if not fitting:
            raise section.wrong(
                field.name,
                "{where} cannot be made of the age groups of the layout: none starts at {age} and "
                "ends in the span. Groups: {codes}.",
                age=str(first),
                codes=", ".join(known),
            )
        end, code = max(fitting)
        found.append(code)
        first = end + 1
    return tuple(found)
