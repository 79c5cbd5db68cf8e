"""Hears from a Mastodon server that our account has a notification, and nothing of what it says.

A notification may quote a post that is not for everyone. So the stream is a bell: each event makes the ordinary poll
run at once, and what that poll may read, keep and store is the only way in.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from bot.config.places import origin
from bot.connectors.fields import clean, part
from bot.connectors.mastodon import Source, client
from bot.connectors.tools import Tools
from bot.egress.events import SILENCE_S, EventStream
from bot.egress.mastodon import MASTODON_BELL
from bot.errors import Gone, Permanent

STREAM: Final = "/api/v1/streaming/user/notification"

REST_S: Final = 5.0
"""Seconds for each list that a poll asks for: 60 requests in the five minutes in which Mastodon allows 300."""

_SCHEMES: Final = {"wss": "https", "ws": "http", "https": "https", "http": "http"}


def bell(source: Source, tools: Tools) -> "MastodonBell | None":
    """What listens for notifications of ``source``; None where it is switched off.

    Raises:
        EarshotError: the token is missing.
    """
    return MastodonBell(source, tools) if source.streaming and source.mentions else None


class MastodonBell:
    """Listens for notifications of one account.

    Args:
        source: which account.
        tools: what the door needs.
        silence_s: seconds without a byte after which the stream counts as dead.
    """

    def __init__(self, source: Source, tools: Tools, silence_s: float = SILENCE_S) -> None:
        self.rest_s = REST_S * (1 + source.public + len(source.hashtags) + len(source.searches))
        self._client = client(source, tools)
        self._hosts = (self._client.origin, *([origin(source.streaming_server)] if source.streaming_server else []))
        self._stream = EventStream(
            "mastodon",
            self._hosts,
            MASTODON_BELL,
            tools.refusals,
            budget=tools.budget,
            account=source.account,
            deadline_s=tools.deadline_s,
            silence_s=silence_s,
        )

    def listen(self, ring: Callable[[], None]) -> None:
        """See ``Bell.listen``."""
        self._stream.listen(self._place() + STREAM, self._client.bearer, ring)

    def hang_up(self) -> None:
        """See ``Bell.hang_up``."""
        self._stream.hang_up()

    def check(self) -> None:
        """See ``Bell.check``."""
        self._stream.listen(self._place() + STREAM, self._client.bearer, lambda: None, begun=self._stream.hang_up)

    def _place(self) -> str:
        """Where the server says that it streams, if that is a host that the operator named; else the server itself.

        Raises:
            Permanent: it streams from a host that nobody named: our token does not go there.
            PlatformError: what the door says.
        """
        try:
            about = part(self._client.get("/api/v2/instance", {}))
        except Gone:
            return self._client.origin
        told = clean(part(part(about.get("configuration")).get("urls")).get("streaming"))
        if not told:
            return self._client.origin
        try:
            parts = urlsplit(told)
            place = f"{_SCHEMES.get(parts.scheme, '')}://{parts.netloc}"
        except ValueError:
            place = ""
        if place not in self._hosts:
            raise Permanent("This server streams from another host. Name that in streaming_server, if it is its own.")
        return place
