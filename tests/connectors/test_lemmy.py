"""Reading a Lemmy server: communities that are not public, posts and comments counted apart, late deliveries."""

import http_double as hd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lemmy_double import API, MINUTE, NOW, US, Bench, comment_of, community, person, post_of, view, written

from bot.connectors.fields import Unreadable, clean
from bot.connectors.lemmy_post import LONGEST, Place, number_of
from bot.egress import Door
from bot.egress.forums import LEMMY
from bot.errors import EgressRefused, Transient, Unauthorised
from bot.model import Kind, Media, Platform, Visibility

PLACE = Place("https://lemmy.example", "lemmy.example", US)


@pytest.fixture
def made():
    """Makes benches and closes their doubles."""
    benches = []

    def make(**options):
        benches.append(Bench(**options))
        benches[-1].double.__enter__()
        return benches[-1]

    yield make
    for bench in benches:
        bench.double.__exit__()
        assert bench.double.complaints == []


@pytest.fixture
def bench(made):
    return made()


def heard(page):
    return [mention.native_id for mention in page.mentions]


def asked_for(bench):
    return [seen.path.removeprefix(API) for seen in bench.double.seen]


def test_a_comment_has_all_its_fields():
    content = f"> fremde Worte\n\n@{US}@lemmy.example mein Router blinkt rot ![Rote Lampe](https://x.example/a.png)"
    comment = comment_of(content=content, path="0.90.100", updated=written(NOW))
    mention = PLACE.mention(view(comment, creator=person(host="other.example", local=False)))
    assert (mention.platform, mention.surface, mention.account) == (Platform.LEMMY, "lemmy.example", US)
    assert (mention.native_id, mention.canonical_key) == ("comment-100", "https://lemmy.example/comment/100")
    assert mention.url == "https://lemmy.example/comment/100"
    assert mention.text == f"@{US}@lemmy.example mein Router blinkt rot"
    assert mention.own_mentions == (US,)
    assert (mention.author.native_id, mention.author.handle) == ("20", "kundin@other.example")
    assert mention.author.is_bot is False
    assert (mention.kind, mention.parent_key, mention.root_key) == (Kind.REPLY, "comment-90", "post-10")
    assert (mention.created_at, mention.edited_at) == (NOW - 30 * MINUTE, NOW)
    assert mention.media == (Media("image", "Rote Lampe"),)
    assert mention.visibility is Visibility.PUBLIC


def test_a_post_is_its_title_its_text_and_its_link():
    post = post_of(
        body="Seit *Montag*.", url="https://x.example/lampe.png", url_content_type="image/png", alt_text="Rote Lampe"
    )
    mention = PLACE.mention(view(post=post))
    assert mention.text == "Wer hat Netz?\n\nSeit *Montag*.\n\nhttps://x.example/lampe.png"
    assert (mention.native_id, mention.kind, mention.thread_key) == ("post-10", Kind.POST, "post-10")
    assert mention.media == (Media("image", "Rote Lampe"),)


def test_a_comment_below_a_post_answers_its_author():
    mention = PLACE.mention(view(comment_of()))
    assert (mention.parent_key, mention.parent_author_id) == ("post-10", "21")


def test_only_a_notice_tells_that_the_comment_above_is_ours():
    notice = {"comment_reply": {"id": 1, "published": written(NOW)}, "recipient": person(US, 7)}
    deep = comment_of(path="0.90.100")
    assert PLACE.mention(view(deep)).parent_author_id == ""
    assert PLACE.mention({**view(deep), **notice}).parent_author_id == US


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (f"@{US}@lemmy.example hallo", (US,)),
        (f"@{US.title()}@Lemmy.Example hallo", (US,)),
        (f"[@{US}@lemmy.example](https://lemmy.example/u/{US}) hallo", (US,)),
        (f"@{US}@other.example hallo", (f"{US}@other.example",)),
        (f"@{US} hallo", ()),
        (f"> @{US}@lemmy.example hallo\n\nStimmt.", ()),
        ("mail@kundin@lemmy.example", ()),
    ],
)
def test_named_are_those_whom_the_own_text_names_with_their_server(text, named):
    assert PLACE.mention(view(comment_of(content=text))).own_mentions == named


@pytest.mark.parametrize(
    ("word", "visibility"),
    [
        ("Public", Visibility.PUBLIC),
        ("LocalOnly", Visibility.FOLLOWERS),
        ("Private", Visibility.FOLLOWERS),
        ("Unlisted", Visibility.UNKNOWN),
        ("public", Visibility.UNKNOWN),
        (None, Visibility.UNKNOWN),
        ([], Visibility.UNKNOWN),
    ],
)
def test_only_the_literal_word_makes_a_community_public(word, visibility):
    kept = PLACE.mention(view(comment_of(), community_=community(word)))
    assert kept.visibility is visibility
    assert bool(kept.text) is (visibility is Visibility.PUBLIC)


