"""Two things that must never be printed: a token of ours and the words of a customer.

Tests put them where secrets and posts go; the suite fails when one of them shows up in its output.
"""

from collections.abc import Iterable

CANARY_TOKEN = "kanarie-5f1d-token-9b27"
"""Stands for any credential: put it into settings, key files and Authorization headers of tests."""

CANARY_TEXT = "Der gelbe Kanarienvogel singt nur zuhause 7c41"
"""Stands for the words of a post: put it into mentions, drafts and quoted posts of tests."""


def leaks(outputs: Iterable[tuple[str, str]]) -> list[str]:
    """Names of those outputs (name, text) in which a canary shows up."""
    return [name for name, text in outputs if CANARY_TOKEN in text or CANARY_TEXT in text]
