"""Skip work whose inputs have not changed: a folder remembers the digest of what it was made from.

Standard library only: it runs before anything is installed.
"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

STAMP = ".made-from"


def digest(paths: Iterable[Path], *words: str) -> str:
    """One digest of some words and of the names and contents of files; folders count with all they hold."""
    total = hashlib.sha256("\0".join(words).encode())
    for file in sorted(_files(paths)):
        total.update(f"\0{file}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def make(folder: Path, made_from: str, work: Callable[[], None]) -> bool:
    """Do the work unless `folder` was made from the same inputs; returns whether it was done."""
    stamp = folder / STAMP
    if stamp.exists() and stamp.read_text() == made_from:
        return False
    stamp.unlink(missing_ok=True)
    work()
    folder.mkdir(parents=True, exist_ok=True)
    stamp.write_text(made_from)
    return True


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (
                file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts
            )
