"""One public reply on Reddit, sent once; errors that come with 200; taking back."""

from dataclasses import replace

import http_double as hd
import pytest
import reddit_double as rd
from reddit_double import NOW, US

from bot.connectors import reddit_publisher
from bot.connectors.reddit_publisher import NO_APPROVAL
from bot.errors import EgressRefused, Gone, Permanent, RateLimited, Transient, Unauthorised, Uncertain
from bot.model import Consent, Platform, Receipt

POST, DEL, INFO, LOGIN = "/api/comment/", "/api/del/", "/api/info/", "/api/v1/access_token"
TEXT = "Danke, wir sehen nach. ^AB"


@pytest.fixture
def bench():
    bench = rd.Bench()
    with bench.double:
        yield bench
        assert bench.double.complaints == []


@pytest.fixture
def key(bench):
    return bench.say("mein Router blinkt rot")


@pytest.fixture
def target(bench, key):
    return bench.target(key)


@pytest.fixture
def consent(target):
    return Consent(target=target, text=TEXT, request_key="key-1", decision_seq=5, valid_until=NOW + 60_000)


def paths(bench):
    return [seen.path for seen in bench.double.seen]


# publish ------------------------------------------------------------------------------------------


def test_a_reply_is_one_request_with_the_exact_text_and_nothing_more(bench, key, consent):
    receipt = bench.publisher().publish(consent)
    (sent,) = bench.writes()
    assert sent.body == {"api_type": ["json"], "text": [TEXT], "thing_id": [key]}
    assert paths(bench) == [LOGIN, POST]
    assert (receipt.surface, receipt.account, receipt.at) == (bench.double.surface, US, NOW)
    assert receipt.text_read_back == TEXT
    assert receipt.url.startswith(f"{bench.double.url}/r/fjordfon/comments/")
    assert bench.double.things[receipt.native_id]["parent_id"] == key


def test_a_post_is_answered_like_a_comment(bench, consent):
    key = bench.ask("Fjordfon lahmt")
    receipt = bench.publisher().publish(replace(consent, target=bench.target(key)))
    assert bench.double.things[receipt.native_id]["parent_id"] == key


def test_signs_of_markdown_and_quotes_are_sent_and_read_back_as_they_are(bench, consent):
    text = "> Kein Netz\n\nDas tut uns *leid* & wir prüfen 1 < 2. u/kundin"
    assert bench.publisher().publish(replace(consent, text=text)).text_read_back == text


def test_without_reddits_approval_nothing_is_written_and_it_says_why(bench, consent):
    bench.source = bench.source.model_copy(update={"approval": "  "})
    with pytest.raises(Permanent) as caught:
        bench.publisher().publish(consent)
    assert str(caught.value) == NO_APPROVAL
    assert NO_APPROVAL.startswith("Reddit asks for approval")
    assert bench.double.seen == []


def test_the_longest_text_is_sent_and_one_sign_more_is_not(bench, consent):
    bench.publisher().publish(replace(consent, text="ü" * 10_000))
    with pytest.raises(Permanent, match="longer"):
        bench.publisher().publish(replace(consent, text="ü" * 10_001))
    assert len(bench.writes()) == 1


@pytest.mark.parametrize("native_id", ["t4_geheim", "t5_fjordfon", "kundin", "../compose", ""])
def test_only_comments_and_posts_can_be_answered(bench, consent, native_id):
    with pytest.raises(EgressRefused):
        bench.publisher().publish(replace(consent, target=replace(consent.target, native_id=native_id)))
    assert bench.writes() == []


