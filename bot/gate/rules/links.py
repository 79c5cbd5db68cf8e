"""Where a reply may lead: our own public pages, never a private channel. C-23."""

import re
from urllib.parse import urlsplit

from bot.gate.folding import visible
from bot.gate.phrases import negated, spoken_phrases
from bot.gate.rule import Question, allow, deny, missing
from bot.gate.ruleset import Ruleset
from bot.model import RuleResult

_WITH_SCHEME = re.compile(r"(?<![\w+.-])[a-z][a-z0-9+.-]{0,30}:/{1,3}\S+", re.IGNORECASE)
_OTHER_SCHEME = re.compile(
    r"(?<![\w+.-])(?:mailto|tel|sms|javascript|data|whatsapp|tg|signal|skype|xmpp):\S", re.IGNORECASE
)
_BARE_HOST = re.compile(r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,8}([^\W\d_]{2,24})(?![\w-])", re.IGNORECASE)
_MENTION = re.compile(r"@[\w.-]+@[\w.-]+")
_BEFORE = 6
"""A "never" this many words before a private channel turns the sentence round."""
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
        fault = _fault(found.rstrip(_TRAILING), hosts, ruleset)
        if fault:
            return deny("C-23", fault)
    if _bare_hosts(_MENTION.sub(" ", _WITH_SCHEME.sub(" ", plain)), ruleset.links.endings) - hosts:
        return deny("C-23", "foreign")
    channels = spoken_phrases(text, ruleset.links.private_channels)
    if any(not negated(clause, start - _BEFORE, end, ruleset) for clause, start, end in channels):
        return deny("C-23", "private channel")
    return allow("C-23")


def _fault(link: str, hosts: frozenset[str], ruleset: Ruleset) -> str:
    """What is wrong with a link, "" when it is one of ours."""
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


def _bare_hosts(text: str, endings: tuple[str, ...]) -> frozenset[str]:
    """Words that platforms turn into links although no scheme stands before them."""
    found = (match for match in _BARE_HOST.finditer(text) if match[1].lower() in endings)
    return frozenset(match[0].lower() for match in found)
