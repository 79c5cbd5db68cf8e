"""Writes one public reply on X, finds it again and takes it back.

It must not send anything but that reply, and never twice: what it cannot know is ``Uncertain``. X itself puts the
addressee in front of a reply, so the text goes out letter by letter as it was approved.
"""

from dataclasses import replace
from typing import Final

from bot.connectors.fields import ODD_ANSWER, Fields, Unreadable, clean, name, part
from bot.connectors.publishing import SKEW_MS, absent, check, check_place, standing
from bot.connectors.threads import gathered
from bot.connectors.tools import Tools
from bot.connectors.x_client import SEARCHES_END_AT, Client, Source
from bot.connectors.x_feeds import FEWEST, PAGE, problems
from bot.connectors.x_post import SURFACE, Around, Place, id_at, number, time_of, versions
from bot.errors import Gone, Permanent, PlatformError, Transient, Unauthorised, Uncertain
from bot.lengths.x import LONGEST, weighted_length
from bot.model import Consent, Identity, Mention, Platform, PostStatus, Receipt, Target, Thread, Visibility
from bot.ports import Clock
from bot.text import calls_itself_parody

_LONGEST_LOOK: Final = 5
"""Requests that one ``find`` makes at most: our five hundred latest posts."""

_ANOTHER_NAME: Final = "X published the reply under another name."
_REFUSED = (
    "X refused the reply, and nothing was published. It takes replies only to people who mentioned or quoted us, "
    "no text twice, and nothing while the account has no credit."
)


def publisher(source: Source, tools: Tools) -> "XPublisher":
    """The writer of ``source``.

    Raises:
        EarshotError: a secret is missing.
    """
    return XPublisher(Client(source, tools, writing=True), source.place, tools.clock)


