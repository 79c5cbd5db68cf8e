"""The door itself: a session, and an adapter to mount on an SDK's own session.

Every request is read, judged by both layers, sent once over a fresh connection, read to the end within
one deadline and one size, and answered with success or an error of ``bot.errors``. It never retries.
"""

import functools
import http.client
import io
import ssl
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import urljoin

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from bot.egress.answers import NOT_JSON, TOO_LARGE, broken, budget, error_code, error_for, readable
from bot.egress.deadline import Deadline
from bot.egress.private import PRIVATE_WORDS, private_reason
from bot.egress.recorder import Recorder, exchange
from bot.egress.rules import Call, Malformed, Origin, Rule, judge, read_call, template
from bot.errors import EgressRefused, Transient
from bot.ports import RateBudget, RefusalSink

BODY_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of an answer after decompression. Forty long posts with everything around them are below one megabyte."""

DEADLINE_S: Final = 8.0
MAX_REDIRECTS: Final = 3
_LAST_RESORT_S: Final = 5.0
_CHUNK: Final = 65_536
_FRAMING: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})
_NOT_MODIFIED: Final = 304
_CONDITIONAL: Final = frozenset({"If-None-Match", "If-Modified-Since"})
BROKEN = (HTTPError, http.client.HTTPException, OSError)
"""What a connection raises that could not be made or broke."""


@functools.cache
def _tls() -> ssl.SSLContext:
    """Trust the authorities of ``requests`` and those that this machine's administrator installed."""
    context = ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)
    context.load_default_certs()
    return context


