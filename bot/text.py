"""Text at the door: what SQLite, JSON and UTF-8 cannot carry is replaced, nothing else is touched. Pure."""

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
