"""What is read out of an event of the stream, and how far the stream was read: pure, and sure of nothing."""

import json

import http_double as hd
from hypothesis import example, given
from hypothesis import strategies as st
from jetstream_double import ACCOUNT, POST, commit, did_of, facet, record

from bot.connectors.bluesky_post import Place
from bot.connectors.fields import Unreadable
from bot.connectors.jetstream_post import MOST_HEARD, Event, Stand, event_of, mention_of
from bot.model import Visibility

NOW_US = hd.NOW * 1000
SECOND = 1_000_000
PLACE = Place("bsky.social", ACCOUNT, did_of(ACCOUNT))
KUNDIN = did_of("kundin")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(anything)
def test_any_message_is_an_event_or_unreadable(told):
    try:
        event = event_of(json.dumps(told))
    except Unreadable:
        return
    assert event.kind in {"", "post", "deletion", "absence"}


@example("", "", [])
@given(anything, anything, anything)
def test_any_commit_becomes_a_mention_or_unreadable(did, key, words):
    told = {"did": did, "time_us": NOW_US, "kind": "commit"}
    for operation in ("create", "delete", words):
        told["commit"] = {"operation": operation, "collection": POST, "rkey": key, "record": words}
        try:
            event = event_of(json.dumps(told))
            mention = mention_of(event, PLACE)
        except Unreadable:
            continue
        assert mention.canonical_key == f"at://{did}/{POST}/{key}"


@given(st.dictionaries(st.sampled_from(["text", "langs", "createdAt", "reply", "embed", "facets", "labels"]), anything))
def test_any_record_becomes_a_mention_or_unreadable(fields):
    event = Event(NOW_US, "post", KUNDIN, "3k1", {"$type": POST, **fields})
    mention = mention_of(event, PLACE)
    assert mention.visibility in set(Visibility)
    mention.text.encode()


@given(st.text() | anything.map(json.dumps))
def test_any_cursor_is_a_stand(cursor):
    stand = Stand.read(cursor)
    assert Stand.read(stand.written()).at == stand.at


def test_a_cursor_owes_only_posts():
    told = {"at": NOW_US, "owed": ["x", f"{KUNDIN}/3k1", "did:plc:a/../b", 5]}
    assert Stand.read(json.dumps(told)).owed == [f"{KUNDIN}/3k1"]


def test_a_post_without_a_date_has_that_of_its_arrival():
    words = record("Fjordfon") | {"createdAt": "yesterday"}
    event = event_of(json.dumps(commit(KUNDIN, "3k1", NOW_US, words)))
    assert mention_of(event, PLACE).created_at == hd.NOW


def test_what_is_remembered_is_bounded_in_number_and_time():
    stand = Stand(NOW_US)
    stand.hear(Event(NOW_US - 8 * 86_400 * SECOND, "post", KUNDIN, "3kalt"))
    for number in range(MOST_HEARD + 50):
        stand.hear(Event(NOW_US, "post", KUNDIN, f"3k{number}"))
    written = Stand.read(stand.written())
    assert len(written.heard) == MOST_HEARD
    assert f"{KUNDIN}/3k{MOST_HEARD + 49}" in written.heard
    assert f"{KUNDIN}/3kalt" not in written.heard


def test_a_tag_without_our_id_is_no_tag_of_ours():
    text = f"@{ACCOUNT} hallo"
    words = record(text, facets=[facet(text, ACCOUNT, did_of("hochstapler"))])
    mention = mention_of(Event(NOW_US, "post", KUNDIN, "3k1", words), PLACE)
    assert mention.own_mentions == (did_of("hochstapler"),)
