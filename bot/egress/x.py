"""What may be asked of the X API, version 2, and nothing else. Data only.

The app in X's developer console needs "Read and write" and must not have "and Direct Messages".
"""

from typing import Final

from bot.egress.rules import Rule

_FIELDS = frozenset({"expansions", "media.fields", "poll.fields", "tweet.fields", "user.fields"})
_PAGE = frozenset({"max_results", "since_id", "until_id"})
_REPLY = frozenset({"text", "reply.in_reply_to_tweet_id"})

X: Final = (
    Rule("GET", "/2/users/me", query=frozenset({"user.fields"}), bucket="me"),
    Rule("GET", "/2/tweets/search/recent", query=_FIELDS | _PAGE | {"query", "next_token"}, bucket="search"),
    Rule("GET", "/2/users/:id/mentions", query=_FIELDS | _PAGE | {"pagination_token"}, bucket="mentions"),
    Rule("GET", "/2/users/:id/tweets", query=_FIELDS | _PAGE | {"pagination_token", "exclude"}, bucket="timeline"),
    Rule("GET", "/2/tweets/:id", query=_FIELDS, bucket="read"),
    Rule("POST", "/2/tweets", body=_REPLY, needs=_REPLY, bucket="post"),
    Rule("DELETE", "/2/tweets/:id", bucket="delete"),
)
"""Reading public posts and mentions, one public reply, taking back a post of our own; X counts each by itself."""
