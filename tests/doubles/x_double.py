"""A double of the X API, version 2, written from its public reference: posts in memory, and the rules that bite.

It gives out only the fields that are asked for, checks each signature against the address that the request came to,
and notes as a complaint whatever no client should send.
"""

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

import http_double
from http_double import NOW, TOKEN, Budget, Seen, StillClock, answer, reset

from bot.connectors.tools import Tools
from bot.connectors.x import connector
from bot.connectors.x_client import Source
from bot.connectors.x_post import id_at
from bot.connectors.x_publisher import publisher
from bot.errors import EarshotError
from bot.model import Platform, Target, Visibility

HANDLE, ACCOUNT_ID = "fjordfon_hilft", "9001"
SECRETS = {
    "EARSHOT_X_BEARER": TOKEN,
    "EARSHOT_X_CONSUMER_KEY": "ck",
    "EARSHOT_X_CONSUMER_SECRET": "canary-consumer-secret",
    "EARSHOT_X_ACCESS_TOKEN": f"{ACCOUNT_ID}-at",
    "EARSHOT_X_ACCESS_SECRET": "canary-access-secret",
}
MINUTE = 60_000
WEEK = 7 * 24 * 60 * MINUTE

_FIELDS = {"expansions", "media.fields", "poll.fields", "tweet.fields", "user.fields"}
_LIST = _FIELDS | {"max_results", "since_id", "until_id"}
_KNOWN = {
    "GET /2/users/me": {"user.fields"},
    "GET /2/tweets/search/recent": _LIST | {"query", "next_token"},
    "GET /2/users/:id/mentions": _LIST | {"pagination_token"},
    "GET /2/users/:id/tweets": _LIST | {"pagination_token", "exclude"},
    "GET /2/tweets/:id": _FIELDS,
    "POST /2/tweets": set(),
    "DELETE /2/tweets/:id": set(),
}


def problem(kind, status=200, **more):
    return {"title": "Problem", "type": f"https://api.twitter.com/2/problems/{kind}", "status": status, **more}


def stamp(ms):
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def named(text, people):
    """Entities of the people that a text names."""
    found = [(match.start(), match.end(), match[1]) for match in re.finditer(r"@(\w+)", text)]
    return [
        {"start": start, "end": end, "username": handle, "id": people[handle.lower()]["id"]}
        for start, end, handle in found
        if handle.lower() in people
    ]


