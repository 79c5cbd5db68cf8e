"""The ledger's page and the public square."""

import json
from dataclasses import replace

import pytest
from sample_desk import KEYS, PASSWORD, standing
from sample_posts import approved

from bot.connectors.mastodon import Source as MastodonSource
from bot.keys import Keys
from bot.ledger import checkpoint
from bot.ledger.proof import Checkpoint
from bot.model import DispatchState, Lane, Trigger, Visibility
from bot.store import dispatches, queue, status
from bot.store import house as house_rows

REPLY = "Moin, deine Rechnung findest du hier: https://fjordfon.example/rechnung ^AB"
QUESTION = "@fjordfon_hilft Wo finde ich meine Rechnung?"


@pytest.fixture
def sent(desk) -> int:
    verdict = approved(desk, desk.hear(QUESTION, handle="frager"), REPLY)
    with desk.stores().write() as tx:
        dispatches.set_state(
            tx, verdict.dispatch_id, DispatchState.QUEUED, DispatchState.SENT, 1, sent_at=desk.clock.now()
        )
    return verdict.dispatch_id


def test_entries_stand_in_plain_words_newest_first(alice, sent):
    page = alice.get("/ledger").text
    places = [
        page.index(words) for words in ("Decision about a reply", "Exactly this text approved", "came into force")
    ]
    assert places == sorted(places)
    assert "at approval" in page
    assert "case 1" in page


def test_the_list_is_filtered_by_type_and_paged(desk, alice, sent):
    page = alice.get("/ledger?type=APPROVAL").text
    assert "/ledger/2" in page
    assert 'href="/ledger/1"' not in page
    rows = queue.ledger_page(desk.stores(), before=3, kind="", limit=10)
    assert [row["seq"] for row in rows] == [2, 1]


def test_one_entry_shows_its_canonical_json_and_its_neighbours(desk, alice, sent):
    page = alice.get("/ledger/2").text
    assert 'rel="prev" href="/ledger/1"' in page
    assert 'rel="next" href="/ledger/3"' in page
    body = json.loads(desk.stores().value("SELECT body FROM log WHERE seq = 2"))
    assert f"&#34;text_hash&#34;: &#34;{body['text_hash']}&#34;" in page
    assert alice.get("/ledger/999").status_code == 404


def test_the_seal_tells_until_where_and_when_it_was_verified(alice):
    page = alice.get("/ledger").text
    assert "Chain complete" in page
    assert "verified until entry 1" in page


def test_verifying_now_checks_the_whole_chain(alice, sent):
    assert "3 entries checked just now" in alice.post("/ledger/verify").text


def test_a_broken_chain_is_told_loudly(desk, alice):
    with desk.stores().write() as tx:
        house_rows.set_verified(tx, "worker", ok=False, seq=1, at=desk.clock.now())
    page = alice.get("/ledger").text
    assert "The chain is broken" in page
    assert 'data-tone="bad"' in page


@pytest.mark.parametrize("kept", ["missing", "foreign"])
def test_verifying_compares_with_the_checkpoints_kept_elsewhere(desk, browse, tmp_path, kept):
    keys = KEYS if kept == "missing" else Keys(b"x" * 32, b"x" * 32, b"x" * 32)
    checkpoint.write(tmp_path / "elsewhere", 99, checkpoint.sign(Checkpoint(99, b"r" * 32), keys.signer))
    client = sign_in(desk, tmp_path / "elsewhere")
    page = client.post("/ledger/verify", headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}).text
    assert ("Entries are missing" if kept == "missing" else "The chain is broken") in page


def sign_in(desk, folder):
    client = desk.app(checkpoints_dir=folder).test_client()
    headers = {"Sec-Fetch-Site": "same-origin"}
    client.post("/sign-in", data={"name": "alice", "password": PASSWORD}, headers=headers)
    return client


def test_the_square_shows_posts_and_replies_to_anybody(desk, browse, sent):
    desk.hear("Stammtisch: alle schimpfen über Fjordfon", handle="joachim", lane=Lane.LISTEN, trigger=Trigger.NONE)
    page = browse("").get("/square").text
    assert "<bdi>@frager</bdi>" in page
    assert "deine Rechnung findest du hier" in page
    assert page.count("heard, but not answered") == 1


@pytest.mark.parametrize("state", [DispatchState.RETRACTING, DispatchState.RETRACTED])
def test_what_is_not_out_there_is_not_on_the_square(desk, browse, sent, state):
    with desk.stores().write() as tx:
        dispatches.set_state(tx, sent, DispatchState.SENT, state, 2)
    assert "deine Rechnung findest du hier" not in browse("").get("/square").text


@pytest.mark.parametrize(
    "change",
    [
        {"exists": False, "visibility": Visibility.UNKNOWN},
        {"exists": None},
        {"visibility": Visibility.FOLLOWERS},
        {"visibility": Visibility.UNLISTED},
    ],
)
def test_a_post_that_was_deleted_or_hidden_is_not_on_the_square_whatever_answered_it(desk, browse, sent, change):
    desk.hear("@fjordfon_hilft Kommt heute noch jemand?", handle="wartender")
    for mention_id in (1, 2):
        now = desk.clock.now() + 1
        with desk.stores().write() as tx:
            status.put(tx, mention_id, replace(standing("-", now), **change))
    page = browse("").get("/square").text
    assert "Wo finde ich meine Rechnung" not in page
    assert "Kommt heute noch jemand" not in page
    assert "deine Rechnung findest du hier" in page


def test_a_post_that_nobody_looked_at_again_is_on_the_square(desk, browse):
    desk.hear(QUESTION, handle="frager", looked_at=False)
    assert "Wo finde ich meine Rechnung" in browse("").get("/square").text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_on_this_machine_strangers_see_the_square(desk, sent, host):
    client = desk.app(hosts=["desk.fjordfon.example"]).test_client()
    assert client.get("/square", headers={"Host": host}).status_code == 200


def test_under_another_name_only_people_who_signed_in_see_the_square(desk, sent):
    client = desk.app(hosts=["desk.fjordfon.example"]).test_client()
    elsewhere = {"Host": "desk.fjordfon.example", "Sec-Fetch-Site": "same-origin"}
    answer = client.get("/square", headers=elsewhere)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/square")
    assert "Rechnung" not in answer.text
    base = "http://desk.fjordfon.example"
    signing_in = {"name": "charlie", "password": PASSWORD}
    assert client.post("/sign-in", base_url=base, data=signing_in, headers=elsewhere).status_code == 303
    assert "deine Rechnung findest du hier" in client.get("/square", base_url=base, headers=elsewhere).text


def test_there_is_no_square_beside_a_real_platform(desk, browse):
    source = MastodonSource(kind="mastodon", name="m", server="s.example", account="fjordfon_hilft", token="EARSHOT_T")
    known = desk.config.platforms
    mixed = desk.config.model_copy(update={"platforms": known.model_copy(update={"sources": (*known.sources, source)})})
    with desk.stores().write() as tx:
        house_rows.add_config(tx, "other", mixed.model_dump_json(), 1)
    assert browse("").get("/square").status_code == 404
    assert 'href="/square"' not in browse("alice").get("/").text
