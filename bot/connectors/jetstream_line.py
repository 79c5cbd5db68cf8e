"""The connection to the one Jetstream server that is configured, read event by event."""

import contextlib
import logging
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import urlencode, urlsplit

from pydantic import AfterValidator, Field
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from bot.config.bases import Language, Name
from bot.config.models import Shape
from bot.config.places import server as server_of
from bot.connectors.bluesky_post import POST
from bot.egress.answers import error_for
from bot.errors import Transient
from bot.model import Platform

LARGEST: Final = 65_536
"""Bytes of one message; the server is asked to leave out what is larger."""

_OPEN_S, _CLOSE_S, _PING_S = 8.0, 1.0, 20.0
_QUEUE: Final = 256
"""Messages that the library reads ahead."""

_SERVER: Final = (
    "Write the server alone, such as wss://jetstream2.us-east.bsky.network. Only this machine may do with ws."
)

# The library would log every message that it reads. This logger is outside the tree, so no configuration wakes it.
_SILENT: Final = logging.Logger("jetstream", logging.CRITICAL + 1)  # noqa: LOG001


def stream_server(value: str) -> str:
    """A server that is spoken to over TLS; this machine's own may do without."""
    scheme, _, host = value.rpartition("://")
    plain = {"": "https", "wss": "https", "ws": "http"}.get(scheme)
    try:
        server_of(f"{plain or 'file'}://{host}")
    except ValueError:
        raise ValueError(_SERVER) from None
    return value


class Source(Shape):
    """A stream of all posts. ``account``, ``did`` and ``home`` are those of the Bluesky source that answers them."""

    kind: Literal[Platform.JETSTREAM]
    account: str = ""
    did: Annotated[str, Field(pattern=r"^(did:[a-z]+:[A-Za-z0-9._:%-]{1,256})?$")] = ""
    home: Annotated[Name, AfterValidator(server_of)] = "https://bsky.social"
    server: Annotated[Name, AfterValidator(stream_server)] = "wss://jetstream2.us-east.bsky.network"
    form: Literal["v1", "v2"] = "v1"
    languages: tuple[Language, ...] = ()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a fetch reads, and waits for the next event, and for the first one of a connection."""

    whole_ms: int = 5_000
    next_s: float = 1.0
    first_s: float = 5.0


class Line:
    """A connection to the one configured server.

    Raises:
        PlatformError: the server did not let us in, or did not answer.
    """

    def __init__(self, source: Source, begin: int, patience: Patience) -> None:
        self._patience, self._silent = patience, True
        self._open = contextlib.ExitStack()
        address = _address(source, begin)
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        try:
            self._connection: ClientConnection = self._open.enter_context(
                connect(
                    address,
                    # With an explicit address the library follows no redirect to another host.
                    address=(parts.hostname, port),
                    proxy=None,
                    compression=None,
                    user_agent_header="Earshot",
                    open_timeout=_OPEN_S,
                    close_timeout=_CLOSE_S,
                    ping_interval=_PING_S,
                    ping_timeout=_PING_S,
                    max_size=LARGEST,
                    max_queue=_QUEUE,
                    logger=_SILENT,
                )
            )
        except InvalidStatus as refusal:
            status, headers = refusal.response.status_code, refusal.response.headers
            told = error_for(status, headers, writing=False)
            raise told or Transient("The server answered, but not with a stream.") from None
        except (WebSocketException, OSError, ValueError, EOFError):
            raise Transient("The server could not be reached, or does not speak as a stream does.") from None

    def next(self) -> bytes | None:
        """The next message; ``None`` when none came in time.

        Raises:
            Transient: the connection broke.
        """
        wait = self._patience.first_s if self._silent else self._patience.next_s
        try:
            message = self._connection.recv(wait, decode=False)
        except TimeoutError:
            return None
        except (WebSocketException, OSError, ValueError, EOFError):
            raise Transient("The connection to the server broke.") from None
        self._silent = False
        return message

    def close(self) -> None:
        """Hang up. It takes a second at most."""
        with contextlib.suppress(WebSocketException, OSError, EOFError):
            self._open.close()


def _address(source: Source, begin: int) -> str:
    query: list[tuple[str, str | int]] = [("maxMessageSizeBytes", LARGEST), ("cursor", begin)]
    server = (source.server if "://" in source.server else f"wss://{source.server}").rstrip("/")
    if source.form == "v1":
        return f"{server}/subscribe?{urlencode([('wantedCollections', POST), *query])}"
    kinds = [("kinds", "commit"), ("kinds", "account"), ("collections", POST)]
    return f"{server}/xrpc/network.bsky.jetstream.subscribeEvents?{urlencode([*kinds, *query])}"
