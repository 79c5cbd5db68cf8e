"""E-mail addresses and street addresses of people, German and English, disguised ones included.

A street with a number is an address only with its town, or where somebody says that they live there: without either
it is where a mast stands or a shop. Addresses of offices ("info@") and handles of the fediverse do not count.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence

from bot.model import Span

_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyz0123456789äöüß._%+-")
_LONGEST_LOCAL = 64
"""RFC 5321, 4.5.3.1.1."""
_DOMAIN = re.compile(r"((?:[a-z0-9äöü-]{1,63}\.){1,4})[a-z]{2,24}(?![\w@])")
_AT_SIGN = re.compile(r"@ ?(?=[a-z0-9äöü][a-z0-9äöü-]{0,62}\.)")
"""Before something with a dot: most at signs stand before the name of somebody."""
_BRACKETED_AT = re.compile(r"[\[({<*_-] ?(?:at|ät|@|klammeraffe) ?[\])}>*_-] ?(?=[a-z0-9äöü])")
_BARE_AT = re.compile(r" (?:at|ät|klammeraffe) (?=[a-z0-9äöü-]{1,63}(?: ?[\[({<]| dot | punkt | ?\. ?[a-z]))")
_SPELT_DOMAIN = re.compile(
    r"[a-z0-9äöü-]{1,63}(?P<dot> ?[\[({<] ?(?:dot|punkt|\.) ?[\])}>] ?| (?:dot|punkt) |\.| \. ?)"
    r"(?P<end>(?:[a-z0-9-]{2,20}(?:\.| dot | punkt )){0,2}[a-z]{2,10})(?!\w)"
)
_PROVIDERS = re.compile(
    r"(?:gmx|web|gmail|googlemail|google mail|outlook|hotmail|live|msn|yahoo|ymail|icloud|me|mac|aol|t-online|freenet"
    r"|posteo|mailbox|proton|protonmail|pm|tutanota|tuta|arcor|btinternet|sky|bluewin|hispeed|aon|chello|vodafone|1und1)"
    r"(?![a-z0-9-])"
)
_OFFICE = re.compile(
    r"(?:info|service|support|kontakt|contact|hilfe|help|helpdesk|kunden\w+|presse|press|datenschutz|privacy|no-?reply"
    r"|donotreply|office|hello|hallo|team|vertrieb|sales|abuse|phishing|webmaster|postmaster|rechnung|billing|complaints"
    r"|beschwerden?|impressum|mail|post|feedback|careers|jobs|legal|security|customer\w*)"
)
_MAIL_SAID = re.compile(r"(?:e-?mail|mail|schreib\w*|erreich\w*|write|reach|contact)\b.{0,24}$")

_UNIT = r"(?:[ ]?[a-h](?!\w))?(?:[ ]?[-/+][ ]?\d{1,3}[a-h]?)?"
_ALONE = re.compile(r"[0-9](?<![\w,:/€$£#].)[0-9]{0,4}(?![0-9%€$£])")
"""A number that could be a house's: without one there is no address, and most posts have none."""
_HOUSE = re.compile(
    rf"[0-9](?:(?<=[a-zß.].)|(?<=[a-zß.] .)|(?<=[a-zß.]  .))[0-9]{{0,3}}{_UNIT}"
    r"(?![\w%€$]|[.,:]\d| ?(?:uhr|euro|tage?|stunden|min|mbit|gb|jahre)\b)"
)
_KINDS = tuple(
    re.findall(
        r"\S+",
        "straße strasse str str. weg allee platz gasse ring damm ufer chaussee steig stieg pfad hof kamp twiete markt "
        "promenade zeile grund berg feld winkel redder koppel garten brink blick horst wall graben deich kai",
    )
)

_NAME_BEFORE = re.compile(
    r"(?:(?<!\w)(?:am|an der|an den|auf dem|alte[rn]?|neue[rn]?|lange[rn]?|kurze[rn]?|große[rn]?|kleine[rn]?|obere[rn]?"
    r"|untere[rn]?|hohe[rn]?|breite[rn]?|[\w.-]{3,20}er) )?[\w.'’-]{0,30}$"
)
_LOOSE_STREET = re.compile(
    r"(?<!\w)(?:am|an der|an den|auf dem|auf der|auf den|in der|in den|im|zum|zur|zu den|unter den|unterm|hinter der"
    r"|hinter dem|hinterm|vor dem|vor der|beim|bei der)"
    r" (?!(?:jan|feb|m[aä]r|apr|mai|jun|jul|aug|sep|okt|nov|dez|mon|die|mit|don|fre|sam|son)\w{0,8} )"
    rf"[\w'’-]{{3,30}}(?: [\w'’-]{{3,30}})? \d{{1,3}}{_UNIT}$"
)
_TOWN = re.compile(
    r"[0-9](?<![\w.,/+].)[0-9]{3,4} "
    r"(?!(?:uhr|euro|eur|mbit|mal|tage|jahre|kunden|gb|mb|ist|und|war|immer|wieder|noch|nicht|kein\w*)\b)[a-zäöü][\w.-]{2,30}"
)

