"""What the door may tell a recorder of a request and its answer: reads only, and no header that holds a credential."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from urllib3.response import BaseHTTPResponse

from bot.egress.rules import PORTS, Call
from bot.model.evidence import Exchange

Recorder = Callable[[Exchange], None]

_ASKED: Final = frozenset({"accept", "accept-language", "content-type", "user-agent"})
"""Headers of a request that are kept: a list of what is harmless, because a credential may stand under any name."""

_SECRET: Final = ("auth", "cookie", "token", "session", "secret", "key", "signature", "credential", "password")
COVERED: Final = "[removed]"
_GUESSABLE: Final = 6
"""A shorter secret is no secret, and would stand in half of all words."""
_FRAMING: Final = frozenset({"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"})


def exchange(call: Call, answer: BaseHTTPResponse, body: bytes) -> Exchange:
    """The record of one read.

    ``body`` was decompressed by the door, so the headers that tell of its framing are left out.
    """
    return Exchange(
        url=_address(call),
        asked={name: value for name, value in call.headers.items() if name in _ASKED},
        status=answer.status,
        reason=answer.reason or "",
        answered={name: value for name, value in answer.headers.items() if not _drops(name.lower())},
        body=body,
    )


def without(record: Exchange, secrets: Iterable[str]) -> Exchange:
    """The same with every one of our secrets covered, wherever a platform may have said it back to us."""
    long = [secret for secret in secrets if len(secret) >= _GUESSABLE]

    def covered(text: str) -> str:
        for secret in long:
            text = text.replace(secret, COVERED)
        return text

    body = record.body
    for secret in long:
        body = body.replace(secret.encode(), COVERED.encode())
    return replace(
        record,
        url=covered(record.url),
        asked={name: covered(value) for name, value in record.asked.items()},
        answered={name: covered(value) for name, value in record.answered.items()},
        body=body,
    )


def _address(call: Call) -> str:
    origin = call.origin
    port = "" if PORTS[origin.scheme] == origin.port else f":{origin.port}"
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return f"{origin.scheme}://{host}{port}{call.target}"


def _drops(name: str) -> bool:
    return name in _FRAMING or any(word in name for word in _SECRET)
