"""Reading public pages: one of ours, such as the privacy notice (rule C-28), and those that evidence takes pictures of.

Never with a credential or a cookie.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import requests

from bot.egress.door import Door
from bot.egress.feeds import feed_rules
from bot.egress.recorder import Recorder
from bot.egress.rules import Call, Rule
from bot.errors import Gone, Permanent, Unauthorised
from bot.ports import RefusalSink


def read_page(url: str, refusals: RefusalSink) -> tuple[int, str]:
    """HTTP status and text of the page at ``url``; the text is "" unless the status is 200.

    Raises:
        Transient: the host did not answer, or not in time.
    """
    with Door("page", [url], feed_rules(url), refusals) as door:
        try:
            answer = door.get(url, headers={"User-Agent": "Earshot"})
        except Gone:
            return requests.codes.not_found, ""
        except (Permanent, Unauthorised):
            return requests.codes.forbidden, ""
        return answer.status_code, answer.text


@dataclass(frozen=True, slots=True)
class _AnyPage(Rule):
    """Every address of a host that the operator named: forums lead from a short one to a long one by themselves."""

    def fits(self, path: str) -> bool:  # noqa: ARG002 - whatever it is
        """See ``Rule.fits``."""
        return True

    def objection(self, call: Call) -> str:  # noqa: ARG002 - likewise
        """See ``Rule.objection``."""
        return ""


_PAGE_SECONDS: Final = 8.0


def read_public(url: str, hosts: Iterable[str], refusals: RefusalSink, recorder: Recorder) -> tuple[str, bytes]:
    """Content type and body of what stands at ``url``, as a stranger reads it; only from ``hosts``, given as origins.

    Raises:
        PlatformError: it was not given out, or its host is none of these.
    """
    rules = (_AnyPage("GET", "/", json=False, told_as="/:page"),)
    with Door("page", hosts, rules, refusals, deadline_s=_PAGE_SECONDS, recorder=recorder) as door:
        answer = door.get(url, headers={"User-Agent": "Earshot", "Accept": "text/html, text/css"})
        return str(answer.headers.get("Content-Type", "")), answer.content
