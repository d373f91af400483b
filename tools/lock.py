"""Pin the packages that pyproject.toml asks for, by hash and without any registry's address."""

import subprocess
from pathlib import Path

from tools.bootstrap import REQUIREMENTS, ROOT, VENV

EXPORT = ["export", "-q", "--format", "requirements-txt", "--no-emit-project", "--no-annotate", "--no-header"]


def main() -> None:
    """Resolve, then write what runs the product and what develops it."""
    _uv(["lock", "-q"])
    _export("runtime.txt", "--no-dev")
    _export("dev.txt", "--all-groups")


def _export(name: str, groups: str) -> None:
    _uv([*EXPORT, groups, "-o", str(REQUIREMENTS / name)])


def _uv(arguments: list[str]) -> None:
    subprocess.run([Path(VENV, "bin", "uv"), *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
