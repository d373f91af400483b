"""Build the style sheet and the scripts from assets/ into static/; with --watch again after each change."""

import argparse

from tools import node


def main() -> int:
    """Run the build; returns its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_assets", description=__doc__)
    parser.add_argument("--watch", action="store_true", help="stay and build again after each change")
    options = parser.parse_args()
    return node.run(node.ROOT / "tools" / "build_assets.mjs", *(["--watch"] if options.watch else []))


if __name__ == "__main__":
    raise SystemExit(main())
