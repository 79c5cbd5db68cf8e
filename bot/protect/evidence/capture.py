"""What can be known of a case's posts now: what their platform answers, and what the store has of them.

Only the posts of the case, those that they answer and their thread are asked for: nobody looks for other posts of the
sender (rule E-09). The recorder hears what passes the door; the store stands in where the platform no longer shows a
post, and each post says which of the two it was. What is not for everyone, and what belongs to a case of which nothing
may be kept, stays out, and so does every raw answer that it stands in.
"""

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from bot import __version__
from bot.errors import PlatformError, RateLimited, Transient
from bot.model import READABLE_BY_ALL, Mention, Platform, Target, Visibility
from bot.model.evidence import Exchange
from bot.ports import Clock, Publisher
from bot.store import dispatches, mentions
from bot.store import evidence as rows
from bot.store import people as held
from bot.store.db import Reader, Row

Told = dict[str, Any]
Witness = Callable[[str, Callable[[Exchange], None]], Publisher | None]
"""Makes the publisher of a source, whose door tells every read to a recorder; None if the source cannot be asked."""

_OK = 200

MOST_POSTS = 20
"""Posts that one bundle asks a platform for: the case's own first, then what they answer, then the thread."""
MOST_BYTES = 32 * 1024 * 1024
"""After so many bytes of answers no further post is asked for."""
MOST_PARENTS = 10
MOST_THREADS = 3
"""Within six hours posts of several threads are one case; of so many of them the platform is asked for the thread."""
MOST_AROUND = 100
"""Posts of one thread that are taken from what the platform lists."""


@dataclass
class Captured:
    """What one bundle rests on. ``at`` is when it began; ``heard`` are the exchanges with their times.

    ``around`` says of each thread what its platform answered when it was asked for it. ``barred``: a post of a case of
    which nothing may be kept stands in the thread.
    """

    at: int
    posts: list[Told] = field(default_factory=list)
    parents: list[Told] = field(default_factory=list)
    thread: list[Told] = field(default_factory=list)
    around: list[Told] = field(default_factory=list)
    heard: list[tuple[int, Exchange]] = field(default_factory=list)
    barred: bool = False


class Looks:
    """Asks one source's platform post by post, and remembers what it said and what passed the door."""

    def __init__(self, source: str, witness: Witness, clock: Clock) -> None:
        self.heard: list[tuple[int, Exchange]] = []
        self._clock = clock
        self._left = MOST_POSTS
        self._patient = True
        self._bytes = 0
        self._publisher = witness(source, self._note)

    def _note(self, exchange: Exchange) -> None:
        self.heard.append((self._clock.now(), exchange))
        self._bytes += len(exchange.body)

    def at(self, target: Target) -> Told:
        """What the platform says of a post now; ``answer`` is the word for it.

        Raises:
            Transient: it did not answer.
        """
        asked: Told = {"asked_at": self._clock.now(), "answer": "not_asked"}
        if self._publisher is None or self._left <= 0 or self._bytes > MOST_BYTES:
            return asked
        self._left -= 1
        try:
            found = self._publisher.inspect(target)
        except RateLimited:
            self._left, self._patient = 0, False
            raise
        except Transient:
            raise
        except PlatformError:
            return asked | {"answer": "refused"}
        words = {True: "shown", False: "gone", None: "refused"}
        known = {"http_status": found.http_status, "visibility": found.visibility.value, "edited_at": found.edited_at}
        return asked | {"answer": words[found.exists], "text": found.text, **known}

    def patiently(self, target: Target) -> Told:
        """The same, but silence is an answer, too, and the raw answer about a post that is not public is let fall."""
        heard = len(self.heard)
        try:
            said = self.at(target)
        except PlatformError:
            return {"asked_at": self._clock.now(), "answer": "no_answer"}
        if said["answer"] == "shown" and said["visibility"] not in READABLE_BY_ALL:
            del self.heard[heard:]
            said["raw"] = "left_out"
        return said

    def around(self, target: Target, root: str, untouchable: frozenset[str]) -> tuple[tuple[Mention, ...], Told]:
        """The thread around a post as its platform lists it, and what it answered; whatever it does, that is all."""
        asked: Told = {"of": target.canonical_key, "asked_at": self._clock.now(), "most": MOST_AROUND}
        if self._publisher is None or not self._patient or self._bytes > MOST_BYTES:
            return (), asked | {"answer": "not_asked"}
        heard = len(self.heard)
        try:
            found = self._publisher.thread(target, root, MOST_AROUND)
        except PlatformError as error:
            # Nobody has looked at what it did say.
            self.heard[heard:] = [one for one in self.heard[heard:] if one[1].status != _OK]
            return (), asked | {"answer": "no_answer" if isinstance(error, Transient) else "refused"}
        posts = tuple(post for post in found.posts if not {post.canonical_key, post.native_id} & untouchable)
        left_out = {**found.left_out, **({"never kept": 1} if len(posts) < len(found.posts) else {})}
        raw = "kept"
        if left_out.keys() & {"not public", "never kept"}:
            del self.heard[heard:]
            raw = "left_out"
        return posts, asked | {"answer": "shown", "posts": len(posts), "left_out": left_out, "raw": raw}


