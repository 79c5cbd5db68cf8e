"""What the errors in an answer of Reddit to a reply mean. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from bot.connectors.fields import ODD_ANSWER, clean
from bot.connectors.reddit_post import Thing
from bot.errors import Permanent, PlatformError, RateLimited, Uncertain

_LONGEST_WAIT_S: Final = 86_400.0

_WAIT: Final = re.compile(r"(\d{1,4}) (millisecond|second|minute|hour)")

_SECONDS: Final = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3_600.0}

_DEFAULT_WAIT_S: Final = 600.0

_REFUSED: Final[Mapping[str, str]] = {
    "THREAD_LOCKED": "The thread is locked: nobody can reply any more.",
    "TOO_OLD": "The thread is archived: nobody can reply any more.",
    "DELETED_COMMENT": "The comment has been deleted.",
    "DELETED_LINK": "The post has been deleted.",
    "DELETED_THING": "The post has been deleted.",
    "SUBREDDIT_NOTALLOWED": "This subreddit does not let our account write.",
    "SUBREDDIT_NOEXIST": "This subreddit is no longer there.",
    "USER_BLOCKED": "The author does not accept replies from our account.",
    "TOO_LONG": "The text is too long for Reddit.",
    "NO_TEXT": "The text is empty.",
}

_UNCLEAR: Final = frozenset({"SERVER_ERROR", "INTERNAL_SERVER_ERROR", "SOMETHING_IS_BROKEN"})


def refusal_of(answer: Thing) -> PlatformError | None:
    """What the errors in an answer to a reply mean; ``None`` if there are none."""
    errors = answer.get("errors")
    if errors == []:
        return None
    if not isinstance(errors, list):
        return Uncertain(ODD_ANSWER)
    told = {clean(each[0]): clean(each[1]) for each in errors if isinstance(each, list) and len(each) > 1}
    if "RATELIMIT" in told:
        return RateLimited("Reddit asks us to wait before the next reply.", _wait(answer, told["RATELIMIT"]))
    if not told or _UNCLEAR & told.keys():
        return Uncertain("Reddit reports a fault of its own.")
    return Permanent(next((_REFUSED[code] for code in told if code in _REFUSED), "Reddit refused the reply."))


def _wait(answer: Thing, message: str) -> float:
    """How many seconds Reddit asks us to wait: as a number, or in the words of its message."""
    told = answer.get("ratelimit")
    if isinstance(told, int | float) and not isinstance(told, bool) and 0 < told <= _LONGEST_WAIT_S:
        return max(1.0, float(told))
    found = _WAIT.search(message)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else _DEFAULT_WAIT_S
    return min(max(1.0, seconds), _LONGEST_WAIT_S)
