"""approve, retract, stop: the whole chain on the command line, with a real worker beside it."""

import json

import pytest
from canaries import CANARY_TEXT
from programs import ended, until
from timelines import read_timeline

from bot.store.db import Store

OUTAGE = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
THREAT = "@fjordfon_hilft Ich bringe euren Techniker um, wenn er morgen kommt."


@pytest.fixture
def team(earshot, house):
    """Alice answers, Bob decides with her."""
    assert earshot("user", "add", "alice").code == 0
    assert earshot("user", "add", "bob", "--role", "senior").code == 0
    return house


def hear(house, *texts):
    with (house / "posts.jsonl").open("a", encoding="utf-8") as file:
        for number, text in enumerate(texts, start=1):
            line = {"id": str(number), "author": f"author{number}", "text": text, "mentions": ["fjordfon_hilft"]}
            file.write(json.dumps(line) + "\n")


def row(house, sql):
    store = Store(house / "data" / "earshot.db")
    found = store.row(sql)
    store.close()
    return found


def said(house):
    """Our public replies that stand."""
    return [reply.text for reply in read_timeline(house / "data" / "replay.timeline.jsonl")]


def test_the_whole_chain_from_a_post_to_a_proven_public_reply_and_back(earshot, team, started):
    hear(team, OUTAGE)
    assert earshot("ingest").code == 0
    worker = started("worker")
    until(lambda: json.loads(earshot("status", "--json").out)["worker"] == "running")
    shown = earshot("approve", "1", "--user", "alice", "--text", ANSWER, stdin="y\n")
    assert shown.code == 0, shown.out + shown.err
    assert OUTAGE in shown.out
    assert "Approved. Reply 1 leaves in 0 seconds." in shown.out
    until(lambda: said(team))
    assert ANSWER in said(team)[0]
    until(lambda: row(team, "SELECT state FROM cases")["state"] == "sent")

    assert earshot("stop", "--reason", "Probe").code == 0
    assert json.loads(earshot("status", "--json").out)["stopped"] == "Probe"
    taken = earshot("retract", "1", "--user", "alice", "--reason", "wrong link")
    assert taken.code == 0, taken.err
    until(lambda: said(team) == [])
    until(lambda: row(team, "SELECT state FROM dispatches")["state"] == "retracted")

    printed = ended(worker)
    assert OUTAGE not in printed
    kinds = [entry["type"] for entry in json.loads(earshot("ledger", "show", "--json").out)]
    assert kinds == ["RETRACT", "RETRACT", "KILL", "SEND_RESULT", "DECISION", "DECISION", "APPROVAL", "CONFIG"]
    assert earshot("ledger", "verify").code == 0


def test_without_a_worker_nobody_looked_at_the_post_so_the_gate_waits(earshot, team):
    hear(team, OUTAGE)
    earshot("ingest")
    held = earshot("approve", "1", "--user", "alice", "--text", ANSWER, "--yes")
    assert held.code == 1
    assert "WAIT" in held.out
    assert "Held" in held.out
    assert said(team) == []


def test_a_script_gets_the_verdict_and_its_entry(earshot, team):
    hear(team, OUTAGE)
    earshot("ingest")
    held = earshot("approve", "1", "--user", "alice", "--text", ANSWER, "--yes", "--json")
    assert held.code == 1
    told = json.loads(held.out)
    assert (told["verdict"], told["dispatch"]) == ("held", None)
    assert json.loads(earshot("ledger", "show", "--json").out)[0]["seq"] == told["entry"]


def test_no_is_no_and_no_decision_is_logged(earshot, team):
    hear(team, OUTAGE)
    earshot("ingest")
    before = row(team, "SELECT count(*) AS n FROM log")["n"]
    assert earshot("approve", "1", "--user", "alice", stdin="n\n").code == 1
    assert row(team, "SELECT count(*) AS n FROM log")["n"] == before


def test_a_denied_text_stays_denied(earshot, team):
    hear(team, OUTAGE)
    earshot("ingest")
    denied = earshot("approve", "1", "--user", "alice", "--yes", "--text", "Schick uns bitte deine Kundennummer. ^AL")
    assert denied.code == 1
    assert "Denied" in denied.out
    assert "C-22" in denied.out


def test_without_a_case_it_lists_what_is_open_and_shields_what_hurts(earshot, team):
    hear(team, f"{OUTAGE} {CANARY_TEXT}", THREAT)
    earshot("ingest")
    lines = earshot("approve", "--user", "alice").out.splitlines()
    assert [line.split()[1] for line in lines] == ["threat", "help"]
    assert "umbringen" not in lines[0]
    assert "behind the shield" in lines[0]
    told = json.loads(earshot("approve", "--user", "alice", "--json").out)
    assert [case["lane"] for case in told] == ["threat", "help"]
    assert all("teaser" not in case for case in told)


def test_an_empty_queue_says_so(earshot, team):
    earshot("ingest")
    assert earshot("approve", "--user", "alice").out == "No case is open.\n"


