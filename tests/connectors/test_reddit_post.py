"""A comment or post of Reddit becomes a mention: whose words, who may read it, what any nonsense becomes."""

import copy

import pytest
import reddit_double as rd
from hypothesis import given
from hypothesis import strategies as st
from reddit_double import NOW

from bot.connectors.fields import Unreadable, clean
from bot.connectors.reddit_lists import entry_of, things_of
from bot.connectors.reddit_post import (
    Place,
    around,
    gone,
    link_of,
    media,
    moment,
    opted_out,
    own_words,
    replies_open,
    text_of,
)
from bot.errors import Transient
from bot.model import Kind, Media, Platform, Visibility

PLACE = Place("www.reddit.com", "https://www.reddit.com", rd.US)
NEAR = {"t3_p1": rd.post()}


def mention(thing, near=None, place=PLACE):
    return place.mention(thing, NEAR if near is None else near)


def test_a_comment_has_all_its_fields():
    found = mention(rd.comment(text="Hallo u/Fjordfon_Hilft, hier ist Ruhe", edited=(NOW - 1000) / 1000))
    assert (found.platform, found.surface, found.account) == (Platform.REDDIT, "www.reddit.com", rd.US)
    assert (found.native_id, found.canonical_key, found.kind) == ("t1_c1", "t1_c1", Kind.REPLY)
    assert (found.parent_key, found.root_key, found.thread_key) == ("t3_p1", "t3_p1", "t3_p1")
    assert (found.author.native_id, found.author.handle, found.author.is_bot) == ("t2_kundin", "kundin", None)
    assert (found.parent_author_id, found.owned_surface) == ("t2_nachbar", False)
    assert found.url == "https://www.reddit.com/r/fjordfon/comments/p1/_/c1/"
    assert (found.created_at, found.edited_at) == (NOW - 30 * rd.MINUTE, NOW - 1000)
    assert (found.visibility, found.own_mentions) == (Visibility.PUBLIC, ("fjordfon_hilft",))


def test_of_a_post_title_and_text_are_its_authors_words():
    found = mention(rd.post(title="Kein Netz", text="Seit Montag.\n\n> Alles läuft\n\nStimmt nicht."))
    assert found.text == "Kein Netz\n\nSeit Montag.\n\nStimmt nicht."
    assert (found.kind, found.parent_key, found.root_key, found.thread_key) == (Kind.POST, "", "", "t3_p1")


def test_a_crosspost_is_a_repost_without_words():
    found = mention(rd.post(text="fremd", crosspost_parent="t3_x", crosspost_parent_list=[rd.post("t3_x")]))
    assert (found.kind, found.text, found.own_mentions) == (Kind.REPOST, "", ())


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("> fremde Worte\n\nmeine", "meine"),
        ("meine\n\n   > fremde", "meine"),
        (">fremd\n>> noch fremder\nmeine", "meine"),
        ("&gt; fremd\n\nmeine", "meine"),
        ("> nur fremd", ""),
        (">!Der Router ist schuld!<", ">!Der Router ist schuld!<"),
        (r"\> kein Zitat", "> kein Zitat"),
        ("5 > 3", "5 > 3"),
        ("    > Programm", "> Programm"),
        (r"u/fjordfon\_hilft \*nicht\* fett", "u/fjordfon_hilft *nicht* fett"),
        ("a&#x200B;b &amp; &lt;3 &nbsp;", "a\u200bb & <3"),
        ("eins\n\n\n\nzwei", "eins\n\nzwei"),
        ("a\0b\ud800", "a\ufffdb\ufffd"),
        ("&#0;&#xD800;", "\ufffd\ufffd"),
        ("&unbekannt; &#", "&unbekannt; &#"),
        (None, ""),
        (17, ""),
        (["x"], ""),
    ],
)
def test_the_authors_own_words_without_quotes_and_escapes(markdown, text):
    assert own_words(markdown) == text


@pytest.mark.parametrize("piece", [">", "&#1", "&#9", "\\", "\n> ", "\n", "u/", "/u/a", "[", "&amp;", "*", " "])
def test_crafted_text_of_full_length_is_read_to_its_end(piece):
    thing = rd.comment(text=piece * 70_000)
    assert isinstance(mention(thing).text, str)
    assert mention(rd.comment(text="&#" + "1" * 9_000 + ";")).text.startswith("&#1")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("u/fjordfon_hilft hallo", ("fjordfon_hilft",)),
        ("Hallo /u/Fjordfon_Hilft!", ("fjordfon_hilft",)),
        (r"(u/fjordfon\_hilft)", ("fjordfon_hilft",)),
        ("https://www.reddit.com/u/fjordfon_hilft", ()),
        ("https://x.example/u/fjordfon_hilft", ()),
        ("xu/fjordfon_hilft", ()),
        ("u/fjordfon_hilft_de", ("fjordfon_hilft_de",)),
        ("> u/fjordfon_hilft sagt\n\nstimmt nicht", ()),
        ("u/" + "a" * 40, ()),
    ],
)
def test_named_are_those_whom_the_comment_itself_names(text, named):
    assert mention(rd.comment(text=text)).own_mentions == named


