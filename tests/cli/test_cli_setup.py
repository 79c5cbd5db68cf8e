"""init, check, migrate: from an empty folder to a house that listens."""

import json
import shutil
import stat

import pytest
from programs import change

from bot.config.starter import starter_dir

HANDLE = "mastodon=fjordfon_hilft@social.fjordfon.example"


def test_init_writes_a_folder_that_check_accepts(earshot, folder):
    made = earshot("init", "--name", "Fjordfon", "--handle", HANDLE, "--namesake", "Fjordfon Cup")
    assert made.code == 0
    assert "earshot check" in made.out
    checked = earshot("check")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.startswith("config: no fault. 9 watches, ")
    assert "listens to mastodon" in checked.out
    assert "~Fjordfon Cup" in (folder / "config" / "watches" / "brand.yaml").read_text("utf-8")


def test_init_asks_for_the_name_when_it_is_not_given(earshot, folder):
    made = earshot("init", "--handle", "replay=fjordfon_hilft", stdin="Fjordfon\n")
    assert made.code == 0
    assert "Name of the brand" in made.out
    assert earshot("check").code == 0


def test_the_keys_are_for_their_owner_alone_and_stand_outside_of_the_data(earshot, house):
    keys = sorted((house / "keys").glob("*.key"))
    assert len(keys) == 3
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert not list((house / "data").glob("*.key"))


def test_init_keeps_a_configuration_and_overwrites_nothing(earshot, house):
    before = {path: path.read_bytes() for path in house.rglob("*") if path.is_file() and "data" not in path.parts}
    again = earshot("init", "--name", "Nordfunk", "--handle", "replay=nordfunk")
    assert again.code == 0
    assert again.out.startswith("Kept the configuration in config/")
    assert {path: path.read_bytes() for path in before} == before


def test_init_gives_a_configuration_that_came_from_elsewhere_its_keys_and_database(earshot, folder):
    shutil.copytree(starter_dir(), folder / "config")
    refused = earshot("desk")
    assert refused.code == 1
    assert "earshot init" in refused.err
    assert [path.name for path in folder.iterdir()] == ["config"], "no database without keys"
    assert earshot("init").code == 0
    assert {path.name for path in folder.iterdir()} == {"config", "data", "keys"}
    assert earshot("status").code == 0


def test_init_makes_no_new_keys_for_a_ledger_that_others_signed(earshot, house):
    assert earshot("ingest").code == 0
    (house / "keys" / "suppression.key").unlink()
    refused = earshot("init")
    assert refused.code == 1
    assert "backup" in refused.err
    assert not (house / "keys" / "suppression.key").exists()


@pytest.mark.parametrize("handle", ["fjordfon", "pigeon=fjordfon", "replay=@"])
def test_a_handle_that_is_none_is_wrong_usage_and_leaves_nothing_behind(earshot, folder, handle):
    refused = earshot("init", "--name", "Fjordfon", "--handle", handle)
    assert refused.code == 3
    assert "PLATFORM=HANDLE" in refused.err
    assert list(folder.iterdir()) == []


def test_check_reports_every_fault_of_every_file_at_once(earshot, house):
    change(house / "config" / "brand.yaml", "four_eyes: sensitive", "four_eyes: sometimes")
    change(house / "config" / "brand.yaml", "address: du", "adress: du")
    change(house / "config" / "triage.yaml", "threat_at: 500", "threat_at: very")
    checked = earshot("check")
    assert checked.code == 1
    lines = checked.out.splitlines()
    assert len(lines) == 3
    assert [line.partition(":")[0] for line in lines] == [
        "config/brand.yaml",
        "config/brand.yaml",
        "config/triage.yaml",
    ]
    assert all(part.isdigit() for line in lines for part in line.split(":")[1:3])
    assert "3 faults." in checked.err


def test_check_tells_a_script_where_each_fault_is(earshot, house):
    change(house / "config" / "brand.yaml", "address: du", "adress: du")
    checked = earshot("check", "config", "--json")
    assert checked.code == 1
    (fault,) = json.loads(checked.out)
    assert fault["file"] == "brand.yaml"
    assert "address" in fault["fault"]
    assert fault["line"] > 1


def test_check_names_the_papers_that_keep_a_real_platform_off_and_calls_it_no_fault(earshot, house):
    file = house / "config" / "platforms.yaml"
    feed = "\n  - kind: feed\n    name: blog\n    address: https://blog.fjordfon.example/feed.xml\n"
    file.write_text(file.read_text("utf-8").rstrip() + feed, "utf-8")
    said = earshot("check")
    assert (said.code, said.out.count("Note: ")) == (0, 1)
    assert "legal.privacy_notice" in said.out
    assert "'blog' stays off" in json.loads(earshot("check", "--json").out)["off"][0]


def test_check_of_a_valid_folder_tells_a_script_what_it_holds(earshot, house):
    assert json.loads(earshot("check", "--json").out)["sources"] == ["replay"]


def test_check_of_a_folder_that_is_not_there_says_how_to_make_one(earshot, folder):
    checked = earshot("check", "nowhere")
    assert checked.code == 1
    assert checked.out.startswith("nowhere:1:1:")
    assert "earshot init" in checked.out


def test_migrate_makes_the_database_and_may_be_repeated(earshot, folder, monkeypatch):
    monkeypatch.setenv("EARSHOT_DATA_DIR", str(folder / "elsewhere"))
    for _ in range(2):
        migrated = earshot("migrate")
        assert (migrated.code, migrated.err) == (0, "")
    assert (folder / "elsewhere" / "earshot.db").is_file()
    assert [path.name for path in folder.iterdir()] == ["elsewhere"]
