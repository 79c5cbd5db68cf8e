"""What the feed library gets to read, and what an entry becomes, whatever somebody wrote into them."""

import pytest
from feed_double import NOW, rss
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.connectors.feed import _parsed
from bot.connectors.feed_post import Place, text_of
from bot.connectors.feed_screen import NoFeed, screen
from bot.connectors.fields import Unreadable


@pytest.mark.parametrize(
    "hostile",
    [
        "<item>" + "<category>ab</category>" * 8_000 + "<title>x</title></item>",
        "<item><title>x</title><author>" + "a" * 300_000 + "</author></item>",
        "".join(f'<item xmlns:n{n}="u{n}"><n{n}:title>x</n{n}:title></item>' for n in range(3_000)),
        "<item><title>x</title><content type='xhtml'><div>" + "\n<br/>" * 10_000 + "</div></content></item>",
        "<item><title>x</title><itunes:keywords>" + "a," * 100_000 + "</itunes:keywords></item>",
        "<item><title>x</title>" + "<a>" * 10_000 + "</a>" * 10_000 + "</item>",
        "<item><title>x</title><pubDate>" + "1 " * 100_000 + "</pubDate></item>" + "<item><title>y</title></item>",
        "<item><title>x</title></item>" * 8_000,
        "<item><title>" + "&amp;lt;a " * 20_000 + "</title></item>",
        "<!--" + "-a" * 100_000 + "--><item><title>x</title></item>",
    ],
    ids=["categories", "author", "namespaces", "tags", "keywords", "depth", "date", "entries", "half tags", "comment"],
)
def test_a_feed_built_to_make_the_library_compute_for_hours_is_read_in_linear_time(hostile):
    """No clock is asked: what reaches the library is small, and that is what its time grows with."""
    for broken in ("", "<"):
        screened = screen(rss(hostile, broken).decode())
        assert len(screened.document) < 700_000
        assert screened.document.count(b"<") < 40_000


PIECES = st.sampled_from([
    "<item>", "</item>", "<entry>", "</entry>", "<title>", "</title>", "<guid>g</guid>", "<a:b c='d'>", "</a:b>",
    "&", "<", "<![CDATA[", "]]>", "<!--", "-->", "<content type='xhtml'>", "</content>", "x\ny", "<?p?>", "ü\x00",
    "<author><name>n</name></author>", "<media:group>", "</media:group>", "<link href='http://[' rel='enclosure'/>",
    "<pubDate>1</pubDate>", "&#0;", "&ouml;", "<x xmlns:a='http://www.w3.org/2000/xmlns/'/>", "<x xml:base='//['/>",
    "<xml:x/>", "<xmlns:x/>", "<title xml:base='http://['>",
])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=5), max_size=30), st.sampled_from(["rss", "feed", "rdf:RDF"]))
def test_whatever_a_site_writes_the_library_gets_well_formed_xml(pieces, root):
    try:
        screened = screen(text_of(f"<{root}>{''.join(pieces)}</{root}>".encode("utf-8", "surrogatepass"), ""))
    except NoFeed:
        return
    assert not _parsed(screened.document).bozo


@given(st.binary(max_size=200), st.text(max_size=40))
def test_any_bytes_are_a_text(body, kind):
    text_of(body, kind).encode()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.tuples(*[st.integers()] * 9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "type", "href", "url", "rel", "name", "language", "medium"]), inner)
    ),
    max_leaves=6,
)
NAMES = (
    "id", "link", "links", "title", "title_detail", "summary", "summary_detail", "content", "author",
    "published_parsed", "updated_parsed", "media_content", "media_thumbnail", "language",
)  # fmt: skip


@settings(max_examples=50)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, VALUES)))
def test_any_entry_is_a_storable_mention_or_unreadable(fields):
    try:
        post = Place("https://blog.example/feed.xml", "fjordfon", owned=False).post(fields, fields, NOW)
    except Unreadable:
        return
    repr(post.mention).encode()
    assert post.mention.native_id
    assert post.mention.author.handle
    assert -(2**63) < post.mention.created_at < 2**63
