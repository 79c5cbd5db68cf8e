"""An incident by hand: its cases fold into one row, what asks for more surfaces, and nothing is ever lost."""

import tempfile
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outages import ABOUT, MINUTE, Outage
from tents import HouseInATent, own_words, post

from bot.cli import listening
from bot.errors import NotAllowed, Stale
from bot.incidents import IncidentRefused
from bot.ledger.verify import verify
from bot.model import CaseState, Lane, Priority
from bot.review import acts, open_incidents
from bot.review.open_incidents import Written, folding
from bot.store import cases, drafts, incidents, queue
from bot.store.db import Store, Stores
from bot.store.migrate import known, migrate
from bot.store.queue import Wanted


@pytest.fixture
def outage(tent: HouseInATent) -> Outage:
    return Outage(tent)


def take_out(outage: Outage, handle: str) -> None:
    with outage.tent.store.write() as tx:
        case = outage.tent.case(handle)["id"]
        open_incidents.take_out(tx, outage.number, case, user=outage.tent.user("alice"), now=outage.now)


def test_cases_about_the_outage_stand_in_one_row_and_the_count_says_how_many(outage: Outage) -> None:
    outage.report(5)
    outage.open()
    assert outage.folds() == {outage.number: 5}
    assert outage.alone() == set()
    unfolded = Wanted(folding=folding(outage.tent.store, outage.now), incident=outage.number)
    shown = queue.listed(outage.tent.store, unfolded, now=outage.now, limit=50)
    assert {row["author_handle"] for row in shown} == {f"kim{n}" for n in range(5)}


def test_what_comes_later_folds_too_and_each_case_is_compared_once(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    assert outage.look() == 0, "nothing is new"
    outage.report(3, first=2)
    assert outage.look() == 3
    assert outage.folds() == {outage.number: 5}


@pytest.mark.parametrize(
    "text",
    [
        "@fjordfon_hilft Internet tot, und warum ist meine Rechnung doppelt so hoch?",
        "@fjordfon_hilft Internet weg, mein Vater hat einen Hausnotruf daran, was nun?",
        "@fjordfon_hilft Internet weg. Ich komme morgen mit dem Messer zu euch in den Laden in Kiel.",
        "@fjordfon_hilft Internet weg, ihr seid alle dumme Arschlöcher, du Vollidiot!",
        "@fjordfon_hilft Internet weg. Ich kann nicht mehr, ich will mich umbringen.",
        "@fjordfon_hilft Internet weg, ruft an: 0171 3920012, wann geht es wieder?",
    ],
)
def test_whoever_asks_for_more_or_is_in_danger_never_folds(outage: Outage, text: str) -> None:
    outage.report(1)
    outage.open()
    outage.tent.hear(post("x", "robin", text))
    outage.look()
    assert outage.folds() == {outage.number: 1}
    assert outage.alone() == {"robin"}


def test_the_end_undoes_the_folding_and_reopening_brings_it_back(outage: Outage) -> None:
    outage.report(3)
    outage.open()
    outage.end()
    assert outage.folds() == {}
    assert outage.alone() == {"kim0", "kim1", "kim2"}
    outage.report(1, first=7)
    outage.reopen()
    assert outage.folds() == {outage.number: 4}
    assert [entry["step"] for entry in outage.tent.entries("INCIDENT")] == ["opened", "ended", "reopened"]


def test_a_case_taken_out_by_hand_stays_out_whatever_its_author_writes(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    take_out(outage, "kim0")
    assert outage.alone() == {"kim0"}
    outage.tent.hear(post("more", "kim0", ABOUT[1]))
    outage.look()
    assert outage.alone() == {"kim0"}
    kinds = [event["kind"] for event in cases.events(outage.tent.store, outage.tent.case("kim0")["id"])]
    assert kinds.count("not_this_incident") == 1


def test_an_incident_opened_ahead_folds_nothing_before_its_time_and_ends_by_itself(outage: Outage) -> None:
    begin = outage.now + 30 * MINUTE
    outage.open(Written("maintenance", words="Internet", valid_from=begin, valid_until=begin + 60 * MINUTE))
    outage.report(1)
    outage.look()
    assert outage.folds() == {}
    outage.tent.clock.advance(40 * MINUTE)
    outage.tent.hear(post("in", "in_time", ABOUT[0], minutes_ago=0))
    outage.look()
    assert outage.folds() == {outage.number: 1}
    outage.tent.clock.advance(60 * MINUTE)
    assert outage.folds() == {}


def test_changed_words_are_compared_with_every_case_anew(outage: Outage) -> None:
    outage.report(2)
    outage.open(Written("outage", words="Fernsehen"))
    assert outage.folds() == {}
    with outage.tent.store.write() as tx:
        house, written = (
            outage.tent.wiring.house(tx),
            Written("outage", words="Internet", valid_from=outage.row["valid_from"]),
        )
        alice = outage.tent.user("alice")
        open_incidents.change(tx, house, outage.number, written, version=1, user=alice, now=outage.now)
    outage.look()
    assert outage.folds() == {outage.number: 2}
    with pytest.raises(Stale), outage.tent.store.write() as tx:
        open_incidents.change(tx, house, outage.number, written, version=1, user=alice, now=outage.now)


def test_what_somebody_works_on_stands_alone_and_folds_again_when_let_go(outage: Outage) -> None:
    outage.report(2)
    outage.open()
    outage.tent.open("kim0")
    assert outage.alone() == {"kim0"}
    with outage.tent.store.write() as tx:
        acts.let_go(tx, outage.tent.case("kim0")["id"], outage.tent.user("alice"), outage.now)
    assert outage.alone() == set()


def test_a_case_that_two_incidents_concern_stands_in_one_row_only(outage: Outage) -> None:
    outage.report(3)
    outage.open()
    second = Outage(outage.tent)
    second.open(Written("outage", words="Internet"))
    assert outage.folds() == {outage.number: 3}
    outage.end()
    assert outage.folds() == {second.number: 3}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (Written("flood", words="Internet"), "kind"),
        (Written("outage"), "nothing_named"),
        (Written("outage", words="~Internet"), "nothing_named"),
        (Written("outage", words="Internet", topic="weather"), "topic"),
        (Written("outage", words="Internet", area="~Kiel"), "place_excluded"),
        (Written("outage", words="Internet", valid_from=5, valid_until=5), "end_first"),
        (Written("outage", words="Internet", link="http://fjordfon.example/x"), "link_scheme"),
        (Written("outage", words="Internet", link="https://evil.example/x"), "link_foreign"),
        (Written("outage", words="Internet", link="https://bit.ly/x"), "link_shortener"),
        (Written("outage", words="Internet", link="https://me@fjordfon.example/x"), "link_malformed"),
    ],
)
def test_what_describes_no_incident_is_refused_with_its_place(outage: Outage, written: Written, code: str) -> None:
    with pytest.raises(IncidentRefused) as refused:
        outage.open(written)
    assert refused.value.code == code
    assert outage.tent.entries("INCIDENT") == []


