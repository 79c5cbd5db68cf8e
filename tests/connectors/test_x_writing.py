"""One public reply on X, signed and sent once; looking before, finding after, taking it back."""

from dataclasses import replace

import pytest
import tweepy
import x_double
from http_double import reset
from x_double import ACCOUNT_ID, HANDLE, MINUTE, NOW, answer, problem, stamp

from bot.connectors.x_client import Client
from bot.connectors.x_post import id_at
from bot.errors import EarshotError, EgressRefused, Gone, Permanent, RateLimited, Transient, Unauthorised, Uncertain
from bot.model import Consent, Identity, Platform, Receipt, Visibility
from bot.text import post_hash

POST = "/2/tweets"
TEXT = "Danke, wir sehen nach. ^AB"


@pytest.fixture
def bench():
    running = x_double.Bench()
    with running.double:
        yield running
        assert running.double.complaints == []


@pytest.fixture
def target(bench):
    return bench.target(bench.say("mein Router blinkt rot"))


@pytest.fixture
def consent(target):
    return Consent(target=target, text=TEXT, request_key="key-1", decision_seq=5, valid_until=NOW + MINUTE)


@pytest.fixture
def publisher(bench):
    return bench.publisher()


def test_a_reply_is_one_signed_request_with_the_text_letter_by_letter(bench, publisher, consent, target):
    receipt = publisher.publish(consent)
    asked, sent, read_back = bench.double.seen
    assert asked.path == "/2/users/me"
    assert sent.body == {"text": TEXT, "reply": {"in_reply_to_tweet_id": target.native_id}}
    assert sent.headers["authorization"].startswith("OAuth ")
    assert read_back.path == f"/2/tweets/{receipt.native_id}"
    assert receipt == Receipt(
        Platform.X, "x.com", HANDLE, receipt.native_id, f"https://x.com/{HANDLE}/status/{receipt.native_id}", NOW, TEXT
    )
    assert bench.replies() == [f"@kundin {TEXT}"]


def test_a_signature_for_another_host_would_not_hold(bench, publisher, consent):
    bench.double.url = "https://api.twitter.com"
    with pytest.raises(Unauthorised):
        publisher.publish(consent)
    assert bench.replies() == []


