"""earshot person: show, export and erase over a database that a real worker made."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from programs import Said, ended, until

from bot.store.db import Store

Earshot = Callable[..., Said]

HANDLE = "kim-ohne-netz"
SECRET = "Fliederbusch"
PLAYED = {"id": "p1", "author": HANDLE, "mentions": ["fjordfon_hilft"], "url": f"https://replay.example/@{HANDLE}/p1"}
AS = ("--platform", "replay", "--user", "bob")


@pytest.fixture
def people(earshot: Earshot, house: Path) -> Path:
    for name, role in (("alice", "agent"), ("bob", "senior")):
        assert earshot("user", "add", name, "--role", role).code == 0
    return house


def hear(house: Path, **more: object) -> None:
    line = {**PLAYED, "text": f"@fjordfon_hilft {SECRET}: warum geht hier das Internet nicht?", **more}
    with (house / "posts.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def left(house: Path, *traces: str) -> list[str]:
    """Traces in any byte of the data folder; the played platform's own public timeline is not ours."""
    places = [path for path in (house / "data").rglob("*") if path.is_file() and "timeline" not in path.name]
    assert any(path.name == "earshot.db" for path in places)
    whole = b"".join(path.read_bytes() for path in places).lower()
    return [trace for trace in traces if trace.lower().encode() in whole]


def one(house: Path, sql: str) -> object:
    store = Store(house / "data" / "earshot.db")
    try:
        return store.value(sql)
    finally:
        store.close()


def test_after_erasure_verify_exits_0_and_no_byte_names_the_person(
    people: Path, earshot: Earshot, started: Callable[..., subprocess.Popen[str]]
) -> None:
    hear(people)
    worker = started("worker")
    until(lambda: (people / "data" / "earshot.db").exists() and one(people, "SELECT count(*) FROM cases"), 60)
    reply = f"@{HANDLE} Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
    approved = earshot("approve", 1, "--user", "alice", "--text", reply, "--yes")
    assert approved.code == 0, approved.out + approved.err
    until(lambda: one(people, "SELECT count(*) FROM dispatches WHERE state = 'sent'"), 60)
    hear(people, id="p2", text=f"@fjordfon_hilft danke, {SECRET}!", in_reply_to="p1")
    until(lambda: one(people, "SELECT count(*) FROM mentions WHERE stage = 'assessed'") == 2, 60)
    remote = str(one(people, "SELECT remote_id FROM dispatches"))
    url = str(one(people, "SELECT remote_url FROM dispatches"))
    traces = [HANDLE, SECRET, remote, *([url] if url else [])]
    assert left(people, *traces) == traces

    told = json.loads(earshot("person", "show", f"@{HANDLE}", *AS, "--json").out)
    assert (told["posts"], told["replies_in_public"]) == (2, 1)
    assert SECRET not in json.dumps(told)
    exported = earshot("person", "export", HANDLE, *AS, "--file", "kim.json")
    assert exported.code == 0, exported.err
    assert (people / "kim.json").stat().st_mode & 0o077 == 0
    assert earshot("person", "export", HANDLE, *AS, "--file", "kim.json").code == 1, "nothing is written over"
    whole = (people / "kim.json").read_text("utf-8")
    assert SECRET in whole
    assert remote in whole
    assert json.loads(whole)["in_the_tamper_evident_ledger"]

    erased = earshot("person", "erase", HANDLE, *AS, "--yes")
    assert "stay in public" in erased.out
    until(lambda: one(people, "SELECT count(*) FROM erasures WHERE closed_at IS NULL") == 0, 60)
    assert left(people, *traces) == [], "while the worker runs on"
    ended(worker)
    assert left(people, *traces) == []
    verified = earshot("ledger", "verify")
    assert verified.code == 0, verified.out
    assert "Nothing is held" in earshot("person", "erase", HANDLE, *AS, "--yes").out


def test_an_agent_sees_nothing_of_a_person_and_an_unknown_handle_says_what_to_do(
    people: Path, earshot: Earshot
) -> None:
    hear(people)
    assert earshot("ingest").code == 0
    refused = earshot("person", "export", HANDLE, "--platform", "replay", "--user", "alice")
    assert refused.code != 0
    assert SECRET not in refused.out + refused.err
    unknown = earshot("person", "show", "nobody-here", *AS)
    assert (unknown.code, "account's id" in unknown.out) == (0, True), unknown.err


def test_status_names_what_privacy_asks_of_a_person(people: Path, earshot: Earshot) -> None:
    hear(people)
    assert earshot("ingest").code == 0
    assert json.loads(earshot("status", "--json").out)["privacy"] == []
    store = Store(people / "data" / "earshot.db")
    with store.write() as tx:
        tx.run("UPDATE sources SET inspected = 1, unanswered_since = 1")
        tx.run("UPDATE mentions SET sealed_at = 1")
        tx.insert("opt_outs", {"author_key": "k", "platform": "replay", "at": 1})
    store.close()
    told = json.loads(earshot("status", "--json").out)["privacy"]
    assert [line.partition(":")[0] for line in told][:1] == ["ALARM"]
    assert any("sealed" in line for line in told)
    assert any("three years" in line for line in told)


def test_an_agreement_is_recorded_and_withdrawn_from_a_terminal(people: Path, earshot: Earshot) -> None:
    hear(people)
    assert earshot("ingest").code == 0
    asked = ("person", "opt-in", HANDLE, *AS)
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    assert earshot(*asked).code == 3, "without a day and a place it is wrong usage"
    refused = earshot(*asked, "--given", day, "--evidence", "mail von kim@example.com")
    assert refused.code == 1
    assert "Name the place of the agreement" in refused.err
    said = earshot(*asked, "--given", day, "--evidence", "Formular 17")
    assert said.code == 0, said.err
    assert one(people, "SELECT evidence FROM opt_ins WHERE withdrawn_at IS NULL") == "Formular 17"
    assert earshot(*asked, "--withdraw").code == 0
    assert one(people, "SELECT count(*) FROM opt_ins WHERE withdrawn_at IS NULL") == 0
    assert "No agreement" in earshot(*asked, "--withdraw").err
    assert earshot("ledger", "verify", "--full").code in {0, 2}
