"""The stream of everything that is posted on Bluesky, on a double that speaks the real protocol on a real socket."""

import json
import logging

import http_double as hd
import jetstream_double
import pytest
from jetstream_double import ACCOUNT, POST, V2, Bench, account, commit, did_of, identity, record
from pydantic import ValidationError

from bot import ingest
from bot.connectors.bluesky_post import Place
from bot.connectors.jetstream import GAP_US, connector
from bot.connectors.jetstream_line import LARGEST, Patience, Source
from bot.connectors.jetstream_post import OVERLAP_US, Stand
from bot.errors import PlatformError, Transient
from bot.model import Kind, Platform, Visibility
from bot.store import sources

NOW_US = hd.NOW * 1000
SECOND = 1_000_000
PLACE = Place("bsky.social", ACCOUNT, did_of(ACCOUNT))
KUNDIN = did_of("kundin")
HIDDEN = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}


def heard_of_fjordfon(text):
    return "fjordfon" in text.lower()


@pytest.fixture
def bench():
    made = Bench()
    with made.double:
        yield made
        made.hang_up()
        assert made.double.complaints == []


@pytest.fixture
def quiet():
    """A bench whose posts name nobody, so that ``keep`` alone decides."""
    made = Bench()
    made.say = lambda text, author="kundin", **more: made.later(
        lambda at: commit(did_of(author), f"3k{at}", at, record(text, **more))
    )
    with made.double:
        yield made
        made.hang_up()


def drained(reader, cursor="", limit=20):
    pages = [reader.fetch(cursor, limit)]
    while pages[-1].more:
        assert len(pages) < 60, "the source never ends"
        pages.append(reader.fetch(pages[-1].cursor, limit))
    return [mention for page in pages for mention in page.mentions], pages[-1].cursor


def texts(mentions):
    return [mention.text for mention in mentions]


def asked(bench, place=-1):
    return {name: values[0] for name, values in bench.double.seen[place].query.items()}


# What is heard


def test_only_what_is_asked_for_becomes_a_mention_and_the_rest_is_counted(quiet):
    for text in ("Seit Montag kein Netz bei Fjordfon", "Schönes Wetter", "Guten Morgen"):
        quiet.say(text)
    page = quiet.connector(keep=heard_of_fjordfon).fetch("", 20)
    assert texts(page.mentions) == ["Seit Montag kein Netz bei Fjordfon"]
    assert page.dropped == {"not about us": 2}
    assert "Wetter" not in repr(page)


def test_a_post_that_tags_us_is_heard_whatever_the_watches_say(bench):
    bench.say("Hilfe")
    page = bench.connector(keep=lambda text: False).fetch("", 20)
    assert [mention.own_mentions for mention in page.mentions] == [(PLACE.did, ACCOUNT)]


def test_a_reply_to_us_is_heard_whatever_the_watches_say(quiet):
    ours = {"uri": f"at://{PLACE.did}/{POST}/3kours", "cid": "bafy1"}
    quiet.say("Danke, geht wieder", reply={"root": ours, "parent": ours})
    (mention,) = quiet.connector(keep=lambda text: False).fetch("", 20).mentions
    assert (mention.kind, mention.parent_author_id, mention.root_key) == (Kind.REPLY, ACCOUNT, ours["uri"])


def test_posts_are_those_of_bluesky_so_that_its_source_can_answer_them(bench):
    uri = bench.say("Seit Montag kein Netz")
    (mention,) = bench.connector().fetch("", 20).mentions
    assert mention.platform is Platform.BLUESKY
    assert (mention.surface, mention.account) == ("bsky.social", ACCOUNT)
    assert mention.canonical_key == mention.native_id == uri
    assert mention.author.native_id == mention.author.handle == KUNDIN