def test_a_reply_to_ours_names_our_account_however_reddit_spells_it():
    ours = rd.comment("t1_c0", author="Fjordfon_Hilft", author_fullname="t2_us")
    found = mention(rd.comment(parent_id="t1_c0"), {**NEAR, "t1_c0": ours})
    assert (found.parent_key, found.parent_author_id, found.owned_surface) == ("t1_c0", rd.US, False)


def test_a_comment_below_a_post_of_ours_stands_on_our_own_ground():
    found = mention(rd.comment(), {"t3_p1": rd.post(author=rd.US)})
    assert (found.parent_author_id, found.owned_surface) == (rd.US, True)


def test_a_parent_that_is_gone_is_no_error():
    found = mention(rd.comment(parent_id="t1_c0"))
    assert (found.parent_key, found.parent_author_id, found.root_key) == ("t1_c0", "", "t3_p1")


LIMITED, UNKNOWN, PUBLIC = Visibility.FOLLOWERS, Visibility.UNKNOWN, Visibility.PUBLIC


@pytest.mark.parametrize(
    ("fields", "visibility"),
    [
        ({}, PUBLIC),
        ({"over_18": True}, PUBLIC),
        ({"locked": True, "archived": True}, PUBLIC),
        ({"subreddit_type": "private"}, LIMITED),
        ({"subreddit_type": "restricted"}, LIMITED),
        ({"subreddit_type": "employees_only"}, LIMITED),
        ({"subreddit_type": "something new"}, UNKNOWN),
        ({"subreddit_type": None}, UNKNOWN),
        ({"quarantine": True}, LIMITED),
        ({"quarantine": None}, UNKNOWN),
        ({"is_robot_indexable": False}, UNKNOWN),
        ({"is_robot_indexable": None}, UNKNOWN),
        ({"is_robot_indexable": "true"}, UNKNOWN),
        ({"subreddit_type": "user", "subreddit": "u_nachbar"}, UNKNOWN),
        ({"subreddit": "u_nachbar"}, UNKNOWN),
    ],
)
def test_only_what_is_said_to_be_public_is(fields, visibility):
    thing = rd.post(**fields)
    assert PLACE.visibility(thing, thing) is visibility


@pytest.mark.parametrize("field", ["subreddit_type", "quarantine", "is_robot_indexable"])
def test_what_is_not_said_is_not_public(field):
    thing = {name: value for name, value in rd.post().items() if name != field}
    assert PLACE.visibility(thing, thing) is UNKNOWN


@pytest.mark.parametrize(
    ("comment", "post", "visibility"),
    [
        ({}, {}, PUBLIC),
        ({}, {"is_robot_indexable": False}, PUBLIC),
        ({"quarantine": False}, {}, PUBLIC),
        ({}, {"quarantine": True}, LIMITED),
        ({"quarantine": True}, {}, LIMITED),
        ({"subreddit_type": "private"}, {}, LIMITED),
        ({}, {"subreddit_type": "private"}, LIMITED),
        ({"subreddit_type": None}, {}, UNKNOWN),
        ({}, {"quarantine": None}, UNKNOWN),
    ],
)
def test_a_comment_is_public_only_where_its_post_is_too(comment, post, visibility):
    assert PLACE.visibility(rd.comment(**comment), rd.post(**post)) is visibility


def test_a_comment_whose_post_is_kept_from_us_is_not_public():
    assert mention(rd.comment(), {}).visibility is UNKNOWN


def test_profile_pages_count_if_we_want_them():
    thing = rd.post(subreddit_type="user", subreddit="u_nachbar")
    wanting = Place("www.reddit.com", "https://www.reddit.com", rd.US, profiles=True)
    assert wanting.visibility(thing, thing) is PUBLIC
    ours = rd.comment(subreddit=f"u_{rd.US}", subreddit_type="user")
    assert mention(ours, {"t3_p1": thing}, wanting).owned_surface is True


@pytest.mark.parametrize(
    ("fields", "is_gone"),
    [
        ({}, False),
        ({"author": None}, True),
        ({"author": "[deleted]"}, True),
        ({"body": "[deleted]"}, True),
        ({"body": "[removed]"}, True),
        ({"body": "[ Removed by Reddit ]"}, True),
        ({"body": "[deleted] hat er gesagt"}, False),
        ({"removed_by_category": "moderator"}, True),
        ({"banned_by": True}, True),
        ({"banned_by": "mod"}, True),
    ],
)
def test_what_was_deleted_or_removed_is_gone(fields, is_gone):
    assert gone(rd.comment(**fields)) is is_gone


