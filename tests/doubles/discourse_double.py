"""A double of a Discourse forum, written from its API documentation: topics and posts in memory, seen by strangers.

Like the real one it serves the latest fifty public posts, one post of each topic in a search, and lets a key write.
"""

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import http_double
from http_double import NOW, TOKEN, Budget, StillClock, answer, reset

from bot.connectors import discourse, discourse_publisher
from bot.connectors.tools import Tools
from bot.model import Platform, Target, Visibility

US = "fjordfon_hilft"
MINUTE = 60_000
MENTION = f'<a class="mention" href="/u/{US}">@{US}</a>'
FIELDS = {
    ("GET", "/posts.json"): {"before"},
    ("GET", "/posts/:id.json"): set(),
    ("GET", "/posts/:name/pending.json"): set(),
    ("GET", "/posts/:id/replies.json"): {"after"},
    ("GET", "/search.json"): {"q", "page"},
    ("GET", "/session/current.json"): set(),
    ("GET", "/u/:name.json"): set(),
    ("GET", "/t/:id.json"): {"post_number", "page", "username_filters"},
    ("POST", "/posts.json"): {"raw", "topic_id", "reply_to_post_number", "auto_track", "nested_post"},
    ("DELETE", "/posts/:id.json"): set(),
}

OURS = ("/session/current.json", "/posts/:name/pending.json")
"""Reads that only a key of our account may make."""


def written(at):
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def topic(ident=12, **more):
    """A topic as its own address shows it, without its posts."""
    return {
        "id": ident,
        "title": "Wer hat Netz?",
        "archetype": "regular",
        "visible": True,
        "closed": False,
        "archived": False,
        "category_id": 3,
        "deleted_at": None,
        "details": {"created_by": {"id": 21, "username": "frager"}},
        **more,
    }


def post(ident=100, cooked="<p>mein Router blinkt rot</p>", number=2, at=NOW - 30 * MINUTE, **more):
    """A post as the list of the latest ones shows it."""
    return {
        "id": ident,
        "username": "kundin",
        "user_id": 20,
        "created_at": written(at),
        "updated_at": written(at),
        "cooked": cooked,
        "post_number": number,
        "post_type": 1,
        "topic_id": 12,
        "reply_to_post_number": None,
        "version": 1,
        "hidden": False,
        "deleted_at": None,
        "user_deleted": False,
        **more,
    }


