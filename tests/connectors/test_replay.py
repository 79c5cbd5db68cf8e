"""The replay connector: any file, at any pace, never whole in memory, and nothing stops it."""

import json
import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors import replay
from bot.connectors.replay import LONGEST_LINE, ReplayConnector
from bot.connectors.replay_posts import FIELDS, PostReader, Unreadable, parse_line
from bot.errors import Permanent, Transient
from bot.model import Kind, Media, Mention, Page, Platform, Visibility

START = FakeClock().now()
MINUTE = 60_000


@pytest.fixture
def posts(tmp_path) -> Path:
    return tmp_path / "posts.jsonl"


def source(posts: Path, clock: FakeClock, pace: int = 0, surface: str = "replay", **names: str) -> ReplayConnector:
    return ReplayConnector(
        name="demo",
        file=posts,
        account="fjordfon_hilft",
        clock=clock,
        posts_per_minute=pace,
        map=names,
        surface=surface,
    )


def write(posts: Path, *rows: object) -> None:
    posts.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def read_all(connector: ReplayConnector, limit: int = 7, cursor: str = "") -> Page:
    """All pages as one, as the ingest stage would read them."""
    mentions: list[Mention] = []
    dropped: Counter[str] = Counter()
    more = True
    while more:
        page = connector.fetch(cursor, limit)
        assert len(page.mentions) + sum(page.dropped.values()) <= limit + 1
        mentions += page.mentions
        dropped.update(page.dropped)
        cursor, more = page.cursor, page.more
    return Page(tuple(mentions), cursor, more, dict(dropped))


def only(posts: Path, clock: FakeClock, row: dict[str, object], **names: str) -> Mention:
    write(posts, row)
    (mention,) = source(posts, clock, **names).fetch("", 10).mentions
    return mention


def test_a_line_with_every_field_becomes_the_same_mention(posts, clock):
    mention = only(
        posts,
        clock,
        {
            "id": "p7",
            "text": "@Fjordfon_hilft schau mal",
            "author": "@ute_k",
            "author_id": "u-9",
            "created_at": "2026-11-20T08:00:00+01:00",
            "visibility": "unlisted",
            "kind": "reply",
            "in_reply_to": "p1",
            "in_reply_to_author": "@fjordfon_hilft",
            "root": "p0",
            "lang": "DE",
            "url": "https://forum.example/p7",
            "media": [{"kind": "image", "alt": "Router mit roter Lampe"}, {"kind": None}, "none"],
            "quoted": {"id": "q1", "author": "@emre", "text": "so ein Laden", "visibility": "public"},
            "bot": False,
            "opted_out": True,
            "owned_surface": True,
        },
    )
    assert (mention.platform, mention.surface, mention.account) == (Platform.REPLAY, "replay", "fjordfon_hilft")
    assert (mention.native_id, mention.canonical_key) == ("p7", "replay:replay:p7")
    assert (mention.author.handle, mention.author.native_id) == ("ute_k", "u-9")
    assert (mention.author.is_bot, mention.author.opted_out) == (False, True)
    assert mention.created_at == int(datetime(2026, 11, 20, 7, tzinfo=UTC).timestamp() * 1000)
    assert (mention.visibility, mention.kind) == (Visibility.UNLISTED, Kind.REPLY)
    assert (mention.parent_key, mention.parent_author_id, mention.root_key) == ("p1", "fjordfon_hilft", "p0")
    assert (mention.declared_language, mention.url) == ("de", "https://forum.example/p7")
    assert mention.own_mentions == ("fjordfon_hilft",)
    assert mention.media == (Media("image", "Router mit roter Lampe"), Media("unknown"))
    assert mention.quoted is not None
    assert (mention.quoted.native_id, mention.quoted.author_id, mention.quoted.text) == ("q1", "emre", "so ein Laden")
    assert mention.owned_surface is True


