"""Writes one public reply on Reddit, finds it again and takes it back.

It must not send anything but that reply, and never twice: what it cannot know is ``Uncertain``. Reddit answers a
refused reply with 200 and a list of errors.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.connectors.fields import ODD_ANSWER, Unreadable, clean, part, parts
from bot.connectors.publishing import absent, check, check_place, newest, standing
from bot.connectors.reddit_client import Client, Source, client
from bot.connectors.reddit_lists import PAGE, things_of
from bot.connectors.reddit_post import COMMENT, FULLNAME, Thing, around, gone, link_of, opted_out, parody, replies_open
from bot.connectors.reddit_refusals import refusal_of
from bot.connectors.threads import DEEPEST, gathered
from bot.connectors.tools import Tools
from bot.errors import EgressRefused, Gone, Permanent, PlatformError, Transient, Unauthorised, Uncertain
from bot.model import Consent, Identity, Mention, Platform, PostStatus, Receipt, Target, Thread, Visibility
from bot.ports import Clock

NO_APPROVAL: Final = (
    "Reddit asks for approval before a program may write there: ask Reddit for it, and write what it is filed under "
    "as 'approval' into platforms.yaml. Until then, replies are written by hand."
)


def publisher(source: Source, tools: Tools) -> "RedditPublisher":
    """The writer of ``source``."""
    return RedditPublisher(client(source, tools), tools.clock, approval=source.approval)


class RedditPublisher:
    """Writes as the account of ``client``; without ``approval``, Reddit's leave for programs, it publishes nothing."""

    def __init__(self, client: Client, clock: Clock, *, approval: str) -> None:
        self._client = client
        self._place = client.place
        self._clock = clock
        self._approval = approval.strip()
        self._account_checked = False

    def identity(self) -> Identity:
        """See ``Publisher.identity``. Reddit's API tells nothing of labels."""
        account = part(self._client.get("api/v1/me", {}))
        us, profile = clean(account.get("name")), account.get("subreddit")
        if not us:
            raise Transient(ODD_ANSWER)
        bio = clean(profile.get("public_description")) if isinstance(profile, Mapping) else None
        return Identity(us, clean(account.get("id")), None, bio)

    def inspect(self, target: Target) -> PostStatus:
        """See ``Publisher.inspect``. ``http_status`` is 404 for a post that is gone and 403 for one kept from us.

        A post that was removed is gone too. Whether an author is a bot or blocks us, Reddit does not say.

        Raises:
            Permanent: the target's id is none of a comment or a post.
        """
        if not FULLNAME.fullmatch(target.native_id):
            raise Permanent("This is not the id of a public comment or post on Reddit.")
        try:
            thing = self._client.info([target.native_id]).get(target.native_id)
            near = self._client.info(around(thing)) if thing else {}
        except Gone:
            thing, near = None, {}
        except Permanent as refusal:
            return absent(self._clock.now(), refusal)
        if thing is None or gone(thing):
            return absent(self._clock.now())
        try:
            mention = self._place.mention(thing, near)
        except Unreadable:
            raise Transient(ODD_ANSWER) from None
        self._check_account()
        return self._status(thing, near, mention)

    def _status(self, thing: Thing, near: Mapping[str, Thing], mention: Mention) -> PostStatus:
        public = mention.visibility is Visibility.PUBLIC
        active, asked_to_stop, mocks = self._author(mention.author.handle) if public else (None, None, None)
        us = self._place.account.lower()
        return replace(
            standing(self._clock.now(), mention),
            author_opted_out=asked_to_stop,
            author_active=active,
            replies_open=replies_open(thing, link_of(thing, near)),
            author_parody=mocks,
            summoned=True if us in {*mention.own_mentions, mention.parent_author_id.lower()} else None,
        )

    def _author(self, handle: str) -> tuple[bool | None, bool | None, bool | None]:
        """Whether the account is active, asks bots to stay away, and calls itself a parody; of its words no more."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", handle):
            return None, None, None
        try:
            account = part(part(self._client.get(f"user/{handle}/about/", {})).get("data"))
        except Gone:
            return False, None, None
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            return None, None, None
        active = account.get("is_suspended") is not True if account.get("name") else None
        return active, opted_out(account), parody(account)

    def _check_account(self) -> None:
        """A token of another account would publish under its name. Looked at once."""
        if self._account_checked:
            return
        us = self.identity().handle
        if us.lower() != self._place.account.lower():
            raise Unauthorised("The refresh token belongs to another account than platforms.yaml names.")
        self._account_checked = True

    def publish(self, consent: Consent) -> Receipt:
        """See ``Publisher.publish``. The text is sent as it is; Reddit reads it as Markdown."""
        target = consent.target
        check_place(target, self._place.surface, self._place.account)
        if not self._approval:
            raise Permanent(NO_APPROVAL)
        check(consent, self._clock.now())
        if len(consent.text) > Platform.REDDIT.longest:
            raise Permanent(f"The text is longer than the {Platform.REDDIT.longest} characters that Reddit takes.")
        form = {"text": consent.text, "thing_id": target.native_id}
        answer = part(part(self._client.post("api/comment/", form, creates=True)).get("json"))
        refusal = refusal_of(answer)
        if refusal is not None:
            raise refusal
        created = [part(thing.get("data")) for thing in parts(part(answer.get("data")).get("things"))]
        return self._read_back(created, target.native_id)

    def _read_back(self, created: list[Thing], target_id: str) -> Receipt:
        """What proves the reply that Reddit says it took.

        Raises:
            Uncertain: it cannot be read, or is not the reply that was asked for.
        """
        key = clean(created[0].get("name")) if len(created) == 1 else ""
        if not key.startswith(COMMENT):
            raise Uncertain("Reddit took the reply, but does not say where it is.")
        thing = created[0]
        if self._receipt(thing) is None:
            try:
                thing = self._client.info([key]).get(key, thing)
            except PlatformError:
                raise Uncertain("Reddit took the reply, but does not show it.") from None
        receipt = self._receipt(thing)
        if receipt is None:
            raise Uncertain("Reddit took the reply, but does not show it.")
        if thing.get("parent_id") != target_id:
            raise Uncertain("Reddit published the text, but not as a reply to the post.")
        if not self._place.is_us(thing):
            raise Uncertain("Reddit published the reply under another name.")
        return receipt

    def find(self, target: Target, text: str, since: int) -> Receipt | None:  # noqa: ARG002 - the port gives it
        """See ``Publisher.find``. Looks in the thread, then among our own latest comments, for the newest reply.

        Any reply of ours to that very post since ``since`` is the one: we send one at a time.
        """
        check_place(target, self._place.surface, self._place.account)
        return self._ours(self._thread(target.native_id), target, since) or self._ours(self._latest(), target, since)

    def _thread(self, native_id: str) -> tuple[Thing, ...]:
        """The post or comment with the replies to it, as far as Reddit unfolds them, the newest first."""
        query: dict[str, str | int] = {"sort": "new", "limit": PAGE, "depth": 2}
        try:
            link = native_id
            if native_id.startswith(COMMENT):
                link = clean(self._client.info([native_id]).get(native_id, {}).get("link_id"))
                query["comment"] = native_id.removeprefix(COMMENT)
            if not FULLNAME.fullmatch(link):
                return ()
            answer = self._client.get(f"comments/{link[3:]}", query)
        except Gone:
            return ()
        if not isinstance(answer, list):
            raise Transient(ODD_ANSWER)
        return tuple(_unfolded(answer))

    def thread(self, target: Target, root: str, most: int) -> Thread:
        """See ``Publisher.thread``. First the branch that a comment stands in, then the whole under its submission."""
        if not FULLNAME.fullmatch(target.native_id) or not FULLNAME.fullmatch(root or target.native_id):
            raise Permanent("This is not the id of a public comment or post on Reddit.")
        query: dict[str, str | int] = {"sort": "old", "limit": PAGE, "depth": DEEPEST}
        branch = {"comment": target.native_id.removeprefix(COMMENT)} if target.native_id.startswith(COMMENT) else {}
        things: list[Thing] = []
        for more in (branch, {}) if branch else ({},):
            answer = self._client.get(f"comments/{(root or target.native_id)[3:]}", {**query, **more})
            if not isinstance(answer, list):
                raise Transient(ODD_ANSWER)
            things += _unfolded(answer)
        near = {clean(thing.get("name")): thing for thing in things}
        standing = [thing for thing in things if not gone(thing)]
        return gathered(standing, lambda thing: self._place.mention(thing, near), most)

    def _latest(self) -> tuple[Thing, ...]:
        """Our own latest comments; none where Reddit does not list them."""
        try:
            things, _ = self._client.listing(f"user/{self._place.account}/comments/", {"sort": "new", "limit": PAGE})
        except Gone:
            return ()
        return things

    def _ours(self, things: Iterable[Thing], target: Target, since: int) -> Receipt | None:
        ours = (
            thing
            for thing in things
            if self._place.is_us(thing) and thing.get("parent_id") == target.native_id and not gone(thing)
        )
        return newest(map(self._receipt, ours), since)

    def _receipt(self, thing: Thing) -> Receipt | None:
        """What proves a comment of ours; ``None`` if it is not told whole."""
        try:
            post = self._place.mention(thing, {})
        except Unreadable:
            return None
        body = clean(thing.get("body"))
        if not post.url or not body:
            return None
        return Receipt(
            platform=Platform.REDDIT,
            surface=self._place.surface,
            account=self._place.account,
            native_id=post.native_id,
            url=post.url,
            at=post.created_at,
            text_read_back=body,
        )

    def retract(self, receipt: Receipt) -> None:
        """See ``Publisher.retract``."""
        check_place(receipt, self._place.surface, self._place.account)
        try:
            self._client.post("api/del/", {"id": receipt.native_id}, creates=False)
        except Gone:
            return
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            thing = self._client.info([receipt.native_id]).get(receipt.native_id)
            if thing is not None and not gone(thing):
                raise Permanent("Reddit does not let us delete the comment: please delete it there by hand.") from None


def _unfolded(listings: Iterable[object]) -> Iterator[Thing]:
    """All things of a thread, level by level."""
    level = list(listings)
    while level:
        things = [thing for each in level if part(each) for thing in things_of(each)[0]]
        yield from things
        level = [thing.get("replies") for thing in things]
