"""One public reply, sent once; looking at the post before, finding the reply after, taking it back."""

from dataclasses import replace

import http_double as hd
import pytest
from bluesky_double import MINUTE, NOW, OUR_DID, OURS, POST, TID, Bench, did_of, fault, person, record, when

from bot.connectors.bluesky_publisher import reply_key
from bot.errors import EgressRefused, Gone, Permanent, Transient, Unauthorised, Uncertain
from bot.lengths.graphemes import graphemes
from bot.model import Consent, Platform, Receipt, Visibility

TEXT = "Danke, wir sehen nach. ^AB"
CREATE = "/xrpc/com.atproto.repo.createRecord"
DELETE = "/xrpc/com.atproto.repo.deleteRecord"
RECORD = "/xrpc/com.atproto.repo.getRecord"
THREAD = "/xrpc/app.bsky.feed.getPostThread"
PROFILE = "/xrpc/app.bsky.actor.getProfile"


@pytest.fixture
def bench():
    bench = Bench()
    with bench.double:
        yield bench
        assert bench.double.complaints == []


@pytest.fixture
def post(bench):
    return bench.say("mein Router blinkt rot", at=NOW - MINUTE)


@pytest.fixture
def publisher(bench):
    return bench.publisher()


def consent(bench, uri, text=TEXT):
    return Consent(bench.target(uri), text, "key-1", 5, NOW + MINUTE)


def paths(bench):
    return [seen.path.rpartition(".")[2] for seen in bench.double.seen]


def test_a_reply_is_one_record_tied_to_its_post_and_to_the_beginning_of_the_thread(bench, publisher):
    root = bench.double.add(record("Anfang", tagged=False), person("dritte.example"))
    strong = {"uri": root, "cid": bench.double.posts[root]["cid"]}
    post = bench.say("ich auch", reply={"root": strong, "parent": strong})
    receipt = publisher.publish(consent(bench, post))
    (sent,) = bench.writes()
    key = reply_key(post, TEXT)
    assert sent.body == {
        "repo": OUR_DID,
        "collection": POST,
        "rkey": key,
        "record": {
            "$type": POST,
            "text": TEXT,
            "createdAt": when(NOW),
            "langs": ["de"],
            "reply": {"root": strong, "parent": {"uri": post, "cid": bench.double.posts[post]["cid"]}},
        },
    }
    assert receipt == Receipt(
        platform=Platform.BLUESKY,
        surface=bench.double.surface,
        account=OURS,
        native_id=f"at://{OUR_DID}/{POST}/{key}",
        url=f"https://bsky.app/profile/{OURS}/post/{key}",
        at=NOW,
        text_read_back=TEXT,
    )
    assert paths(bench) == ["createSession", "getPosts", "createRecord", "getPostThread"]


def test_links_and_handles_are_marked_by_their_bytes(bench, publisher, post):
    text = f"Äh 😡 @kundin.example: https://fjordfon.example/störung. @{OURS} @niemand.example @dritte.com"
    publisher.publish(consent(bench, post, text))
    written = text.encode()
    (sent,) = bench.writes()
    marked = [
        (written[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(), facet["features"][0])
        for facet in sent.body["record"]["facets"]
    ]
    kind = "app.bsky.richtext.facet#mention"
    assert marked == [
        (
            "https://fjordfon.example/störung",
            {"$type": "app.bsky.richtext.facet#link", "uri": "https://fjordfon.example/störung"},
        ),
        ("@dritte.com", {"$type": kind, "did": did_of("dritte.com")}),
    ]


@pytest.mark.parametrize("handle", ["kundin.com", OURS.replace(".example", ".com")])
def test_the_addressee_is_tagged_without_asking_who_that_is(bench, publisher, handle):
    post = bench.double.add(record(), person(handle))
    publisher.publish(consent(bench, post, f"@{handle} danke"))
    (sent,) = bench.writes()
    assert sent.body["record"]["facets"][0]["features"][0]["did"] == did_of(handle)
    assert "resolveHandle" not in paths(bench)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("Straße", 6),
        ("e\u0301", 1),
        ("👨‍👩‍👧‍👦", 1),
        ("🇩🇪🇦🇹", 2),
        ("👍🏽!", 2),
        ("1️⃣", 1),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("\u1112\u1161\u11ab", 1),
        ("a\r\nb", 3),
        ("\u0301", 1),
        ("नि", 1),
    ],
)
def test_length_is_what_a_reader_sees(text, count):
    assert graphemes(text) == count


