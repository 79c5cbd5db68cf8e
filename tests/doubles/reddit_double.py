"""A double of Reddit, written from its API reference: a small server with posts, comments, lists and an inbox.

A request with a field that the reference does not name, without our access token or with an unfit user agent is
recorded in ``complaints``.
"""

import base64
import html
import re
from pathlib import Path

import http_double
from http_double import NOW, TOKEN, Budget, StillClock, answer, reset

from bot.connectors.reddit import RedditConnector
from bot.connectors.reddit_client import Client, Source
from bot.connectors.reddit_publisher import RedditPublisher
from bot.connectors.tools import Tools
from bot.egress.door import Door
from bot.egress.reddit import REDDIT
from bot.model import Platform, Target, Visibility

MINUTE = 60_000
DAY = 86_400_000
US = "fjordfon_hilft"
HOME = "fjordfon"
CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "client-id", "canary-client-secret", "canary-refresh-token"
SECRETS = {
    "EARSHOT_REDDIT_CLIENT_ID": CLIENT_ID,
    "EARSHOT_REDDIT_CLIENT_SECRET": CLIENT_SECRET,
    "EARSHOT_REDDIT_REFRESH_TOKEN": REFRESH_TOKEN,
}
RATE = {"x-ratelimit-remaining": "597.0", "x-ratelimit-used": "3", "x-ratelimit-reset": "240"}
INBOXES = {"/message/mentions": "mentions", "/message/comments/": "comments", "/message/selfreply/": "selfreply"}

_LIST = {"after", "before", "count", "limit", "show", "raw_json"}
_SEARCH = _LIST | {
    "q",
    "restrict_sr",
    "sort",
    "t",
    "type",
    "include_over_18",
    "category",
    "include_facets",
    "sr_detail",
}
DOCUMENTED = {
    ("POST", r"/api/v1/access_token"): {"grant_type", "refresh_token"},
    ("GET", r"/api/v1/me"): {"raw_json"},
    ("GET", r"/api/info/?"): {"id", "sr_name", "url", "raw_json"},
    ("GET", r"/message/\w+/?"): _LIST | {"mark", "mid", "max_replies"},
    ("GET", r"(/r/[\w-]+)?/search/?"): _SEARCH,
    ("GET", r"/r/[\w-]+/comments/?"): _LIST,
    ("GET", r"/comments/\w+/?"): {"comment", "context", "depth", "limit", "sort", "threaded", "raw_json"},
    ("GET", r"/user/[\w-]+/about/?"): {"raw_json"},
    ("GET", r"/user/[\w-]+/comments/?"): _LIST | {"sort", "t", "type"},
    ("POST", r"/api/comment/?"): {"api_type", "text", "thing_id", "return_rtjson", "raw_json"},
    ("POST", r"/api/del/?"): {"id", "api_type", "raw_json"},
}


def comment(key="t1_c1", text="mein Router blinkt rot", **more):
    """A comment in a public subreddit as ``/api/info`` tells it."""
    return {
        "name": key,
        "id": key[3:],
        "body": text,
        "author": "kundin",
        "author_fullname": "t2_kundin",
        "created_utc": (NOW - 30 * MINUTE) / 1000,
        "edited": False,
        "link_id": "t3_p1",
        "parent_id": "t3_p1",
        "permalink": f"/r/{HOME}/comments/p1/_/{key[3:]}/",
        "subreddit": HOME,
        "subreddit_type": "public",
        "locked": False,
        "archived": False,
        "banned_by": None,
        "unrepliable_reason": None,
        **more,
    }


def post(key="t3_p1", title="Wie läuft euer Anschluss?", text="", **more):
    """A post in a public subreddit."""
    return {
        "name": key,
        "id": key[3:],
        "title": title,
        "selftext": text,
        "author": "nachbar",
        "author_fullname": "t2_nachbar",
        "created_utc": (NOW - 40 * MINUTE) / 1000,
        "edited": False,
        "permalink": f"/r/{HOME}/comments/{key[3:]}/_/",
        "subreddit": HOME,
        "subreddit_type": "public",
        "quarantine": False,
        "is_robot_indexable": True,
        "locked": False,
        "archived": False,
        "banned_by": None,
        "removed_by_category": None,
        "is_video": False,
        **more,
    }


