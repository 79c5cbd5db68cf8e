"""One public comment on a Lemmy server: below the right post, once, and taken back again."""

from dataclasses import replace

import http_double as hd
import pytest
from lemmy_double import MINUTE, NOW, US, Bench, comment_of, community, person, post_of, view

from bot.errors import Permanent, PlatformError, RateLimited, Transient, Unauthorised, Uncertain
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


def leave(bench, native_id, text=TEXT):
    return Consent(bench.target(native_id), text, "key-1", 5, NOW + MINUTE)


def test_a_reply_to_a_comment_stands_below_it_in_its_language(bench):
    native_id = bench.say("Router rot")
    receipt = bench.publisher().publish(leave(bench, native_id))
    (sent,) = bench.writes()
    assert sent.body == {"content": TEXT, "post_id": 10, "parent_id": 1001, "language_id": 32}
    assert (receipt.native_id, receipt.text_read_back, receipt.at) == ("comment-1002", TEXT, NOW)
    assert receipt.url == f"{bench.double.url}/comment/1002"


def test_a_reply_to_a_post_stands_right_below_it(bench):
    receipt = bench.publisher().publish(leave(bench, "post-10"))
    assert bench.writes()[0].body == {"content": TEXT, "post_id": 10, "language_id": 32}
    assert bench.publisher().find(bench.target("post-10"), TEXT, NOW) == receipt
    bench.publisher().retract(receipt)
    assert bench.publisher().find(bench.target("post-10"), TEXT, NOW) is None


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ({"creator": person(bot_account=True)}, {"author_is_bot": True}),
        ({"creator": person(banned=True)}, {"author_active": False}),
        ({"creator": person(deleted=True)}, {"author_active": False}),
        ({"post": post_of(locked=True)}, {"replies_open": False}),
        ({"post": {**post_of(), "locked": None}}, {"replies_open": False}),
        ({"banned_from_community": True}, {"replies_open": False}),
        ({"community": community("LocalOnly")}, {"visibility": Visibility.FOLLOWERS, "text": "", "text_hash": ""}),
        ({"post": post_of(removed=True)}, {"exists": False, "http_status": 404}),
        ({}, {"author_is_bot": False, "author_active": True, "replies_open": True, "summoned": True}),
    ],
)
def test_a_look_tells_what_the_server_tells(bench, marks, told):
    status = bench.publisher().inspect(bench.target(bench.say("Router rot", **marks)))
    assert {field: getattr(status, field) for field in told} == told
    assert "Router" not in repr(status)


@pytest.mark.parametrize(
    "marks",
    [
        {"post": post_of(locked=True)},
        {"banned_from_community": True},
        {"community": community("LocalOnly")},
        {"comment": comment_of(1001, deleted=True)},
    ],
)
def test_nothing_is_sent_where_it_is_locked_or_not_public(bench, marks):
    native_id = bench.say("Router rot", **marks)
    with pytest.raises(Permanent):
        bench.publisher().publish(leave(bench, native_id))
    assert bench.writes() == []


def written_by(creator=None, **more):
    """An answer to a comment that was sent."""
    comment = {**comment_of(200, TEXT, NOW, "0.1001.200"), **more.pop("comment", {})}
    return hd.answer({"comment_view": {**view(comment, creator=creator or person(US, 7)), **more}})


@pytest.mark.parametrize(
    ("give", "kind"),
    [
        (hd.answer({"error": "canary"}, 400), Permanent),
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
        (written_by(creator=person()), Uncertain),
        (written_by(comment={"path": "0.200"}), Uncertain),
        (written_by(comment={"id": None}), Uncertain),
        (written_by(comment={"removed": True}), Uncertain),
        (written_by(community=community("LocalOnly")), Uncertain),
    ],
)
def test_whatever_the_answer_there_is_one_request_and_one_honest_error(bench, give, kind):
    native_id = bench.say("Router rot")
    bench.double._post_comment = lambda body: give
    with pytest.raises(PlatformError) as caught:
        bench.publisher().publish(leave(bench, native_id))
    assert type(caught.value) is kind
    assert len(bench.writes()) == 1
    assert not any(word in repr(caught.value) for word in (TEXT, "canary", hd.TOKEN))


def test_a_login_that_has_run_out_is_found_before_anything_is_sent(bench):
    native_id = bench.say("Router rot")
    publisher = bench.publisher()
    publisher.inspect(bench.target(native_id))
    bench.double.tokens = {"another"}
    publisher.publish(leave(bench, native_id))
    assert len(bench.writes()) == len(bench.replies()) == 1


def test_a_comment_that_a_moderator_removed_was_sent_all_the_same(bench):
    native_id = bench.say("Router rot")
    receipt = bench.publisher().publish(leave(bench, native_id))
    bench.double.comments[1002]["comment"]["removed"] = True
    assert bench.publisher().find(bench.target(native_id), TEXT, NOW).native_id == receipt.native_id


@pytest.mark.parametrize(
    "other",
    [
        {"creator": person()},
        {"creator": person(US, 70, host="other.example", local=False)},
        {"at": NOW - 10 * MINUTE},
        {"parent": None},
    ],
)
def test_nothing_else_is_mistaken_for_our_reply(bench, other):
    native_id = bench.say("Router rot")
    bench.double.add(TEXT, **{"parent": 1001, "creator": person(US, 7), **other})
    assert bench.publisher().find(bench.target(native_id), TEXT, NOW) is None


def test_a_look_that_nobody_answers_is_no_absence(bench):
    native_id = bench.say("Router rot")
    bench.double._get_comment_list = lambda query: hd.answer({}, 500)
    with pytest.raises(Transient):
        bench.publisher().find(bench.target(native_id), TEXT, NOW)


def test_only_our_own_comment_is_deleted(bench):
    native_id = bench.say("Router rot")
    receipt = bench.publisher().publish(leave(bench, native_id))
    with pytest.raises(Permanent, match="not by our account"):
        bench.publisher().retract(replace(receipt, native_id=native_id))
    with pytest.raises(Permanent):
        bench.publisher().retract(replace(receipt, account="andere"))
    assert not any(seen.path.endswith("/comment/delete") for seen in bench.double.seen)


def test_taking_back_what_a_moderator_removed_is_a_success(bench):
    receipt = bench.publisher().publish(leave(bench, bench.say("Router rot")))
    bench.double.comments[1002]["comment"]["removed"] = True
    bench.publisher().retract(receipt)
    bench.double.comments.pop(1002)
    bench.publisher().retract(receipt)
