"""The public square of the sample platform: posts and our replies as any passer-by sees them, hard words covered.

Strangers see it on this very machine only; under any other name of the desk people sign in first.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot.desk import page, shield
from bot.desk.state import LOOPBACK, house, person, store
from bot.desk.text import Piece, cut, marked, name
from bot.model import SHIELDED_LANES, Lane, Platform, Trigger
from bot.store import queue
from bot.store.db import Row

square = Blueprint("square", __name__)

POSTS = 60
"""Newest posts looked at."""


@dataclass(frozen=True, slots=True)
class Said:
    """One post on the square."""

    handle: str
    at: int
    language: str
    pieces: tuple[Piece, ...]
    ours: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """One thread. ``only_heard``: nobody addressed us in it."""

    posts: tuple[Said, ...]
    only_heard: bool


@square.get("/square")
def show() -> ResponseReturnValue:
    """The newest conversations; exists only where the sample platform is the only source."""
    if not page.has_square():
        abort(404)
    if person() is None and urlsplit(f"//{request.host}").hostname not in LOOPBACK:
        return redirect(url_for("door.sign_in", next=url_for("square.show")), 303)
    return render_template("square.html", conversations=conversations(), brand=house().brand.name)


def conversations() -> list[Conversation]:
    """Threads with something new, newest first, each from its first post on."""
    replies = queue.public_replies(store(), Platform.REPLAY, POSTS)
    posts = queue.public_square(store(), Platform.REPLAY, POSTS)
    known = [*(row["id"] for row in posts), *(row["mention_id"] for row in replies)]
    lanes = queue.lanes_of_thread(store(), known)
    threads: dict[str, dict[int | str, tuple[Said, bool]]] = {}
    for row in posts:
        shown = _pieces(_open_words(row["text"], lanes.get(row["id"])))
        threads.setdefault(row["thread_key"], {})[row["id"]] = (_post(row, shown), _addressed(row))
    for row in replies:
        thread = threads.setdefault(row["thread_key"], {})
        if row["seen_by_all"]:
            shown = _pieces(_open_words(row["post_text"], lanes.get(row["mention_id"])))
            thread.setdefault(row["mention_id"], (_post(row, shown), _addressed(row)))
        ours = Said(name(row["account"]), row["sent_at"] or 0, "", _pieces(row["text"]), ours=True)
        thread[f"reply {row['id']}"] = (ours, True)
    found = [_conversation(list(thread.values())) for thread in threads.values()]
    return sorted(found, key=lambda one: -max(post.at for post in one.posts))


def _conversation(posts: list[tuple[Said, bool]]) -> Conversation:
    ordered = sorted((post for post, _ in posts), key=lambda post: post.at)
    return Conversation(tuple(ordered), not any(addressed for _, addressed in posts))


def _post(row: Row, shown: tuple[Piece, ...]) -> Said:
    return Said(name(row["author_handle"]), row["created_at"], row["declared_language"], shown, ours=False)


def _open_words(text: str, lane: Lane | None) -> str:
    """The words of a post, unless it stands behind the shield at the desk, or nobody assessed it yet."""
    if lane is not None and lane not in SHIELDED_LANES:
        return text
    stage = "kept" if lane is None else "assessed"
    return shield.summary(lane or Lane.HELP, {}, not_assessed=False, stage=stage)


def _addressed(row: Row) -> bool:
    return row["triggers"] not in {"", Trigger.NONE.value}


def _pieces(text: str) -> tuple[Piece, ...]:
    return tuple(marked(cut(text)[0], []))
