"""What may be asked of a server that speaks the Mastodon API, and nothing else. Data only."""

from typing import Final

from bot.egress.rules import Rule

_PAGE = frozenset({"limit", "min_id", "since_id", "max_id"})

MASTODON: Final = (
    Rule("GET", "/api/v1/accounts/verify_credentials"),
    Rule("GET", "/api/v1/accounts/relationships", query=frozenset({"id[]"})),
    Rule("GET", "/api/v1/accounts/:id"),
    Rule("GET", "/api/v1/accounts/:id/statuses", query=_PAGE),
    Rule("GET", "/api/v1/instance"),
    Rule("GET", "/api/v1/instance/rules"),
    Rule("GET", "/api/v2/instance"),
    Rule(
        "GET",
        "/api/v1/notifications",
        query=_PAGE | {"types[]"},
        exact={"types[]": frozenset({"mention"})},
    ),
    Rule("GET", "/api/v1/statuses/:id"),
    Rule("GET", "/api/v1/statuses/:id/context"),
    Rule("GET", "/api/v1/timelines/public", query=_PAGE | {"local"}),
    Rule("GET", "/api/v1/timelines/tag/:tag", query=_PAGE | {"local"}),
    Rule("GET", "/api/v2/search", query=_PAGE | {"q", "type"}, exact={"type": frozenset({"statuses"})}),
    Rule(
        "POST",
        "/api/v1/statuses",
        body=frozenset({"status", "in_reply_to_id", "visibility", "sensitive", "language"}),
        needs=frozenset({"status", "in_reply_to_id"}),
        exact={"visibility": frozenset({"public", "unlisted"})},
    ),
    Rule("DELETE", "/api/v1/statuses/:id"),
)
"""Reading public posts and mentions, one public reply, taking back a post of our own."""

MASTODON_SCOPES: Final = (
    "read:accounts",
    "read:follows",
    "read:notifications",
    "read:search",
    "read:statuses",
    "write:statuses",
)
"""The leave that our access token asks for: no following, no favourites, no private conversations."""

MASTODON_CONNECT: Final = (
    Rule(
        "POST",
        "/api/v1/apps",
        creates=False,
        body=frozenset({"client_name", "scopes", "redirect_uris", "website"}),
        exact={"scopes": frozenset({" ".join(MASTODON_SCOPES)})},
    ),
    Rule(
        "POST",
        "/oauth/token",
        creates=False,
        body=frozenset({"client_id", "client_secret", "code", "grant_type", "redirect_uri", "scope"}),
        needs=frozenset({"code"}),
        exact={
            "grant_type": frozenset({"authorization_code"}),
            "scope": frozenset({" ".join(MASTODON_SCOPES)}),
        },
    ),
    Rule("GET", "/api/v1/accounts/verify_credentials"),
)
"""Only for connecting an account: registering the program and exchanging a code for a token."""

MASTODON_BELL: Final = (Rule("GET", "/api/v1/streaming/user/notification", json=False),)
"""Only for hearing that there is a notification: of the answer nothing but the fact that an event came is looked at.

It stands apart, so that nothing else of ours can read that stream.
"""
