"""What every reader and every writer promises, shown on each platform's double with the real SDK and the real door."""

import contextlib
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import http_double as hd
import pytest

from bot.errors import EgressRefused, Permanent, PlatformError, RateLimited, Transient, Unauthorised, Uncertain
from bot.model import Consent, Mention, Platform, Receipt, Visibility
from bot.text import post_hash

HEARS = ("mastodon", "reddit", "x", "bluesky", "discourse", "lemmy", "hackernews", "feed", "jetstream")
SHOWS_PRIVATE = tuple(name for name in HEARS if name not in {"hackernews", "feed"})
"""Where the API can show a post that is not for everyone; the others have none."""
SPOILABLE = ("mastodon", "reddit", "x", "bluesky", "discourse", "lemmy", "hackernews")
"""Where people's posts come in pages of JSON, so that one of them can spoil the others' page."""
ANSWERS = tuple(name for name in HEARS if Platform(name).answers)
TEXT = "Danke, wir sehen nach. ^AB"
MINUTE = 60_000
HTML = hd.answer(b"<html><body>Wartungsarbeiten</body></html>", kind="text/html")
BROKEN = {
    "server error": hd.answer({}, 500),
    "bad gateway": hd.answer(b"<html>", 502, kind="text/html"),
    "a page instead of an answer": HTML,
    "cut off": hd.truncated,
    "reset": hd.reset,
    "another form": hd.answer([[["x"]]]),
    "ten megabytes": hd.answer(b"[" + b" " * 10_000_000 + b"]"),
}


def made(name: str) -> Iterator[object]:
    bench = import_module(f"{name}_double").Bench()
    with bench.double:
        yield bench
        assert getattr(bench.double, "complaints", []) == []


@pytest.fixture(params=HEARS)
def bench(request):
    yield from made(request.param)


@pytest.fixture(params=ANSWERS)
def desk(request):
    """A bench where we can answer."""
    yield from made(request.param)


def drained(connector, cursor: str = "", limit: int = 20) -> tuple[list[Mention], str]:
    """Everything a source has to give, and the cursor behind it."""
    heard: list[Mention] = []
    for _ in range(60):
        page = connector.fetch(cursor, limit)
        assert len(page.mentions) <= limit
        heard += page.mentions
        cursor = page.cursor
        if not page.more:
            return heard, cursor
    pytest.fail("the source never ends")


def texts(mentions: list[Mention]) -> list[str]:
    return [mention.text for mention in mentions]


def words(number: int) -> str:
    return f"Seit Montag kein Netz, Meldung {number:03d}"


def consent(bench, native_id: str, text: str = TEXT, key: str = "key-1") -> Consent:
    return Consent(
        target=bench.target(native_id), text=text, request_key=key, decision_seq=5, valid_until=hd.NOW + MINUTE
    )


def test_a_first_fetch_brings_the_newest_oldest_first(bench):
    for number in range(6):
        bench.say(words(number))
    page = bench.connector().fetch("", 20)
    assert [text[-3:] for text in texts(page.mentions)] == ["000", "001", "002", "003", "004", "005"]
    assert all(mention.visibility is Visibility.PUBLIC for mention in page.mentions)
    assert all(mention.platform is bench.platform for mention in page.mentions)


def test_what_comes_after_is_heard_once_however_much_it_is(bench):
    bench.say(words(0))
    _, cursor = drained(bench.connector())
    for number in range(1, 96):
        bench.say(words(number))
    heard, cursor = drained(bench.connector(), cursor)
    assert [text[-3:] for text in texts(heard)] == [f"{number:03d}" for number in range(1, 96)]
    assert drained(bench.connector(), cursor)[0] == []


def test_posts_of_one_instant_are_all_heard(bench):
    bench.say(words(0))
    _, cursor = drained(bench.connector())
    for number in range(1, 31):
        bench.say(words(number), at=hd.NOW - MINUTE)
    heard, _ = drained(bench.connector(), cursor, limit=7)
    keys = [mention.canonical_key for mention in heard]
    assert sorted({text[-3:] for text in texts(heard)}) == [f"{number:03d}" for number in range(1, 31)]
    assert len(keys) >= len(set(keys)) == 30


def test_one_cursor_brings_the_same_again(bench):
    bench.say(words(0))
    _, cursor = drained(bench.connector())
    bench.say(words(1))
    first = bench.connector().fetch(cursor, 20)
    again = bench.connector().fetch(cursor, 20)
    assert texts(first.mentions) == texts(again.mentions) != []


