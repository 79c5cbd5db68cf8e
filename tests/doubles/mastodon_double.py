"""A double of the Mastodon API, written from the public API reference."""

import html
import itertools
from datetime import UTC, datetime
from pathlib import Path

import http_double
from http_double import (
    NOW,
    TOKEN,
    Budget,
    StillClock,
    answer,
    bomb,
    drip,
    drip_headers,
    in_turn,
    redirect,
    reset,
    silence,
    truncated,
)

from bot.connectors.mastodon import Source, connector
from bot.connectors.mastodon_publisher import publisher
from bot.connectors.tools import Tools
from bot.egress import MASTODON, Door
from bot.model import Platform, Target, Visibility

OURS = "fjordfon_hilft"

__all__ = [
    "NOW", "TOKEN", "Budget", "StillClock", "answer", "bomb", "drip", "drip_headers", "in_turn", "redirect", "reset",
    "silence", "truncated",
]  # fmt: skip


class Double(http_double.Double):
    """A server that speaks the Mastodon API."""

    def door(self, **options):
        """A door to this server with the Mastodon rules."""
        options = {"deadline_s": 20.0, **options}
        rules = options.pop("rules", MASTODON)
        return Door("mastodon", [self.url], rules, self.refusals, **options)


def person(ident="20", acct="kundin", **more):
    return {
        "id": ident,
        "username": acct.split("@")[0],
        "acct": acct,
        "url": f"https://social.example/@{acct}",
        "note": "<p>Hier privat.</p>",
        "bot": False,
        "locked": False,
        **more,
    }


def tag_of(acct="fjordfon_hilft", ident="7"):
    return {"id": ident, "username": acct, "acct": acct, "url": f"https://social.example/@{acct}"}


MENTION_HTML = (
    '<span class="h-card"><a href="https://social.example/@fjordfon_hilft" class="u-url mention">'
    "@<span>fjordfon_hilft</span></a></span>"
)


def status(ident="100", text="mein Router blinkt rot", **more):
    """A public post that mentions our account."""
    return {
        "id": ident,
        "uri": f"https://social.example/users/kundin/statuses/{ident}",
        "url": f"https://social.example/@kundin/{ident}",
        "created_at": "2026-11-02T09:30:00.000Z",
        "edited_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "visibility": "public",
        "language": "de",
        "spoiler_text": "",
        "content": f"<p>{MENTION_HTML} {text}</p>",
        "account": person(),
        "mentions": [tag_of()],
        "media_attachments": [],
        "poll": None,
        "reblog": None,
        **more,
    }


def notification(ident, post, kind="mention"):
    return {
        "id": ident,
        "type": kind,
        "created_at": "2026-11-02T09:30:00.000Z",
        "account": post["account"],
        "status": post,
    }


class Bench:
    """A small server with people on it, for the contract that all connectors keep."""

    platform = Platform.MASTODON

    def __init__(self):
        self.double = Server()
        self.source = Source(
            kind=Platform.MASTODON, name="fedi", account=OURS, server=self.double.url, token="EARSHOT_TOKEN"
        )

    def connector(self):
        return connector(self.source, self.tools())

    def publisher(self):
        return publisher(self.source, self.tools())

    def tools(self):
        return Tools(StillClock(), self.double.refusals, Budget(), lambda _: TOKEN, Path("/"), Path("/"))

    def say(self, text, *, author="kundin", at=None, **marks):
        return self.double.add(text, author, at, content=f"<p>{MENTION_HTML} {html.escape(text)}</p>", **marks)

    def say_private(self, text):
        self.say(text, visibility="direct")
        return True

    def edit(self, native_id, text):
        self.double.posts[native_id] |= {"content": f"<p>{text}</p>", "edited_at": "2026-11-02T09:59:00.000Z"}

    def delete(self, native_id):
        del self.double.posts[native_id]

    def target(self, native_id):
        key = f"https://social.example/users/kundin/statuses/{native_id}"
        return Target(self.platform, self.double.surface, OURS, native_id, key, "kundin", Visibility.PUBLIC)

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return [seen for seen in self.double.seen if seen.method == "POST"]

    def replies(self):
        return [post["content"] for post in self.double.posts.values() if post["account"]["acct"] == OURS]

    def lose_answer(self):
        self.double.lossy = True


class Server(Double):
    """Posts in memory: notifications that page, threads, replies that come and go."""

    def __init__(self):
        super().__init__()
        self.posts = {}
        self.lossy = False
        self._ids = itertools.count(100)
        self._minutes = itertools.count(1)

    def add(self, text, author, at, **more):
        ident = str(next(self._ids))
        born = NOW - 86_400_000 + next(self._minutes) * 60_000 if at is None else at
        when = datetime.fromtimestamp(born / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        ours = author == OURS
        self.posts[ident] = status(
            ident, text, **{"created_at": when, "account": person("7" if ours else "20", author), **more}
        )
        return ident

    def take(self, method, path):
        if self.whole or (method, path) in self.answers:
            return super().take(method, path)
        seen = self.seen[-1]
        match (method, *path.removeprefix("/api/v1/").split("/")):
            case ("GET", "notifications"):
                return answer([notification(str(1000 + int(post["id"])), post) for post in self._page(seen.query)])
            case ("GET", "accounts", "verify_credentials"):
                return answer(person("7", OURS))
            case ("GET", "instance"):
                return answer({"configuration": {"statuses": {"max_characters": 500}}})
            case ("GET", "accounts", "relationships"):
                return answer([{"id": "20", "blocked_by": False}])
            case ("GET", "accounts", "7", "statuses"):
                return answer([post for post in self.posts.values() if post["account"]["id"] == "7"])
            case ("GET", "statuses", ident, "context") if ident in self.posts:
                below = [post for post in self.posts.values() if post["in_reply_to_id"] == ident]
                return answer({"ancestors": self._above(ident), "descendants": below})
            case ("GET", "statuses", ident) if ident in self.posts:
                return answer(self.posts[ident])
            case ("DELETE", "statuses", ident) if ident in self.posts:
                return answer(self.posts.pop(ident))
            case ("POST", "statuses"):
                return self._publish(seen.body)
        return super().take(method, path)

    def _above(self, ident):
        """What a post answers, the thread's beginning first."""
        found = []
        while (ident := self.posts[ident]["in_reply_to_id"]) in self.posts:
            found.insert(0, self.posts[ident])
        return found

    def _page(self, query):
        low, high = (int(query.get(name, [edge])[0]) for name, edge in (("min_id", "0"), ("max_id", "9999999")))
        fitting = [post for post in self.posts.values() if low < 1000 + int(post["id"]) < high and post["mentions"]]
        fitting = [post for post in fitting if post["account"]["acct"] != OURS]
        limit = int(query["limit"][0])
        cut = fitting[:limit] if "min_id" in query and "max_id" not in query else fitting[-limit:]
        return list(reversed(cut))

    def _publish(self, body):
        text, parent = body["status"][0], body["in_reply_to_id"][0]
        ident = self.add(
            "",
            OURS,
            NOW,
            content=f"<p>{html.escape(text)}</p>",
            in_reply_to_id=parent,
            mentions=[tag_of("kundin", "20")],
        )
        if self.lossy:
            self.lossy = False
            return reset
        return answer(self.posts[ident])
