"""One public reply on a Discourse forum: only where that was agreed, once, and never privately."""

from dataclasses import replace

import http_double as hd
import pytest
from discourse_double import MINUTE, NOW, US, Bench, post

from bot.connectors.discourse import Source
from bot.egress import Door
from bot.egress.forums import DISCOURSE
from bot.errors import EgressRefused, Held, Permanent, PlatformError, RateLimited, Transient, Unauthorised, Uncertain
from bot.model import Consent, Visibility

TEXT = "Danke, wir sehen nach. ^AB"


@pytest.fixture
def made():
    """Makes benches and closes their doubles."""
    benches = []

    def make(**options):
        benches.append(Bench(**options))
        benches[-1].double.__enter__()
        return benches[-1]

    yield make
    for bench in benches:
        bench.double.__exit__()
        assert bench.double.complaints == []


@pytest.fixture
def bench(made):
    return made()


@pytest.fixture
def asked(bench):
    """The id of a post that addresses us."""
    return bench.say("Router rot")


def leave(bench, native_id, text=TEXT):
    return Consent(bench.target(native_id), text, "key-1", 5, NOW + MINUTE)


def test_a_reply_is_a_text_in_a_place_and_nothing_else(bench, asked):
    receipt = bench.publisher().publish(leave(bench, asked))
    (sent,) = bench.writes()
    assert sent.body == {"raw": TEXT, "topic_id": 12, "reply_to_post_number": 2}
    assert (sent.headers["api-key"], sent.headers["api-username"]) == (hd.TOKEN, US)
    assert (receipt.native_id, receipt.text_read_back, receipt.at) == ("102", TEXT, NOW)
    assert receipt.url == f"{bench.double.url}/t/12/3"


@pytest.mark.parametrize(
    "extra", [{"archetype": "private_message"}, {"target_recipients": "kundin"}, {"category": 3}, {"title": "x"}]
)
def test_no_request_with_a_recipient_or_a_new_topic_leaves_the_house(bench, extra):
    door = Door("discourse", [bench.double.url], DISCOURSE, bench.double.refusals)
    body = {"raw": TEXT, "topic_id": 12, "reply_to_post_number": 2, **extra}
    with pytest.raises(EgressRefused):
        door.post(f"{bench.double.url}/posts.json", json=body)
    with pytest.raises(EgressRefused):
        door.post(f"{bench.double.url}/posts.json", json={"raw": TEXT, "topic_id": 12})
    for path in (
        "/notifications.json",
        "/topics/private-messages/x.json",
        "/chat/api/channels.json",
        "/private-posts.json",
    ):
        with pytest.raises(EgressRefused):
            door.get(bench.double.url + path)
    assert bench.double.seen == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/posts/destroy_many.json"),
        ("DELETE", "/posts/1a.json"),
        ("DELETE", "/posts/-1.json"),
        ("GET", "/posts/private.json"),
        ("GET", "/posts/by_date/replies.json"),
        ("GET", "/posts/max/deleted.json"),
        ("GET", "/posts/../pending.json"),
        ("GET", "/posts/max/flagged/pending.json"),
        ("GET", "/t/private.json"),
        ("GET", "/u/.json"),
        ("GET", "/u/max/private.json"),
    ],
)
def test_a_word_where_a_number_belongs_is_another_act_and_stays_inside(bench, method, path):
    door = Door("discourse", [bench.double.url], DISCOURSE, bench.double.refusals)
    with pytest.raises(EgressRefused):
        door.request(method, bench.double.url + path)
    assert bench.double.seen == []


@pytest.mark.parametrize("agreed", ["", "   "])
def test_a_forum_that_is_neither_ours_nor_agreed_is_not_answered(made, agreed):
    bench = made(owned=False, host_agreed=agreed)
    native_id = bench.say("Router rot")
    assert bench.publisher().inspect(bench.target(native_id)).replies_open is False
    seen = len(bench.double.seen)
    with pytest.raises(Permanent, match="agreed"):
        bench.publisher().publish(leave(bench, native_id))
    assert len(bench.double.seen) == seen


def test_where_the_host_agreed_we_answer_but_the_place_is_not_ours(made):
    bench = made(owned=False, host_agreed="Frau Beispiel, 3. Mai 2026")
    native_id = bench.say("Router rot")
    assert bench.publisher().inspect(bench.target(native_id)).replies_open is True
    assert [mention.owned_surface for mention in bench.connector().fetch("", 20).mentions] == [False]
    assert bench.publisher().publish(leave(bench, native_id)).native_id


def test_without_a_key_we_look_and_do_not_write(made):
    bench = made(api_key=None)
    native_id = bench.say("Router rot")
    assert bench.publisher().inspect(bench.target(native_id)).exists is True
    with pytest.raises(Permanent, match="no key"):
        bench.publisher().publish(leave(bench, native_id))
    assert bench.writes() == []


