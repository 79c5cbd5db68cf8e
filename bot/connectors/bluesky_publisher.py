"""Writes one public reply on Bluesky, finds it again and takes it back.

It must not send anything but that reply, and never twice. The key of the reply's record is made from the post it
answers and its words, so that a second request for the same reply meets the first one's record, and ``find`` knows
where to look. A server takes a reply even where the post's author wants none; so that is asked right before.
"""

import hashlib
import re
from dataclasses import replace
from typing import Final

from bot.connectors.bluesky_client import Client, Source, client, handles, links
from bot.connectors.bluesky_feed import stamp
from bot.connectors.bluesky_post import POST, SITE, Place, halves, is_active, is_bot, opted_out, visibility_of
from bot.connectors.bluesky_views import closed, parody, post_of, unrolled
from bot.connectors.fields import ODD_ANSWER, Fields, Unreadable, clean, instant, part, parts
from bot.connectors.publishing import absent, check, check_place, standing
from bot.connectors.threads import DEEPEST, gathered
from bot.connectors.tools import Tools
from bot.errors import EgressRefused, Gone, Permanent, Transient, Unauthorised, Uncertain
from bot.lengths.graphemes import graphemes
from bot.model import Consent, Identity, Platform, PostStatus, Receipt, Target, Thread, Visibility
from bot.ports import Clock

MOST_GRAPHEMES: Final = 300
MOST_BYTES: Final = 3_000

_CREATE: Final = "com.atproto.repo.createRecord"
_DELETE: Final = "com.atproto.repo.deleteRecord"
_RECORD: Final = "com.atproto.repo.getRecord"
_THREAD: Final = "app.bsky.feed.getPostThread"
_PROFILE: Final = "app.bsky.actor.getProfile"
_RESOLVE: Final = "com.atproto.identity.resolveHandle"
_LINK: Final = "app.bsky.richtext.facet#link"
_MENTION: Final = "app.bsky.richtext.facet#mention"

_MOST_ABOVE: Final = 80
"""How many posts above a post are asked for: as many as the platform gives unasked."""

_SORTED: Final = "234567abcdefghijklmnopqrstuvwxyz"
_FROM_US: Final = 1_672_531_200_000_000
"""The start of 2023 in microseconds."""

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def reply_key(uri: str, text: str) -> str:
    """The key of the record that answers the post at ``uri`` with ``text``: always the same, in the form of a TID.

    Keys of another form are not shown by everyone. A TID is a time in microseconds and a number of 10 bits.
    """
    digest = int.from_bytes(hashlib.sha256(f"{uri}\n{text}".encode()).digest()[:7])
    number = ((_FROM_US + (digest >> 10)) << 10) | (digest & 1023)
    return "".join(_SORTED[(number >> shift) & 31] for shift in range(60, -1, -5))


def publisher(source: Source, tools: Tools) -> "BlueskyPublisher":
    """The writer of ``source``."""
    return BlueskyPublisher(client(source, tools), tools.clock)


