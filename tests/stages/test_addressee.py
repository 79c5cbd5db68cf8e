"""A reply leaves from the account that was addressed, whichever of our sources heard the post first."""

import pytest
from port_doubles import mention
from tents import HouseInATent

from bot import ingest
from bot.addressee import addressee
from bot.config.models import Account, ConfigSet, Platforms, Source
from bot.model import Mention, Page, Platform, Quoted

HERE, ELSEWHERE = "social.example", "firma.example"


def source(name: str, account: str, server: str = HERE) -> Source:
    return Source(kind=Platform.MASTODON, name=name, account=account, server=server)


@pytest.fixture
def config(tent: HouseInATent) -> ConfigSet:
    accounts = (Account(handle="hilft", surface=HERE, id="11"), Account(handle="news", surface=HERE, id="22"))
    sources = (source("hilft", "hilft"), source("news", "news"), source("far", "hilft", ELSEWHERE))
    return tent.config.model_copy(
        update={
            "brand": tent.config.brand.model_copy(update={"accounts": {Platform.MASTODON: accounts}}),
            "platforms": Platforms(sources=sources),
        }
    )


def read(account: str, **more: object) -> Mention:
    return mention(**{"platform": Platform.MASTODON, "surface": HERE, "account": account, "own_mentions": (), **more})


@pytest.mark.parametrize(
    ("more", "belongs"),
    [
        ({}, ("hilft", "hilft")),
        ({"own_mentions": ("news",)}, ("news", "news")),
        ({"own_mentions": ("22",)}, ("news", "news")),
        ({"own_mentions": ("news", "Hilft")}, ("hilft", "hilft")),
        ({"own_mentions": ("stranger",)}, ("hilft", "hilft")),
        ({"parent_author_id": "22"}, ("news", "news")),
        ({"quoted": Quoted("5", "22")}, ("news", "news")),
    ],
)
def test_a_post_belongs_to_the_account_that_it_addresses(config, more, belongs):
    assert addressee(config, read("hilft", **more), "hilft") == belongs


def test_a_post_read_on_another_server_stays_where_its_id_is_good(config):
    assert addressee(config, read("hilft", own_mentions=("news",), surface=ELSEWHERE), "far") == ("far", "hilft")


def test_a_post_of_one_archive_stays_there_though_it_names_the_account_of_another(config):
    archives = (Source(kind=Platform.ARCHIVE, name="a"), Source(kind=Platform.ARCHIVE, name="b", account="hilft"))
    both = config.model_copy(update={"platforms": Platforms(sources=archives)})
    named = mention(platform=Platform.ARCHIVE, surface="a", account="", own_mentions=("hilft",))
    assert addressee(both, named, "a") == ("a", "")


def test_a_source_that_left_the_configuration_changes_nothing(config):
    assert addressee(config, read("old", own_mentions=("news",)), "gone") == ("gone", "old")


def test_two_sources_that_hear_one_post_make_one_case_of_the_addressed_account(tent, config):
    door = tent.wiring.door(config, tent.wiring.matcher(config))
    with tent.store.write() as tx:
        for name in ("hilft", "news"):
            tx.run("INSERT INTO sources (name, platform, account) VALUES (:n, 'mastodon', :n)", n=name)
        for name in ("hilft", "news"):
            page = Page((read(name, own_mentions=("news",)),), "next")
            ingest.take(tx, page, name, door, tent.clock.now())
    rows = tent.store.rows("SELECT source, account, triggers FROM mentions")
    assert [tuple(row[name] for name in ("source", "account", "triggers")) for row in rows] == [
        ("news", "news", "mention")
    ]


def test_what_a_stream_of_the_whole_network_heard_belongs_to_the_account_that_answers_there(tent):
    stream = Source(kind=Platform.JETSTREAM, name="stream", account="fjordfon.example")
    answers = Source(kind=Platform.BLUESKY, name="bluesky", account="fjordfon.example")
    heard = mention(platform=Platform.BLUESKY, surface="bsky.social", account="fjordfon.example", own_mentions=())
    both = tent.config.model_copy(update={"platforms": Platforms(sources=(stream, answers))})
    alone = tent.config.model_copy(update={"platforms": Platforms(sources=(stream,))})
    assert addressee(both, heard, "stream") == ("bluesky", "fjordfon.example")
    assert addressee(alone, heard, "stream") == ("stream", "fjordfon.example")