def test_reading_and_writing_spend_allowances_of_their_own(bench, publisher, consent, target):
    publisher.retract(publisher.publish(consent))
    publisher.find(target, TEXT, NOW)
    allowances = [name.rpartition(":")[2] for name, _ in bench.budget.spent]
    assert allowances == ["me", "post", "read", "delete", "timeline"]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (answer({"title": "Unauthorized"}, 401), Unauthorised),
        (answer({"detail": "You can only reply to posts where you are mentioned"}, 403), Permanent),
        (answer({"title": "CreditsDepleted"}, 402), Permanent),
        (answer({}, 400), Permanent),
        (answer({}, 404), Gone),
        (answer({}, 429, {"x-rate-limit-reset": str(NOW // 1000 + 40)}), RateLimited),
        (answer({}, 500), Uncertain),
        (answer({}, 503, {"Retry-After": "9"}), Uncertain),
        (answer({"errors": [problem("not-authorized-for-resource")]}), Uncertain),
        (answer({"data": {}}, 201), Uncertain),
        (answer({"data": {"id": "x"}}, 201), Uncertain),
        (answer([], 201), Uncertain),
        (answer(b"", 204), Uncertain),
        (answer(b"<html>", kind="text/html"), Uncertain),
        (reset, Uncertain),
    ],
)
def test_whatever_the_answer_there_is_one_request_and_one_honest_error(bench, publisher, consent, given, kind):
    bench.double.post(POST, given)
    with pytest.raises(kind) as raised:
        publisher.publish(consent)
    assert type(raised.value) is kind
    assert len(bench.writes()) == 1
    assert TEXT not in repr(raised.value)
    assert "mentioned" not in repr(raised.value) or "X refused" in str(raised.value)


@pytest.mark.parametrize(
    "change",
    [{"visibility": Visibility.UNKNOWN}, {"visibility": Visibility.UNLISTED}, {"account": "a"}, {"surface": "a.b"}],
)
def test_what_is_not_ours_or_not_public_is_refused_before_a_byte_leaves(bench, publisher, consent, change):
    with pytest.raises(Permanent):
        publisher.publish(replace(consent, target=replace(consent.target, **change)))
    assert bench.double.seen == []


@pytest.mark.parametrize(
    ("text", "fits"), [("日" * 141, False), ("日" * 140, True), ("👨‍👩‍👧‍👦" * 140, True), ("a" * 281, False)]
)
def test_a_text_is_as_long_as_x_counts_it(bench, publisher, consent, text, fits):
    if fits:
        publisher.publish(replace(consent, text=text))
    else:
        with pytest.raises(Permanent, match="longer"):
            publisher.publish(replace(consent, text=text))
    assert len(bench.writes()) == fits


@pytest.mark.parametrize("failure", [answer({}, 500), answer({}, 401), answer({}, 404), answer({}), reset])
def test_a_reply_that_cannot_be_read_back_yet_is_proved_by_its_answer(bench, publisher, consent, failure):
    made = str(id_at(NOW))
    bench.double.post(POST, answer({"data": {"id": made, "text": f"@kundin {TEXT}"}}, 201))
    bench.double.get(f"/2/tweets/{made}", failure)
    receipt = publisher.publish(consent)
    assert (receipt.native_id, receipt.at, receipt.text_read_back) == (made, NOW, f"@kundin {TEXT}")


def test_a_reply_that_stands_elsewhere_is_uncertain(bench, publisher, consent):
    stray = bench.double.write(TEXT, HANDLE, NOW)
    bench.double.post(POST, answer({"data": {"id": stray, "text": TEXT}}, 201))
    with pytest.raises(Uncertain, match="not as a reply"):
        publisher.publish(consent)


@pytest.mark.parametrize("author", ["dritte", "kundin"])
def test_a_reply_that_stands_under_another_name_is_uncertain(bench, publisher, consent, target, author):
    stray = bench.double.reply(TEXT, author, target.native_id, NOW)
    bench.double.post(POST, answer({"data": {"id": stray, "text": TEXT}}, 201))
    with pytest.raises(Uncertain, match="another name"):
        publisher.publish(consent)


def test_an_answer_that_names_another_author_is_uncertain(bench, publisher, consent):
    made = str(id_at(NOW))
    bench.double.post(POST, answer({"data": {"id": made, "text": TEXT, "author_id": "77"}}, 201))
    with pytest.raises(Uncertain, match="another name"):
        publisher.publish(consent)


@pytest.mark.parametrize("me", [{"id": "77", "username": HANDLE}, {"id": ACCOUNT_ID, "username": "jemand"}])
def test_keys_of_another_account_publish_nothing(bench, publisher, consent, me):
    bench.double.get("/2/users/me", answer({"data": me}))
    for _ in range(2):
        with pytest.raises(Unauthorised, match="another account"):
            publisher.publish(consent)
    assert bench.writes() == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer({}, 500), Transient),
        (reset, Transient),
        (answer({}, 401), Unauthorised),
        (answer({}, 403), Permanent),
        (answer({}, 404), Permanent),
        (answer({}, 429, {"Retry-After": "9"}), RateLimited),
    ],
)
def test_while_x_does_not_say_whose_keys_they_are_nothing_is_published(bench, publisher, consent, given, error):
    bench.double.get("/2/users/me", given)
    with pytest.raises(error) as raised:
        publisher.publish(consent)
    assert type(raised.value) is error
    assert bench.writes() == []
    assert all(what != "post" for what, _ in bench.purse.paid)


def test_whose_keys_they_are_is_asked_once(bench, publisher, consent):
    publisher.publish(consent)
    publisher.publish(replace(consent, text="Und noch eins. ^AB"))
    assert [seen.path for seen in bench.double.seen].count("/2/users/me") == 1


