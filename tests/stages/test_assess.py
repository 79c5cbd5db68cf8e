"""Assessing: nothing is hidden, nothing is done twice, and every answerable case has its prepared draft."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from port_doubles import die, held_by_another, killed, mention, no_room
from tents import HouseInATent, post

from bot import assess, ingest
from bot.assess import Assessor, analyse
from bot.errors import StoreBusy, StoreFull
from bot.ledger.verify import Verdict, verify
from bot.model import CaseState, Finding, Lane, Mention, Page, Priority
from bot.store import cases, drafts, mentions
from bot.store.db import Row
from bot.wiring import Wiring

HOUR_MS = 3_600_000
THREAT = "@fjordfon_hilft Ich bringe euren Techniker um, wenn er morgen kommt."
HELP = "@fjordfon_hilft Warum geht das Internet nicht?"


class Faulty:
    """A detector that raises at a certain word."""

    name, version = "faulty", "1"

    def __init__(self, word: str) -> None:
        self.word = word

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        if any(self.word in text for text in texts):
            raise ZeroDivisionError(self.word)
        return [Finding(self.name, self.version, "none", 0) for _ in texts]


class Deadly(Faulty):
    """A detector that takes its whole process with it at a certain word."""

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        if any(self.word in text for text in texts):
            die()
        return super().detect(texts)


def keep(tent: HouseInATent, *found: Mention, source: str = "samples") -> None:
    """Take posts in without assessing them."""
    door = tent.wiring.door(tent.config, tent.wiring.matcher(tent.config))
    with tent.store.write() as tx:
        ingest.take(tx, Page(found, "a"), source, door, tent.clock.now())


def assessor(tent: HouseInATent, *detectors: object) -> Assessor:
    whole = tent.wiring.assessor(tent.config, 1, tent.wiring.matcher(tent.config))
    return replace(whole, detectors=(*whole.detectors, *detectors))


def row_of(tent: HouseInATent, native_id: str) -> Row:
    row = mentions.by_key(tent.store, f"replay:replay:{native_id}")
    assert row is not None
    return row


def case_of(tent: HouseInATent, native_id: str) -> Row:
    case = cases.by_id(tent.store, row_of(tent, native_id)["case_id"] or 0)
    assert case is not None
    return case


def test_a_detector_that_raises_counts_as_failed_for_the_text_that_made_it_raise_only() -> None:
    found = analyse([Faulty("bumm")], ["gut", "bumm", "auch gut"])
    assert [[finding.failed for finding in findings] for findings in found] == [[False], [True], [False]]


def test_a_detector_that_raises_marks_its_case_and_no_other(tent: HouseInATent) -> None:
    keep(tent, mention("1", f"{HELP} bumm"), mention("2", HELP, author="nell", handle="nell"))
    while assess.run(tent.store, assessor(tent, Faulty("bumm")), tent.clock):
        pass
    marked, sound = case_of(tent, "1"), case_of(tent, "2")
    assert (marked["not_assessed"], sound["not_assessed"]) == (1, 0)
    assert "failed faulty" in marked["reason"]
    assert {
        finding.detector for finding in mentions.findings_of(tent.store, row_of(tent, "1")["id"]) if finding.failed
    } == {"faulty"}


def test_a_later_harmless_post_does_not_take_the_mark_of_what_was_not_assessed_away(tent: HouseInATent) -> None:
    keep(tent, mention("1", f"{HELP} bumm"))
    assess.run(tent.store, assessor(tent, Faulty("bumm")), tent.clock)
    tent.hear(post("2", "kim", "@fjordfon_hilft hallo? Warum antwortet niemand?"))
    assert row_of(tent, "2")["case_id"] == row_of(tent, "1")["case_id"]
    assert case_of(tent, "1")["not_assessed"] == 1


@pytest.mark.crash
def test_a_post_that_kills_its_worker_opens_as_not_assessed_and_its_neighbours_are_assessed(
    tent: HouseInATent,
) -> None:
    keep(
        tent, *(mention(str(n), f"{HELP} {'bumm' if n == 2 else n}", author=f"a{n}", handle=f"a{n}") for n in range(5))
    )
    crashes = 0

    def work() -> None:
        store = Wiring(tent.wiring.settings, tent.clock).stores()
        while assess.run(store, assessor(tent, Deadly("bumm")), tent.clock):
            pass

    while killed(work):
        crashes += 1
        tent.clock.advance(mentions.CLAIM_MS)
    assert crashes == mentions.ATTEMPTS
    assert mentions.waiting(tent.store) == 0
    assert [row_of(tent, str(n))["stage"] for n in range(5)] == ["assessed"] * 2 + ["poison"] + ["assessed"] * 2
    assert (case_of(tent, "2")["not_assessed"], case_of(tent, "2")["reason"]) == (1, "not assessed")
    assert case_of(tent, "2")["lane"] == Lane.HELP
    assert case_of(tent, "2")["priority"] == Priority.HIGH


@pytest.mark.crash
def test_killed_before_saving_nothing_is_lost_and_nothing_is_doubled(tent: HouseInATent) -> None:
    keep(tent, mention("1", HELP))

    def work() -> None:
        store = Wiring(tent.wiring.settings, tent.clock).stores()
        with store.write() as tx:
            rows = mentions.claim(tx, tent.clock.now(), 50)
        with store.write() as tx:
            cases.attach(tx, rows[0], assess._unassessed(rows[0]).triage, due_at=None, at=tent.clock.now())
            die()

    assert killed(work)
    tent.assess()
    assert tent.store.value("SELECT count(*) FROM cases") == 0, "the claim still stands"
    tent.clock.advance(mentions.CLAIM_MS)
    tent.assess()
    assert tent.store.value("SELECT count(*) FROM cases") == 1
    assert [event["kind"] for event in cases.events(tent.store, case_of(tent, "1")["id"])] == ["opened"]


def test_an_edit_that_arrives_while_its_old_words_are_analysed_is_assessed_too(tent: HouseInATent) -> None:
    class EditsMeanwhile(Faulty):
        def detect(self, texts: Sequence[str]) -> list[Finding]:
            if self.word:
                self.word = ""
                keep(tent, mention("1", THREAT))
            return [Finding(self.name, self.version, "none", 0) for _ in texts]

    keep(tent, mention("1", HELP))
    slow = assessor(tent, EditsMeanwhile("once"))
    while assess.run(tent.store, slow, tent.clock):
        pass
    assert row_of(tent, "1")["stage"] == "assessed"
    assert case_of(tent, "1")["lane"] == Lane.THREAT


def test_two_workers_on_one_mention_open_one_case_with_one_event(tent: HouseInATent) -> None:
    class SlowerThanItsClaim(Faulty):
        def detect(self, texts: Sequence[str]) -> list[Finding]:
            if self.word:
                self.word = ""
                tent.clock.advance(mentions.CLAIM_MS)
                tent.assess()
            return [Finding(self.name, self.version, "none", 0) for _ in texts]

    keep(tent, mention("1", HELP))
    assess.run(tent.store, assessor(tent, SlowerThanItsClaim("once")), tent.clock)
    assert [event["kind"] for event in cases.events(tent.store, case_of(tent, "1")["id"])] == ["opened"]


def test_suspected_threats_come_first_then_the_sources_in_turn_then_the_oldest(tent: HouseInATent) -> None:
    for n in range(60):
        keep(tent, mention(f"loud{n}", f"{HELP} {n}"), source="loud")
    keep(tent, mention("quiet1", HELP), mention("quiet2", HELP), source="quiet")
    keep(tent, mention("threat", THREAT), source="loud")
    with tent.store.write() as tx:
        first = [row["native_id"] for row in mentions.claim(tx, tent.clock.now(), 5)]
        second = [row["native_id"] for row in mentions.claim(tx, tent.clock.now(), assess.BATCH)]
    assert first[0] == "threat"
    assert set(first[1:]) == {"loud0", "quiet1", "loud1", "quiet2"}
    assert second == [f"loud{n}" for n in range(2, 52)], "no more than fifty of one source at a time"


def test_a_mention_whose_worker_died_is_taken_alone(tent: HouseInATent) -> None:
    keep(tent, mention("1"), mention("2"))
    with tent.store.write() as tx:
        assert len(mentions.claim(tx, tent.clock.now(), 50)) == 2
    tent.clock.advance(mentions.CLAIM_MS)
    keep(tent, mention("3"))
    with tent.store.write() as tx:
        taken = [[row["native_id"] for row in mentions.claim(tx, tent.clock.now(), 50)] for _ in range(3)]
    assert taken == [["1"], ["2"], ["3"]]


def test_parts_of_one_message_within_six_hours_are_one_case(tent: HouseInATent) -> None:
    for part in range(1, 4):
        tent.hear(post(str(part), "kim", f"@fjordfon_hilft {part}/3 Seit Tagen kein Internet?"))
        tent.clock.advance(2 * HOUR_MS)
    assert tent.store.value("SELECT count(*) FROM cases") == 1
    assert case_of(tent, "1")["latest_mention"] == row_of(tent, "3")["id"]


def test_after_six_hours_another_thread_is_another_case_whatever_people_did_with_the_first(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", HELP))
    tent.clock.advance(5 * HOUR_MS)
    tent.open("kim")
    with tent.store.write() as tx:
        cases.move(tx, case_of(tent, "1")["id"], CaseState.CLOSED, tent.clock.now())
    tent.clock.advance(2 * HOUR_MS)
    tent.hear(post("2", "kim", HELP))
    assert tent.store.value("SELECT count(*) FROM cases") == 2


def test_posts_of_another_author_in_the_same_thread_are_another_case(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", HELP), post("2", "nell", HELP, in_reply_to="1", root="1"))
    assert case_of(tent, "1")["id"] != case_of(tent, "2")["id"]


@pytest.mark.parametrize("state", [CaseState.SENT, CaseState.CLOSED, CaseState.FAILED])
def test_a_new_post_opens_a_case_again_that_was_done_or_stuck(tent: HouseInATent, state: CaseState) -> None:
    tent.hear(post("1", "kim", HELP))
    tent.store.connection.execute("UPDATE cases SET state = ?", [state])
    tent.clock.advance(24 * HOUR_MS)
    tent.hear(post("2", "kim", "@fjordfon_hilft danke, ihr seid super!", in_reply_to="1", root="1"))
    assert case_of(tent, "1")["state"] == CaseState.NEW


def test_where_everything_was_done_a_new_post_begins_anew(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Notruf geht nicht, dringend! Internet tot, was tun?"))
    tent.store.connection.execute("UPDATE cases SET state = 'sent', priority = 'high', rank = 0")
    tent.clock.advance(200 * HOUR_MS)
    tent.hear(post("2", "kim", "@fjordfon_hilft danke, ihr seid super, alles läuft wunderbar!", root="1"))
    case = case_of(tent, "1")
    assert (case["lane"], case["priority"]) == (Lane.PRAISE, Priority.LOW)
    assert case["due_at"] > tent.clock.now(), "not overdue because of what was answered long ago"


def test_a_worse_post_raises_the_lane_and_a_milder_one_does_not_lower_it(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", HELP))
    tent.hear(post("2", "kim", THREAT))
    assert (case_of(tent, "1")["lane"], case_of(tent, "1")["priority"]) == (Lane.THREAT, Priority.HIGH)
    tent.hear(post("3", "kim", "@fjordfon_hilft danke, ihr seid super!"))
    assert (case_of(tent, "1")["lane"], case_of(tent, "1")["priority"]) == (Lane.THREAT, Priority.HIGH)


@pytest.mark.parametrize("state", [CaseState.SENT, CaseState.CLOSED])
def test_an_edit_into_a_threat_opens_even_a_finished_case(tent: HouseInATent, state: CaseState) -> None:
    tent.hear(post("1", "kim", HELP))
    tent.store.connection.execute("UPDATE cases SET state = ?", [state])
    tent.hear(post("1", "kim", THREAT))
    assert (case_of(tent, "1")["lane"], case_of(tent, "1")["state"]) == (Lane.THREAT, CaseState.NEW)


def test_an_answerable_case_stays_answerable_when_the_author_goes_on_without_addressing_us(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", HELP))
    tent.hear(post("2", "kim", "Fjordfon Internet ist schon wieder tot", mentions=[]))
    assert case_of(tent, "2")["id"] == case_of(tent, "1")["id"]
    assert case_of(tent, "1")["latest_mention"] == row_of(tent, "1")["id"]
    assert tent.open("kim")["mention_id"] == row_of(tent, "1")["id"]


@pytest.mark.parametrize(
    ("text", "lane", "prepared"),
    [
        (HELP, Lane.HELP, True),
        ("@fjordfon_hilft Seit drei Tagen kein Internet, das ist unverschämt und furchtbar.", Lane.COMPLAINT, True),
        ("@fjordfon_hilft Danke, ihr seid super und sehr freundlich!", Lane.PRAISE, True),
        (THREAT, Lane.THREAT, False),
        ("@fjordfon_hilft Ich kann nicht mehr, ich will nicht mehr leben.", Lane.CRISIS, False),
        ("Fjordfon Internet ist heute wieder tot", Lane.LISTEN, False),
    ],
)
def test_every_answerable_lane_has_a_prepared_draft_and_no_other(
    tent: HouseInATent, text: str, lane: Lane, *, prepared: bool
) -> None:
    tent.hear(post("1", "kim", text, mentions=["fjordfon_hilft"] if text.startswith("@") else []))
    case = case_of(tent, "1")
    assert case["lane"] == lane
    draft = drafts.open_of_case(tent.store, case["id"])
    assert (draft is not None) is prepared
    if draft is not None:
        assert draft["prepared"]
        assert draft["mention_id"] == row_of(tent, "1")["id"]


def test_what_was_prepared_goes_when_the_case_turns_into_a_threat(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", HELP))
    assert drafts.open_of_case(tent.store, case_of(tent, "1")["id"]) is not None
    tent.hear(post("2", "kim", THREAT))
    assert drafts.open_of_case(tent.store, case_of(tent, "1")["id"]) is None


def test_an_untouched_draft_follows_to_the_newest_post_and_a_touched_one_keeps_its_words(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", HELP))
    tent.hear(post("2", "kim", "@fjordfon_hilft Und das Telefon geht auch nicht?"))
    draft = drafts.open_of_case(tent.store, case_of(tent, "1")["id"])
    assert draft is not None
    assert draft["mention_id"] == row_of(tent, "2")["id"]
    with tent.store.write() as tx:
        user = tent.user("alice")["id"]
        drafts.rewrite(tx, draft["id"], version=1, text="Eigene Worte", user_id=user, at=tent.clock.now())
    tent.hear(post("3", "kim", "@fjordfon_hilft Hallo?"))
    kept = drafts.open_of_case(tent.store, case_of(tent, "1")["id"])
    assert kept is not None
    assert (kept["id"], kept["text"]) == (draft["id"], "Eigene Worte")


def test_an_opt_out_is_recorded_once_with_its_entry_and_without_the_authors_name(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim-und-du", "@fjordfon_hilft stopp"))
    tent.hear(post("1", "kim-und-du", "@fjordfon_hilft stopp!"))
    assert tent.store.value("SELECT count(*) FROM opt_outs") == 1
    assert len(tent.entries("OPT_OUT")) == 1
    assert b"kim-und-du" not in b"".join(row["body"] for row in tent.store.rows("SELECT body FROM log"))
    assert b"kim-und-du" not in repr(tuple(tent.store.row("SELECT * FROM opt_outs") or ())).encode()
    assert verify(tent.store).verdict is Verdict.OK


def test_a_full_disk_while_saving_is_reported_and_the_next_run_saves_the_whole_batch(tent: HouseInATent) -> None:
    keep(tent, *(mention(str(n), f"{HELP} {n}", author=f"a{n}", handle=f"a{n}") for n in range(40)))
    with no_room(tent.store), pytest.raises(StoreFull):
        assess.run(tent.store, assessor(tent), tent.clock)
    assert tent.store.value("SELECT count(*) FROM cases") == 0
    assert tent.store.value("SELECT count(*) FROM findings") == 0
    tent.clock.advance(mentions.CLAIM_MS)
    tent.assess()
    assert tent.store.value("SELECT count(*) FROM cases") == 40
    assert tent.store.value("SELECT count(*) FROM mentions WHERE stage = 'poison'") == 0


def test_a_locked_database_is_reported_and_the_next_run_succeeds(tent: HouseInATent) -> None:
    keep(tent, mention("1", HELP))
    with held_by_another(tent.store), pytest.raises(StoreBusy):
        assess.run(tent.store, assessor(tent), tent.clock)
    tent.assess()
    assert case_of(tent, "1")["lane"] == Lane.HELP


def test_nothing_to_do_is_nothing_done(tent: HouseInATent) -> None:
    assert assess.run(tent.store, assessor(tent), tent.clock) == 0
