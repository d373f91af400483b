"""Which messages the product's sources ask for, per gettext domain."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS: Mapping[str, object] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
SOURCES = {
    "django": (
        ("callastar", "*.py"),
        ("config", "*.py"),
        *(("templates", pattern) for pattern in ("*.html", "*.txt", "*.mjml", "*.xml")),
    ),
    "djangojs": (("assets/js", "*.js"),),
}
COMMENT_TAGS = ("Translators:",)
PERCENT_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
BRACE_PLACEHOLDER = re.compile(r"\{\w*\}")

Key = tuple[str | None, str]


@dataclass
class Message:
    """One translatable text: where it stands and what translators are told."""

    msgid: str
    context: str | None = None
    plural: str | None = None
    files: set[str] = field(default_factory=set)
    comments: set[str] = field(default_factory=set)

    @property
    def key(self) -> Key:
        """What gettext looks a message up by."""
        return self.context, self.msgid


def placeholders(text: str) -> frozenset[str]:
    """The variables that a text must carry, in either of Python's notations."""
    return frozenset(PERCENT_PLACEHOLDER.findall(text.replace("%%", ""))) | frozenset(
        BRACE_PLACEHOLDER.findall(text)
    )


def messages(domain: str, *, root: Path = ROOT) -> dict[Key, Message]:
    """Every message of a domain (`django` or `djangojs`) found below `root`, by context and id."""
    found: dict[Key, Message] = {}
    for path in _sources(domain, root):
        for message in _messages_of(path):
            known = found.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            known.files.add(str(path.relative_to(root)))
            known.comments |= message.comments
    return found


def _sources(domain: str, root: Path) -> list[Path]:
    files = (path for folder, pattern in SOURCES[domain] for path in (root / folder).rglob(pattern))
    return sorted(path for path in files if "migrations" not in path.parts)


def _messages_of(path: Path) -> Iterator[Message]:
    method = "javascript" if path.suffix == ".js" else "python"
    source = BytesIO(_readable(path).encode())
    for _line, ids, comments, context in extract(method, source, KEYWORDS, COMMENT_TAGS):  # type: ignore[arg-type]
        singular, plural = (ids[0], ids[1]) if isinstance(ids, tuple) else (ids, None)
        if singular:
            yield Message(singular, context, plural, comments={*comments})


def _readable(path: Path) -> str:
    """Source text for Babel; a template becomes Python-like lines, unindented so that they can be tokenized."""
    text = path.read_text(encoding="utf-8")
    if path.suffix in {".py", ".js"}:
        return text
    if not settings.configured:
        settings.configure(USE_I18N=True)
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())


def flags(message: Message) -> list[str]:
    """Format flags that editors of catalogues understand."""
    texts: Iterable[str] = filter(None, (message.msgid, message.plural))
    return ["python-format"] if any(PERCENT_PLACEHOLDER.search(text) for text in texts) else []