_TO_TOWN = re.compile(r"[ ]?(?:[,;|/·\n-]|in)?[ \n]{0,2}(?:(?:d|a|ch)-)?")
_PAST_A_PART = re.compile(r"[ ]?[,\n][ \n]?[\w. -]{1,24},[ \n]?")
_TOWN_FIRST = re.compile(r"(?<!\d)\d{4,5} [a-zäöü][\w.-]{2,30}(?: [\w.-]{1,20}){0,2},? $")

_ROAD = re.compile(
    r"[0-9](?<![\w.,:/£$€#+-].)[0-9]{0,4}[a-f]?,? (?:[a-z][a-z'’.-]{1,24} ){1,3}"
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|close|crescent|court|place|way|gardens|terrace|grove|boulevard|blvd"
    r"|square|mews|hill|park|row|walk)(?![\w'’])\.?"
)
_FLAT = re.compile(r"(?<!\w)(?:flat|apartment|apt|unit) \w{1,4},? $")
_BRITISH = re.compile(r"(?:,? ?[a-z][a-z .'’-]{1,30}){0,2},?[ \n]{0,2}[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2}(?!\w)")
_AMERICAN = re.compile(r",? (?:[a-z][a-z .'’-]{1,30},? )?[a-z]{2},? \d{5}(?:-\d{4})?(?!\w)")
_HOME = re.compile(
    r"(?<!\w)(?:wohn(?:e|en|t|haft|ung)?(?!\w)|(?:meine?r?|unsere?r?|liefer|post|privat|rechnungs)[ -]?"
    r"(?:adresse|anschrift)|(?:adresse|anschrift) ?(?::|ist|lautet)|zu ?hause|daheim|bei (?:mir|uns) "
    r"|schickt? (?:es |das |den |die )?an|(?:i|we) live|i['’]?m at|living at|(?:my|our) (?:home )?address"
    r"|address ?(?::|is)|(?:my|our) (?:house|flat|home)|deliver(?:ed|y)? (?:it )?to|sen[dt] (?:it )?to|come to)"
)
_PUBLIC_PLACE = re.compile(
    r"(?<!\w)\w{0,12}(?:shop|filiale|laden|geschäft|store|museum|zentrale|hauptsitz|hauptverwaltung|rathaus|kino|hotel"
    r"|bahnhof|haltestelle|headquarters|hq|office|branch|restaurant|café|cafe|pub|baustelle|verteilerkasten|cabinet)(?!\w)"
)
_NEAR, _FAR = 50, 90
"""Characters looked at before an address for who lives there, and after it for its town."""


def find_mails(text: str, own_domains: Collection[str]) -> Iterator[Span]:
    """Spans of people's e-mail addresses in cleaned ``text``; ``own_domains`` are the brand's and count for nobody."""
    if "@" in text:
        yield from _mails(text, own_domains)
    for found in _BRACKETED_AT.finditer(text):
        spelt = _spelt(text, found, own_domains)
        if spelt is not None:
            yield spelt[0], spelt[1].end()
    for found in _BARE_AT.finditer(text) if " at " in text or "ät " in text or "affe " in text else ():
        spelt = _spelt(text, found, own_domains)
        if spelt is not None and _meant(text, spelt[0], found.start(), spelt[1]):
            yield spelt[0], spelt[1].end()


def _mails(text: str, own_domains: Collection[str]) -> Iterator[Span]:
    """Addresses with a real at sign, perhaps with spaces around it."""
    for found in _AT_SIGN.finditer(text):
        end = _domain_end(text, found.end())
        if end is None:
            continue
        before = found.start() - (text[found.start() - 1 : found.start()] == " ")
        start = _local_start(text, before)
        spaced = before < found.start() or found[0] != "@"
        if start is None or (spaced and not _PROVIDERS.match(text, found.end())):
            continue
        if _of_a_person(text[start:before], text[found.end() : end], own_domains):
            yield start, end


def _local_start(text: str, end: int) -> int | None:
    """Where the name before an at sign begins; None for a handle, which has another at sign in front."""
    head = text[max(0, end - _LONGEST_LOCAL) : end]
    rest = len(head)
    while rest and head[rest - 1] in _LOCAL:
        rest -= 1
    local = head[rest:].lstrip("._%+-")
    if not local or (rest and head[rest - 1] in "@/"):
        return None
    return end - len(local)


