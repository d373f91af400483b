"""Documents in one SQLite file: small, durable, readable after ``kill -9``."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Document = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, id)
);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Store:
    """Documents by kind and id, plus named settings; everything is JSON."""

    def __init__(self, path: Path | str) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def get(self, kind: str, id: str) -> Document | None:
        """The document, or None."""
        row = self._execute("SELECT body FROM documents WHERE kind = ? AND id = ?", kind, id).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, kind: str, id: str, doc: Document) -> None:
        """Insert the document, or replace it and keep its position."""
        self._execute(
            "INSERT INTO documents (kind, id, body) VALUES (?, ?, ?) "
            "ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            kind,
            id,
            json.dumps(doc),
        )

    def delete(self, kind: str, id: str) -> None:
        """Remove the document if it is there."""
        self._execute("DELETE FROM documents WHERE kind = ? AND id = ?", kind, id)

    def all(self, kind: str) -> list[Document]:
        """Every document of the kind, oldest insertion first."""
        rows = self._execute("SELECT body FROM documents WHERE kind = ? ORDER BY position", kind).fetchall()
        return [json.loads(body) for (body,) in rows]

    def kinds(self) -> list[str]:
        """The kinds that have documents, in alphabetical order."""
        return [kind for (kind,) in self._execute("SELECT DISTINCT kind FROM documents ORDER BY kind")]

    def setting(self, name: str, default: Any = None) -> Any:
        """The value of a setting, or the default when it was never set."""
        row = self._execute("SELECT value FROM settings WHERE name = ?", name).fetchone()
        return default if row is None else json.loads(row[0])

    def set_setting(self, name: str, value: Any) -> None:
        """Remember a setting."""
        self._execute(
            "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            json.dumps(value),
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside happen, or none; an inner one that fails takes only its own writes back."""
        with self._lock:
            self._begin()
            try:
                yield
            except BaseException:
                self._end("ROLLBACK", "ROLLBACK TO nested; RELEASE nested")
                raise
            self._end("COMMIT", "RELEASE nested")

    def reset(self) -> None:
        """Forget everything."""
        with self.transaction():
            self._execute("DELETE FROM documents")
            self._execute("DELETE FROM settings")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        with self._lock:
            return self._db.execute(sql, values)

    def _begin(self) -> None:
        self._db.execute("SAVEPOINT nested" if self._depth else "BEGIN IMMEDIATE")
        self._depth += 1

    def _end(self, outermost: str, nested: str) -> None:
        self._depth -= 1
        for statement in (nested if self._depth else outermost).split(";"):
            self._db.execute(statement)
