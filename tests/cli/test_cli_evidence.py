"""earshot evidence: take, list, hand over and verify, with the exit codes of the ledger; and the worker takes one."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from programs import Said, ended, until

from bot.store.db import Store

Earshot = Callable[..., Said]

OK, TAMPERED, MISSING, USAGE = 0, 1, 2, 3
WORDS = "@fjordfon_hilft Fliederbusch, morgen um acht stehe ich vor eurer Tür."
PLAYED = {"id": "p1", "author": "zorn", "mentions": ["fjordfon_hilft"], "text": WORDS}


@pytest.fixture
def people(earshot: Earshot, house: Path) -> Path:
    for name, role in (("alice", "agent"), ("bob", "senior")):
        assert earshot("user", "add", name, "--role", role).code == 0
    (house / "posts.jsonl").write_text(json.dumps(PLAYED) + "\n", "utf-8")
    assert earshot("ingest").code == 0
    return house


@pytest.fixture
def bundle(earshot: Earshot, people: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle, taken without a browser: a picture costs seconds and is shown elsewhere."""
    monkeypatch.setenv("PATH", str(people / "nowhere"))
    done = earshot("evidence", "take", 1, "--offence", "threat", "--user", "bob")
    assert done.code == OK, done.out + done.err
    return people / "data" / "evidence" / "1.zip"


def one(house: Path, sql: str) -> object:
    store = Store(house / "data" / "earshot.db")
    try:
        return store.value(sql)
    finally:
        store.close()


def test_take_says_where_the_bundle_lies_and_the_hash_that_the_ledger_names(earshot: Earshot, bundle: Path) -> None:
    assert bundle.stat().st_mode & 0o777 == 0o600
    digest = one(bundle.parents[2], "SELECT manifest FROM evidence")
    done = earshot("evidence", "verify", bundle, "--manifest", digest)
    assert done.code == OK
    assert done.out.startswith("ok: bundle 1 of case 1, taken ")
    assert str(digest) in done.out
    assert earshot("ledger", "verify", "--full").code == OK


