"""A post of a Discourse forum becomes a mention: whose words are whose, and who may read them."""

from dataclasses import replace

import pytest
from discourse_double import MENTION, MINUTE, NOW, US, post, topic
from hypothesis import given
from hypothesis import strategies as st

from bot.connectors.cooked import LONGEST_COOKED, taken_apart
from bot.connectors.discourse_post import Place
from bot.connectors.fields import Unreadable, clean
from bot.model import Kind, Media, Platform, Quoted, Visibility

PLACE = Place("https://forum.example", "forum.example", US)
QUOTE = (
    '<aside class="quote no-group" data-username="Nachbar" data-post="1" data-topic="12"><div class="title">Nachbar:'
    "</div><blockquote><p>fremde <em>Worte</em></p></blockquote></aside>"
)
ONEBOX = (
    '<aside class="onebox allowlistedgeneric" data-onebox-src="https://presse.example/a?b=1&amp;c=2"><header>Presse'
    '</header><article><h3>fremde Worte</h3><p>mehr davon</p><aside class="x">innen</aside></article></aside>'
)
PICTURE = (
    '<div class="lightbox-wrapper"><a class="lightbox" href="/x.png" data-download-href="/y" title="lampe"><img '
    'src="/x.png" alt="Rote Lampe" data-base62-sha1="a1" width="690" height="388"><div class="meta"><svg></svg>'
    '<span class="filename">lampe</span><span class="informations">690×388 100 KB</span></div></a></div>'
)
POLL = '<div class="poll" data-poll-name="poll"><div><ul><li data-poll-option-id="1">ja</li></ul></div>0 Stimmen</div>'
SMILE = '<img src="/e.png" title=":rage:" class="emoji" alt=":rage:" loading="lazy" width="20">'


@pytest.mark.parametrize(
    ("cooked", "text"),
    [
        (f"{QUOTE}<p>Das stimmt nicht.</p>", "Das stimmt nicht."),
        ("<blockquote><p>alt</p><blockquote>älter</blockquote></blockquote><p>neu</p>", "neu"),
        (f"<p>Lest selbst:</p>{ONEBOX}<p>Frech.</p>", "Lest selbst:\n\nhttps://presse.example/a?b=1&c=2\n\nFrech."),
        (f"<p>So sieht es aus:</p>{PICTURE}", "So sieht es aus:"),
        (f"<p>Umfrage</p>{POLL}<p>bitte</p>", "Umfrage\n\nbitte"),
        (f"<p>Ich bin {SMILE} sauer</p>", "Ich bin :rage: sauer"),
        ('<p>5 &lt; 6 &amp; <a href="x" data-a1="b">so</a><br>neu</p>', "5 < 6 & so\nneu"),
        ('<p title="a > b">da</p>', "da"),
        ("<p>I <3 my router</p>", "I <3 my router"),
        ("<aside class='quote'>nie geschlossen <p>fremd</p>", ""),
        ("</aside>offen", "offen"),
        (None, ""),
        (7, ""),
    ],
)
def test_only_the_authors_own_words_are_text(cooked, text):
    assert taken_apart(cooked).own.text == text


@given(
    st.lists(
        st.sampled_from(
            [
                "<aside",
                "<blockquote>",
                "</blockquote>",
                "</aside>",
                ' class="quote"',
                ">",
                "<",
                '"',
                "'",
                " a=",
                "wort",
                "&",
            ]
        )
    )
)
def test_any_markup_is_taken_apart(tokens):
    text = taken_apart("".join(tokens)).own.text
    assert text == clean(text)


