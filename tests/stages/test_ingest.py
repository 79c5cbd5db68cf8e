"""Taking posts in: mentions and cursor together or not at all; what is not for us is counted and dropped."""

import pytest
from port_doubles import Feed, die, held_by_another, killed, mention, no_room
from tents import HouseInATent, post

from bot import ingest
from bot.config.canonical import to_json, version_of
from bot.errors import Permanent, RateLimited, StoreBusy, StoreFull, Transient, Unauthorised
from bot.ingest import Door
from bot.model import CaseState, Kind, Page, Quoted, Trigger, Visibility
from bot.ports import Connector
from bot.store import dispatches, mentions, sources
from bot.store import house as house_rows
from bot.store.db import Row
from bot.wiring import Wiring

OUTAGE = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


def door(tent: HouseInATent) -> Door:
    return tent.wiring.door(tent.config, tent.wiring.matcher(tent.config))


def poll(tent: HouseInATent, connector: Connector, chance: float = 0.0) -> bool:
    return ingest.poll(tent.store, connector, door(tent), tent.clock, lambda: chance)


def source(tent: HouseInATent) -> Row:
    row = sources.by_name(tent.store, "samples")
    assert row is not None
    return row


def stored(tent: HouseInATent) -> list[str]:
    return [row["native_id"] for row in tent.store.rows("SELECT native_id FROM mentions ORDER BY id")]


def tally(tent: HouseInATent, reason: str) -> int:
    return tent.store.value("SELECT coalesce(sum(n), 0) FROM tallies WHERE reason = :r", r=reason)


@pytest.mark.crash
def test_killed_inside_the_transaction_neither_mentions_nor_cursor_are_there(tent: HouseInATent) -> None:
    page = Page((mention("1"), mention("2")), "behind two")

    def work() -> None:
        store = Wiring(tent.wiring.settings, tent.clock).stores()
        with store.write() as tx:
            ingest.take(tx, page, "samples", door(tent), tent.clock.now())
            die()

    assert killed(work)
    assert (stored(tent), source(tent)["cursor"]) == ([], "")
    poll(tent, Feed(page))
    assert (stored(tent), source(tent)["cursor"]) == (["1", "2"], "behind two")


@pytest.mark.crash
def test_killed_between_fetching_and_storing_the_same_posts_are_asked_for_again(tent: HouseInATent) -> None:
    class Killer(Feed):
        def fetch(self, cursor: str, limit: int) -> Page:
            die()
            return super().fetch(cursor, limit)

    def work() -> None:
        ingest.poll(Wiring(tent.wiring.settings, tent.clock).stores(), Killer(), door(tent), tent.clock)

    assert killed(work)
    feed = Feed(Page((mention("1"),), "next"))
    poll(tent, feed)
    assert feed.asked == [""]
    assert stored(tent) == ["1"]


def test_an_error_in_the_middle_of_a_page_leaves_neither_mentions_nor_cursor(tent: HouseInATent) -> None:
    broken = mention("2", created_at="yesterday")
    with pytest.raises(Exception, match="cannot store TEXT"):
        poll(tent, Feed(Page((mention("1"), broken), "behind two")))
    assert (stored(tent), source(tent)["cursor"], tally(tent, "new")) == ([], "", 0)


def test_overlapping_pages_double_nothing(tent: HouseInATent) -> None:
    poll(tent, Feed(Page((mention("1"), mention("2")), "a")))
    poll(tent, Feed(Page((mention("2"), mention("3"), mention("3")), "b")))
    assert stored(tent) == ["1", "2", "3"]
    assert (tally(tent, "new"), tally(tent, "same")) == (3, 2)
    assert tent.store.value("SELECT count(*) FROM revisions") == 0


def test_the_cursor_survives_a_restart(tent: HouseInATent) -> None:
    poll(tent, Feed(Page((mention("1"),), "here")))
    feed = Feed()
    ingest.poll(Wiring(tent.wiring.settings, tent.clock).stores(), feed, door(tent), tent.clock)
    assert feed.asked == ["here"]


