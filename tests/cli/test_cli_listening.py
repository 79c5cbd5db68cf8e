"""ingest, replay, status: what came, what was dropped and why, and that no word of a post is printed."""

import json

import pytest
from canaries import CANARY_TEXT
from programs import change

from bot import __version__
from bot.config.starter import starter_dir
from bot.store import sources
from bot.store.db import Store


def post(number, text, **more):
    return json.dumps({"id": str(number), "author": f"author{number}", "text": text} | more) + "\n"


def addressed(number, text="@fjordfon_hilft kein Internet in Kiel, wann geht es wieder?"):
    return post(number, text, mentions=["fjordfon_hilft"])


def value(house, sql):
    store = Store(house / "data" / "earshot.db")
    found = store.value(sql)
    store.close()
    return found


def test_ingest_polls_every_source_once_and_says_what_became_of_each_post(earshot, house):
    lines = [
        addressed(1),
        post(2, "Fjordfon Internet ist tot"),
        post(3, "Heute ist Markt"),
        addressed(4, "@fjordfon_hilft danke!"),
    ]
    (house / "posts.jsonl").write_text("".join(lines) + post(5, "x", author="fjordfon_hilft"), "utf-8")
    came = earshot("ingest")
    assert (came.code, came.err) == (0, "")
    told = json.loads(earshot("ingest", "--json").out)
    assert told["came"] == {"replay": {}}
    assert told["open_cases"] == {"help": 1, "listen": 1, "praise": 1}
    assert sorted(" ".join(line.split()) for line in came.out.splitlines()[1:4]) == [
        *("replay new 3", "replay not about us 1", "replay our own 1")
    ]


def test_a_second_ingest_brings_nothing_twice(earshot, house):
    (house / "posts.jsonl").write_text(addressed(1), "utf-8")
    earshot("ingest", "replay")
    assert "nothing new" in earshot("ingest", "replay").out
    assert value(house, "SELECT count(*) FROM mentions") == 1


def test_reading_again_from_a_date_doubles_nothing_and_brings_what_was_missed(earshot, house):
    (house / "posts.jsonl").write_text(addressed(1), "utf-8")
    earshot("ingest")
    (house / "posts.jsonl").write_text(addressed(9) + addressed(1), "utf-8")
    came = earshot("ingest", "replay", "--since", "2026-11-01", "--json")
    assert json.loads(came.out)["open_cases"] == {"help": 2}
    assert value(house, "SELECT count(*) FROM mentions") == 2


@pytest.mark.parametrize("date", ["yesterday", "2026-13-01"])
def test_a_date_that_is_none_is_wrong_usage(earshot, house, date):
    assert earshot("ingest", "--since", date).code == 3


def test_a_source_that_is_not_there_is_named(earshot, house):
    said = earshot("ingest", "pigeons")
    assert said.code == 1
    assert "no source called pigeons" in said.err


def test_a_source_whose_file_is_missing_fails_in_words(earshot, house):
    (house / "posts.jsonl").unlink()
    said = earshot("ingest")
    assert said.code == 1
    assert "replay: The replay file posts.jsonl is missing" in said.err


def test_replay_takes_two_thousand_posts_and_counts_the_broken_lines(earshot, house):
    broken = ["{no json\n", "[]\n", '{"id": "x"}\n']
    file = house / "many.jsonl"
    file.write_text("".join([addressed(number) for number in range(2_000)] + broken), "utf-8")
    said = earshot("replay", file)
    assert (said.code, said.err) == (0, "")
    assert "many.jsonl: 2,003 lines" in said.out
    assert value(house, "SELECT count(*) FROM mentions WHERE stage = 'assessed'") == 2_000
    assert value(house, "SELECT sum(n) FROM tallies") == 2_003
    assert value(house, "SELECT count(*) FROM cases WHERE lane = 'help'") == 2_000
    assert "2,000" in said.out


def test_a_second_replay_goes_on_where_the_first_one_ended(earshot, house):
    file = house / "many.jsonl"
    file.write_text(addressed(1), "utf-8")
    earshot("replay", file)
    with file.open("a", encoding="utf-8") as more:
        more.write(addressed(2))
    assert "new        1" in earshot("replay", file).out
    assert value(house, "SELECT count(*) FROM mentions") == 2


