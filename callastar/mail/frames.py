"""A mail shown in a page: in a frame, where nothing of it may act."""

# A mail brings its style with it, and nothing else: no script, no picture, no address to send a form to.
IN_A_FRAME: dict[str, list[str]] = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "sandbox": [],
}