@pytest.mark.parametrize(
    "piece", ["<a ", "<a b='", '<a b="', "<aside>", "</aside>", "<a b", "<!--", "<p a=b ", " ", "<"]
)
def test_crafted_markup_of_full_length_is_read_to_its_end(piece):
    assert isinstance(taken_apart(piece * (LONGEST_COOKED // len(piece))).own.text, str)


def test_a_post_has_all_its_fields():
    reply = post(
        cooked=f"<p>{MENTION} Router rot</p>{PICTURE}",
        reply_to_post_number=1,
        reply_to_user={"username": "Frager"},
        version=3,
        updated_at="2026-11-02T09:40:00.000Z",
        polls=[{"name": "poll", "options": [{"html": "ja"}, {"html": "n&ouml;"}]}],
        locale="de",
    )
    first = post(50, "<p>Frage</p>", 1, username="frager", user_id=21)
    mention = replace(PLACE, owned=True).mention(reply, topic(post_stream={"posts": [first], "stream": [50, 100]}))
    assert (mention.platform, mention.surface, mention.account) == (Platform.DISCOURSE, "forum.example", US)
    assert (mention.native_id, mention.canonical_key) == ("100", "https://forum.example/p/100")
    assert mention.url == "https://forum.example/t/12/2"
    assert (mention.text, mention.own_mentions) == (f"@{US} Router rot", (US,))
    assert (mention.author.native_id, mention.author.handle, mention.author.is_bot) == ("20", "kundin", False)
    assert (mention.kind, mention.visibility) == (Kind.REPLY, Visibility.PUBLIC)
    assert (mention.parent_key, mention.parent_author_id, mention.root_key) == ("50", "Frager", "50")
    assert mention.created_at == NOW - 30 * MINUTE
    assert mention.edited_at == 1_793_612_400_000
    assert mention.media == (Media("image", "Rote Lampe"),)
    assert mention.poll == ("ja", "nö")
    assert (mention.declared_language, mention.owned_surface) == ("de", True)


def test_the_first_post_of_a_topic_says_its_title_too():
    mention = PLACE.mention(post(number=1), topic())
    assert mention.text == "Wer hat Netz?\n\nmein Router blinkt rot"
    assert (mention.kind, mention.parent_key, mention.root_key) == (Kind.POST, "", "100")


def test_who_writes_below_a_topic_answers_whoever_opened_it():
    mention = PLACE.mention(post(number=7), topic(details={"created_by": {"username": US}}))
    assert (mention.parent_author_id, mention.kind) == (US, Kind.REPLY)


def test_a_quote_of_ours_counts_before_any_other_and_brings_no_words():
    ours = QUOTE.replace("Nachbar", US.title()).replace('data-post="1"', 'data-post="4"')
    mention = PLACE.mention(post(cooked=f"{QUOTE}{ours}<p>Aha.</p>"), topic())
    assert mention.quoted == Quoted("12/4", US)
    assert mention.text == "Aha."
    assert PLACE.mention(post(number=1, cooked=QUOTE), topic()).kind is Kind.QUOTE


def test_groups_and_quoted_handles_are_not_named_by_the_author():
    cooked = f'<p><a class="mention-group" href="/groups/team">@team</a></p><blockquote>{MENTION}</blockquote>'
    assert PLACE.mention(post(cooked=cooked), topic()).own_mentions == ()
    unknown = '<p><span class="mention">@niemand</span></p>'
    assert PLACE.mention(post(cooked=unknown), topic()).own_mentions == ()


def test_the_forums_own_accounts_are_bots():
    assert PLACE.mention(post(user_id=-1, username="system"), topic()).author.is_bot is True


@pytest.mark.parametrize(
    ("of_post", "of_topic", "visibility"),
    [
        ({}, {}, Visibility.PUBLIC),
        ({}, {"archetype": "banner"}, Visibility.PUBLIC),
        ({}, {"archetype": "private_message"}, Visibility.DIRECT),
        ({}, {"archetype": "chat"}, Visibility.UNKNOWN),
        ({}, {"archetype": None}, Visibility.UNKNOWN),
        ({}, {"visible": False}, Visibility.UNLISTED),
        ({}, {"visible": None}, Visibility.UNKNOWN),
        ({"hidden": True}, {}, Visibility.UNKNOWN),
        ({"hidden": None}, {}, Visibility.UNKNOWN),
        ({"post_type": 4}, {}, Visibility.UNKNOWN),
        ({"post_type": None}, {}, Visibility.UNKNOWN),
    ],
)
def test_what_is_not_plainly_public_has_no_words(of_post, of_topic, visibility):
    mention = PLACE.mention(post(number=1, cooked=f"{QUOTE}geheim", **of_post), topic(title="Titel", **of_topic))
    assert mention.visibility is visibility
    if visibility is not Visibility.PUBLIC:
        assert (mention.text, mention.quoted, mention.own_mentions, mention.media) == ("", None, (), ())


def test_a_topic_that_strangers_do_not_get_makes_nothing_public():
    assert PLACE.mention(post(), {}).visibility is Visibility.UNKNOWN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(st.sampled_from(sorted({*post(), "reply_to_user", "polls"})), JSON, max_size=5),
    st.dictionaries(st.sampled_from(sorted({*topic(), "post_stream"})), JSON, max_size=5),
)
def test_any_nonsense_in_any_field_is_read_or_called_unreadable(of_post, of_topic):
    try:
        mention = PLACE.mention({**post(), **of_post}, {**topic(), **of_topic})
    except Unreadable:
        return
    assert mention.text == clean(mention.text)