class Double(http_double.Double):
    """The server. ``posts`` are whole posts by id, ``lost`` makes the next reply's answer get lost."""

    def __init__(self):
        super().__init__()
        self.complaints = []
        self.people = {}
        self.posts = {}
        self.media = {}
        self.polls = {}
        self.lost = False
        self.last = 0
        self.person(HANDLE, ident=ACCOUNT_ID, description="Fjordfon hilft. Eine Person liest mit.")

    # people and posts

    def person(self, handle, ident=None, **marks):
        ident = ident or str(7000 + len(self.people))
        known = {"id": ident, "name": handle, "username": handle, "protected": False, "description": "Hier privat."}
        return self.people.setdefault(handle.lower(), {**known, **marks})

    def new_id(self, at):
        """X's ids grow with time; whoever writes later has the larger one."""
        self.last = max(self.last + 1, id_at(at))
        return str(self.last)

    def write(self, text, author, at, **marks):
        ident = self.new_id(at)
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        self.posts[ident] = {
            "id": ident,
            "text": text,
            "author_id": self.person(author)["id"],
            "created_at": stamp(at),
            "conversation_id": ident,
            "edit_history_tweet_ids": [ident],
            "entities": {"mentions": named(text, self.people)},
            "display_text_range": [0, len(text)],
            "lang": "de",
            "reply_settings": "everyone",
            **marks,
        }
        return ident

    def reply(self, text, author, parent, at, **marks):
        """A reply: X puts the people of the thread in front of it."""
        other = self.posts[parent]
        front = "".join(f"@{handle} " for handle in self._people_of(other) if handle != author)
        ident = self.write(front + text, author, at, **marks)
        length = len(self.posts[ident]["text"])
        self.posts[ident] |= {
            "conversation_id": other["conversation_id"],
            "in_reply_to_user_id": other["author_id"],
            "referenced_tweets": [{"type": "replied_to", "id": parent}],
            "display_text_range": [len(front), length],
        }
        return ident

    def _people_of(self, post):
        author = next(each["username"] for each in self.people.values() if each["id"] == post["author_id"])
        return dict.fromkeys([author, *(each["username"] for each in post["entities"]["mentions"])])

    def rewrite(self, ident, text, at):
        """An edit: a new post with an id of its own, which the old one knows."""
        old = self.posts[ident]
        author = next(each["username"] for each in self.people.values() if each["id"] == old["author_id"])
        new = self.write(text, author, at, conversation_id=old["conversation_id"])
        chain = [*old["edit_history_tweet_ids"], new]
        for version in chain:
            self.posts[version]["edit_history_tweet_ids"] = chain
        return new

    def erase(self, ident):
        for version in self.posts.get(ident, {}).get("edit_history_tweet_ids", []):
            del self.posts[version]

    # answers

    def take(self, method, path):
        seen = self.seen[-1]
        if self.whole:
            return super().take(method, path)
        shape = re.sub(r"(?<=.)/\d+(?=/|$)", "/:id", path)
        self._check(f"{method} {shape}", seen)
        laid_out = self.answers.get((method, path))
        if laid_out is not None:
            return laid_out if callable(laid_out) else answer(laid_out)
        ident = (re.findall(r"(?<=.)/(\d+)(?=/|$)", path) or [""])[0]
        if method == "GET" and path != "/2/users/me":
            return self._read(shape, ident, seen.query)
        if not self._signed(seen):
            return answer({"title": "Unauthorized", "status": 401}, 401)
        if method == "GET":
            wanted = set(seen.query["user.fields"][0].split(",")) | {"id", "name", "username"}
            own = self.people[HANDLE]
            return answer({"data": {key: own[key] for key in own if key in wanted}})
        return self._create(seen.body) if method == "POST" else self._delete(ident)

    def _check(self, call, seen):
        if call not in _KNOWN:
            self.complaints.append(f"unknown call {call}")
            return
        if set(seen.query) - _KNOWN[call]:
            self.complaints.append(f"unknown fields in the query of {call}")
        if seen.method == "GET" and not call.endswith("/me") and seen.headers.get("authorization") != f"Bearer {TOKEN}":
            self.complaints.append(f"{call} without the bearer token")
        fewest = 10 if "search" in call else 5
        if "max_results" in seen.query and not fewest <= int(seen.query["max_results"][0]) <= 100:
            self.complaints.append(f"max_results of {call} is out of bounds")
        if len(seen.query.get("query", [""])[0]) > 512:
            self.complaints.append("the query is too long")
        expected = {"text": str, "reply": {"in_reply_to_tweet_id": str}}
        if seen.method == "POST" and (
            set(seen.body) != set(expected) or set(seen.body["reply"]) != set(expected["reply"])
        ):
            self.complaints.append("unknown fields in the body")

    def _signed(self, seen):
        """Whether the signature of OAuth 1.0a fits the address that the request came to."""
        given = dict(re.findall(r'(oauth_\w+)="([^"]*)"', seen.headers.get("authorization", "")))
        signature = unquote(given.pop("oauth_signature", ""))
        given |= {key: quote(values[0], safe="") for key, values in seen.query.items()}
        pairs = sorted(f"{key}%3D{quote(value, safe='')}" for key, value in given.items())
        base = "&".join([seen.method, quote(self.url + seen.path, safe=""), "%26".join(pairs)])
        key = f"{SECRETS['EARSHOT_X_CONSUMER_SECRET']}&{SECRETS['EARSHOT_X_ACCESS_SECRET']}"
        digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
        return signature == base64.b64encode(digest).decode()

    def _read(self, shape, ident, query):
        if shape == "/2/tweets/:id":
            if ident not in self.posts:
                return answer({"errors": [problem("resource-not-found", value=ident)]})
            author = next(each for each in self.people.values() if each["id"] == self.posts[ident]["author_id"])
            if author["protected"]:
                return answer({"errors": [problem("not-authorized-for-resource", value=ident)]})
            found = self._shown([self.posts[ident]], query)
            return answer({**found, "data": found["data"][0]})
        if shape == "/2/tweets/search/recent":
            since = query.get("since_id", [str(id_at(NOW - WEEK))])[0]
            if int(since) < id_at(NOW - WEEK):
                return answer({"errors": [{"message": "since_id"}], **problem("invalid-request", 400)}, 400)
            public = {each["id"] for each in self.people.values() if not each["protected"]}
            fits = [post for post in self.posts.values() if post["author_id"] in public and searched(query, post)]
        elif shape.endswith("/mentions"):
            fits = [post for post in self.posts.values() if self._mentions(post, ident)]
        else:
            fits = [post for post in self.posts.values() if post["author_id"] == ident]
        return answer(self._page(fits, query))

    def _mentions(self, post, ident):
        return any(each["id"] == ident for each in post["entities"]["mentions"])

    def _page(self, posts, query):
        low, high = int(query.get("since_id", ["0"])[0]), int(query.get("until_id", [str(2**63)])[0])
        token = (query.get("next_token") or query.get("pagination_token") or [""])[0]
        high = min(high, int(token.removeprefix("older-")) if token else high)
        count = int(query.get("max_results", ["10"])[0])
        fits = sorted((post for post in posts if low < int(post["id"]) < high), key=lambda post: -int(post["id"]))
        page = fits[:count]
        meta = {"result_count": len(page)}
        if len(fits) > count:
            meta["next_token"] = f"older-{page[-1]['id']}"
        return {**(self._shown(page, query) if page else {}), "meta": meta}

    def _shown(self, posts, query):
        """Posts with the fields that were asked for, and what was asked for around them."""
        asked = {name: set(",".join(values).split(",")) for name, values in query.items()}
        wide, errors = asked.get("expansions", set()), []
        referred = []
        for post in posts:
            for other in post.get("referenced_tweets", []) if "referenced_tweets.id" in wide else []:
                if other["id"] in self.posts:
                    referred.append(self.posts[other["id"]])
                else:
                    errors.append(problem("resource-not-found", value=other["id"]))
        authors = {post["author_id"] for post in posts if "author_id" in wide}
        authors |= {post["author_id"] for post in referred if "referenced_tweets.id.author_id" in wide}
        attached = [post.get("attachments", {}) for post in posts]
        keys = {key for each in attached for key in each.get("media_keys", []) if "attachments.media_keys" in wide}
        polls = {key for each in attached for key in each.get("poll_ids", []) if "attachments.poll_ids" in wide}

        def cut(found, name, always):
            return [{key: each[key] for key in each if key in asked.get(name, set()) | always} for each in found]

        plain = {"id", "text", "edit_history_tweet_ids"}
        includes = {
            "users": cut(
                [each for each in self.people.values() if each["id"] in authors],
                "user.fields",
                {"id", "name", "username"},
            ),
            "tweets": cut(referred, "tweet.fields", plain),
            "media": cut([self.media[key] for key in keys], "media.fields", {"media_key", "type"}),
            "polls": cut([self.polls[key] for key in polls], "poll.fields", {"id", "options"}),
        }
        whole = {
            "data": cut(posts, "tweet.fields", plain),
            "includes": {key: found for key, found in includes.items() if found},
        }
        return {**whole, **({"errors": errors} if errors else {})}

    def _create(self, body):
        parent = body["reply"]["in_reply_to_tweet_id"]
        if parent not in self.posts:
            return answer(problem("invalid-request", 403), 403)
        ident = self.reply(body["text"], HANDLE, parent, NOW)
        if self.lost:
            self.lost = False
            return reset
        text = self.posts[ident]["text"]
        return answer({"data": {"id": ident, "text": text, "edit_history_tweet_ids": [ident]}}, 201)

    def _delete(self, ident):
        if ident not in self.posts:
            return answer(problem("resource-not-found", 404), 404)
        self.erase(ident)
        return answer({"data": {"deleted": True}})


