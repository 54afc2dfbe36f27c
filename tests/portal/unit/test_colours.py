"""The county's colours: whatever is chosen, text can be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.sozialdaten.portal._colours import ColourError, contrast, readable, theme_of

COLOURS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
LIGHT = ("#ffffff", "#f4f6f8", "#e3f0f4")
DARK = ("#18222d", "#10171f", "#1d3442")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#767676", "#ffffff", 4.54), ("#777777", "#ffffff", 4.48), ("#0000ff", "#ffffff", 8.59)],
)
def test_the_ratio_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(header=COLOURS, accent=COLOURS)
def test_text_stands_out_from_every_ground_in_light_and_dark(header: str, accent: str) -> None:
    theme = theme_of(header, accent)
    light, dark = theme.light, theme.dark
    assert contrast(light["--sd-header"], light["--sd-on-header"]) >= 4.5
    assert contrast(dark["--sd-header"], dark["--sd-on-header"]) >= 4.5
    for name in ("--sd-link", "--sd-accent", "--sd-accent-hover", "--sd-deep"):
        assert all(contrast(light[name], ground) >= 4.5 for ground in LIGHT), name
    for name in ("--sd-accent", "--sd-accent-hover"):
        assert contrast(dark[name], "#ffffff") >= 4.5, "the words of buttons are white"
    for name in ("--sd-link", "--sd-deep"):
        assert all(contrast(dark[name], ground) >= 4.5 for ground in DARK), name


@given(colour=COLOURS)
def test_a_colour_that_can_be_read_stays_as_it_is(colour: str) -> None:
    moved = readable(colour, LIGHT)
    assert (moved == colour) == all(contrast(colour, ground) >= 4.5 for ground in LIGHT)


def test_a_pale_colour_is_corrected_and_named() -> None:
    (note,) = theme_of("", "#ffd700").corrected
    assert "#ffd700" in note.text("de")
    assert "colour_accent" in note.text("en")
    assert theme_of("", "#0b5f8a").corrected == ()


def test_without_colours_there_is_no_style_sheet() -> None:
    assert theme_of("", "").css() == ""


def test_the_style_sheet_holds_nothing_but_colours() -> None:
    css = theme_of("#123", "#0b5f8a").css()
    assert re.fullmatch(r"html:root\{[-a-z0-9:#;]+\}@media \(prefers-color-scheme:dark\)"
                        r"\{html:root\{[-a-z0-9:#;]+\}\}\n", css)  # fmt: skip


@pytest.mark.parametrize("text", ["blau", "#12", "#12345", "red;}", "url(x)"])
def test_what_is_no_colour_is_refused_with_the_name_of_the_option(text: str) -> None:
    with pytest.raises(ColourError, match="colour_header"):
        theme_of(text, "")