def test_a_bare_text_is_enough(posts, clock):
    write(posts, {"text": "eins"}, {"text": "zwei"})
    first, second = source(posts, clock).fetch("", 10).mentions
    assert (first.native_id, second.native_id) == ("1", "2")
    assert first.author.handle != second.author.handle
    assert first.created_at == START
    assert first.visibility is Visibility.PUBLIC
    assert (first.kind, first.own_mentions, first.author.is_bot) == (Kind.POST, (), None)


def test_a_map_reads_the_fields_of_a_foreign_corpus(posts, clock):
    row = {"tweet": "hello @Fjordfon", "uid": 12345678901234567890, "who": "mara", "when": START - 5, "text": "no"}
    mention = only(posts, clock, row, text="tweet", id="uid", author="who", time="when")
    assert (mention.text, mention.native_id) == ("hello @Fjordfon", "12345678901234567890")
    assert (mention.author.handle, mention.created_at) == ("mara", START - 5)


def test_the_specials_of_a_map_replace_what_the_file_says(posts, clock):
    row = {"id": "x", "text": "hallo", "author": "mara", "created_at": 5, "after": 9, "line": "no", "clock": 1}
    mention = only(posts, clock, row, id="line", time="clock", author="line")
    assert (mention.native_id, mention.author.handle, mention.created_at) == ("1", "line-1", START)


def test_a_map_with_an_unknown_field_is_refused_by_name(posts, clock):
    with pytest.raises(Permanent, match="colour"):
        source(posts, clock, colour="x")


def test_labels_of_the_file_never_leave_the_connector(posts, clock):
    mention = only(posts, clock, {"text": "hi", "label": "canary-a", "lane": "canary-b", "fine": {"x": "canary-c"}})
    assert "canary" not in repr(mention)


def test_two_surfaces_keep_equal_ids_apart(posts, clock):
    write(posts, {"id": "1", "text": "hi"})
    keys = {source(posts, clock, surface=name).fetch("", 1).mentions[0].canonical_key for name in ("square", "market")}
    assert keys == {"replay:square:1", "replay:market:1"}


@pytest.mark.parametrize("visibility", ["followers", "direct", "unknown", "friends of friends", 3, ["public"]])
def test_words_of_a_post_that_not_everyone_may_read_stay_in_the_file(posts, clock, visibility):
    mention = only(
        posts,
        clock,
        {
            "id": "p1",
            "text": "canary @fjordfon_hilft",
            "visibility": visibility,
            "mentions": ["canary"],
            "url": "https://canary.example/",
            "media": [{"kind": "image", "alt": "canary"}],
            "quoted": {"text": "canary"},
        },
    )
    assert mention.visibility not in {Visibility.PUBLIC, Visibility.UNLISTED}
    assert mention.native_id == "p1"
    assert "canary" not in repr(mention)


def test_a_word_for_visibility_that_nobody_knows_is_unknown(posts, clock):
    assert only(posts, clock, {"text": "x", "visibility": "friends"}).visibility is Visibility.UNKNOWN
    assert only(posts, clock, {"text": "x", "visibility": "Public"}).visibility is Visibility.PUBLIC


def test_a_quoted_post_that_is_not_public_shows_no_words(posts, clock):
    mention = only(posts, clock, {"text": "seht", "quoted": {"id": "q", "text": "canary", "visibility": "followers"}})
    assert mention.kind is Kind.QUOTE
    assert mention.quoted is not None
    assert (mention.quoted.visibility, mention.quoted.text) == (Visibility.FOLLOWERS, "")


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("@Fjordfon_Hilft, hört ihr?", ("fjordfon_hilft",)),
        ("moin (@fjordfon) und @fjordfon.", ("fjordfon",)),
        ("an hilfe@fjordfon.example geschrieben", ()),
        ("https://social.example/@fjordfon_hilft", ()),
        ("@fjordfon_hilft@social.example hallo", ("fjordfon_hilft@social.example",)),
        ("@fjordfon_hilfts ist wer anders", ("fjordfon_hilfts",)),
        ("@@fjordfon @ fjordfon @-", ("fjordfon",)),
    ],
)
def test_handles_are_read_from_the_own_text_when_the_file_lists_none(posts, clock, text, mentions):
    assert only(posts, clock, {"text": text}).own_mentions == mentions


