"""Text at the door: what SQLite, JSON and UTF-8 cannot carry is replaced, nothing else is touched. Pure.

Also the one form in which a post's text is hashed, because rule C-12 compares such hashes.
"""

import hashlib
import re

_PARODY = re.compile(
    r"\bparod(?:y|ie)|\bsatir|\bspoof|\b(?:un|in)offi[cz]i(?:al|ell)|\bnot\W+(?:the\W+)?official|\bnicht\W+(?:der\W+)?offiziell",
    re.IGNORECASE,
)
_FAN = re.compile(r"\bfan\W?(?:page|account|club|konto|seite)|\bmemes?\b|\bfake\b", re.IGNORECASE)
"""Says so in a name; in a bio it may be what somebody likes."""

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def storable(text: str) -> str:
    """The text with NUL and lone surrogates replaced by U+FFFD, one for one, so that spans stay where they are."""
    if text.isascii():
        return text.replace("\0", REPLACEMENT) if "\0" in text else text
    try:
        text.encode()
    except UnicodeEncodeError:
        text = "".join(REPLACEMENT if "\ud800" <= sign <= "\udfff" else sign for sign in text)
    return text.replace("\0", REPLACEMENT)


def calls_itself_parody(display_name: str, bio: str = "") -> bool:
    """Whether a profile marks its account as parody, satire or a fan's (rule C-17).

    Of the words nothing is kept but this answer (rule P-04).
    """
    return bool(_PARODY.search(f"{display_name}\n{bio}") or _FAN.search(display_name))


def post_hash(text: str) -> str:
    """SHA-256 (hex) of a post's plain text in UTF-8; a lone surrogate counts as its own three bytes.

    The only form of this hash: what is stored of a post and what a publisher finds later are compared by it.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
