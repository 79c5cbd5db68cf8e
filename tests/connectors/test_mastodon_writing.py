"""One public reply, sent once; looking at the post before, finding the reply after, taking it back."""

from dataclasses import replace

import mastodon_double as md
import pytest
from mastodon_double import NOW

from bot.connectors.mastodon_publisher import MastodonPublisher
from bot.errors import EgressRefused, Gone, Permanent, RateLimited, Transient, Unauthorised, Uncertain
from bot.model import Consent, Platform, Receipt, Target, Visibility
from bot.text import post_hash

POST = "/api/v1/statuses"
PARENT = "/api/v1/statuses/100"
CONTEXT = "/api/v1/statuses/100/context"
RELATIONSHIPS = "/api/v1/accounts/relationships"
ME = "/api/v1/accounts/verify_credentials"
RULES = "/api/v1/instance/rules"
TEXT = "Danke, wir sehen nach. ^AB"


@pytest.fixture
def target(double):
    return Target(
        platform=Platform.MASTODON,
        surface=double.surface,
        account="fjordfon_hilft",
        native_id="100",
        canonical_key="https://social.example/users/kundin/statuses/100",
        author_handle="kundin",
        visibility=Visibility.PUBLIC,
    )


@pytest.fixture
def consent(target):
    return Consent(target=target, text=TEXT, request_key="key-1", decision_seq=5, valid_until=NOW + 60_000)


@pytest.fixture(autouse=True)
def ours(double):
    """The token is that of our account."""
    double.get(ME, md.person("7", "fjordfon_hilft"))


def reply(ident="200", text=f"@kundin {TEXT}", **more):
    return md.status(
        ident,
        content=f"<p>{text}</p>",
        account=md.person("7", "fjordfon_hilft"),
        mentions=[md.tag_of("kundin", "20")],
        in_reply_to_id="100",
        in_reply_to_account_id="20",
        created_at="2026-11-02T10:00:00.000Z",
        url="https://social.example/@fjordfon_hilft/200",
        **more,
    )


def test_a_reply_is_one_request_with_everything_that_makes_it_public(double, publisher, consent):
    double.post(POST, reply())
    receipt = publisher.publish(consent)
    (sent,) = double.writes()
    assert sent.body == {
        "status": [f"@kundin {TEXT}"],
        "in_reply_to_id": ["100"],
        "visibility": ["public"],
        "sensitive": ["0"],
    }
    assert sent.headers["idempotency-key"] == "key-1"
    assert (receipt.native_id, receipt.url, receipt.at) == ("200", "https://social.example/@fjordfon_hilft/200", NOW)
    assert receipt.text_read_back == f"@kundin {TEXT}"


def test_a_reply_to_an_unlisted_post_stays_unlisted(double, publisher, consent):
    double.post(POST, reply(visibility="unlisted"))
    publisher.publish(replace(consent, target=replace(consent.target, visibility=Visibility.UNLISTED)))
    assert double.writes()[0].body["visibility"] == ["unlisted"]


@pytest.mark.parametrize("visibility", [Visibility.FOLLOWERS, Visibility.DIRECT, Visibility.UNKNOWN])
def test_there_is_no_reply_to_a_post_that_is_not_public(double, publisher, consent, visibility):
    with pytest.raises(Permanent):
        publisher.publish(replace(consent, target=replace(consent.target, visibility=visibility)))
    assert double.seen == []


@pytest.mark.parametrize("change", [{"account": "someone"}, {"surface": "other.example"}])
def test_a_publisher_never_writes_for_another_account(double, publisher, consent, change):
    with pytest.raises(Permanent):
        publisher.publish(replace(consent, target=replace(consent.target, **change)))
    assert double.seen == []


def test_a_consent_that_has_run_out_sends_nothing(double, publisher, consent):
    with pytest.raises(Permanent):
        publisher.publish(replace(consent, valid_until=NOW - 1))
    assert double.seen == []