class XPublisher:
    """Writes as the account of ``place``."""

    def __init__(self, client: Client, place: Place, clock: Clock) -> None:
        self._client = client
        self._place = place
        self._clock = clock
        self._account_checked = False

    def identity(self) -> Identity:
        """See ``Publisher.identity``. Our own id must be right: by it X lists what is said to us."""
        account = self._client.me()
        handle, native_id = clean(account.get("username")), name(account.get("id"))
        if not handle or not native_id:
            raise Transient(ODD_ANSWER)
        if native_id != self._place.account_id:
            raise Unauthorised("The credentials belong to another account than account_id in platforms.yaml.")
        bio = account.get("description")
        return Identity(handle, native_id, bio=clean(bio) if isinstance(bio, str) else None)

    def inspect(self, target: Target) -> PostStatus:
        """See ``Publisher.inspect``. ``http_status`` is 404 for a post that is gone and 403 for one kept from us."""
        try:
            post, around, mention = self._latest(target.native_id)
        except Permanent as refusal:
            return absent(self._clock.now(), refusal)
        settings, author = post.get("reply_settings"), around.users.get(mention.author.native_id, {})
        return replace(
            standing(self._clock.now(), mention),
            author_parody=calls_itself_parody(clean(author.get("name")), clean(author.get("description"))),
            author_active=True if mention.author.native_id in around.users else None,
            replies_open=settings == "everyone" if isinstance(settings, str) else None,
            summoned=self._place.summoned(post, around),
        )

    def thread(self, target: Target, root: str, most: int) -> Thread:
        """See ``Publisher.thread``. One search, of the last seven days; none where searches cost too much by now."""
        conversation = number(root or target.native_id)
        if conversation is None:
            raise Permanent("This is not the id of a post on X.")
        if self._client.purse.spent() >= SEARCHES_END_AT:
            return Thread((), {"over budget": 1})
        listing = self._client.search(f"conversation_id:{conversation}", {"max_results": max(FEWEST, min(most, PAGE))})
        views = [post for _, post in listing.posts]
        found = gathered(views, lambda post: self._place.mention(post, listing.around), most)
        return replace(found, left_out={**found.left_out, "too many": 1}) if listing.token else found

    def _latest(self, native_id: str) -> tuple[Fields, Around, Mention]:
        """The newest version of a post: X answers with exactly the version that it is asked for."""
        post, around = self._client.post(native_id)
        try:
            newest = str(versions(post)[-1])
            if newest != native_id:
                post, around = self._client.post(newest)
            return post, around, self._place.mention(post, around)
        except Unreadable:
            raise Transient(ODD_ANSWER) from None

    def publish(self, consent: Consent) -> Receipt:
        """See ``Publisher.publish``."""
        target = consent.target
        check_place(target, SURFACE, self._place.account)
        check(consent, self._clock.now())
        if weighted_length(consent.text) > LONGEST:
            raise Permanent(f"The reply is longer than the {LONGEST} characters that X takes, as X counts them.")
        self._check_account()
        try:
            answer = self._client.reply(consent.text, target.native_id)
        except Permanent as refusal:
            raise (Permanent(_REFUSED) if type(refusal) is Permanent else refusal) from None
        made = part(answer.get("data"))
        ident = number(made.get("id"))
        if ident is None:
            raise Uncertain("X took the reply, but its answer does not say which post it became.")
        if name(made.get("author_id")) not in {"", self._place.account_id}:
            raise Uncertain(_ANOTHER_NAME)
        return self._read_back(str(ident), clean(made.get("text")), target)

    def _read_back(self, native_id: str, answered: str, target: Target) -> Receipt:
        """The reply as it stands there; as X answered with it, if it cannot be read yet.

        Raises:
            Uncertain: it stands there, but not below the post or not under our name.
        """
        try:
            post, around = self._client.post(native_id)
            reply = self._place.mention(post, around)
        except (PlatformError, Unreadable):
            return self._receipt(native_id, time_of(int(native_id)), answered)
        if reply.parent_key != target.native_id:
            raise Uncertain("X published the text, but not as a reply to the post.")
        if reply.author.native_id != self._place.account_id:
            raise Uncertain(_ANOTHER_NAME)
        text = reply.text if reply.visibility is Visibility.PUBLIC else answered
        return self._receipt(native_id, reply.created_at, text)

    def _receipt(self, native_id: str, at: int, text: str) -> Receipt:
        url = f"https://{SURFACE}/{self._place.account}/status/{native_id}"
        return Receipt(Platform.X, SURFACE, self._place.account, native_id, url, at, text)

    def find(self, target: Target, text: str, since: int) -> Receipt | None:  # noqa: ARG002 - the port gives it
        """See ``Publisher.find``. Looks among our own latest posts for the newest reply to that very post.

        Texts are not compared: X shortens addresses, and we send one reply at a time.
        """
        check_place(target, SURFACE, self._place.account)
        page: dict[str, str | int] = {"max_results": 100, "since_id": id_at(since - SKEW_MS)}
        for _ in range(_LONGEST_LOOK):
            listing = self._client.timeline(self._place.account_id, page)
            for ident, post in listing.posts:
                try:
                    reply = self._place.mention(post, listing.around)
                except Unreadable:
                    continue
                ours = reply.author.native_id == self._place.account_id
                if ours and reply.parent_key == target.native_id and reply.created_at >= since - SKEW_MS:
                    public = reply.visibility is Visibility.PUBLIC
                    return self._receipt(str(ident), reply.created_at, reply.text if public else "")
            if not listing.token:
                return None
            page["pagination_token"] = listing.token
        raise Transient("We wrote too much since then to find one reply: please look for it by hand.")

    def retract(self, receipt: Receipt) -> None:
        """See ``Publisher.retract``."""
        check_place(receipt, SURFACE, self._place.account)
        try:
            answer = self._client.delete(receipt.native_id)
        except Gone:
            return
        if part(answer.get("data")).get("deleted") is not True and "resource-not-found" not in problems(answer):
            raise Transient("X did not say whether the post was deleted.")

    def _check_account(self) -> None:
        """Keys of another account would publish under its name. Looked at once."""
        if self._account_checked:
            return
        try:
            us = self.identity().handle
        except Gone:
            raise Permanent("X does not say whose account the keys belong to.") from None
        if us.lower() != self._place.account.lower():
            raise Unauthorised("The credentials belong to another account than platforms.yaml names.")
        self._account_checked = True
