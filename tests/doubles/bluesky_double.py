"""A double of a Bluesky server (PDS with the network's view behind it), written from the public lexicons.

It complains about every request that holds what the lexicons do not name.
"""

import base64
import hashlib
import itertools
import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path

import http_double
from http_double import NOW, TOKEN, Budget, StillClock, answer, reset

from bot.connectors.bluesky import connector
from bot.connectors.bluesky_client import Source, client
from bot.connectors.bluesky_publisher import publisher
from bot.connectors.tools import Tools
from bot.model import Platform, Target, Visibility

OURS = "fjordfon.example"
OUR_DID = "did:plc:fjordfon2222222222222222"
MINUTE = 60_000
POST = "app.bsky.feed.post"
PASSWORD = "canary-app-password"

KNOWN = {
    "com.atproto.server.createSession": {"identifier", "password"},
    "com.atproto.server.refreshSession": set(),
    "com.atproto.server.getSession": set(),
    "com.atproto.identity.resolveHandle": {"handle"},
    "app.bsky.actor.getProfile": {"actor"},
    "app.bsky.feed.searchPosts": {"q", "sort", "limit", "cursor", "since", "until"},
    "app.bsky.notification.listNotifications": {"reasons", "limit", "cursor"},
    "app.bsky.feed.getPosts": {"uris"},
    "app.bsky.feed.getPostThread": {"uri", "depth", "parentHeight"},
    "com.atproto.repo.getRecord": {"repo", "collection", "rkey", "cid"},
    "com.atproto.repo.createRecord": {"repo", "collection", "rkey", "record"},
    "com.atproto.repo.deleteRecord": {"repo", "collection", "rkey"},
}
RECORD = {"$type", "text", "createdAt", "langs", "reply", "facets"}
TID = re.compile("[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


def when(at):
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def did_of(handle):
    return OUR_DID if handle == OURS else f"did:plc:{hashlib.sha256(handle.encode()).hexdigest()[:24]}"


def cid_of(record):
    return "bafyrei" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:52]


def token(kind, expires_in=7_200):
    """A token as servers give it out; only when it ends is ever read."""
    claims = {"scope": kind, "exp": int(time.time()) + expires_in}
    parts = ({"alg": "none"}, claims)
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return f"{coded[0]}.{coded[1]}.{TOKEN}"


def tag(text, handle, did=None):
    """A facet that tags ``handle`` where ``text`` names it."""
    begin = text.encode().index(f"@{handle}".encode())
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": did or did_of(handle)}
    return {"index": {"byteStart": begin, "byteEnd": begin + len(handle) + 1}, "features": [feature]}


def person(handle="kundin.example", **more):
    return {
        "did": did_of(handle),
        "handle": handle,
        "displayName": "Ein Name",
        "viewer": {"muted": False, "blockedBy": False},
        "labels": [],
        **more,
    }


def record(text="mein Router blinkt rot", *, at=NOW - MINUTE, tagged=True, **more):
    """The record of a post, by default one that tags our account."""
    words = f"@{OURS} {text}" if tagged else text
    facets = {"facets": [tag(words, OURS)]} if tagged else {}
    return {"$type": POST, "text": words, "createdAt": when(at), "langs": ["de"], **facets, **more}


def view(written=None, *, author=None, rkey="3l3qo2vuowo2b", **more):
    """A post as the network shows it."""
    written, author = written or record(), author or person()
    return {
        "uri": f"at://{author['did']}/{POST}/{rkey}",
        "cid": cid_of(written),
        "author": author,
        "record": written,
        "indexedAt": written["createdAt"],
        "viewer": {"threadMuted": False, "embeddingDisabled": False},
        "labels": [],
        **more,
    }


def fault(name, status=400):
    return answer({"error": name, "message": "canary-message"}, status)


