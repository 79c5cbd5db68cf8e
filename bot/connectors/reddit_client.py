"""Speaks with Reddit for one account, through PRAW and the one door: an SDK that neither waits nor repeats.

The SDK's objects are not used: they fetch by themselves whenever a field is missing.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Final, Literal, cast
from urllib.parse import urlsplit

import praw
import requests
from praw.exceptions import PRAWException
from prawcore.auth import Authorizer
from prawcore.exceptions import OAuthException, PrawcoreException, RequestException
from prawcore.rate_limit import RateLimiter
from prawcore.sessions import FiniteRetryStrategy, Session
from pydantic import AfterValidator

from bot import __version__
from bot.config.bases import Name, Token
from bot.config.models import Shape
from bot.config.places import origin, server
from bot.connectors.fields import ODD_ANSWER, clean
from bot.connectors.pages import pieces
from bot.connectors.reddit_lists import PAGE, Query, Things, things_of
from bot.connectors.reddit_post import FULLNAME, NOTHING, Place, Thing
from bot.connectors.tools import Tools
from bot.egress.reddit import REDDIT
from bot.errors import EgressRefused, Permanent, PlatformError, Transient, Unauthorised, Uncertain
from bot.model import Platform

_REFUSED: Final = "Reddit refused our credentials."

# What the SDK raises on answers of a form that it does not expect; it wraps even the door's own errors.
_SDK_ERRORS = (PRAWException, PrawcoreException, ValueError, TypeError, AttributeError, LookupError, AssertionError)


def _alone(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{2,23}", value):
        raise ValueError("Write the name alone, without u/ or r/.")
    return value


def _agent(value: str) -> str:
    if value and not re.fullmatch(r"[!-~][ -~]{5,198}[!-~]", value):
        raise ValueError("A user agent has 7 to 200 plain characters, such as: python:example:v1 (by /u/name)")
    return value


Subreddit = Annotated[Name, AfterValidator(_alone)]


class Source(Shape):
    """One account on Reddit.

    ``searches`` find posts, in the whole site or in ``subreddits`` alone; comments cannot be searched, but those of
    ``comments_of`` are read one and all. ``approval`` names what Reddit wrote when it approved our use of its API:
    without it nothing is published. ``permitted`` are the subreddits whose moderators let us answer (rule C-30).
    """

    kind: Literal[Platform.REDDIT]
    account: Annotated[Name, AfterValidator(_alone)]
    client_id: Token
    client_secret: Token
    refresh_token: Token
    user_agent: Annotated[str, AfterValidator(_agent)] = ""
    subreddits: tuple[Subreddit, ...] = ()
    comments_of: tuple[Subreddit, ...] = ()
    searches: tuple[Name, ...] = ()
    mentions: bool = True
    replies: bool = True
    profiles: bool = False
    approval: str = ""
    permitted: tuple[Subreddit, ...] = ()
    reddit_url: Annotated[Name, AfterValidator(server)] = "https://www.reddit.com"
    oauth_url: Annotated[Name, AfterValidator(server)] = "https://oauth.reddit.com"


@contextlib.contextmanager
def translated(*, writing: bool = False) -> Iterator[None]:
    """Let errors of the door out as they were raised, and no error of the SDK: those may quote an answer.

    Raises:
        PlatformError: what the door said; Unauthorised for refused credentials; else Transient for a read and
            Uncertain for a write.
    """
    try:
        yield
    except _SDK_ERRORS as failure:
        if isinstance(failure, OAuthException):
            raise Unauthorised(_REFUSED) from None
        cause = failure.original_exception if isinstance(failure, RequestException) else None
        if isinstance(cause, PlatformError):
            raise cause from None
        raise (Uncertain(ODD_ANSWER) if writing else Transient(ODD_ANSWER)) from None


class _Once(FiniteRetryStrategy):
    """No second try. The SDK's own strategy sleeps even before a first and only one."""

    def _sleep_seconds(self) -> float | None:
        return None

    def should_retry_on_failure(self) -> bool:
        """Never."""
        return False


class _Unhurried(RateLimiter):
    """Neither sleeps nor reads headers: the door keeps the allowance."""

    def delay(self) -> None:
        """Go on at once."""

    def update(self, *, response_headers: Mapping[str, str]) -> None:
        """Leave the headers to the door."""


