"""The main job on a real fediverse server, from the customer's post to the reply in their own client."""

import pytest
from snac_server import Snac, WallClock, within
from tents import HouseInATent, pitch_with, starter, with_source

from bot.config.models import Account
from bot.connectors.mastodon import Source as MastodonSource
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, Platform

pytestmark = pytest.mark.fediverse

WITHIN_S = 60
"""The server hands its mail to itself through a queue; 5 to 15 seconds are usual."""


@pytest.fixture
def tent(tmp_path, monkeypatch, snac: Snac) -> HouseInATent:
    monkeypatch.setenv("EARSHOT_SNAC_TOKEN", snac.brand_token)
    source = MastodonSource(
        kind="mastodon",
        name="snac",
        server=snac.url,
        account=snac.brand,
        token="EARSHOT_SNAC_TOKEN",
        hashtags=("fjordfon",),
    )
    config = with_source(starter(), source)
    accounts = {**config.brand.accounts, Platform.MASTODON: (Account(handle=snac.brand, surface=snac.surface),)}
    brand = config.brand.model_copy(update={"accounts": accounts, "countdown_seconds": 0})
    return pitch_with(tmp_path, WallClock(), config.model_copy(update={"brand": brand}))


def test_a_public_question_is_heard_approved_and_answered_where_the_customer_reads_it(tent, snac):
    customer = snac.customer_client
    asked = customer.status_post(f"@{snac.brand} Seit heute früh kein Internet in Kiel. Wann geht es wieder?")
    customer.status_post(f"@{snac.brand} Wort-nur-fuer-Freunde", visibility="private")
    customer.status_post(f"@{snac.brand} Wort-ganz-privat", visibility="direct")

    def heard():
        tent.listen()
        rows = tent.store.rows("SELECT text FROM mentions WHERE text LIKE '%kein Internet in Kiel%'")
        dropped = tent.store.value("SELECT n FROM tallies WHERE reason = 'not public'") or 0
        return rows and dropped >= 2

    assert within(WITHIN_S, heard), "the three posts were not all seen in time"
    verdict = tent.approve(snac.customer, "Danke für die Meldung, wir prüfen die Leitung. ^AL")
    assert verdict.kind == "queued", verdict.decision.open_rules
    assert within(WITHIN_S, tent.send)

    def read():
        thread = customer.status_context(asked["id"])["descendants"]
        return [post for post in thread if "wir prüfen die Leitung" in post["content"]]

    (reply,) = within(WITHIN_S, read)
    assert reply["visibility"] == "public"
    assert reply["in_reply_to_id"] == asked["id"]
    assert tent.case(snac.customer)["state"] == CaseState.SENT
    assert verify(tent.store).verdict is Verdict.OK
    for path in (tent.root / "data").iterdir():
        stored = path.read_bytes()
        assert b"Wort-nur-fuer-Freunde" not in stored
        assert b"Wort-ganz-privat" not in stored
