"""Reading one public page of ours, such as the privacy notice (rule C-28). Nothing else is asked of that host."""

import requests

from bot.egress.door import Door
from bot.egress.feeds import feed_rules
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