def test_handles_that_the_file_lists_win_over_the_text(posts, clock):
    row = {"text": "@fjordfon_hilft hi", "mentions": ["@Ute", "ute", 5, None, ""]}
    assert only(posts, clock, row).own_mentions == ("ute", "5")
    assert only(posts, clock, {"text": "@fjordfon_hilft hi", "mentions": []}).own_mentions == ()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"created_at": "2999-01-01T00:00:00Z"}, 32_472_144_000_000),
        ({"created_at": "1970-01-01T00:00:01"}, 1_000),
        ({"created_at": 1_700_000_000_123}, 1_700_000_000_123),
        ({"after": -90}, START - 90_000),
        ({"after": 0.5}, START),
        ({"after": 30}, START),
        ({"created_at": "gestern"}, START),
        ({"created_at": 10**40}, START),
        ({"created_at": None, "after": "soon"}, START),
        ({"after": 1e300}, START),
        ({"created_at": "9999-12-31T23:59:59-14:00"}, START),
    ],
)
def test_times_are_read_kept_or_taken_from_the_replay_clock(posts, clock, row, expected):
    assert only(posts, clock, {"text": "x", **row}).created_at == expected


def test_an_offset_counts_from_the_start_of_the_replay_not_of_the_program(posts, clock):
    write(posts, {"text": "a", "after": 0}, {"text": "b", "after": 30})
    first = source(posts, clock).fetch("", 1)
    clock.advance(10 * MINUTE)
    (late,) = source(posts, clock).fetch(first.cursor, 1).mentions
    assert late.created_at == START + 30_000


BAD_LINES = [
    (b'{"text": "a"', "broken line"),
    (b'{"text": "a\tb"}', "broken line"),
    (b"[" * 100_000, "broken line"),
    (b"9" * 5_000, "broken line"),
    (b'["text"]', "not an object"),
    (b'"text"', "not an object"),
    (b"null", "not an object"),
    (b'{"text": "\xff\xfe"}', "not UTF-8"),
    (b'{"text": "a\x00b"}', "NUL byte"),
    (b'{"text": "a\\u0000b"}', "NUL byte"),
    (b'{"text": "\\ud83d"}', "lone surrogate"),
    (b'{"text": "ok", "author": "\\udc00"}', "lone surrogate"),
    (b'{"id": "1"}', "no text"),
    (b'{"text": null}', "no text"),
    (b'{"text": 17}', "no text"),
    (b'{"text": "  "}', "no text"),
    (b'{"text": "ok", "id": "' + b"x" * 1_001 + b'"}', "name too long"),
    (b'{"text": "' + b"x" * LONGEST_LINE + b'"}', "line too long"),
    (b"", "blank line"),
    (b"  \r", "blank line"),
]


@pytest.mark.parametrize(("raw", "reason"), BAD_LINES)
def test_a_bad_line_is_counted_and_its_neighbours_arrive(posts, clock, raw, reason):
    posts.write_bytes(b'{"text": "before"}\n' + raw + b'\n{"text": "after"}\r\n')
    page = read_all(source(posts, clock))
    assert [mention.text for mention in page.mentions] == ["before", "after"]
    assert [mention.native_id for mention in page.mentions] == ["1", "3"]
    assert page.dropped == {reason: 1}


def test_all_bad_lines_together_do_not_stop_the_file(posts, clock):
    posts.write_bytes(b"\n".join(raw for raw, _ in BAD_LINES) + b'\n{"text": "last"}\n')
    page = read_all(source(posts, clock), limit=3)
    assert [mention.text for mention in page.mentions] == ["last"]
    assert page.dropped == Counter(reason for _, reason in BAD_LINES)


def test_a_byte_order_mark_is_no_part_of_the_first_post(posts, clock):
    posts.write_bytes(b'\xef\xbb\xbf{"text": "eins"}\n')
    assert source(posts, clock).fetch("", 5).mentions[0].text == "eins"


def test_a_photo_needs_no_words(posts, clock):
    assert only(posts, clock, {"text": "", "media": [{"kind": "image", "alt": "Mast"}]}).media[0].alt == "Mast"


