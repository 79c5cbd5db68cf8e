"""Writes one public reply on a server that speaks the Mastodon API, finds it again and takes it back.

It must not send anything but that reply, and never twice: what it cannot know is ``Uncertain``.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace

from bot.connectors.fields import ODD_ANSWER, Fields, Unreadable, clean, name, part, parts
from bot.connectors.markup import plain
from bot.connectors.mastodon import Client, Source, client, translated
from bot.connectors.mastodon_post import Place, Status, visibility_of
from bot.connectors.publishing import absent, check, check_place, newest, standing
from bot.connectors.threads import gathered
from bot.connectors.tools import Tools
from bot.errors import EgressRefused, Gone, Permanent, Transient, Unauthorised, Uncertain
from bot.lengths.mastodon import length
from bot.model import READABLE_BY_ALL, Consent, Identity, Platform, PostStatus, Receipt, Target, Thread
from bot.ports import Clock
from bot.text import calls_itself_parody

_NO_DELETION = "This server does not let us delete the post: please delete it there by hand."


def publisher(source: Source, tools: Tools) -> "MastodonPublisher":
    """The writer of ``source``."""
    return MastodonPublisher(client(source, tools), source.account, tools.clock)


class MastodonPublisher:
    """Writes as ``account`` (handle without "@") on the server of ``client``."""

    def __init__(self, client: Client, account: str, clock: Clock) -> None:
        self._client = client
        self._place = Place(client.surface, account.removeprefix("@"))
        self._clock = clock
        self._account_checked = False

    def identity(self) -> Identity:
        """See ``Publisher.identity``."""
        return replace(self._own_account(), server_rules=self._server_rules())

    def _own_account(self) -> Identity:
        with translated():
            account = part(self._client.sdk.account_verify_credentials())
        author = self._place.author(account)
        if not author.native_id:
            raise Transient(ODD_ANSWER)
        return Identity(author.handle, author.native_id, author.is_bot, plain(account.get("note")).text)

    def _server_rules(self) -> str:
        """The version of the server's rules, by their content; "" from a server that publishes none (rule C-30)."""
        try:
            with translated():
                rules = self._client.sdk.instance_rules()
        except Permanent:
            return ""
        texts = [text for rule in parts(rules) if (text := clean(rule.get("text")))]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest() if texts else ""

    def inspect(self, target: Target) -> PostStatus:
        """See ``Publisher.inspect``. ``http_status`` is 404 for a post that is gone and 403 for one kept from us."""
        try:
            with translated():
                status = part(self._client.sdk.status(target.native_id))
        except Permanent as refusal:
            return absent(self._clock.now(), refusal)
        try:
            mention = self._place.mention(status)
        except Unreadable:
            raise Transient(ODD_ANSWER) from None
        account = part(status.get("account"))
        return replace(
            standing(self._clock.now(), mention, READABLE_BY_ALL),
            author_parody=calls_itself_parody(clean(account.get("display_name")), clean(account.get("note"))),
            author_active=not any(account.get(mark) for mark in ("suspended", "memorial", "moved")),
            author_blocks_us=self._blocks_us(mention.author.native_id),
            summoned=True if self._place.names_us(status) else None,
        )

    def thread(self, target: Target, root: str, most: int) -> Thread:  # noqa: ARG002 - the server knows the way up
        """See ``Publisher.thread``. Read without our token: what only we may see does not come along.

        A server gives a stranger some forty posts above and sixty below. The second look is at the beginning's thread.
        """
        near = self._around(target.native_id)
        above = list(reversed(parts(near.get("ancestors"))))
        views = [*above, *parts(near.get("descendants"))]
        beginning = name(above[-1].get("id")) if above else ""
        if beginning:
            views += parts(self._around(beginning).get("descendants"))
        return gathered(views, self._place.mention, most)

    def _around(self, native_id: str) -> Fields:
        return part(self._client.get_as_stranger(f"/api/v1/statuses/{native_id}/context"))

    def _blocks_us(self, author_id: str) -> bool | None:
        """Whether the author blocks us; ``None`` where the server does not say."""
        try:
            with translated():
                answer = self._client.sdk.account_relationships([author_id])
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            return None
        blocks = [each.get("blocked_by") for each in parts(answer)]
        return blocks[0] if blocks and isinstance(blocks[0], bool) else None

    def publish(self, consent: Consent) -> Receipt:
        """See ``Publisher.publish``. The reply is public or unlisted, as ``consent.target`` says of its post.

        The addressee's handle is put in front if the text does not hold it: without it they are not told.
        """
        target = consent.target
        check_place(target, self._place.surface, self._place.account)
        check(consent, self._clock.now(), READABLE_BY_ALL)
        text = self._addressed(consent.text, target.author_handle)
        if length(text) > Platform.MASTODON.longest and length(text) > self._longest():
            raise Permanent("The reply is too long for this server. Shorten it.")
        self._check_account()
        with translated(writing=True):
            answer = self._client.sdk.status_post(
                text,
                in_reply_to_id=target.native_id,
                visibility=target.visibility.value,
                idempotency_key=consent.request_key,
            )
        status = part(answer)
        receipt = self._receipt(status)
        if receipt is None:
            raise Uncertain("The platform took the reply, but its answer is of an unexpected form.")
        if not self._is_us(part(status.get("account")).get("acct")):
            raise Uncertain("The platform published the reply under another name.")
        if visibility_of(status) is not target.visibility:
            raise Uncertain("The platform published the reply with another visibility than asked for.")
        if name(status.get("in_reply_to_id")) != target.native_id:
            raise Uncertain("The platform published the text, but not as a reply to the post.")
        return receipt

    def _longest(self) -> int:
        """How long a post may be on this server, in its own counting. Asked only beyond what all servers take."""
        try:
            instance = part(self._client.get("/api/v1/instance", {}))
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            return Platform.MASTODON.longest
        limit = part(part(instance.get("configuration")).get("statuses")).get("max_characters")
        return limit if isinstance(limit, int) and limit > 0 else Platform.MASTODON.longest

    def _addressed(self, text: str, handle: str) -> str:
        """``text`` with the addressee's handle in it."""
        spelled = rf"(?<![\w@])@{re.escape(self._place.handle(handle))}(?![\w@]|\.\w)"
        return text if re.search(spelled, text, re.IGNORECASE) else f"@{self._place.handle(handle)} {text}"

    def find(self, target: Target, text: str, since: int) -> Receipt | None:  # noqa: ARG002 - the port gives it
        """See ``Publisher.find``. Looks in the thread, then among our own latest posts, for the newest reply.

        Any public reply of ours to that very post since ``since`` is the one: we send one at a time, and servers
        rewrite texts (handles, markup, white space), so that a comparison would miss what stands there.
        """
        check_place(target, self._place.surface, self._place.account)
        try:
            with translated():
                context = part(self._client.sdk.status_context(target.native_id))
            found = self._ours(parts(context.get("descendants")), target, since)
        except Gone:
            found = None
        return found or self._ours(self._latest(), target, since)

    def _latest(self) -> tuple[Status, ...]:
        """Our own latest posts; none where the server does not list them."""
        with translated():
            ident = name(part(self._client.sdk.account_verify_credentials()).get("id"))
        try:
            with translated():
                return parts(self._client.sdk.account_statuses(ident, limit=40))
        except Gone:
            return ()

    def _ours(self, statuses: Iterable[Status], target: Target, since: int) -> Receipt | None:
        ours = (
            status
            for status in statuses
            if self._is_us(part(status.get("account")).get("acct"))
            and name(status.get("in_reply_to_id")) == target.native_id
            and visibility_of(status) in READABLE_BY_ALL
        )
        return newest(map(self._receipt, ours), since)

    def _receipt(self, status: Status) -> Receipt | None:
        """What proves a post of ours; ``None`` if the status is of an unexpected form."""
        try:
            post = self._place.mention(status)
        except Unreadable:
            return None
        return Receipt(
            platform=Platform.MASTODON,
            surface=self._place.surface,
            account=self._place.account,
            native_id=post.native_id,
            url=post.url,
            at=post.created_at,
            text_read_back=post.text if post.visibility in READABLE_BY_ALL else "",
        )

    def retract(self, receipt: Receipt) -> None:
        """See ``Publisher.retract``. Servers without deletion leave it to a person."""
        check_place(receipt, self._place.surface, self._place.account)
        try:
            self._client.delete(f"/api/v1/statuses/{receipt.native_id}")
        except Gone:
            if self._still_there(receipt.native_id):
                raise Permanent(_NO_DELETION) from None
        except (Unauthorised, EgressRefused):
            raise
        except Permanent:
            raise Permanent(_NO_DELETION) from None

    def _still_there(self, native_id: str) -> bool:
        try:
            with translated():
                self._client.sdk.status(native_id)
        except Gone:
            return False
        return True

    def _is_us(self, acct: object) -> bool:
        return self._place.handle(acct).lower() == self._place.handle(self._place.account).lower()

    def _check_account(self) -> None:
        """A token of another account would publish under its name. Looked at once."""
        if self._account_checked:
            return
        try:
            us = self._own_account().handle
        except Gone:
            raise Permanent("The server does not say whose account the token belongs to.") from None
        if not self._is_us(us):
            raise Unauthorised("The token belongs to another account than platforms.yaml names.")
        self._account_checked = True
