"""The sample posts that everybody meets first: whole, varied, invented, and in an order that shows the house."""

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest
from clocks import FakeClock

from bot.connectors.replay import ReplayConnector
from bot.model import Kind, Lane, Mention, Visibility

POSTS = Path(__file__).parents[2] / "config" / "samples" / "posts.jsonl"
ROWS = [json.loads(line) for line in POSTS.read_text("utf-8").splitlines()]
OWN = {"fjordfon_hilft", "fjordfon"}
DROP = "drop"
"""The label of a post that the door must not let in."""

HARD_CASES = (
    *("opt-out", "cancellation", "banter", "sarcasm", "quoted insult", "quotes us", "dialect", "code-switching"),
    *("right to left", "zero width", "emoji only", "figure of speech", "namesake", "no abuse", "bot", "own page"),
)

# Numbers that the German and the British regulator keep free for films: nobody can be called there.
FILM_NUMBERS = re.compile(r"030 23125 \d{3}|\+44 7700 900\d{3}")
NUMBER = re.compile(r"\+?\d[\d /()-]{6,}\d")
HOST = re.compile(r"(?:https?://|[\w.+-]+@)([\w.-]*\w)")


def heard(pace: int = 0) -> list[Mention]:
    """All posts as the connector brings them."""
    clock = FakeClock()
    source = ReplayConnector(
        name="samples", file=POSTS, account="fjordfon_hilft", clock=clock, posts_per_minute=pace, map={}
    )
    mentions, cursor, more = [], "", True
    while more or len(mentions) < len(ROWS):
        page = source.fetch(cursor, 50)
        assert page.dropped == {}
        mentions += page.mentions
        cursor, more = page.cursor, page.more
        clock.advance(60_000)
    return mentions


@pytest.fixture(scope="module")
def mentions() -> list[Mention]:
    return heard()


def labelled(fine: str) -> list[dict]:
    return [row for row in ROWS if fine in row.get("fine", "")]


def visible(text: str) -> str:
    """The text without signs that nobody sees."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def test_there_are_enough_posts_and_two_thirds_are_german():
    languages = Counter(row["lang"] for row in ROWS)
    assert len(ROWS) >= 170
    assert 0.6 < languages["de"] / len(ROWS) < 0.75
    assert languages["en"] >= 50


def test_every_lane_comes_in_both_languages():
    seen = Counter((row["lane"], row["lang"]) for row in ROWS)
    assert {row["lane"] for row in ROWS} == {*Lane, DROP}
    assert not [(lane, lang) for lane in Lane for lang in ("de", "en") if seen[lane, lang] < 2]


def test_no_post_and_no_id_stands_twice():
    assert max(Counter(row["id"] for row in ROWS).values()) == 1
    assert max(Counter(" ".join(row["text"].casefold().split()) for row in ROWS).values()) == 1


def test_nobody_can_be_called_or_written_to():
    for row in ROWS:
        assert NUMBER.findall(FILM_NUMBERS.sub("", row["text"])) == [], row["id"]
        hosts = HOST.findall(visible(json.dumps(row, ensure_ascii=False)))
        assert [host for host in hosts if not host.endswith(".example")] == [], row["id"]


def test_the_file_holds_no_invisible_signs_in_plain_sight():
    raw = POSTS.read_text("utf-8")
    assert not [sign for sign in raw if unicodedata.category(sign) == "Cf"]


@pytest.mark.parametrize("pace", [0, 30, 1000])
def test_all_of_them_come_through_the_connector_in_order(pace):
    mentions = heard(pace)
    assert [mention.native_id for mention in mentions] == [row["id"] for row in ROWS]
    times = [mention.created_at for mention in mentions]
    assert times == sorted(times)
    assert times[0] < FakeClock().now()


def test_words_that_are_not_public_stay_in_the_file(mentions):
    private = [row["id"] for row in ROWS if row.get("visibility") in {"followers", "direct", "circle"}]
    assert [mention.native_id for mention in mentions if not mention.text] == private
    assert {mention.visibility for mention in mentions} == set(Visibility)


def test_what_is_labelled_drop_is_ours_a_repost_or_not_public_and_nothing_else_is(mentions):
    shut_out = {
        mention.native_id
        for mention in mentions
        if mention.author.handle in OWN or mention.kind is Kind.REPOST or mention.visibility is not Visibility.PUBLIC
    }
    assert shut_out == {row["id"] for row in ROWS if row["lane"] == DROP}
    assert {row["author"] for row in ROWS} >= OWN


def test_every_other_post_names_or_answers_us_unless_it_is_noise(mentions):
    for row, mention in zip(ROWS, mentions, strict=True):
        quoted = mention.quoted.author_id if mention.quoted else ""
        addressed = {*mention.own_mentions, mention.parent_author_id, quoted} & OWN or mention.owned_surface
        named = re.search(r"fjordfon|fjordbox", visible(mention.text).casefold())
        assert addressed or named or row["lane"] in {Lane.NOISE, DROP}, row["id"]
        assert not (addressed and row["lane"] in {Lane.LISTEN, Lane.NOISE}), row["id"]


def test_the_first_fifteen_show_every_lane():
    assert {row["lane"] for row in ROWS[:15]} == set(Lane)


def test_the_outage_is_a_burst_of_minutes_in_the_middle():
    places = [place for place, row in enumerate(ROWS) if row.get("fine") == "outage in Kiel"]
    assert len(places) >= 20
    assert len(ROWS) / 3 < places[0] < places[-1] < len(ROWS) * 2 / 3
    assert ROWS[places[-1]]["after"] - ROWS[places[0]]["after"] <= 300
    assert sum("Kiel" in ROWS[place]["text"] for place in places) >= 15


def test_replies_answer_posts_that_came_before():
    known: set[str] = set()
    for row in ROWS:
        assert {row.get("in_reply_to"), row.get("root")} - {None} <= known
        known.add(row["id"])
    assert sum("in_reply_to" in row for row in ROWS) >= 12


def test_false_helpers_look_like_us_and_are_not_us():
    fakes = [row["author"] for row in labelled("look-alike")]
    assert len(fakes) >= 6
    assert not OWN & set(fakes)
    assert all(row["lane"] == Lane.SCAM for row in labelled("look-alike"))


@pytest.mark.parametrize("fine", HARD_CASES)
def test_the_hard_cases_are_there(fine):
    assert labelled(fine)


def test_the_signs_that_break_careless_programs_are_there():
    texts = [row["text"] for row in ROWS]
    assert any("\u200b" in text for text in texts)
    assert any("\u202e" in text for text in texts)
    assert any(unicodedata.bidirectional(sign) in {"R", "AL"} for text in texts for sign in text)
    assert max(map(len, texts)) > 2_000


def test_people_write_du_and_sie():
    german = " ".join(row["text"] for row in ROWS if row["lang"] == "de")
    assert len(re.findall(r"\b(?:ihr|euch|eure|du)\b", german)) > 20
    assert len(re.findall(r"\b(?:Ihnen|Ihre|können Sie|Sie bitte)\b", german)) > 8