def test_a_huge_line_without_end_is_passed_over_bite_by_bite(posts, clock, monkeypatch):
    monkeypatch.setattr(replay, "BITE", 3_000_000)
    posts.write_bytes(b'{"text": "before"}\n' + b"x" * 10_000_000 + b'\n{"text": "after"}\n')
    connector = source(posts, clock)
    page, pages = connector.fetch("", 50), 1
    texts, dropped = [mention.text for mention in page.mentions], Counter(page.dropped)
    offset = 0
    while page.more:
        reached = json.loads(page.cursor)["offset"]
        assert reached - offset <= 3_000_000 + LONGEST_LINE + replay.CHUNK
        offset = reached
        page, pages = connector.fetch(page.cursor, 50), pages + 1
        texts += [mention.text for mention in page.mentions]
        dropped.update(page.dropped)
    assert (texts, dropped) == (["before", "after"], {"line too long": 1})
    assert pages > 2


def test_a_file_of_one_endless_line_brings_nothing_and_ends(posts, clock):
    posts.write_bytes(b"\x00" * 5_000_000)
    page = read_all(source(posts, clock))
    assert (page.mentions, page.dropped) == ((), {"line too long": 1})


def test_an_empty_file_waits_for_posts_without_complaint(posts, clock):
    posts.write_bytes(b"")
    connector = source(posts, clock)
    page = connector.fetch("", 5)
    assert (page.mentions, page.dropped, page.more) == ((), {}, False)
    write(posts, {"text": "da"})
    assert connector.fetch(page.cursor, 5).mentions[0].text == "da"


def test_a_last_line_without_its_end_is_taken_once(posts, clock):
    posts.write_bytes(b'{"text": "eins"}')
    connector = source(posts, clock)
    page = connector.fetch("", 5)
    assert [mention.text for mention in page.mentions] == ["eins"]
    with posts.open("ab") as stream:
        stream.write(b'\n{"text": "zwei"}\n')
    page = connector.fetch(page.cursor, 5)
    assert [(mention.text, mention.native_id) for mention in page.mentions] == [("zwei", "2")]
    assert page.dropped == {}


def test_a_last_line_still_being_written_is_counted_once_and_waited_for(posts, clock):
    whole = '{"text": "schön"}'.encode()
    posts.write_bytes(whole[:12])
    connector = source(posts, clock)
    first = connector.fetch("", 5)
    again = connector.fetch(first.cursor, 5)
    assert (first.dropped, again.dropped) == ({"unfinished last line": 1}, {})
    assert (first.mentions, first.more, again.more) == ((), False, False)
    posts.write_bytes(whole + b"\n")
    assert connector.fetch(again.cursor, 5).mentions[0].text == "schön"