def test_a_source_without_posts_is_no_fault(bench):
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.more) == ((), False)


@pytest.mark.parametrize("cursor", ["nonsense", "[]", '{"stands": 5}', "null", '"\\ud800"'])
def test_a_cursor_that_cannot_be_read_starts_anew(bench, cursor):
    bench.say(words(0))
    heard, _ = drained(bench.connector(), cursor)
    assert len(heard) == 1


def test_a_date_in_the_future_stays_as_it_is(bench):
    bench.say(words(0), at=hd.NOW + 90 * MINUTE)
    heard, _ = drained(bench.connector())
    assert [mention.created_at for mention in heard] == [hd.NOW + 90 * MINUTE]


def test_a_backfill_begins_at_its_date(bench):
    for number, at in enumerate(range(hd.NOW - 50 * MINUTE, hd.NOW, MINUTE)):
        bench.say(words(number), at=at)
    connector = bench.connector()
    heard, _ = drained(connector, connector.since(hd.NOW - 30 * MINUTE), limit=20)
    assert {f"{number:03d}" for number in range(21, 50)} <= {text[-3:] for text in texts(heard)}


@pytest.mark.parametrize("name", SHOWS_PRIVATE)
def test_what_is_not_public_goes_no_further_than_its_count(name):
    for bench in made(name):
        assert bench.say_private("Wort-nur-fuer-uns")
        page = bench.connector().fetch("", 20)
        assert page.dropped["not public"] >= 1
        assert all("Wort-nur-fuer-uns" not in repr(mention) for mention in page.mentions)
        assert "Wort-nur-fuer-uns" not in page.cursor


@pytest.mark.parametrize("fault", BROKEN)
def test_an_answer_that_is_none_is_tried_again_and_moves_no_cursor(bench, fault, caplog):
    bench.say(words(0))
    _, cursor = drained(bench.connector())
    bench.say(words(1))
    bench.everything(BROKEN[fault])
    told: list[PlatformError] = []
    try:
        page = bench.connector().fetch(cursor, 20)
    except PlatformError as error:
        told.append(error)
    else:
        assert (page.mentions, page.gap, page.more) == ((), None, False)
        cursor = page.cursor
    assert not any(isinstance(error, Unauthorised | Uncertain) or hd.TOKEN in str(error) for error in told)
    bench.everything(None)
    heard, _ = drained(bench.connector(), cursor)
    assert [text[-3:] for text in texts(heard)] == ["001"]
    assert hd.TOKEN not in caplog.text


def read_on(connector, cursor: str) -> tuple[set[int], list[tuple[int, int]], set[str], str]:
    """The numbers of the posts after ``cursor``, gaps that are told, why posts were dropped, and the cursor then."""
    heard: set[int] = set()
    gaps: list[tuple[int, int]] = []
    dropped: set[str] = set()
    for _ in range(60):
        page = connector.fetch(cursor, 20)
        heard |= {int(text[-3:]) for text in texts(page.mentions)}
        gaps += [page.gap] if page.gap else []
        dropped |= {*page.dropped}
        cursor = page.cursor
        if not page.more:
            return heard, gaps, dropped, cursor
    pytest.fail("the source never ends")


def within(at: int, gaps: list[tuple[int, int]]) -> bool:
    return any(start <= at <= end for start, end in gaps)


@pytest.mark.parametrize("spoiler", hd.SPOILERS)
@pytest.mark.parametrize("name", SPOILABLE)
def test_a_post_that_spoils_every_answer_it_stands_in_does_not_make_us_deaf(name, spoiler):
    for bench in made(name):
        bench.say(words(0))
        _, cursor = drained(bench.connector())
        begin = hd.NOW - 40 * MINUTE
        for number in range(1, 7):
            bench.say(words(number), at=begin + number * MINUTE)
        bench.say(spoiler, at=begin + 7 * MINUTE)
        for number in range(8, 14):
            bench.say(words(number), at=begin + number * MINUTE)
        heard, gaps, dropped, cursor = read_on(bench.connector(), cursor)
        assert {*range(8, 14)} <= heard <= {*range(1, 14)} - {7}
        lost = {number for number in range(1, 14) if number not in heard}
        untold = {number for number in lost if not within(begin + number * MINUTE, gaps)}
        assert untold == set() or (untold == {7} and dropped & {"broken", "not answered"})
        bench.say(words(14), at=begin + 14 * MINUTE)
        assert read_on(bench.connector(), cursor)[:2] == ({14}, [])