def test_the_status_link_leads_where_replies_may_lead(outage: Outage) -> None:
    outage.open(Written("outage", words="Internet", link="https://fjordfon.example/stoerung"))
    assert outage.row["link"] == "https://fjordfon.example/stoerung"


def test_guests_open_nothing_and_agents_declare_no_storm(outage: Outage) -> None:
    for name, kind in (("charlie", "outage"), ("alice", "storm")):
        with pytest.raises(NotAllowed):
            outage.open(Written(kind, words="Internet"), name)


def test_status_names_each_incident_with_its_cases(outage: Outage) -> None:
    outage.report(3)
    outage.open()
    take_out(outage, "kim0")
    assert listening._incidents(outage.tent.store, outage.now) == ["outage 1: 2 cases, 2 in one row"]
    outage.end()
    assert listening._incidents(outage.tent.store, outage.now) == []


# storms ---------------------------------------------------------------------------------------------


def test_in_a_storm_nothing_is_prepared_and_what_nobody_touched_is_set_aside(outage: Outage) -> None:
    outage.report(2)
    untouched = outage.tent.case("kim0")["id"]
    assert drafts.open_of_case(outage.tent.store, untouched) is not None
    outage.open(Written("storm"), "bob")
    assert drafts.open_of_case(outage.tent.store, untouched) is None
    outage.report(1, first=5)
    assert drafts.open_of_case(outage.tent.store, outage.tent.case("kim5")["id"]) is None
    opened = outage.tent.open("kim5")
    assert (opened["text"], opened["template"]) == ("", ""), "a person writes in their own words"
    outage.look()
    assert drafts.open_of_case(outage.tent.store, outage.tent.case("kim5")["id"]) is not None


def test_in_a_storm_a_persons_own_words_stay_and_leave(outage: Outage) -> None:
    outage.report(1)
    outage.open(Written("storm"), "bob")
    assert outage.tent.approve("kim0", own_words(1)).kind == "queued"


def test_in_a_storm_anger_folds_and_requests_for_help_surface(outage: Outage) -> None:
    outage.tent.hear(
        post("a", "angry", "@fjordfon_hilft Eure neue Werbung ist eine Frechheit, schämt euch."),
        post("h", "needy", "@fjordfon_hilft Eure Werbung, na ja. Wie kündige ich jetzt?"),
    )
    lanes = {name: outage.tent.case(name)["lane"] for name in ("angry", "needy")}
    assert lanes == {"angry": Lane.COMPLAINT, "needy": Lane.HELP}
    outage.open(Written("storm", words="Werbung"), "bob")
    assert outage.alone() == {"needy"}
    assert outage.folds() == {outage.number: 1}


def test_when_the_storm_is_over_replies_are_prepared_again(outage: Outage) -> None:
    outage.open(Written("storm"), "bob")
    outage.end("bob")
    outage.report(1)
    assert drafts.open_of_case(outage.tent.store, outage.tent.case("kim0")["id"]) is not None


# the ledger and the old switch ----------------------------------------------------------------------