def test_inspect_tells_what_is_known_of_the_post_now(bench, publisher, target):
    status = publisher.inspect(target)
    assert (status.checked_at, status.exists, status.http_status) == (NOW, True, 200)
    assert status.visibility is Visibility.PUBLIC
    assert status.text == f"@{HANDLE} mein Router blinkt rot"
    assert status.text_hash == post_hash(status.text)
    assert (status.edited_at, status.replies_open, status.summoned, status.author_active) == (None, True, True, True)
    assert (status.author_is_bot, status.author_opted_out, status.author_blocks_us) == (None, False, None)
    assert bench.double.seen[0].headers["authorization"].startswith("Bearer ")


@pytest.mark.parametrize(
    "setting", ["mentionedUsers", "mentioned_users", "following", "subscribers", "verified", "neues"]
)
def test_only_everyone_leaves_replies_open(bench, publisher, setting):
    target = bench.target(bench.say("da", reply_settings=setting))
    assert publisher.inspect(target).replies_open is False


def test_where_x_does_not_say_who_may_reply_it_is_unknown(bench, publisher):
    native_id = bench.say("da")
    del bench.double.posts[native_id]["reply_settings"]
    assert publisher.inspect(bench.target(native_id)).replies_open is None


def test_a_post_that_only_a_search_heard_did_not_summon_us(bench, publisher):
    heard = bench.double.write("mein fjordfon Router", "kundin", NOW)
    assert publisher.inspect(bench.target(heard)).summoned is False


def test_a_quote_of_a_post_of_ours_summons_us(bench, publisher):
    ours = bench.double.write("Wir bauen aus", HANDLE, NOW)
    quote = bench.double.write("Von wegen", "kundin", NOW, referenced_tweets=[{"type": "quoted", "id": ours}])
    theirs = bench.double.write("Von wegen", "kundin", NOW, referenced_tweets=[{"type": "quoted", "id": quote}])
    assert publisher.inspect(bench.target(quote)).summoned is True
    assert publisher.inspect(bench.target(theirs)).summoned is False


def test_a_thread_that_only_drags_our_name_along_did_not_summon_us(bench, publisher, target):
    dragged = bench.double.reply("selber schuld", "dritte", target.native_id, NOW)
    direct = bench.double.reply("danke", "kundin", bench.double.reply("ok", HANDLE, target.native_id, NOW), NOW)
    assert publisher.inspect(bench.target(dragged)).summoned is False
    assert publisher.inspect(bench.target(direct)).summoned is True


def test_an_edited_post_is_looked_at_in_its_newest_words(bench, publisher, target):
    newest = bench.edit(target.native_id, "Hat sich erledigt")
    status = publisher.inspect(target)
    assert status.text == f"@{HANDLE} Hat sich erledigt"
    assert status.edited_at == NOW - 48 * MINUTE
    assert [seen.path for seen in bench.double.seen] == [f"/2/tweets/{target.native_id}", f"/2/tweets/{newest}"]


@pytest.mark.parametrize(
    ("given", "known"),
    [
        (answer({"errors": [problem("resource-not-found")]}), (False, 404)),
        (answer({}, 404), (False, 404)),
        (answer({"errors": [problem("not-authorized-for-resource")]}), (None, 403)),
        (answer({}, 403), (None, 403)),
    ],
)
def test_a_post_that_is_gone_or_kept_from_us_is_a_status(bench, publisher, target, given, known):
    bench.double.get(f"/2/tweets/{target.native_id}", given)
    found = publisher.inspect(target)
    assert (found.exists, found.http_status) == known
    assert (found.visibility, found.text) == (Visibility.UNKNOWN, "")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer({}, 500), Transient),
        (answer({}, 401), Unauthorised),
        (answer({}), Transient),
        (answer({"errors": [problem("something-new")]}), Transient),
        (answer({"data": {"id": "5"}}), Transient),
        (answer({"data": [1]}), Transient),
        (answer({}, 429), RateLimited),
    ],
)
def test_where_x_does_not_answer_nothing_is_known(bench, publisher, target, given, error):
    bench.double.get(f"/2/tweets/{target.native_id}", given)
    with pytest.raises(error):
        publisher.inspect(target)


