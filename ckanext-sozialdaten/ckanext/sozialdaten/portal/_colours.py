"""The county's own colours, checked: no text of ours falls below the contrast that WCAG asks for.

Two colours are chosen, all others follow from them. One with which text could not be read is moved
towards black or white, as little as needed, and the log says so; what is no colour stops the start.

Source: WCAG 2.2, definitions of relative luminance and contrast ratio, criteria 1.4.3 and 1.4.11.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ckanext.sozialdaten.errors import SozialdatenError
from ckanext.sozialdaten.messages import Message

__all__ = ["ColourError", "Theme", "contrast", "readable", "theme_of"]

TEXT = 4.5
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
_STEPS = 100
_WHITE, _BLACK = "#ffffff", "#000000"
# the grounds on which text stands, of theme.css
_LIGHT = ("#ffffff", "#f4f6f8", "#e3f0f4")
_DARK = ("#18222d", "#10171f", "#1d3442")


class ColourError(SozialdatenError):
    """What the configuration names is no colour."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Custom properties of the style sheet.

    Args:
        light: by name, for light pages.
        dark: by name, for dark ones.
        corrected: which colours were moved, in words for the log.
    """

    light: Mapping[str, str]
    dark: Mapping[str, str]
    corrected: tuple[Message, ...]

    def css(self) -> str:
        """The style sheet; empty where nothing is configured."""
        if not self.light:
            return ""
        light, dark = (
            "".join(f"{name}:{value};" for name, value in part.items())
            for part in (self.light, self.dark)
        )
        # of more weight than theme.css, whichever of the two comes first
        return f"html:root{{{light}}}@media (prefers-color-scheme:dark){{html:root{{{dark}}}}}\n"


def theme_of(header: str, accent: str) -> Theme:
    """The properties for a colour of the header and one of links and buttons; empty for ours.

    Raises:
        ColourError: one of them is no colour.
    """
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    notes: list[Message] = []
    if header:
        chosen = _read(header, "ckanext.sozialdaten.portal.colour_header")
        on = _WHITE if contrast(chosen, _WHITE) >= TEXT else "#1c2733"
        ground = readable(chosen, (on,))
        light |= {"--sd-header": ground, "--sd-on-header": on}
        light["--sd-deep"] = readable(chosen, _LIGHT)
        dark |= {"--sd-header": readable(chosen, (_WHITE,)), "--sd-on-header": _WHITE}
        dark["--sd-deep"] = readable(chosen, _DARK)
        notes += _moved("colour_header", chosen, ground)
    if accent:
        chosen = _read(accent, "ckanext.sozialdaten.portal.colour_accent")
        link = readable(chosen, _LIGHT)
        hover = _mixed(link, _BLACK, 0.25)
        light |= {"--sd-accent": link, "--sd-link": link, "--sd-accent-hover": hover}
        light |= {"--bs-primary": link, "--bs-link-color": link}
        button = readable(chosen, (_WHITE,))
        dark |= {"--sd-accent": button, "--sd-accent-hover": _mixed(button, _BLACK, 0.2)}
        dark["--sd-link"] = readable(chosen, _DARK)
        notes += _moved("colour_accent", chosen, link)
    return Theme(light, dark, tuple(notes))


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, grounds: Sequence[str], least: float = TEXT) -> str:
    """``colour``, or the nearest towards black or white that stands out from all ``grounds``."""
    away = _BLACK if sum(map(_luminance, grounds)) / len(grounds) > 0.18 else _WHITE
    for step in range(_STEPS + 1):
        tried = _mixed(colour, away, step / _STEPS)
        if all(contrast(tried, ground) >= least for ground in grounds):
            return tried
    return away


def _read(text: str, key: str) -> str:
    found = _HEX.fullmatch(text.strip())
    if found is None:
        raise ColourError(
            Message("{key}: “{text}” is no colour.", {"key": key, "text": text}),
            Message("Write it as #12355b."),
        )
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(2 * digit for digit in digits))


def _moved(name: str, chosen: str, used: str) -> list[Message]:
    if chosen == used:
        return []
    text = Message(
        "The colour {chosen} of {name} is too pale for text (WCAG 2.2 AA asks for 4.5:1): {used} is"
        " used in its place.",
        {"chosen": chosen, "name": f"ckanext.sozialdaten.portal.{name}", "used": used},
    )
    return [text]


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    parts = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