class DoorAdapter(HTTPAdapter):
    """A transport for ``requests`` that lets through what ``rules`` name, to ``hosts``, and nothing else.

    Args:
        platform: name under which refusals and the budget are kept.
        hosts: origins such as ``https://social.example``; scheme, host and port must all be equal.
        rules: the allow-list.
        refusals: hears of every refusal before it is raised.
        deadline_s: seconds for everything together, redirects included.
        body_limit: largest answer in bytes, after decompression.
        budget: if given, one is spent before each request and the platform's own headers are learned.
        account: our account that asks, where allowances are counted by account.
        recorder: if given, is told every read and its answer, without credentials, for evidence.
    """

    def __init__(
        self,
        platform: str,
        hosts: Iterable[str],
        rules: Sequence[Rule],
        refusals: RefusalSink,
        *,
        deadline_s: float = DEADLINE_S,
        body_limit: int = BODY_LIMIT,
        budget: RateBudget | None = None,
        account: str = "",
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__(max_retries=0)
        self._platform = platform
        self._origins = frozenset(Origin.of(host) for host in hosts)
        self._rules = tuple(rules)
        self._refusals = refusals
        self._deadline_s = deadline_s
        self._body_limit = body_limit
        self._budget = budget
        self._account = account
        self._recorder = recorder

    def send(  # noqa: PLR0917 - the signature of requests
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002 - the signature of requests; answers are always read here
        timeout: object = None,  # noqa: ARG002 - likewise; the deadline rules
        verify: object = True,  # noqa: ARG002, FBT002 - likewise; certificates are always verified
        cert: object = None,  # noqa: ARG002 - likewise
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002 - likewise; the door knows no proxy
    ) -> requests.Response:
        """Judge and send ``request`` and read the answer to its end.

        Raises:
            EgressRefused: it may not leave; it was recorded, and not one byte left.
            RateLimited, Transient, Unauthorised, Gone, Permanent, Uncertain: see ``bot.egress.answers``.
        """
        method, url = request.method or "", request.url or ""
        with Deadline(self._deadline_s) as deadline:
            for _ in range(MAX_REDIRECTS + 1):
                call, rule = self._admit(method, url, request)
                answer, text = self._exchange(call, rule, request.body, deadline)
                if not (300 <= answer.status < 400 and "Location" in answer.headers):  # noqa: PLR2004 - a redirect
                    return self._finish(request, rule, answer, text)
                url = self._next_hop(call, rule, url, answer.headers["Location"])
        raise Transient("The platform redirected us too often.")

    def _admit(self, method: str, url: str, request: requests.PreparedRequest) -> tuple[Call, Rule]:
        """Read and judge one request by both layers; with the rule that lets it leave."""
        try:
            call = read_call(method, url, request.body, request.headers)
        except Malformed as fault:
            raise self._refuse("(unreadable)", str(fault)) from None
        verdict = private_reason(call) or judge(call, self._rules)
        if not isinstance(verdict, str) and call.origin not in self._origins:
            verdict = "host not configured"
        if isinstance(verdict, str):
            raise self._refuse(f"{call.method} {self._template(call.path)}", verdict)
        return call, verdict

    def _template(self, path: str) -> str:
        return template(path, self._rules, PRIVATE_WORDS)

    def _refuse(self, endpoint: str, reason: str) -> EgressRefused:
        """Record a refusal; the caller raises what comes back."""
        self._refusals.refused(self._platform, endpoint, reason)
        return EgressRefused(f"The door refused {endpoint}: {reason}.")

    def _next_hop(self, call: Call, rule: Rule, url: str, location: str) -> str:
        """Where a redirect leads: only a read follows one, and only on the same server."""
        if call.method != "GET":
            refused = self._refuse(f"{call.method} {self._template(call.path)}", "redirect of a write")
            raise broken(str(refused), writing=rule.writing)
        following = urljoin(url, location)
        try:
            stays = Origin.of(following) == call.origin
        except Malformed:
            stays = False
        if not stays:
            raise self._refuse(f"{call.method} {self._template(call.path)}", "redirect to another host")
        return following

    def _exchange(
        self, call: Call, rule: Rule, body: str | bytes | None, deadline: Deadline
    ) -> tuple[BaseHTTPResponse, bytes]:
        """Send one request over a connection of its own and read the whole answer."""
        bucket = self._spend(call, rule)
        writing = rule.writing
        connection = self._connect(call.origin, deadline)
        try:
            # A fresh connection each time: a stale one would make a clean failure look like an uncertain send.
            connection.request(
                call.method,
                call.target,
                body=body,
                headers={**call.headers, "connection": "close"},
                preload_content=False,
            )
            answer = connection.getresponse()
            text = self._read(answer, deadline, writing=writing)
        except BROKEN:
            raise broken(self._sentence(deadline), writing=writing) from None
        finally:
            connection.close()
        # Reads only: what logs in carries a credential, and what writes is our own text.
        if self._recorder is not None and call.method == "GET":
            self._recorder(exchange(call, answer, text))
        learned = budget(answer.headers)
        if self._budget is not None and learned is not None:
            self._budget.learn(bucket, *learned)
        return answer, text

    def _spend(self, call: Call, rule: Rule) -> str:
        """Take one from the allowance that a request counts against; its bucket."""
        bucket = ":".join(filter(None, (self._platform, call.origin.host, self._account, rule.bucket)))
        if self._budget is not None:
            self._budget.spend(bucket)
        return bucket

    @staticmethod
    def _sentence(deadline: Deadline) -> str:
        return "The platform did not answer in time." if deadline.expired else "The connection broke off."

    def _connect(self, origin: Origin, deadline: Deadline) -> HTTPConnection:
        """Connect; whatever fails here, nothing was sent."""
        connection: HTTPConnection
        if origin.scheme == "https":
            connection = HTTPSConnection(origin.host, origin.port, timeout=deadline.remaining(), ssl_context=_tls())
        else:
            connection = HTTPConnection(origin.host, origin.port, timeout=deadline.remaining())
        try:
            connection.connect()
        except BROKEN:
            connection.close()
            raise Transient("The platform cannot be reached.") from None
        # From here on the deadline alone ends the wait; the socket's own timeout is only a last resort.
        connection.timeout = deadline.remaining() + _LAST_RESORT_S
        if connection.sock is not None:
            deadline.watch(connection.sock)
        return connection

    def _read(self, answer: BaseHTTPResponse, deadline: Deadline, *, writing: bool) -> bytes:
        """The whole body, decompressed piece by piece and never beyond the limit."""
        body = bytearray()
        while piece := answer.read(_CHUNK, decode_content=True):
            body += piece
            if len(body) > self._body_limit:
                raise broken(TOO_LARGE, writing=writing)
        if deadline.expired:
            raise broken(self._sentence(deadline), writing=writing)
        return bytes(body)

    def _finish(
        self, request: requests.PreparedRequest, rule: Rule, answer: BaseHTTPResponse, text: bytes
    ) -> requests.Response:
        """Turn a complete answer into a response or an error. "Not modified" is an answer to who asked for it."""
        writing = rule.writing
        error = error_for(answer.status, answer.headers, writing=writing)
        if error is not None and not (answer.status == _NOT_MODIFIED and _CONDITIONAL & set(request.headers)):
            error.code = error_code(text)
            raise error
        if text and rule.json and not readable(text):
            raise broken(NOT_JSON, writing=writing)
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _FRAMING}
        return self.build_response(
            request,
            HTTPResponse(io.BytesIO(text), headers, answer.status, reason=answer.reason, preload_content=False),
        )


class Door(requests.Session):
    """A session whose only way out is a ``DoorAdapter``. No environment, no proxies; answers bring no cookies in.

    Takes the arguments of ``DoorAdapter``.
    """

    def __init__(
        self,
        platform: str,
        hosts: Iterable[str],
        rules: Sequence[Rule],
        refusals: RefusalSink,
        *,
        deadline_s: float = DEADLINE_S,
        body_limit: int = BODY_LIMIT,
        budget: RateBudget | None = None,
        account: str = "",
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__()
        self.trust_env = False
        self.adapters.clear()
        self.mount(
            "",
            DoorAdapter(
                platform,
                hosts,
                rules,
                refusals,
                deadline_s=deadline_s,
                body_limit=body_limit,
                budget=budget,
                account=account,
                recorder=recorder,
            ),
        )