@pytest.mark.parametrize(
    "change",
    [{"archetype": "private_message"}, {"visible": False}, {"closed": True}, {"archived": True}, {"closed": None}],
)
def test_nothing_is_sent_into_a_topic_that_is_not_public_or_not_open(bench, asked, change):
    bench.double.topics[12].update(change)
    status = bench.publisher().inspect(bench.target(asked))
    assert status.replies_open is False or status.visibility is not Visibility.PUBLIC
    assert status.visibility is Visibility.PUBLIC or (status.text, status.text_hash) == ("", "")
    with pytest.raises(Permanent):
        bench.publisher().publish(leave(bench, asked))
    assert bench.writes() == []


def test_a_topic_that_strangers_no_longer_see_is_not_answered(bench, asked):
    bench.double.topics[12]["_kept_back"] = True
    status = bench.publisher().inspect(bench.target(asked))
    assert (status.exists, status.http_status, status.visibility) == (None, 403, Visibility.UNKNOWN)
    with pytest.raises(Permanent):
        bench.publisher().publish(leave(bench, asked))
    assert bench.writes() == []


@pytest.mark.parametrize("lost", [False, True], ids=["told", "answer lost"])
def test_a_reply_that_waits_for_a_moderator_is_held_and_no_second_one_leaves(bench, asked, lost):
    bench.double.moderated, bench.double.lose_next = True, lost
    with pytest.raises(Uncertain if lost else Held):
        bench.publisher().publish(leave(bench, asked))
    for text in (TEXT, "Was anderes. ^AB"):
        with pytest.raises(Held, match="moderators"):
            bench.publisher().find(bench.target(asked), text, NOW)
    with pytest.raises(Permanent, match="moderators"):
        bench.publisher().publish(leave(bench, asked))
    assert len(bench.writes()) == 1


def test_a_held_reply_counts_as_sent_once_it_is_let_through(bench, asked):
    bench.double.moderated = True
    with pytest.raises(Held):
        bench.publisher().publish(leave(bench, asked))
    bench.double.pending.clear()
    number = bench.double.posts[int(asked)]["post_number"]
    stands = bench.double.add(f"<p>{TEXT}</p>", username=US, user_id=7, reply_to_post_number=number)
    assert bench.publisher().find(bench.target(asked), TEXT, NOW).native_id == str(stands)


def test_a_held_reply_that_was_refused_is_not_there_any_more(bench, asked):
    bench.double.moderated = True
    with pytest.raises(Held):
        bench.publisher().publish(leave(bench, asked))
    bench.double.pending.clear()
    assert bench.publisher().find(bench.target(asked), TEXT, NOW) is None


def test_a_reply_let_through_between_two_looks_is_not_overlooked(bench, asked):
    bench.double.moderated = True
    with pytest.raises(Held):
        bench.publisher().publish(leave(bench, asked))
    number = bench.double.posts[int(asked)]["post_number"]
    look = bench.double._latest

    def let_through(ident, query):
        told = look(ident, query)
        bench.double.pending.clear()
        bench.double.add(f"<p>{TEXT}</p>", username=US, user_id=7, reply_to_post_number=number)
        return told

    bench.double._latest = let_through
    with pytest.raises(Held):
        bench.publisher().find(bench.target(asked), TEXT, NOW)
    assert bench.publisher().find(bench.target(asked), TEXT, NOW) is not None


@pytest.mark.parametrize("waits", [{"topic_id": 13}, {"created_at": "2026-11-02T09:00:00Z"}], ids=["topic", "date"])
def test_what_waits_elsewhere_or_since_before_holds_nothing_up(bench, asked, waits):
    entry = {"id": 7, "topic_id": 12, "created_at": "2026-11-02T10:00:00Z", "raw_text": "Anderes.", **waits}
    bench.double.pending = [entry]
    assert bench.publisher().find(bench.target(asked), TEXT, NOW) is None
    assert bench.publisher().publish(leave(bench, asked)).native_id


def test_a_key_that_cannot_see_what_waits_answers_nothing(bench, asked):
    bench.double._pending = lambda name: hd.answer({"errors": ["invalid_access"]}, 403)
    with pytest.raises(Permanent, match="waits"):
        bench.publisher().identity()
    with pytest.raises(Permanent, match="waits"):
        bench.publisher().publish(leave(bench, asked))
    assert bench.writes() == []
    with pytest.raises(Permanent):
        bench.publisher().find(bench.target(asked), TEXT, NOW)


@pytest.mark.parametrize("form", [{}, {"pending_posts": None}, []])
def test_a_list_of_what_waits_that_is_none_is_no_absence(bench, asked, form):
    bench.double._pending = lambda name: hd.answer(form)
    with pytest.raises(Transient):
        bench.publisher().find(bench.target(asked), TEXT, NOW)
    with pytest.raises(Transient):
        bench.publisher().publish(leave(bench, asked))
    assert bench.writes() == []


