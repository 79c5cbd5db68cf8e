"""Telephone numbers of people: windows of digits, read with the numbering plans of the configured regions.

It reads a bounded number of windows, because one look into a numbering plan costs as much as all of an ordinary
post. Free-phone and service numbers belong to companies and are none of its business.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult

from bot.model import Span

LOOKS = 100
"""Looks into a numbering plan for one text: about 10 ms. A post holds one number, a list of contacts twenty."""

_LEAST, _MOST = 6, 17
"""Digits of a number: the shortest after "Tel.", the longest with 00 and country code (E.164 has 15)."""
_PLAIN_LEAST = 8
"""Digits that a number without "Tel." or "+" must have: shorter ones are too often something else."""

_BETWEEN = r"[ ./()\u2010-\u2015\u2212·_|*-]"
_WINDOW = re.compile(rf"(?<![\w+])[+(]{{0,2}}\d(?:{_BETWEEN}{{0,3}}\d){{5,40}}(?![^\W_])")
_GOES_ON = re.compile(rf"{_BETWEEN}{{0,3}}\d")
_GROUP = re.compile(r"\+?\d+")
_NOT_IN_ONE_NUMBER = re.compile(r"[|*]|\s/\s|\s[\u2010-\u2015-]\s")
"""Where a window that is no number as a whole falls into several."""
_CALLED = re.compile(
    r"(?<!\w)(?:tel(?:efon(?:isch)?|\.)?|phone|mobil[e]?|cell|handy|festnetz|rück?ruf|ruf(?:t|en sie)?|fon|whatsapp"
    r"|erreichbar|erreicht|call|text|ring|reach|contact|durchwahl|rufnummer|mein\w* nummer|my number)(?!\w)"
    r"(?:[^\w\n]{0,3}(?:nummer|number|nr|no|mich|uns|me|us|on|at|an|auf|unter|ist|is|lautet|per|bitte|please|doch|mal"
    r"|back|zurück|the|die|der))"
    r"{0,5}[^\w\n]{0,4}$|wa\.me/$|(?:telefon|handy|mobil|rückruf|ruf)nummer"
    r"(?:[^\w\n]{0,3}(?:ist|lautet)){0,2}[^\w\n]{0,4}$"
)
_SOMETHING_ELSE = re.compile(
    r"(?<!\w)(?:fehler\w*|error\w*|code|version|firmware|build|ean|isbn|imei|serien\w*|serial\w*|s/?n|artikel\w*|modell?|sku"
    r"|sendung\w*|paket\w*|parcel|tracking\w*|ticket\w*|vorgang\w*|case|order\w*|bestell\w*|auftrag\w*|rechnung\w*"
    r"|invoice|kunden\w*|kd|vertrag\w*|customer|account|company|register\w*|pin|puk|iccid|sim"
    r"|aktenzeichen|az|mac|id|ref\w*|[a-z]{2}\d\d)"
    r"(?:[^\w\n]{1,3}(?:nr|nummer|number|no|id|code|is|ist|lautet)){0,2}[^\w\n]{0,4}$"
)
_OFFICE = re.compile(
    r"(?:hotline|kundenservice|kundendienst|service|zentrale|support|helpline|call ?center|switchboard)"
    r"(?:[- ]?(?:nummer|number|nr))?(?:[^\w\n]{0,3}(?:unter|ist|is|on|at|auf|an|die|the)){0,2}[^\w\n]{0,4}$"
)
_AFTER_AMOUNT = re.compile(r" ?(?:€|\$|£|%|eur|euro|mbit|gbit|kbit|mb|gb|uhr|views|likes|follower|aufrufe)(?!\w)")
_AMERICAN = re.compile(r"(?:\+?1[ .-])?\(?[2-9]\d\d\)?[ .-]{1,2}[2-9]\d\d[ .-]\d{4}")
_PRIVATE = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
    }
)
_BEFORE = 48


class Phones:
    """Finds people's telephone numbers. ``public`` are numbers that anybody may know, as the brand writes them."""

    def __init__(self, regions: Sequence[str], public: Sequence[str]) -> None:
        self._regions = tuple(regions)
        self._public = frozenset(known for number in public if (known := self._national(number)))

    def find(self, text: str) -> tuple[list[Span], bool]:
        """Spans of numbers in cleaned ``text``, and whether some windows were left unread."""
        found: list[Span] = []
        looks, place = LOOKS, 0
        while window := _WINDOW.search(text, place):
            if looks <= 0:
                return found, True
            start, end = window.span()
            if _GOES_ON.match(text, end) and (joints := _joints(text, start, end)):
                end = joints[-1][0]  # a window is of bounded length: its last number may reach beyond it
            spans, spent = self._in_window(text, start, end)
            found += spans
            looks -= spent
            place = spans[-1][1] if spans else end
        return found, False

    def _in_window(self, text: str, start: int, end: int) -> tuple[list[Span], int]:
        """The numbers of one window, and how many looks they cost."""
        before = text[max(0, start - _BEFORE) : start]
        if _SOMETHING_ELSE.search(before) or _AFTER_AMOUNT.match(text, end):
            return [], 0
        called, office = _CALLED.search(before) is not None, _OFFICE.search(before) is not None
        spans: list[Span] = []
        spent, done = 0, start
        for first, last in _stretches(text, start, end):
            if first < done:
                continue
            spent += max(1, len(self._regions))
            if self._is_private(text[first:last], called=called and not spans, office=office):
                spans.append((first, last))
                done = last
        return spans, spent

    def _is_private(self, written: str, *, called: bool, office: bool) -> bool:
        digits = "".join(letter for letter in written if letter.isdecimal())
        if (not called and len(digits) < _PLAIN_LEAST) or len(set(digits)) <= 2:  # noqa: PLR2004 - 000000, 010101
            return False
        if digits.lstrip("0")[-7:] in self._public or any(digits.endswith(known) for known in self._public):
            return False
        abroad = written.lstrip("( ").startswith("+") or digits.startswith("00")
        american = "US" in self._regions and _AMERICAN.fullmatch(written) is not None
        if not (abroad or called or american or digits.startswith("0")):
            return False
        sure = abroad or called
        kinds = (_kind(number, sure=sure) for number in self._numbers(digits, abroad=abroad))
        kind = next((kind for kind in kinds if kind is not None), None)
        if kind is None:
            return called and not abroad and not digits.startswith(("0800", "0180", "0900"))
        return kind in _PRIVATE and not (office and kind is not PhoneNumberType.MOBILE)

    def _numbers(self, digits: str, *, abroad: bool) -> Iterator[PhoneNumber]:
        """What the digits may mean: one number with its country code, else one for each region."""
        dialled = f"+{digits.removeprefix('00')}" if abroad else digits
        for region in (None,) if abroad else self._regions:
            try:
                yield phonenumbers.parse(dialled, region)
            except NumberParseException:
                continue

    def _national(self, number: str) -> str:
        """The digits of a public number without country code and leading zero; "" for what is no number."""
        digits = "".join(letter for letter in number if letter.isdecimal())
        if len(digits) < _LEAST or any(letter.isalpha() for letter in number):
            return ""
        abroad = number.strip().startswith("+") or digits.startswith("00")
        known = next(iter(self._numbers(digits, abroad=abroad)), None)
        return str(known.national_number) if known else digits.lstrip("0")