def test_map_says_which_key_of_the_file_is_which_field(earshot, house):
    (house / "dump.jsonl").write_text(json.dumps({"body": "Fjordfon Internet ist tot", "who": "kim"}) + "\n", "utf-8")
    said = earshot("replay", house / "dump.jsonl", "--map", "text=body", "--map", "author=who")
    assert said.code == 0
    assert value(house, "SELECT author_handle || ': ' || text FROM mentions") == "kim: Fjordfon Internet ist tot"


@pytest.mark.parametrize("pair", ["text", "=body", "text="])
def test_a_mapping_that_is_none_is_wrong_usage(earshot, house, pair):
    said = earshot("replay", house / "posts.jsonl", "--map", pair)
    assert said.code == 3
    assert "FIELD=KEY" in said.err


def test_a_mapping_to_a_field_that_we_do_not_have_is_refused_in_words(earshot, house):
    said = earshot("replay", house / "posts.jsonl", "--map", "colour=body")
    assert said.code == 1
    assert "colour" in said.err


def test_replay_into_an_empty_place_makes_keys_and_database(earshot, folder):
    (folder / "some.jsonl").write_text(json.dumps({"text": "Die Bahn hat Verspätung, ICE fällt aus"}) + "\n", "utf-8")
    said = earshot("replay", "some.jsonl", "--folder", starter_dir() / "examples" / "bahn")
    assert (said.code, said.err) == (0, "")
    assert value(folder, "SELECT count(*) FROM cases WHERE lane = 'listen'") == 1


def test_two_brands_never_share_a_database(earshot, house):
    (house / "posts.jsonl").write_text(addressed(1), "utf-8")
    earshot("ingest")
    said = earshot("replay", "posts.jsonl", "--folder", starter_dir() / "examples" / "bahn")
    assert said.code == 1
    assert "EARSHOT_DATA_DIR" in said.err
    assert value(house, "SELECT count(*) FROM config_versions") == 1


def test_no_word_of_a_post_is_printed_by_listening(earshot, house):
    lines = [
        addressed(1, f"@fjordfon_hilft {CANARY_TEXT}"),
        post(2, CANARY_TEXT),
        post(3, CANARY_TEXT, visibility="direct"),
    ]
    (house / "posts.jsonl").write_text("".join(lines) + f'{{"text": "{CANARY_TEXT}"\n', "utf-8")
    for words in (("ingest",), ("replay", "posts.jsonl"), ("status",), ("status", "--json"), ("ledger", "show")):
        said = earshot(*words)
        assert CANARY_TEXT not in said.out + said.err


def test_status_before_anything_ran(earshot, house):
    told = json.loads(earshot("status", "--json").out)
    assert told == {
        "worker": "not running",
        "versions": [__version__],
        "stopped": None,
        "ledger": "not verified yet",
        "config_problems": [],
        "waiting_to_assess": 0,
        "incidents": [],
        "lanes": {},
        "sources": {},
        "credentials": [],
        "privacy": [],
    }


def test_status_says_for_people_what_it_says_for_scripts(earshot, house):
    (house / "posts.jsonl").write_text(addressed(1), "utf-8")
    earshot("ingest")
    shown = earshot("status").out
    assert [line.split()[0] for line in shown.splitlines()] == [
        *("worker", "versions", "stopped", "ledger", "config", "waiting", "incidents", "lanes", "sources"),
        *("credentials", "privacy"),
    ]
    assert "help 1" in shown
    assert "replay ok" in shown


def test_status_tells_that_a_source_cannot_send_and_why(earshot, house):
    (house / "posts.jsonl").write_text(addressed(1), "utf-8")
    earshot("ingest")
    store = Store(house / "data" / "earshot.db")
    with store.write() as tx:
        sources.identified(tx, "replay", is_bot=None, bio_ok=None, trouble="not set: EARSHOT_A", at=1)
    store.close()
    assert "replay cannot send: not set: EARSHOT_A" in earshot("status").out


def test_a_fault_in_the_configuration_stops_listening_with_its_line(earshot, house):
    change(house / "config" / "brand.yaml", "address: du", "adress: du")
    said = earshot("ingest")
    assert said.code == 1
    assert "brand.yaml:" in said.err