def test_a_reply_that_the_forum_hid_still_counts_as_sent(bench, asked):
    receipt = bench.publisher().publish(leave(bench, asked))
    bench.double.posts[int(receipt.native_id)]["hidden"] = True
    assert bench.publisher().find(bench.target(asked), TEXT, NOW).native_id == receipt.native_id


@pytest.mark.parametrize("account", ["mail", "max.m_1", "Follow-me"])
def test_an_account_of_any_name_is_known_and_answers(account, made):
    bench = made(account=account)
    assert bench.publisher().identity().handle == account
    assert bench.publisher().publish(leave(bench, bench.say("Router rot"))).native_id


def test_a_person_with_a_dot_in_the_name_may_ask_us_to_stay_away(bench):
    native_id = bench.say("Router rot", author="max.m")
    bench.double.bio = "Hier privat. #nobot"
    assert bench.publisher().inspect(bench.target(native_id)).author_opted_out is True


@pytest.mark.parametrize(
    ("give", "kind"),
    [
        (hd.answer({"errors": ["canary"]}, 422), Permanent),
        (hd.answer({}, 403), Permanent),
        (hd.answer({}, 401), Unauthorised),
        (hd.answer({}, 429, {"Retry-After": "9"}), RateLimited),
        (hd.answer({}, 500), Uncertain),
        (hd.answer({}, 503, {"Retry-After": "9"}), Uncertain),
        (hd.answer(b"<html>", kind="text/html"), Uncertain),
        (hd.answer({}), Uncertain),
        (hd.answer([]), Uncertain),
        (hd.answer(b""), Uncertain),
        (hd.redirect("/login"), Uncertain),
        (hd.truncated, Uncertain),
        (hd.reset, Uncertain),
        (hd.answer(post(topic_id=12, reply_to_post_number=2)), Uncertain),
        (hd.answer(post(username=US, topic_id=13, reply_to_post_number=2)), Uncertain),
        (hd.answer(post(username=US, topic_id=12, reply_to_post_number=None)), Uncertain),
        (hd.answer(post(username=US, topic_id=12, reply_to_post_number=2, hidden=True)), Uncertain),
        (hd.answer(post(None, username=US, topic_id=12, reply_to_post_number=2)), Uncertain),
    ],
)
def test_whatever_the_answer_there_is_one_request_and_one_honest_error(bench, asked, give, kind):
    bench.double._create = lambda body: give
    with pytest.raises(PlatformError) as caught:
        bench.publisher().publish(leave(bench, asked))
    assert type(caught.value) is kind
    assert len(bench.writes()) == 1
    assert not any(word in repr(caught.value) for word in (TEXT, "canary", hd.TOKEN))


def test_a_reply_to_a_post_that_is_gone_is_found_among_the_latest(bench, asked):
    target = bench.target(asked)
    bench.lose_answer()
    with pytest.raises(Uncertain):
        bench.publisher().publish(leave(bench, asked))
    bench.delete(asked)
    assert bench.publisher().find(target, TEXT, NOW).native_id == "102"


@pytest.mark.parametrize(
    "other",
    [
        {"username": "kundin"},
        {"reply_to_post_number": 1},
        {"at": NOW - 10 * MINUTE},
        {"user_deleted": True},
        {"created_at": None},
    ],
)
def test_nothing_else_is_mistaken_for_our_reply(bench, asked, other):
    reply = {"username": US, "at": NOW, "reply_to_post_number": 2, **other}
    bench.double.add(f"<p>{TEXT}</p>", **reply)
    assert bench.publisher().find(bench.target(asked), TEXT, NOW) is None


def test_a_look_that_nobody_answers_is_no_absence(bench, asked):
    bench.double._replies = lambda ident, query: hd.answer({}, 500)
    with pytest.raises(Transient):
        bench.publisher().find(bench.target(asked), TEXT, NOW)


def test_only_our_own_post_is_deleted(bench, asked):
    receipt = bench.publisher().publish(leave(bench, asked))
    with pytest.raises(Permanent, match="not by our account"):
        bench.publisher().retract(replace(receipt, native_id=asked))
    assert not any(seen.method == "DELETE" for seen in bench.double.seen)


def test_a_forum_that_does_not_let_us_delete_leaves_it_to_a_person(bench, asked):
    receipt = bench.publisher().publish(leave(bench, asked))
    bench.double._delete = lambda ident: hd.answer({}, 403)
    with pytest.raises(Permanent, match="by hand"):
        bench.publisher().retract(receipt)


def test_a_post_of_ours_where_strangers_do_not_come_is_deleted_too(bench, asked):
    receipt = bench.publisher().publish(leave(bench, asked))
    bench.double._post = lambda ident, query: hd.answer({}, 404)
    bench.publisher().retract(receipt)
    assert bench.replies() == []


def test_a_key_is_named_and_never_written(made):
    with pytest.raises(ValueError, match="api_key"):
        Source(kind="discourse", name="x", account=US, server="forum.example", api_key="abcdef0123")
    with pytest.raises(ValueError, match="https"):
        Source(kind="discourse", name="x", account=US, server="http://forum.example")