def test_a_post_whose_author_is_not_sent_along_is_not_public(bench, publisher, target):
    whole = bench.double.posts[target.native_id]
    bench.double.get(
        f"/2/tweets/{target.native_id}", {"data": whole, "errors": [problem("not-authorized-for-resource")]}
    )
    status = publisher.inspect(target)
    assert (status.exists, status.visibility, status.author_active) == (True, Visibility.UNKNOWN, None)
    assert (status.text, status.text_hash) == ("", "")
    assert "Router" not in repr(status)


def test_of_two_replies_of_ours_the_newest_is_found(bench, publisher, target):
    bench.double.reply("eins", HANDLE, target.native_id, NOW)
    newest = bench.double.reply("zwei https://t.co/x", HANDLE, target.native_id, NOW + MINUTE)
    found = publisher.find(target, TEXT, NOW)
    assert (found.native_id, found.text_read_back) == (newest, "zwei https://t.co/x")
    assert bench.double.seen[0].query["exclude"] == ["retweets"]


def test_older_replies_other_posts_and_other_people_are_not_mistaken_for_it(bench, publisher):
    other, target = bench.say("eins"), bench.target(bench.say("zwei"))
    bench.double.reply(TEXT, HANDLE, target.native_id, NOW - 20 * MINUTE)
    bench.double.reply(TEXT, HANDLE, other, NOW)
    bench.double.write(TEXT, HANDLE, NOW)
    bench.double.reply(TEXT, "dritte", target.native_id, NOW)
    assert publisher.find(target, TEXT, NOW) is None


def test_a_reply_is_found_below_many_newer_ones(bench, publisher, target):
    made = bench.double.reply(TEXT, HANDLE, target.native_id, NOW)
    for count in range(250):
        bench.double.write(f"Ansage {count}", HANDLE, NOW)
    assert publisher.find(target, TEXT, NOW).native_id == made
    assert len(bench.double.seen) == 3


def test_a_timeline_that_is_too_long_to_look_through_is_no_absence(bench, publisher, target):
    for count in range(600):
        bench.double.write(f"Ansage {count}", HANDLE, NOW)
    with pytest.raises(Transient):
        publisher.find(target, TEXT, NOW)


def test_a_timeline_that_nobody_answers_is_no_absence(bench, publisher, target):
    bench.double.get(f"/2/users/{ACCOUNT_ID}/tweets", answer({}, 500))
    with pytest.raises(Transient):
        publisher.find(target, TEXT, NOW)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer({"data": {"deleted": True}}), None),
        (answer({}, 404), None),
        (answer({"errors": [problem("resource-not-found")]}), None),
        (answer({"data": {"deleted": False}}), Transient),
        (answer({}), Transient),
        (answer([]), Transient),
        (answer({}, 403), Permanent),
        (answer({}, 401), Unauthorised),
        (answer({}, 500), Transient),
        (reset, Transient),
    ],
)
def test_taking_back_is_one_request_and_what_is_gone_is_a_success(bench, publisher, given, error):
    receipt = Receipt(Platform.X, "x.com", HANDLE, "200", f"https://x.com/{HANDLE}/status/200", NOW)
    bench.double.delete("/2/tweets/200", given)
    if error is None:
        publisher.retract(receipt)
    else:
        with pytest.raises(error):
            publisher.retract(receipt)
    assert [(seen.method, seen.path) for seen in bench.double.seen] == [("DELETE", "/2/tweets/200")]


def test_a_receipt_of_another_account_is_not_touched(bench, publisher):
    with pytest.raises(Permanent):
        publisher.retract(Receipt(Platform.X, "x.com", "jemand", "200", "", NOW))
    assert bench.double.seen == []