class Double(http_double.Double):
    """A small forum. A topic marked ``_kept_back`` is not shown to strangers; posts in ``quiet`` stand in no list."""

    def __init__(self):
        super().__init__()
        self.topics = {12: topic()}
        self.posts = {50: post(50, "<p>Bei mir nicht.</p>", 1, NOW - 1_000 * MINUTE, username="frager", user_id=21)}
        self.quiet = set()
        self.complaints = []
        self.moderated = self.lose_next = False
        self.pending = []
        self.us, self.bio = US, "Hier privat."
        self.next_id = 100

    def take(self, method, path):
        if self.whole is not None:
            return self.whole
        seen = self.seen[-1]
        short = re.sub(r"^/u/[^/]+", "/u/:name.json", re.sub(r"/\d+(?=[./])", "/:id", path))
        short = re.sub(r"^/posts/[^/]+/pending", "/posts/:name/pending", short)
        known = FIELDS.get((method, short))
        if known is None:
            self.complaints.append(f"{method} {path} is not served")
            return answer({"errors": ["not found"]}, 404)
        given = seen.body if method == "POST" else seen.query
        self.complaints += [f"{path}: unknown field {field}" for field in given.keys() - known]
        if method != "GET" or short in OURS:
            if (seen.headers.get("api-key"), seen.headers.get("api-username")) != (TOKEN, self.us):
                return answer({"errors": ["invalid_access"]}, 403)
        elif "api-key" in seen.headers:
            self.complaints.append("a read carries our key")
        ident = next(iter(map(int, re.findall(r"/(\d+)", path))), 0)
        if (method, short) == ("POST", "/posts.json"):
            return self._create(given)
        if method == "DELETE":
            return self._delete(ident)
        return {
            "/posts.json": self._latest,
            "/posts/:id.json": self._post,
            "/posts/:id/replies.json": self._replies,
            "/search.json": self._search,
            "/t/:id.json": self._topic,
            "/posts/:name/pending.json": lambda *_: self._pending(path.split("/")[2]),
            "/session/current.json": lambda *_: answer({"current_user": {"id": 7, "username": self.us}}),
            "/u/:name.json": lambda *_: answer({"user": {"username": path[3:-5], "bio_raw": self.bio}}),
        }[short](ident, {key: values[0] for key, values in given.items()})

    def _shown(self):
        """Posts that a stranger is shown in lists, newest first."""
        found = [each for each in self.posts.values() if self._readable(each) and each["id"] not in self.quiet]
        return sorted(found, key=lambda each: -each["id"])

    def _readable(self, each):
        above = self.topics[each["topic_id"]]
        return not above.get("_kept_back") and not each["deleted_at"]

    def _latest(self, ident, query):
        below = int(query.get("before", 10**9))
        return answer({"latest_posts": [each for each in self._shown() if each["id"] < below][:50]})

    def _post(self, ident, query):
        found = self.posts.get(ident)
        if found is None or found["deleted_at"]:
            return answer({"errors": ["not found"]}, 404)
        return answer(found) if self._readable(found) else answer({"errors": ["not allowed"]}, 403)

    def _replies(self, ident, query):
        found = self.posts.get(ident)
        if found is None or not self._readable(found):
            return answer({"errors": ["not found"]}, 404)
        place = (found["topic_id"], found["post_number"])
        direct = [each for each in self._shown() if (each["topic_id"], each["reply_to_post_number"]) == place]
        return answer(direct[::-1][:20])

    def _topic(self, ident, query):
        found = self.topics.get(ident)
        if found is None:
            return answer({"errors": ["not found"]}, 404)
        if found.get("_kept_back"):
            return answer({"errors": ["not allowed"]}, 403)
        posts = sorted(
            (each for each in self.posts.values() if each["topic_id"] == ident), key=lambda each: each["post_number"]
        )
        wanted = query.get("username_filters")
        if wanted:
            posts = [each for each in posts if each["post_number"] == 1 or each["username"].lower() == wanted]
        stream = {"posts": posts[:20], "stream": [each["id"] for each in posts]}
        return answer({**found, "post_stream": stream})

    def _search(self, ident, query):
        words = query["q"].removesuffix(" order:latest")
        one = re.search(r" topic:(\d+)$", words)
        words = re.sub(r" topic:\d+$", "", words)
        if words.startswith("@"):
            self.complaints.append("this search finds what the account wrote")
        sought = re.sub(r"^after:\d{4}-\d\d-\d\d$", "", words).strip('"').lower()
        fitting = [each for each in self._shown() if sought in re.sub(r"<[^>]*>", "", each["cooked"]).lower()]
        if one:
            fitting = [each for each in fitting if each["topic_id"] == int(one[1])]
        else:
            fitting = [*{each["topic_id"]: each for each in reversed(fitting)}.values()]
            fitting.sort(key=lambda each: -each["id"])
        page = int(query.get("page", 1))
        bare = ("id", "username", "created_at", "post_number", "topic_id")
        served = [{key: each[key] for key in bare} for each in fitting[(page - 1) * 50 : page * 50]]
        more = len(fitting) > page * 50
        return answer({"posts": served, "topics": [], "grouped_search_result": {"more_full_page_results": more}})

    def _create(self, body):
        if not isinstance(body.get("topic_id"), int) or not isinstance(body.get("reply_to_post_number"), int):
            self.complaints.append("a number is no number")
        above = self.topics.get(body["topic_id"])
        if above is None or above["closed"] or above["archived"]:
            return answer({"errors": ["closed"]}, 422)
        if self.moderated:
            return self._held(body)
        words = f"<p>{html.escape(body['raw'])}</p>"
        place = {"topic_id": body["topic_id"], "reply_to_post_number": body["reply_to_post_number"]}
        made = self.add(words, at=NOW, username=self.us, user_id=7, **place)
        if self.lose_next:
            self.lose_next = False
            return reset
        return answer(self.posts[made])

    def _held(self, body):
        """A reply that waits for moderators. The list of them names the topic, never the post that is answered."""
        self.next_id += 1
        waits = {"id": self.next_id, "topic_id": body["topic_id"], "created_at": written(NOW), "raw_text": body["raw"]}
        self.pending.insert(0, {**waits, "username": self.us, "created_by_id": 7, "title": "Wer hat Netz?"})
        if self.lose_next:
            self.lose_next = False
            return reset
        return answer({"success": True, "action": "enqueued", "pending_post": {"id": self.next_id, "raw": body["raw"]}})

    def _pending(self, name):
        return (
            answer({"pending_posts": self.pending})
            if name == self.us.lower()
            else answer({"errors": ["not found"]}, 404)
        )

    def _delete(self, ident):
        found = self.posts.get(ident)
        if found is None or found["deleted_at"]:
            return answer({"errors": ["not found"]}, 404)
        if found["username"] != self.us:
            return answer({"errors": ["not allowed"]}, 403)
        found["deleted_at"] = written(NOW)
        return answer(b"")

    def add(self, cooked, *, at=NOW, topic_id=12, **more):
        """A post at the end of a topic; returns its id."""
        self.next_id += 1
        number = 1 + max(
            (each["post_number"] for each in self.posts.values() if each["topic_id"] == topic_id), default=0
        )
        self.posts[self.next_id] = post(self.next_id, cooked, number, at, topic_id=topic_id, **more)
        return self.next_id


