"""What people read, as their language writes it (UI-2)."""

from datetime import timedelta

import pytest

from callastar.core.formats import time_left_text


@pytest.mark.parametrize(
    ("seconds", "locale", "text"),
    [
        (-5, "en", "00:00"),
        (0, "en", "00:00"),
        (0.2, "en", "00:01"),
        (245, "fr", "04:05"),
        (3599, "en", "59:59"),
        (3600, "en", "1:00:00"),
        (86_399, "fr", "23:59:59"),
        (86_400, "en", "1 day 00:00:00"),
        (180_258, "en", "2 days 02:04:18"),
        (180_258, "fr", "2 j 02:04:18"),
    ],
)
def test_the_time_left_is_written_as_its_countdown_goes_on(seconds: float, locale: str, text: str) -> None:
    """UI-6, UI-8: what the server writes is what the script writes a moment later, so that nothing moves."""
    written = time_left_text(timedelta(seconds=seconds), locale)
    assert written.replace("\u00a0", " ").replace("\u202f", " ") == text
