"""What leads to a private person and should not stand in public: numbers and addresses, with their places.

Owns the label personal_data, the order of looking, and masking. It says where such data stand so that the desk can
cover them; it never takes a post out of anybody's sight.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from bot.detectors.personal_addresses import find_mails, find_streets
from bot.detectors.personal_numbers import customer_pattern, find_numbers
from bot.detectors.personal_phones import Phones
from bot.detectors.rulebook import plainly
from bot.detectors.text import Clean, clean
from bot.model import Finding, Span

_SURE = {"iban": 990, "card": 950, "email": 950, "phone": 900, "insurance": 900, "tax": 900, "customer": 900}
_LESS_SURE = 800
_MOST = 300
"""Hits of numbers, of mails and of streets that are looked for; the reason of a post with more ends in "cut"."""

_HINT = re.compile(r"[\d@]|(?<![a-zäöüß])(?:at|ät|klammeraffe)(?![a-zäöüß])")
"""Without a digit or an at sign, spelt or not, a text holds no number, no address and no mail."""
_WORD = re.compile(r"[^\W\d_]")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_NUMBERS = re.compile(r"\d(?:[\W_]{0,3}\d){4}")
"""Without five digits near each other a text holds no number of anybody's."""

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_OTHER = re.compile(
    r"https?://(?!wa\.me/|(?:\w{1,20}\.)?whatsapp)\S{1,500}|www\.\S{1,200}"
    r"|(?<!\w)#\w{1,80}|(?<![\w.%+-])@[\w.@-]{1,80}|0x[0-9a-f]{1,16}"
    rf"|(?<![\w.]){_OCTET}(?:\.{_OCTET}){{3}}(?![\w])(?!\.\d)"
    rf"|(?<!\d)(?<!\d[./-]){_DAY}\. ?{_MONTH}\.(?: ?(?:19|20)?\d\d)?(?![\d/])(?![./-]\d)"
    rf"|(?<!\d)(?<!\d[./-]){_DAY}([/-]){_MONTH}\1(?:(?:19|20)\d\d|\d\d)(?![\d/])(?![./-]\d)"
    rf"|(?<!\d)(?<!\d[./-])(?:19|20)\d\d([./-]?){_MONTH}\2(?:0[1-9]|[12]\d|3[01])(?!\d)(?![./-]\d)"
    r"|(?<!\d)(?:[01]?\d|2[0-4])[.:][0-5]\d(?: ?[-\u2013] ?|(?: ?uhr)? ?bis ?)(?:[01]?\d|2[0-4])[.:][0-5]\d(?!\d)"
    r"|(?<![\w+.,])[1-9]\d{0,2}(?:[.,'’]\d{3}){1,5}(?:[.,]\d{1,2})?(?![\d])(?![.,]\d)"
)
"""Dates, hours, amounts, network addresses, tags, handles and links: numbers that are nobody's."""


class PersonalData:
    """Labels: none, personal_data, undetermined. The reason lists the kinds, in the order of the text.

    ``customer_numbers`` are patterns in the notation of the brand file ("K-########"), ``regions`` the countries whose
    numbering plans count ("DE"), ``public`` telephone numbers that the brand itself shows, ``own_domains`` the hosts of
    its own addresses.
    """

    name = "personal_data"
    version = "1"

    def __init__(
        self,
        customer_numbers: Sequence[str] = (),
        regions: Sequence[str] = ("DE", "AT", "CH", "GB"),
        public: Sequence[str] = (),
        own_domains: Iterable[str] = (),
    ) -> None:
        self._customer = customer_pattern(customer_numbers)
        self._phones = Phones(regions, public)
        self._own_domains = frozenset(domain.lower() for domain in own_domains)

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: the surest kind's, per mille. "cut": not everything was read."""
        return [self._look(clean(text)) for text in texts]

    def _look(self, seen: Clean) -> Finding:
        if not _HINT.search(seen.text):
            return self._say(seen, [], unread=seen.cut)
        text = seen.text if seen.origin is None else _FOREIGN_DIGIT.sub(lambda sign: str(int(sign[0])), seen.text)
        found: list[tuple[str, Span]] = []
        unread = seen.cut
        found += (("email", span) for span in islice(find_mails(text, self._own_domains), _MOST))
        found += (("address", span) for span in islice(find_streets(text), _MOST))
        if _NUMBERS.search(text):
            rest = _without(text, (span for _, span in found))
            found += islice(find_numbers(rest, self._customer), _MOST)
            phones, too_many = self._phones.find(_without(_OTHER.sub(_blank, rest), (span for _, span in found)))
            found += (("phone", span) for span in phones)
            unread = unread or too_many
        return self._say(seen, found, unread=unread or len(found) >= _MOST)

    def _say(self, seen: Clean, found: Sequence[tuple[str, Span]], *, unread: bool) -> Finding:
        if not found:
            label = "none" if _WORD.search(seen.text) else "undetermined"
            return plainly(self.name, self.version, label, 0, (), "cut" if unread else "")
        kinds = list(dict.fromkeys(kind for kind, _ in sorted(found, key=lambda hit: hit[1])))
        spans = tuple(_merged(seen.span(*span) for _, span in found))
        score = max(_SURE.get(kind, _LESS_SURE) for kind in kinds)
        reason = ",".join([*kinds, *(["cut"] if unread else [])])
        return Finding(self.name, self.version, "personal_data", score, spans, reason)


def mask(text: str, spans: Iterable[Span]) -> str:
    """``text`` with every letter and digit inside ``spans`` crossed out; it keeps its length, so other spans hold."""
    pieces, done = [], 0
    for start, end in _merged(spans):
        pieces += [text[done:start], re.sub(r"[^\W_]", "x", text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order, empty ones left out, those that overlap as one."""
    start = end = -1
    for first, last in sorted(span for span in spans if span[0] < span[1]):
        if first < end:
            end = max(end, last)
            continue
        if end >= 0:
            yield start, end
        start, end = first, last
    if end >= 0:
        yield start, end


def _without(text: str, spans: Iterable[Span]) -> str:
    """``text`` with what was found already blotted out, so that no part of it is taken for something else."""
    pieces, done = [], 0
    for start, end in _merged(spans):
        pieces += [text[done:start], "\0" * (end - start)]
        done = end
    return "".join([*pieces, text[done:]]) if pieces else text


def _blank(found: re.Match[str]) -> str:
    return "\0" * len(found[0])