class Bench:
    """The double with our reader and writer before it, as the contract of all connectors asks for."""

    platform = Platform.DISCOURSE

    def __init__(self, **options):
        self.double = Double()
        self.source = discourse.Source(
            **{
                "kind": Platform.DISCOURSE,
                "name": "forum",
                "account": US,
                "server": self.double.url,
                "api_key": "EARSHOT_FORUM",
                "owned": True,
                "latest": True,
                **options,
            }
        )
        self.double.us = self.source.account
        self.clock = StillClock()
        self._at = NOW - 180 * MINUTE
        # The topic's first post is in no list: a forum without any other post has nothing to tell.
        self.double.quiet = {50}

    def tools(self):
        return Tools(self.clock, self.double.refusals, Budget(), lambda name: TOKEN, Path(), Path())

    def connector(self):
        return discourse.connector(self.source, self.tools())

    def publisher(self):
        return discourse_publisher.publisher(self.source, self.tools())

    def say(self, text, *, author="kundin", at=None, **marks):
        if at is None:
            self._at += MINUTE
            at = self._at
        user = 20 if author == "kundin" else 22
        cooked = f"<p>{MENTION} {html.escape(text)}</p>"
        return str(self.double.add(cooked, at=at, username=author, user_id=user, **marks))

    def say_private(self, text):
        self.double.topics[13] = topic(13, visible=False)
        self.say(text, topic_id=13)
        return True

    def edit(self, native_id, text):
        found = self.double.posts[int(native_id)]
        found.update(cooked=f"<p>{html.escape(text)}</p>", version=found["version"] + 1, updated_at=written(NOW))

    def delete(self, native_id):
        self.double.posts[int(native_id)]["deleted_at"] = written(NOW)

    def target(self, native_id):
        found = self.double.posts.get(int(native_id), {"topic_id": 12, "post_number": 2})
        return Target(
            platform=Platform.DISCOURSE,
            surface=self.double.surface,
            account=self.source.account,
            native_id=native_id,
            canonical_key=f"{self.double.url}/p/{native_id}",
            author_handle="kundin",
            visibility=Visibility.PUBLIC,
            url=f"{self.double.url}/t/{found['topic_id']}/{found['post_number']}",
        )

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return [seen for seen in self.double.seen if (seen.method, seen.path) == ("POST", "/posts.json")]

    def replies(self):
        ours = [each for each in self.double.posts.values() if each["username"] == US and not each["deleted_at"]]
        return [html.unescape(re.sub(r"<[^>]*>", "", each["cooked"])) for each in ours]

    def lose_answer(self):
        self.double.lose_next = True
