"""A creator's own words and colour: which placeholders there are, what they become, what stays readable (EM-4)."""

import random

import pytest

from callastar.mail.colours import (
    DARK_GROUND,
    LIGHT_GROUND,
    NIGHT,
    PLATFORM_ACCENT,
    PLATFORM_LOOK,
    SHAPE_CONTRAST,
    TEXT_CONTRAST,
    WHITE,
    contrast,
    is_colour,
    look_for,
)
from callastar.mail.frames import framed
from callastar.mail.own_words import OF_A_CALL, PEOPLE, Placeholder, fill_in, tidied, unknown_piece

AWKWARD_COLOURS = [
    "#ffffff",
    "#000000",
    "#808080",
    "#ffff00",
    "#0000ff",
    "#10163a",
    "#171c38",
    "#767676",
    "#f97316",
]


def _any_colours() -> list[str]:
    picked = random.Random(4)
    return [f"#{picked.randrange(0x1000000):06x}" for _ in range(300)]


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("Hello {fan_name}, see you on {date} at {time}: {call_title}, {duration}. {creator_name}", None),
        ("No braces at all", None),
        ("Hello {fan}", "{fan}"),
        ("Hello {Fan_name}", "{Fan_name}"),
        ("Hello { fan_name }", "{ fan_name }"),
        ("Hello {fan_name", "{fan_name"),
        ("Hello fan_name}", "}"),
        ("Hello {{ fan_name }}", "{"),
        ("{% load i18n %}", "{% load i18n %}"),
        ("{}", "{}"),
        ("{fan_name.email}", "{fan_name.email}"),
        ("{fan_name!r:>9999999}", "{fan_name!r:>9999999}"),
        ("{date} {fan_name}{x\ny}", "{x"),
    ],
)
def test_the_first_wrong_piece_is_named(text: str, piece: str | None) -> None:
    """EM-4: named placeholders, and nothing else between braces."""
    assert unknown_piece(text, OF_A_CALL) == piece


def test_not_every_text_knows_everything() -> None:
    """EM-4: a welcome also stands above mails that say nothing of a duration."""
    assert unknown_piece("{fan_name} {creator_name}", PEOPLE) is None
    assert unknown_piece("{duration}", PEOPLE) == "{duration}"


@pytest.mark.parametrize("text", ["", "{", "}{", "{}", "{0}", "{x!r:{y}}", "%s %(date)s", "{date.__class__}"])
def test_filling_in_never_fails(text: str) -> None:
    """EM-4: whatever was stored, the mail leaves."""
    assert fill_in(text, {"date": "today"}) == text


def test_values_are_not_read_again() -> None:
    """EM-4: a fan called like a placeholder stays called so."""
    values = {Placeholder.FAN_NAME: "{date}", Placeholder.DATE: "Tuesday"}
    assert fill_in("{fan_name} {date}", values) == "{date} Tuesday"


def test_texts_are_kept_without_what_cannot_be_seen() -> None:
    """EM-4: no control characters, nothing that turns the direction of what follows."""
    assert tidied("  Hello\r\n\r\n\r\n\r\nyou \0\x1b\u202eetirw\u2069  \rend ") == "Hello\n\nyou etirw\nend"
    assert tidied("שלום\u200f, Noa") == "שלום\u200f, Noa"


@pytest.mark.parametrize("colours", [AWKWARD_COLOURS, _any_colours()], ids=["awkward", "any"])
def test_every_accent_stays_readable(colours: list[str]) -> None:
    """EM-4, UI-7: AA for text in light and in dark, a button that can be seen."""
    for accent in colours:
        look = look_for(accent)
        assert contrast(look.button_text, look.button) >= TEXT_CONTRAST, accent
        assert contrast(look.button_text_in_dark, look.button_in_dark) >= TEXT_CONTRAST, accent
        assert contrast(look.on_night, NIGHT) >= TEXT_CONTRAST, accent
        assert contrast(look.link, LIGHT_GROUND) >= TEXT_CONTRAST, accent
        assert contrast(look.link_in_dark, DARK_GROUND) >= TEXT_CONTRAST, accent
        assert contrast(look.button, WHITE) >= SHAPE_CONTRAST, accent
        assert contrast(look.button_in_dark, DARK_GROUND) >= SHAPE_CONTRAST, accent
        assert look.bar == accent


def test_the_platforms_own_look_is_readable_too() -> None:
    """EM-4: and it is what an accent that is none falls back to."""
    own = PLATFORM_LOOK
    assert contrast(own.button_text, own.button) >= TEXT_CONTRAST
    assert contrast(own.link, LIGHT_GROUND) >= TEXT_CONTRAST
    assert contrast(own.link_in_dark, DARK_GROUND) >= TEXT_CONTRAST
    assert contrast(own.on_night, NIGHT) >= TEXT_CONTRAST
    assert contrast(own.button, WHITE) >= SHAPE_CONTRAST
    for accent in ("", PLATFORM_ACCENT, "red", "#FFF", "#12345g", "#123456;}"):
        assert look_for(accent) is own


def test_contrast_is_that_of_wcag() -> None:
    """The ends of the scale, and the grey that WCAG's own examples call just readable on white."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
    assert is_colour("#00ff7f")
    assert not is_colour("#00FF7F")


def test_a_framed_mail_leads_nowhere_and_is_dark_when_asked() -> None:
    """EM-4: what a creator looks at cannot be left by a click."""
    html = '<style>@media (prefers-color-scheme: dark) { a {} }</style><a href="https://site.example/call/1">x</a>'
    assert "@media all {" in framed(html, dark=True)
    assert "@media not all {" in framed(html, dark=False)
    assert "site.example" not in framed(html, dark=True)