@pytest.mark.parametrize("text", ["ä" * 301, "👨‍👩‍👧‍👦" * 121, "a\ud800b", "a\0b"])
def test_what_the_platform_would_not_take_is_refused_before_anything_is_asked(bench, publisher, post, text):
    with pytest.raises(Permanent):
        publisher.publish(consent(bench, post, text))
    assert bench.double.seen == []


def test_three_hundred_families_are_too_many_bytes_and_one_hundred_twenty_are_sent(bench, publisher, post):
    publisher.publish(consent(bench, post, "👨‍👩‍👧‍👦" * 120))
    assert len(bench.writes()) == 1


def test_a_key_is_a_tid_and_of_this_post_and_this_text_alone(bench):
    keys = {reply_key(uri, text) for uri in ("at://a", "at://b") for text in ("x", "y")}
    assert len(keys) == 4
    assert all(TID.fullmatch(key) for key in keys)
    assert reply_key("at://a", "x") == reply_key("at://a", "x")


def test_the_same_reply_asked_for_twice_stands_once(bench, publisher, post):
    publisher.publish(consent(bench, post))
    with pytest.raises(Uncertain):
        publisher.publish(consent(bench, post))
    assert bench.replies() == [TEXT]
    bench.double.post(CREATE, fault("RecordAlreadyExists"))
    assert publisher.publish(consent(bench, post)).text_read_back == TEXT
    assert bench.replies() == [TEXT]


def close(bench, post):
    bench.double.posts[post]["viewer"]["replyDisabled"] = True


def hide(bench, post):
    bench.double.posts[post]["labels"] = [{"val": "!no-unauthenticated"}]


def block(bench, post):
    bench.double.blocking.add(post)


def forget(bench, post):
    bench.double.posts[post].pop("viewer")


def cut(bench, post):
    bench.double.posts[post]["record"]["reply"] = {"root": {"uri": "x"}, "parent": {}}


@pytest.mark.parametrize("change", [close, hide, block, forget, cut, Bench.delete])
def test_a_post_that_takes_no_answer_gets_none(bench, publisher, post, change):
    leave = consent(bench, post)
    change(bench, post)
    with pytest.raises(Permanent) as raised:
        publisher.publish(leave)
    assert bench.writes() == []
    assert isinstance(raised.value, Gone) is (change in {block, Bench.delete})


def test_a_reply_that_the_platform_hides_is_not_called_sent(bench, publisher, post):
    bench.double.closes = True
    with pytest.raises(Uncertain, match="hides"):
        publisher.publish(consent(bench, post))
    assert len(bench.writes()) == 1


def test_a_reply_that_is_not_shown_yet_is_read_back_from_our_own_repository(bench, publisher, post):
    bench.double.hidden.add(f"at://{OUR_DID}/{POST}/{reply_key(post, TEXT)}")
    assert publisher.publish(consent(bench, post)).text_read_back == TEXT
    assert paths(bench)[-2:] == ["getPostThread", "getRecord"]


@pytest.mark.parametrize("answer", [hd.answer({}, 500), hd.answer({}, 429), fault("NotFound"), hd.reset])
def test_a_reply_that_was_taken_stays_sent_if_it_cannot_be_read_back(bench, publisher, post, answer):
    bench.double.get(THREAD, answer)
    receipt = publisher.publish(consent(bench, post))
    assert (receipt.text_read_back, receipt.at) == ("", NOW)


@pytest.mark.parametrize("body", [{}, {"uri": "at://x/y/z", "cid": "b"}, [], {"uri": 5}])
def test_an_answer_that_names_another_record_is_uncertain(bench, publisher, post, body):
    bench.double.post(CREATE, hd.answer(body))
    with pytest.raises(Uncertain):
        publisher.publish(consent(bench, post))
    assert len(bench.writes()) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (hd.answer({}, 500), Uncertain),
        (hd.answer({}, 502), Uncertain),
        (hd.reset, Uncertain),
        (hd.truncated, Uncertain),
        (fault("InvalidRequest"), Permanent),
        (hd.answer({}, 401), Unauthorised),
        (hd.redirect("https://elsewhere.example/"), Uncertain),
    ],
)
def test_whatever_the_answer_there_is_one_request_and_one_honest_error(bench, post, answer, kind, caplog):
    bench.double.post(CREATE, answer)
    with pytest.raises(kind) as raised:
        bench.publisher().publish(consent(bench, post))
    assert type(raised.value) is kind
    assert len(bench.writes()) == 1
    assert TEXT not in str(raised.value) + caplog.text
    assert "canary" not in str(raised.value) + caplog.text


