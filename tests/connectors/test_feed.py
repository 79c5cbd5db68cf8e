"""Feeds as sites really serve them: every dialect, half broken, unchanged, too short, and built to harm the reader."""

import gzip
import json

import http_double as hd
import pytest
from feed_double import MINUTE, NOW, PATH, Bench, atom, rss
from pydantic import ValidationError

from bot.connectors.feed import REMEMBERED, Source, connector
from bot.connectors.feed_screen import MOST_ENTRIES
from bot.errors import Gone, Permanent, Transient
from bot.model import Kind, Media, Mention, Page, Platform, Visibility


@pytest.fixture
def bench():
    made = Bench()
    with made.double:
        yield made
        assert made.double.complaints == []


def served(bench, body: bytes, kind: str = "application/xml") -> Page:
    bench.double.body, bench.double.kind = body, kind
    return bench.connector().fetch("", 100)


def only(bench, body: bytes, kind: str = "application/xml") -> Mention:
    (mention,) = served(bench, body, kind).mentions
    return mention


def entry(text: str = "x", guid: str = "g", more: str = "") -> str:
    return f"<item><guid>{guid}</guid><description>{text}</description>{more}</item>"


def texts(page: Page) -> list[str]:
    return [mention.text for mention in page.mentions]


def test_an_rss_entry_becomes_a_whole_mention(bench):
    mention = only(
        bench,
        rss(
            "<item><title>Router &amp;amp; Netz</title><link>/beitrag/7</link><guid isPermaLink='false'>tag:7</guid>"
            "<description>Kurz</description><content:encoded><![CDATA[<p>Seit Montag <b>nichts</b>.</p>"
            "<p>Wer hilft?</p><script>alert(1)</script>]]></content:encoded><dc:creator>Ute K.</dc:creator>"
            "<pubDate>Mon, 02 Nov 2026 10:00:00 +0100</pubDate>"
            "<enclosure url='https://cdn.example/a.mp3' type='audio/mpeg' length='5'/></item>",
            head="<language>de-DE</language>",
        ),
    )
    assert mention.text == "Router & Netz\n\nSeit Montag nichts.\n\nWer hilft?"
    assert (mention.platform, mention.surface) == (Platform.FEED, bench.double.surface)
    assert mention.native_id == "tag:7"
    assert mention.canonical_key.endswith(" tag:7")
    assert PATH not in mention.canonical_key
    assert (mention.author.handle, mention.author.native_id) == ("Ute K.", f"{bench.double.surface}/Ute K.")
    assert (mention.created_at, mention.edited_at) == (NOW - 60 * MINUTE, None)
    assert mention.url == f"{bench.double.url}/beitrag/7"
    assert (mention.kind, mention.visibility, mention.owned_surface) == (Kind.POST, Visibility.PUBLIC, True)
    assert mention.declared_language.startswith("de")
    assert mention.media == (Media("audio"),)
    assert (mention.author.is_bot, mention.author.opted_out, mention.own_mentions) == (None, None, ())


def test_an_atom_entry_inherits_author_and_language_from_its_feed(bench):
    mention = only(
        bench,
        atom(
            "<entry><id>urn:1</id><title type='html'>&amp;lt;3 &lt;b&gt;Fjordfon&lt;/b&gt;</title>"
            "<link rel='alternate' href='https://blog.example/1'/><published>2026-11-02T08:00:00Z</published>"
            "<updated>2026-11-02T09:00:00Z</updated><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>"
            "<p>5 &lt; 6 &amp;amp; gut</p></div></content></entry>",
            head="<author><name>Redaktion</name><email>canary@blog.example</email></author>",
        ),
    )
    assert mention.text == "<3 Fjordfon\n\n5 < 6 &amp; gut"
    assert (mention.author.handle, mention.declared_language) == ("Redaktion", "de")
    assert (mention.created_at, mention.edited_at) == (NOW - 120 * MINUTE, NOW - 60 * MINUTE)
    assert mention.url == "https://blog.example/1"
    assert "canary" not in repr(mention)


def test_an_rdf_feed_and_one_in_capitals_are_read(bench):
    rdf = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
        b' xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>F</title></channel>'
        b'<item rdf:about="https://a.example/1"><title>eins</title><dc:date>2026-11-02T08:00Z</dc:date></item></rdf:RDF>'
    )
    mention = only(bench, rdf)
    assert (mention.native_id, mention.text, mention.created_at) == ("https://a.example/1", "eins", NOW - 120 * MINUTE)
    assert only(bench, b"<RSS><CHANNEL><ITEM><TITLE>zwei</TITLE></ITEM></CHANNEL></RSS>").text == "zwei"


