"""The pages' words, in English and French."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request

Texts = dict[str, Any]

LANGUAGES = ("en", "fr")

_FOLDER = Path(__file__).parent / "texts"


@cache
def texts_of(area: str, language: str) -> Texts:
    """The words of one area (elements, onboarding, dashboard) in one language."""
    texts: Texts = json.loads((_FOLDER / language / f"{area}.json").read_text(encoding="utf-8"))
    return texts


def all_texts(area: str) -> dict[str, Texts]:
    """The words of an area by language, for scripts that choose themselves."""
    return {language: texts_of(area, language) for language in LANGUAGES}


def language_of(request: Request) -> str:
    """What the query asks for (`locale`), else the first language the browser names and we know, else English."""
    accepted = request.headers.get("accept-language", "").split(",")
    wanted = [request.query_params.get("locale", ""), *accepted]
    known = (each.strip().lower()[:2] for each in wanted)
    return next((each for each in known if each in LANGUAGES), "en")
