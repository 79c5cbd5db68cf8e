"""How long servers of the Mastodon API take a text to be. Pure."""

import re

_ADDRESS = re.compile(r"https?://[^\s<>]+")
_PERSON = re.compile(r"(?<![\w@/.])@(\w[\w.-]*\w|\w)(?:@([\w-][\w.:-]*\w))?")


def length(text: str) -> int:
    """How long a server counts a post: an address as 23, a person by the name alone (docs.joinmastodon.org)."""
    return len(_PERSON.sub(lambda match: f"@{match[1]}", _ADDRESS.sub("x" * 23, text)))
