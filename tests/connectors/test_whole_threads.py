"""The thread around a post, read once on each platform: what everyone may read of it, and nothing else."""

import contextlib
from importlib import import_module
from types import SimpleNamespace

import pytest
from http_double import answer, silence
from x_double import Purse

from bot.connectors.x_publisher import SEARCHES_END_AT
from bot.errors import Permanent, Transient
from bot.model import Thread


def _mastodon(bench):
    top = bench.say("Wann geht es wieder?", author="lea")
    post = bench.say("Morgen um acht", in_reply_to_id=top)
    bench.say("Lasst ihn doch", in_reply_to_id=post, author="max")
    bench.say("Ganz still", in_reply_to_id=top, author="eva")
    bench.say("Geheimnis", in_reply_to_id=post, visibility="private")
    return SimpleNamespace(post=post, root="", top=top)


def _bluesky(bench):
    def below(parent, root):
        cids = {uri: bench.double.posts[uri]["cid"] for uri in (parent, root)}
        return {"parent": {"uri": parent, "cid": cids[parent]}, "root": {"uri": root, "cid": cids[root]}}

    top = bench.say("Wann geht es wieder?", author="lea")
    post = bench.say("Morgen um acht", reply=below(top, top))
    bench.say("Lasst ihn doch", reply=below(post, top), author="max")
    bench.say("Ganz still", reply=below(top, top), author="eva")
    hidden = [{"src": "did:plc:x", "val": "!no-unauthenticated"}]
    bench.say("Geheimnis", reply=below(post, top), author="pia", labels=hidden)
    return SimpleNamespace(post=post, root=top, top=top)


def _reddit(bench):
    top = bench.say("Wann geht es wieder?", author="lea")
    post = bench.say("Morgen um acht", parent_id=top)
    bench.say("Lasst ihn doch", parent_id=post, author="max")
    bench.say("Ganz still", parent_id=top, author="eva")
    bench.say("Geheimnis", parent_id=post, subreddit_type="private")
    return SimpleNamespace(post=post, root=bench.home, top=top)


def _lemmy(bench):
    def number(native_id):
        return int(native_id.removeprefix("comment-"))

    community = import_module("lemmy_double").community
    top = bench.say("Wann geht es wieder?", author="lea")
    post = bench.say("Morgen um acht", parent=number(top))
    bench.say("Lasst ihn doch", parent=number(post), author="max")
    bench.say("Ganz still", parent=number(top), author="eva")
    bench.say("Geheimnis", parent=number(post), community=community("LocalOnly"))
    return SimpleNamespace(post=post, root="post-10", top=top)


def _discourse(bench):
    top = bench.say("Wann geht es wieder?", author="lea")
    post = bench.say("Morgen um acht")
    bench.say("Lasst ihn doch", author="max")
    bench.say("Ganz still", author="eva")
    bench.say("Geheimnis", post_type=4)
    return SimpleNamespace(post=post, root="", top=top)


def _x(bench):
    top = bench.say("Wann geht es wieder?", author="lea")
    post = bench.say("Morgen um acht", conversation_id=top)
    bench.say("Lasst ihn doch", author="max", conversation_id=top)
    bench.say("Ganz still", author="eva", conversation_id=top)
    bench.say("Geheimnis", conversation_id=top, withheld={"country_codes": ["DE"]})
    return SimpleNamespace(post=post, root=top, top=top)


THREADS = {"mastodon": _mastodon, "bluesky": _bluesky, "reddit": _reddit, "lemmy": _lemmy, "discourse": _discourse}
THREADS["x"] = _x


@pytest.fixture(params=THREADS)
def thread(request):
    """A server with a thread on it: two posts above, two answers, and one that is not for everyone."""
    bench = import_module(f"{request.param}_double").Bench()
    with bench.double:
        yield SimpleNamespace(bench=bench, platform=request.param, **vars(THREADS[request.param](bench)))


def read(thread, most=50) -> Thread:
    return thread.bench.publisher().thread(thread.bench.target(thread.post), thread.root, most)


def test_the_thread_comes_with_authors_times_and_addresses_and_each_post_once(thread):
    found = read(thread)
    everything = " ".join(post.text for post in found.posts)
    for words in ("Wann geht es wieder?", "Lasst ihn doch", "Ganz still"):
        assert everything.count(words) == 1, (thread.platform, words)
    assert all(post.author.handle and post.author.native_id and post.created_at and post.url for post in found.posts)
    assert len({post.canonical_key for post in found.posts}) == len(found.posts)
    assert not getattr(thread.bench.double, "complaints", [])
    assert thread.bench.double.refusals.seen == []


def test_what_is_not_for_everyone_is_counted_and_its_words_go_nowhere(thread):
    found = read(thread)
    assert "Geheimnis" not in str(found)
    assert found.left_out["not public"] == 1


def test_no_more_posts_than_asked_for_and_the_rest_is_counted(thread):
    found = read(thread, most=1)
    assert len(found.posts) == 1
    assert found.left_out["too many"] >= 1


def test_nothing_is_written_and_nobodys_profile_is_asked_for(thread):
    already = len(thread.bench.double.seen)
    read(thread)
    asked = thread.bench.double.seen[already:]
    logins = ("createSession", "/login", "/access_token")
    assert [seen.path for seen in asked if seen.method != "GET" and not seen.path.endswith(logins)] == []
    assert not [seen.path for seen in asked if "getProfile" in seen.path or "/about" in seen.path or "/u/" in seen.path]
    assert len(asked) <= 5


def test_a_platform_that_answers_with_something_else_is_transient_and_never_a_crash(thread):
    for odd in ([], {}, {"data": 1}, None, [1, {"kind": "Listing"}]):
        thread.bench.everything(answer(odd))
        with contextlib.suppress(Transient, Permanent):
            assert read(thread).posts == ()
    thread.bench.everything(answer({"error": "no"}, 403))
    with pytest.raises(Permanent):
        read(thread)


def test_a_silent_platform_is_transient(monkeypatch):
    bench = import_module("discourse_double").Bench()
    with bench.double:
        post = _discourse(bench).post
        bench.everything(silence)
        publisher = bench.publisher()
        monkeypatch.setattr(publisher._site._session.adapters[""], "_deadline_s", 0.2)
        with pytest.raises(Transient):
            publisher.thread(bench.target(post), "", 5)


def test_mastodon_is_asked_as_a_stranger_so_that_what_only_we_may_see_is_not_even_sent():
    bench = import_module("mastodon_double").Bench()
    with bench.double:
        thread = _mastodon(bench)
        bench.publisher().thread(bench.target(thread.post), "", 50)
        contexts = [seen for seen in bench.double.seen if seen.path.endswith("/context")]
        assert len(contexts) == 2
        assert not [seen for seen in contexts if "authorization" in seen.headers]


def test_x_is_not_searched_when_searches_cost_too_much_by_now():
    bench = import_module("x_double").Bench()

    class Spent(Purse):
        def spent(self) -> float:
            return SEARCHES_END_AT

    bench.purse = Spent()
    with bench.double:
        thread = _x(bench)
        found = bench.publisher().thread(bench.target(thread.post), thread.root, 50)
        assert (found.posts, found.left_out) == ((), {"over budget": 1})
        assert not [seen for seen in bench.double.seen if "search" in seen.path]


def test_a_deep_thread_is_walked_without_a_limit_of_the_stack():
    from bot.connectors.bluesky_views import unrolled

    deep: dict = {"post": {"uri": "a"}}
    for _ in range(5000):
        deep = {"post": {"uri": "b"}, "replies": [deep]}
    assert len(list(unrolled(deep))) == 5001
