"""How a status of the Mastodon API becomes a mention: plain text from markup, who is named, who may read it.

Pure: no network and no clock. It takes what the SDK or plain JSON gives, trusts none of it, and keeps
no more of an author than the model has room for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.connectors.fields import Unreadable, clean, host_of, instant, keeps_bots_away, name, part, parts
from bot.connectors.markup import Plain, plain
from bot.model import READABLE_BY_ALL, Author, Kind, Media, Mention, Platform, Quoted, Visibility, is_new

Status = Mapping[str, object]

VISIBILITIES: Final = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}

_HANDLE = re.compile(r"(?<![\w@/.])@(\w[\w.-]*\w|\w)(?:@([\w-][\w.:-]*\w))?")


def visibility_of(status: Status) -> Visibility:
    """Who may read it. A word that we do not know is not public."""
    return VISIBILITIES.get(clean(status.get("visibility")), Visibility.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Place:
    """The server that we look at the fediverse from, and the account of ours that looks.

    Handles of people on this server stand without the server's name, all others with theirs.
    """

    surface: str
    account: str

    def handle(self, acct: object) -> str:
        """An ``acct`` of the API without "@" in front and without this server's own name."""
        return clean(acct).removeprefix("@").removesuffix(f"@{self.surface}")

    def own_text(self, status: Status) -> Plain:
        """The author's own words: the warning line, if any, then the text."""
        body = plain(status.get("content"), with_quote_line=not part(status.get("quote")))
        warning = plain(status.get("spoiler_text")).text
        return Plain(f"{warning}\n\n{body.text}".strip() if warning else body.text, body.links)

    def named(self, status: Status) -> tuple[str, ...]:
        """Lower-case handles that stand in the post's own text; people inherited from the thread do not count."""
        own = self.own_text(status)
        known = {clean(each.get("url")): self.handle(each.get("acct")) for each in parts(status.get("mentions"))}
        found = [known[address] for address, _, _ in own.links if known.get(address)]
        found += [
            self._spelled(words.strip(), host_of(address))
            for address, kind, words in own.links
            if address not in known and "mention" in kind.split() and "hashtag" not in kind.split()
        ]
        spelled = {self.handle("@".join(filter(None, pair))).lower() for pair in _HANDLE.findall(own.text)}
        found += [acct for acct in known.values() if acct.lower() in spelled]
        return tuple(dict.fromkeys(handle.lower() for handle in found if handle))

    def _spelled(self, words: str, host: str) -> str:
        """The handle that a link's words name; without a host in the words, the link's own host counts."""
        match = _HANDLE.fullmatch(words)
        return self.handle(f"{match[1]}@{match[2] or host}") if match else ""

    def names_us(self, status: Status) -> bool:
        """Whether the post addresses our account, in its text or by the server's own list."""
        listed = (self.handle(each.get("acct")).lower() for each in parts(status.get("mentions")))
        return self.account.lower() in {*self.named(status), *listed}

    def mention(self, status: Status) -> Mention:
        """The post as a mention.

        Raises:
            Unreadable: id, address, author or date are missing or broken.
        """
        author, parent = part(status.get("account")), name(status.get("in_reply_to_id"))
        native_id, key, born = name(status.get("id")), clean(status.get("uri")), instant(status.get("created_at"))
        if not native_id or not key or born is None or not name(author.get("id")):
            raise Unreadable
        repost, quoted = bool(part(status.get("reblog"))), self._quoted(status)
        kind = Kind.REPOST if repost else Kind.REPLY if parent else Kind.QUOTE if quoted else Kind.POST
        return Mention(
            platform=Platform.MASTODON,
            surface=self.surface,
            account=self.account,
            native_id=native_id,
            canonical_key=key,
            text="" if repost else self.own_text(status).text,
            author=replace(self.author(author), is_new=is_new(instant(author.get("created_at")), born)),
            created_at=born,
            visibility=visibility_of(status),
            kind=kind,
            url=clean(status.get("url")),
            declared_language=clean(status.get("language")),
            own_mentions=() if repost else self.named(status),
            parent_key=parent,
            parent_author_id=name(status.get("in_reply_to_account_id")),
            edited_at=instant(status.get("edited_at")),
            quoted=quoted,
            media=tuple(
                Media(clean(each.get("type")) or "unknown", clean(each.get("description")))
                for each in parts(status.get("media_attachments"))
            ),
            poll=tuple(clean(each.get("title")) for each in parts(part(status.get("poll")).get("options"))),
        )

    def author(self, account: Status) -> Author:
        """What may be kept of an author. Of the profile's words only whether they ask bots to stay away."""
        bot, note = account.get("bot"), account.get("note")
        fields = " ".join(plain(each.get("value")).text for each in parts(account.get("fields")))
        return Author(
            native_id=name(account.get("id")),
            handle=self.handle(account.get("acct")),
            is_bot=bot if isinstance(bot, bool) else None,
            opted_out=keeps_bots_away(f"{plain(note).text} {fields}") if isinstance(note, str) else None,
        )

    def _quoted(self, status: Status) -> Quoted | None:
        """The quoted post; its words only if its author agreed to the quote and everyone may read them."""
        quote = part(status.get("quote"))
        post = part(quote.get("quoted_status"))
        if not post:
            return None
        visibility = visibility_of(post)
        agreed = quote.get("state") == "accepted" and visibility in READABLE_BY_ALL
        return Quoted(
            native_id=name(post.get("id")),
            author_id=name(part(post.get("account")).get("id")),
            visibility=visibility,
            text=self.own_text(post).text if agreed else "",
        )