def capture(reader: Reader, case: Row, witness: Witness, clock: Clock, *, insist: bool, zone: ZoneInfo) -> Captured:
    """Ask the platform and the store.

    Args:
        reader: the store.
        case: the case's row.
        witness: makes what asks the platform.
        clock: for the time of each answer.
        insist: whether silence about the case's newest post is an error, so that it is tried again.
        zone: the brand's, for the local times.

    Raises:
        Transient: the platform did not answer for the newest post, and ``insist`` is set.
    """
    found, own = Captured(clock.now()), mentions.of_case(reader, case["id"])
    newest = sorted(own, key=lambda row: row["id"] != case["latest_mention"])
    looks = Looks(newest[0]["source"], witness, clock) if newest else None
    if looks is None:
        return found
    for turn, row in enumerate(newest):
        look = looks.at if insist and not turn else looks.patiently
        found.posts.append(_told(reader, row, look(mentions.to_target(row)), zone))
    untouchable = rows.untouchable(reader)
    known = {row["id"] for row in own}
    for parent in _parents(reader, own):
        target = parent if isinstance(parent, Target) else mentions.to_target(parent)
        if {target.canonical_key, target.native_id} & untouchable:
            found.barred = True
            continue
        if isinstance(parent, Target):
            found.parents.append(_asked_only(parent, looks.patiently(parent), zone))
        else:
            known.add(parent["id"])
            found.parents.append(_told(reader, parent, looks.patiently(target), zone))
    threads = {row["thread_key"]: row for row in newest}
    for thread in threads.values():
        for row in mentions.in_thread(reader, thread):
            found.barred |= row["canonical_key"] in untouchable
            if row["id"] in known or row["canonical_key"] in untouchable:
                continue
            known.add(row["id"])
            found.thread.append(_told(reader, row, looks.patiently(mentions.to_target(row)), zone))
    found.thread += [_ours(sent, zone) for sent in dispatches.of_case(reader, case["id"]) if sent["sent_at"]]
    _look_around(looks, found, list(threads.values())[:MOST_THREADS], untouchable, zone)
    found.heard = looks.heard
    return found


def _look_around(
    looks: Looks, found: Captured, threads: Iterable[Row], untouchable: frozenset[str], zone: ZoneInfo
) -> None:
    """Add the posts of the threads that nobody here ever heard, as their platform lists them now."""
    told = [*found.posts, *found.parents, *found.thread]
    known = {one[name] for one in told for name in ("canonical_key", "native_id") if one.get(name)}
    for row in threads:
        posts, said = looks.around(mentions.to_target(row), row["root_key"], untouchable)
        found.barred |= "never kept" in said.get("left_out", {})
        by_id = {post.native_id: post for post in posts}
        for place, parent in enumerate(found.parents):
            # Asked for by its id alone, it has no author and no time; the list of the thread tells them.
            if "canonical_key" not in parent and (post := by_id.get(parent["native_id"])):
                found.parents[place] = {**_listed(post, said["asked_at"], zone), "platform_now": parent["platform_now"]}
        fresh = [post for post in posts if not {post.canonical_key, post.native_id} & known]
        known |= {post.canonical_key for post in fresh}
        found.thread += [_listed(post, said["asked_at"], zone) for post in fresh]
        found.around.append({**said, "asked_at": moment(said["asked_at"], zone), "unheard": len(fresh)})


def _parents(reader: Reader, own: Iterable[Row]) -> list[Row | Target]:
    """What the posts answer, upwards: rows where the store has them, else who to ask for."""
    found: list[Row | Target] = []
    waiting, seen = list(own), {row["native_id"] for row in own}
    while waiting and len(found) < MOST_PARENTS:
        row = waiting.pop(0)
        if not row["parent_key"] or row["parent_key"] in seen:
            continue
        seen.add(row["parent_key"])
        stored = rows.answered_by(reader, row)
        if stored is None:
            found.append(_unknown(row))
        else:
            found.append(stored)
            waiting.append(stored)
    return found


def _unknown(row: Row) -> Target:
    place = {name: row[name] for name in ("surface", "account")}
    key = row["parent_key"]
    return Target(
        platform=Platform(row["platform"]),
        native_id=key,
        canonical_key=key,
        author_handle="",
        visibility=Visibility.UNKNOWN,
        **place,
    )


# in words that a court can read -------------------------------------------------------------------


def moment(at: int | None, zone: ZoneInfo) -> dict[str, str] | None:
    """A time in UTC and in the brand's zone, to the millisecond; None where there is none."""
    if at is None:
        return None
    try:
        there = datetime.fromtimestamp(at / 1000, UTC)
        local = there.astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return {"utc": f"{at} ms", "local": f"{at} ms", "zone": zone.key}
    return {
        "utc": there.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z",
        "local": local.isoformat(timespec="milliseconds"),
        "zone": zone.key,
    }


