"""How log lines look. Nothing that a customer wrote and no secret is ever passed to a logger."""

import logging
import sys
import traceback
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
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
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


def place(error: BaseException) -> str:
    """Where an error was raised, as "file:line". Its message and its variables may hold anything and stay out."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