def test_the_pace_lets_the_first_post_come_at_once_and_the_rest_in_time(posts, clock):
    write(posts, *({"text": str(number)} for number in range(10)))
    connector = source(posts, clock, pace=2)
    page = connector.fetch("", 5)
    assert ([mention.text for mention in page.mentions], page.more) == (["0"], False)
    clock.advance(MINUTE // 2 - 1)
    assert connector.fetch(page.cursor, 5).mentions == ()
    clock.advance(1)
    page = connector.fetch(page.cursor, 5)
    assert [mention.text for mention in page.mentions] == ["1"]
    clock.advance(10 * MINUTE)
    page = connector.fetch(page.cursor, 5)
    assert ([mention.text for mention in page.mentions], page.more) == (["2", "3", "4", "5", "6"], True)


def test_the_pace_survives_a_restart(posts, clock):
    write(posts, *({"text": str(number)} for number in range(10)))
    page = source(posts, clock, pace=1).fetch("", 5)
    clock.advance(3 * MINUTE)
    assert len(source(posts, clock, pace=1).fetch(page.cursor, 9).mentions) == 3


def test_a_clock_that_jumps_back_brings_nothing_and_loses_nothing(posts, clock):
    write(posts, {"text": "a"}, {"text": "b"})
    connector = source(posts, clock, pace=1)
    page = connector.fetch("", 5)
    clock.jump(-60 * MINUTE)
    page = connector.fetch(page.cursor, 5)
    assert page.mentions == ()
    clock.advance(61 * MINUTE)
    assert [mention.text for mention in connector.fetch(page.cursor, 5).mentions] == ["b"]


def test_one_cursor_brings_the_same_posts_again(posts, clock):
    write(posts, *({"text": str(number)} for number in range(6)))
    connector = source(posts, clock)
    cursor = connector.fetch("", 2).cursor
    assert connector.fetch(cursor, 3) == connector.fetch(cursor, 3)


def test_a_file_that_got_shorter_is_read_from_its_start_as_a_new_replay(posts, clock):
    write(posts, *({"text": f"old {number}"} for number in range(5)))
    connector = source(posts, clock)
    cursor = read_all(connector).cursor
    write(posts, {"text": "new", "after": 0})
    clock.advance(MINUTE)
    page = connector.fetch(cursor, 5)
    assert [(mention.text, mention.created_at) for mention in page.mentions] == [("new", START + MINUTE)]


@pytest.mark.parametrize("cursor", ["no", "[]", "17", '{"offset": "x", "line": 0, "started_at": 0}', '{"at": 1}'])
def test_a_cursor_that_is_none_of_ours_starts_over(posts, clock, cursor):
    write(posts, {"text": "a"})
    assert source(posts, clock).fetch(cursor, 5).mentions[0].text == "a"


def test_a_file_that_grows_is_followed(posts, clock):
    write(posts, {"text": "a"})
    connector = source(posts, clock)
    page = connector.fetch("", 5)
    with posts.open("a", encoding="utf-8") as stream:
        stream.write('{"text": "b"}\n')
    assert [mention.text for mention in connector.fetch(page.cursor, 5).mentions] == ["b"]


def test_a_missing_file_is_said_in_plain_words_without_its_folder(posts, clock):
    with pytest.raises(Transient) as caught:
        source(posts, clock).fetch("", 5)
    assert "posts.jsonl is missing" in str(caught.value)
    assert str(posts.parent) not in str(caught.value)


def test_a_folder_is_no_file_and_a_pipe_does_not_hang(tmp_path, clock):
    os.mkfifo(tmp_path / "pipe")
    for name in ("", "pipe"):
        with pytest.raises(Transient, match="not a plain file"):
            source(tmp_path / name, clock).fetch("", 5)


@given(st.binary(max_size=300), st.integers(1, 4))
def test_no_bytes_stop_the_reader(tmp_path_factory, content, limit):
    posts = tmp_path_factory.mktemp("any") / "posts.jsonl"
    posts.write_bytes(content)
    page = read_all(source(posts, FakeClock()), limit)
    assert len(page.mentions) + sum(page.dropped.values()) <= content.count(b"\n") + 1


@given(st.lists(st.text(min_size=1).filter(lambda text: text.strip() and "\x00" not in text), max_size=8))
def test_every_text_that_can_be_stored_arrives_unchanged_at_any_page_size(tmp_path_factory, texts):
    posts = tmp_path_factory.mktemp("texts") / "posts.jsonl"
    write(posts, *({"text": text} for text in texts))
    for limit in (1, 3, 100):
        page = read_all(source(posts, FakeClock()), limit)
        assert [mention.text for mention in page.mentions] == texts
        assert page.dropped == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(FIELDS), JSON)))
def test_any_object_is_a_storable_mention_or_has_a_plain_reason(row):
    reader = PostReader(map={}, account="fjordfon_hilft", surface="replay")
    mention, reason = None, ""
    try:
        mention = reader.mention(parse_line(json.dumps(row).encode()), 3, START, START)
    except Unreadable as error:
        reason = error.reason
    if mention is None:
        assert reason in {"no text", "NUL byte", "lone surrogate", "name too long"}
    else:
        repr(mention).encode()
        assert mention.native_id
        assert mention.author.handle
        assert -(2**63) < mention.created_at < 2**63