def test_the_ledger_holds_no_words_of_an_incident_only_how_many(outage: Outage) -> None:
    outage.open(Written("outage", words="Glasfaser\nNetzausfall", area="Altona", topic="outage"))
    [entry] = outage.tent.entries("INCIDENT")
    assert (entry["words"], entry["places"], entry["topic"]) == (2, 1, "outage")
    assert "Altona" not in str(entry)
    assert "Glasfaser" not in str(entry)
    assert str(entry["by"]) != str(outage.tent.user("alice")["id"])
    assert verify(outage.tent.store).verdict == 0


# nothing is lost, nothing stands twice --------------------------------------------------------------

_number = count()
CASE = st.tuples(
    st.sampled_from(list(Lane)),
    st.sampled_from([CaseState.NEW, CaseState.CLAIMED, CaseState.OUTBOX, CaseState.FAILED, CaseState.ESCALATED]),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), max_size=3, unique_by=lambda each: each[0]),
)


@pytest.fixture(scope="module")
def stores():
    with tempfile.TemporaryDirectory() as folder:
        migrate(Path(folder) / "folds.db")
        made = Stores(Path(folder) / "folds.db")
        yield made
        made.close()


def _case(tx, number: int, lane: Lane, state: CaseState, *, not_assessed: bool) -> int:
    place = {
        "platform": "replay",
        "account": "us",
        "surface": "",
        "thread_key": f"t{number}",
        "author_id": f"a{number}",
    }
    told = {"author_handle": "kim", "lane": lane, "priority": Priority.LOW, "rank": 2, "topic": "", "language": "de"}
    rest = {"reason": "", "not_assessed": not_assessed, "state": state, "opened_at": 1, "updated_at": 1}
    case_id = tx.insert("cases", place | told | rest | {"latest_mention": 0})
    tx.run(
        """INSERT INTO mentions (id, canonical_key, case_id, source, platform, surface, account, native_id, url, text,
        text_hash, declared_language, created_at, fetched_at, visibility, kind, triggers, own_mentions, owned_surface,
        author_id, author_handle, parent_key, parent_author_id, root_key, thread_key, extras) VALUES (:id, 'k' || :id,
        :id, 's', 'replay', '', 'us', :id, '', 'x', 'h', 'de', 1, 1, 'public', 'post', 'mention', '', 0, 'a', 'kim',
        '', '', '', 't', '{}')""",
        id=case_id,
    )
    tx.run("UPDATE cases SET latest_mention = :id WHERE id = :id", id=case_id)
    return case_id


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=st.lists(CASE, max_size=12), kinds=st.lists(st.sampled_from(["outage", "launch", "storm"]), max_size=3))
def test_every_open_case_stands_in_exactly_one_place(stores: Stores, found, kinds) -> None:
    with stores().write() as tx:
        for table in ("incident_cases", "incidents", "mentions", "cases"):
            tx.run(f"DELETE FROM {table}")  # noqa: S608 - names from above
        tx.run(
            """INSERT OR IGNORE INTO users (id, name, role, initials, password_hash, created_at)
            VALUES (1, 'a', 'agent', 'A', '-', 1)"""
        )
        blank = {"words": "", "topic": "", "area": "", "link": "", "valid_from": 1, "opened_at": 1, "opened_by": 1}
        ids = [incidents.add(tx, {"kind": kind, **blank}) for kind in kinds]
        for lane, state, not_assessed, links in found:
            case_id = _case(tx, next(_number), lane, state, not_assessed=not_assessed)
            for place, folds, out in links:
                if place < len(ids):
                    row = {"incident_id": ids[place], "case_id": case_id, "folds": folds, "taken_out": out}
                    tx.insert("incident_cases", row)
    store = stores()
    pairs = folding(store, 10)
    alone = queue.listed(store, Wanted(folding=pairs), now=10, limit=1_000)
    shown = [row["id"] for row in alone]
    folded = queue.folds(store, Wanted(folding=pairs), now=10) if pairs else []
    for fold in folded:
        inside = queue.listed(store, Wanted(folding=pairs, incident=fold["incident"]), now=10, limit=1_000)
        assert len(inside) == fold["n"]
        assert not {row["lane"] for row in inside} & {Lane.THREAT, Lane.CRISIS, Lane.ABUSE, Lane.SCAM}
        assert not any(row["not_assessed"] for row in inside)
        shown += [row["id"] for row in inside]
    every = [row["id"] for row in store.rows("SELECT id FROM cases")]
    assert sorted(shown) == sorted(every), "no case lost, none counted twice"


def test_a_storm_that_a_senior_had_switched_on_before_the_upgrade_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "older.db"
    store = Store(path)
    with store.write() as tx:
        known().apply(store.database, stop_before="0017_incidents")
        tx.run(
            """INSERT INTO users (id, name, role, initials, password_hash, created_at)
            VALUES (1, 'b', 'senior', 'B', '', 1)"""
        )
        tx.run("INSERT INTO storms (began_at, began_by, ended_at, ended_by) VALUES (1, 1, 5, 1), (7, 1, NULL, NULL)")
    store.close()
    migrate(path)
    store = Store(path)
    assert incidents.storm(store, 8)
    assert [row["valid_from"] for row in incidents.standing(store, 8)] == [7]
    assert len(incidents.listed(store)) == 2
    store.close()
