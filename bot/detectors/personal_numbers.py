"""Numbers that lead to one person: accounts, cards, tax and insurance, and a brand's own customer numbers.

A number counts when its check digit holds and its shape is rare, or when a word before it says what it is.
Company numbers (VAT, register) are public by law and do not count.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.at import vnr
from stdnum.ch import ssn as ahv
from stdnum.de import idnr, stnr
from stdnum.gb import nhs, utr
from stdnum.us import ssn

from bot.model import Span

_GAP = r"[ ./\u2010-\u2015\u2212·_-]{0,2}"
_IS = r"[^\w\n]{0,3}(?:(?:nr|nummer|number|no|ist|lautet|is|war|was|hier|die|the)(?!\w)[^\w\n]{0,3}){0,3}"
_IBAN_LENGTHS = {
    country: int(length)
    for country, length in re.findall(
        r"([a-z]{2})(\d\d)",
        "ad24 ae23 al28 at20 az28 ba20 be16 bg22 ch21 cy28 cz24 de22 dk18 ee20 es24 fi18 fo18 fr27 gb22 ge22 gi23 gl18 "
        "gr27 hr21 hu28 ie22 il23 is26 it27 li21 lt20 lu20 lv21 mc27 md24 me22 mk19 mt31 nl18 no15 pl28 pt25 ro24 rs22 "
        "sa24 se24 si19 sk24 sm27 tn24 tr26 ua29 xk20",
    )
}
"""Length of an IBAN by country (ISO 13616, registry of the standard's keeper)."""
_IBAN = re.compile(rf"(?<!\w)[a-z]{_GAP}[a-z]{_GAP}\d{_GAP}\d(?:{_GAP}[a-z0-9]){{11,30}}")
_IBAN_SAID = re.compile(r"(?:iban|konto\w*|account)[^\w\n]{0,3}(?:(?:ist|lautet|is|nr|no)[^\w\n]{0,3})?$")

_CARD = re.compile(rf"[2-6](?<!\w.)(?:{_GAP}\d){{11,18}}(?!\w)")
_CARD_KINDS = re.compile(
    r"4\d{15}(?:\d{3})?|5[1-5]\d{14}|2(?:2[3-9]|[3-6]\d|7[01])\d{13}|222[1-9]\d{12}|2720\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|6(?:011|5\d\d|4[4-9]\d)\d{12}|(?:50|5[6-8]|67)\d{14}(?:\d{3})?"
)
"""Beginnings and lengths of the great card schemes: a long number that passes Luhn by chance is rarely one of them."""
_NO_CARD = re.compile(r"(?:imei|iccid|sim|sendung\w*|paket\w*|parcel|tracking\w*|serien\w*|serial\w*|ean|sn)\W.{0,12}$")


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of number: its kind, its shape in cleaned text, and what its letters and digits must pass."""

    kind: str
    shape: re.Pattern[str]
    check: Callable[[str], bool]


def find_numbers(text: str, customer: re.Pattern[str] | None) -> Iterator[tuple[str, Span]]:
    """Kind and span of every number in cleaned ``text``; spans may overlap. ``customer`` is the brand's own pattern."""
    yield from (("iban", span) for span in _ibans(text))
    yield from (("card", found.span()) for found in _CARD.finditer(text) if _is_card(text, found))
    for sort in (*_BARE, *(_NAMED if _ANY_NAME.search(text) else ())):
        for found in sort.shape.finditer(text):
            if sort.check(_compact(found["number"])):
                yield sort.kind, found.span("number")
    for found in _CUSTOMER_SAID.finditer(text):
        yield "customer", found.span("number")
    if customer is not None:
        yield from (("customer", found.span()) for found in customer.finditer(text))


def customer_pattern(notations: Sequence[str]) -> re.Pattern[str] | None:
    """The brand's own numbers: "#" stands for a digit, "@" for a letter, anything else for itself.

    Signs between the parts may be missing or be others, and people put spaces between digits. Nothing repeats without
    a limit, so no notation can make the search slow.
    """
    signs = [[sign for sign in notation.lower() if sign.isalnum() or sign in "#@"] for notation in notations]
    shapes = [_GAP.join(map(_sign, known)) for known in signs]
    return re.compile(rf"(?<![\w#@])(?:{'|'.join(shapes)})(?!\w)") if shapes else None


def _sign(sign: str) -> str:
    return {"#": r"\d", "@": "[a-z]"}.get(sign, re.escape(sign))


def _ibans(text: str) -> Iterator[Span]:
    for found in _IBAN.finditer(text):
        signs = [place for place in range(*found.span()) if text[place].isalnum()]
        length = _IBAN_LENGTHS.get(text[signs[0]] + text[signs[1]], 0)
        if not 0 < length <= len(signs):
            continue
        end = signs[length - 1] + 1
        number = "".join(text[place] for place in signs[:length])
        said = _IBAN_SAID.search(text[max(0, found.start() - 24) : found.start()])
        if text[end : end + 1].isalnum() or not number.isascii():
            continue
        if iban.is_valid(number, check_country=False) or (said and sum(map(str.isdecimal, number)) > length // 2):
            yield found.start(), end


def _is_card(text: str, found: re.Match[str]) -> bool:
    digits = _compact(found[0])
    if not _CARD_KINDS.fullmatch(digits) or len(set(digits)) == 1 or not luhn.is_valid(digits):
        return False
    return _NO_CARD.search(text[max(0, found.start() - 30) : found.start()]) is None


def _compact(written: str) -> str:
    return "".join(letter for letter in written if letter.isalnum()).upper()


def _said(kind: str, words: str, number: str, check: Callable[[str], bool]) -> Sort:
    """A number that needs one of ``words`` before it."""
    return Sort(kind, re.compile(rf"(?<!\w)(?:{words})(?!\w){_IS}(?P<number>{number})(?!\w)"), check)


def _bare(kind: str, number: str, check: Callable[[str], bool]) -> Sort:
    """A number whose shape is enough."""
    return Sort(kind, re.compile(rf"(?P<number>{number})(?!\w)"), check)


_PENSION_WEIGHTS = (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1)
_PENSION_DAYS = frozenset({*range(1, 32), *range(51, 82)})
"""The day of birth, or the day plus 50 where the day's own numbers had run out."""


def _pension(number: str) -> bool:
    """German pension insurance: area, birth date, initial, serial, check digit (weights of its regulation, VKVV)."""
    day, month = int(number[2:4]), int(number[4:6])
    weighed = f"{number[:8]}{ord(number[8]) - 64:02d}{number[9:11]}"
    total = sum(_cross_sum(int(digit) * weight) for digit, weight in zip(weighed, _PENSION_WEIGHTS, strict=True))
    return day in _PENSION_DAYS and 1 <= month <= 12 and total % 10 == int(number[11])  # noqa: PLR2004 - months


def _health(number: str) -> bool:
    """German health insurance: a letter and nine digits, the last of them the check digit (Luhn's weights)."""
    weighed = f"{ord(number[0]) - 64:02d}{number[1:9]}"
    total = sum(_cross_sum(int(digit) * (1 + place % 2)) for place, digit in enumerate(weighed))
    return total % 10 == int(number[9])


def _cross_sum(number: int) -> int:
    return number // 10 + number % 10


def _run(least: int, most: int | None = None) -> str:
    return rf"\d(?:{_GAP}\d){{{least - 1},{(most or least) - 1}}}"


_TAX_ID = r"(?:steuer[ -]?)?(?:id(?:ent(?:ifikations)?)?)[ .-]?(?:nr|nummer)\.?|steuer[ -]?id|idnr|tax[ -]?id|tin"
_TAX_NUMBER = r"steuer[ -]?(?:nr|nummer)\.?|st\.?[ -]?nr\.?|tax number"
_INSURED = r"versicherten[ -]?(?:nr|nummer)\.?|kvnr|kranken(?:versich|kass)\w*|gesundheitskarte|health insurance number"
_SOCIAL = r"sv[ -]?n(?:r|ummer)\.?|(?:(?:sozial|renten)?versicherungs?)[ -]?(?:nr|nummer)?\.?"
_EDGE = r"(?<![\w+/.-].)"
"""Stands behind the first sign of a bare number, where it costs a search least."""
_NINO = rf"[a-ceghj-prstw-z]{_EDGE}[a-ceghj-nprstw-z](?<!bg|gb|nk|kn|tn|nt|zz)"
_UTR = "utr|unique taxpayer reference"
_NATIONAL = "national insurance|nino|ni(?= ?(?:number|no|nr))"
_AMERICAN = "ssn|social security"

_BARE = (
    _bare("tax", rf"\d{_EDGE}\d \d{{3}} \d{{3}} \d{{3}}(?! ?[\d€$£%])", idnr.is_valid),
    _bare("tax", rf"\d{_EDGE}\d{{1,2}}/\d{{3}}/\d{{5}}|\d{_EDGE}\d\d/\d{{4}}/\d{{4}}", stnr.is_valid),
    _bare("insurance", rf"\d{_EDGE}\d{_GAP}\d{{6}}{_GAP}[a-z]{_GAP}\d{{3}}", _pension),
    _bare("insurance", rf"7{_EDGE}56{_GAP}\d{{4}}{_GAP}\d{{4}}{_GAP}\d\d", ahv.is_valid),
    _bare("insurance", rf"{_NINO} \d\d ?\d\d ?\d\d ?[a-d]", lambda _: True),
    _bare("insurance", rf"\d{_EDGE}\d\d-\d\d-\d{{4}}", ssn.is_valid),
)
"""Shapes that are rare enough to stand alone."""

_NAMED = (
    _said("tax", _TAX_ID, _run(11), idnr.is_valid),
    _said("tax", _TAX_NUMBER, _run(10, 13), stnr.is_valid),
    _said("tax", _UTR, _run(10), utr.is_valid),
    _said("insurance", _INSURED, rf"[a-z]{_GAP}{_run(9)}", _health),
    _said("insurance", _SOCIAL, _run(10), vnr.is_valid),
    _said("insurance", _NATIONAL, rf"{_NINO} ?\d\d ?\d\d ?\d\d ?[a-d]", lambda _: True),
    _said("insurance", "nhs", _run(10), nhs.is_valid),
    _said("insurance", _AMERICAN, _run(9), ssn.is_valid),
)
"""Shapes that need a word which says what they are."""
_ANY_NAME = re.compile(rf"\b(?:{_TAX_ID}|{_TAX_NUMBER}|{_UTR}|{_INSURED}|{_SOCIAL}|{_NATIONAL}|nhs|{_AMERICAN})")

_CUSTOMER_SAID = re.compile(
    r"(?<!\w)(?:(?:kunden?|vertrags?(?:konto)?|auftrags?|bestell|rechnungs?|konto|mitglieds?|anschluss|buchungs)[ -]?"
    r"(?:nr|nummer|no|id|konto)|kd[ .-]{0,2}(?:nr|nummer)|(?:customer|account|contract|order|invoice|member(?:ship)?"
    rf"|booking)[ -]?(?:number|no|nr|num|id|ref(?:erence)?))(?!\w)\.?{_IS}"
    rf"(?P<number>(?:[a-z]{{1,3}}{_GAP})?{_run(5, 20)})(?!\w)"
)
