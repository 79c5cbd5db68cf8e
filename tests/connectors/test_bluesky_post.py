"""A post as the API shows it becomes a mention: odd forms, whose words are whose, who is named, who may read it."""

import pytest
from bluesky_double import NOW, OUR_DID, OURS, POST, did_of, person, record, tag, view, when
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.bluesky_post import Place, halves, is_bot, opted_out, tagged, visibility_of
from bot.connectors.fields import Unreadable
from bot.model import Kind, Media, Mention, Visibility

PLACE = Place("bsky.social", OURS, OUR_DID)
PICTURE = {
    "$type": "app.bsky.embed.images",
    "images": [{"alt": "ein roter Router", "image": {}}, {"alt": "", "image": {}}],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([POST, OUR_DID, when(NOW)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


def strong(author="dritte.example", key="3lquoted"):
    return {"uri": f"at://{did_of(author)}/{POST}/{key}", "cid": "bafy"}


def shown(ref, text="fremde Worte", *, author="dritte.example", **more):
    value = {"$type": POST, "text": text, "createdAt": when(NOW)}
    return {
        "$type": "app.bsky.embed.record#viewRecord",
        **ref,
        "author": person(author),
        "value": value,
        "labels": [],
        **more,
    }


def quoting(embed_view, ref=None):
    ref = ref or strong()
    written = record("siehe", embed={"$type": "app.bsky.embed.record", "record": ref})
    return view(written, embed={"$type": "app.bsky.embed.record#view", "record": embed_view})


def test_a_plain_post_is_told_whole():
    mention = PLACE.mention(view(record("mein Router blinkt rot", at=NOW)))
    assert mention.native_id == mention.canonical_key == f"at://{did_of('kundin.example')}/{POST}/3l3qo2vuowo2b"
    assert mention.text == f"@{OURS} mein Router blinkt rot"
    assert mention.url == "https://bsky.app/profile/kundin.example/post/3l3qo2vuowo2b"
    assert (mention.author.native_id, mention.author.handle) == (did_of("kundin.example"), "kundin.example")
    assert (mention.created_at, mention.declared_language, mention.kind) == (NOW, "de", Kind.POST)
    assert (mention.visibility, mention.edited_at, mention.owned_surface) == (Visibility.PUBLIC, None, False)


def test_a_reply_knows_its_parent_its_root_and_whose_they_are():
    ours, root = {"uri": f"at://{OUR_DID}/{POST}/3lours", "cid": "b"}, strong(key="3lroot")
    mention = PLACE.mention(view(record(tagged=False, reply={"parent": ours, "root": root})))
    assert (mention.kind, mention.parent_key, mention.root_key) == (Kind.REPLY, ours["uri"], root["uri"])
    assert mention.parent_author_id == OURS
    other = PLACE.mention(view(record(tagged=False, reply={"parent": root, "root": root})))
    assert other.parent_author_id == did_of("dritte.example")


def test_quoted_words_are_kept_apart():
    mention = PLACE.mention(quoting(shown(strong())))
    assert (mention.kind, mention.text) == (Kind.QUOTE, f"@{OURS} siehe")
    assert mention.quoted.native_id == strong()["uri"]
    assert (mention.quoted.author_id, mention.quoted.text) == (did_of("dritte.example"), "fremde Worte")
    assert mention.quoted.visibility is Visibility.PUBLIC


def test_a_quote_of_ours_names_our_account():
    ref = {"uri": f"at://{OUR_DID}/{POST}/3lours", "cid": "b"}
    assert PLACE.mention(quoting(shown(ref, author=OURS), ref)).quoted.author_id == OURS


def test_a_quote_beside_pictures_has_both():
    ref = strong()
    embed = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": ref}, "media": PICTURE}
    above = {"$type": "app.bsky.embed.recordWithMedia#view", "record": {"record": shown(ref)}}
    mention = PLACE.mention(view(record(embed=embed), embed=above))
    assert mention.quoted.text == "fremde Worte"
    assert mention.media == (Media("image", "ein roter Router"), Media("image", ""))


@pytest.mark.parametrize(
    "unseen",
    [
        {"$type": "app.bsky.embed.record#viewNotFound", **strong(), "notFound": True},
        {"$type": "app.bsky.embed.record#viewBlocked", **strong(), "blocked": True},
        {"$type": "app.bsky.embed.record#viewDetached", **strong(), "detached": True},
        shown(strong(), labels=[{"val": "!no-unauthenticated"}]),
        shown(strong(), author="x.example", labels=[{"val": "!hide"}]),
        shown(strong(key="3lother")),
        {**shown(strong()), "author": person("dritte.example", labels=[{"val": "!takedown"}])},
        {**shown(strong()), "author": None},
        None,
        "x",
    ],
)
def test_words_that_not_everyone_may_read_are_not_quoted(unseen):
    quoted = PLACE.mention(quoting(unseen)).quoted
    assert quoted.text == ""
    assert quoted.visibility is not Visibility.PUBLIC


def test_a_quoted_list_or_feed_is_no_quoted_post():
    ref = {"uri": f"at://{OUR_DID}/app.bsky.graph.list/3l", "cid": "b"}
    assert PLACE.mention(quoting(None, ref)).quoted is None


@pytest.mark.parametrize(
    ("embed", "media"),
    [
        (PICTURE, (Media("image", "ein roter Router"), Media("image", ""))),
        ({"$type": "app.bsky.embed.gallery", "items": [{"alt": "eins"}]}, (Media("image", "eins"),)),
        ({"$type": "app.bsky.embed.video", "video": {}, "alt": "ein Film"}, (Media("video", "ein Film"),)),
        (
            {"$type": "app.bsky.embed.external", "external": {"uri": "https://x.example", "title": "Störung"}},
            (Media("link", "Störung"),),
        ),
        ({"$type": "app.bsky.embed.hologram"}, (Media("unknown"),)),
        ({"$type": "app.bsky.embed.record", "record": strong()}, ()),
        ({"$type": "app.bsky.embed.images", "images": "x"}, (Media("unknown"),)),
        ("x", ()),
    ],
)
def test_what_is_attached_is_told_by_kind_and_words(embed, media):
    assert PLACE.mention(view(record(embed=embed))).media == media


def test_places_in_a_text_are_counted_in_bytes():
    text = f"Ärger 😡 mit @{OURS}, schönen Dank"
    assert list(tagged({"text": text, "facets": [tag(text, OURS)]})) == [(OUR_DID, OURS)]


def test_our_handle_over_the_id_of_somebody_else_names_them_alone():
    text = f"@{OURS} bitte"
    named = PLACE.named({"text": text, "facets": [tag(text, OURS, did_of("kopie.example"))]})
    assert named == (did_of("kopie.example"),)
    assert not PLACE.summons_us({"text": text, "facets": [tag(text, OURS, did_of("kopie.example"))]})


def test_a_handle_without_a_tag_is_no_summons():
    assert PLACE.named(record(tagged=False) | {"text": f"@{OURS} bitte"}) == ()


@pytest.mark.parametrize(
    "index",
    [None, {}, {"byteStart": -3, "byteEnd": 4}, {"byteStart": 9, "byteEnd": 2}, {"byteStart": 0, "byteEnd": 10**30}],
)
def test_a_tag_with_an_odd_place_counts_by_its_id(index):
    feature = {"$type": "app.bsky.richtext.facet#mention", "did": OUR_DID}
    assert PLACE.named({"text": "ohne Namen", "facets": [{"index": index, "features": [feature]}]}) == (OUR_DID, OURS)


@pytest.mark.parametrize("handle", ["handle.invalid", None, "", "kein name", 5, "a" * 400])
def test_who_has_no_handle_goes_by_the_id(handle):
    mention = PLACE.mention(view(author=person(handle="kundin.example") | {"handle": handle}))
    assert mention.author.handle == did_of("kundin.example")
    assert mention.url == f"https://bsky.app/profile/{did_of('kundin.example')}/post/3l3qo2vuowo2b"


@pytest.mark.parametrize(
    ("labels", "bot"),
    [
        ([], False),
        ([{"val": "bot"}], True),
        ([{"val": "bot", "neg": True}], False),
        (None, None),
        ("x", None),
        ([5], False),
    ],
)
def test_a_bot_is_known_by_its_label(labels, bot):
    assert is_bot({"labels": labels}) is bot


@pytest.mark.parametrize(
    ("profile", "out"),
    [
        ({"description": "Hier privat. #nobot"}, True),
        ({"description": "Keine Bots bitte"}, True),
        ({"description": "Roboter und #nobotany"}, False),
        ({}, False),
        ({"description": 5}, False),
    ],
)
def test_a_profile_may_ask_bots_to_stay_away(profile, out):
    assert opted_out(profile) is out


@pytest.mark.parametrize(
    ("change", "visibility"),
    [
        ({}, Visibility.PUBLIC),
        ({"labels": [{"val": "porn"}]}, Visibility.PUBLIC),
        ({"labels": [{"val": "!hide", "neg": True}]}, Visibility.PUBLIC),
        ({"labels": [{"val": "!hide"}]}, Visibility.FOLLOWERS),
        ({"author": person(labels=[{"val": "!no-unauthenticated"}])}, Visibility.FOLLOWERS),
        ({"author": person(viewer={"blockedBy": True})}, Visibility.FOLLOWERS),
        ({"author": person(viewer={"blocking": "at://x"})}, Visibility.FOLLOWERS),
        ({"author": None}, Visibility.UNKNOWN),
        ({"labels": "x"}, Visibility.UNKNOWN),
        ({"author": person(labels={})}, Visibility.UNKNOWN),
        ({"uri": "https://bsky.app/x"}, Visibility.UNKNOWN),
    ],
)
def test_everyone_may_read_a_post_unless_something_says_otherwise(change, visibility):
    assert visibility_of(view() | change) is visibility


@pytest.mark.parametrize(
    "change",
    [
        {"uri": None},
        {"uri": f"at://{OUR_DID}/{POST}/3l"},
        {"uri": f"at://{OUR_DID}/app.bsky.feed.like/3l"},
        {"author": None},
        {"record": None},
        {"record": {"$type": POST, "text": "x"}, "indexedAt": None},
        {"record": {"$type": "app.bsky.feed.like", "createdAt": when(NOW)}},
    ],
)
def test_a_post_without_what_identifies_it_is_unreadable(change):
    with pytest.raises(Unreadable):
        PLACE.mention(view() | change)


def test_broken_surrogates_and_nul_become_signs_that_can_be_stored():
    mention = PLACE.mention(view(record("a\ud800b\0c", tagged=False)))
    assert mention.text == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    "uri", [None, 5, "", "at://", f"at://x/{POST}/1", f"at://{OUR_DID}/{POST}/", f"at://{OUR_DID}/{POST}/a b", ["x"]]
)
def test_what_is_no_address_of_a_post_has_no_halves(uri):
    assert halves(uri) == ("", "")


@given(JSON, JSON, JSON, JSON)
def test_anything_becomes_a_mention_or_is_unreadable(one, two, three, four):
    views = [
        one if isinstance(one, dict) else {},
        view() | {"embed": one, "labels": two, "viewer": three, "indexedAt": four},
        view(record(embed=one, facets=two, reply=three, langs=four)),
        view(record(embed={"record": one, "media": two}, facets=[three], labels=four)),
        view(author=person(handle="x.example", viewer=one, labels=two)) | {"record": {**record(), "text": three}},
        view(record() | {"createdAt": one, "facets": [{"index": two, "features": [three, {"did": four}]}]}),
    ]
    for each in views:
        visibility_of(each)
        try:
            mention = PLACE.mention(each)
        except Unreadable:
            continue
        assert isinstance(mention, Mention)
        assert mention.text.encode() is not None