@pytest.mark.parametrize(
    "wording",
    [
        ("kundin", "Hallo", "@kundin Hallo"),
        ("kundin", "@kundin Hallo", "@kundin Hallo"),
        ("kundin", "Hallo @Kundin, danke", "Hallo @Kundin, danke"),
        ("kundin", "@kundinnen Hallo", "@kundin @kundinnen Hallo"),
        ("kundin", "@kundin@other.example Hallo", "@kundin @kundin@other.example Hallo"),
        ("kundin", "mail@kundin Hallo", "@kundin mail@kundin Hallo"),
        ("kundin@other.example", "@kundin Hallo", "@kundin@other.example @kundin Hallo"),
        ("kundin@other.example", "@kundin@other.example Hallo", "@kundin@other.example Hallo"),
    ],
)
def test_the_addressee_is_named_once(double, publisher, consent, wording):
    handle, text, sent = wording
    double.post(POST, reply())
    publisher.publish(replace(consent, text=text, target=replace(consent.target, author_handle=handle)))
    assert double.writes()[0].body["status"] == [sent]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (md.answer({"error": "no"}, 401), Unauthorised),
        (md.answer({"error": "no"}, 403), Permanent),
        (md.answer({"error": "no"}, 404), Gone),
        (md.answer({"error": "no"}, 422), Permanent),
        (md.answer({"error": "no"}, 429, {"Retry-After": "9"}), RateLimited),
        (md.answer({"error": "no"}, 500), Uncertain),
        (md.answer({"error": "no"}, 503, {"Retry-After": "9"}), Uncertain),
        (md.answer(b"<html></html>", kind="text/html"), Uncertain),
        (md.answer({}), Uncertain),
        (md.answer([]), Uncertain),
        (md.answer(reply(), headers={"X-RateLimit-Reset": "canary"}), Uncertain),
        (md.answer(b'["' + b"a" * 10_000_000 + b'"]'), Uncertain),
        (md.redirect("https://evil.example/"), Uncertain),
        (md.truncated, Uncertain),
        (md.reset, Uncertain),
        (md.answer(reply(visibility="private")), Uncertain),
        (md.answer(reply(visibility="direct")), Uncertain),
        (md.answer(reply(visibility="unlisted")), Uncertain),
        (md.answer({**reply(), "in_reply_to_id": None}), Uncertain),
        (md.answer({**reply(), "id": None}), Uncertain),
        (md.answer({**reply(), "account": md.person("8", "someone")}), Uncertain),
        (md.answer({**reply(), "account": md.person("7", "fjordfon_hilft@other.example")}), Uncertain),
    ],
)
def test_whatever_the_answer_there_is_one_request_and_one_honest_error(double, publisher, consent, answer, kind):
    double.post(POST, answer)
    with pytest.raises(kind) as caught:
        publisher.publish(consent)
    assert type(caught.value) is kind
    assert len(double.writes()) == 1
    assert TEXT not in repr(caught.value)
    assert "canary" not in repr(caught.value)


@pytest.mark.parametrize("acct", ["someone", "fjordfon_hilft@other.example"])
def test_a_token_of_another_account_publishes_nothing(double, publisher, consent, acct):
    double.get(ME, md.person("8", acct))
    double.post(POST, reply())
    for _ in range(2):
        with pytest.raises(Unauthorised, match="another account"):
            publisher.publish(consent)
    assert double.writes() == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (md.answer({}, 500), Transient),
        (md.reset, Transient),
        (md.answer({}), Transient),
        (md.answer({}, 401), Unauthorised),
        (md.answer({}, 404), Permanent),
        (md.answer({}, 429, {"Retry-After": "9"}), RateLimited),
    ],
)
def test_while_nobody_says_whose_token_it_is_nothing_is_published(double, publisher, consent, answer, kind):
    double.get(ME, answer)
    with pytest.raises(kind) as caught:
        publisher.publish(consent)
    assert type(caught.value) is kind
    assert double.writes() == []


def test_whose_token_it_is_is_asked_once(double, publisher, consent):
    double.post(POST, reply())
    publisher.publish(consent)
    publisher.publish(consent)
    assert [seen.path for seen in double.seen] == [ME, POST, POST]


def test_an_account_whose_server_writes_its_handle_in_capitals_is_ours(double, publisher, consent):
    double.get(ME, md.person("7", "Fjordfon_Hilft"))
    double.post(POST, reply())
    publisher.publish(consent)
    assert len(double.writes()) == 1


@pytest.mark.parametrize("slowness", [md.silence, md.drip])
def test_a_send_into_silence_is_uncertain(double, hasty_client, consent, slowness):
    double.post(POST, slowness)
    with pytest.raises(Uncertain, match="in time"):
        MastodonPublisher(hasty_client, "fjordfon_hilft", md.StillClock()).publish(consent)
    assert len(double.writes()) == 1


def test_inspect_tells_what_is_known_of_the_post_now(double, publisher, target):
    double.get(PARENT, md.status(edited_at="2026-11-02T09:40:00.000Z"))
    double.get(RELATIONSHIPS, [{"id": "20", "blocked_by": False, "blocking": False}])
    status = publisher.inspect(target)
    assert (status.checked_at, status.exists, status.http_status) == (NOW, True, 200)
    assert status.visibility is Visibility.PUBLIC
    assert status.text == "@fjordfon_hilft mein Router blinkt rot"
    assert status.text_hash == post_hash(status.text)
    assert "Router" not in repr(status)
    assert status.edited_at == 1_793_612_400_000
    assert (status.author_is_bot, status.author_opted_out) == (False, False)
    assert (status.author_active, status.author_blocks_us, status.replies_open) == (True, False, None)
    assert status.summoned is True
    assert double.seen[1].query == {"id[]": ["20"]}