def base36(number):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (base36(number // 36) if number >= 36 else "") + digits[number % 36]


class Double(http_double.Double):
    """The server. ``things`` are its posts and comments by fullname, ``inbox`` the fullnames in each list of it."""

    def __init__(self):
        super().__init__()
        self.things = {}
        self.inbox = {name: [] for name in INBOXES.values()}
        self.accounts = {}
        self.me = US
        self.ceiling = 1000
        self.complaints = []
        self.access = TOKEN
        self._number = 36**5
        self.lose_next = False

    def add(self, thing):
        """A thing with the next id, unless it has one."""
        if not thing.get("name"):
            self._number += 1
            kind = "t1_" if "body" in thing else "t3_"
            thing |= {"name": f"{kind}{base36(self._number)}", "id": base36(self._number)}
            top = thing.get("link_id", thing["name"])[3:]
            below = f"{thing['id']}/" if kind == "t1_" else ""
            thing["permalink"] = f"/r/{thing['subreddit']}/comments/{top}/_/{below}"
        self.things[thing["name"]] = thing
        return thing["name"]

    def take(self, method, path):
        seen = self.seen[-1]
        self._check(seen)
        if self.whole or (method, path) in self.answers:
            return super().take(method, path)
        if path == "/api/v1/access_token":
            return self._log_in(seen)
        if seen.headers.get("authorization") != f"bearer {self.access}":
            return answer({"message": "Unauthorized", "error": 401}, 401)
        found = self._post(seen) if method == "POST" else self._get(seen)
        if callable(found):
            return found
        missing = {"message": "Not Found", "error": 404}
        return answer(missing, 404, RATE) if found is None else answer(found, headers=RATE)

    def _check(self, seen):
        fitting = [
            fields
            for (method, path), fields in DOCUMENTED.items()
            if method == seen.method and re.fullmatch(path, seen.path)
        ]
        if not fitting:
            self.complaints.append(f"{seen.method} {seen.path} is not documented")
        elif not {*seen.query, *seen.body} <= fitting[0]:
            self.complaints.append(f"{seen.path}: {sorted({*seen.query, *seen.body} - fitting[0])}")
        if not re.match(r"\w+:\w+:v\S+ \(by /u/\w+\)", seen.headers.get("user-agent", "")):
            self.complaints.append("user agent")

    def _log_in(self, seen):
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if seen.headers.get("authorization") != f"Basic {basic}":
            return answer({"message": "Unauthorized", "error": 401}, 401)
        if seen.body != {"grant_type": ["refresh_token"], "refresh_token": [REFRESH_TOKEN]}:
            return answer({"error": "invalid_grant"}, 400)
        return answer({"access_token": self.access, "token_type": "bearer", "expires_in": 3600, "scope": "read submit"})

    def _get(self, seen):
        path, parts = seen.path, seen.path.strip("/").split("/")
        if path in INBOXES:
            return self._page(seen, [self._in_inbox(key) for key in self.inbox[INBOXES[path]]])
        if path == "/api/v1/me":
            return {"name": self.me, "id": "us"}
        if path == "/api/info/":
            keys = seen.query["id"][0].split(",")
            return self._listing(seen, [self.things[key] for key in keys if key in self.things])
        if parts[-1] == "search":
            return self._page(seen, self._search(seen, parts[1] if parts[0] == "r" else ""))
        if parts[0] == "r":
            return self._page(seen, [t for t in self._standing("t1_") if t["subreddit"] == parts[1]])
        if parts[0] == "comments":
            return self._below(seen, parts[1])
        if parts[-1] == "about":
            return {"kind": "t2", "data": self.accounts[parts[1]]} if parts[1] in self.accounts else None
        return self._page(seen, [t for t in self._standing("t1_") if t["author"] == parts[1]])

    def _standing(self, kind):
        return [t for key, t in self.things.items() if key.startswith(kind) and t["author"] != "[deleted]"]

    def _in_inbox(self, key):
        """As the inbox tells a thing: nothing of who may read it."""
        thing = self.things[key]
        kept = ("name", "id", "body", "author", "created_utc", "parent_id", "subreddit", "subject")
        return {
            **{name: thing[name] for name in kept if name in thing},
            "was_comment": True,
            "new": True,
            "context": "",
        }

    def _search(self, seen, place):
        words = seen.query["q"][0].lower().strip('"')
        if bool(place) != ("restrict_sr" in seen.query) or seen.query["sort"] != ["new"]:
            self.complaints.append("search")
        return [
            thing
            for thing in self._standing("t3_")
            if words in f"{thing['title']} {thing['selftext']}".lower() and place in {"", thing["subreddit"]}
        ]

    def _page(self, seen, things):
        """One page of a list, newest first, cut at the ceiling."""
        things.sort(key=lambda thing: (-thing["created_utc"], -int(thing["name"][3:], 36)))
        things = things[: self.ceiling]
        keys = [thing["name"] for thing in things]
        if "after" in seen.query:
            # Reddit knows its place in a list by a thing that still stands there.
            after = seen.query["after"][0]
            things = things[keys.index(after) + 1 :] if after in keys else []
        limit = min(int(seen.query.get("limit", ["25"])[0]), 100)
        return self._listing(seen, things[:limit], more=len(things) > limit)

    def _listing(self, seen, things, *, more=False):
        raw = seen.query.get("raw_json") == ["1"]
        children = [{"kind": thing["name"][:2], "data": thing if raw else _escaped(thing)} for thing in things]
        after = things[-1]["name"] if more else None
        return {"kind": "Listing", "data": {"after": after, "before": None, "dist": len(things), "children": children}}

    def _below(self, seen, link):
        if f"t3_{link}" not in self.things:
            return None
        top = f"t1_{seen.query['comment'][0]}" if "comment" in seen.query else f"t3_{link}"
        below = self._unfolded(seen, top)
        if top.startswith("t1_"):
            below = [{**self.things[top], "replies": self._listing(seen, below)}] if top in self.things else []
        return [self._listing(seen, [self.things[f"t3_{link}"]]), self._listing(seen, below)]

    def _unfolded(self, seen, key):
        """What stands below a thing, each with what stands below it."""
        found = [thing for thing in self.things.values() if thing.get("parent_id") == key]
        below = {thing["name"]: self._unfolded(seen, thing["name"]) for thing in found}
        return [
            {**thing, "replies": self._listing(seen, under) if (under := below[thing["name"]]) else ""}
            for thing in found
        ]

    def _post(self, seen):
        if seen.path == "/api/del/":
            return self._delete(seen.body["id"][0])
        target = self.things.get(seen.body["thing_id"][0])
        fault = _fault(target)
        if fault:
            return {"json": {"errors": [[fault, "Wörter von Reddit", "parent"]]}}
        made = self._made(seen, target)
        if self.lose_next:
            self.lose_next = False
            return reset
        return {"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": made}]}}}

    def _made(self, seen, target):
        key = self.add(
            comment("", seen.body["text"][0].strip(), author=self.me, author_fullname="t2_us", created_utc=NOW // 1000)
            | {"link_id": target.get("link_id", target["name"]), "parent_id": target["name"]}
            | {"subreddit": target["subreddit"]}
        )
        return self.things[key]

    def _delete(self, key):
        thing = self.things.get(key)
        if thing is None or thing["author"] not in {self.me, "[deleted]"}:
            return answer({"message": "Forbidden", "error": 403}, 403)
        self.remove(key)
        return {}

    def remove(self, key):
        """Its author deleted it: the thing stays, without words and name."""
        thing = self.things[key]
        words = "body" if key.startswith("t1_") else "selftext"
        thing.update({"author": "[deleted]", words: "[deleted]"})
        thing.pop("author_fullname", None)


def _fault(target):
    if target is None or target["author"] == "[deleted]":
        return "DELETED_COMMENT"
    return "THREAD_LOCKED" if target["locked"] else "TOO_OLD" if target["archived"] else ""


def _escaped(thing):
    words = {name: html.escape(thing[name], quote=False) for name in ("body", "title", "selftext") if name in thing}
    return {**thing, **words}


class Bench:
    """A double with a thread of our own in it, and our two ends of it."""

    platform = Platform.REDDIT

    def __init__(self, **options):
        self.double = Double()
        self.budget = Budget()
        self.clock = StillClock()
        self.deadline_s = 20.0
        self._at = NOW - 7 * DAY
        self.source = Source(
            kind=Platform.REDDIT,
            name="reddit",
            account=US,
            client_id="EARSHOT_REDDIT_CLIENT_ID",
            client_secret="EARSHOT_REDDIT_CLIENT_SECRET",
            refresh_token="EARSHOT_REDDIT_REFRESH_TOKEN",
            reddit_url=self.double.url,
            oauth_url=self.double.url,
            **{"searches": ("Fjordfon",), "comments_of": (HOME,), "approval": "ticket 4711", **options},
        )
        home = post("", "Fragen an uns", "", author=US, author_fullname="t2_us", created_utc=(NOW - 8 * DAY) / 1000)
        self.home = self.double.add(home)
        self.double.accounts[US] = account(US)

    def client(self):
        doors = Door(
            "reddit", [self.double.url], REDDIT, self.double.refusals, deadline_s=self.deadline_s, budget=self.budget
        )
        return Client(self.source, SECRETS.__getitem__, doors)

    def tools(self):
        return Tools(self.clock, self.double.refusals, self.budget, SECRETS.__getitem__, Path("x"), Path("x"))

    def connector(self):
        return RedditConnector(self.source, self.client(), self.clock)

    def publisher(self):
        return RedditPublisher(self.client(), self.clock, approval=self.source.approval)

    def say(self, text, *, author="kundin", at=None, boxes=("selfreply",), **marks):
        """A comment, by default in answer to our own post."""
        above = marks.get("link_id", self.home)
        marks = {"link_id": above, "parent_id": above, **marks}
        return self._put(comment("", text, author=author, author_fullname=f"t2_{author}", **marks), at, boxes)

    def ask(self, title, text="", *, author="kundin", at=None, **marks):
        """A post."""
        return self._put(post("", title, text, author=author, author_fullname=f"t2_{author}", **marks), at, ())

    def _put(self, thing, at, boxes):
        if at is None:
            at = self._at = self._at + MINUTE
        thing["created_utc"] = at / 1000
        key = self.double.add(thing)
        self.double.accounts.setdefault(thing["author"], account(thing["author"]))
        for box in boxes:
            self.double.inbox[box].append(key)
        return key

    def say_private(self, text):
        """A mention in a private subreddit that lets us read it, and a private message where none belongs."""
        marks = {"subreddit": "geheim", "subreddit_type": "private"}
        above = self.ask("intern", quarantine=None, **marks)
        self.say(text, link_id=above, boxes=("mentions",), **marks)
        message = {"name": "t4_geheim", "body": text, "author": "kundin", "created_utc": self._at / 1000}
        self.double.things["t4_geheim"] = message
        self.double.inbox["mentions"].append("t4_geheim")
        return True

    def edit(self, native_id, text):
        words = "body" if native_id.startswith("t1_") else "selftext"
        self.double.things[native_id] |= {words: text, "edited": NOW / 1000}

    def delete(self, native_id):
        self.double.remove(native_id)

    def target(self, native_id):
        return Target(
            platform=self.platform,
            surface=self.double.surface,
            account=US,
            native_id=native_id,
            canonical_key=native_id,
            author_handle=self.double.things[native_id]["author"],
            visibility=Visibility.PUBLIC,
        )

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return [seen for seen in self.double.seen if (seen.method, seen.path) == ("POST", "/api/comment/")]

    def replies(self):
        return [thing["body"] for thing in self.double._standing("t1_") if thing["author"] == self.double.me]

    def lose_answer(self):
        self.double.lose_next = True


def account(name, bio="", **more):
    return {"name": name, "id": name, "is_suspended": False, "subreddit": {"public_description": bio}, **more}
