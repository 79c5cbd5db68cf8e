"""Where a reply may lead: our own public pages, never a private channel. C-23."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.gate.folding import visible
from bot.gate.phrases import Clause, find_phrases, negated, phrase_book, spoken_phrases
from bot.gate.rule import Question, allow, deny, missing
from bot.gate.ruleset import LinkWords, Ruleset
from bot.model import RuleResult

_WITH_SCHEME = re.compile(r"(?<![\w+.-])[a-z][a-z0-9+.-]{0,30}:/{1,3}\S+", re.IGNORECASE)
_OTHER_SCHEME = re.compile(
    r"(?<![\w+.-])(?:mailto|tel|sms|javascript|data|whatsapp|tg|signal|skype|xmpp):\S", re.IGNORECASE
)
_DOTTED = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+")
_MENTION_OR_MAIL = re.compile(r"[\w.+-]{0,64}@[\w.-]+(?:@[\w.-]+)?")
_BEFORE = 6
"""A "never" this many words before a private channel turns the sentence round."""
_AFTER = 3
"""... and so does one that ends the clause at most this many words after it ("DM uns bitte nicht")."""
_SHORTEST_ENDING = 2
"""No top-level domain has a single letter, most abbreviations end with one ("z.B.", "e.g.")."""
_TRAILING = ".,;:!?)]}»“”\"'"


def links_only_to_us(question: Question) -> RuleResult:
    """C-23: https links to exactly our hosts, no shorteners, no bare domains, no way into a private channel."""
    text, hosts, ruleset = question.draft.text, question.context.allowed_hosts, question.ruleset
    if text is None or hosts is None:
        return missing("C-23", "hosts")
    plain = visible(text)
    if _OTHER_SCHEME.search(plain):
        return deny("C-23", "scheme")
    for found in _WITH_SCHEME.findall(plain):
        fault = link_fault(found.rstrip(_TRAILING), hosts, ruleset)
        if fault:
            return deny("C-23", fault)
    if _bare_hosts(_MENTION_OR_MAIL.sub(" ", _WITH_SCHEME.sub(" ", plain)), ruleset.links) - hosts:
        return deny("C-23", "foreign")
    channels = _channels(text, ruleset.links)
    if not all(_turned(clause, start, end, ruleset) for clause, start, end in channels):
        return deny("C-23", "private channel")
    return allow("C-23")


def link_fault(link: str, hosts: frozenset[str], ruleset: Ruleset) -> str:
    """What is wrong with a link, "" when it is https and leads to one of ``hosts``."""
    try:
        parts = urlsplit(link)
        port = parts.port
    except ValueError:
        return "malformed"
    host = (parts.hostname or "").lower()
    if host in ruleset.links.shorteners:
        return "shortener"
    if parts.scheme != "https":
        return "scheme"
    if "@" in parts.netloc or "\\" in link or port is not None or parts.netloc.lower() != host:
        return "malformed"
    return "" if host in hosts else "foreign"


def _bare_hosts(text: str, lists: LinkWords) -> set[str]:
    """Words that platforms may turn into links although no scheme stands before them."""
    hosts = set()
    for dotted in _DOTTED.findall(text):
        labels = dotted.split(".")
        while labels and not _ending(labels[-1], lists):
            labels.pop()
        if len(labels) > 1:
            hosts.add(".".join((*labels[:-1], _ending(labels[-1], lists))).lower())
    return hosts


def _ending(label: str, lists: LinkWords) -> str:
    """``label`` as the last part of a host, "" when it is none: digits, one letter, ".pdf", "Hallo.Danke"."""
    if label.lower().startswith("xn--"):
        return label
    word = label.partition("-")[0]  # "fjordfon.example-Seite"
    if len(word) < _SHORTEST_ENDING or not word.isalpha() or word.lower() in lists.no_endings:
        return ""
    sentence = word[0].isupper() and not word.isupper() and word.lower() not in lists.capitalised
    return "" if sentence else word


def _channels(text: str, lists: LinkWords) -> Iterator[tuple[Clause, int, int]]:
    """Every place where ``text`` speaks of a private channel, or of writing "privately"."""
    yield from spoken_phrases(text, lists.private_channels)
    for clause, start, end in spoken_phrases(text, lists.privately):
        if find_phrases(clause, phrase_book(lists.writing)):
            yield clause, start, end


def _turned(clause: Clause, start: int, end: int, ruleset: Ruleset) -> bool:
    """Whether the clause says that the channel is none."""
    last = len(clause) <= end + _AFTER and clause[-1] in ruleset.negations
    return last or negated(clause, start - _BEFORE, end, ruleset)
