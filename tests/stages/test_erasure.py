"""Erasure at a person's request: no byte of them is left, the ledger verifies, a kill at any step changes nothing."""

import json
from collections.abc import Callable

import pytest
from port_doubles import die, killed, mention
from restoring import put_back, save
from tents import HouseInATent, post

from bot import ingest
from bot.errors import NotAllowed, Stale
from bot.ledger.full import compare_in_full
from bot.ledger.verify import Verdict
from bot.model import CaseState, DispatchState, EntryKind, Page, Quoted, Visibility
from bot.protect import access, erasure
from bot.store import cases, dispatches, opt_outs, people, users
from bot.store.db import Store
from bot.wiring import Wiring

HANDLE = "kim-ohne-netz"
SECRET = "Fliederbusch"
ANSWER = "@kim-ohne-netz Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


def folder(tent: HouseInATent) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((tent.root / "data").iterdir()))


def left(tent: HouseInATent, *more: str) -> list[str]:
    """Which of the person's traces stand in any byte of the data folder."""
    whole = folder(tent).lower()
    return [trace for trace in (HANDLE, SECRET, *more) if trace.lower().encode() in whole]


def ask(tent: HouseInATent, name: str = "bob", handle: str = HANDLE) -> int:
    account = erasure.account(tent.store, "replay", handle)
    assert account is not None
    with tent.store.write() as tx:
        return erasure.ask(tx, tent.wiring.keys, "replay", account, user=tent.user(name), now=tent.clock.now())


def work(tent: HouseInATent) -> int:
    return erasure.work(tent.store, tent.wiring.keys, tent.clock)


def verdict(tent: HouseInATent) -> Verdict:
    tent.beat()
    compared = compare_in_full(tent.store, tent.root / "checkpoints", tent.wiring.keys.known)
    assert compared.report.verdict is Verdict.OK, compared.report.sentence
    return compared.report.verdict