def test_a_session_that_ends_before_the_write_costs_no_second_write(bench, publisher, post):
    leave = consent(bench, post)
    publisher.inspect(leave.target)
    bench.double.sessions["access"].clear()
    publisher.publish(leave)
    assert len(bench.writes()) == 1


def test_inspect_tells_what_is_known_of_the_post_now(bench, publisher, post):
    status = publisher.inspect(bench.target(post))
    assert (status.checked_at, status.exists, status.http_status) == (NOW, True, 200)
    assert status.visibility is Visibility.PUBLIC
    assert status.text == f"@{OURS} mein Router blinkt rot"
    assert (status.author_is_bot, status.author_opted_out) == (False, False)
    assert (status.author_active, status.author_blocks_us) == (True, False)
    assert (status.replies_open, status.summoned) == (True, True)
    assert "Router" not in repr(status)


def test_a_reply_to_us_without_a_tag_is_no_summons(bench, publisher):
    ours = bench.double.add(record("unser Text", tagged=False), person(OURS))
    strong = {"uri": ours, "cid": bench.double.posts[ours]["cid"]}
    answer = bench.double.add(record("danke", tagged=False, reply={"root": strong, "parent": strong}))
    status = publisher.inspect(bench.target(answer))
    assert (status.summoned, status.own_thread) == (False, True)


def test_a_reply_to_us_in_a_thread_of_somebody_else_is_not_in_our_own(bench, publisher, post):
    ours = bench.double.add(record("unser Text", tagged=False), person(OURS))
    root = {"uri": post, "cid": bench.double.posts[post]["cid"]}
    parent = {"uri": ours, "cid": bench.double.posts[ours]["cid"]}
    answer = bench.double.add(record("danke", tagged=False, reply={"root": root, "parent": parent}))
    status = publisher.inspect(bench.target(answer))
    assert (status.summoned, status.own_thread) == (False, False)


@pytest.mark.parametrize(
    ("change", "open_"),
    [
        ({"viewer": {"replyDisabled": True}}, False),
        ({"viewer": {"replyDisabled": False}, "threadgate": {"record": {"allow": []}}}, True),
        ({"viewer": {}}, True),
        ({"viewer": None}, None),
        ({"viewer": {"replyDisabled": "x"}}, None),
        ({"viewer": None, "threadgate": {"record": {"allow": []}}}, False),
        ({"viewer": None, "threadgate": {"record": {}}}, None),
    ],
)
def test_whether_we_may_answer_is_what_the_platform_tells_us(bench, publisher, post, change, open_):
    bench.double.posts[post].update(change)
    assert publisher.inspect(bench.target(post)).replies_open is open_


def test_a_post_that_is_not_for_everyone_gives_no_words(bench, publisher, post):
    hide(bench, post)
    status = publisher.inspect(bench.target(post))
    assert (status.exists, status.visibility) == (True, Visibility.FOLLOWERS)
    assert (status.text, status.text_hash) == ("", "")


def test_a_block_is_no_deletion(bench, publisher, post):
    block(bench, post)
    status = publisher.inspect(bench.target(post))
    assert (status.exists, status.http_status, status.author_blocks_us) == (None, 403, True)


def test_an_author_who_asks_bots_to_stay_away_and_one_who_is_one_are_told(bench, publisher):
    label = {"src": did_of("kundin.example"), "val": "bot"}
    post = bench.double.add(record(), person(labels=[label]))
    bench.double.profiles[did_of("kundin.example")] = person(description="#nobots", viewer={"blockedBy": True})
    status = publisher.inspect(bench.target(post))
    assert (status.author_is_bot, status.author_opted_out, status.author_blocks_us) == (True, True, True)