def _kind(number: PhoneNumber, *, sure: bool) -> int | None:
    """What sort of number it is. Where a call was spoken of, a possible number counts as well: people invent none."""
    kind = phonenumbers.number_type(number)
    if kind != PhoneNumberType.UNKNOWN:
        return kind
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    mobile = number.country_code == 49 and str(number.national_number)[:2] in {"15", "16", "17"}  # noqa: PLR2004 - Germany
    return PhoneNumberType.MOBILE if possible and (sure or mobile) else None


def _joints(text: str, start: int, end: int) -> list[Span]:
    """Where one number of a window may end and the next begin: at strong separators, and before a 0."""
    groups = [found.span() for found in _GROUP.finditer(text, start, end)]
    return [
        (before, after)
        for (first, before), (after, _) in pairwise(groups)
        if (text[after] == "0" and before - first > 1) or _NOT_IN_ONE_NUMBER.search(text, before, after)
    ]


def _stretches(text: str, start: int, end: int) -> Iterator[Span]:
    """What may be one number in a window of several: from each place where one may begin, the longest first."""
    joints = _joints(text, start, end)
    firsts, lasts = [start, *(after for _, after in joints)], [*(before for before, _ in joints), end]
    for place, first in enumerate(firsts):
        for last in reversed(lasts[place:]):
            if _LEAST <= sum(letter.isdecimal() for letter in text[first:last]) <= _MOST:
                yield first, last