@pytest.mark.parametrize("gone", [404, 410])
def test_a_post_that_is_gone_is_a_status_and_no_error(double, publisher, target, gone):
    double.get(PARENT, md.answer({"error": "no"}, gone))
    status = publisher.inspect(target)
    assert (status.exists, status.http_status, status.visibility) == (False, 404, Visibility.UNKNOWN)


def test_a_post_that_is_kept_from_us_is_not_known_to_exist(double, publisher, target):
    double.get(PARENT, md.answer({"error": "no"}, 403))
    status = publisher.inspect(target)
    assert (status.exists, status.http_status) == (None, 403)


@pytest.mark.parametrize("visibility", ["private", "direct", "odd"])
def test_nothing_is_computed_from_the_words_of_a_post_that_is_no_longer_public(double, publisher, target, visibility):
    double.get(PARENT, md.status(visibility=visibility))
    double.get(RELATIONSHIPS, [])
    status = publisher.inspect(target)
    assert (status.text_hash, status.text) == ("", "")
    assert status.visibility not in {Visibility.PUBLIC, Visibility.UNLISTED}


@pytest.mark.parametrize(
    ("relationships", "blocks"),
    [
        ([{"blocked_by": True}], True),
        ([{"blocked_by": False}], False),
        ([{"blocking": False}], None),
        ([], None),
        (md.answer({}, 404), None),
        (md.answer({}, 403), None),
    ],
)
def test_a_block_is_known_only_where_the_server_tells(double, publisher, target, relationships, blocks):
    double.get(PARENT, md.status())
    double.get(RELATIONSHIPS, relationships)
    assert publisher.inspect(target).author_blocks_us is blocks


@pytest.mark.parametrize("mark", ["suspended", "memorial"])
def test_an_author_who_is_no_longer_there_is_not_active(double, publisher, target, mark):
    double.get(PARENT, md.status(account=md.person(**{mark: True})))
    double.get(RELATIONSHIPS, [])
    assert publisher.inspect(target).author_active is False


def test_a_post_that_does_not_address_us_leaves_the_summons_open(double, publisher, target):
    double.get(PARENT, md.status(content="<p>nur so</p>", mentions=[]))
    double.get(RELATIONSHIPS, [])
    assert publisher.inspect(target).summoned is None


@pytest.mark.parametrize(
    "case",
    [
        (md.answer({}, 500), [], Transient),
        (md.answer({}), [], Transient),
        (md.answer({}, 401), [], Unauthorised),
        (md.status(), md.answer({}, 500), Transient),
        (md.status(), md.answer({}, 401), Unauthorised),
    ],
)
def test_a_platform_that_does_not_answer_is_an_error_and_no_status(double, publisher, target, case):
    parent, relationships, kind = case
    double.get(PARENT, parent)
    double.get(RELATIONSHIPS, relationships)
    with pytest.raises(kind):
        publisher.inspect(target)


@pytest.mark.parametrize(
    "read_back",
    [
        f"@kundin {TEXT}",
        f"@kundin@127.0.0.1:5 {TEXT}",
        TEXT,
        "<a href='https://social.example/@kundin'>@<span>kundin</span></a>  Danke, wir<br>sehen nach. ^AB",
        "@kundin Danke, <em>wir</em> sehen nach. ^AB",
        "@kundin Danke, wir sehen nach. <a href='https://social.example/tags/AB'>#AB</a> …",
    ],
)
def test_a_reply_is_found_in_the_thread_however_the_server_rewrote_it(double, publisher, target, read_back):
    double.get(CONTEXT, {"ancestors": [], "descendants": [md.status("150"), reply(text=read_back)]})
    assert publisher.find(target, TEXT, NOW).native_id == "200"


@pytest.mark.parametrize(
    "other",
    [
        reply(visibility="private"),
        {**reply(), "account": md.person("8", "fjordfon_hilft@other.example")},
        {**reply(), "in_reply_to_id": "99"},
        {**reply(), "created_at": "2026-11-01T10:00:00.000Z"},
        {**reply(), "uri": None},
    ],
    ids=["visibility", "author", "thread", "older", "broken"],
)
def test_nothing_else_is_mistaken_for_our_reply(double, publisher, target, other):
    double.get(CONTEXT, {"ancestors": [], "descendants": [other]})
    double.get(ME, md.person("7", "fjordfon_hilft"))
    double.get("/api/v1/accounts/7/statuses", [other])
    assert publisher.find(target, TEXT, NOW) is None