class Double(http_double.Double):
    """Accounts, posts, notifications and sessions in memory."""

    def __init__(self):
        super().__init__()
        self.posts = {}
        self.handles = {}
        self.complaints = []
        self.sessions = {"access": set(), "refresh": set()}
        self.expires_in = 7_200
        self.lossy = self.closes = False
        self.password = PASSWORD
        self.profiles = {}
        self.hidden = set()
        self.blocking = set()
        self._keys = itertools.count(1)

    def add(self, written, author=None, **more):
        """Keep a post; returns its AT-URI."""
        found = view(written, author=author, rkey=f"3l{next(self._keys):06d}".translate(_TIDY) + "22222", **more)
        self.posts[found["uri"]] = found
        self.handles[found["author"]["did"]] = found["author"]["handle"]
        return found["uri"]

    def take(self, method, path):
        seen = self.seen[-1]
        self._inspect(seen)
        if self.whole or (method, path) in self.answers:
            return super().take(method, path)
        name = path.removeprefix("/xrpc/")
        if name == "com.atproto.server.createSession":
            wrong = seen.body.get("password") != self.password
            return fault("AuthenticationRequired", 401) if wrong else self._session()
        wanted = "refresh" if name.endswith("refreshSession") else "access"
        bearer = seen.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer not in self.sessions[wanted]:
            return fault("ExpiredToken" if bearer else "AuthMissing", 400 if bearer else 401)
        return getattr(self, f"_{name.rpartition('.')[2]}")(seen)

    def _inspect(self, seen):
        name = seen.path.removeprefix("/xrpc/")
        fields = {*seen.query, *seen.body}
        if name not in KNOWN or not fields <= KNOWN[name]:
            self.complaints.append((name, sorted(fields)))
        if not 1 <= int(seen.query.get("limit", ["1"])[0]) <= 100 or len(seen.query.get("uris", [])) > 25:
            self.complaints.append((name, "too many"))
        if "atproto-proxy" in seen.headers:
            self.complaints.append((name, "header"))
        if name == "com.atproto.repo.createRecord":
            self.complaints += [(name, each) for each in _objections(seen.body)]

    def _session(self):
        access, refresh = token("access", self.expires_in), token(f"refresh{len(self.seen)}")
        self.sessions["access"].add(access)
        self.sessions["refresh"].add(refresh)
        did_doc = {"id": OUR_DID, "service": [{"id": "#atproto_pds", "serviceEndpoint": "https://elsewhere.example"}]}
        return answer(
            {
                "accessJwt": access,
                "refreshJwt": refresh,
                "handle": OURS,
                "did": OUR_DID,
                "didDoc": did_doc,
                "active": True,
            }
        )

    def _refreshSession(self, seen):  # noqa: N802 - the method's own name
        return self._session()

    def _getSession(self, seen):  # noqa: N802 - likewise
        return answer({"handle": OURS, "did": OUR_DID})

    def _resolveHandle(self, seen):  # noqa: N802 - likewise
        handle = seen.query["handle"][0]
        return fault("HandleNotFound") if handle.startswith("niemand") else answer({"did": did_of(handle)})

    def _getProfile(self, seen):  # noqa: N802 - likewise
        did = seen.query["actor"][0]
        if did == OUR_DID:
            return answer({"did": OUR_DID, "handle": OURS, "description": "Fjordfon. STOPP genügt.", "labels": []})
        author = next((post["author"] for post in self.posts.values() if post["author"]["did"] == did), person())
        found = self.profiles.get(did, {**author, "did": did, "description": "Hier privat."})
        return found if callable(found) else answer(found)

    def _newest(self, fitting, seen):
        limit, cursor = int(seen.query.get("limit", ["25"])[0]), int(seen.query.get("cursor", ["0"])[0])
        fitting = sorted(fitting, key=lambda post: (_place(post), post["uri"]), reverse=True)
        cut = fitting[cursor : cursor + limit]
        return cut, {"cursor": str(cursor + limit)} if len(fitting) > cursor + limit else {}

    def _searchPosts(self, seen):  # noqa: N802 - likewise
        words, since = seen.query["q"][0].lower(), seen.query.get("since", [""])[0]
        fitting = [post for post in self._listed() if words in post["record"]["text"].lower() and _place(post) >= since]
        posts, following = self._newest(fitting, seen)
        return answer({"posts": posts, **following})

    def _listNotifications(self, seen):  # noqa: N802 - likewise
        reasons = seen.query["reasons"]
        told = {post["uri"]: _reason(post["record"]) for post in self._listed() if post["author"]["did"] != OUR_DID}
        fitting = [self.posts[uri] for uri, reason in told.items() if reason in reasons]
        posts, following = self._newest(fitting, seen)
        names = ("uri", "cid", "author", "record", "indexedAt", "labels")
        notes = [{**{name: post[name] for name in names}, "reason": told[post["uri"]]} for post in posts]
        return answer({"notifications": notes, **following})

    def _listed(self):
        return [post for uri, post in self.posts.items() if uri not in self.hidden | self.blocking]

    def _getPosts(self, seen):  # noqa: N802 - likewise
        listed = {post["uri"]: post for post in self._listed()}
        return answer({"posts": [listed[uri] for uri in seen.query["uris"] if uri in listed]})

    def _getPostThread(self, seen):  # noqa: N802 - likewise
        (uri,) = seen.query["uri"]
        if uri in self.blocking:
            author = {"did": uri.split("/")[2], "viewer": {"blockedBy": True}}
            return answer({"thread": {"uri": uri, "blocked": True, "author": author}})
        if uri not in self.posts:
            return fault("NotFound")
        below = [post for post in self._listed() if _parent(post["record"]) == uri]
        thread = {"post": self.posts[uri], "replies": [{"post": post} for post in below]}
        above = thread
        while int(seen.query["parentHeight"][0]) and (uri := _parent(self.posts[uri]["record"])) in self.posts:
            above["parent"] = {"post": self.posts[uri]}
            above = above["parent"]
        return answer({"thread": thread})

    def _getRecord(self, seen):  # noqa: N802 - likewise
        uri = "at://{}/{}/{}".format(*(seen.query[name][0] for name in ("repo", "collection", "rkey")))
        if uri not in self.posts:
            return fault("RecordNotFound")
        return answer({"uri": uri, "cid": self.posts[uri]["cid"], "value": self.posts[uri]["record"]})

    def _createRecord(self, seen):  # noqa: N802 - likewise
        written = seen.body["record"]
        found = view(written, author=person(OURS), rkey=seen.body["rkey"])
        uri = found["uri"]
        if uri in self.posts:
            return fault("InternalServerError", 500)
        self.posts[uri] = found
        if self.closes:
            self.posts[_parent(written)]["viewer"]["replyDisabled"] = True
            self.hidden.add(uri)
        if self.lossy:
            self.lossy = False
            return reset
        return answer({"uri": uri, "cid": found["cid"], "validationStatus": "valid"})

    def _deleteRecord(self, seen):  # noqa: N802 - likewise
        self.posts.pop(f"at://{seen.body['repo']}/{seen.body['collection']}/{seen.body['rkey']}", None)
        return answer({})


