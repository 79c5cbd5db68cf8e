"""A post of the X API becomes a mention: whole words, whose words, who may read it, and whatever else is sent."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from x_double import stamp

from bot.connectors.fields import Unreadable
from bot.connectors.x_post import Around, Place, id_at, number, time_of
from bot.model import Author, Kind, Media, Mention, Platform, Quoted, Visibility

PLACE = Place("fjordfon_hilft", "9001")
AT = 1_793_611_800_000
ID = str(id_at(AT) + 7)
OTHER = str(id_at(AT - 600_000))
AUTHOR = {"id": "20", "username": "Kundin", "protected": False}
US = {"id": "9001", "username": "fjordfon_hilft", "protected": False}


def entity(handle, ident, start):
    return {"start": start, "end": start + len(handle) + 1, "username": handle, "id": ident}


def post(text="@fjordfon_hilft mein Router blinkt rot", **more):
    return {
        "id": ID,
        "text": text,
        "author_id": "20",
        "created_at": stamp(AT),
        "conversation_id": ID,
        "edit_history_tweet_ids": [ID],
        "entities": {"mentions": [entity("fjordfon_hilft", "9001", 0)]},
        "display_text_range": [0, len(text)],
        "lang": "de",
        "reply_settings": "everyone",
        **more,
    }


def around(*posts, users=(AUTHOR, US), **more):
    return Around.of({"users": list(users), "tweets": list(posts), **more})


def mention(*parts, **more):
    return PLACE.mention(post(**more), around(*parts))


def test_a_post_becomes_a_mention():
    assert mention() == Mention(
        platform=Platform.X,
        surface="x.com",
        account="fjordfon_hilft",
        native_id=ID,
        canonical_key=ID,
        text="@fjordfon_hilft mein Router blinkt rot",
        author=Author("20", "Kundin"),
        created_at=AT,
        visibility=Visibility.PUBLIC,
        url=f"https://x.com/Kundin/status/{ID}",
        declared_language="de",
        own_mentions=("fjordfon_hilft", "9001"),
        root_key=ID,
    )


@pytest.mark.parametrize(
    ("author", "marks", "visibility"),
    [
        (AUTHOR, {}, Visibility.PUBLIC),
        ({**AUTHOR, "protected": True}, {}, Visibility.FOLLOWERS),
        ({"id": "20", "username": "Kundin"}, {}, Visibility.UNKNOWN),
        ({**AUTHOR, "protected": None}, {}, Visibility.UNKNOWN),
        ({**AUTHOR, "protected": 0}, {}, Visibility.UNKNOWN),
        ({**AUTHOR, "protected": "false"}, {}, Visibility.UNKNOWN),
        ({**AUTHOR, "withheld": {"country_codes": ["DE"]}}, {}, Visibility.UNKNOWN),
        (AUTHOR, {"withheld": {"country_codes": ["XX"], "copyright": False}}, Visibility.UNKNOWN),
        (AUTHOR, {"withheld": {}}, Visibility.UNKNOWN),
        ({"id": "21", "username": "andere", "protected": False}, {}, Visibility.UNKNOWN),
    ],
)
def test_only_an_author_who_is_said_not_to_be_protected_is_public(author, marks, visibility):
    assert around(users=[author]).visibility_of(post(**marks)) is visibility


def test_an_answer_without_includes_makes_nothing_public():
    assert Around.of(None).visibility_of(post()) is Visibility.UNKNOWN


def test_a_long_post_is_read_whole():
    note = {"text": "@fjordfon_hilft " + "lang " * 100 + "&amp; gut", "entities": {"mentions": []}}
    found = mention(text="@fjordfon_hilft lang lang… https://t.co/abc", note_tweet=note)
    assert found.text.endswith("lang & gut")
    assert len(found.text) > 500
    assert found.own_mentions == ()


def test_short_addresses_are_written_in_full_and_those_of_media_and_quotes_left_out():
    urls = [
        {"url": "https://t.co/aaa", "expanded_url": "https://fjordfon.example/?a=1&lt;b"},
        {"url": "https://t.co/bbb", "expanded_url": f"https://x.com/k/status/{ID}/photo/1", "media_key": "3_1"},
        {"url": "https://t.co/ccc", "expanded_url": f"https://x.com/fjordfon_hilft/status/{OTHER}"},
        {"url": "https://t.co/ddd"},
    ]
    found = mention(
        text="&amp;lt; https://t.co/aaa https://t.co/ddd https://t.co/eee https://t.co/ccc https://t.co/bbb",
        entities={"urls": urls},
        referenced_tweets=[{"type": "quoted", "id": OTHER}],
    )
    assert found.text == "&lt; https://fjordfon.example/?a=1&lt;b https://t.co/ddd https://t.co/eee"


def reply(text, shown, *people, **more):
    return post(
        text,
        display_text_range=shown,
        entities={"mentions": list(people)},
        in_reply_to_user_id="33",
        referenced_tweets=[{"type": "replied_to", "id": OTHER}],
        conversation_id="5",
        **more,
    )


def test_people_whom_the_thread_put_in_front_are_not_named_by_the_author():
    inherited = reply(
        "@dritte @fjordfon_hilft @wer ja",
        [24, 31],
        entity("dritte", "33", 0),
        entity("fjordfon_hilft", "9001", 8),
        entity("wer", "34", 24),
    )
    found = PLACE.mention(inherited, around())
    assert (found.text, found.own_mentions) == ("@wer ja", ("wer", "34"))
    assert (found.kind, found.parent_key, found.parent_author_id) == (Kind.REPLY, OTHER, "33")
    assert (found.root_key, found.thread_key) == ("5", "5")
    assert not PLACE.summoned(inherited, around())


def test_a_reply_to_somebody_else_that_names_us_summons_us():
    typed = reply(
        "@dritte @fjordfon_hilft hilf", [8, 28], entity("dritte", "33", 0), entity("fjordfon_hilft", "9001", 8)
    )
    assert PLACE.mention(typed, around()).text == "@fjordfon_hilft hilf"
    assert PLACE.summoned(typed, around())


def test_a_reply_to_us_summons_us_though_x_wrote_our_name():
    answered = {
        **reply("@fjordfon_hilft nein", [16, 20], entity("fjordfon_hilft", "9001", 0)),
        "in_reply_to_user_id": "9001",
    }
    assert PLACE.mention(answered, around()).own_mentions == ()
    assert PLACE.summoned(answered, around())


@pytest.mark.parametrize("shown", [None, [], "no", [None, 3], [-1, 3], [99, 120]])
def test_where_x_does_not_say_names_in_front_of_a_reply_are_inherited(shown):
    unclear = reply("@dritte @fjordfon_hilft ja", shown, entity("fjordfon_hilft", "9001", 8))
    found = PLACE.mention(unclear, around())
    assert (found.text, found.own_mentions) == ("ja", ())


def test_words_that_x_would_not_show_are_kept_where_no_names_stand():
    assert PLACE.mention(reply("mein Netz ist weg", [5, 17]), around()).text == "mein Netz ist weg"
    assert mention(display_text_range=[16, 38]).text.startswith("@fjordfon_hilft")


def test_a_quote_holds_the_other_words_apart():
    other = {"id": OTHER, "text": "Wir bauen aus &amp; um", "author_id": "9001"}
    found = PLACE.mention(post(referenced_tweets=[{"type": "quoted", "id": OTHER}]), around(other))
    assert found.kind is Kind.QUOTE
    assert found.quoted == Quoted(OTHER, "9001", Visibility.PUBLIC, "Wir bauen aus & um")
    assert "bauen" not in found.text
    no_name = post("so", entities={}, referenced_tweets=[{"type": "quoted", "id": OTHER}])
    assert PLACE.summoned(no_name, around(other))
    assert not PLACE.summoned(no_name, around())


@pytest.mark.parametrize("users", [[AUTHOR], [AUTHOR, {**US, "protected": True}]])
def test_a_quoted_post_that_is_not_public_has_no_words(users):
    other = {"id": OTHER, "text": "geheim", "author_id": "9001"}
    found = PLACE.mention(post(referenced_tweets=[{"type": "quoted", "id": OTHER}]), around(other, users=users))
    assert found.quoted.text == ""
    assert found.quoted.visibility is not Visibility.PUBLIC


def test_a_quoted_post_that_was_not_sent_along_is_unknown():
    assert mention(referenced_tweets=[{"type": "quoted", "id": OTHER}]).quoted == Quoted(OTHER, "")


def test_a_repost_has_no_words_of_its_own():
    other = {"id": OTHER, "text": "@fjordfon_hilft weg", "author_id": "20"}
    marks = {"referenced_tweets": [{"type": "retweeted", "id": OTHER}]}
    found = mention(other, text="RT @k: @fjordfon_hilft weg", **marks)
    assert (found.kind, found.text, found.own_mentions, found.quoted) == (Kind.REPOST, "", (), None)
    assert not PLACE.summoned(post(**marks), around(other))


def test_an_edit_keeps_the_first_id_as_its_key_and_is_answered_at_its_last():
    newest = str(id_at(AT + 300_000))
    edited = {"id": newest, "edit_history_tweet_ids": [ID, newest], "created_at": stamp(AT + 300_000)}
    found = mention(**edited)
    assert (found.canonical_key, found.native_id) == (ID, newest)
    assert (found.created_at, found.edited_at) == (AT, AT + 300_000)
    old = mention(edit_history_tweet_ids=[ID, newest])
    assert (old.canonical_key, old.native_id, old.created_at, old.edited_at) == (ID, newest, AT, None)


def test_pictures_and_polls_come_with_their_words():
    marks = {"attachments": {"media_keys": ["3_1", "7_2", "16_3", "3_9"], "poll_ids": ["88"]}}
    media = [
        {"media_key": "3_1", "type": "photo", "alt_text": "Router, rot"},
        {"media_key": "7_2", "type": "video"},
        {"media_key": "16_3", "type": "animated_gif", "alt_text": None},
    ]
    polls = [{"id": "88", "options": [{"position": 1, "label": "ja"}, {"position": 2, "label": "nein"}]}]
    found = PLACE.mention(post(**marks), around(media=media, polls=polls))
    assert found.media == (Media("image", "Router, rot"), Media("video"), Media("gifv"), Media("unknown"))
    assert found.poll == ("ja", "nein")


@pytest.mark.parametrize(
    ("told", "kept"), [("de", "de"), ("und", ""), ("qme", ""), ("zxx", ""), ("zh-TW", "zh-TW"), (5, "")]
)
def test_a_language_that_is_none_is_left_out(told, kept):
    assert mention(lang=told).declared_language == kept


@pytest.mark.parametrize(
    "broken",
    [
        {"id": None},
        {"id": "abc"},
        {"id": "../1"},
        {"id": "9" * 20},
        {"id": 0},
        {"author_id": ""},
        {"created_at": "gestern"},
    ],
)
def test_a_post_without_id_author_or_date_is_unreadable(broken):
    with pytest.raises(Unreadable):
        mention(**broken)


@pytest.mark.parametrize("handle", ["a/b", "../x", "", "a b", "ä"])
def test_an_odd_handle_is_no_part_of_an_address(handle):
    odd = around(users=[{**AUTHOR, "username": handle}])
    assert PLACE.mention(post(), odd).url == f"https://x.com/i/status/{ID}"


def test_unstorable_characters_are_replaced_one_for_one():
    assert mention(text="a\0b\ud800c", entities={}).text == "a\ufffdb\ufffdc"


@given(st.integers(1_288_834_974_657, 3_000_000_000_000))
def test_ids_tell_their_time(ms):
    assert time_of(id_at(ms)) == ms or id_at(ms) == 1
    assert id_at(ms + 1) > id_at(ms) or ms == 1_288_834_974_657


@pytest.mark.parametrize(
    ("value", "found"), [("12", 12), (12, 12), ("٣", None), ("-1", None), (True, None), ("1" * 5000, None)]
)
def test_only_digits_are_an_id(value, found):
    assert number(value) == found


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from([ID, OTHER, "20", "9001"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
WHOLE = post(
    "@a @fjordfon_hilft ja https://t.co/x",
    note_tweet={"text": "@a lang", "entities": {"urls": [], "mentions": []}},
    referenced_tweets=[{"type": "replied_to", "id": OTHER}, {"type": "quoted", "id": OTHER}],
    attachments={"media_keys": ["3_1"], "poll_ids": ["88"]},
)


@given(st.sampled_from(sorted(WHOLE)), JSON, st.booleans(), JSON)
def test_whatever_stands_in_a_field_it_is_a_mention_or_unreadable(field, value, with_note, includes):
    changed = copy.deepcopy(WHOLE) | {field: value}
    if not with_note:
        del changed["note_tweet"]
    for beside in (
        around({"id": OTHER, "text": value, "author_id": value}),
        Around.of(includes),
        Around.of({"users": includes}),
    ):
        try:
            found = PLACE.mention(changed, beside)
        except Unreadable:
            continue
        found.text.encode()
        assert isinstance(PLACE.summoned(changed, beside), bool)


@given(st.sampled_from(["urls", "mentions"]), JSON, JSON)
def test_whatever_stands_in_an_entity_it_is_a_mention(kind, value, other):
    entities = {
        kind: [{"url": "https://t.co/x", "expanded_url": value, "start": other, "username": value, "id": other}, value]
    }
    found = PLACE.mention(post("@a x https://t.co/x", entities=entities), around())
    assert isinstance(found, Mention)
