"""Personal data in posts: covered until somebody on the page asks to see them, and named by their kinds.

Owns the words for them, also for a post whose data nobody knows in full.

They stand in public already; covering them keeps them off screens, out of screenshots and out of replies.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from flask import request

from bot.desk.i18n import _, lazy_gettext
from bot.model import Finding, Span

DETECTOR = "personal_data"
"""The detector's name, and its label for a post that holds some."""

ATTACHED = "personal_attached"
"""The name under which the detector speaks of quoted words, descriptions of pictures and answers of polls."""

_KINDS: Mapping[str, str] = {
    "phone": lazy_gettext("telephone number"),
    "iban": lazy_gettext("IBAN"),
    "card": lazy_gettext("card number"),
    "tax": lazy_gettext("tax number"),
    "insurance": lazy_gettext("insurance number"),
    "email": lazy_gettext("e-mail address"),
    "address": lazy_gettext("street address"),
    "customer": lazy_gettext("customer number"),
}


def kinds(reason: str) -> str:
    """The kinds that a finding's reason lists, in words; what is no kind is left out."""
    return ", ".join(str(_KINDS[kind]) for kind in reason.split(",") if kind in _KINDS)


def partly_read(finding: Finding) -> bool:
    """Whether the detector left some of the post unread: what it did not name may be there all the same."""
    return "cut" in finding.reason.split(",")


def told_in(findings: Sequence[Finding]) -> str:
    """What is known of a post's personal data, in words: their kinds, and whether more may be there; "" for none."""
    told: list[str] = []
    for finding in findings:
        if finding.detector == ATTACHED:
            told.append(_("in what is attached or quoted"))
        if finding.detector != DETECTOR:
            continue
        told += [
            kinds(finding.reason),
            _("not all of it was read") if partly_read(finding) else "",
            _("not assessed") if finding.failed else "",
        ]
    return ", ".join(filter(None, told))


def found_in(findings: Sequence[Finding]) -> bool:
    """Whether there is something to cover or to show."""
    return any(finding.label == DETECTOR or finding.detector == ATTACHED for finding in findings)


def covers_attached(findings: Sequence[Finding]) -> bool:
    """Whether what hangs on the post is covered: personal data stand there, and the page does not ask to see them."""
    if request.args.get("personal") == "show":
        return False
    return any(finding.detector == ATTACHED for finding in findings)


def hidden(findings: Sequence[Finding]) -> list[Span]:
    """What is covered of a post: all its personal data, unless the address of this page asks to see them."""
    if request.args.get("personal") == "show":
        return []
    return [span for finding in findings if finding.detector == finding.label == DETECTOR for span in finding.spans]


def staff_in(text: str, names: Sequence[str]) -> list[Span]:
    """Where the names of colleagues stand in a text, as whole words and however they are spelled (W-04)."""
    return [found.span() for found in _any_of(tuple(names)).finditer(text)] if names else []


@lru_cache(maxsize=4)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    spelled = "|".join(r"\s+".join(map(re.escape, known.split())) for known in longest_first)
    return re.compile(rf"(?<!\w)(?:{spelled})(?:'?s)?(?!\w)", re.IGNORECASE)
