"""How many signs a reader sees, which is how Bluesky counts. Pure."""

import unicodedata
from typing import Final

_JOINER: Final = "\u200d"


def graphemes(text: str) -> int:
    """How many signs a reader sees, as the platform counts them: an emoji with all its parts, or a flag, is one."""
    count, previous, flags = 0, "", 0
    for sign in unicodedata.normalize("NFC", text):
        flag = "\U0001f1e6" <= sign <= "\U0001f1ff"
        flags = flags + 1 if flag else 0
        joined = (
            unicodedata.category(sign) in {"Mn", "Mc", "Me"}
            or sign in {"\u200c", _JOINER}
            or "\U0001f3fb" <= sign <= "\U0001f3ff"
            or "\U000e0020" <= sign <= "\U000e007f"
            or (previous == _JOINER and unicodedata.category(sign) == "So")
            or (flag and flags % 2 == 0)
            or (previous, sign) == ("\r", "\n")
        )
        count += not (joined and previous)
        previous = sign
    return count