@pytest.mark.parametrize(
    ("errors", "kind", "words"),
    [
        ([["THREAD_LOCKED", "canary", "parent"]], Permanent, "locked"),
        ([["TOO_OLD", "canary", "parent"]], Permanent, "archived"),
        ([["DELETED_COMMENT", "canary", "parent"]], Permanent, "deleted"),
        ([["SUBREDDIT_NOTALLOWED", "canary", "sr"]], Permanent, "does not let"),
        ([["CANARY_OF_TOMORROW", "canary", None]], Permanent, "refused the reply"),
        ([["CANARY_OF_TOMORROW", None, None], ["TOO_OLD", "canary", "parent"]], Permanent, "archived"),
        ([["SERVER_ERROR", "canary", ""]], Uncertain, "fault"),
        ([[]], Uncertain, "fault"),
        (["canary"], Uncertain, "fault"),
        ("canary", Uncertain, "form"),
        (None, Uncertain, "form"),
    ],
)
def test_errors_that_come_with_200_are_honest_errors(bench, consent, errors, kind, words):
    bench.double.post(POST, {"json": {"errors": errors}})
    with pytest.raises(kind, match=words) as caught:
        bench.publisher().publish(consent)
    assert type(caught.value) is kind
    assert "canary" not in str(caught.value).lower()
    assert len(bench.writes()) == 1


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"ratelimit": 421.5}, 421.5),
        ({"ratelimit": 0.2}, 1),
        ({"ratelimit": -5}, 180),
        ({"ratelimit": True}, 180),
        ({"ratelimit": "soon"}, 180),
        ({}, 180),
    ],
)
def test_a_wait_that_reddit_asks_for_is_handed_on_and_not_slept(bench, consent, told, seconds, nobody_sleeps):
    message = "Looks like you've been doing that a lot. Take a break for 3 minutes before trying again."
    bench.double.post(POST, {"json": {**told, "errors": [["RATELIMIT", message, "ratelimit"]]}})
    with pytest.raises(RateLimited) as caught:
        bench.publisher().publish(consent)
    assert caught.value.retry_after == seconds
    assert len(bench.writes()) == 1


@pytest.mark.parametrize(
    ("words", "seconds"),
    [("5 milliseconds", 1), ("3 seconds", 3), ("9 minutes", 540), ("2 hours", 7200), ("a while", 600), (None, 600)],
)
def test_a_wait_may_stand_in_the_words_alone(bench, consent, words, seconds):
    bench.double.post(POST, {"json": {"errors": [["RATELIMIT", words, "ratelimit"]]}})
    with pytest.raises(RateLimited) as caught:
        bench.publisher().publish(consent)
    assert caught.value.retry_after == seconds


def made(**more):
    """A reply of ours as Reddit answers it."""
    thing = {**rd.comment("t1_new", TEXT, author=US, author_fullname="t2_us", created_utc=NOW / 1000), **more}
    return {"json": {"errors": [], "data": {"things": [{"kind": "t1", "data": thing}]}}}


@pytest.mark.parametrize(
    "given",
    [
        {"json": {"errors": [], "data": {"things": []}}},
        {"json": {"errors": []}},
        {"json": {"errors": [], "data": None}},
        {"json": {}},
        {"json": None},
        {},
        [],
        made(name="t3_new"),
        made(name=None),
        made(parent_id="t1_other"),
        made(author="jemand"),
        hd.answer(b"", 204),
        hd.answer(b""),
        hd.answer({}, 500),
        hd.answer({}, 502),
        hd.answer({}, 503, {"Retry-After": "3"}),
        hd.answer({}, 504),
        hd.answer({}, 408),
        hd.answer({}, 520),
        hd.answer({}, 522),
        hd.reset,
        hd.truncated,
        hd.redirect("/login/"),
    ],
)
def test_whatever_is_not_clear_was_sent_once_and_is_uncertain(bench, consent, given):
    bench.double.post(POST, given)
    with pytest.raises(Uncertain) as caught:
        bench.publisher().publish(consent)
    assert len(bench.writes()) == 1
    assert TEXT not in repr(caught.value)


@pytest.mark.parametrize(
    ("status", "kind"), [(401, Unauthorised), (403, Permanent), (404, Gone), (413, Permanent), (429, RateLimited)]
)
def test_a_refusal_is_told_by_its_kind_and_never_repeated(bench, consent, status, kind):
    bench.double.post(POST, hd.answer({}, status))
    with pytest.raises(kind) as caught:
        bench.publisher().publish(consent)
    assert type(caught.value) is kind
    assert len(bench.writes()) == 1


def test_after_access_that_ended_early_the_next_look_renews_it(bench, target, consent):
    publisher = bench.publisher()
    publisher.inspect(target)
    bench.double.access = "another token"
    with pytest.raises(Unauthorised):
        publisher.publish(consent)
    publisher.inspect(target)
    publisher.publish(consent)
    assert len(bench.replies()) == 1


