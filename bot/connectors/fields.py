"""Reads fields of a platform's answer, trusting none of it: the wrong type is the same as nothing. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

Fields = Mapping[str, object]

ODD_ANSWER: Final = "The platform's answer is of an unexpected form."

_NO_BOTS = re.compile(r"#nobots?\b|\bno\s+bots?\b|\bkeine\s+bots\b", re.IGNORECASE)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Unreadable(ValueError):
    """A post lacks what identifies it, or is of another shape than the API promises."""


def clean(value: object) -> str:
    """A text that can be stored: what no database takes becomes U+FFFD, one for one. Anything else is empty."""
    return _UNSTORABLE.sub("\ufffd", value) if isinstance(value, str) else ""


def instant(value: object) -> int | None:
    """A time of the API as UTC milliseconds; ``None`` if there is none or it cannot be read."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else value
        if not isinstance(found, datetime):
            return None
        return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def part(value: object) -> Fields:
    """A nested object; an empty one where the server sent none."""
    return value if isinstance(value, Mapping) else {}


def parts(value: object) -> tuple[Fields, ...]:
    """A list of nested objects; what is none of these is left out."""
    return tuple(each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()


def name(value: object) -> str:
    """An id or an address. Numbers are ids too; ids are text, whatever their size."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else clean(value)


def host_of(address: str) -> str:
    """Host and port of an address; empty for anything that is none."""
    try:
        return urlsplit(address).netloc
    except ValueError:
        return ""


def keeps_bots_away(words: str) -> bool:
    """Whether a profile's words ask bots to stay away (rule C-07); of the words nothing else is kept."""
    return bool(_NO_BOTS.search(words))
