"""Who is ours, and where: two servers may each have a @support, and only one of them is us."""

from dataclasses import replace

import pytest
from port_doubles import mention
from tents import HouseInATent

from bot import ingest
from bot.config.models import Account, Brand
from bot.ingest import Door
from bot.model import Mention, Page, Platform, Quoted
from bot.review.facts import own_names
from bot.store.db import Row

SOCIAL = "social.example"
ACCOUNTS = (
    Account(handle="nordlicht_hilft", surface=SOCIAL, id="11"),
    Account(handle="support", surface="firma.example", id="22"),
)


def read_at(surface: str, account: str, **more: object) -> Mention:
    """A post of @kim that names nobody, as our ``account`` on ``surface`` reads it."""
    known = {"platform": Platform.MASTODON, "surface": surface, "account": account, "own_mentions": ()}
    return mention(**{**known, **more})


def brand(*accounts: Account, platform: Platform = Platform.MASTODON) -> Brand:
    return Brand(name="Nordlicht", names=("Nordlicht",), accounts={platform: accounts})


@pytest.mark.parametrize(
    ("surface", "account", "names"),
    [
        (SOCIAL, "nordlicht_hilft", {"nordlicht_hilft", f"nordlicht_hilft@{SOCIAL}", "11", "support@firma.example"}),
        ("FIRMA.example", "Support", {"support", "support@firma.example", "22", f"nordlicht_hilft@{SOCIAL}"}),
    ],
)
def test_a_bare_handle_and_an_id_are_ours_on_their_own_server_alone(
    surface: str, account: str, names: set[str]
) -> None:
    assert own_names(brand(*ACCOUNTS), read_at(surface, account)) == names


def test_the_account_that_reads_is_ours_though_people_write_its_server_under_another_name() -> None:
    names = own_names(brand(ACCOUNTS[1]), read_at("api.firma.example", "support"))
    assert names == {"support", "support@firma.example"}


def test_an_account_without_a_server_is_ours_everywhere_on_its_platform() -> None:
    anywhere = brand(Account(handle="Fjordfon_hilft", id="7"), platform=Platform.REPLAY)
    assert own_names(anywhere, mention(account="")) == {"fjordfon_hilft", "7"}
    assert own_names(anywhere, read_at(SOCIAL, "")) == set()


@pytest.fixture
def door(tent: HouseInATent) -> Door:
    config = tent.config.model_copy(update={"brand": brand(*ACCOUNTS)})
    return replace(tent.wiring.door(config, tent.wiring.matcher(config)), keep=lambda _mention: True)


def taken(tent: HouseInATent, door: Door, **more: object) -> Row | None:
    """The stored post, or None where it was taken for our own."""
    post = read_at(SOCIAL, "nordlicht_hilft", **more)
    with tent.store.write() as tx:
        ingest.take(tx, Page((post,), "next"), "samples", door, tent.clock.now())
    return tent.store.row("SELECT triggers FROM mentions")


@pytest.mark.parametrize(
    ("more", "triggers"),
    [
        ({"own_mentions": ("support",)}, "none"),
        ({"own_mentions": ("support@firma.example",)}, "mention"),
        ({"own_mentions": ("nordlicht_hilft",)}, "mention"),
        ({"parent_author_id": "22"}, "none"),
        ({"parent_author_id": "11"}, "reply"),
        ({"quoted": Quoted("5", "22")}, "none"),
        ({"quoted": Quoted("5", "11")}, "quote"),
        ({"author": "22", "handle": "support"}, "none"),
    ],
)
def test_a_stranger_who_bears_the_name_of_our_other_account_is_a_stranger(
    tent: HouseInATent, door: Door, more: dict[str, object], triggers: str
) -> None:
    row = taken(tent, door, **more)
    assert row is not None
    assert triggers in row["triggers"]


@pytest.mark.parametrize("handle", ["support@firma.example", "Nordlicht_hilft"])
def test_what_our_own_accounts_write_is_dropped_wherever_it_is_read(
    tent: HouseInATent, door: Door, handle: str
) -> None:
    assert taken(tent, door, author="99", handle=handle) is None
