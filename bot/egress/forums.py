"""What may be asked of a Discourse forum, of a Lemmy server and of the search over Hacker News. Data only."""

from typing import Final

from bot.egress.rules import Rule

DISCOURSE: Final = (
    Rule("GET", "/posts.json", query=frozenset({"before"})),
    Rule("GET", "/posts/:number.json"),
    Rule("GET", "/posts/:number/replies.json", query=frozenset({"after"})),
    # With our own key only our own name is answered: what of ours waits for moderators.
    Rule("GET", "/posts/:name/pending.json"),
    Rule("GET", "/search.json", query=frozenset({"q", "page"}), needs=frozenset({"q"}), bucket="search"),
    Rule("GET", "/session/current.json"),
    Rule("GET", "/t/:number.json", query=frozenset({"post_number", "username_filters"})),
    Rule("GET", "/u/:name.json"),
    Rule(
        "POST",
        "/posts.json",
        body=frozenset({"raw", "topic_id", "reply_to_post_number"}),
        needs=frozenset({"raw", "topic_id", "reply_to_post_number"}),
    ),
    # A deletion is answered with nothing at all.
    Rule("DELETE", "/posts/:number.json", json=False),
)
"""Reading as a stranger reads, one reply in a topic that stands there, taking back a post of our own.

No archetype, no recipients and no category may be sent: with them the same request writes a private message or
opens a topic.
"""

_PAGE: Final = frozenset({"sort", "page", "limit"})

LEMMY: Final = (
    Rule(
        "POST",
        "/api/v3/user/login",
        body=frozenset({"username_or_email", "password"}),
        needs=frozenset({"username_or_email", "password"}),
        creates=False,
    ),
    Rule("GET", "/api/v3/comment", query=frozenset({"id"}), needs=frozenset({"id"})),
    Rule(
        "GET",
        "/api/v3/comment/list",
        query=_PAGE | {"type_", "community_name", "post_id", "parent_id", "max_depth"},
    ),
    Rule("GET", "/api/v3/post", query=frozenset({"id"}), needs=frozenset({"id"})),
    Rule("GET", "/api/v3/post/list", query=_PAGE | {"type_", "community_name"}),
    Rule(
        "GET",
        "/api/v3/search",
        query=_PAGE | {"q", "type_", "listing_type"},
        needs=frozenset({"q"}),
        exact={"type_": frozenset({"Comments", "Posts"})},
        bucket="search",
    ),
    Rule("GET", "/api/v3/site"),
    Rule("GET", "/api/v3/user/mention", query=_PAGE),
    Rule("GET", "/api/v3/user/replies", query=_PAGE),
    Rule(
        "POST",
        "/api/v3/comment",
        body=frozenset({"content", "post_id", "parent_id", "language_id"}),
        needs=frozenset({"content", "post_id"}),
    ),
    Rule(
        "POST",
        "/api/v3/comment/delete",
        body=frozenset({"comment_id", "deleted"}),
        needs=frozenset({"comment_id"}),
        exact={"deleted": frozenset({"true"})},
        creates=False,
    ),
)
"""Logging in, reading what is public and what addresses us, one comment, taking back a comment of our own."""

HACKERNEWS: Final = (
    Rule(
        "GET",
        "/api/v1/search_by_date",
        query=frozenset({"query", "tags", "numericFilters", "hitsPerPage", "page"}),
        needs=frozenset({"query"}),
        exact={"tags": frozenset({"(story,comment)"})},
    ),
)
"""Searching. Nothing can be written there."""