def test_a_text_whose_markup_the_server_rendered_is_found(double, publisher, target):
    rendered = reply(text="@kundin Bitte <em>nur</em> den Router neu starten.")
    double.get(CONTEXT, {"ancestors": [], "descendants": [rendered]})
    assert publisher.find(target, "Bitte *nur* den Router neu starten.", NOW).native_id == "200"


def test_of_two_replies_of_ours_the_newest_is_the_one(double, publisher, target):
    follow_up = {**reply("201", "@kundin Läuft wieder"), "created_at": "2026-11-02T10:00:40.000Z"}
    double.get(CONTEXT, {"ancestors": [], "descendants": [follow_up, reply()]})
    assert publisher.find(target, "Läuft wieder", NOW + 30_000).native_id == "201"


def test_a_reply_to_a_deleted_post_is_found_among_our_own(double, publisher, target):
    double.get(ME, md.person("7", "fjordfon_hilft"))
    double.get("/api/v1/accounts/7/statuses", [md.status("300"), reply()])
    assert publisher.find(target, TEXT, NOW).native_id == "200"


def test_a_search_that_nobody_answers_is_no_absence(double, publisher, target):
    double.get(CONTEXT, md.answer({}, 500))
    with pytest.raises(Transient):
        publisher.find(target, TEXT, NOW)


def test_after_a_reset_the_reply_is_found_and_not_sent_again(double, publisher, consent):
    double.post(POST, md.reset)
    with pytest.raises(Uncertain):
        publisher.publish(consent)
    double.get(CONTEXT, {"ancestors": [], "descendants": [reply()]})
    assert publisher.find(consent.target, consent.text, NOW).native_id == "200"
    assert len(double.writes()) == 1


@pytest.fixture
def receipt(double):
    return Receipt(Platform.MASTODON, double.surface, "fjordfon_hilft", "200", "https://social.example/200", NOW)


def test_our_own_post_is_taken_back_with_one_request(double, publisher, receipt):
    double.delete("/api/v1/statuses/200", reply())
    publisher.retract(receipt)
    assert [(seen.method, seen.path) for seen in double.seen] == [("DELETE", "/api/v1/statuses/200")]


def test_taking_back_what_is_already_gone_is_a_success(double, publisher, receipt):
    publisher.retract(receipt)
    assert [seen.method for seen in double.seen] == ["DELETE", "GET"]


@pytest.mark.parametrize("status", [404, 405, 403])
def test_a_server_without_deletion_leaves_it_to_a_person(double, publisher, receipt, status):
    double.delete("/api/v1/statuses/200", md.answer(b"<h1>no</h1>", status, kind="text/html"))
    double.get("/api/v1/statuses/200", reply())
    with pytest.raises(Permanent, match="by hand"):
        publisher.retract(receipt)


@pytest.mark.parametrize(
    ("answer", "kind"), [(md.answer({}, 500), Transient), (md.reset, Transient), (md.answer({}, 401), Unauthorised)]
)
def test_taking_back_can_be_tried_again_when_the_platform_fails(double, publisher, receipt, answer, kind):
    double.delete("/api/v1/statuses/200", answer)
    with pytest.raises(kind):
        publisher.retract(receipt)


def test_a_receipt_of_another_account_is_not_touched(double, publisher, receipt):
    with pytest.raises(Permanent):
        publisher.retract(replace(receipt, account="someone"))
    assert double.seen == []


def test_an_id_that_is_a_path_goes_nowhere(double, publisher, target, receipt):
    with pytest.raises(EgressRefused):
        publisher.inspect(replace(target, native_id="../conversations"))
    with pytest.raises(EgressRefused):
        publisher.retract(replace(receipt, native_id="100/favourite"))
    assert double.seen == []


def test_a_handle_may_be_given_with_its_sign(double, client, consent):
    double.post(POST, reply())
    assert MastodonPublisher(client, "@fjordfon_hilft", md.StillClock()).publish(consent).account == "fjordfon_hilft"


def test_the_version_of_the_servers_rules_comes_with_our_account(double, publisher):
    double.get(RULES, md.answer([{"id": "1", "text": "Seid freundlich."}, {"id": "2", "text": "Bots antworten nur."}]))
    first = publisher.identity().server_rules
    assert len(first) == 64
    double.get(RULES, md.answer([{"id": "1", "text": "Seid freundlich."}]))
    assert publisher.identity().server_rules not in {"", first}


@pytest.mark.parametrize("answer", [md.answer({}, 404), md.answer([]), md.answer({"error": "none"})])
def test_a_server_that_publishes_no_rules_has_no_version_of_them(double, publisher, answer):
    double.get(RULES, answer)
    assert publisher.identity().server_rules == ""