def test_the_words_of_a_shielded_post_are_shown_only_on_request(earshot, team):
    hear(team, "@fjordfon_hilft Eure Mitarbeiterin ist eine dumme Kuh, ihr Idioten!")
    earshot("ingest")
    words = ("approve", "1", "--user", "alice", "--text", "Bitte bleib sachlich. ^AL")
    assert "dumme Kuh" not in earshot(*words, stdin="n\n").out
    assert "dumme Kuh" in earshot(*words, "--reveal", stdin="n\n").out


def test_personal_data_is_covered_in_the_list_and_the_case_until_somebody_asks(earshot, team, started):
    hear(team, OUTAGE.replace("Wann", "Ruft 0171 3920012 an, a.berg@posteo.example. Wann"))
    earshot("ingest")
    started("worker")
    until(lambda: row(team, "SELECT * FROM findings WHERE detector = 'personal_data'"))
    words = ("approve", "1", "--user", "alice", "--text", ANSWER)
    shown = earshot(*words, stdin="n\n").out
    assert "Ruft xxxx xxxxxxx an, x.xxxx@xxxxxx.xxxxxxx. Wann läuft es wieder?" in shown
    assert "Personal data is covered; --reveal shows it." in shown
    revealed = earshot(*words, "--reveal", stdin="n\n").out
    assert "Ruft 0171 3920012 an, a.berg@posteo.example." in revealed
    assert "is covered" not in revealed


def test_a_number_that_the_list_cuts_off_is_covered_too(earshot, team, started):
    hear(team, "@fjordfon_hilft Kein Netz seit heute früh in Kiel! Ruft 0171 3920012 an")
    earshot("ingest")
    started("worker")
    until(lambda: row(team, "SELECT * FROM findings WHERE detector = 'personal_data'"))
    listed = earshot("approve", "--user", "alice").out
    assert "Kein Netz" in listed
    assert "017" not in listed
    assert "xxx" in listed


def test_a_threat_has_no_prepared_words(earshot, team):
    hear(team, THREAT)
    earshot("ingest")
    refused = earshot("approve", "1", "--user", "alice")
    assert refused.code == 1
    assert "--text" in refused.err


def test_a_terminal_obeys_no_post(earshot, team):
    hear(team, f"{OUTAGE} \x1b[2J\x1b]0;owned\x07 \u202etfel")
    earshot("ingest")
    for shown in (earshot("approve", "--user", "alice"), earshot("approve", "1", "--user", "alice", stdin="n\n")):
        assert not [sign for sign in shown.out if not sign.isprintable() and sign != "\n"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("approve", "7", "--user", "alice"), "There is no case 7."),
        (("approve", "1", "--user", "mallory"), "no active person called mallory"),
        (("retract", "7", "--user", "alice", "--reason", "x"), "no longer exists"),
        (("stop", "--user", "mallory"), "no active person called mallory"),
    ],
)
def test_what_is_not_there_is_refused_in_words(earshot, team, words, sentence):
    hear(team, OUTAGE)
    earshot("ingest")
    refused = earshot(*words)
    assert refused.code == 1
    assert sentence in refused.err


def test_what_nobody_addressed_to_us_cannot_be_answered(earshot, team):
    (team / "posts.jsonl").write_text(json.dumps({"id": "1", "author": "kim", "text": "Fjordfon ist langsam"}) + "\n")
    earshot("ingest")
    refused = earshot("approve", "1", "--user", "alice")
    assert refused.code == 1
    assert "nobody addressed us" in refused.err


def test_a_guest_may_approve_nothing(earshot, team):
    earshot("user", "add", "charlie", "--role", "guest")
    hear(team, OUTAGE)
    earshot("ingest")
    refused = earshot("approve", "1", "--user", "charlie", "--yes")
    assert refused.code == 1
    assert "role" in refused.err


def test_stop_is_lifted_by_two_people_and_by_nobody_alone(earshot, team):
    earshot("ingest")
    assert "Two people lift it" in earshot("stop", "--reason", "Probe", "--user", "alice").out
    for _ in range(2):
        assert "second one must" in earshot("stop", "--lift", "--user", "alice").out
    assert earshot("stop", "--lift", "--user", "bob").out == "Sending goes on.\n"
    steps = [entry["step"] for entry in json.loads(earshot("ledger", "show", "--json").out) if entry["type"] == "KILL"]
    assert steps == ["lifted", "lift_asked", "lift_asked", "stopped"]


@pytest.mark.parametrize("words", [(), ("1",)])
def test_a_guest_is_shown_nothing(earshot, team, words):
    hear(team, OUTAGE)
    assert earshot("ingest").code == 0
    assert earshot("user", "add", "charlie", "--role", "guest").code == 0
    refused = earshot("approve", *words, "--user", "charlie")
    assert refused.code == 1
    assert refused.out == ""
    assert refused.err.startswith("The role guest sees no case")
    assert row(team, "SELECT claimed_by FROM cases")["claimed_by"] is None