@pytest.mark.parametrize("spoiler", hd.SPOILERS)
@pytest.mark.parametrize("name", SPOILABLE)
def test_the_newest_post_may_spoil_the_page_and_the_next_one_is_heard_all_the_same(name, spoiler):
    for bench in made(name):
        bench.say(words(0))
        _, cursor = drained(bench.connector())
        begin = hd.NOW - 40 * MINUTE
        bench.say(words(1), at=begin + MINUTE)
        bench.say(spoiler, at=begin + 2 * MINUTE)
        heard, gaps = set(), []
        # Where no way leads around it, that is said, and the cursor stays.
        with contextlib.suppress(Transient):
            heard, gaps, _, cursor = read_on(bench.connector(), cursor)
        bench.say(words(3), at=begin + 3 * MINUTE)
        later, told, _, cursor = read_on(bench.connector(), cursor)
        assert 3 in heard | later <= {1, 3}
        assert 1 in heard | later or within(begin + MINUTE, [*gaps, *told])
        bench.say(words(4), at=begin + 4 * MINUTE)
        assert read_on(bench.connector(), cursor)[0] == {4}


@pytest.mark.parametrize("name", [name for name in HEARS if name != "jetstream"])
def test_an_answer_that_trickles_is_cut_at_the_deadline(name):
    for bench in made(name):
        bench.say(words(0))
        tools = replace(bench.tools(), deadline_s=0.5)
        bench.everything(hd.drip)
        begun = time.monotonic()
        with pytest.raises(Transient, match="in time"):
            import_module(f"bot.connectors.{name}").connector(bench.source, tools).fetch("", 20)
        assert time.monotonic() - begun < 5
        bench.everything(None)
        assert len(drained(bench.connector())[0]) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, Unauthorised), (403, Permanent), (429, RateLimited), (503, Transient)],
)
def test_a_refusal_is_told_by_its_kind(bench, status, error):
    bench.everything(hd.answer({}, status, {"Retry-After": "17"}))
    with pytest.raises(error) as raised:
        bench.connector().fetch("", 20)
    if error is RateLimited:
        assert raised.value.retry_after == 17
    assert len(bench.double.seen) <= 2


def test_a_redirect_to_another_host_is_not_followed(bench):
    with hd.Double() as elsewhere:
        bench.everything(hd.redirect(f"{elsewhere.url}/api"))
        with pytest.raises(PlatformError):
            bench.connector().fetch("", 20)
        assert elsewhere.seen == []


def test_our_account_is_known_by_its_credentials_and_nothing_is_written(desk):
    known = desk.publisher().identity()
    assert known.handle.lower() == desk.source.account.lower()
    assert known.native_id
    assert desk.writes() == []


def test_the_look_before_sending_sees_the_same_words_as_the_reader(desk):
    native_id = desk.say("Router blinkt rot & die Hotline legt auf. 😡 <3")
    (mention,), _ = drained(desk.connector())
    status = desk.publisher().inspect(desk.target(native_id))
    assert (status.exists, status.visibility, status.http_status) == (True, Visibility.PUBLIC, 200)
    assert status.text_hash == post_hash(mention.text)
    assert status.text == mention.text
    assert status.replies_open is not False


ASKED = {
    "C-05": "summoned",
    "C-07": "author_opted_out",
    "C-08": "author_blocks_us",
    "C-09": "replies_open",
    "C-18": "author_is_bot",
}
"""Which fact of a post's status answers which rule. Where a platform never tells it, its row must say so."""


def test_what_the_look_leaves_open_is_a_rule_that_the_platform_cannot_answer(desk):
    status = desk.publisher().inspect(desk.target(desk.say(words(0))))
    silent = {rule for rule, fact in ASKED.items() if getattr(status, fact) is None}
    assert silent <= desk.platform.not_offered


def test_posts_after_an_empty_first_look_are_all_heard(bench):
    _, cursor = drained(bench.connector())
    for number in range(45):
        bench.say(words(number))
    heard, _ = drained(bench.connector(), cursor)
    assert [text[-3:] for text in texts(heard)] == [f"{number:03d}" for number in range(45)]