def conversation(tent: HouseInATent) -> str:
    """A post, its edit, a public reply, a thank-you, a waiting draft, an opt-out; returns the reply's remote id."""
    first = f"@fjordfon_hilft {SECRET}: warum geht das Internet nicht?"
    tent.hear(post("p1", HANDLE, first, url=f"https://replay.example/@{HANDLE}/p1"))
    tent.hear(post("p1", HANDLE, f"{first} Seit gestern!", url=f"https://replay.example/@{HANDLE}/p1"))
    assert tent.approve(HANDLE, ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    tent.send()
    tent.hear(post("p2", HANDLE, f"@fjordfon_hilft danke, {SECRET} läuft, und der Fernseher?", in_reply_to="p1"))
    tent.open(HANDLE)
    tent.hear(post("p3", HANDLE, "@fjordfon_hilft stopp", in_reply_to="p1", root="p1"))
    return str(tent.store.value("SELECT remote_id FROM dispatches WHERE remote_id <> ''"))


def crowd(tent: HouseInATent, count: int = 20) -> None:
    """Other customers around, so that pages of the file fill and split."""
    tent.hear(
        *(post(f"c{n}", f"nell{n}", f"@fjordfon_hilft Störung in Straße {n}, {'bla ' * n}?") for n in range(count))
    )


def test_after_erasure_no_byte_of_the_folder_names_the_person_and_the_ledger_verifies_in_full(
    tent: HouseInATent,
) -> None:
    crowd(tent)
    remote = conversation(tent)
    crowd(tent)
    assert left(tent, remote) == [HANDLE, SECRET, remote]
    job = ask(tent)
    assert work(tent) == 1
    assert left(tent, remote, "replay:replay:p") == []
    verdict(tent)
    row = people.erasure(tent.store, job)
    assert row is not None
    assert (row["author_id"], row["closed_at"]) == ("", tent.clock.now())
    steps = [entry["step"] for entry in tent.entries("DELETION")]
    assert steps == ["asked", "erased", "closed"]
    assert len(tent.store.rows("SELECT id FROM cases")) == 20, "nobody else lost anything"
    assert len(tent.entries("SEND_RESULT")) == 1, "what we did is still on record"


def test_the_deletion_entry_holds_counts_and_a_commitment_and_nothing_else(tent: HouseInATent) -> None:
    conversation(tent)
    ask(tent)
    work(tent)
    [entry] = [entry for entry in tent.entries("DELETION") if entry["step"] == "erased"]
    assert {name for name in entry if name not in {"type", "at", "author"}} == {
        "step",
        "erasure",
        "platform",
        "cases",
        "posts",
        "held",
    }
    opened = tent.store.rows("SELECT snapshot FROM vault WHERE commitment = :c", c=entry["author"])
    assert json.loads(opened[0]["snapshot"]) == {"author_key": tent.wiring.keys.author("replay", HANDLE)}


def test_the_opt_out_stays_as_a_digest_and_still_counts(tent: HouseInATent) -> None:
    conversation(tent)
    ask(tent)
    work(tent)
    assert opt_outs.standing(tent.store, tent.wiring.keys.author("replay", HANDLE)) is not None


def test_a_feed_that_brings_an_erased_post_again_is_not_listened_to_but_a_new_post_is(tent: HouseInATent) -> None:
    conversation(tent)
    ask(tent)
    work(tent)
    door = tent.wiring.door(tent.config, tent.wiring.matcher(tent.config))
    again = mention("p1", f"@fjordfon_hilft {SECRET}", author=HANDLE, handle=HANDLE)
    new = mention("p9", "@fjordfon_hilft Ich habe eine neue Frage", author=HANDLE, handle=HANDLE)
    with tent.store.write() as tx:
        counts = ingest.take(tx, Page((again, new), "x"), "samples", door, tent.clock.now())
    assert counts == {ingest.ERASED: 1, "new": 1}


def test_words_of_others_that_quote_or_name_the_person_stay_but_without_them(tent: HouseInATent) -> None:
    tent.hear(post("p1", HANDLE, f"@fjordfon_hilft {SECRET}?"))
    door = tent.wiring.door(tent.config, tent.wiring.matcher(tent.config))
    naming = f"@fjordfon_hilft @{HANDLE} hat recht, und @{HANDLE}-2 auch. Hier genauso!"
    quoted = Quoted("p1", HANDLE, Visibility.PUBLIC, f"{SECRET}?")
    other = mention(
        "o1",
        naming,
        author="nell",
        handle="nell",
        parent_key="p1",
        parent_author_id=HANDLE,
        quoted=quoted,
        root_key=f"at://{HANDLE}/app.bsky.feed.post/p1",
    )
    with tent.store.write() as tx:
        ingest.take(tx, Page((other,), "x"), "samples", door, tent.clock.now())
    tent.assess()
    before = tent.store.row("SELECT * FROM mentions WHERE author_id = 'nell'")
    ask(tent)
    work(tent)
    assert left(tent) == [HANDLE], "of another account whose name begins alike"
    row = tent.store.row("SELECT * FROM mentions WHERE author_id = 'nell'")
    assert row is not None
    assert before is not None
    assert row["text"] == naming.replace(f"@{HANDLE} ", f"@{'█' * len(HANDLE)} ")
    assert (row["text_hash"], len(row["text"])) == (before["text_hash"], len(before["text"]))
    assert (row["parent_author_id"], json.loads(row["extras"])["quoted"]) == ("", None)
    case = tent.case("nell")
    assert row["thread_key"].startswith("erased:")
    assert case["thread_key"] == row["thread_key"], "the conversation of the other one stays one"


def test_a_reply_on_its_way_is_waited_for_and_a_queued_one_is_called_back(tent: HouseInATent) -> None:
    tent.hear(post("p1", HANDLE, f"@fjordfon_hilft {SECRET}?"))
    verdict_of = tent.approve(HANDLE, ANSWER)
    assert verdict_of.dispatch_id is not None
    with tent.store.write() as tx:
        dispatches.set_state(tx, verdict_of.dispatch_id, DispatchState.QUEUED, DispatchState.SENDING, 1, started_at=1)
    ask(tent)
    assert work(tent) == 0
    assert left(tent) == [HANDLE, SECRET]
    tent.send()
    tent.clock.advance(60_000)
    tent.send()
    assert work(tent) == 1
    assert left(tent) == []
    tent.hear(post("q1", "nell", "@fjordfon_hilft Störung?"))
    assert tent.approve("nell", ANSWER.removeprefix("@kim-ohne-netz ")).kind == "queued"
    ask(tent, handle="nell")
    assert tent.entries("SEND_RESULT")[-1]["cause"] == erasure.CAUSE


def test_a_busy_reader_keeps_the_job_open_and_the_next_round_closes_it(tent: HouseInATent) -> None:
    conversation(tent)
    tent.store.connection.execute("PRAGMA busy_timeout = 20")
    reader = Store(tent.store.path)
    reader.connection.execute("BEGIN")
    reader.value("SELECT count(*) FROM mentions")
    job = ask(tent)
    assert work(tent) == 0
    row = people.erasure(tent.store, job)
    assert row is not None
    assert (row["erased_at"] is not None, row["closed_at"]) == (True, None)
    reader.close()
    assert work(tent) == 1
    assert left(tent) == []


def test_asking_twice_is_asking_once_and_a_second_erasure_finds_nothing(tent: HouseInATent) -> None:
    conversation(tent)
    assert ask(tent) == ask(tent)
    work(tent)
    assert work(tent) == 0
    assert erasure.account(tent.store, "replay", HANDLE) is None
    assert [entry["step"] for entry in tent.entries("DELETION")] == ["asked", "erased", "closed"]


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_only_a_senior_may_erase_or_look(tent: HouseInATent, name: str) -> None:
    conversation(tent)
    with pytest.raises(NotAllowed):
        ask(tent, name)
    with tent.store.write() as tx, pytest.raises(NotAllowed):
        access.note(tx, tent.wiring.keys, EntryKind.ACCESS, "replay", HANDLE, user=tent.user(name), now=1)


def test_an_escalated_case_asks_for_a_decision_before_it_can_be_erased(tent: HouseInATent) -> None:
    conversation(tent)
    case = tent.case(HANDLE)
    with tent.store.write() as tx:
        cases.move(tx, case["id"], CaseState.ESCALATED, tent.clock.now())
    with pytest.raises(Stale, match="legal hold"):
        ask(tent)
    assert left(tent) == [HANDLE, SECRET]


def test_a_handle_that_two_accounts_have_used_names_both(tent: HouseInATent) -> None:
    door = tent.wiring.door(tent.config, tent.wiring.matcher(tent.config))
    twice = tuple(mention(f"t{n}", "@fjordfon_hilft Hallo?", author=f"id{n}", handle="kim") for n in (1, 2))
    with tent.store.write() as tx:
        ingest.take(tx, Page(twice, "x"), "samples", door, tent.clock.now())
    with pytest.raises(Stale, match="id1, id2"):
        erasure.account(tent.store, "replay", "@KIM")
    assert erasure.account(tent.store, "replay", "id2") == "id2"


def test_the_export_holds_everything_in_plain_words_and_names_nobody_of_the_staff(tent: HouseInATent) -> None:
    remote = conversation(tent)
    told = access.export(tent.store, tent.wiring.keys, "replay", HANDLE, tent.clock.now())
    whole = json.dumps(told, ensure_ascii=False)
    assert whole.count(SECRET) >= 3
    assert remote in whole
    assert [one["number"] for one in told["earlier_wordings"]] == [1]
    kinds = {one["type"] for one in told["in_the_tamper_evident_ledger"]}
    assert kinds == {"DECISION", "SEND_RESULT", "OPT_OUT"}
    assert told["no_more_replies_wanted"][0]["lifted_at"] is None
    for person in users.every(tent.store):
        assert f'"{person["name"]}"' not in whole
    assert "user_id" not in whole


def test_looking_and_exporting_are_entries_that_name_the_person_as_a_commitment_only(tent: HouseInATent) -> None:
    conversation(tent)
    for kind in (EntryKind.ACCESS, EntryKind.EXPORT):
        with tent.store.write() as tx:
            access.note(tx, tent.wiring.keys, kind, "replay", HANDLE, user=tent.user("bob"), now=tent.clock.now())
        [entry] = tent.entries(kind.value)
        assert set(entry) == {"type", "at", "platform", "author", "by", "step"}
        assert HANDLE not in json.dumps(entry)
    ask(tent)
    work(tent)
    assert left(tent) == []
    verdict(tent)


STEPS = ("asking", "erasing", "rewriting", "emptying", "closing")


@pytest.mark.crash
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_a_step_the_next_worker_ends_it_and_nothing_is_done_twice(tent: HouseInATent, step: str) -> None:
    conversation(tent)
    if step != "asking":
        ask(tent)
    assert killed(lambda: dying(tent, step))
    if step == "asking":
        assert people.open_erasures(tent.store) == []
        ask(tent)
    work(tent)
    assert left(tent) == []
    assert people.open_erasures(tent.store) == []
    assert [entry["step"] for entry in tent.entries("DELETION")] == ["asked", "erased", "closed"]
    verdict(tent)


def dying(tent: HouseInATent, step: str) -> None:
    """Another process that gets as far as ``step``, and ends as in a power cut before that is finished."""
    wiring = Wiring(tent.wiring.settings, tent.clock)
    store = wiring.stores()
    marks: dict[str, Callable[[str], bool]] = {
        "asking": lambda sql: sql.startswith("INSERT INTO log"),
        "erasing": lambda sql: sql.startswith("DELETE FROM cases"),
        "rewriting": lambda sql: sql.startswith("UPDATE rewrites SET done_at"),
        "emptying": lambda sql: sql.startswith("PRAGMA wal_checkpoint"),
        "closing": lambda sql: sql.startswith("UPDATE erasures SET closed_at"),
    }
    store.connection.set_trace_callback(lambda sql: die() if marks[step](sql.strip()) else None)
    if step == "asking":
        user = users.by_name(store, "bob")
        assert user is not None
        with store.write() as tx:
            erasure.ask(tx, wiring.keys, "replay", HANDLE, user=user, now=tent.clock.now())
    erasure.work(store, wiring.keys, tent.clock)


# people whom a reply of ours names ------------------------------------------------------------------

NAMING = ANSWER.removeprefix(f"@{HANDLE} ").replace(
    "Wir prüfen", f"Wie @{HANDLE} und u/{HANDLE} schon schrieben: Wir prüfen"
)


def refused_for_naming(tent: HouseInATent, text: str = NAMING) -> None:
    tent.hear(post("n1", "nell", "@fjordfon_hilft Störung in Kiel, was ist los?"))
    assert tent.approve("nell", text).kind == "denied"


def test_a_third_person_named_in_a_refused_reply_of_ours_is_gone_from_the_ledger_too(tent: HouseInATent) -> None:
    conversation(tent)
    refused_for_naming(tent)
    [told] = [entry for entry in tent.entries("DECISION") if "{other}" in str(entry["text"])]
    assert str(told["text"]).startswith("Danke für die Meldung. Wie {other} und {other} schon")
    before = tent.store.row("SELECT text, version FROM drafts WHERE text LIKE 'Danke%Wie%'")
    assert before is not None
    ask(tent)
    assert work(tent) == 1
    assert left(tent) == []
    after = tent.store.row("SELECT text, version FROM drafts WHERE text LIKE 'Danke%Wie%'")
    assert after is not None
    assert after["version"] == before["version"] + 1, "whoever writes at it sees that it changed"
    assert len(after["text"]) == len(before["text"])
    verdict(tent)


@pytest.mark.parametrize(
    "words", [f"{HANDLE}, wir prüfen das. ^AL", f"Hallo {HANDLE.upper()}! ^AL", f"(@{HANDLE}.) ^AL"]
)
def test_the_author_called_by_the_bare_handle_leaves_no_trace_in_the_ledger_either(
    tent: HouseInATent, words: str
) -> None:
    tent.hear(post("p1", HANDLE, f"@fjordfon_hilft {SECRET}?"))
    tent.approve(HANDLE, words)
    ask(tent)
    work(tent)
    assert left(tent) == []
    verdict(tent)


def test_of_whom_nothing_is_held_but_that_others_name_them_the_name_is_erased(tent: HouseInATent) -> None:
    refused_for_naming(tent)
    tent.hear(post("n2", "lea", f"@fjordfon_hilft @{HANDLE} hat recht, hier auch Störung"))
    assert erasure.account(tent.store, "replay", HANDLE) is None
    brand = tent.wiring.house(tent.store).brand
    found = erasure.somebody(tent.store, brand, "replay", f"@{HANDLE}")
    assert found == f"@{HANDLE}"
    now = tent.clock.now()
    assert access.summary(tent.store, tent.wiring.keys, "replay", found, now)["named_by_others"] == 1
    assert access.export(tent.store, tent.wiring.keys, "replay", found, now)["posts_of_others_that_name_you"] == 1
    with tent.store.write() as tx:
        erasure.ask(tx, tent.wiring.keys, "replay", found, user=tent.user("bob"), now=now)
    assert work(tent) == 1
    assert left(tent) == []
    assert erasure.somebody(tent.store, brand, "replay", HANDLE) is None
    verdict(tent)


@pytest.mark.parametrize("name", ["fjordfon_hilft", "@Fjordfon_Hilft", "kim-ohne", "@", "", "%"])
def test_our_own_account_and_half_a_name_are_nobody(tent: HouseInATent, name: str) -> None:
    refused_for_naming(tent)
    assert erasure.somebody(tent.store, tent.wiring.house(tent.store).brand, "replay", name) is None


def test_a_restored_backup_erases_a_name_again(tent: HouseInATent) -> None:
    refused_for_naming(tent)
    file = save(tent)
    with tent.store.write() as tx:
        erasure.ask(tx, tent.wiring.keys, "replay", f"@{HANDLE}", user=tent.user("bob"), now=tent.clock.now())
    work(tent)
    assert put_back(tent, file).counts.erasures == 1
    work(tent)
    assert left(tent) == []
