"""The first stage: a page of a source becomes kept mentions, in one transaction with the source's cursor.

What is not public, our own, a repost, or heard by no watch is counted and dropped here; its text is
never stored. Nothing is looked at more closely than that.
"""

import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.errors import PlatformError, RateLimited, Unauthorised
from bot.model import Kind, Mention, Page, Trigger, Visibility
from bot.model.room import Room
from bot.ports import Clock, Connector, Keeper
from bot.store import copies, mentions, people, sources, threads
from bot.store import house as house_rows
from bot.store.db import Store, Tx
from bot.text import post_hash, storable
from bot.withdrawal import log_called_back, take_out

log = logging.getLogger(__name__)

LIMIT = 100
"""Posts a fetch: a transaction of this size stays below 20 ms."""

NOT_ABOUT_US = "not about us"
NOT_PUBLIC = "not public"
ERASED = "erased by its author"
NO_ROOM = "no room on the disk"

_BACKOFF_MS = (30_000, 60_000, 300_000, 900_000)
_LONGEST_WAIT_MS = 86_400_000
"""However long a platform asks us to wait: after a day we ask again."""

OwnAccounts = Callable[[Mention], frozenset[str]]
"""What our own accounts are called where a post was read: ids, and handles in lower case without "@"."""


def _no_key(_canonical_key: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Door:
    """What decides at the door.

    ``suspect`` says at a glance whether a text may hold a threat; ``belongs`` to which source and account a post
    that a source heard belongs; ``post_key`` under which key a post stands that its author had erased.
    """

    own: OwnAccounts
    keep: Keeper
    suspect: Callable[[str], bool]
    belongs: Callable[[Mention, str], tuple[str, str]]
    post_key: Callable[[str], str] = _no_key


def triggers(mention: Mention, own: frozenset[str]) -> tuple[Trigger, ...]:
    """How the author engaged with us (rule C-04); ``(NONE,)`` when they did not."""
    quoted = mention.quoted.author_id.lower() if mention.quoted else ""
    found = (
        (Trigger.MENTION, any(name.lower() in own for name in mention.own_mentions)),
        (Trigger.REPLY, mention.parent_author_id.lower() in own),
        (Trigger.QUOTE, quoted in own),
        (Trigger.OWN_PAGE, mention.owned_surface),
    )
    return tuple(trigger for trigger, fits in found if fits) or (Trigger.NONE,)


def verdict(mention: Mention, own: frozenset[str], keep: Keeper) -> str:
    """Why a post is dropped at the door, or "" if it is kept."""
    if mention.author.native_id.lower() in own or mention.author.handle.lower() in own:
        return "our own"
    if mention.kind is Kind.REPOST:
        return "repost"
    addressed = triggers(mention, own) != (Trigger.NONE,)
    if mention.visibility is not Visibility.PUBLIC and not (mention.visibility is Visibility.UNLISTED and addressed):
        return NOT_PUBLIC
    return "" if addressed or keep(mention) else NOT_ABOUT_US


def take(tx: Tx, page: Page, source: str, door: Door, at: int) -> Counter[str]:
    """Keep or drop every post of a page and save the cursor; returns the counts by reason.

    A stored post that was edited until nothing of it is about us is an edit like any other; one that is no longer
    public loses its words here at once.
    """
    counts: Counter[str] = Counter(dict(page.dropped))
    tight = house_rows.room(tx) is not Room.ENOUGH
    for fetched in page.mentions:
        own = door.own(fetched)
        reason = verdict(fetched, own, door.keep)
        heard_by, account = door.belongs(fetched, source)
        mention = _storable(replace(fetched, account=account))
        known = mentions.by_key(tx, mention.canonical_key) if reason in {NOT_ABOUT_US, NOT_PUBLIC} else None
        if known is not None and known["text_hash"] and reason == NOT_PUBLIC:
            take_out(tx, known, mention.visibility, at, cause="gone")
        if reason and (known is None or reason == NOT_PUBLIC):
            counts[reason] += 1
            continue
        if known is None and people.was_erased(tx, door.post_key(mention.canonical_key)):
            counts[ERASED] += 1
            continue
        if tight and _can_wait(tx, mention, own, door):
            counts[NO_ROOM] += 1
            continue
        kept, mention_id = mentions.keep(
            tx,
            mention,
            triggers=triggers(mention, own),
            source=heard_by,
            text_hash=post_hash(mention.text),
            suspect=door.suspect(mention.text),
            at=at,
        )
        if kept is mentions.Kept.NEW:
            copies.heard_again(tx, door.post_key(mention.canonical_key), mention_id)
        log_called_back(tx, threads.learn_root(tx, mention_id, mention.root_key, at), at, cause=threads.MERGED)
        counts[kept.value] += 1
    sources.count(tx, source, counts, at)
    sources.unheard(tx, source, at, more=bool(counts[NO_ROOM]), tight=tight)
    if page.gap is not None:
        sources.gap(tx, source, *page.gap, at)
    sources.fetched(tx, source, page.cursor, heard=bool(page.mentions), at=at)
    return counts


def _can_wait(tx: Tx, mention: Mention, own: frozenset[str], door: Door) -> bool:
    """Whether a post stays outside while room is tight: one that only a keyword found, unless it may be a threat."""
    if triggers(mention, own) != (Trigger.NONE,) or mentions.by_key(tx, mention.canonical_key) is not None:
        return False
    return not door.suspect(mention.text)


def _storable(mention: Mention) -> Mention:
    author, quoted = mention.author, mention.quoted
    if _all_storable(mention):
        return mention
    return replace(
        mention,
        author=replace(author, native_id=storable(author.native_id), handle=storable(author.handle)),
        quoted=quoted and replace(quoted, author_id=storable(quoted.author_id), text=storable(quoted.text)),
        media=tuple(replace(media, alt=storable(media.alt)) for media in mention.media),
        poll=tuple(map(storable, mention.poll)),
        own_mentions=tuple(map(storable, mention.own_mentions)),
        canonical_key=storable(mention.canonical_key),
        native_id=storable(mention.native_id),
        parent_key=storable(mention.parent_key),
        parent_author_id=storable(mention.parent_author_id),
        root_key=storable(mention.root_key),
        text=storable(mention.text),
        url=storable(mention.url),
        declared_language=storable(mention.declared_language),
    )


def _all_storable(mention: Mention) -> bool:
    """A quick look that spares nearly every post the rewriting of all its parts."""
    names = (mention.author.native_id, mention.author.handle, mention.native_id, mention.canonical_key, mention.url)
    threads = (mention.parent_key, mention.parent_author_id, mention.root_key, mention.declared_language)
    quoted = mention.quoted.text if mention.quoted else ""
    alts = (media.alt for media in mention.media)
    words = "".join((mention.text, quoted, *names, *threads, *mention.own_mentions, *mention.poll, *alts))
    return storable(words) == words


def poll(
    store: Store, connector: Connector, door: Door, clock: Clock, chance: Callable[[], float] = random.random
) -> bool:
    """Fetch one page of a source and take it in; True when the source has more to give at once.

    ``chance`` (0 to 1) spreads the next tries of sources that failed together.
    """
    row = sources.by_name(store, connector.name)
    if row is None or row["wait_until"] > clock.now():
        return False
    try:
        page = connector.fetch(row["cursor"], LIMIT)
    except PlatformError as error:
        wait = _wait(error, clock.now() - (row["failing_since"] or clock.now()), chance())
        log.warning("source %s failed: %s", connector.name, type(error).__name__)
        with store.write() as tx:
            sources.failed(tx, connector.name, str(error), at=clock.now(), wait_until=clock.now() + wait)
            if not isinstance(error, RateLimited):
                # Whether it is the account or the reading that fails, a look at the account tells.
                sources.look_again(tx, connector.name)
        return False
    with store.write() as tx:
        take(tx, page, connector.name, door, clock.now())
    return page.more


def _wait(error: PlatformError, failing_ms: int, chance: float) -> int:
    """Milliseconds until a source is tried again: never earlier than the platform asks, up to a fifth later."""
    wait = next((step for step in _BACKOFF_MS if failing_ms < step), _BACKOFF_MS[-1])
    if isinstance(error, RateLimited):
        wait = int(max(1000, min(error.retry_after * 1000, _LONGEST_WAIT_MS)))
    elif isinstance(error, Unauthorised):
        wait = _BACKOFF_MS[-1]
    return wait + int(wait * chance / 5)