def _told(reader: Reader, row: Row, said: Told, zone: ZoneInfo) -> Told:
    names = "canonical_key native_id url platform surface account visibility kind revision parent_key thread_key"
    earlier = held.of_posts(reader, "revisions", [row["id"]])
    return {
        **{name: row[name] for name in names.split()},
        "author": {"id": row["author_id"], "handle": row["author_handle"]},
        "language": row["declared_language"],
        "text": row["text"],
        "text_from": "store" if row["text_hash"] else "nowhere: its words were erased before",
        "created": moment(row["created_at"], zone),
        "edited": moment(row["edited_at"], zone),
        "fetched": moment(row["fetched_at"], zone),
        "attached": json.loads(row["extras"]),
        "earlier_wordings": [{"text": one["text"], "seen": moment(one["seen_at"], zone)} for one in earlier],
        "platform_now": _dated(said, zone),
    }


def _asked_only(target: Target, said: Told, zone: ZoneInfo) -> Told:
    """A post that the store has not: what the platform answered is all there is."""
    return {
        "native_id": target.native_id,
        "platform": target.platform.value,
        "surface": target.surface,
        "url": "",
        "author": {"id": "", "handle": ""},
        "text": said.get("text", ""),
        "text_from": "platform" if said.get("text") else "nowhere: we never heard it, and the platform did not show it",
        "created": None,
        "platform_now": _dated(said, zone),
    }


def _listed(post: Mention, at: int, zone: ZoneInfo) -> Told:
    """A post that the store has not, as its platform lists it in the thread."""
    names = "canonical_key native_id url surface account parent_key thread_key text"
    return {
        **{name: getattr(post, name) for name in names.split()},
        "platform": post.platform.value,
        "visibility": post.visibility.value,
        "kind": post.kind.value,
        "author": {"id": post.author.native_id, "handle": post.author.handle},
        "language": post.declared_language,
        "text_from": "platform",
        "created": moment(post.created_at, zone),
        "edited": moment(post.edited_at, zone),
        "attached": {"media": [asdict(one) for one in post.media], "quoted": None, "poll": list(post.poll)},
        "platform_now": {"asked_at": moment(at, zone), "answer": "shown", "text": post.text, "http_status": 200},
    }


def _ours(sent: Row, zone: ZoneInfo) -> Told:
    return {
        "native_id": sent["remote_id"],
        "url": sent["remote_url"],
        "author": {"id": "", "handle": sent["account"]},
        "ours": True,
        "text": sent["text"],
        "text_from": "store",
        "created": moment(sent["sent_at"], zone),
        "state": sent["state"],
        "platform_now": None,
    }


def _dated(said: Mapping[str, Any], zone: ZoneInfo) -> Told:
    return {
        **said,
        "asked_at": moment(said["asked_at"], zone),
        **({"edited_at": moment(said["edited_at"], zone)} if said.get("edited_at") else {}),
    }


# the raw answers ----------------------------------------------------------------------------------


def warc(heard: Iterable[tuple[int, Exchange]], at: int) -> bytes:
    """The exchanges as a gzipped WARC 1.0 file, a request and a response record each, behind a warcinfo record."""
    box = io.BytesIO()
    writer = WARCWriter(box, gzip=True)
    about = f"software: Earshot {__version__}\r\nformat: WARC File Format 1.0\r\n".encode()
    writer.write_record(
        writer.create_warc_record(
            "",
            "warcinfo",
            payload=io.BytesIO(about),
            length=len(about),
            warc_headers_dict={"WARC-Date": _stamp(at), "WARC-Filename": "raw.warc.gz"},
            warc_content_type="application/warc-fields",
        )
    )
    for when, one in heard:
        dated, parts = {"WARC-Date": _stamp(when)}, urlsplit(one.url)
        target = _line(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        # The length is that of the body as it stands here: the door took its packing off.
        lines = {**one.answered, "Content-Length": str(len(one.body))}
        response = writer.create_warc_record(
            one.url,
            "response",
            payload=io.BytesIO(one.body),
            length=len(one.body),
            http_headers=StatusAndHeaders(f"{one.status} {_line(one.reason)}", _lines(lines), protocol="HTTP/1.1"),
            warc_headers_dict=dict(dated),
        )
        request = writer.create_warc_record(
            one.url,
            "request",
            payload=io.BytesIO(),
            length=0,
            http_headers=StatusAndHeaders(f"GET {target} HTTP/1.1", _lines({"Host": parts.netloc, **one.asked})),
            warc_headers_dict=dict(dated),
        )
        writer.write_request_response_pair(request, response)
    return box.getvalue()


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _lines(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(_line(name), _line(value)) for name, value in headers.items()]


def _line(text: str) -> str:
    """A header on one line and in ASCII, whatever a server wrote."""
    return " ".join(text.split()).encode("ascii", "backslashreplace").decode()