def test_a_video_feed_brings_the_description_and_the_picture(bench):
    mention = only(
        bench,
        atom(
            "<entry><id>v</id><title>Test</title><media:group><media:title>Test</media:title>"
            "<media:thumbnail url='https://i.example/1.jpg'/><media:description>Wir messen 5G</media:description>"
            "</media:group></entry>"
        ),
    )
    assert (mention.text, mention.media) == ("Test\n\nWir messen 5G", (Media("image"),))


@pytest.mark.parametrize(
    "name", ["kundin@mail.example", "kundin@mail.example (Kundin)", "Kundin &lt;kundin@mail.example&gt;"]
)
def test_an_address_in_the_place_of_a_name_is_not_kept(bench, name):
    mention = only(bench, rss(entry(more=f"<author>{name}</author>")))
    assert "mail.example" not in repr(mention)
    assert mention.author.handle in {"Kundin", bench.double.surface}


def test_the_title_is_not_said_twice(bench):
    page = served(
        bench, rss("<item><title>Seit Montag kein…</title><description>Seit Montag kein Netz</description></item>")
    )
    assert texts(page) == ["Seit Montag kein Netz"]


def test_an_entry_is_known_by_guid_else_link_else_its_words(bench):
    page = served(
        bench,
        rss(
            "<item><title>a</title></item>",
            "<item><title>b</title><link>https://x.example/b</link></item>",
            entry("c", "guid-c", "<link>https://x.example/c</link>"),
            "<item><title>a</title></item>",
        ),
    )
    assert {mention.text: mention.native_id.partition(":")[0] for mention in page.mentions} == {
        "a": "sha256",
        "b": "https",
        "c": "guid-c",
    }


def test_entries_without_a_date_keep_their_order_and_are_as_old_as_their_reading(bench):
    page = served(bench, rss(*(entry(f"{number}", f"g{number}") for number in range(5))))
    assert texts(page) == ["4", "3", "2", "1", "0"]
    assert {mention.created_at for mention in page.mentions} == {NOW}


def test_an_edit_comes_again_once_with_its_date(bench):
    guid = bench.say("vorher")
    bench.say("anderes")
    reader = bench.connector()
    cursor = reader.fetch("", 10).cursor
    bench.edit(guid, "nachher")
    page = reader.fetch(cursor, 10)
    assert texts(page) == ["nachher"]
    assert page.mentions[0].edited_at is not None
    assert reader.fetch(page.cursor, 10).mentions == ()


def test_an_edit_of_an_entry_with_one_date_is_marked_as_one(bench):
    line = "<entry><id>1</id><title>a</title><updated>2026-11-02T0{}:00:00Z</updated></entry>"
    first = served(bench, atom(line.format(8)))
    bench.double.body = atom(line.format(9))
    (again,) = bench.connector().fetch(first.cursor, 10).mentions
    assert (first.mentions[0].edited_at, again.edited_at) == (None, NOW - 60 * MINUTE)


def test_an_unchanged_feed_is_asked_with_its_marks_and_costs_no_reading(bench):
    bench.say("eins")
    cursor = bench.connector().fetch("", 10).cursor
    page = bench.connector().fetch(cursor, 10)
    asked = bench.double.seen[-1].headers
    assert (page.mentions, page.cursor, page.dropped) == ((), cursor, {})
    assert asked["if-none-match"].startswith('"')
    assert asked["if-modified-since"].endswith("GMT")
    bench.double.validators = False
    assert bench.connector().fetch(cursor, 10).cursor == cursor


def test_marks_are_not_sent_before_everything_was_taken_in(bench):
    for number in range(5):
        bench.say(f"{number}")
    reader = bench.connector()
    page = reader.fetch(reader.since(0), 3)
    assert (texts(page), page.more) == (["0", "1", "2"], True)
    page = reader.fetch(page.cursor, 3)
    assert "if-none-match" not in bench.double.seen[-1].headers
    assert (texts(page), page.more) == (["3", "4"], False)


@pytest.mark.parametrize("mark", ["ü", "a\x01", "x" * 400, " ", ""])
def test_a_mark_that_no_request_can_hold_is_not_kept(bench, mark):
    bench.everything(hd.answer(rss(entry()), headers={"ETag": mark}, kind="text/xml"))
    page = bench.connector().fetch("", 10)
    assert json.loads(page.cursor)["etag"] == ""
    bench.everything(None)
    bench.connector().fetch(page.cursor, 10)


def test_a_first_fetch_brings_the_newest_and_knows_the_rest(bench):
    for number in range(9):
        bench.say(f"{number}")
    page = bench.connector().fetch("", 3)
    assert (texts(page), page.more) == (["6", "7", "8"], False)
    assert bench.connector().fetch(page.cursor, 3).mentions == ()


