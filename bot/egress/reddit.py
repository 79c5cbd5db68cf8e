"""What may be asked of Reddit, and nothing else. Data only."""

from typing import Final

from bot.egress.rules import Rule

_READ = frozenset({"raw_json"})
_LIST = _READ | {"after", "limit"}
_SEARCH = _LIST | {"include_over_18", "q", "restrict_sr", "sort", "t", "type"}
_PUBLIC = ("t1_", "t3_")
"""Comments and posts. A private message (t4_) would be answered by the very same request."""

REDDIT: Final = (
    Rule(
        "POST",
        "/api/v1/access_token",
        body=frozenset({"grant_type", "refresh_token"}),
        needs=frozenset({"refresh_token"}),
        exact={"grant_type": frozenset({"refresh_token"})},
        creates=False,
    ),
    Rule("GET", "/api/v1/me", query=_READ),
    Rule("GET", "/api/info/", query=_READ | {"id"}, begins={"id": _PUBLIC}),
    Rule("GET", "/message/mentions", query=_LIST),
    Rule("GET", "/message/comments/", query=_LIST),
    Rule("GET", "/message/selfreply/", query=_LIST),
    Rule("GET", "/search", query=_SEARCH),
    Rule("GET", "/r/:id/search/", query=_SEARCH),
    Rule("GET", "/r/:id/comments/", query=_LIST),
    Rule("GET", "/comments/:id", query=_READ | {"comment", "depth", "limit", "sort"}),
    Rule("GET", "/user/:id/about/", query=_READ),
    Rule("GET", "/user/:id/comments/", query=_LIST | {"sort"}),
    Rule(
        "POST",
        "/api/comment/",
        query=_READ,
        body=frozenset({"api_type", "text", "thing_id"}),
        needs=frozenset({"text"}),
        exact={"api_type": frozenset({"json"})},
        begins={"thing_id": _PUBLIC},
    ),
    Rule(
        "POST",
        "/api/del/",
        query=_READ,
        body=frozenset({"api_type", "id"}),
        begins={"id": ("t1_",)},
        creates=False,
    ),
)
"""Reading public posts, comments and what addresses us, one public reply, taking back a comment of our own."""

REDDIT_SCOPES: Final = ("edit", "history", "identity", "read", "submit")
"""The leave that our token asks for: no voting, no subscribing, no moderating."""

REDDIT_INBOX_SCOPE: Final = "privatemessages"
"""Reddit keeps mentions and replies behind this one. Who reads neither need not give it."""