def searched(query, post):
    """Whether a post fits a query of the kinds that the connector asks."""
    wanted = query["query"][0]
    if wanted.startswith("conversation_id:"):
        return post["conversation_id"] == wanted.removeprefix("conversation_id:")
    kinds = {each["type"] for each in post.get("referenced_tweets", [])}
    if ("-is:retweet" in wanted and "retweeted" in kinds) or (
        re.search(r"(?<!-)is:quote", wanted) and "quoted" not in kinds
    ):
        return False
    links = " ".join(each["expanded_url"] for each in post["entities"].get("urls", []))

    def stands(each):
        return (each[5:-1] in links) if each.startswith("url:") else each.strip('"').lower() in post["text"].lower()

    groups = re.findall(r"\((.*?)\) ", wanted)
    return all(any(stands(each) for each in group.split(" OR ")) for group in groups)


def source_of(url, **options):
    names = dict(
        zip(("bearer", "consumer_key", "consumer_secret", "access_token", "access_secret"), SECRETS, strict=True)
    )
    given = {"kind": "x", "name": "x", "account": HANDLE, "account_id": ACCOUNT_ID, "server": url, "quotes": False}
    return Source.model_validate({**given, **names, **options})


class Purse:
    """A purse that remembers what was paid, and is as empty as a test wants it."""

    def __init__(self):
        self.paid = []
        self.share = 0.0

    def pay(self, what, micro):
        self.paid.append((what, micro))

    def spent(self):
        return self.share