def test_a_window_that_does_not_reach_back_is_a_gap_told_once(bench):
    bench.double.window = 4
    bench.say("gehört")
    first = bench.connector().fetch("", 10)
    assert first.gap is None
    for number in range(12):
        bench.say(f"{number}")
    page = bench.connector().fetch(first.cursor, 3)
    assert (texts(page), page.more) == (["8", "9", "10"], True)
    assert page.gap == (first.mentions[0].created_at, page.mentions[0].created_at)
    assert bench.connector().fetch(page.cursor, 3).gap is None


def test_no_gap_is_told_where_nothing_can_be_missing(bench):
    first = bench.connector().fetch("", 10)
    bench.say("eins")
    second = bench.connector().fetch(first.cursor, 10)
    bench.double.entries.clear()
    third = bench.connector().fetch(second.cursor, 10)
    bench.say("zwei")
    assert (second.gap, third.gap) == (None, None)
    assert texts(second) == ["eins"]


def test_an_entry_that_comes_back_is_known_and_the_memory_is_bounded(bench):
    bench.double.window = 150
    bench.say("alt")
    old = list(bench.double.entries)
    cursor = bench.connector().fetch("", 10).cursor
    for _ in range(5):
        for number in range(120):
            bench.say(f"{number}")
        cursor = bench.connector().fetch(cursor, 150).cursor
    assert len(json.loads(cursor)["seen"]) == REMEMBERED
    last = bench.double.entries[-1]
    bench.double.entries = [*old, last]
    assert texts(bench.connector().fetch(cursor, 10)) == ["alt"]


def test_a_back_fill_leaves_out_what_is_older_for_good(bench):
    for number in range(6):
        bench.say(f"{number}", at=NOW - (10 - number) * MINUTE)
    reader = bench.connector()
    page = reader.fetch(reader.since(NOW - 7 * MINUTE), 10)
    assert texts(page) == ["3", "4", "5"]
    bench.say("6", at=NOW)
    assert texts(reader.fetch(page.cursor, 10)) == ["6"]


def test_a_broken_feed_gives_what_stands_before_the_fault_and_forgets_nothing(bench):
    for number in range(20):
        bench.say(f"{number}")
    whole = bench.double.document()
    page = served(bench, whole[: len(whole) // 2])
    assert texts(page)[-1] == "19"
    assert 5 < len(page.mentions) < 15
    assert page.dropped == {"broken": 1}
    state = json.loads(page.cursor)
    assert (state["etag"], state["digest"]) == ("", "")
    bench.double.body = None
    rest = bench.connector().fetch(page.cursor, 100)
    assert sorted(texts(rest) + texts(page), key=int) == [str(number) for number in range(20)]
    assert rest.gap is None


def test_slips_that_sites_really_make_are_mended(bench):
    page = served(
        bench,
        b"\r\n\xef\xbb\xbf"
        + rss(
            entry("Netz & Strom &nbsp;&auml; AT&T", "1"),
            entry("kein \x0b\x00Netz &#0; &#x1F; &#xD800;", "2"),
            entry("<b>roh</b> und <br/>offen", "3", "<media:content url='https://x.example/a.png' medium='image'/>"),
        )
        + b"<script>statistik()</script>",
    )
    assert texts(page) == ["roh und\noffen", "kein \ufffdNetz \ufffd \ufffd \ufffd", "Netz & Strom \xa0ä AT&T"]
    assert page.mentions[0].media == (Media("image"),)


@pytest.mark.parametrize(
    ("codec", "declared", "kind"),
    [
        ("utf-8", "iso-8859-1", "text/xml; charset=us-ascii"),
        ("iso-8859-1", "iso-8859-1", "text/xml"),
        ("cp1252", "utf-8", "text/xml"),
        ("cp1252", "punycode", "text/xml; charset=unicode_escape"),
        ("utf-16", "utf-16", "text/xml"),
        ("utf-16-be", "utf-16", "text/xml"),
        ("utf-32", "utf-8", "text/xml"),
        ("cp1251", "none", "text/xml; charset=windows-1251"),
    ],
)
def test_words_are_read_whatever_encoding_is_claimed(bench, codec, declared, kind):
    word = "Ответ" if codec == "cp1251" else "Störung"
    body = rss(entry(word)).decode().replace('encoding="UTF-8"', f'encoding="{declared}"').encode(codec)
    assert only(bench, body, kind).text == word


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"<!DOCTYPE html><html><head><link rel='alternate'></head><body>Wartung <rss></body></html>",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": []}',
        b"<opml><body/></opml>",
        b"<rss><channel>",
        bytes(range(256)) * 100,
        b'<!DOCTYPE x [<!ENTITY a "a"><!ENTITY b "&a;&a;">]><rss><item><title>&b;</title></item></rss>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><title>&a;</title></item></rss>',
    ],
)
def test_what_is_no_feed_is_said_in_a_sentence_and_moves_no_cursor(bench, body):
    with pytest.raises(Transient) as raised:
        served(bench, body)
    assert str(raised.value).endswith(".")
    assert "Wartung" not in str(raised.value)