def test_an_edit_and_a_deletion_are_seen(desk):
    native_id = desk.say(words(0))
    before = desk.publisher().inspect(desk.target(native_id))
    desk.edit(native_id, "Hat sich erledigt")
    after = desk.publisher().inspect(desk.target(native_id))
    assert after.text_hash != before.text_hash
    desk.delete(native_id)
    gone = desk.publisher().inspect(desk.target(native_id))
    assert (gone.exists, gone.text, gone.text_hash) == (False, "", "")


def test_a_reply_is_one_request_and_is_read_back(desk):
    native_id = desk.say(words(0))
    receipt = desk.publisher().publish(consent(desk, native_id))
    assert len(desk.writes()) == 1
    assert [TEXT in text for text in desk.replies()] == [True]
    assert TEXT in receipt.text_read_back
    assert receipt.native_id
    assert receipt.platform is desk.platform


@pytest.mark.parametrize("fault", BROKEN)
def test_no_clear_answer_to_a_reply_is_never_tried_twice(desk, fault):
    native_id = desk.say(words(0))
    publisher = desk.publisher()
    publisher.inspect(desk.target(native_id))
    desk.everything(BROKEN[fault])
    with pytest.raises((Transient, Uncertain)) as raised:
        publisher.publish(consent(desk, native_id))
    assert len(desk.writes()) <= 1
    if desk.writes():
        assert isinstance(raised.value, Uncertain)


@pytest.mark.parametrize(
    ("status", "error"), [(403, Permanent), (404, Permanent), (422, Permanent), (429, RateLimited)]
)
def test_a_reply_that_is_refused_was_asked_for_once(desk, status, error):
    native_id = desk.say(words(0))
    publisher = desk.publisher()
    publisher.inspect(desk.target(native_id))
    desk.everything(hd.answer({}, status, {"Retry-After": "17"}))
    with pytest.raises(error):
        publisher.publish(consent(desk, native_id))
    assert len(desk.writes()) <= 1


def test_a_reply_whose_answer_was_lost_is_found(desk):
    native_id = desk.say(words(0))
    publisher = desk.publisher()
    assert publisher.find(desk.target(native_id), TEXT, hd.NOW - MINUTE) is None
    desk.lose_answer()
    with pytest.raises(Uncertain):
        publisher.publish(consent(desk, native_id))
    found = desk.publisher().find(desk.target(native_id), TEXT, hd.NOW - MINUTE)
    assert isinstance(found, Receipt)
    assert len(desk.replies()) == len(desk.writes()) == 1


def test_a_reply_to_one_post_is_not_found_under_another(desk):
    first, second = desk.say(words(0)), desk.say(words(1), author="andere")
    desk.publisher().publish(consent(desk, first))
    assert desk.publisher().find(desk.target(second), TEXT, hd.NOW - MINUTE) is None


def test_a_reply_is_taken_back_and_twice_is_once(desk):
    native_id = desk.say(words(0))
    receipt = desk.publisher().publish(consent(desk, native_id))
    desk.publisher().retract(receipt)
    assert desk.replies() == []
    desk.publisher().retract(receipt)


def test_a_text_that_is_too_long_is_refused_whole(desk):
    native_id = desk.say(words(0))
    with pytest.raises(Permanent):
        desk.publisher().publish(consent(desk, native_id, "ä" * (desk.platform.longest + 1)))
    assert desk.writes() == []


@pytest.mark.parametrize(
    "change", [{"account": "andere"}, {"surface": "elsewhere.example"}, {"visibility": Visibility.FOLLOWERS}]
)
def test_another_place_or_a_post_that_is_not_public_gets_no_reply(desk, change):
    leave = consent(desk, desk.say(words(0)))
    with pytest.raises(Permanent):
        desk.publisher().publish(replace(leave, target=replace(leave.target, **change)))
    assert desk.writes() == []


def test_a_consent_that_ran_out_sends_nothing(desk):
    leave = consent(desk, desk.say(words(0)))
    with pytest.raises(Permanent):
        desk.publisher().publish(replace(leave, valid_until=hd.NOW - 1))
    assert desk.writes() == []


def test_an_id_that_is_a_path_goes_nowhere(desk):
    native_id = desk.say(words(0))
    target = replace(desk.target(native_id), native_id="../../direct_messages")
    seen = len(desk.double.seen)
    try:
        status = desk.publisher().inspect(target)
    except (EgressRefused, Permanent):
        pass
    else:
        assert status.exists is not True
    assert all("direct_messages" not in one.path for one in desk.double.seen[seen:])
