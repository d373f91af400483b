"""Clients of the JSON API."""

import json
from typing import Any

import pytest
from django.test import Client

from callastar.accounts.models import User


class Api:
    """A program that speaks JSON to `/api/`, signed in as somebody or as nobody."""

    def __init__(self, user: User | None = None, language: str = "") -> None:
        self._client = Client()
        self._headers = {"Accept-Language": language} if language else {}
        if user is not None:
            self._client.force_login(user)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to one request; `headers` in Python's spelling."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        options = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return self._client.generic(method, f"/api/{path}", headers={**self._headers, **named}, **options)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST of JSON."""
        return self.ask("POST", path, {} if body is None else body, **headers)


@pytest.fixture
def api_of(db):
    """`api_of(user)` is a client signed in as them; `api_of()` one of nobody."""
    return Api