def _domain_end(text: str, start: int) -> int | None:
    found = _DOMAIN.match(text, start, start + 255)
    return found.end() if found else None


def _of_a_person(local: str, domain: str, own_domains: Collection[str]) -> bool:
    if any(domain == own or domain.endswith(f".{own}") for own in own_domains):
        return False
    return not _OFFICE.fullmatch(local) or _PROVIDERS.match(domain) is not None


def _spelt(text: str, sign: re.Match[str], own_domains: Collection[str]) -> tuple[int, re.Match[str]] | None:
    """Where an address with its at sign in words begins, and its host."""
    before = sign.start() - (text[sign.start() - 1 : sign.start()] == " ")
    start, domain = _local_start(text, before), _SPELT_DOMAIN.match(text, sign.end())
    if start is None or domain is None:
        return None
    return (start, domain) if _of_a_person(text[start:before], _host(domain), own_domains) else None


def _host(domain: re.Match[str]) -> str:
    return domain[0].replace(" dot ", ".").replace(" punkt ", ".").replace(" ", "")


def _meant(text: str, start: int, end: int, domain: re.Match[str]) -> bool:
    """Whether a bare "at" is an at sign: two of four signs must say so, because most are none."""
    signs = (
        _PROVIDERS.match(_host(domain)) is not None,
        any(letter in "._%+-" or letter.isdecimal() for letter in text[start:end]),
        _MAIL_SAID.search(text[max(0, start - 40) : start]) is not None,
        domain["dot"] != ".",
    )
    return signs.count(True) >= 2  # noqa: PLR2004 - as the docstring says


def find_streets(text: str) -> Iterator[Span]:
    """Spans of street addresses in cleaned ``text``, with the town where it stands beside them."""
    if not _ALONE.search(text):
        return
    german = list(_german(text))
    loose = list(_loose(text))
    english = list(_ROAD.finditer(text))
    if not (german or loose or english):
        return
    homes = [found.start() for found in _HOME.finditer(text)]
    for start, end in german:
        span = _with_town(text, start, end)
        if (span != (start, end) or _said(homes, start, end)) and not _is_public(text, span[0], homes):
            yield span
    yield from (span for span in loose if not _is_public(text, span[0], homes))
    for found in english:
        end = found.end()
        code = _BRITISH.match(text, end, end + _FAR) or _AMERICAN.match(text, end, end + _FAR)
        if (code or _said(homes, *found.span())) and not _is_public(text, found.start(), homes):
            flat = _FLAT.search(text, max(0, found.start() - 20), found.start())
            yield (flat or found).start(), code.end() if code else end


def _german(text: str) -> Iterator[Span]:
    """Streets that a word such as "Straße" or "Weg" names, with their number."""
    for found in _HOUSE.finditer(text):
        end = found.start()
        while text[end - 1] == " ":
            end -= 1
        if text.endswith(_KINDS, max(0, end - 12), end):
            name = _NAME_BEFORE.search(text, max(0, end - _NEAR), end)
            if name and name[0] not in _KINDS:
                yield name.start(), found.end()


def _with_town(text: str, start: int, end: int) -> Span:
    """The span of a street with the town before or after it."""
    before = _TOWN_FIRST.search(text, max(0, start - _NEAR), start)
    return before.start() if before else start, _town_after(text, end) or end


def _loose(text: str) -> Iterator[Span]:
    """Streets without such a word, "Am Hang 4", which only a town behind them shows."""
    for town in _TOWN.finditer(text):
        first = max(0, town.start() - _NEAR)
        street = _LOOSE_STREET.search(text[first : town.start()].rstrip(" ,;|\n/·-"))
        if street:
            yield first + street.start(), town.end()


def _town_after(text: str, end: int) -> int | None:
    """Where the town behind a street ends; a part of the town or a floor may stand between them."""
    part = _PAST_A_PART.match(text, end)
    for place in (end, part.end()) if part else (end,):
        gap = _TO_TOWN.match(text, place)
        town = _TOWN.match(text, gap.end() if gap else place)
        if town:
            return town.end()
    return None


def _said(homes: Sequence[int], start: int, end: int) -> bool:
    """Somebody says that people live there."""
    place = bisect_left(homes, start - _NEAR)
    return place < len(homes) and homes[place] <= end + _NEAR // 2


def _is_public(text: str, start: int, homes: Sequence[int]) -> bool:
    """A shop, an office or a building site, and nobody's home."""
    return not _said(homes, start, start) and bool(_PUBLIC_PLACE.search(text, max(0, start - _NEAR), start))
