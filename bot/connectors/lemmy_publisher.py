"""Writes one public comment on a Lemmy server, finds it again and takes it back.

It must not send anything but that comment, and never twice: what it cannot know is ``Uncertain``.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.connectors.fields import ODD_ANSWER, Fields, Unreadable, clean, name, part
from bot.connectors.forum_site import listed
from bot.connectors.lemmy import PAGE, Client, Source, client, place_of
from bot.connectors.lemmy_post import Place, deleted, is_open, number_of, visibility_of
from bot.connectors.publishing import absent, check, check_place, newest, standing
from bot.connectors.threads import DEEPEST, gathered
from bot.connectors.tools import Tools
from bot.errors import Gone, Permanent, Transient, Uncertain
from bot.model import Consent, Identity, Platform, PostStatus, Receipt, Target, Thread, Visibility
from bot.ports import Clock
from bot.text import calls_itself_parody

LONGEST_LOOK: Final = 4
"""Pages of a thread's newest comments that ``find`` reads."""


def publisher(source: Source, tools: Tools) -> "LemmyPublisher":
    """The writer of ``source``."""
    return LemmyPublisher(source, client(source, tools), tools.clock)


class LemmyPublisher:
    """Writes as the source's account on the server of ``client``."""

    def __init__(self, source: Source, client: Client, clock: Clock) -> None:
        self._client = client
        self._place: Place = place_of(source, client)
        self._clock = clock

    def identity(self) -> Identity:
        """See ``Publisher.identity``."""
        person = part(part(part(self._client.get("/site", {}).get("my_user")).get("local_user_view")).get("person"))
        handle, bot = clean(person.get("name")), person.get("bot_account")
        if not handle:
            raise Transient(ODD_ANSWER)
        is_bot = bot if isinstance(bot, bool) else None
        return Identity(handle, name(person.get("id")), is_bot, clean(person.get("bio")))

    def inspect(self, target: Target) -> PostStatus:
        """See ``Publisher.inspect``. ``http_status`` is 404 for a post that is gone and 403 for one kept from us."""
        now = self._clock.now()
        try:
            view = self._view(target.native_id)
        except Permanent as refusal:
            return absent(now, refusal)
        if deleted(view):
            return absent(now)
        try:
            mention = self._place.mention(view)
        except Unreadable:
            raise Transient(ODD_ANSWER) from None
        creator = part(view.get("creator"))
        return replace(
            standing(now, mention),
            author_parody=calls_itself_parody(clean(creator.get("display_name")), clean(creator.get("bio"))),
            author_active=not (creator.get("banned") or creator.get("deleted")),
            replies_open=is_open(view),
            summoned=True if self._place.account.lower() in mention.own_mentions else None,
        )

    def thread(self, target: Target, root: str, most: int) -> Thread:
        """See ``Publisher.thread``. The post at the top, the answers to this comment, then all others under it."""
        word, number = _numbered(target.native_id)
        views, looks = [], list[dict[str, str | int]]()
        if word == "comment":
            looks.append({"parent_id": number})
        if root or word == "post":
            top = root or target.native_id
            views.append(self._view(top))
            looks.append({"post_id": _numbered(top)[1]})
        for above in looks:
            query: dict[str, str | int] = {**above, "type_": "All", "max_depth": DEEPEST, "sort": "Old", "limit": PAGE}
            views += listed(self._client.get("/comment/list", query), "comments")
        return gathered([view for view in views if not deleted(view)], self._place.mention, most)

    def _view(self, native_id: str) -> Fields:
        """The post or comment as the server shows it now."""
        word, number = _numbered(native_id)
        view = part(self._client.get(f"/{word}", {"id": number}).get(f"{word}_view"))
        if not view:
            raise Transient(ODD_ANSWER)
        return view

    def publish(self, consent: Consent) -> Receipt:
        """See ``Publisher.publish``. Looks at the post first: its thread and language are needed for the comment."""
        target = consent.target
        check_place(target, self._place.surface, self._place.account)
        check(consent, self._clock.now())
        if len(consent.text) > Platform.LEMMY.longest:
            raise Permanent("The text is too long for this server.")
        view = self._view(target.native_id)
        if deleted(view) or visibility_of(view) is not Visibility.PUBLIC:
            raise Permanent("The post is no longer public, so there is no public reply to it.")
        if not is_open(view):
            raise Permanent("The thread is locked, or we may not write in this community.")
        answer = self._client.post("/comment", _comment(view, consent.text))
        written = part(answer.get("comment_view")) if isinstance(answer, Mapping) else {}
        receipt = self._receipt(written)
        if receipt is None or not self._place.ours(written):
            raise Uncertain("The platform took the reply, but its answer is of an unexpected form.")
        if not self._answers(written, target.native_id):
            raise Uncertain("The platform published the text, but not as a reply to the post.")
        if deleted(written) or visibility_of(written) is not Visibility.PUBLIC:
            raise Uncertain("The platform took the reply, but not everyone can read it.")
        return receipt

    def find(self, target: Target, text: str, since: int) -> Receipt | None:  # noqa: ARG002 - the port gives it
        """See ``Publisher.find``. Looks among the newest comments below the post.

        Any comment of ours right below that very post since ``since`` is the one: we send one at a time. One that
        moderators removed was sent too, and they may restore it.
        """
        check_place(target, self._place.surface, self._place.account)
        word, number = _numbered(target.native_id)
        above = {"parent_id" if word == "comment" else "post_id": number}
        for page in range(1, LONGEST_LOOK + 1):
            query: dict[str, str | int] = {**above, "type_": "All", "max_depth": 1, "sort": "New"}
            try:
                views = listed(self._client.get("/comment/list", {**query, "page": page, "limit": PAGE}), "comments")
            except Gone:
                return None
            ours = [view for view in views if self._place.ours(view) and self._answers(view, target.native_id)]
            kept = [view for view in ours if not part(view.get("comment")).get("deleted")]
            found = newest(map(self._receipt, kept), since)
            if found or len(views) < PAGE:
                return found
        return None

    def _answers(self, view: Fields, native_id: str) -> bool:
        try:
            return self._place.mention(view).parent_key == native_id
        except Unreadable:
            return False

    def _receipt(self, view: Fields) -> Receipt | None:
        """What proves a comment of ours; ``None`` if the view is of an unexpected form."""
        try:
            mention = self._place.mention(view)
        except Unreadable:
            return None
        return Receipt(
            platform=Platform.LEMMY,
            surface=self._place.surface,
            account=self._place.account,
            native_id=mention.native_id,
            url=mention.url,
            at=mention.created_at,
            text_read_back=mention.text,
        )

    def retract(self, receipt: Receipt) -> None:
        """See ``Publisher.retract``. The server deletes nobody else's comment for us."""
        check_place(receipt, self._place.surface, self._place.account)
        try:
            view = self._view(receipt.native_id)
            if deleted(view):
                return
            if not self._place.ours(view):
                raise Permanent("This comment is not by our account.")
            _, number = _numbered(receipt.native_id)
            self._client.post("/comment/delete", {"comment_id": number, "deleted": True})
        except Gone:
            return


def _numbered(native_id: str) -> tuple[str, int]:
    try:
        return number_of(native_id)
    except Unreadable:
        raise Permanent("This is not the id of a post or a comment.") from None


def _comment(view: Fields, text: str) -> dict[str, str | int]:
    """The body of a comment below what ``view`` shows, in its language: some communities take no other."""
    comment, post = part(view.get("comment")), part(view.get("post"))
    language = (comment or post).get("language_id")
    places = {"post_id": post.get("id"), "parent_id": comment.get("id"), "language_id": language}
    body = {field: value for field, value in places.items() if isinstance(value, int)}
    if "post_id" not in body or bool(comment) != ("parent_id" in body):
        raise Transient(ODD_ANSWER)
    return {"content": text, **body}