_TIDY = str.maketrans("0189", "abcd")


def _place(post):
    """The time that lists are sorted by."""
    return min(post["indexedAt"], post["record"]["createdAt"])


def _parent(written):
    return written.get("reply", {}).get("parent", {}).get("uri", "")


def _reason(written):
    quoted = written.get("embed", {}).get("record", {}).get("uri", "")
    if _parent(written).startswith(f"at://{OUR_DID}/"):
        return "reply"
    if quoted.startswith(f"at://{OUR_DID}/"):
        return "quote"
    return "mention" if OUR_DID in json.dumps(written.get("facets", [])) else "none"


def _objections(body):
    """What a server would not take in the record of a reply."""
    written = body.get("record", {})
    if not written.keys() <= RECORD or written.get("$type") != POST or body.get("collection") != POST:
        yield f"fields {sorted(written)}"
    if body.get("repo") != OUR_DID or not TID.fullmatch(body.get("rkey", "")):
        yield "place of the record"
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", written.get("createdAt", "")):
        yield "date"
    for end in ("root", "parent"):
        if written.get("reply", {}).get(end, {}).keys() != {"uri", "cid"}:
            yield f"no strong reference to the {end}"
    text = written.get("text", "").encode()
    for facet in written.get("facets", []):
        words = text[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        for feature in facet["features"]:
            if not words or words not in feature.get("uri", words) or ("did" in feature and words[0] != "@"):
                yield "facet beside its words"


class Bench:
    """The double with our two ends before it, for the contract that all connectors keep."""

    platform = Platform.BLUESKY

    def __init__(self, **options):
        self.double = Double()
        self.source = Source(
            kind=Platform.BLUESKY,
            name="bsky",
            server=self.double.url,
            app_password="EARSHOT_BLUESKY_PASSWORD",
            **{"account": OURS, "searches": ("Meldung",), **options},
        )
        self.budget = Budget()
        self._minutes = itertools.count(1)

    def tools(self):
        return Tools(StillClock(), self.double.refusals, self.budget, lambda _: PASSWORD, Path("/"), Path("/"))

    def client(self):
        return client(self.source, self.tools())

    def connector(self):
        return connector(self.source, self.tools())

    def publisher(self):
        return publisher(self.source, self.tools())

    def say(self, text, *, author="kundin", at=None, **marks):
        born = NOW - 1_440 * MINUTE + next(self._minutes) * MINUTE if at is None else at
        labels = marks.pop("labels", [])
        return self.double.add(record(text, at=born, **marks), person(f"{author}.example", labels=labels))

    def say_private(self, text):
        self.say(text, labels=[{"src": did_of("kundin.example"), "val": "!no-unauthenticated"}])
        return True

    def edit(self, native_id, text):
        post = self.double.posts[native_id]
        post["record"] = {**post["record"], "text": text, "facets": []}
        post["cid"] = cid_of(post["record"])

    def delete(self, native_id):
        del self.double.posts[native_id]

    def target(self, native_id):
        author = self.double.handles[native_id.split("/")[2]]
        return Target(
            self.platform,
            self.double.surface,
            OURS,
            native_id,
            native_id,
            author,
            Visibility.PUBLIC,
            "https://bsky.app",
        )

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return [seen for seen in self.double.seen if seen.path.endswith("createRecord")]

    def replies(self):
        return [post["record"]["text"] for post in self.double.posts.values() if post["author"]["did"] == OUR_DID]

    def lose_answer(self):
        self.double.lossy = True
