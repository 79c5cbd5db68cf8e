"""A status becomes a mention: hostile markup, odd ids and dates, whose words are whose."""

import copy

import mastodon_double as md
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.fields import Unreadable, clean, instant
from bot.connectors.markup import LONGEST_MARKUP, plain
from bot.connectors.mastodon_post import Place
from bot.model import Kind, Media, Platform, Visibility
from bot.text import post_hash

SHORTENED = (
    '<a href="https://fjordfon.example/a/b"><span class="invisible">https://</span>'
    '<span class="ellipsis">fjordfon.example/a</span><span class="invisible">/b</span></a>'
)
PLACE = Place("social.example", "fjordfon_hilft")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>eins</p><p>zwei</p>", "eins\n\nzwei"),
        ("<p>eins<br>zwei<br />drei</p>", "eins\nzwei\ndrei"),
        ("<p>5 &lt; 6 &amp; &quot;so&quot; &#39;da&#x27; &euro;&nbsp;3</p>", "5 < 6 & \"so\" 'da' €\xa03"),
        (
            SHORTENED,
            "https://fjordfon.example/a/b",
        ),
        ("I <3 my router, 1<2", "I <3 my router, 1<2"),
        ("<script>alert(1)</script>da", "da"),
        ("<style>p{}</style><p>da</p>", "da"),
        ('<img src=x onerror="alert(1)">da', "da"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("kein Markup, nur Text", "kein Markup, nur Text"),
        ("<p>offen", "offen"),
        ("</p></a></span>zu", "zu"),
        ("", ""),
        (None, ""),
        (17, ""),
        ("a\0b", "a\ufffdb"),
        ("a\ud800b", "a\ufffdb"),
        ("&#0;&#xD800;", "\ufffd\ufffd"),
        ("\u202eRTL\u202c \u200bzero\u200d", "\u202eRTL\u202c \u200bzero\u200d"),
    ],
)
def test_markup_becomes_the_text_that_a_person_reads(markup, text):
    assert plain(markup).text == text


@given(st.text())
def test_any_text_gives_a_text_that_can_be_stored(markup):
    text = plain(markup).text
    assert text == clean(text)
    assert len(post_hash(text)) == 64


@given(
    st.lists(
        st.sampled_from(["<", ">", "a", " ", "'", '"', "=", "/", "!", "-", "<p>", "</a>", "<a href=x>", "&", "\n"])
    )
)
def test_no_whole_tag_of_the_api_survives(tokens):
    text = plain("".join(tokens)).text
    assert "<p>" not in text
    assert "<a href=x>" not in text


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<a b='", "</", "<!", " ", "\n", "<a b='>", "<p>", "&#", "@a.", "@"])
def test_crafted_markup_of_full_length_is_read_to_its_end(piece):
    length = LONGEST_MARKUP // len(piece)
    assert isinstance(plain(piece * length).text, str)
    assert PLACE.named({"content": piece * length, "mentions": [md.tag_of()]}) == ()


def test_a_long_post_is_kept_whole():
    assert plain(f"<p>{'a' * 60_000}</p>").text == "a" * 60_000


def test_a_public_mention_has_all_its_fields():
    mention = PLACE.mention(md.status())
    assert mention.platform is Platform.MASTODON
    assert mention.surface == "social.example"
    assert mention.account == "fjordfon_hilft"
    assert mention.native_id == "100"
    assert mention.canonical_key == "https://social.example/users/kundin/statuses/100"
    assert mention.text == "@fjordfon_hilft mein Router blinkt rot"
    assert mention.own_mentions == ("fjordfon_hilft",)
    assert (mention.author.native_id, mention.author.handle) == ("20", "kundin")
    assert (mention.author.is_bot, mention.author.opted_out) == (False, False)
    assert mention.created_at == 1_793_611_800_000
    assert (mention.visibility, mention.kind) == (Visibility.PUBLIC, Kind.POST)
    assert mention.declared_language == "de"
    assert mention.edited_at is None


@pytest.mark.parametrize(
    ("word", "visibility"),
    [
        ("public", Visibility.PUBLIC),
        ("unlisted", Visibility.UNLISTED),
        ("private", Visibility.FOLLOWERS),
        ("direct", Visibility.DIRECT),
        ("Public", Visibility.UNKNOWN),
        ("local", Visibility.UNKNOWN),
        ("", Visibility.UNKNOWN),
        (None, Visibility.UNKNOWN),
        (0, Visibility.UNKNOWN),
    ],
)
def test_only_the_literal_words_count_as_a_visibility(word, visibility):
    assert PLACE.mention(md.status(visibility=word)).visibility is visibility


