"""What JSON Schema says about a document, in one line for each fault."""

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker


def faults(document: Any, schema: Mapping[str, Any], *, at: str) -> list[str]:
    """Where the document does not fit the schema."""
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document)
    return [
        f"{at}{''.join(f'[{part}]' for part in each.absolute_path)}: {each.validator}: {each.message[:200]}"
        for each in found
    ]


def closed(schema: Any) -> Any:
    """The same schema, with every object that names its properties allowing no others."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(part) for name, part in schema.items()}
    names_its_own = isinstance(schema.get("properties"), dict) and "type" in schema
    return {"additionalProperties": False, **inner} if names_its_own else inner
