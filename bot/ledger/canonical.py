"""The one form in which an entry's body may stand, as the verifier sees it: with the standard library only. Pure."""

import json
from typing import NoReturn


def _integer(digits: str) -> int:
    number = int(digits)
    if abs(number) > _LARGEST:
        raise ValueError("An integer is too large to be exact everywhere.")
    return number


def _refused(number: str) -> NoReturn:
    raise ValueError(f"{number} is no integer.")


_LARGEST = 2**53 - 1
_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_refused, parse_constant=_refused)
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(body: bytes) -> bool:
    """Whether the bytes are the one canonical JSON form of an object with ASCII keys and integers within 2^53 - 1.

    For such values the standard library's sorted, compact form equals RFC 8785 (property-tested).
    """
    try:
        parsed = _DECODER.decode(body.decode())
        return isinstance(parsed, dict) and _ENCODER.encode(parsed).encode() == body
    except (ValueError, RecursionError):
        return False