def test_an_edited_post_becomes_a_revision_and_what_was_approved_is_open_again(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", OUTAGE))
    verdict = tent.approve("kim", ANSWER)
    tent.hear(post("1", "kim", OUTAGE + " Nachtrag: auch das Telefon ist tot."))
    assert stored(tent) == ["1"]
    (old,) = tent.store.rows("SELECT * FROM revisions")
    assert (old["number"], old["text"]) == (1, OUTAGE)
    row = dispatches.by_id(tent.store, verdict.dispatch_id or 0)
    assert row is not None
    assert (row["state"], row["cause"]) == ("cancelled", "post_changed")
    assert tent.case("kim")["state"] in {CaseState.NEW, CaseState.CLAIMED}
    tent.clock.advance(10_000)
    assert tent.send() == 0


def test_a_post_edited_into_a_threat_is_looked_at_as_one(tent: HouseInATent) -> None:
    poll(tent, Feed(Page((mention("1"),), "a")))
    poll(tent, Feed(Page((mention("1", "@fjordfon_hilft Ich bringe euren Techniker um, wenn er kommt."),), "b")))
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    assert (row["revision"], row["suspect"], row["stage"]) == (2, 1, "kept")


def test_a_stored_post_edited_until_it_is_not_about_us_is_an_edit_and_no_longer_addressed(tent: HouseInATent) -> None:
    poll(tent, Feed(Page((mention("1"),), "a")))
    poll(tent, Feed(Page((mention("1", "Schönes Wetter", own_mentions=()),), "b")))
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    assert (row["text"], mentions.triggers_of(row)) == ("Schönes Wetter", (Trigger.NONE,))
    assert tally(tent, "edited") == 1


@pytest.mark.parametrize("native_id", ["9007199254740993", "18446744073709551617", "9" * 60])
def test_ids_beyond_what_a_float_can_hold_stay_exact(tent: HouseInATent, native_id: str) -> None:
    poll(tent, Feed(Page((mention(native_id), mention(str(int(native_id) + 1))), "a")))
    assert stored(tent) == [native_id, str(int(native_id) + 1)]


def test_what_sqlite_cannot_hold_is_replaced_sign_by_sign_in_every_field(tent: HouseInATent) -> None:
    bad = "a\0b\ud800c"
    quoted = Quoted("9", f"{bad}-author", Visibility.PUBLIC, bad)
    poll(tent, Feed(Page((mention("1", f"{bad} Hilfe?", quoted=quoted, poll=(bad,), url=bad, handle=bad),), "a")))
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    kept = mentions.to_mention(row)
    clean = "a\ufffdb\ufffdc"
    assert (kept.text, kept.poll, kept.url, kept.author.handle) == (f"{clean} Hilfe?", (clean,), clean, clean)
    assert kept.quoted is not None
    assert (kept.quoted.text, kept.quoted.author_id) == (clean, f"{clean}-author")


@pytest.mark.parametrize(
    ("visibility", "addressed", "reason"),
    [
        (Visibility.FOLLOWERS, True, "not public"),
        (Visibility.DIRECT, True, "not public"),
        (Visibility.UNKNOWN, True, "not public"),
        (Visibility.UNLISTED, False, "not public"),
        (Visibility.UNLISTED, True, "new"),
        (Visibility.PUBLIC, True, "new"),
    ],
)
def test_only_what_everyone_can_read_is_kept_and_unlisted_only_if_it_addresses_us(
    tent: HouseInATent, visibility: Visibility, *, addressed: bool, reason: str
) -> None:
    named = ("fjordfon_hilft",) if addressed else ()
    poll(tent, Feed(Page((mention("1", "Fjordfon Internet tot?", visibility=visibility, own_mentions=named),), "a")))
    assert tally(tent, reason) == 1
    assert len(stored(tent)) == (1 if reason == "new" else 0)


def test_our_own_posts_reposts_and_what_no_watch_hears_are_counted_and_dropped(tent: HouseInATent) -> None:
    page = Page(
        (
            mention("1", handle="Fjordfon_HILFT"),
            mention("2", author="FJORDFON_hilft", handle="somebody"),
            mention("3", kind=Kind.REPOST),
            mention("4", "Schönes Wetter heute", own_mentions=()),
        ),
        "a",
        dropped={"broken line": 3},
    )
    poll(tent, Feed(page))
    assert stored(tent) == []
    counts = {row["reason"]: row["n"] for row in sources.counts(tent.store)}
    assert counts == {"our own": 2, "repost": 1, "not about us": 1, "broken line": 3}


@pytest.mark.parametrize(
    ("more", "trigger"),
    [
        ({"own_mentions": ("FJORDFON_HILFT",)}, Trigger.MENTION),
        ({"own_mentions": (), "parent_author_id": "fjordfon_hilft"}, Trigger.REPLY),
        ({"own_mentions": (), "quoted": Quoted("9", "Fjordfon_hilft", Visibility.PUBLIC, "x")}, Trigger.QUOTE),
        ({"own_mentions": (), "owned_surface": True}, Trigger.OWN_PAGE),
    ],
)
def test_how_the_author_engaged_is_kept(tent: HouseInATent, more: dict[str, object], trigger: Trigger) -> None:
    poll(tent, Feed(Page((mention("1", "Und jetzt?", **more),), "a")))
    row = mentions.by_key(tent.store, "replay:replay:1")
    assert row is not None
    assert mentions.triggers_of(row) == (trigger,)


@pytest.mark.parametrize(
    ("asked_s", "waited_ms"),
    [(90.0, 90_000), (0.0, 1_000), (-5.0, 1_000), (1e300, 86_400_000), (float("inf"), 86_400_000)],
)
def test_a_platform_that_asks_us_to_wait_is_left_alone_so_long(
    tent: HouseInATent, asked_s: float, waited_ms: int
) -> None:
    feed = Feed(RateLimited("Later.", asked_s), Page((mention("1"),), "a"))
    poll(tent, feed)
    tent.clock.advance(waited_ms - 1)
    poll(tent, feed)
    assert len(feed.asked) == 1
    tent.clock.advance(1)
    poll(tent, feed)
    assert len(feed.asked) == 2
    assert stored(tent) == ["1"]


def test_a_failing_source_is_asked_ever_more_rarely_says_why_and_recovers(tent: HouseInATent) -> None:
    since, waits = tent.clock.now(), []
    for _ in range(12):
        poll(tent, Feed(Transient("The server does not answer.")))
        row = source(tent)
        waits.append(row["wait_until"] - tent.clock.now())
        assert (row["cause"], row["failing_since"]) == ("The server does not answer.", since)
        tent.clock.advance(waits[-1])
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (30_000, 900_000)
    poll(tent, Feed(Page((mention("1"),), "a")))
    row = source(tent)
    assert (row["cause"], row["failing_since"], row["wait_until"]) == ("", None, 0)
    assert stored(tent) == ["1"]


def test_sources_that_failed_together_come_back_apart_and_none_too_early(tent: HouseInATent) -> None:
    waits = []
    for chance in (0.0, 0.5, 1.0):
        poll(tent, Feed(RateLimited("Later.", 100.0)), chance)
        waits.append(source(tent)["wait_until"] - tent.clock.now())
        tent.clock.advance(waits[-1])
    assert waits == [100_000, 110_000, 120_000]


def hear_every(tent: HouseInATent, gap_ms: int, times: int) -> None:
    for number in range(times):
        tent.clock.advance(gap_ms)
        poll(tent, Feed(Page((mention(f"{gap_ms}-{number}"),), str(number))))


def test_a_source_that_was_taken_out_is_told_of_no_more(tent: HouseInATent) -> None:
    (known,) = sources.every(tent.store)
    with tent.store.write() as tx:
        for turn in range(sources.REMEMBERED + 1):
            sources.fetched(tx, known["name"], "", heard=True, at=tent.clock.now() + turn)
    tent.clock.advance(2 * sources.LEAST_QUIET_MS)
    assert [row["name"] for row in sources.quiet(tent.store, tent.clock.now())] == [known["name"]]
    platforms = tent.config.platforms.model_copy(update={"sources": ()})
    body = to_json(tent.config.model_copy(update={"platforms": platforms}))
    with tent.store.write() as tx:
        house_rows.add_config(tx, version_of(body), body, tent.clock.now())
    assert sources.quiet(tent.store, tent.clock.now()) == sources.every(tent.store) == []


@pytest.mark.parametrize(("gap_ms", "quiet_after_ms"), [(60_000, 3_600_000), (3_600_000, 6 * 3_600_000)])
def test_a_source_is_quiet_when_nothing_comes_for_far_longer_than_its_own_usual_gap(
    tent: HouseInATent, gap_ms: int, quiet_after_ms: int
) -> None:
    hear_every(tent, gap_ms, 30)
    tent.clock.advance(quiet_after_ms)
    poll(tent, Feed(Page((), "empty")))
    assert sources.quiet(tent.store, tent.clock.now()) == []
    tent.clock.advance(1)
    (row,) = sources.quiet(tent.store, tent.clock.now())
    assert row["name"] == "samples"
    poll(tent, Feed(Page((mention("again"),), "b")))
    assert sources.quiet(tent.store, tent.clock.now()) == []


def test_nobody_calls_a_source_quiet_that_is_hardly_known_or_that_fails(tent: HouseInATent) -> None:
    hear_every(tent, 60_000, 5)
    tent.clock.advance(sources.DAY_MS)
    assert sources.quiet(tent.store, tent.clock.now()) == []
    hear_every(tent, 60_000, 30)
    tent.clock.advance(sources.DAY_MS)
    poll(tent, Feed(Transient("The server does not answer.")))
    assert sources.quiet(tent.store, tent.clock.now()) == []


def test_what_a_platform_no_longer_serves_is_remembered_with_its_times(tent: HouseInATent) -> None:
    now = tent.clock.now()
    poll(tent, Feed(Page((mention("1"),), "a", gap=(now - 90_000, now - 30_000))))
    (gap,) = sources.gaps(tent.store, now)
    assert (gap["source"], gap["begins"], gap["ends"]) == ("samples", now - 90_000, now - 30_000)


@pytest.mark.parametrize("error", [Unauthorised("The token was refused."), Permanent("Not here.")])
def test_a_source_that_fails_for_good_says_so_and_keeps_its_cursor(tent: HouseInATent, error: Exception) -> None:
    poll(tent, Feed(Page((mention("1"),), "here")))
    assert poll(tent, Feed(error)) is False
    assert (source(tent)["cause"], source(tent)["cursor"]) == (str(error), "here")


def test_a_source_that_nobody_configured_is_not_asked(tent: HouseInATent) -> None:
    feed = Feed(Page((mention("1"),), "a"), name="elsewhere")
    assert poll(tent, feed) is False
    assert feed.asked == []


def test_a_full_disk_is_reported_nothing_is_half_written_and_the_next_try_succeeds(tent: HouseInATent) -> None:
    page = Page(tuple(mention(str(number), "@fjordfon_hilft " + "weg " * 2_000) for number in range(20)), "a")
    with no_room(tent.store), pytest.raises(StoreFull):
        poll(tent, Feed(page))
    assert (stored(tent), source(tent)["cursor"], tally(tent, "new")) == ([], "", 0)
    poll(tent, Feed(page))
    assert len(stored(tent)) == 20


def test_a_locked_database_is_reported_and_the_next_try_succeeds(tent: HouseInATent) -> None:
    page = Page((mention("1"),), "a")
    tent.wiring.stores()
    with held_by_another(tent.store), pytest.raises(StoreBusy):
        poll(tent, Feed(page))
    assert (stored(tent), source(tent)["cursor"]) == ([], "")
    poll(tent, Feed(page))
    assert stored(tent) == ["1"]


def test_a_stored_post_that_is_no_longer_public_loses_its_words_and_its_approval(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Fliederbusch: mein Internet ist weg, wann geht es wieder?"))
    assert tent.approve("kim", "Danke für die Meldung, wir prüfen die Leitung. ^AL").kind == "queued"
    tent.hear(post("1", "kim", "@fjordfon_hilft Fliederbusch", visibility="followers"))
    tent.clock.advance(10_000)
    tent.send()
    assert tent.said() == []
    assert tent.store.value("SELECT text FROM mentions") == ""
    tent.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in (tent.root / "data").iterdir():
        assert b"Fliederbusch" not in path.read_bytes()