@pytest.mark.parametrize(
    ("langs", "heard"), [(["de"], True), (["de-AT", "en"], True), (["ja"], False), ([], True), ("de", True)]
)
def test_a_language_that_nobody_reads_is_let_fall(langs, heard):
    bench = Bench(languages=("de", "en"))
    with bench.double:
        bench.later(lambda at: commit(KUNDIN, "3k1", at, record("Fjordfon", langs=langs)))
        page = bench.connector(keep=heard_of_fjordfon).fetch("", 20)
    assert len(page.mentions) == heard
    assert page.dropped == ({} if heard else {"another language": 1})


def test_what_its_author_hides_from_strangers_is_dropped(bench):
    bench.say("Wort-nur-fuer-uns", labels=HIDDEN)
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {"not public": 1})
    assert "Wort-nur-fuer-uns" not in page.cursor


def test_other_records_and_new_names_are_passed_over(bench):
    bench.later(lambda at: identity(KUNDIN, at))
    bench.later(lambda at: account(KUNDIN, at, active=True))
    bench.later(lambda at: commit(KUNDIN, "3k9", at, {"$type": "app.bsky.feed.like"}, collection="app.bsky.feed.like"))
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {})


# What is taken back


def test_a_deleted_post_comes_again_without_words(bench):
    uri = bench.say("Seit Montag kein Netz")
    _, cursor = drained(bench.connector())
    bench.delete(uri)
    ((gone,), cursor) = drained(bench.connector(), cursor)
    assert (gone.canonical_key, gone.text, gone.visibility) == (uri, "", Visibility.UNKNOWN)
    assert drained(bench.connector(), cursor)[0] == []


def test_a_deletion_of_what_we_never_heard_is_no_news(bench):
    bench.later(lambda at: commit(KUNDIN, "3kfremd", at, operation="delete"))
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {})


def test_a_deleted_post_does_not_return_when_a_connection_begins_a_little_earlier(bench):
    uri = bench.say("Seit Montag kein Netz")
    bench.delete(uri)
    heard, cursor = drained(bench.connector(), limit=1)
    assert texts(heard) == [bench.double.events[0]["commit"]["record"]["text"], ""]
    bench.say("Und heute auch nicht")
    again, _ = drained(bench.connector(), cursor)
    assert [text[-6:] for text in texts(again)] == [" nicht"]
    assert int(asked(bench)["cursor"]) < bench.double.events[0]["time_us"]


def test_a_post_written_anew_under_its_old_key_outlives_its_old_deletion(bench):
    uri = bench.say("Erste")
    bench.delete(uri)
    bench.later(lambda at: commit(KUNDIN, uri.rpartition("/")[2], at, record(f"Zweite @{ACCOUNT}")))
    heard, cursor = drained(bench.connector())
    assert [bool(text) for text in texts(heard)] == [True, False, True]
    assert drained(bench.connector(), cursor)[0] == []


def test_an_account_that_is_gone_takes_all_its_posts_along_in_pages(bench):
    uris = [bench.say(f"Meldung {number}") for number in range(7)]
    bench.say("bleibt", author="andere")
    _, cursor = drained(bench.connector())
    bench.later(lambda at: account(KUNDIN, at, active=False, status="deleted"))
    pages = [bench.connector().fetch(cursor, 3)]
    while pages[-1].more:
        pages.append(bench.connector().fetch(pages[-1].cursor, 3))
    gone = [mention for page in pages for mention in page.mentions]
    assert [mention.canonical_key for mention in gone] == uris
    assert {len(page.mentions) for page in pages} <= {0, 1, 3}
    assert {mention.visibility for mention in gone} == {Visibility.UNKNOWN}


def test_a_post_that_is_hidden_later_comes_again_without_words(bench):
    uri = bench.say("Seit Montag kein Netz")
    _, cursor = drained(bench.connector())
    bench.edit(uri, "Wort-nur-fuer-uns", labels=HIDDEN)
    (gone,), _ = drained(bench.connector(), cursor)
    assert (gone.canonical_key, gone.text, gone.visibility) == (uri, "", Visibility.UNKNOWN)


