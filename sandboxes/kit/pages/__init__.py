"""The look that the pages for people share: `base.html` and its style, labelled "Sandbox"."""

from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

_SHARED = Path(__file__).parent / "templates"


class Pages:
    """Templates of one sandbox on top of the shared ones.

    `base.html` has the blocks lang, nav, head, content and script, and needs `title`.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        folders = [folder, _SHARED] if folder else [_SHARED]
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(each) for each in folders]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["sandbox"] = name
        self.filters = self._environment.filters

    def text(self, template: str, **context: Any) -> str:
        """The rendered template."""
        return self._environment.get_template(template).render(context)

    def render(self, template: str, *, status_code: int = 200, **context: Any) -> HTMLResponse:
        """The rendered template as a page."""
        return HTMLResponse(
            self.text(template, **context), status_code, headers={"Cache-Control": "no-store"}
        )
