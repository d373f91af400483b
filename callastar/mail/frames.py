"""A mail shown in a page: in a frame, where nothing of it may act."""

import re

_LINK = re.compile(r'href="[^"]*"')
_WHEN_DARK = "@media (prefers-color-scheme: dark)"

# A mail brings its style with it, and nothing else: no script, no picture, no address to send a form to.
IN_A_FRAME: dict[str, list[str]] = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "sandbox": [],
}


def framed(html: str, *, dark: bool) -> str:
    """The mail's HTML for a frame in a page: in light or in dark as asked for, its links leading nowhere."""
    return _LINK.sub('href="#"', html).replace(_WHEN_DARK, f"@media {'all' if dark else 'not all'}")