@pytest.mark.parametrize("ident", ["../dm_events", "5/liking_users", "5?a=b", ""])
def test_an_id_that_is_a_path_goes_nowhere(bench, publisher, target, ident):
    for act in (
        lambda: publisher.inspect(replace(target, native_id=ident)),
        lambda: publisher.retract(Receipt(Platform.X, "x.com", HANDLE, ident, "", NOW)),
    ):
        with pytest.raises(EgressRefused):
            act()
    assert bench.double.seen == []


def test_a_handle_may_be_given_with_its_sign(bench, consent):
    bench.source = x_double.source_of(bench.double.url, account=f"@{HANDLE}")
    assert bench.publisher().publish(consent).account == HANDLE


@pytest.mark.parametrize("missing", ["consumer_key", "consumer_secret", "access_token", "access_secret"])
def test_a_writer_needs_all_four_keys(bench, missing):
    bench.source = x_double.source_of(bench.double.url, **{missing: "EARSHOT_NOT_SET"})
    with pytest.raises(EarshotError, match="EARSHOT_NOT_SET"):
        bench.publisher()


def test_our_account_is_who_the_keys_say(bench, publisher):
    assert publisher.identity() == Identity(HANDLE, ACCOUNT_ID, None, "Fjordfon hilft. Eine Person liest mit.")
    (seen,) = bench.double.seen
    assert seen.headers["authorization"].startswith("OAuth ")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (answer({"data": {"id": "77", "username": HANDLE}}), Unauthorised),
        (answer({"data": {"username": HANDLE}}), Transient),
        (answer({"data": []}), Transient),
        (answer({}, 401), Unauthorised),
        (answer({}, 403), Permanent),
    ],
)
def test_an_account_that_is_not_the_named_one_is_told(bench, publisher, given, error):
    bench.double.get("/2/users/me", given)
    with pytest.raises(error):
        publisher.identity()


def test_secrets_stand_in_no_error_and_no_line_of_the_log(bench, publisher, consent, caplog):
    caplog.set_level("INFO")
    bench.double.post(POST, answer({"detail": "canary-detail", "created": stamp(NOW)}, 403))
    with pytest.raises(Permanent) as raised:
        publisher.publish(consent)
    assert "canary" not in caplog.text + repr(raised.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda sdk: sdk.get_direct_message_events(),
        lambda sdk: sdk.like("5"),
        lambda sdk: sdk.get_home_timeline(user_auth=True),
        lambda sdk: sdk.get_users_followers("5"),
        lambda sdk: sdk.create_direct_message(participant_id="5", text="psst"),
        lambda sdk: sdk.create_tweet(text="an alle"),
        lambda sdk: sdk.create_tweet(text="a", in_reply_to_tweet_id="5", direct_message_deep_link="https://x.com/m"),
        lambda sdk: sdk.create_tweet(text="a", in_reply_to_tweet_id="5", for_super_followers_only=True),
        lambda sdk: sdk.create_tweet(text="a", in_reply_to_tweet_id="5", exclude_reply_user_ids=["7"]),
        lambda sdk: sdk.create_tweet(text="a", in_reply_to_tweet_id="5", community_id="7"),
        lambda sdk: sdk.create_tweet(text="a", quote_tweet_id="5"),
    ],
)
def test_whatever_else_the_sdk_can_do_leaves_no_byte(bench, call):
    client = Client(bench.source, bench.tools(), writing=True)
    with pytest.raises(EgressRefused):
        call(client._sdk)
    assert bench.double.seen == []
    assert len(bench.double.refusals.seen) == 1


def test_the_sdk_neither_waits_nor_reads_the_environment(bench):
    sdk = Client(bench.source, bench.tools())._sdk
    assert isinstance(sdk, tweepy.Client)
    assert (sdk.wait_on_rate_limit, sdk.session.trust_env) == (False, False)
    assert list(sdk.session.adapters) == [""]
