"""Event streams behind the door: that something came goes in, and nothing of what came.

The same two layers judge the request as any other. An answer may last for days; of it only the beginnings of lines are
looked at, six bytes each, so that a line of any length costs no memory and no word of it is kept.
"""

import re
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import requests
from urllib3.response import BaseHTTPResponse

from bot.egress.answers import error_for
from bot.egress.deadline import Deadline, cut
from bot.egress.door import BROKEN, DEADLINE_S, DoorAdapter
from bot.egress.rules import Rule
from bot.errors import Transient
from bot.ports import RateBudget, RefusalSink

SILENCE_S: Final = 60.0
"""Seconds without a byte after which a stream counts as dead. Mastodon sends a line of its own every 15 seconds."""

_CHUNK: Final = 65_536
_EVENT: Final = b"event:"
_END: Final = re.compile(rb"[\r\n]")


class EventLines:
    """Counts the lines of a stream that name an event (the WHATWG's server-sent events), piece by piece."""

    def __init__(self) -> None:
        self._begins = b""

    def ended(self, piece: bytes) -> int:
        """How many such lines end in ``piece``."""
        found = 0
        for number, part in enumerate(_END.split(piece)):
            if number:
                found += self._begins == _EVENT
                self._begins = b""
            self._begins += part[: len(_EVENT) - len(self._begins)]
        return found


class EventStream(DoorAdapter):
    """One stream at a time, of which nobody hears more than that an event came.

    Args:
        platform: name under which refusals and the budget are kept.
        hosts: origins that may be asked.
        rules: the allow-list.
        refusals: hears of every refusal before it is raised.
        budget: one is spent for each connection.
        account: our account that asks.
        deadline_s: seconds until the server must have begun to answer.
        silence_s: seconds without a byte after which we hang up.
    """

    def __init__(
        self,
        platform: str,
        hosts: Iterable[str],
        rules: Sequence[Rule],
        refusals: RefusalSink,
        *,
        budget: RateBudget | None = None,
        account: str = "",
        deadline_s: float = DEADLINE_S,
        silence_s: float = SILENCE_S,
    ) -> None:
        super().__init__(platform, hosts, rules, refusals, deadline_s=deadline_s, budget=budget, account=account)
        self._silence_s = silence_s
        self._line: socket.socket | None = None
        self._ended = False

    def listen(
        self, url: str, headers: Mapping[str, str], ring: Callable[[], None], begun: Callable[[], None] = lambda: None
    ) -> None:
        """Call ``begun`` when the stream at ``url`` begins and ``ring`` for every event; return after ``hang_up``.

        Raises:
            EgressRefused: it may not leave; it was recorded, and not one byte left.
            RateLimited, Unauthorised, Gone, Permanent: see ``bot.egress.answers``.
            Transient: the stream did not begin, broke, ended, or said nothing for too long.
        """
        told = {**headers, "Accept": "text/event-stream", "Accept-Encoding": "identity"}
        request = requests.Request("GET", url, headers=told).prepare()
        call, rule = self._admit("GET", url, request)
        self._spend(call, rule)
        with Deadline(self._deadline_s) as deadline:
            connection = self._connect(call.origin, deadline)
            self._line = connection.sock
            try:
                connection.request("GET", call.target, headers=call.headers, preload_content=False)
                answer = connection.getresponse()
            except BROKEN:
                connection.close()
                if self._ended:
                    return
                raise Transient(self._sentence(deadline)) from None
        try:
            self._check(answer)
            begun()
            if self._line is not None:
                self._line.settimeout(self._silence_s)
            lines = EventLines()
            while not self._ended and (piece := answer.read1(_CHUNK, decode_content=False)):
                if lines.ended(piece):
                    ring()
        except BROKEN:
            pass
        finally:
            connection.close()
            self._line = None
        if not self._ended:
            raise Transient("The stream ended.")

    def hang_up(self) -> None:
        """End the stream for good, from any thread and at once."""
        self._ended, line = True, self._line
        if line is not None:
            cut(line)

    @staticmethod
    def _check(answer: BaseHTTPResponse) -> None:
        """Refuse what is no stream; nobody reads the body of such an answer."""
        error = error_for(answer.status, answer.headers, writing=False)
        if error is not None:
            raise error
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "text/event-stream" or answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Transient("The server answered, but not with a stream.")
