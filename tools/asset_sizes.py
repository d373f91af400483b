"""Are the built files small enough for a phone on a slow line? Sizes are those of gzip, the worse of the two encodings.

A page needs one style sheet and, beside the script of all pages, at most one script of its own.
"""

import gzip
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
SHARED_SCRIPT = "app.js"
SCRIPT_LIMIT, STYLE_LIMIT = 100_000, 40_000  # bytes


def compressed(path: Path) -> int:
    """Bytes that travel."""
    return len(gzip.compress(path.read_bytes(), compresslevel=9))


def sizes(static: Path = STATIC) -> dict[str, tuple[int, int]]:
    """What each page entry weighs and may weigh, in bytes."""
    scripts = {path.name: compressed(path) for path in sorted((static / "js").glob("*.js"))}
    shared = scripts.pop(SHARED_SCRIPT, 0)
    found = {f"js/{SHARED_SCRIPT}": (shared, SCRIPT_LIMIT)}
    found |= {f"js/{SHARED_SCRIPT} + {name}": (shared + size, SCRIPT_LIMIT) for name, size in scripts.items()}
    styles = sorted((static / "css").glob("*.css"))
    return found | {f"css/{path.name}": (compressed(path), STYLE_LIMIT) for path in styles}


def main() -> int:
    """Print the sizes; fail if one is above its limit."""
    if not (STATIC / "css" / "app.css").exists():
        print("nothing is built; run `make setup`", file=sys.stderr)
        return 1
    found = sizes()
    for name, (size, limit) in found.items():
        print(f"{size / 1000:7.1f} kB of {limit // 1000} kB  {name}{'' if size < limit else '  TOO LARGE'}")
    return int(any(size >= limit for size, limit in found.values()))


if __name__ == "__main__":
    raise SystemExit(main())
