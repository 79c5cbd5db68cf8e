"""How log lines look. Nothing that a customer wrote and no secret is ever passed to a logger.

A line says what it is about by numbers of ours: ``stage`` (assess, send, poll, desk ...), ``source``, ``case``,
``mention``, ``dispatch``. Whoever begins such work binds them; every line until its end carries them.
"""

import logging
import sys
import traceback
from contextlib import AbstractContextManager
from typing import Literal

import structlog

_NOISY = (
    "apscheduler",
    "waitress",
    "urllib3",
    "mastodon",
    "praw",
    "prawcore",
    "tweepy",
    "requests_oauthlib",
    "oauthlib",
    "atproto",
    "httpx",
    "websockets",
    "werkzeug",
)


def configure(form: Literal["json", "console"], level: str) -> None:
    """Send all logging to standard error in one form; libraries speak up at WARNING."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _named,
        _without_words,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def bound(**about: str | int) -> AbstractContextManager[None]:
    """Let every line that this thread logs inside say what it is about: names and numbers of ours, never words."""
    return structlog.contextvars.bound_contextvars(**about)


def rebind(**about: str | int) -> None:
    """The same until the next call, for a thread that goes from one request to the next. Alone it ends them."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**about)


def _named(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Which module speaks."""
    line["logger"] = line["_record"].name
    return line


def _without_words(_logger: object, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Of an error only its kind and its place: a library's traceback quotes its message, which may hold anything."""
    raised = line.pop("exc_info", None)
    if isinstance(raised, tuple) and raised[1] is not None:
        line["error"], line["place"] = type(raised[1]).__name__, place(raised[1])
    line.pop("stack_info", None)
    return line


def place(error: BaseException) -> str:
    """Where an error was raised, as "file:line". Its message and its variables may hold anything and stay out."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
