"""Writes one public reply in a topic of a Discourse forum, finds it again and takes it back.

The key serves for these two acts, and to see whose key it is and which of our replies the forum's moderators hold. It
must not open a topic nor reach a private message: the request names a topic that a stranger can read at that moment.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.connectors.cooked import taken_apart
from bot.connectors.discourse import Source, place_of, site_of, topic_of
from bot.connectors.discourse_post import Place, deleted, is_open, visibility_of
from bot.connectors.fields import ODD_ANSWER, Fields, Unreadable, clean, instant, keeps_bots_away, name, part, parts
from bot.connectors.forum import LONGEST_WALK
from bot.connectors.forum_site import Site, fields_of, listed
from bot.connectors.publishing import SKEW_MS, absent, check, check_place, newest, standing
from bot.connectors.threads import gathered
from bot.connectors.tools import Tools
from bot.errors import EgressRefused, Gone, Held, Permanent, Transient, Unauthorised, Uncertain
from bot.model import Consent, Identity, Platform, PostStatus, Receipt, Target, Thread, Visibility
from bot.ports import Clock
from bot.text import calls_itself_parody

HELD: Final = "The forum keeps the reply back until one of its moderators lets it through."

_TOPIC: Final = re.compile(r"/t/([0-9]{1,18})/([0-9]{1,9})$")


def publisher(source: Source, tools: Tools) -> "DiscoursePublisher":
    """The writer of ``source``. Without a key it only looks.

    Raises:
        EarshotError: the key is named and missing.
    """
    key = tools.secret(source.api_key) if source.api_key else ""
    return DiscoursePublisher(source, site_of(source, tools), key, tools.clock)


class DiscoursePublisher:
    """Writes as the source's account with ``key``."""

    def __init__(self, source: Source, site: Site, key: str, clock: Clock) -> None:
        self._site = site
        self._place: Place = place_of(source, site)
        self._answering = source.answering
        self._key = key
        self._clock = clock

    def identity(self) -> Identity:
        """See ``Publisher.identity``. The key shows whose it is, and must show what waits for moderators too."""
        if not self._key:
            raise Permanent("There is no key to answer with: name one as 'api_key' in platforms.yaml.")
        answer = fields_of(self._site.get("/session/current.json", {}, self._credentials()))
        account = part(answer.get("current_user"))
        handle = clean(account.get("username"))
        if not handle:
            raise Transient(ODD_ANSWER)
        self._waiting()
        profile = part(fields_of(self._site.get(f"/u/{handle.lower()}.json")).get("user"))
        return Identity(handle, name(account.get("id")), None, clean(profile.get("bio_raw")))

    def inspect(self, target: Target) -> PostStatus:
        """See ``Publisher.inspect``. Seen by a stranger: what is kept from a stranger is kept from us."""
        now = self._clock.now()
        try:
            post = self._post(target.native_id)
        except Permanent as refusal:
            return absent(now, refusal)
        topic = topic_of(self._site, post, self._place.account)
        if deleted(post, topic):
            return absent(now)
        try:
            mention = self._place.mention(post, topic)
        except Unreadable:
            raise Transient(ODD_ANSWER) from None
        return replace(
            standing(now, mention),
            author_opted_out=self._opted_out(mention.author.handle),
            author_parody=calls_itself_parody(clean(post.get("name")), clean(post.get("user_title"))),
            replies_open=self._answering and is_open(topic),
            summoned=True if self._place.account.lower() in mention.own_mentions else None,
        )

    def thread(self, target: Target, root: str, most: int) -> Thread:  # noqa: ARG002 - the address names the topic
        """See ``Publisher.thread``. Seen by a stranger: the posts around this one, then the topic's first twenty."""
        place = _TOPIC.search(target.url)
        if place is None:
            raise Permanent("The post's address names no topic.")
        views: list[Fields] = []
        topic: Fields = {}
        for query in ({"post_number": int(place[2])}, {}):
            topic = fields_of(self._site.get(f"/t/{place[1]}.json", query))
            views += parts(part(topic.get("post_stream")).get("posts"))
        standing = [post for post in views if not deleted(post, topic)]
        return gathered(standing, lambda post: self._place.mention(post, topic), most)

    def _opted_out(self, handle: str) -> bool:
        """Whether the author's public profile asks bots to stay away. One that strangers may not see asks nobody."""
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", handle):
            return False
        try:
            profile = part(fields_of(self._site.get(f"/u/{handle.lower()}.json")).get("user"))
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            return False
        return keeps_bots_away(clean(profile.get("bio_raw")))

    def _post(self, native_id: str) -> Fields:
        return fields_of(self._site.get(f"/posts/{native_id}.json"))

    def publish(self, consent: Consent) -> Receipt:
        """See ``Publisher.publish``. Looks where the post stands, then sends one request that answers it there.

        A key that does not show what waits for moderators sends nothing: a reply that they hold would look like none.
        """
        target = consent.target
        self._check(consent)
        post = self._post(target.native_id)
        topic_id, number = post.get("topic_id"), post.get("post_number")
        if not isinstance(topic_id, int) or not isinstance(number, int):
            raise Transient(ODD_ANSWER)
        topic = topic_of(self._site, post, self._place.account)
        if deleted(post, topic) or visibility_of(post, topic) is not Visibility.PUBLIC:
            raise Permanent("The post is no longer public, so there is no public reply to it.")
        if not is_open(topic):
            raise Permanent("The topic is closed.")
        if any(each.get("raw_text") == consent.text for each in self._waiting() if each.get("topic_id") == topic_id):
            raise Permanent("This very reply waits for the forum's moderators already.")
        body: dict[str, str | int] = {"raw": consent.text, "topic_id": topic_id, "reply_to_post_number": number}
        answer = self._site.post("/posts.json", body, self._credentials())
        return self._proof(answer, topic_id, number)

    def _proof(self, answer: object, topic_id: int, number: int) -> Receipt:
        """The receipt of what was published.

        Raises:
            Held: the reply waits for a moderator.
            Uncertain: the answer tells of another post than asked for.
        """
        post = answer if isinstance(answer, Mapping) else {}
        if post.get("action") == "enqueued":
            raise Held(HELD)
        receipt = self._receipt(post)
        if receipt is None or clean(post.get("username")).lower() != self._place.account.lower():
            raise Uncertain("The forum took the reply, but its answer is of an unexpected form.")
        if post.get("topic_id") != topic_id or post.get("reply_to_post_number") != number:
            raise Uncertain("The forum published the text, but not as a reply to the post.")
        if post.get("hidden") is True:
            raise Uncertain("The forum took the reply and hid it.")
        return receipt

    def find(self, target: Target, text: str, since: int) -> Receipt | None:  # noqa: ARG002 - the port gives it
        """See ``Publisher.find``. Looks among the replies to the post, then among the forum's latest posts.

        Any reply of ours to that very post since ``since`` is the one: forums rewrite texts. Without the post itself
        its topic and number are taken from its address. What waits for moderators tells its topic only, and moderators
        rewrite it; so whatever of ours waits there since then is held to be the reply.
        """
        check_place(target, self._place.surface, self._place.account)
        # First, or a reply that is let through between two looks would be seen by neither.
        waiting = self._waiting()
        try:
            post = self._post(target.native_id)
            number, topic = name(post.get("post_number")), name(post.get("topic_id"))
            answer = self._site.get(f"/posts/{target.native_id}/replies.json")
            if not isinstance(answer, list):
                raise Transient(ODD_ANSWER)
            found = self._ours(parts(answer), topic, number, since)
        except Gone:
            topic, _, number = target.url.partition("/t/")[2].partition("/")
            found = None
        found = found or self._ours(self._latest(since), topic, number, since)
        held = (instant(each.get("created_at")) for each in waiting if name(each.get("topic_id")) == topic)
        if found is None and any(at is None or at >= since - SKEW_MS for at in held):
            raise Held(HELD)
        return found

    def _waiting(self) -> tuple[Fields, ...]:
        """What of ours waits for the forum's moderators.

        Raises:
            Permanent: the key does not show it.
            PlatformError: the forum did not answer.
        """
        credentials = self._credentials()
        try:
            answer = self._site.get(f"/posts/{self._place.account.lower()}/pending.json", {}, credentials)
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            raise Permanent(
                "The key does not show which of our replies waits for moderators. Make it a global key of this user."
            ) from None
        return listed(answer, "pending_posts")

    def _latest(self, since: int) -> Iterator[Fields]:
        """The forum's latest posts, back to ``since``."""
        query: dict[str, str | int] = {}
        for _ in range(LONGEST_WALK):
            posts = listed(self._site.get("/posts.json", query), "latest_posts")
            yield from posts
            ids = [ident for post in posts if isinstance(ident := post.get("id"), int)]
            oldest = min((instant(post.get("created_at")) or 0 for post in posts), default=0)
            if not ids or oldest < since - SKEW_MS or query.get("before") == min(ids):
                return
            query = {"before": min(ids)}

    def _ours(self, posts: Iterable[Fields], topic: str, number: str, since: int) -> Receipt | None:
        ours = (
            post
            for post in posts
            if clean(post.get("username")).lower() == self._place.account.lower()
            and (name(post.get("topic_id")), name(post.get("reply_to_post_number"))) == (topic, number)
            and not deleted(post, {})
        )
        return newest(map(self._receipt, ours), since)

    def _receipt(self, post: Fields) -> Receipt | None:
        """What proves a post of ours; ``None`` if the post is of an unexpected form."""
        native_id, at = name(post.get("id")), instant(post.get("created_at"))
        if not native_id or at is None:
            return None
        return Receipt(
            platform=Platform.DISCOURSE,
            surface=self._place.surface,
            account=self._place.account,
            native_id=native_id,
            url=self._place.url(post),
            at=at,
            text_read_back=taken_apart(post.get("cooked")).own.text,
        )

    def retract(self, receipt: Receipt) -> None:
        """See ``Publisher.retract``. Deletes only what our account wrote."""
        check_place(receipt, self._place.surface, self._place.account)
        try:
            author = clean(self._post(receipt.native_id).get("username"))
        except Gone:
            # Gone for strangers; it may still stand where they do not come.
            author = self._place.account
        if author.lower() != self._place.account.lower():
            raise Permanent("This post is not by our account.")
        try:
            self._site.delete(f"/posts/{receipt.native_id}.json", self._credentials())
        except Gone:
            return
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            raise Permanent("This forum does not let us delete the post: please delete it there by hand.") from None

    def _credentials(self) -> Mapping[str, str]:
        if not self._key:
            raise Permanent("This forum is only listened to: no key for answering is named.")
        return {"Api-Key": self._key, "Api-Username": self._place.account}

    def _check(self, consent: Consent) -> None:
        """What must hold before anything is asked of the forum."""
        check_place(consent.target, self._place.surface, self._place.account)
        if not self._answering:
            raise Permanent("Nobody agreed that we answer on this forum: it is neither ours nor has its host agreed.")
        check(consent, self._clock.now())
        if len(consent.text) > Platform.DISCOURSE.longest:
            raise Permanent("The text is too long for this forum.")
        self._credentials()