class Client:
    """Our account on Reddit: the SDK on top of the door.

    Args:
        source: which account.
        secret: name of a secret -> the secret. They go nowhere but into requests for access.
        door: the session that every request goes through.
    """

    def __init__(self, source: Source, secret: Callable[[str], str], door: requests.Session) -> None:
        site = origin(source.reddit_url)
        self.place = Place(urlsplit(site).netloc, site, source.account, source.profiles)
        # Every option is given: what is not could come from a stray praw.ini or from the environment.
        sdk = praw.Reddit(
            "DEFAULT",
            requestor_kwargs={"session": door},
            client_id=secret(source.client_id),
            client_secret=secret(source.client_secret),
            refresh_token=secret(source.refresh_token),
            redirect_uri=None,
            username=None,
            password=None,
            user_agent=source.user_agent or f"python:earshot:v{__version__} (by /u/{source.account})",
            reddit_url=site,
            oauth_url=origin(source.oauth_url),
            short_url=site,
            comment_kind="t1",
            redditor_kind="t2",
            submission_kind="t3",
            message_kind="t4",
            subreddit_kind="t5",
            trophy_kind="t6",
            check_for_async=False,
            check_for_updates=False,
            ratelimit_seconds=0,
            timeout=16,
            window_size=600,
        )
        # The SDK has no public way to switch off its waits and repeats.
        core = cast("Session | None", sdk._core)  # noqa: SLF001
        if core is None or not isinstance(core.authorizer, Authorizer):
            raise Permanent("The installed PRAW does not log in as expected.")
        core._retry_strategy_class = _Once  # noqa: SLF001
        core._rate_limiter = _Unhurried(window_size=600)  # noqa: SLF001
        self._sdk, self._access = sdk, core.authorizer

    def get(self, path: str, query: Query) -> object:
        """Read ``path``; the parsed answer.

        Raises:
            PlatformError: what the door says.
        """
        self._log_in()
        try:
            return self._ask("GET", path, query)
        except Unauthorised:
            # Access may end before its time, and the SDK uses it for some seconds longer than that.
            self._access.access_token = None
        self._log_in()
        return self._ask("GET", path, query)

    def post(self, path: str, form: Mapping[str, str], *, creates: bool) -> object:
        """Send ``form`` once; the parsed answer.

        Raises:
            PlatformError: what the door says. Before access is given, nothing can be uncertain.
        """
        self._log_in()
        try:
            return self._ask("POST", path, {}, form, writing=creates)
        except Unauthorised:
            self._access.access_token = None
            raise

    def _ask(
        self,
        method: str,
        path: str,
        query: Query,
        form: Mapping[str, str] | None = None,
        *,
        writing: bool = False,
    ) -> object:
        with translated(writing=writing):
            answer: object = self._sdk.request(
                method=method, path=path, params=dict(query), data=None if form is None else dict(form)
            )
        return answer

    def _log_in(self) -> None:
        """Get access, if we have none, for the refresh token."""
        if self._access.is_valid():
            return
        try:
            with translated():
                self._access.refresh()
        except EgressRefused:
            raise
        except Permanent:
            raise Unauthorised(_REFUSED) from None

    def listing(self, path: str, query: Query) -> tuple[Things, str]:
        """One page of a list, newest first, and what the next one begins after; "" at the end.

        Raises:
            PlatformError: what the door says; Transient if the answer is no list.
        """
        return things_of(self.get(path, query))

    def info(self, fullnames: Iterable[str]) -> dict[str, Thing]:
        """Comments and posts by their fullnames. What is not there, or not for us, is missing.

        Raises:
            PlatformError: what the door says; Transient if the answer is no list.
        """
        wanted = _askable(fullnames)
        found: dict[str, Thing] = {}
        for start in range(0, len(wanted), PAGE):
            found |= self._told(wanted[start : start + PAGE])
        return {key: found[key] for key in wanted if key in found}

    def most_of(self, fullnames: Iterable[str]) -> dict[str, Thing]:
        """The same for a reader: what spoils the answer is missing, too, and holds up no other. Raises likewise."""
        wanted = _askable(fullnames)
        found: dict[str, Thing] = {}
        for start in range(0, len(wanted), PAGE):
            keys = wanted[start : start + PAGE]
            things, _ = pieces(partial(self._some, keys), 0, len(keys))
            found |= {key: thing for key, thing in zip(keys, things, strict=True) if thing}
        return found

    def _some(self, keys: Sequence[str], at: int, size: int) -> list[Thing]:
        found = self._told(keys[at : at + size])
        return [found.get(key, NOTHING) for key in keys[at : at + size]]

    def _told(self, keys: Sequence[str]) -> dict[str, Thing]:
        things, _ = self.listing("api/info/", {"id": ",".join(keys)})
        return {clean(thing.get("name")): thing for thing in things}


def _askable(fullnames: Iterable[str]) -> list[str]:
    return [key for key in dict.fromkeys(fullnames) if FULLNAME.fullmatch(key)]


def client(source: Source, tools: Tools) -> Client:
    """Our account of ``source`` behind the door.

    Raises:
        EarshotError: a secret is missing.
    """
    hosts = [origin(source.reddit_url), origin(source.oauth_url)]
    door = tools.door("reddit", hosts, REDDIT, source.account)
    return Client(source, tools.secret, door)