def test_verify_works_offline_with_the_public_key_alone(
    earshot: Earshot, bundle: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    key = (bundle.parents[2] / "keys" / "signing.pub").read_text().split()[-1]
    (elsewhere / "b.zip").write_bytes(bundle.read_bytes())
    monkeypatch.chdir(elsewhere)
    assert earshot("evidence", "verify", "b.zip", "--key", key).code == OK
    assert earshot("evidence", "verify", "b.zip", "--key", "ab" * 32).code == TAMPERED
    told = earshot("evidence", "verify", "b.zip")
    assert (told.code, "Give the operator's: --key HEX" in told.err) == (USAGE, True)
    assert [path.name for path in elsewhere.iterdir()] == ["b.zip"], "it writes nothing"


@pytest.mark.parametrize(
    "words", [("nowhere.zip",), (".",), ("1.zip", "--key", "xy"), ("1.zip", "--manifest", "1"), ()]
)
def test_a_wrong_call_is_exit_3(earshot: Earshot, bundle: Path, words: tuple[str, ...]) -> None:
    told = earshot("evidence", "verify", *(bundle if word == "1.zip" else word for word in words))
    assert (told.code, told.out) == (USAGE, "")


def test_a_changed_bundle_is_exit_1_one_without_its_manifest_exit_2_and_json_says_the_same(
    earshot: Earshot, bundle: Path
) -> None:
    import io
    import zipfile

    from bot.protect.evidence.verify import zip_of

    whole = bundle.read_bytes()
    bundle.write_bytes(whole.replace(b"Morgen", b"Gester").replace(b"morgen", b"gester"))
    told = earshot("evidence", "verify", bundle, "--json")
    assert (told.code, json.loads(told.out)["verdict"]) == (TAMPERED, "tampered")
    with zipfile.ZipFile(io.BytesIO(whole)) as box:
        bundle.write_bytes(zip_of({name: box.read(name) for name in box.namelist() if name != "manifest.json"}))
    told = earshot("evidence", "verify", bundle, "--json")
    assert (told.code, json.loads(told.out)["verdict"]) == (MISSING, "missing")


def test_list_shows_the_bundles_their_holds_and_a_file_that_is_missing(earshot: Earshot, bundle: Path) -> None:
    told = earshot("evidence", "list", "--user", "bob")
    assert "case 1" in told.out
    assert "taken" in told.out
    assert "held until " in told.out
    [line] = json.loads(earshot("evidence", "list", "--user", "bob", "--json").out)
    assert [one["step"] for one in line["custody"]] == ["asked", "taken"]
    bundle.unlink()
    assert "FILE MISSING" in earshot("evidence", "list", "--user", "bob").out
    assert earshot("evidence", "list", "--user", "alice").code == 1


def test_a_hand_over_writes_a_copy_and_the_log_says_to_whom(earshot: Earshot, bundle: Path) -> None:
    given = ("--to", "Polizei Kiel, Az. 1/26", "--reason", "Anzeige", "--user", "bob")
    told = earshot("evidence", "hand-over", 1, "case-1.zip", *given)
    assert told.code == OK, told.err
    copy = Path("case-1.zip")
    assert copy.read_bytes() == bundle.read_bytes()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "on another way" in told.out
    [line] = json.loads(earshot("evidence", "list", "--user", "bob", "--json").out)
    assert line["custody"][-1]["receiver"] == "Polizei Kiel, Az. 1/26"
    assert earshot("evidence", "hand-over", 1, "case-1.zip", *given).code == 1, "nothing is overwritten"
    nowhere = earshot("evidence", "hand-over", 1, "no/where.zip", *given)
    assert (nowhere.code, "cannot be written" in nowhere.err) == (1, True)
    assert one(bundle.parents[2], "SELECT count(*) FROM custody WHERE step = 'handed_over'") == 1
    assert earshot("ledger", "verify", "--full").code == OK


def test_a_bundle_that_was_changed_is_not_handed_over(earshot: Earshot, bundle: Path) -> None:
    raw = bytearray(bundle.read_bytes())
    raw[500] ^= 1
    bundle.write_bytes(raw)
    told = earshot("evidence", "hand-over", 1, "x.zip", "--to", "P", "--reason", "A", "--user", "bob")
    assert told.code == 1
    assert "not the bundle that was taken" in told.err
    assert not Path("x.zip").exists()


def test_only_those_who_may_take_evidence_and_only_of_a_case_that_exists(earshot: Earshot, people: Path) -> None:
    told = earshot("evidence", "take", 1, "--offence", "threat", "--user", "alice")
    assert (told.code, "for seniors and for people trained" in told.err) == (1, True)
    assert earshot("evidence", "take", 99, "--offence", "threat", "--user", "bob").code == 1
    assert earshot("evidence", "take", 1, "--offence", "murder", "--user", "bob").code == USAGE
    assert "There is no evidence." in earshot("evidence", "list", "--user", "bob").out


def test_the_running_worker_takes_what_is_asked_for_at_the_desk(
    earshot: Earshot, people: Path, started: Callable[..., subprocess.Popen[str]]
) -> None:
    from bot.cli.common import person, wired
    from bot.model.evidence import Offence
    from bot.protect.evidence import acts

    worker = started("worker")
    wiring = wired()
    with wiring.stores().write() as tx:
        acts.preserve(tx, wiring.keys, 1, offence=Offence.THREAT, user=person(tx, "bob"), now=wiring.clock.now())
    wiring.stores.close()
    until(lambda: one(people, "SELECT count(*) FROM evidence WHERE state = 'taken'"), 60)
    assert "Fliederbusch" not in ended(worker)
    assert earshot("evidence", "verify", people / "data" / "evidence" / "1.zip").code == OK
