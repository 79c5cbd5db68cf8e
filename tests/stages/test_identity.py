"""Twice a day our own accounts are looked at as everybody sees them; what is wrong with one is told."""

from dataclasses import replace

import pytest
from port_doubles import Feed, Moody
from tents import HouseInATent, post

from bot import identity, ingest
from bot.config.models import Brand, Legal, PrivacyNotice
from bot.errors import Permanent, Transient, Unauthorised
from bot.model import Identity
from bot.store import sources
from bot.store.db import Row

SEEN = Identity("fjordfon_hilft", "1", is_bot=True, bio="Fjordfon, Menschen geben jede Antwort frei. STOPP genügt.")


BRAND = Brand(name="Fjordfon", names=("Fjordfon",), accounts={}, domains=("fjordfon.example",))


class Mirror:
    """A publisher that shows our account as the test says."""

    def __init__(self, shown: Identity | Exception) -> None:
        self.shown = shown
        self.asked = 0

    def identity(self) -> Identity:
        self.asked += 1
        if isinstance(self.shown, Exception):
            raise self.shown
        return self.shown


def source(tent: HouseInATent) -> Row:
    row = sources.by_name(tent.store, "samples")
    assert row is not None
    return row


def test_an_account_is_looked_at_twice_a_day(tent):
    mirror = Mirror(SEEN)
    for _ in range(3):
        identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    assert (mirror.asked, source(tent)["is_bot"], source(tent)["identity_trouble"]) == (1, 1, "")
    tent.clock.advance(identity.EVERY_MS)
    identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    assert mirror.asked == 2


@pytest.mark.parametrize(
    ("shown", "trouble"),
    [
        (Identity("fjordfon_hilft", "1"), ""),
        (Identity("Fjordfon_Hilft", "1"), ""),
        (Identity("other_brand", "2", bio="Wir."), "another account"),
        (Unauthorised("The token was refused."), "The token was refused."),
        (Permanent("The account is suspended."), "The account is suspended."),
    ],
)
def test_what_is_wrong_with_an_account_is_kept_until_it_is_well(tent, shown, trouble):
    identity.run(tent.store, {"samples": Mirror(shown)}, tent.clock, BRAND)
    assert source(tent)["identity_trouble"] == trouble
    tent.clock.advance(identity.EVERY_MS)
    identity.run(tent.store, {"samples": Mirror(SEEN)}, tent.clock, BRAND)
    assert source(tent)["identity_trouble"] == ""


def test_a_platform_that_does_not_answer_is_asked_again_in_a_minute_and_not_at_every_step(tent):
    mirror = Mirror(Transient("The platform cannot be reached."))
    for _ in range(3):
        identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    assert mirror.asked == 1
    mirror.shown = SEEN
    tent.clock.advance(identity.MINUTE_MS)
    identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    assert (mirror.asked, source(tent)["identity_at"]) == (2, tent.clock.now())


def test_an_account_that_is_refused_is_looked_at_every_hour_until_it_is_well(tent):
    mirror = Mirror(Unauthorised("The token was refused."))
    identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    assert sources.mute(source(tent)) == "The token was refused."
    mirror.shown = SEEN
    for _ in range(2):
        tent.clock.advance(identity.HOUR_MS)
        identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    assert (mirror.asked, sources.mute(source(tent))) == (2, "")


def refused_while_reading(tent):
    feed = Feed(Unauthorised("The token was refused."))
    ingest.poll(tent.store, feed, tent.wiring.door(tent.config, tent.wiring.matcher(tent.config)), tent.clock)


def refused_while_sending(tent):
    tent.publishers["samples"] = moody = Moody(tent.publishers["samples"])
    tent.hear(post("1", "kim", "@fjordfon_hilft Wann läuft das Internet wieder?"))
    tent.approve("kim", "Wir prüfen die Leitung und melden uns hier. ^AL")
    tent.clock.advance(10_000)
    moody.moods["publish"] = [Unauthorised("The token was refused.")]
    tent.send()


@pytest.mark.parametrize("refused", [refused_while_reading, refused_while_sending])
def test_when_a_platform_refuses_us_the_account_is_looked_at_at_once(tent, refused):
    mirror = Mirror(SEEN)
    identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    refused(tent)
    identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    assert mirror.asked == 2


def test_a_source_that_only_listens_has_no_account_to_look_at(tent):
    assert identity.run(tent.store, {}, tent.clock, BRAND) == 0


@pytest.mark.parametrize(
    ("bio", "told"),
    [
        (None, None),
        ("", False),
        ("Wir helfen gern.", False),
        ("Mit Software, jede Antwort gibt ein Mensch frei: https://Fjordfon.example/konto", True),
        ("Datenschutz: privacy.fjordfon.test/social", True),
    ],
)
def test_a_profile_explains_the_account_when_it_leads_to_a_page_of_ours(tent, bio, told):
    notice = PrivacyNotice(url="https://privacy.fjordfon.test/social", version="3")
    brand = BRAND.model_copy(update={"legal": Legal(privacy_notice=notice)})
    identity.run(tent.store, {"samples": Mirror(Identity("fjordfon_hilft", "1", bio=bio))}, tent.clock, brand)
    assert source(tent)["bio_ok"] == told


def test_without_a_host_of_ours_any_profile_that_says_something_will_do():
    nowhere = BRAND.model_copy(update={"domains": ()})
    assert [identity.explains(bio, nowhere) for bio in ("Wir.", " ", None)] == [True, False, None]


def test_the_version_of_the_servers_rules_stands_in_every_decision(tent):
    mirror = Mirror(replace(SEEN, server_rules="ab" * 32))
    identity.run(tent.store, {"samples": mirror}, tent.clock, BRAND)
    tent.hear(post("kim", "kim", "@fjordfon_hilft Seit heute früh geht hier nichts."))
    tent.approve("kim", "Danke für die Meldung. Wir prüfen die Leitung. ^AL")
    assert [entry["server_rules"] for entry in tent.entries("DECISION")] == ["ab" * 32]