class Bench:
    """Our account on X, and a person who writes to it."""

    platform = Platform.X

    def __init__(self, **options):
        self.double = Double()
        self.source = source_of(self.double.url, **options)
        self.budget = Budget()
        self.purse = Purse()
        self.terms = ()
        self.together = ()
        self.at = NOW - 50 * MINUTE

    def tools(self):
        def secret(name):
            if name not in SECRETS:
                raise EarshotError(f"{name} is not set.")
            return SECRETS[name]

        return Tools(
            StillClock(),
            self.double.refusals,
            self.budget,
            secret,
            Path(),
            Path(),
            self.terms,
            self.purse,
            together=self.together,
        )

    def connector(self):
        return connector(self.source, self.tools())

    def publisher(self):
        return publisher(self.source, self.tools())

    def _next(self, at):
        if at is None:
            self.at += MINUTE
        return self.at if at is None else at

    def say(self, text, *, author="kundin", at=None, **marks):
        return self.double.write(f"@{HANDLE} {text}", author, self._next(at), **marks)

    def say_private(self, text):
        self.double.person("leise", protected=True)
        self.say(text, author="leise")
        return True

    def edit(self, native_id, text):
        return self.double.rewrite(native_id, f"@{HANDLE} {text}", self._next(None))

    def delete(self, native_id):
        self.double.erase(native_id)

    def target(self, native_id):
        return Target(Platform.X, "x.com", HANDLE, native_id, native_id, "kundin", Visibility.PUBLIC)

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return [seen for seen in self.double.seen if seen.method == "POST"]

    def replies(self):
        ours = [post for post in self.double.posts.values() if post["author_id"] == ACCOUNT_ID]
        return [post["text"] for post in ours if "in_reply_to_user_id" in post]

    def lose_answer(self):
        self.double.lost = True


__all__ = ["ACCOUNT_ID", "HANDLE", "NOW", "Bench", "Double", "Seen", "answer", "problem", "source_of", "stamp"]
