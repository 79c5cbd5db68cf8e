"""Owns the public replies under a replayed file of posts, and what is known of those posts just now.

A reply's id follows from its request key, so a repeat never doubles. Nothing here writes to the file of
posts. The last words on a post, ``{"id": ..., "exists": false}`` and the like, may stand in a file beside the
timeline (``timeline.jsonl`` -> ``timeline.status.jsonl``), so that a demo can delete, edit or hide it:
``exists``, ``visibility``, ``text``, ``edited_at``, ``bot``, ``opted_out``, ``active``, ``replies_open``.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.connectors.replay import Source, timeline_of
from bot.connectors.replay_posts import PostReader, Unreadable, parse_line, visibility_of
from bot.connectors.replay_timeline import Reply, append, lines_of, objects, replies, row_of
from bot.connectors.tools import Tools
from bot.errors import Gone, Permanent, Transient, Uncertain
from bot.model import (
    READABLE_BY_ALL,
    Author,
    Consent,
    Identity,
    Mention,
    Platform,
    PostStatus,
    Receipt,
    Target,
    Thread,
    Visibility,
)
from bot.ports import Clock
from bot.text import post_hash, storable

LOOK_UP = 64_000_000
"""Bytes of the file of posts that ``inspect`` searches; about 200,000 posts."""

LookUp = Callable[[str], tuple[Mention | None, bool]]
"""Id of a post -> the post as the last line about it has it, and whether the whole file was searched."""


def publisher(source: Source, tools: Tools) -> "ReplayPublisher":
    """The writer below the posts of ``source``."""
    return ReplayPublisher(
        file=tools.config_dir / source.file,
        timeline=timeline_of(source, tools.data_dir),
        account=source.account,
        clock=tools.clock,
        map=source.map,
    )


class ReplayPublisher:
    """Writes as ``account`` under the posts of ``file``, into ``timeline``.

    ``map`` and ``surface`` as for the connector of the same file, so that posts are found by the same ids. A file
    that is not one JSON object a line comes with the ``look_up`` of its ``platform``.
    """

    def __init__(
        self,
        *,
        file: Path,
        timeline: Path,
        account: str,
        clock: Clock,
        surface: str = "replay",
        map: Mapping[str, str] | None = None,  # noqa: A002 - the name of the option
        platform: Platform = Platform.REPLAY,
        look_up: LookUp | None = None,
    ) -> None:
        self._file = file
        self._timeline = timeline
        self._states = timeline.with_suffix(".status.jsonl")
        self._account = account
        self._clock = clock
        self._surface = surface
        self._platform = platform
        self._posts = PostReader(map=map or {}, account=account, surface=surface)
        self._look_up = look_up or self._in_lines

    def identity(self) -> Identity:
        """See ``Publisher.identity``: a file knows nothing of us but the name."""
        return Identity(self._account, self._account)

    def inspect(self, target: Target) -> PostStatus:
        """What the file and the last words beside the timeline say of the post, or of a reply of ours.

        See ``Publisher.inspect``.

        A file that marks no bots and no opt-outs has none. A post beyond the first ``LOOK_UP`` bytes is
        taken to be there as ``target`` says, with an empty ``text_hash``.

        Raises:
            Transient: a file is missing or cannot be read.
        """
        try:
            post, searched_all = self._look_up(target.native_id)
            state = self._last_words(target.native_id)
        except OSError as error:
            raise Transient("The replayed platform does not answer: its file cannot be read.") from error
        now = self._clock.now()
        own = self._replies(lambda reply: reply.native_id == target.native_id).get(target.native_id)
        if own is not None and not own.retracted and state.get("exists") is not False:
            return PostStatus(now, exists=True, visibility=Visibility.PUBLIC, http_status=200, text=own.text)
        if state.get("exists") is False or (post is None and searched_all):
            return PostStatus(checked_at=now, exists=False, http_status=404)
        author = post.author if post else Author(target.author_handle, target.author_handle)
        edited_at = state.get("edited_at")
        visibility = visibility_of(state.get("visibility", post.visibility if post else target.visibility))
        text = state.get("text", post.text if post and post.visibility in READABLE_BY_ALL else None)
        text = storable(text) if isinstance(text, str) and visibility in READABLE_BY_ALL else None
        return PostStatus(
            checked_at=now,
            exists=True,
            visibility=visibility,
            http_status=200,
            text_hash="" if text is None else post_hash(text),
            text=text or "",
            edited_at=edited_at if isinstance(edited_at, int) else None,
            author_is_bot=state.get("bot", author.is_bot) is True,
            author_opted_out=state.get("opted_out", author.opted_out) is True,
            author_active=state.get("active", True) is True,
            replies_open=state.get("replies_open", True) is True,
        )

    def thread(self, target: Target, root: str, most: int) -> Thread:
        """See ``Publisher.thread``: the posts of the file that name the same beginning; an archive offers none.

        Raises:
            Transient: a file cannot be read.
        """
        if self._look_up != self._in_lines:
            return Thread((), {"not offered": 1})
        ids = {each for each in (target.native_id, root) if each}
        try:
            standing = [post for post in self._naming(ids) if self._last_words(post.native_id).get("exists", True)]
        except OSError as error:
            raise Transient("The replayed platform does not answer: its file cannot be read.") from error
        public = [post for post in standing if post.visibility in READABLE_BY_ALL]
        left_out = {"not public": len(standing) - len(public), "too many": max(0, len(public) - most)}
        return Thread(tuple(public[:most]), {reason: n for reason, n in left_out.items() if n})

    def _naming(self, ids: set[str]) -> list[Mention]:
        """The posts of the file that are, answer or belong below one of ``ids``; the last line about each counts."""
        found: dict[str, Mention] = {}
        read = 0
        for number, raw in enumerate(lines_of(self._file), 1):
            read += len(raw)
            if read > LOOK_UP:
                break
            # As in a look-up: most lines need no parsing.
            if b"\\" in raw or any(each.encode("utf-8", "surrogatepass") in raw for each in ids):
                post = self._post(raw, number)
                if post is not None and ids & {post.native_id, post.parent_key, post.root_key}:
                    found[post.native_id] = post
        return list(found.values())

    def publish(self, consent: Consent) -> Receipt:
        """Append the reply, once for a request key; see ``Publisher.publish``.

        Raises:
            Permanent: the target belongs elsewhere, or the text cannot be written as UTF-8.
            Gone: the post is away or no longer public, or this very reply was taken back.
            Transient: a file cannot be read or opened; nothing was written.
            Uncertain: the disk failed in mid-write.
        """
        target = consent.target
        if (target.platform, target.surface, target.account) != (self._platform, self._surface, self._account):
            raise Permanent("This publisher does not write for that account on that platform.")
        native_id = "r-" + hashlib.sha256(consent.request_key.encode()).hexdigest()[:20]
        earlier = self._replies(lambda reply: reply.native_id == native_id).get(native_id)
        if earlier is not None:
            if earlier.retracted:
                raise Gone("This reply was published and taken back.")
            return self._receipt(earlier)
        status = self.inspect(target)
        if not status.exists or status.visibility not in READABLE_BY_ALL:
            raise Gone("The post is no longer there, or no longer public.")
        url = f"/square#{native_id}" if self._platform is Platform.REPLAY else ""
        reply = Reply(native_id, target.native_id, self._account, consent.text, self._clock.now(), url)
        append(self._timeline, row_of(reply, consent.request_key))
        return self._receipt(reply)

    def find(self, target: Target, text: str, since: int) -> Receipt | None:
        """Our standing reply to ``target`` with exactly ``text``, or any if its words are lost, since ``since``.

        Raises:
            Transient: the timeline cannot be read.
        """

        def wanted(reply: Reply) -> bool:
            return (
                reply.in_reply_to == target.native_id
                and reply.author == self._account
                and text in {"", reply.text}
                and reply.created_at >= since
            )

        standing = [reply for reply in self._replies(wanted).values() if not reply.retracted]
        return self._receipt(standing[0]) if standing else None

    def retract(self, receipt: Receipt) -> None:
        """Append the line that takes our reply back; nothing to do for one that is not there.

        Raises:
            Transient: a file cannot be read or written; a repeat does no harm.
        """
        own = self._replies(lambda reply: reply.native_id == receipt.native_id and reply.author == self._account)
        if any(not reply.retracted for reply in own.values()):
            try:
                append(self._timeline, {"retract": receipt.native_id})
            except Uncertain as error:
                raise Transient("The reply may not be taken back yet: the disk failed.") from error

    def _receipt(self, reply: Reply) -> Receipt:
        return Receipt(
            self._platform, self._surface, self._account, reply.native_id, reply.url, reply.created_at, reply.text
        )

    def _replies(self, wanted: Callable[[Reply], bool]) -> dict[str, Reply]:
        try:
            return replies(lines_of(self._timeline), wanted)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Transient("The timeline of the replay cannot be read.") from error

    def _in_lines(self, native_id: str) -> tuple[Mention | None, bool]:
        """See ``LookUp``."""
        found, read, needle = None, 0, native_id.encode("utf-8", "surrogatepass")
        for number, raw in enumerate(lines_of(self._file), 1):
            read += len(raw)
            if read > LOOK_UP:
                return found, False
            # JSON without a backslash holds an id letter by letter, so most lines need no parsing.
            if b"\\" in raw or needle in raw or str(number) == native_id:
                post = self._post(raw, number)
                found = post if post is not None and post.native_id == native_id else found
        return found, True

    def _post(self, raw: bytes, number: int) -> Mention | None:
        try:
            return self._posts.mention(parse_line(raw), number, 0, 0)
        except Unreadable:
            return None

    def _last_words(self, native_id: str) -> dict[str, object]:
        """All that the file of states says of a post; later lines win."""
        words: dict[str, object] = {}
        if self._states.exists():
            for row in objects(lines_of(self._states)):
                if row.get("id") == native_id:
                    words.update(row)
        return words
