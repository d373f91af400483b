"""The process log: structured lines with the request's id, in JSON for machines or coloured for people."""

import logging.config
from io import StringIO
from typing import TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo, Processor

from callastar.core.secrets import mask_line, masked

# Local variables hold keys, tokens and links with secrets: a traceback never shows them.
_TRACEBACKS = ExceptionDictTransformer(show_locals=False)


def configure_logging(*, json: bool) -> None:
    """Send structlog and the standard library through one formatter to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    last: list[Processor] = (
        [
            structlog.processors.ExceptionRenderer(_TRACEBACKS),
            mask_line,
            structlog.processors.JSONRenderer(),
        ]
        if json
        else [mask_line, structlog.dev.ConsoleRenderer(exception_formatter=_write_masked)]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "structured": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
            "root": {"handlers": ["stderr"], "level": "INFO"},
            "loggers": {
                # These write addresses with their query strings, which may carry tokens.
                "httpx": {"level": "WARNING"},
                "stripe": {"level": "WARNING"},
                "procrastinate": {"level": "WARNING"},
            },
        }
    )


def _write_masked(out: TextIO, error: ExcInfo) -> None:
    """A traceback for people, without secrets in the error's message."""
    text = StringIO()
    structlog.dev.plain_traceback(text, error)
    out.write(masked(text.getvalue()))
