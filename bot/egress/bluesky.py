"""What may be asked of a Bluesky server (a PDS), and nothing else. Data only.

The server hands on what it cannot answer itself to the network's own view of all posts; no request of ours names
another service, so no header that does is ever sent.
"""

from typing import Final

from bot.egress.rules import Rule

POSTS: Final = frozenset({"app.bsky.feed.post"})
"""The one kind of record that is written, read back and deleted."""

_AT: Final = ("at://",)
_OURS: Final = ("did:",)

BLUESKY: Final = (
    Rule(
        "POST",
        "/xrpc/com.atproto.server.createSession",
        body=frozenset({"identifier", "password"}),
        needs=frozenset({"identifier", "password"}),
        creates=False,
        bucket="session",
    ),
    Rule("POST", "/xrpc/com.atproto.server.refreshSession", creates=False, bucket="session"),
    Rule(
        "GET",
        "/xrpc/com.atproto.identity.resolveHandle",
        query=frozenset({"handle"}),
        needs=frozenset({"handle"}),
    ),
    Rule("GET", "/xrpc/app.bsky.actor.getProfile", query=frozenset({"actor"}), begins={"actor": _OURS}),
    Rule(
        "GET",
        "/xrpc/app.bsky.feed.searchPosts",
        query=frozenset({"q", "sort", "limit", "cursor", "since"}),
        needs=frozenset({"q"}),
        exact={"sort": frozenset({"latest"})},
        bucket="search",
    ),
    Rule(
        "GET",
        "/xrpc/app.bsky.notification.listNotifications",
        query=frozenset({"reasons", "limit", "cursor"}),
        exact={"reasons": frozenset({"mention", "reply", "quote"})},
    ),
    Rule(
        "GET", "/xrpc/app.bsky.feed.getPosts", query=frozenset({"uris"}), begins={"uris": _AT}, many=frozenset({"uris"})
    ),
    Rule(
        "GET",
        "/xrpc/app.bsky.feed.getPostThread",
        query=frozenset({"uri", "depth", "parentHeight"}),
        begins={"uri": _AT},
    ),
    Rule(
        "GET",
        "/xrpc/com.atproto.repo.getRecord",
        query=frozenset({"repo", "collection", "rkey"}),
        needs=frozenset({"rkey"}),
        exact={"collection": POSTS},
        begins={"repo": _OURS},
    ),
    Rule(
        "POST",
        "/xrpc/com.atproto.repo.createRecord",
        body=frozenset(
            {
                "repo",
                "collection",
                "rkey",
                "record.$type",
                "record.text",
                "record.createdAt",
                "record.langs[]",
                "record.reply.root.uri",
                "record.reply.root.cid",
                "record.reply.parent.uri",
                "record.reply.parent.cid",
                "record.facets[].index.byteStart",
                "record.facets[].index.byteEnd",
                "record.facets[].features[].$type",
                "record.facets[].features[].uri",
                "record.facets[].features[].did",
            }
        ),
        needs=frozenset({"rkey", "record.text", "record.reply.root.cid", "record.reply.parent.cid"}),
        exact={"collection": POSTS, "record.$type": POSTS},
        begins={"repo": _OURS, "record.reply.root.uri": _AT, "record.reply.parent.uri": _AT},
        bucket="write",
    ),
    Rule(
        "POST",
        "/xrpc/com.atproto.repo.deleteRecord",
        body=frozenset({"repo", "collection", "rkey"}),
        needs=frozenset({"rkey"}),
        exact={"collection": POSTS},
        begins={"repo": _OURS},
        creates=False,
        bucket="write",
    ),
)
"""Logging in, reading public posts and what addresses us, one public reply, taking back a post of our own."""