def test_nothing_but_the_one_address_is_ever_asked_for(bench):
    """Outer document types, entities, style sheets and inclusions are not looked up."""
    double = bench.double.url
    body = (
        f'<?xml version="1.0"?><?xml-stylesheet href="{double}/s.xsl"?><!DOCTYPE rss SYSTEM "{double}/d.dtd" '
        f'[<!ENTITY % p SYSTEM "{double}/p.ent"> %p;]><rss><channel>{entry("gut", "1")}'
        f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{double}/i"/>'
        f'<item><link>{double}/l</link><title>a</title><enclosure url="{double}/e.png" type="image/png"/></item>'
        "</channel></rss>"
    )
    assert texts(served(bench, body.encode())) == ["a", "gut"]
    assert [seen.path for seen in bench.double.seen] == [PATH]


def test_an_address_that_is_too_long_breaks_its_entry_and_a_long_text_is_cut(bench):
    page = served(
        bench, rss(entry("a", "g" * 3_000), entry("b", "2", f"<link>/{'l' * 3_000}</link>"), entry("c" * 200_000, "3"))
    )
    assert [len(text) for text in texts(page)] == [65_536]
    assert page.dropped == {"broken": 2}


def test_more_entries_than_anybody_needs_are_not_read(bench):
    page = served(bench, rss(*(f"<item><guid>{n}</guid><title>{n}</title></item>" for n in range(MOST_ENTRIES + 50))))
    assert len(json.loads(page.cursor)["seen"]) == MOST_ENTRIES


def test_a_packed_bomb_is_cut_off(bench):
    body = gzip.compress(rss("<item><title>" + "a" * 30_000_000 + "</title></item>"))
    bench.everything(hd.answer(body, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(Transient):
        bench.connector().fetch("", 10)


def test_a_feed_that_moved_is_told_and_one_that_is_gone_is_gone(bench):
    bench.everything(hd.redirect("/feed/new.xml"))
    with pytest.raises(Permanent, match="moved"):
        bench.connector().fetch("", 10)
    bench.everything(hd.answer(b"", 410))
    with pytest.raises(Gone):
        bench.connector().fetch("", 10)
    assert {seen.path for seen in bench.double.seen} == {PATH}


def test_a_question_in_the_address_is_asked_exactly():
    with hd.Double() as site:
        site.get("/index.php", hd.answer(rss(entry("da")), kind="text/xml"))
        source = Source(kind=Platform.FEED, name="a", address=f"{site.url}/index.php?feed=rss2&cat=7&empty=")
        bench = Bench()
        bench.double._server.server_close()
        bench.source, bench.double.refusals = source, site.refusals
        assert texts(bench.connector().fetch("", 5)) == ["da"]
        assert site.seen[0].query == {"feed": ["rss2"], "cat": ["7"], "empty": [""]}


@pytest.mark.parametrize(
    "address",
    [
        "ftp://blog.example/feed",
        "blog.example/feed.xml",
        "https://user:pass@blog.example/feed.xml",
        "https://blog.example/feed.xml#top",
        "https://blog.example/messages/feed.xml",
        "https://blog.example/a/%2e%2e/feed.xml",
        "https://blog.example/feed.xml?a=1&a=2",
        "https://blog.example/:id/feed.xml",
        "https://blog.example/:number/feed.xml",
        "https://[::1/feed.xml",
        "https://blog.example/" + "a" * 2_000,
    ],
)
def test_an_address_that_the_door_would_refuse_is_refused_in_the_configuration(address):
    with pytest.raises(ValidationError):
        Source(kind=Platform.FEED, name="a", address=address)


def test_a_source_survives_the_stored_configuration():
    source = Source(kind=Platform.FEED, name="a", address="https://blog.example/feed?q=é")
    assert Source.model_validate_json(source.model_dump_json()) == source


def test_a_cursor_with_foreign_values_starts_anew(bench):
    bench.say("eins")
    state = json.loads(bench.connector().fetch("", 10).cursor)
    for name, value in (("seen", []), ("seen", {"a": "b"}), ("newest", "x"), ("etag", 5), ("since", []), ("more", 1)):
        assert texts(bench.connector().fetch(json.dumps({**state, name: value}), 10)) == ["eins"]


def test_listening_needs_no_account():
    assert Source(kind=Platform.FEED, name="a", address="https://blog.example/feed.xml").account == ""
    assert not Platform.FEED.answers
    assert callable(connector)
