"""The colours of a creator's mails, made of the one they chose, readable in light and in dark.

Contrast is that of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). Text reaches AA for its usual size; a
button stands out from its ground as much as the platform's own gold does from white.
"""

import re
from dataclasses import dataclass

PLATFORM_ACCENT = "#f5c049"
_COLOUR = re.compile(r"#[0-9a-f]{6}")

WHITE, BLACK, INK = "#ffffff", "#000000", "#131a39"
NIGHT = "#10163a"  # behind the heading, in light and in dark
# Of the grounds that text lies on, those that leave the least contrast.
LIGHT_GROUND, DARK_GROUND = "#f2f3f9", "#171c38"
TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 1.5
_STEPS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """The colours that depend on an accent, each as `#rrggbb`."""

    bar: str
    button: str
    button_text: str
    on_night: str
    link: str
    button_in_dark: str
    button_text_in_dark: str
    link_in_dark: str


PLATFORM_LOOK = Look(
    bar=PLATFORM_ACCENT,
    button=PLATFORM_ACCENT,
    button_text=INK,
    on_night=PLATFORM_ACCENT,
    link="#222c72",
    button_in_dark=PLATFORM_ACCENT,
    button_text_in_dark=INK,
    link_in_dark="#f7cb65",
)


def is_colour(text: str) -> bool:
    """Whether a text is a colour as stored: `#` and six small hexadecimal digits."""
    return bool(_COLOUR.fullmatch(text))


def look_for(accent: str) -> Look:
    """The colours for an accent; those of the platform where there is none, or none that is a colour."""
    if not is_colour(accent) or accent == PLATFORM_ACCENT:
        return PLATFORM_LOOK
    button = apart(accent, ground=WHITE, ratio=SHAPE_CONTRAST)
    in_dark = apart(accent, ground=DARK_GROUND, ratio=SHAPE_CONTRAST)
    return Look(
        bar=accent,
        button=button,
        button_text=text_on(button),
        on_night=apart(accent, ground=NIGHT, ratio=TEXT_CONTRAST),
        link=apart(accent, ground=LIGHT_GROUND, ratio=TEXT_CONTRAST),
        button_in_dark=in_dark,
        button_text_in_dark=text_on(in_dark),
        link_in_dark=apart(accent, ground=DARK_GROUND, ratio=TEXT_CONTRAST),
    )


def text_on(ground: str) -> str:
    """White, the platform's ink or black: the first that is readable on the ground. Black is, wherever white is not."""
    readable = (text for text in (WHITE, INK) if contrast(text, ground) >= TEXT_CONTRAST)
    return next(readable, BLACK)


def apart(colour: str, *, ground: str, ratio: float) -> str:
    """The colour, darkened on a light ground and lightened on a dark one until it has the contrast asked for."""
    goal = BLACK if luminance(ground) > 0.5 else WHITE
    shades = (mixed(colour, goal, step / _STEPS) for step in range(_STEPS + 1))
    return next((shade for shade in shades if contrast(shade, ground) >= ratio), goal)


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black and white)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """How bright a colour is, from 0 to 1 (WCAG's relative luminance)."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def mixed(colour: str, other: str, share: float) -> str:
    """The colour with so much of the other in it, from 0 to 1."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(own + (its - own) * share):02x}" for own, its in pairs)


def _parts(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
