"""What never leaves the house, on any platform: private messages, follows, favourites, e-mail and the like.

A second layer, independent of the allow-list: it reads a request the most suspicious way and knows the
private corners of platforms that Earshot does not even speak to yet. It only refuses; it allows nothing.
Sources: the platforms' own API references, Mastodon 4.6, X API 2.167, Reddit, atproto lexicons, Lemmy 0.19.
"""

import re
from typing import Final
from urllib.parse import unquote

from bot.egress.rules import Call

PRIVATE_WORDS: Final = frozenset(
    {
        "authorize_follow", "block", "bookmark", "broadcasts", "chat", "chats", "compose", "conversation",
        "conversations", "direct", "direct_message", "direct_messages", "dm", "dm_conversations", "dm_events", "dms",
        "email", "emails", "favorite", "favorites", "favourite", "favourites", "follow", "follow_requests", "followers",
        "following", "follows", "friend_requests", "friendships", "invites", "like", "likes", "mail", "message",
        "messages", "mute", "poke", "private_message", "private_messages", "reblog", "reblogs", "reports", "retweets",
        "scheduled_statuses", "sms", "streaming", "subscribe", "unfollow", "votes",
    }
)  # fmt: skip
"""Segments of a path that mean a private or a personal act somewhere."""

_PATTERNS: Final = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"/api/v\d+/timelines/(?!(public|tag)$)", "personal timeline"),
        (r"/xrpc/chat\.bsky\.", "private message"),
        (r"/dm[_/-]|/dm$", "private message"),
        (r"/removal_\w+_message", "private message"),
        (r"/api/(read|del|block|unread|collapse|uncollapse)\w*message", "private message"),
    )
)
_PUBLIC_MESSAGES: Final = re.compile(r"/message/(mentions|comments|selfreply)/?")
_PRIVATE_FIELDS: Final = frozenset(
    {"scheduled_at", "direct_message_deep_link", "for_super_followers_only", "community_id", "to", "recipient_id"}
)
_PERSONAL_RECORDS: Final = re.compile(
    r"app\.bsky\.(graph|actor|notification|labeler)\.|app\.bsky\.feed\.(like|repost)|chat\."
)
_BELL: Final = "/api/v1/streaming/user/notification"
"""The one stream that may be asked for, written exactly so and without a field: ``bot.egress.events`` keeps no word."""
_STATUS: Final = re.compile(r"/api/v\d+/statuses(/[^/]+)?/?")


def _plainest(path: str) -> str:
    """``path`` as the most generous server would read it: decoded to the end, lower case, dots resolved."""
    for _ in range(8):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    kept: list[str] = []
    for part in re.split(r"[/\\]+", path.lower()):
        name = part.split(";")[0]
        if name == "..":
            kept = kept[:-1]
        elif name not in {"", "."}:
            kept.append(name)
    return "/" + "/".join(kept)


def _of_path(path: str) -> str:
    # A hashtag, a subreddit and a person's name may be any word.
    judged = re.sub(r"(/timelines/tag)/[^/]+", r"\1", path)
    judged = re.sub(r"^(/user|/u)/[^/]+(?=/(about|comments)/?$)", r"\1", judged)
    judged = re.sub(r"^/u/[^/]+\.json$", "/u", judged)
    judged = re.sub(r"^(/posts)/[^/]+(?=/pending\.json$)", r"\1", judged)
    judged = re.sub(r"^(/r)/[^/]+(?=/(search|comments)/?$)", r"\1", judged)
    for pattern, reason in _PATTERNS:
        if pattern.search(judged):
            return reason
    if _PUBLIC_MESSAGES.fullmatch(judged):
        return ""
    words = {part.removesuffix(".json") for part in judged.split("/")}
    return "private or personal act" if words & PRIVATE_WORDS else ""


def _of_fields(call: Call, path: str) -> str:
    fields = {**call.query, **call.body}
    if any(_PRIVATE_FIELDS & set(re.split(r"[.\[\]]+", name)) for name in fields):
        return "private field"
    if any(_PERSONAL_RECORDS.match(value) for value in fields.get("collection", ())):
        return "private or personal act"
    if any(value.lower().startswith("t4_") for value in fields.get("thing_id", ())):
        return "private message"
    if "direct" in fields.get("stream", ()):
        return "private stream"
    if call.method in {"POST", "PUT", "PATCH"} and _STATUS.fullmatch(path):
        visibility = call.body.get("visibility", ())
        if len(visibility) != 1 or visibility[0] not in {"public", "unlisted"}:
            return "visibility is not public"
    return ""


def private_reason(call: Call) -> str:
    """Why ``call`` is a private act; empty when it is none."""
    if "bsky_chat" in call.headers.get("atproto-proxy", ""):
        return "private message"
    if (call.method, call.target) == ("GET", _BELL) and not call.query:
        return ""
    path = _plainest(call.path)
    return _of_path(path) or _of_fields(call, path)