def test_an_account_that_is_not_there_any_more_is_not_active(bench, publisher, post):
    bench.double.profiles[did_of("kundin.example")] = fault("AccountDeactivated")
    status = publisher.inspect(bench.target(post))
    assert (status.exists, status.author_active, status.author_opted_out) == (True, False, None)


@pytest.mark.parametrize("path", [PROFILE, "/xrpc/app.bsky.feed.getPosts"])
def test_a_platform_that_does_not_answer_is_an_error_and_no_status(bench, publisher, post, path):
    bench.double.get(path, hd.answer({}, 502))
    with pytest.raises(Transient):
        publisher.inspect(bench.target(post))


def test_a_reply_is_found_although_the_platform_does_not_show_it(bench, publisher, post):
    bench.lose_answer()
    with pytest.raises(Uncertain):
        publisher.publish(consent(bench, post))
    (uri,) = (uri for uri in bench.double.posts if OUR_DID in uri)
    bench.double.hidden.add(uri)
    found = publisher.find(bench.target(post), TEXT, NOW)
    assert (found.native_id, found.at, found.text_read_back) == (uri, NOW, TEXT)


def test_other_words_are_not_the_same_reply(bench, publisher, post):
    publisher.publish(consent(bench, post))
    assert publisher.find(bench.target(post), "Etwas anderes", NOW) is None


def test_a_session_that_ended_does_not_read_as_absence(bench, publisher, post):
    publisher.publish(consent(bench, post))
    bench.double.sessions["access"].clear()
    assert publisher.find(bench.target(post), TEXT, NOW) is not None
    bench.double.get(RECORD, hd.answer({}, 500))
    with pytest.raises(Transient):
        publisher.find(bench.target(post), TEXT, NOW)


def test_our_own_post_is_taken_back_with_one_request(bench, publisher, post):
    receipt = publisher.publish(consent(bench, post))
    publisher.retract(receipt)
    assert bench.replies() == []
    deletions = [seen.body for seen in bench.double.seen if seen.path == DELETE]
    assert deletions == [{"repo": OUR_DID, "collection": POST, "rkey": reply_key(post, TEXT)}]


@pytest.mark.parametrize(
    ("answer", "kind"), [(hd.answer({}, 500), Transient), (hd.reset, Transient), (fault("InvalidRequest"), Permanent)]
)
def test_taking_back_can_be_tried_again_when_the_platform_fails(bench, publisher, post, answer, kind):
    receipt = publisher.publish(consent(bench, post))
    bench.double.post(DELETE, answer)
    with pytest.raises(kind):
        publisher.retract(receipt)


def test_after_it_was_taken_back_the_same_words_may_be_sent_again(bench, publisher, post):
    publisher.retract(publisher.publish(consent(bench, post)))
    publisher.publish(consent(bench, post))
    assert bench.replies() == [TEXT]


@pytest.mark.parametrize(
    "native_id", ["", "../x", f"at://{did_of('andere.example')}/{POST}/3l", f"at://{OUR_DID}/app.bsky.feed.like/3l"]
)
def test_what_is_not_our_post_is_never_deleted(bench, publisher, post, native_id):
    receipt = publisher.publish(consent(bench, post))
    with pytest.raises(Permanent):
        publisher.retract(replace(receipt, native_id=native_id))
    with pytest.raises(Permanent):
        publisher.retract(replace(receipt, account="andere.example"))
    assert DELETE not in [seen.path for seen in bench.double.seen]


def test_nothing_but_a_reply_can_be_created(bench, publisher, post):
    publisher.publish(consent(bench, post))
    (sent,) = bench.writes()
    client = bench.client()
    lonely = {name: each for name, each in sent.body["record"].items() if name != "reply"}
    for other in (
        {"record": lonely},
        {"record": sent.body["record"] | {"embed": {"$type": "app.bsky.embed.record"}}},
        {"record": sent.body["record"] | {"$type": "app.bsky.feed.like"}},
        {"repo": "kundin.example"},
        {"collection": "app.bsky.feed.threadgate"},
        {"swapCommit": "b"},
    ):
        with pytest.raises(EgressRefused):
            client.create("com.atproto.repo.createRecord", {**sent.body, **other})
    assert len(bench.writes()) == 1