def test_an_edit_of_what_we_heard_is_handed_on_even_if_it_names_us_no_more(quiet):
    quiet.say("Fjordfon ist weg")
    _, cursor = drained(quiet.connector(keep=heard_of_fjordfon))
    first = quiet.double.events[0]
    quiet.later(lambda at: commit(KUNDIN, first["commit"]["rkey"], at, record("Hat sich erledigt"), "update"))
    (edited,), _ = drained(quiet.connector(keep=heard_of_fjordfon), cursor)
    assert (edited.text, edited.edited_at) == ("Hat sich erledigt", quiet.double.events[1]["time_us"] // 1000)


def test_the_stored_words_of_a_deleted_post_go_at_once(bench, store):
    door = ingest.Door(
        lambda mention: frozenset({ACCOUNT}),
        lambda mention: True,
        lambda text: False,
        lambda mention, source: (source, ACCOUNT),
    )

    def take(cursor):
        page = bench.connector().fetch(cursor, 20)
        with store.write() as tx:
            return page.cursor, ingest.take(tx, page, "all", door, hd.NOW)

    with store.write() as tx:
        sources.register(tx, "all", Platform.JETSTREAM, ACCOUNT)
    uri = bench.say("Seit Montag kein Netz")
    bench.say("bleibt", author="andere")
    cursor, counts = take("")
    assert counts == {"new": 2}
    bench.delete(uri)
    take(cursor)
    stored = {row["canonical_key"]: row["text"] for row in store.rows("SELECT canonical_key, text FROM mentions")}
    assert [bool(text) for text in stored.values()] == [False, True]
    assert stored[uri] == ""


# How far it was read


def test_a_first_fetch_begins_five_minutes_back(bench):
    bench.connector().fetch("", 20)
    assert int(asked(bench)["cursor"]) == NOW_US - 305 * SECOND
    assert asked(bench)["wantedCollections"] == POST


def test_a_connection_begins_a_little_early_and_nothing_comes_twice(bench):
    for number in range(4):
        bench.say(f"Meldung {number}")
    heard, cursor = drained(bench.connector())
    bench.say("Meldung 4")
    more, _ = drained(bench.connector(), cursor)
    assert [text[-1] for text in texts(heard + more)] == ["0", "1", "2", "3", "4"]
    assert int(asked(bench)["cursor"]) == json.loads(cursor)["at"] - OVERLAP_US


def test_what_a_connection_repeats_is_counted_once(quiet):
    quiet.say("Guten Morgen")
    first = quiet.connector(keep=heard_of_fjordfon).fetch("", 20)
    again = quiet.connector(keep=heard_of_fjordfon).fetch(first.cursor, 20)
    assert (first.dropped, again.dropped) == ({"not about us": 1}, {})


def test_a_post_that_another_server_saw_a_little_later_is_not_lost(bench):
    bench.say("Erste")
    _, cursor = drained(bench.connector())
    bench.double.events.insert(
        0, commit(KUNDIN, "3kspaet", json.loads(cursor)["at"] - SECOND, record(f"@{ACCOUNT} Zweite"))
    )
    more, _ = drained(bench.connector(), cursor)
    assert texts(more) == [f"@{ACCOUNT} Zweite"]


def test_what_the_server_no_longer_has_is_told_as_a_gap(bench):
    begin = hd.NOW - 48 * 3_600_000
    bench.say("zu alt", at=begin + 1_000)
    bench.say("gerade noch da", at=hd.NOW - 36 * 3_600_000 + 1_000)
    reader = bench.connector()
    page = reader.fetch(reader.since(begin), 20)
    assert [text[-4:] for text in texts(page.mentions)] == ["h da"]
    assert page.gap == (begin, hd.NOW - 36 * 3_600_000 + 1_000)
    assert reader.fetch(page.cursor, 20).gap is None


def test_a_short_silence_is_no_gap(bench):
    bench.say("Erste")
    _, cursor = drained(bench.connector())
    bench.double.events.append(commit(KUNDIN, "3kneu", json.loads(cursor)["at"] + GAP_US, record("Fjordfon")))
    assert bench.connector().fetch(cursor, 20).gap is None


def test_a_time_that_cannot_be_does_not_move_the_stand(bench):
    bench.say("Erste")
    bench.double.events.append(commit(KUNDIN, "3kfern", NOW_US + 86_401 * SECOND, record("Fjordfon")))
    page = bench.connector().fetch("", 20)
    assert json.loads(page.cursor)["at"] == bench.double.events[0]["time_us"]
    assert page.dropped == {"broken": 1}


def test_a_cursor_from_the_far_future_starts_anew(bench):
    bench.say("Erste")
    assert len(bench.connector().fetch(Stand(NOW_US * 3).written(), 20).mentions) == 1


class RunningClock(hd.StillClock):
    """Each look at it takes a second."""

    def __init__(self):
        self.seconds = 0

    def monotonic(self):
        self.seconds += 1
        return self.seconds * 1000


def test_a_fetch_ends_in_time_and_goes_on_only_while_it_catches_up(bench):
    for number in range(30):
        bench.say(f"Meldung {number}")
    reader = bench.connector(Patience(5_000, 0.1, 0.2))
    reader._clock = RunningClock()
    behind = reader.fetch("", 100)
    assert (len(behind.mentions), behind.more) == (4, True)
    level = reader.fetch(behind.cursor, 100)
    assert (len(level.mentions), level.more) == (4, False)


# The connection


def test_one_connection_serves_all_pages_until_nothing_more_comes(bench):
    for number in range(9):
        bench.say(f"Meldung {number}")
    reader = bench.connector()
    heard, cursor = drained(reader, limit=2)
    assert (len(heard), len(bench.double.seen)) == (9, 1)
    reader.fetch(cursor, 2)
    assert len(bench.double.seen) == 2


def test_a_page_that_was_not_stored_is_read_again(bench):
    for number in range(4):
        bench.say(f"Meldung {number}")
    reader = bench.connector()
    first = reader.fetch("", 2)
    assert texts(reader.fetch("", 2).mentions) == texts(first.mentions)


def test_what_came_before_a_connection_broke_is_handed_on(bench):
    for number in range(9):
        bench.say(f"Meldung {number}")
    bench.double.hang_up_after = 7
    heard, _ = drained(bench.connector())
    assert [text[-1] for text in texts(heard)] == [str(number) for number in range(9)]


def test_a_connection_that_broke_while_nobody_read_is_made_anew(bench):
    for number in range(4):
        bench.say(f"Meldung {number}")
    bench.double.hang_up_after = 2
    reader = bench.connector()
    first = reader.fetch("", 2)
    bench.double.hang_up_after = None
    rest, _ = drained(reader, first.cursor)
    assert [text[-1] for text in texts(rest)] == ["2", "3"]


def test_a_server_that_only_repeats_itself_and_hangs_up_is_left_alone_until_later(bench):
    bench.say("Erste")
    _, cursor = drained(bench.connector())
    bench.double.hang_up_after = 1
    begun = len(bench.double.seen)
    with pytest.raises(Transient):
        bench.connector().fetch(cursor, 20)
    assert len(bench.double.seen) == begun + 1


def test_a_server_that_is_not_there_is_tried_later(bench):
    with jetstream_double.Double() as gone:
        pass
    bench.source = bench.source.model_copy(update={"server": gone.stream})
    with pytest.raises(Transient):
        bench.connector().fetch("", 20)


def test_a_message_that_is_too_large_is_never_asked_for(bench):
    bench.say("x" * LARGEST)
    bench.say("Danach")
    heard, _ = drained(bench.connector())
    assert [text[-6:] for text in texts(heard)] == ["Danach"]
    assert int(asked(bench)["maxMessageSizeBytes"]) == LARGEST


def test_a_server_that_sends_too_large_messages_is_refused_without_a_word_of_them(bench):
    bench.double.compliant = False
    bench.say("Wort-" * LARGEST)
    with pytest.raises(Transient) as raised:
        bench.connector().fetch("", 20)
    assert "Wort" not in str(raised.value)


def test_messages_that_are_none_are_counted_and_passed_over(bench):
    bench.double.raw = [
        b"",
        b"nothing",
        b"[]",
        b"null",
        b'"\\ud800"',
        b"[" * 60_000,
        b'{"kind": "commit"}',
        b"\xff\xfe{",
    ]
    bench.say("Danach")
    page = bench.connector().fetch("", 20)
    assert page.dropped == {"broken": 8}
    assert len(page.mentions) == 1


def test_no_redirect_leads_to_another_server(bench):
    with jetstream_double.Double() as elsewhere:
        for address in (elsewhere.stream, elsewhere.url, "ws://other.example/subscribe"):
            bench.everything(hd.redirect(f"{address}/subscribe"))
            with pytest.raises(PlatformError):
                bench.connector().fetch("", 20)
        assert elsewhere.seen == []


def test_a_proxy_of_the_environment_is_not_used(bench, monkeypatch):
    for name in ("http_proxy", "https_proxy", "ws_proxy", "wss_proxy", "all_proxy", "socks_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.setenv(name.upper(), "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    bench.say("Erste")
    assert len(bench.connector().fetch("", 20).mentions) == 1


def test_no_word_reaches_a_log(bench, caplog):
    caplog.set_level(logging.DEBUG)
    bench.say("Wort-nur-fuer-uns")
    bench.double.raw = [b"Wort-nur-fuer-uns"]
    drained(bench.connector())
    assert "Wort-nur" not in caplog.text
    assert bench.did not in caplog.text


def test_the_second_form_tells_the_same():
    bench = Bench(form="v2")
    with bench.double:
        uri = bench.say("Seit Montag kein Netz")
        bench.double.raw = [
            b'{"$type": "message", "payload": {"$type": "network.bsky.jetstream.subscribeEvents#info"}}'
        ]
        (mention,), cursor = drained(bench.connector())
        bench.later(lambda at: identity(KUNDIN, at))
        bench.edit(uri, "Hat sich erledigt")
        bench.later(lambda at: account(KUNDIN, at, active=False))
        heard, _ = drained(bench.connector(), cursor)
    assert bench.double.complaints == []
    assert mention.canonical_key == uri
    assert [each.text for each in heard] == ["Hat sich erledigt", ""]
    assert json.loads(cursor)["at"] == bench.double.events[0]["time_us"]
    assert (bench.double.seen[0].path, bench.double.seen[0].query["kinds"]) == (V2, ["commit", "account"])


# What a source may say


@pytest.mark.parametrize(
    "server", ["jetstream.example", "wss://jetstream.example:8443", "ws://127.0.0.1:6008", "ws://localhost:6008"]
)
def test_a_server_is_named_alone(server):
    assert Source(kind=Platform.JETSTREAM, name="all", server=server).server == server


@pytest.mark.parametrize(
    "server",
    [
        "ws://jetstream.example",
        "https://jetstream.example",
        "wss://jetstream.example/subscribe",
        "wss://us@jetstream.example",
        "wss://jetstream.example?compress=true",
        "file://jetstream.example",
        "wss://",
        "a://b://c",
    ],
)
def test_any_other_server_is_refused_with_what_to_write(server):
    with pytest.raises(ValidationError, match="Write the server alone"):
        Source(kind=Platform.JETSTREAM, name="all", server=server)


def test_a_source_needs_only_its_name(bench):
    source = Source(kind=Platform.JETSTREAM, name="all")
    reader = connector(source, bench.tools())
    assert (reader.name, source.server) == ("all", "wss://jetstream2.us-east.bsky.network")
