"""The main job on a real Bluesky network, from the customer's post to the reply in their own app."""

import pytest
from bluesky_network import within
from tents import HouseInATent, pitch_with, starter, with_source

from bot.clock import SystemClock
from bot.config.models import Account
from bot.connectors.bluesky_client import Source
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, Platform

pytestmark = pytest.mark.bluesky

WITHIN_S = 60


@pytest.fixture
def tent(tmp_path, monkeypatch, brand) -> HouseInATent:
    monkeypatch.setenv("EARSHOT_BLUESKY_PASSWORD", brand.app_password())
    source = Source(
        kind="bluesky",
        name="network",
        server=brand.origin,
        account=brand.handle,
        did=brand.did,
        app_password="EARSHOT_BLUESKY_PASSWORD",
    )
    config = with_source(starter(), source)
    ours = Account(handle=brand.handle, surface=brand.origin.partition("://")[2])
    accounts = {**config.brand.accounts, Platform.BLUESKY: (ours,)}
    company = config.brand.model_copy(update={"accounts": accounts, "countdown_seconds": 0})
    return pitch_with(tmp_path, SystemClock(), config.model_copy(update={"brand": company}))


def test_a_public_question_is_heard_approved_and_answered_where_the_customer_reads_it(tent, brand, customer):
    asked = customer.tag("Seit heute früh kein Internet in Kiel. Wann geht es wieder?", brand)
    label = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "!no-unauthenticated"}]}
    customer.tag("Wort-nur-fuer-Angemeldete", brand, labels=label)

    def heard():
        tent.listen()
        rows = tent.store.rows("SELECT text FROM mentions WHERE text LIKE '%kein Internet in Kiel%'")
        return rows and tent.store.value("SELECT n FROM tallies WHERE reason = 'not public'")

    assert within(WITHIN_S, heard), "the two posts were not both seen in time"
    verdict = tent.approve(customer.handle, "Danke für die Meldung, wir prüfen die Leitung. ^AL")
    assert verdict.kind == "queued", verdict.decision.open_rules
    assert within(WITHIN_S, tent.send)

    (reply,) = within(WITHIN_S, lambda: customer.replies(asked))
    assert reply["author"]["did"] == brand.did
    assert "wir prüfen die Leitung" in reply["record"]["text"]
    assert reply["record"]["reply"] == {"root": asked, "parent": asked}
    assert tent.case(customer.handle)["state"] == CaseState.SENT
    assert verify(tent.store).verdict is Verdict.OK
    for path in (tent.root / "data").iterdir():
        assert b"Wort-nur-fuer-Angemeldete" not in path.read_bytes()
