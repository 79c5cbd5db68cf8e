"""A double of the Lemmy API (version 3), written from its documentation: posts and comments in memory."""

from datetime import UTC, datetime
from pathlib import Path

import http_double
from http_double import NOW, TOKEN, Budget, StillClock, answer, reset

from bot.connectors import lemmy, lemmy_publisher
from bot.connectors.tools import Tools
from bot.model import Platform, Target, Visibility

API = "/api/v3"
US = "fjordfon_hilft"
MINUTE = 60_000
PAGED = {"sort", "page", "limit"}
FIELDS = {
    ("POST", "/user/login"): {"username_or_email", "password", "totp_2fa_token"},
    ("GET", "/comment"): {"id"},
    ("GET", "/post"): {"id", "comment_id"},
    ("GET", "/comment/list"): PAGED
    | {"type_", "max_depth", "community_id", "community_name", "post_id", "parent_id", "saved_only"},
    ("GET", "/post/list"): PAGED | {"type_", "community_id", "community_name", "saved_only", "page_cursor"},
    ("GET", "/search"): PAGED | {"q", "community_id", "community_name", "creator_id", "type_", "listing_type"},
    ("GET", "/site"): set(),
    ("GET", "/user/mention"): PAGED | {"unread_only"},
    ("GET", "/user/replies"): PAGED | {"unread_only"},
    ("POST", "/comment"): {"content", "post_id", "parent_id", "language_id"},
    ("POST", "/comment/delete"): {"comment_id", "deleted"},
}


def written(at):
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def person(name="kundin", ident=20, host="127.0.0.1", **more):
    return {
        "id": ident,
        "name": name,
        "actor_id": f"https://{host}/u/{name}",
        "local": True,
        "bot_account": False,
        "banned": False,
        "deleted": False,
        **more,
    }


def community(visibility="Public", **more):
    return {
        "id": 5,
        "name": "telko",
        "visibility": visibility,
        "removed": False,
        "deleted": False,
        "local": True,
        **more,
    }


def post_of(ident=10, name="Wer hat Netz?", at=NOW - 180 * MINUTE, **more):
    return {
        "id": ident,
        "name": name,
        "ap_id": f"https://lemmy.example/post/{ident}",
        "creator_id": 21,
        "community_id": 5,
        "published": written(at),
        "removed": False,
        "deleted": False,
        "locked": False,
        "language_id": 32,
        **more,
    }


def comment_of(ident=100, content="mein Router blinkt rot", at=NOW - 30 * MINUTE, path="0.100", **more):
    return {
        "id": ident,
        "creator_id": 20,
        "post_id": 10,
        "content": content,
        "ap_id": f"https://lemmy.example/comment/{ident}",
        "published": written(at),
        "removed": False,
        "deleted": False,
        "path": path,
        "language_id": 32,
        **more,
    }


def view(comment=None, post=None, creator=None, community_=None, **more):
    """What the API calls a comment view; without a comment a post view."""
    parts = {
        "creator": person() if creator is None else creator,
        "post": post or post_of(),
        "community": community_ or community(),
        "creator_banned_from_community": False,
        "banned_from_community": False,
        "creator_blocked": False,
        **more,
    }
    return parts if comment is None else {"comment": comment, **parts}