@pytest.mark.parametrize(
    ("comment", "post", "are_open"),
    [
        ({}, {}, True),
        ({"locked": True}, {}, False),
        ({}, {"locked": True}, False),
        ({}, {"archived": True}, False),
        ({"unrepliable_reason": "NEAR_BLOCKER"}, {}, False),
        ({"locked": None}, {}, None),
        ({}, {"archived": None}, None),
        ({"locked": True}, {"archived": None}, False),
    ],
)
def test_replies_are_open_only_where_reddit_says_so(comment, post, are_open):
    assert replies_open(rd.comment(**comment), rd.post(**post)) is are_open


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, ()),
        ({"post_hint": "image"}, (Media("image"),)),
        ({"post_hint": "link"}, ()),
        ({"is_video": True, "post_hint": "hosted:video"}, (Media("video"),)),
        (
            {
                "gallery_data": {"items": [{"media_id": "b", "caption": "Rote Lampe"}, {"media_id": "a"}, {}]},
                "media_metadata": {"a": {"e": "AnimatedImage"}, "b": {"e": "Image"}},
            },
            (Media("image", "Rote Lampe"), Media("gifv"), Media("unknown")),
        ),
        ({"media_metadata": {"giphy|x": {"e": "AnimatedImage"}, "y": None}}, (Media("gifv"), Media("unknown"))),
    ],
)
def test_media_are_kept_with_their_captions(fields, found):
    assert media(rd.post(**fields)) == found


def test_the_choices_of_a_poll_are_kept_apart_from_the_text():
    assert mention(rd.post(poll_data={"options": [{"text": "ja"}, {"text": "nein"}, None]})).poll == ("ja", "nein")


@pytest.mark.parametrize(
    "lack",
    [
        {"name": None},
        {"name": "t4_c1"},
        {"name": "t1_../x"},
        {"created_utc": None},
        {"created_utc": "gestern"},
        {"created_utc": float("nan")},
        {"created_utc": 10**20},
        {"author": None},
        {"author_fullname": None},
    ],
)
def test_without_identity_author_or_date_a_thing_is_unreadable(lack):
    with pytest.raises(Unreadable):
        mention(rd.comment(**lack))


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        (1_793_613_600, 1_793_613_600_000),
        (1_793_613_600.123, 1_793_613_600_123),
        (253_402_300_799, 253_402_300_799_000),
        (False, None),
        (True, None),
        ("1793613600", None),
        (-1, None),
        (float("inf"), None),
    ],
)
def test_dates_are_seconds_or_nothing(value, milliseconds):
    assert moment(value) == milliseconds


def test_an_address_leads_to_reddit_or_nowhere():
    assert mention(rd.comment(permalink="https://evil.example/")).url == ""
    assert mention(rd.comment(permalink=None)).url == ""


def test_the_bot_that_everybody_knows_is_one_and_of_others_nothing_is_known():
    assert mention(rd.comment(author="AutoModerator")).author.is_bot is True
    assert mention(rd.comment(author="fahrplan_bot")).author.is_bot is None


@pytest.mark.parametrize(
    ("account", "asked"),
    [
        (rd.account("kundin", "Bitte #nobots"), True),
        (rd.account("kundin", "Keine Bots!"), True),
        (rd.account("kundin", "Mag Roboter"), False),
        (rd.account("kundin", None), None),
        ({}, None),
        ({"subreddit": None}, None),
    ],
)
def test_a_description_may_ask_bots_to_stay_away(account, asked):
    assert opted_out(account) is asked


@pytest.mark.parametrize("odd", [None, [], {}, {"kind": "Listing"}, {"kind": "t1", "data": {"children": []}}, "x"])
def test_an_answer_that_is_no_list_is_an_error_in_plain_words(odd):
    with pytest.raises(Transient):
        things_of(odd)


def test_of_the_inbox_only_fullname_and_date_are_taken():
    entry = entry_of(rd.comment(text="canary"), "t1_", inbox=True)
    assert "canary" not in repr(entry)
    assert entry_of({"name": "t4_x", "created_utc": 5, "body": "canary"}, "t1_", inbox=True).thing is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = sorted({*rd.post(), *rd.comment(), "gallery_data", "media_metadata", "poll_data", "crosspost_parent"})


@given(st.sampled_from([rd.post(), rd.comment()]), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6), JSON)
def test_any_nonsense_in_any_field_is_read_or_called_unreadable(thing, nonsense, above):
    thing = {**copy.deepcopy(thing), **nonsense}
    near = {"t3_p1": above} if isinstance(above, dict) else NEAR
    link = link_of(thing, near)
    assert gone(thing) in {True, False}
    assert replies_open(thing, link) in {True, False, None}
    assert isinstance(around(thing), tuple)
    entry_of(thing, "t1_", inbox=False)
    assert text_of(thing) == clean(text_of(thing))
    try:
        found = PLACE.mention(thing, near)
    except Unreadable:
        return
    assert found.visibility is PLACE.visibility(thing, link)
    if found.visibility is PUBLIC:
        assert (thing["subreddit_type"], link["quarantine"]) == ("public", False)


@given(JSON)
def test_any_nonsense_instead_of_a_list_is_a_list_or_an_error(answer):
    try:
        things, after = things_of(answer)
    except Transient:
        return
    assert isinstance(things, tuple)
    assert isinstance(after, str)