def test_a_warning_line_belongs_to_the_words_of_the_author():
    assert PLACE.mention(md.status(spoiler_text="Ärger")).text.startswith("Ärger\n\n@fjordfon_hilft")


@pytest.mark.parametrize(
    ("content", "mentions", "named"),
    [
        ("<p>Danke an alle</p>", [md.tag_of()], ()),
        ("<p>@fjordfon_hilft hallo</p>", [md.tag_of()], ("fjordfon_hilft",)),
        ("<p>@Fjordfon_Hilft hallo</p>", [md.tag_of()], ("fjordfon_hilft",)),
        ("<p>@fjordfon_hilft@social.example hallo</p>", [md.tag_of()], ("fjordfon_hilft",)),
        ("<p>mail@fjordfon_hilft und x/@fjordfon_hilft</p>", [md.tag_of()], ()),
        ("<p>@fjordfon_hilfts Leitung</p>", [md.tag_of()], ()),
        ("<p>@fjordfon_hilft hallo</p>", [], ()),
        ('<a href="https://social.example/@fjordfon_hilft">uns</a>', [md.tag_of()], ("fjordfon_hilft",)),
        (
            '<a href="https://social.example/fjordfon_hilft" class="u-url mention">@fjordfon_hilft@social.example</a>',
            [],
            ("fjordfon_hilft",),
        ),
        (
            '<a href="https://other.example/@fjordfon_hilft" class="u-url mention">@<span>fjordfon_hilft</span></a>',
            [],
            ("fjordfon_hilft@other.example",),
        ),
        ('<a href="https://x.example/tags/a" class="mention hashtag" rel="tag">#<span>a</span></a>', [], ()),
        ('<a href="http://[broken" class="mention">@a</a>', [], ("a@",)),
    ],
)
def test_named_are_those_whom_the_text_itself_names(content, mentions, named):
    assert PLACE.named(md.status(content=content, mentions=mentions)) == named


def test_ids_of_mentions_are_not_trusted_because_some_servers_just_count_them():
    mention = PLACE.mention(md.status(mentions=[md.tag_of(ident="0")]))
    assert "0" not in mention.own_mentions


@pytest.mark.parametrize(
    "lack",
    [
        {"id": None},
        {"id": ""},
        {"uri": None},
        {"created_at": None},
        {"created_at": "99999-01-01T00:00:00Z"},
        {"created_at": "yesterday"},
        {"account": None},
        {"account": {"acct": "kundin"}},
        {"account": "kundin"},
    ],
)
def test_a_post_without_identity_author_or_date_is_unreadable(lack):
    with pytest.raises(Unreadable):
        PLACE.mention(md.status(**lack))


def test_ids_beyond_the_precision_of_a_float_stay_exact_in_every_form():
    assert PLACE.mention(md.status("115500123456789012")).native_id == "115500123456789012"
    assert PLACE.mention({**md.status(), "id": 9_007_199_254_740_993}).native_id == "9007199254740993"
    assert PLACE.mention(md.status("01JBQ9H2")).native_id == "01JBQ9H2"


def test_a_date_in_the_far_future_is_kept():
    assert PLACE.mention(md.status(created_at="9999-12-31T23:59:59.000Z")).created_at == 253_402_300_799_000


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        ("2026-11-02T09:30:00Z", 1_793_611_800_000),
        ("2026-11-02T10:30:00.123+01:00", 1_793_611_800_123),
        ("2026-11-02T09:30:00", 1_793_611_800_000),
        ("2026-13-01T00:00:00Z", None),
        (5, None),
        ({}, None),
    ],
)
def test_times_are_utc_milliseconds_or_nothing(value, milliseconds):
    assert instant(value) == milliseconds


def test_a_reply_knows_its_parent_and_a_deleted_parent_is_no_error():
    reply = PLACE.mention(md.status(in_reply_to_id="90", in_reply_to_account_id="7"))
    assert (reply.kind, reply.parent_key, reply.parent_author_id) == (Kind.REPLY, "90", "7")
    assert reply.thread_key == "90"
    orphan = PLACE.mention(md.status(in_reply_to_id=None, in_reply_to_account_id="7"))
    assert (orphan.kind, orphan.thread_key) == (Kind.POST, "100")


def test_a_repost_carries_nobodys_words():
    repost = PLACE.mention(md.status(reblog=md.status("50")))
    assert (repost.kind, repost.text, repost.own_mentions) == (Kind.REPOST, "", ())