@pytest.mark.parametrize("fault", [hd.answer({}, 500), hd.reset, hd.answer({"error": "x"}, 503)])
def test_a_login_that_fails_before_a_reply_is_not_uncertain(bench, consent, fault):
    bench.double.post(LOGIN, fault)
    with pytest.raises(Transient):
        bench.publisher().publish(consent)
    assert bench.writes() == []


def test_an_answer_without_the_text_is_read_again(bench, target, consent):
    bench.double.post(POST, made(body=None, permalink=None))
    whole = rd.comment("t1_new", TEXT, author=US, author_fullname="t2_us", parent_id=target.native_id)
    bench.double.add(whole)
    assert bench.publisher().publish(consent).text_read_back == TEXT
    assert paths(bench) == [LOGIN, POST, INFO]


@pytest.mark.parametrize("given", [hd.answer({}, 500), hd.answer([]), {"kind": "Listing", "data": {"children": []}}])
def test_a_reply_that_cannot_be_read_again_is_uncertain(bench, consent, given):
    bench.double.post(POST, made(body=None))
    bench.double.get(INFO, given)
    with pytest.raises(Uncertain):
        bench.publisher().publish(consent)


@pytest.mark.parametrize("slowness", [hd.silence, hd.drip])
def test_a_send_into_silence_is_uncertain(bench, consent, slowness):
    bench.deadline_s = 1.0
    bench.double.post(POST, slowness)
    with pytest.raises(Uncertain, match="in time"):
        bench.publisher().publish(consent)
    assert len(bench.writes()) == 1


def test_the_words_of_a_reply_and_our_secrets_are_not_logged(bench, consent, caplog, capfd):
    bench.double.post(POST, hd.answer({}, 503))
    with pytest.raises(Uncertain):
        bench.publisher().publish(consent)
    printed = caplog.text + "".join(capfd.readouterr())
    assert not any(word in printed for word in (TEXT, "canary", rd.CLIENT_SECRET))


# retract ------------------------------------------------------------------------------------------


@pytest.fixture
def receipt(bench):
    return Receipt(Platform.REDDIT, bench.double.surface, US, "t1_c9", "https://www.reddit.com/x", NOW)


def test_our_own_comment_is_taken_back_with_one_request(bench, consent):
    publisher = bench.publisher()
    receipt = publisher.publish(consent)
    publisher.retract(receipt)
    assert bench.double.seen[-1].body == {"api_type": ["json"], "id": [receipt.native_id]}
    assert bench.replies() == []


def test_taking_back_what_is_not_there_is_a_success(bench, receipt):
    bench.publisher().retract(receipt)
    bench.double.post(DEL, hd.answer({}, 404))
    bench.publisher().retract(receipt)


def test_a_comment_that_reddit_keeps_is_left_to_a_person(bench, receipt):
    bench.double.add(rd.comment("t1_c9", author="jemand"))
    with pytest.raises(Permanent, match="by hand"):
        bench.publisher().retract(receipt)


@pytest.mark.parametrize(
    ("given", "kind"), [(hd.answer({}, 500), Transient), (hd.reset, Transient), (hd.answer({}, 401), Unauthorised)]
)
def test_taking_back_can_be_tried_again_when_reddit_fails(bench, receipt, given, kind):
    bench.double.post(DEL, given)
    with pytest.raises(kind):
        bench.publisher().retract(receipt)


@pytest.mark.parametrize("native_id", ["t3_p1", "t4_x", ""])
def test_only_comments_are_taken_back(bench, receipt, native_id):
    with pytest.raises(EgressRefused):
        bench.publisher().retract(replace(receipt, native_id=native_id))
    assert DEL not in paths(bench)


@pytest.mark.parametrize("elsewhere", [{"account": "jemand"}, {"surface": "old.reddit.com"}])
def test_another_accounts_business_is_none_of_ours(bench, target, consent, receipt, elsewhere):
    publisher = bench.publisher()
    with pytest.raises(Permanent):
        publisher.publish(replace(consent, target=replace(target, **elsewhere)))
    with pytest.raises(Permanent):
        publisher.find(replace(target, **elsewhere), TEXT, NOW)
    with pytest.raises(Permanent):
        publisher.retract(replace(receipt, **elsewhere))
    assert bench.double.seen == []


def test_wiring_makes_a_writer_from_a_source(bench, consent):
    receipt = reddit_publisher.publisher(bench.source, bench.tools()).publish(consent)
    assert bench.replies() == [receipt.text_read_back]
