"""A double of the search over Hacker News, written from what its API documents: stories and comments in memory."""

import html
import re
from pathlib import Path

import http_double
from http_double import NOW, Budget, StillClock, answer

from bot.connectors import hackernews
from bot.connectors.tools import Tools
from bot.model import Platform, Target, Visibility

KNOWN = {"query", "tags", "numericFilters", "hitsPerPage", "page", "restrictSearchableAttributes"}
MINUTE = 60_000


class Double(http_double.Double):
    """Serves hits newest first, a thousand of one question at most."""

    def __init__(self):
        super().__init__()
        self.hits = {}
        self.complaints = []

    def take(self, method, path):
        if self.whole is not None:
            return self.whole
        if (method, path) != ("GET", "/api/v1/search_by_date"):
            self.complaints.append(f"{method} {path} is not served")
            return answer({"message": "not found"}, 404)
        return answer(self._search({key: values[0] for key, values in self.seen[-1].query.items()}))

    def _search(self, query):
        self.complaints += [f"unknown field {key}" for key in query.keys() - KNOWN]
        hits = sorted(self.hits.values(), key=lambda hit: (-hit["created_at_i"], -int(hit["objectID"])))
        for condition in filter(None, query.get("numericFilters", "").split(",")):
            match = re.fullmatch(r"created_at_i(<=|>=|<|>)(\d+)", condition)
            if match is None:
                self.complaints.append("invalid numeric attribute")
                return {"message": "invalid numeric attribute"}
            sign, seconds = match[1], int(match[2])
            hits = [hit for hit in hits if _holds(hit["created_at_i"], sign, seconds)]
        asked = query["query"].lower()
        hits = [hit for hit in hits if asked in str([*hit.values()]).lower()]
        page, size = int(query.get("page", 0)), min(int(query.get("hitsPerPage", 20)), 1_000)
        served = hits[:1_000][page * size : (page + 1) * size]
        return {"hits": served, "nbHits": len(hits), "page": page, "hitsPerPage": size}


def _holds(value, sign, limit):
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[sign]


def comment(ident="1001", text="Seit Montag kein Netz", author="kundin", at=NOW - 30 * MINUTE, **more):
    return {
        "objectID": ident,
        "author": author,
        "comment_text": text,
        "created_at_i": at // 1000,
        "created_at": "2026-11-02T09:30:00Z",
        "story_id": 1000,
        "story_title": "Ask HN: Is Fjordfon down?",
        "parent_id": 1000,
        "_tags": ["comment", f"author_{author}", "story_1000"],
        **more,
    }


def story(ident="1000", title="Fjordfon is down", author="kundin", at=NOW - 30 * MINUTE, **more):
    return {
        "objectID": ident,
        "author": author,
        "title": title,
        "url": None,
        "story_text": None,
        "created_at_i": at // 1000,
        "_tags": ["story", f"author_{author}", f"story_{ident}"],
        **more,
    }


class Bench:
    """The double with our reader before it, as the contract of all connectors asks for."""

    platform = Platform.HACKERNEWS

    def __init__(self):
        self.double = Double()
        self.source = hackernews.Source(
            kind=Platform.HACKERNEWS, name="hn", server=self.double.url, searches=("Fjordfon",)
        )
        self._next, self._at = 1000, NOW - 180 * MINUTE

    def tools(self):
        return Tools(StillClock(), self.double.refusals, Budget(), lambda name: "", Path(), Path())

    def connector(self):
        return hackernews.connector(self.source, self.tools())

    def publisher(self):
        return None

    def say(self, text, *, author="kundin", at=None, **marks):
        self._next += 1
        if at is None:
            self._at += MINUTE
        ident = str(self._next)
        self.double.hits[ident] = comment(ident, html.escape(text), author, self._at if at is None else at, **marks)
        return ident

    def say_private(self, text):
        return False

    def edit(self, native_id, text):
        self.double.hits[native_id]["comment_text"] = html.escape(text)

    def delete(self, native_id):
        del self.double.hits[native_id]

    def target(self, native_id):
        address = f"https://{hackernews.SITE}/item?id={native_id}"
        return Target(
            Platform.HACKERNEWS, hackernews.SITE, "", native_id, address, "kundin", Visibility.PUBLIC, address
        )

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return []

    def replies(self):
        return []

    def lose_answer(self):
        """Nothing is ever written here."""