@pytest.mark.parametrize("native_id", ["100", "comment-", "comment-x", "private_message-1", "comment-1/../2", ""])
def test_an_id_names_a_post_or_a_comment(native_id):
    with pytest.raises(Unreadable):
        number_of(native_id)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
PARTS = sorted({*view(comment_of()), "comment_reply", "recipient"})


@given(
    st.dictionaries(st.sampled_from(PARTS), JSON, max_size=3),
    st.dictionaries(st.sampled_from(sorted(comment_of())), JSON, max_size=5),
    st.dictionaries(st.sampled_from(sorted(person())), JSON, max_size=3),
)
def test_any_nonsense_in_any_field_is_read_or_called_unreadable(of_view, of_comment, of_person):
    nonsense = {**view({**comment_of(), **of_comment}, creator={**person(), **of_person}), **of_view}
    try:
        mention = PLACE.mention(nonsense)
    except Unreadable:
        return
    assert mention.text == clean(mention.text)


@given(st.text(st.sampled_from('@a.![]()>\n "-'), max_size=60))
def test_any_text_is_read(text):
    assert PLACE.mention(view(comment_of(content=text))).text == PLACE.mention(view(comment_of(content=text))).text


@pytest.mark.parametrize("piece", ["![", "![a](", "@a", "@a@", "> ", "\n", '![a](b "'])
def test_crafted_text_of_full_length_is_read_to_its_end(piece):
    assert PLACE.mention(view(comment_of(content=piece * (10_000 // len(piece))))).native_id == "comment-100"


def test_one_login_serves_many_reads_and_messages_are_never_asked_for(bench):
    connector = bench.connector()
    connector.fetch(connector.fetch("", 20).cursor, 20)
    assert asked_for(bench) == ["/user/login", "/user/mention", "/user/replies", "/user/replies", "/user/mention"]
    assert bench.double.seen[0].body == {"username_or_email": US, "password": hd.TOKEN}
    assert all(seen.headers["authorization"] == f"Bearer {hd.TOKEN}-jwt" for seen in bench.double.seen[1:])


def test_a_list_of_which_nothing_can_be_taken_is_the_servers_fault_and_is_soon_given_up(bench):
    bench.say("Netz?")
    cursor = bench.connector().fetch("", 20).cursor
    bench.say("Immer noch?")
    page = hd.answer(b"<html>Wartung</html>", kind="text/html")
    whole = bench.double._get_user_mention, bench.double._get_user_replies
    bench.double._get_user_mention = bench.double._get_user_replies = lambda query: page
    seen = len(bench.double.seen)
    with pytest.raises(Transient, match="not readable"):
        bench.connector().fetch(cursor, 20)
    assert len(bench.double.seen) - seen < 20
    bench.double._get_user_mention, bench.double._get_user_replies = whole
    assert len(bench.connector().fetch(cursor, 20).mentions) == 1


def test_a_post_that_cannot_be_taken_is_left_out_and_counted_once(bench):
    cursor = bench.connector().fetch("", 20).cursor
    for number in range(120):
        bench.say("Mega-Meldung" if number in {20, 21, 70} else f"Meldung {number}")
    found, dropped = [], 0
    for _ in range(20):
        page = bench.connector().fetch(cursor, 20)
        found += heard(page)
        dropped += page.dropped.get("broken", 0)
        cursor = page.cursor
    assert (len(found), len({*found}), dropped) == (117, 117, 3)
    assert page.gap is None


def test_a_login_that_has_run_out_is_renewed_once(bench):
    connector = bench.connector()
    connector.fetch("", 20)
    bench.double.tokens = {"another"}
    bench.say("Netz?")
    assert len(connector.fetch("", 20).mentions) == 1
    bench.double.tokens = {"a third one"}
    bench.double._post_user_login = None
    seen = len(bench.double.seen)
    bench.everything(hd.answer({"error": "incorrect_login"}, 401))
    with pytest.raises(Unauthorised):
        connector.fetch("", 20)
    assert asked_for(bench)[seen:] == ["/user/mention", "/user/login"]


@pytest.mark.parametrize("odd", [{}, {"jwt": None}, {"jwt": ""}, [], b""])
def test_a_login_without_a_leave_is_no_login(bench, odd):
    bench.everything(hd.answer(odd))
    with pytest.raises(Transient):
        bench.connector().fetch("", 20)
    assert asked_for(bench) == ["/user/login"]


@pytest.mark.parametrize(
    "private",
    ["/private_message/list", "/private_message", "/user/unread_count", "/user/report_count", "/modlog", "/post/like"],
)
def test_messages_and_votes_never_leave_the_house(bench, private):
    door = Door("lemmy", [bench.double.url], LEMMY, bench.double.refusals)
    with pytest.raises(EgressRefused):
        door.get(f"{bench.double.url}{API}{private}")
    with pytest.raises(EgressRefused):
        door.post(f"{bench.double.url}{API}{private}", json={"content": "x", "recipient_id": 20})
    with pytest.raises(EgressRefused):
        door.post(f"{bench.double.url}{API}/comment", json={"content": "x", "post_id": 1, "recipient_id": 20})
    with pytest.raises(EgressRefused):
        door.post(f"{bench.double.url}{API}/comment/delete", json={"comment_id": 1, "deleted": False})
    assert bench.double.seen == []


@pytest.mark.parametrize(
    ("marks", "reason"),
    [
        ({"community": community("LocalOnly")}, "not public"),
        ({"community": {**community(), "visibility": None}}, "not public"),
        ({"community": community(removed=True)}, "deleted"),
        ({"post": post_of(removed=True)}, "deleted"),
        ({"post": post_of(deleted=True)}, "deleted"),
        ({"comment": comment_of(101, deleted=True)}, "deleted"),
        ({"comment": comment_of(101, removed=True)}, "deleted"),
        ({"creator": {}}, "broken"),
    ],
)
def test_what_is_not_public_or_gone_is_counted_and_goes_no_further(bench, marks, reason):
    bench.say("canary-secret", **marks)
    page = bench.connector().fetch("", 20)
    assert (page.mentions, page.dropped) == ((), {reason: 1})
    assert "canary" not in page.cursor


def test_a_comment_that_another_server_delivers_hours_late_is_heard(bench):
    bench.say("neu", at=NOW - MINUTE)
    page = bench.connector().fetch("", 20)
    late = bench.say("alt", at=NOW - 600 * MINUTE)
    bench.double.mentions[-1]["person_mention"]["published"] = written(NOW)
    page = bench.connector().fetch(page.cursor, 20)
    assert heard(page) == [late]
    assert page.mentions[0].created_at == NOW - 600 * MINUTE


def test_a_reply_to_us_is_heard_as_one_also_when_a_search_finds_it_first(made):
    bench = made(searches=("Immer noch",))
    ident = bench.double.add("Immer noch kein Netz", parent=bench.double.add("wir", creator=person(US, 7)))
    notice = {"comment_reply": {"id": 1, "published": written(NOW)}, "recipient": person(US, 7)}
    bench.double.replies.append({**notice, "comment": {"id": ident}})
    connector, cursor = bench.connector(), ""
    for _ in range(4):
        page = connector.fetch(cursor, 40)
        cursor = page.cursor
        for mention in page.mentions:
            assert (mention.native_id, mention.parent_author_id) == (f"comment-{ident}", US)
    assert len(connector.fetch("", 40).mentions) == 1


def test_searches_and_communities_bring_posts_and_comments(made):
    bench = made(mentions=False, searches=("router",), communities=("telko",))
    bench.double.add("Mein Router ist tot")
    bench.double.posts[11] = view(post=post_of(11, "Router rot"), creator=person())
    page = bench.connector().fetch("", 40)
    assert sorted(heard(page)) == ["comment-1001", "post-10", "post-11"]
    asked = [(seen.path.removeprefix(API), seen.query.get("type_")) for seen in bench.double.seen[1:]]
    assert asked == [
        ("/search", ["Comments"]),
        ("/search", ["Posts"]),
        ("/comment/list", ["All"]),
        ("/post/list", ["All"]),
    ]


@pytest.mark.parametrize("status", [500, 429])
def test_a_search_that_fails_does_not_hold_up_the_mentions(made, status):
    bench = made(searches=("router",))
    bench.say("Netz?")
    bench.double._get_search = lambda query: hd.answer({}, status)
    page = bench.connector().fetch("", 40)
    assert (len(page.mentions), page.dropped) == (1, {"feed not answered": 2})
    bench.double._get_user_replies = lambda query: hd.answer({}, status)
    with pytest.raises(Transient):
        bench.connector().fetch("", 40)


@pytest.mark.parametrize("hostile", ["![", "![]", "![a](", '![a](b "', "]![", "[![", "@a", "@a@", ">\n"], ids=repr)
def test_a_megabyte_of_half_written_markup_is_read_to_its_bound(hostile):
    mention = PLACE.mention(view(comment_of(content=hostile * (1_000_000 // len(hostile)))))
    assert len(mention.text) <= LONGEST