class BlueskyPublisher:
    """Writes as the account of ``client``."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock

    def identity(self) -> Identity:
        """See ``Publisher.identity``. The label is the account's own self-label ``bot``."""
        profile = self._client.get(_PROFILE, {"actor": self._client.place.did})
        handle, did = clean(profile.get("handle")), clean(profile.get("did"))
        return Identity(handle, did, is_bot(profile), clean(profile.get("description")))

    def inspect(self, target: Target) -> PostStatus:
        """See ``Publisher.inspect``. ``http_status`` is 404 for a post that is gone and 403 for one kept from us."""
        place = self._client.place
        view = self._client.posts([target.native_id]).get(target.native_id)
        if view is None:
            return self._absent(target.native_id)
        try:
            mention = place.mention(view)
        except Unreadable:
            raise Transient(ODD_ANSWER) from None
        author, profile = part(view.get("author")), self._profile(mention.author.native_id)
        blocks = part((profile or author).get("viewer")).get("blockedBy")
        shut = closed(view)
        return replace(
            standing(self._clock.now(), mention),
            author_opted_out=opted_out(profile) if profile else None,
            author_parody=parody(profile) if profile else None,
            author_active=profile is not None and is_active(author),
            author_blocks_us=blocks if isinstance(blocks, bool) else None,
            replies_open=None if shut is None else not shut,
            summoned=place.summons_us(part(view.get("record"))),
            own_thread=place.opened_by_us(part(view.get("record"))),
        )

    def _absent(self, uri: str) -> PostStatus:
        """A post that is not listed is deleted, or its author and we are kept apart by a block: the thread tells."""
        try:
            thread = part(self._client.get(_THREAD, {"uri": uri, "depth": 0, "parentHeight": 0}).get("thread"))
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            thread = {}
        if thread.get("blocked") is not True:
            return absent(self._clock.now())
        blocks = part(part(thread.get("author")).get("viewer")).get("blockedBy")
        return PostStatus(
            checked_at=self._clock.now(),
            exists=None,
            http_status=403,
            author_blocks_us=blocks if isinstance(blocks, bool) else None,
        )

    def thread(self, target: Target, root: str, most: int) -> Thread:
        """See ``Publisher.thread``. First the post with all above it and the answers below, then the beginning's."""
        looks = [(target.native_id, _MOST_ABOVE), (root, 0)]
        views: list[Fields] = []
        for uri, above in looks:
            if halves(uri)[0] and (above or uri != target.native_id):
                asked = {"uri": uri, "depth": DEEPEST, "parentHeight": above}
                views += unrolled(part(self._client.get(_THREAD, asked).get("thread")))
        return gathered(views, self._client.place.mention, most)

    def _profile(self, did: str) -> Fields | None:
        """The author's profile; ``None`` for an account that is deactivated, suspended or gone."""
        try:
            return self._client.get(_PROFILE, {"actor": did})
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            return None

    def publish(self, consent: Consent) -> Receipt:
        """See ``Publisher.publish``. The reply is written in our repository and read back as the platform shows it."""
        target, text = consent.target, consent.text
        self._check(consent)
        place = self._client.place
        key = reply_key(target.native_id, text)
        record = self._record(place, target, text)
        uri = f"at://{place.did}/{POST}/{key}"
        body = {"repo": place.did, "collection": POST, "rkey": key, "record": record}
        try:
            answer = self._client.create(_CREATE, body)
        except Permanent as refusal:
            # The record may stand from an earlier attempt that was cut off; then this is its proof.
            earlier = self.find(target, text, 0) if type(refusal) is Permanent else None
            if earlier is None:
                raise
            return earlier
        if answer.get("uri") != uri:
            raise Uncertain("The platform took the reply, but its answer names another record.")
        return self._receipt(place, key, self._clock.now(), self._shown(target.native_id, uri))

    def _check(self, consent: Consent) -> None:
        """What must hold before anything is asked.

        Raises:
            Permanent: it does not hold.
        """
        check_place(consent.target, self._client.surface, self._client.account)
        check(consent, self._clock.now())
        if clean(consent.text) != consent.text:
            raise Permanent("The reply holds signs that cannot be written.")
        seen, size = graphemes(consent.text), len(consent.text.encode())
        if seen > MOST_GRAPHEMES or size > MOST_BYTES:
            raise Permanent(
                f"The reply has {seen} characters and {size} bytes; Bluesky takes {MOST_GRAPHEMES} and {MOST_BYTES}."
            )

    def _record(self, place: Place, target: Target, text: str) -> dict[str, object]:
        """The reply's record, tied to its post and the thread's beginning as they stand at this moment.

        Raises:
            Permanent: the post is gone, not for everyone, or closed to us.
            Transient: nobody answered.
        """
        view = self._client.posts([target.native_id]).get(target.native_id)
        if view is None:
            raise Gone("The post is no longer there, or kept from us.")
        if visibility_of(view) is not Visibility.PUBLIC:
            raise Permanent("The post is not public any more, so there is no public reply to it.")
        if closed(view) is not False:
            raise Permanent("The post's author does not let us answer.")
        above, author = part(view.get("record")), part(view.get("author"))
        parent = {"uri": target.native_id, "cid": clean(view.get("cid"))}
        beginning = part(part(above.get("reply")).get("root"))
        root = {"uri": clean(beginning.get("uri")), "cid": clean(beginning.get("cid"))} if beginning else parent
        if not (parent["cid"] and root["cid"] and halves(root["uri"])[0]):
            raise Permanent("The post's thread cannot be read.")
        told = above.get("langs")
        langs = [each for each in (told if isinstance(told, list) else ()) if _LANGUAGE.fullmatch(clean(each))]
        known = {place.handle(author).lower(): clean(author.get("did")), place.account.lower(): place.did}
        facets = self._facets(text, known)
        return {
            "$type": POST,
            "text": text,
            "createdAt": stamp(self._clock.now()),
            "reply": {"root": root, "parent": parent},
            **({"langs": langs[:1]} if langs else {}),
            **({"facets": facets} if facets else {}),
        }

    def _facets(self, text: str, known: dict[str, str]) -> list[dict[str, object]]:
        """What in ``text`` leads somewhere: addresses, and handles whose owner is known or can be asked for."""
        found = [(begin, end, {"$type": _LINK, "uri": uri}) for begin, end, uri in links(text)]
        for begin, end, handle in handles(text):
            did = known.get(handle.lower()) or self._owner(handle)
            found += [(begin, end, {"$type": _MENTION, "did": did})] if did else []
        return [
            {"index": {"byteStart": begin, "byteEnd": end}, "features": [feature]}
            for begin, end, feature in sorted(found, key=lambda facet: facet[:2])
        ]

    def _owner(self, handle: str) -> str:
        """Whose handle it is; nobody's where the platform does not know it, and then it stays a plain word."""
        try:
            return clean(self._client.get(_RESOLVE, {"handle": handle}).get("did"))
        except Permanent as refusal:
            if isinstance(refusal, Unauthorised):
                raise
            return ""

    def _shown(self, parent: str, uri: str) -> str:
        """Our reply's words as the platform shows them below the post; empty if it cannot tell yet.

        Raises:
            Uncertain: the platform hides the reply.
        """
        try:
            thread = part(self._client.get(_THREAD, {"uri": parent, "depth": 1, "parentHeight": 0}).get("thread"))
            below = {clean(view.get("uri")): view for view in map(post_of, parts(thread.get("replies")))}
            if uri not in below and closed(post_of(thread)):
                raise Uncertain(
                    "The reply was written, but the platform hides it: the post's author closed the replies."
                )
            record = part(below[uri].get("record")) if uri in below else self._stored(uri)
        except (Transient, Permanent):
            # It was created, and the answer said so: that it cannot be read at this moment changes nothing.
            return ""
        return clean(record.get("text"))

    def _stored(self, uri: str) -> Fields:
        did, key = halves(uri)
        return part(self._client.get(_RECORD, {"repo": did, "collection": POST, "rkey": key}).get("value"))

    def find(self, target: Target, text: str, since: int) -> Receipt | None:  # noqa: ARG002 - the port gives it
        """See ``Publisher.find``. Our own repository tells: under the key of this very reply it stands or not."""
        check_place(target, self._client.surface, self._client.account)
        place, key = self._client.place, reply_key(target.native_id, text)
        try:
            record = self._stored(f"at://{place.did}/{POST}/{key}")
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            return None
        if part(part(record.get("reply")).get("parent")).get("uri") != target.native_id:
            raise Transient(ODD_ANSWER)
        return self._receipt(place, key, instant(record.get("createdAt")) or 0, clean(record.get("text")))

    def _receipt(self, place: Place, key: str, at: int, text: str) -> Receipt:
        return Receipt(
            platform=Platform.BLUESKY,
            surface=place.surface,
            account=place.account,
            native_id=f"at://{place.did}/{POST}/{key}",
            url=f"{SITE}/profile/{place.account}/post/{key}",
            at=at,
            text_read_back=text,
        )

    def retract(self, receipt: Receipt) -> None:
        """See ``Publisher.retract``. The platform takes the deletion of what is already gone as done."""
        check_place(receipt, self._client.surface, self._client.account)
        did, key = halves(receipt.native_id)
        if did != self._client.place.did:
            raise Permanent("This is not a post of this account.")
        try:
            self._client.delete(_DELETE, {"repo": did, "collection": POST, "rkey": key})
        except Gone:
            return