def quote(**more):
    return {"state": "accepted", "quoted_status": md.status("50", content="<p>fremde Worte</p>", **more)}


def test_quoted_words_stay_apart_from_the_authors():
    content = '<p class="quote-inline">RE: <a href="https://x.example/50">x</a></p><p>Seht mal</p>'
    mention = PLACE.mention(md.status(content=content, quote=quote()))
    assert mention.kind is Kind.QUOTE
    assert mention.text == "Seht mal"
    assert (mention.quoted.native_id, mention.quoted.author_id, mention.quoted.text) == ("50", "20", "fremde Worte")


@pytest.mark.parametrize(
    "hidden", [quote(visibility="private"), quote(visibility="odd"), {**quote(), "state": "pending"}]
)
def test_a_quoted_post_that_not_everyone_may_read_has_no_words(hidden):
    assert PLACE.mention(md.status(quote=hidden)).quoted.text == ""


@pytest.mark.parametrize(
    "odd", [None, "x", {}, {"state": "deleted", "quoted_status": None}, {"state": "accepted", "quoted_status_id": "5"}]
)
def test_a_quote_without_its_post_is_no_quote(odd):
    assert PLACE.mention(md.status(quote=odd)).quoted is None


def test_media_and_polls_are_kept_apart_from_the_text():
    mention = PLACE.mention(
        md.status(
            media_attachments=[{"type": "image", "description": "Rote Lampe"}, {"description": None}],
            poll={"options": [{"title": "ja"}, {"title": "nein"}]},
        )
    )
    assert mention.media == (Media("image", "Rote Lampe"), Media("unknown", ""))
    assert mention.poll == ("ja", "nein")


@pytest.mark.parametrize(
    ("account", "opted_out"),
    [
        ({"note": "<p>Bitte #nobot</p>"}, True),
        ({"note": "<p>#<span>NoBots</span></p>"}, True),
        ({"note": "No bots please"}, True),
        ({"note": "Keine Bots!"}, True),
        ({"note": "", "fields": [{"name": "Regeln", "value": "#nobots"}]}, True),
        ({"note": "Ich mag Roboter und #nobotanik"}, False),
        ({"note": ""}, False),
        ({"note": None}, None),
    ],
)
def test_whether_bots_are_asked_to_stay_away_is_all_that_is_kept_of_a_profile(account, opted_out):
    author = PLACE.author(md.person(**account))
    assert author.opted_out is opted_out
    assert not any("ot" in str(value).lower() for value in (author.native_id, author.handle))


@pytest.mark.parametrize(
    ("made", "new"),
    [("2026-11-01T00:00:00.000Z", True), ("2019-01-01T00:00:00.000Z", False), (None, None), ("soon", None), (7, None)],
)
def test_of_an_accounts_age_only_whether_it_is_new_is_kept(made, new):
    known = md.status(created_at="2026-11-20T09:00:00.000Z", account=md.person(created_at=made))
    assert PLACE.mention(known).author.is_new is new


@pytest.mark.parametrize(("bot", "known"), [(True, True), (False, False), (None, None), ("yes", None)])
def test_a_bot_is_one_only_if_the_server_says_so(bot, known):
    assert PLACE.author(md.person(bot=bot)).is_bot is known


@pytest.mark.parametrize(
    ("acct", "handle"),
    [
        ("kundin", "kundin"),
        ("kundin@social.example", "kundin"),
        ("kundin@other.example", "kundin@other.example"),
        ("@kundin", "kundin"),
    ],
)
def test_people_of_this_server_go_by_their_name_and_others_by_their_full_handle(acct, handle):
    assert PLACE.author(md.person(acct=acct)).handle == handle


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted({*md.status(), "quote"})), JSON, max_size=5))
def test_any_nonsense_in_any_field_is_read_or_called_unreadable(nonsense):
    status = {**copy.deepcopy(md.status()), **nonsense}
    try:
        mention = PLACE.mention(status)
    except Unreadable:
        return
    assert mention.text == clean(mention.text)
    assert (mention.visibility is Visibility.PUBLIC) == (status["visibility"] == "public")


@pytest.mark.parametrize("number", ["1" * 5000, "x" + "f" * 5000, "99999999", "xfffffff", "0" * 9 + "65"])
def test_a_sign_with_an_endless_number_is_text(number):
    assert plain(f"<p>vor &#{number}; nach</p>").text == f"vor &#{number}; nach"