class Double(http_double.Double):
    """A small Lemmy server. ``comments`` and ``posts`` hold views by number; ``notices`` lists of notice views."""

    def __init__(self):
        super().__init__()
        self.posts = {10: view(creator=person("frager", 21))}
        self.comments = {}
        self.mentions, self.replies = [], []
        self.complaints = []
        self.tokens = {f"{TOKEN}-jwt"}
        self.lose_next = False
        self.next_id = 1000

    def take(self, method, path):
        if self.whole is not None:
            return self.whole
        seen, short = self.seen[-1], path.removeprefix(API)
        known = FIELDS.get((method, short))
        given = seen.body if method == "POST" else {key: values[0] for key, values in seen.query.items()}
        if known is None:
            self.complaints.append(f"{method} {path} is not served")
            return answer({"error": "not found"}, 404)
        self.complaints += [f"{path}: unknown field {field}" for field in given.keys() - known]
        if short == "/user/login":
            if given["password"] != TOKEN or given["username_or_email"] != US:
                return answer({"error": "incorrect_login"}, 401)
            return answer({"jwt": max(self.tokens), "registration_created": False, "verify_email_sent": False})
        if seen.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return answer({"error": "incorrect_login"}, 401)
        return getattr(self, f"_{method.lower()}{short.replace('/', '_')}")(given)

    def _current(self, notice):
        return {**notice, **self.comments[notice["comment"]["id"]]}

    def _get_site(self, query):
        person = {"id": 7, "name": US, "bot_account": True, "bio": "Fjordfon."}
        return answer({"my_user": {"local_user_view": {"person": person}}})

    def _get_user_mention(self, query):
        return answer(
            {"mentions": self._page([self._current(each) for each in self.mentions], query, "person_mention")}
        )

    def _get_user_replies(self, query):
        return answer({"replies": self._page([self._current(each) for each in self.replies], query, "comment_reply")})

    def _get_search(self, query):
        sought = query["q"].lower()
        comments = [each for each in self.comments.values() if sought in each["comment"]["content"].lower()]
        posts = [each for each in self.posts.values() if sought in str(each["post"]).lower()]
        found = {"comments": self._page(comments, query), "posts": self._page(posts, query, "post")}
        asked = query["type_"].lower()
        return answer(
            {list_: found[list_] if list_ == asked else [] for list_ in ("comments", "posts")} | {"users": []}
        )

    def _get_comment_list(self, query):
        found = [*self.comments.values()]
        if "community_name" in query:
            found = [each for each in found if each["community"]["name"] == query["community_name"]]
        if "post_id" in query:
            found = [each for each in found if each["post"]["id"] == int(query["post_id"])]
        depth, root = 1, "0"
        if "parent_id" in query:
            above = self.comments.get(int(query["parent_id"]))
            if above is None:
                return answer({"error": "couldnt_find_comment"}, 404)
            root = above["comment"]["path"]
            found = [each for each in found if f"{each['comment']['path']}.".startswith(f"{root}.")]
        if "max_depth" in query:
            depth = len(root.split(".")) + int(query["max_depth"])
            found = [each for each in found if len(each["comment"]["path"].split(".")) <= depth]
        return answer({"comments": self._page(found, query)})

    def _get_post_list(self, query):
        found = [each for each in self.posts.values() if each["community"]["name"] == query["community_name"]]
        return answer({"posts": self._page(found, query, "post")})

    @staticmethod
    def _page(views, query, sorted_by="comment"):
        views = sorted(views, key=lambda each: (each[sorted_by]["published"], each[sorted_by]["id"]), reverse=True)
        page, limit = int(query.get("page", 1)), int(query.get("limit", 10))
        return views[(page - 1) * limit : page * limit]

    def _get_comment(self, query):
        found = self.comments.get(int(query["id"]))
        return answer({"comment_view": found}) if found else answer({"error": "couldnt_find_comment"}, 404)

    def _get_post(self, query):
        found = self.posts.get(int(query["id"]))
        return answer({"post_view": found}) if found else answer({"error": "couldnt_find_post"}, 404)

    def _post_comment(self, body):
        if not isinstance(body.get("post_id"), int) or not isinstance(body.get("parent_id", 0), int):
            self.complaints.append("a number is no number")
        above = self.comments.get(body["parent_id"]) if "parent_id" in body else self.posts[body["post_id"]]
        made = self.add(body["content"], parent=body.get("parent_id"), creator=person(US, 7), at=NOW, above=above)
        if self.lose_next:
            self.lose_next = False
            return reset
        return answer({"comment_view": self.comments[made], "recipient_ids": []})

    def _post_comment_delete(self, body):
        found = self.comments.get(body["comment_id"])
        if found is None:
            return answer({"error": "couldnt_find_comment"}, 404)
        if found["creator"]["name"] != US:
            return answer({"error": "no_comment_edit_allowed"}, 400)
        if found["comment"]["deleted"]:
            return answer({"error": "couldnt_update_comment"}, 400)
        found["comment"]["deleted"], found["comment"]["content"] = True, ""
        return answer({"comment_view": found, "recipient_ids": []})

    def add(self, content, *, parent=None, creator=None, at=NOW, above=None, **marks):
        """A comment below the standing post, or below the comment ``parent``; returns its number."""
        self.next_id += 1
        above = above or self.posts[10]
        root = self.comments[parent]["comment"]["path"] if parent else "0"
        creator = person() if creator is None else creator
        comment = comment_of(self.next_id, content, at, f"{root}.{self.next_id}", creator_id=creator.get("id"))
        self.comments[self.next_id] = {
            **view(comment, above["post"], creator, above["community"]),
            **marks,
        }
        return self.next_id


class Bench:
    """The double with our reader and writer before it, as the contract of all connectors asks for."""

    platform = Platform.LEMMY

    def __init__(self, **options):
        self.double = Double()
        self.source = lemmy.Source(
            kind=Platform.LEMMY,
            name="lemmy",
            account=US,
            server=self.double.url,
            password="EARSHOT_LEMMY",
            **options,
        )
        self._at = NOW - 180 * MINUTE

    def tools(self):
        return Tools(StillClock(), self.double.refusals, Budget(), lambda name: TOKEN, Path(), Path())

    def connector(self):
        return lemmy.connector(self.source, self.tools())

    def publisher(self):
        return lemmy_publisher.publisher(self.source, self.tools())

    def say(self, text, *, author="kundin", at=None, **marks):
        if at is None:
            self._at += MINUTE
            at = self._at
        creator = marks.pop("creator", person(author, 20 if author == "kundin" else 22))
        ident = self.double.add(f"@{US}@{self.double.surface} {text}", creator=creator, at=at, **marks)
        notice = {"person_mention": {"id": ident, "published": written(at)}, "recipient": person(US, 7)}
        self.double.mentions.append({**notice, "comment": {"id": ident}})
        return f"comment-{ident}"

    def say_private(self, text):
        self.say(text, community=community("LocalOnly"))
        return True

    def _comment(self, native_id):
        return self.double.comments[int(native_id.removeprefix("comment-"))]["comment"]

    def edit(self, native_id, text):
        self._comment(native_id).update(content=text, updated=written(NOW))

    def delete(self, native_id):
        self._comment(native_id).update(content="", deleted=True)

    def target(self, native_id):
        word, number = native_id.split("-")
        return Target(
            platform=Platform.LEMMY,
            surface=self.double.surface,
            account=US,
            native_id=native_id,
            canonical_key=f"https://lemmy.example/{word}/{number}",
            author_handle="kundin",
            visibility=Visibility.PUBLIC,
            url=f"{self.double.url}/{word}/{number}",
        )

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return [seen for seen in self.double.seen if (seen.method, seen.path) == ("POST", f"{API}/comment")]

    def replies(self):
        ours = [each for each in self.double.comments.values() if each["creator"]["name"] == US]
        return [each["comment"]["content"] for each in ours if not each["comment"]["deleted"]]

    def lose_answer(self):
        self.double.lose_next = True
