"""From findings to a lane: danger first, then who was addressed, then question, anger and praise."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.models import TriageRules
from bot.model import LANES_WORST_FIRST, Finding, Lane, Match, Priority, Triage, Trigger
from bot.triage import spoken, triage

RULES = TriageRules(
    urgent_topics=("outage",),
    urgent_words=("Notruf", "seit Tagen"),
    question_words=("wann", "weiß jemand"),
    topics={"outage": ("Störung", "kein Netz"), "billing": ("Rechnung", "Lastschrift"), "tv": ("TV",)},
    topic_heads={"outage": ("outage_fixed", "outage_mobile"), "billing": ("billing",)},
)
HEARD = (Match("brand", "1", "brand.yaml:3", "Fjordfon", (0, 8)),)
ADDRESSED = (Trigger.MENTION,)
LABELS = {
    "threat": ["none", "threat", "legal", "undetermined"],
    "crisis": ["none", "crisis"],
    "abuse": ["none", "abuse", "quoted", "profanity"],
    "scam": ["none", "scam", "impostor_report"],
    "relevance": ["about", "namesake", "undetermined"],
    "topic": ["outage_fixed", "outage_tv", "billing", "praise", "other", "undetermined"],
    "sentiment": ["negative", "neutral", "positive", "undetermined"],
    "language": ["de", "en", "other", "undetermined"],
}


def finding(detector: str, label: str, score: int = 900, reason: str = "de.rule", *, failed: bool = False) -> Finding:
    return Finding(detector, "1", label, score, (), reason, failed)


def decide(
    *findings: Finding,
    text: str = "Fjordfon.",
    matches: tuple[Match, ...] = HEARD,
    triggers: tuple[Trigger, ...] = ADDRESSED,
) -> Triage:
    return triage(text=text, findings=findings, matches=matches, triggers=triggers, rules=RULES)


GOVERNING = [
    (Lane.THREAT, finding("threat", "threat")),
    (Lane.CRISIS, finding("crisis", "crisis")),
    (Lane.ABUSE, finding("abuse", "abuse")),
    (Lane.SCAM, finding("scam", "scam")),
]


@pytest.mark.parametrize(("worse", "milder"), list(itertools.combinations(GOVERNING, 2)))
def test_the_worse_lane_governs(worse: tuple[Lane, Finding], milder: tuple[Lane, Finding]) -> None:
    assert decide(milder[1], worse[1]).lane is worse[0]


@pytest.mark.parametrize(("lane", "found"), GOVERNING)
def test_danger_governs_even_when_nobody_spoke_to_us_and_no_watch_heard_it(lane: Lane, found: Finding) -> None:
    assert decide(found, matches=(), triggers=(Trigger.NONE,)).lane is lane


@pytest.mark.parametrize(
    ("name", "label", "least"),
    [("threat", "threat", 500), ("crisis", "crisis", 500), ("abuse", "abuse", 600), ("scam", "scam", 600)],
)
def test_a_finding_below_its_threshold_does_not_govern(name: str, label: str, least: int) -> None:
    assert decide(finding(name, label, least)).lane is Lane(label)
    assert decide(finding(name, label, least - 1)).lane is Lane.HELP


def test_a_report_of_an_impostor_waits_in_the_lane_of_scams() -> None:
    assert decide(finding("scam", "impostor_report")).lane is Lane.SCAM


@pytest.mark.parametrize("label", ["none", "profanity", "quoted"])
def test_swearing_and_reported_insults_are_no_abuse(label: str) -> None:
    assert decide(finding("abuse", label)).lane is not Lane.ABUSE


def test_a_post_that_speaks_to_nobody_is_listened_to_when_a_watch_heard_it_and_noise_otherwise() -> None:
    angry = finding("sentiment", "negative")
    assert decide(angry, triggers=(Trigger.NONE,)).lane is Lane.LISTEN
    assert decide(angry, triggers=()).lane is Lane.LISTEN
    assert decide(angry, triggers=(), matches=()).lane is Lane.NOISE


def test_an_angry_question_is_a_call_for_help() -> None:
    angry = finding("sentiment", "negative")
    assert decide(angry, text="Wann geht das wieder").lane is Lane.HELP
    assert decide(angry, text="Geht das bald wieder?").lane is Lane.HELP
    assert decide(angry, text="Das geht nicht.").lane is Lane.COMPLAINT


def test_a_neutral_post_to_us_is_help_and_a_friendly_one_is_praise() -> None:
    assert decide(finding("sentiment", "neutral")).lane is Lane.HELP
    assert decide(finding("sentiment", "positive")).lane is Lane.PRAISE
    assert decide(finding("sentiment", "positive", 399)).lane is Lane.HELP


def test_who_announces_legal_steps_complains_and_is_answered_soon() -> None:
    decided = decide(finding("threat", "legal", reason="de.legal"))
    assert (decided.lane, decided.priority) == (Lane.COMPLAINT, Priority.HIGH)


def test_who_reports_an_insult_by_staff_complains() -> None:
    assert decide(finding("abuse", "quoted")).lane is Lane.COMPLAINT


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Eine Netzstörung!", "outage"),
        ("Eine Netzstoerung!", "outage"),
        ("RECHNUNG falsch", "billing"),
        ("Rechnung, Lastschrift, Störung", "billing"),
        ("Rechnung und Störung", "outage"),
        ("TV geht", "tv"),
        ("Ein Zeitvertrag", ""),
        ("Hallo", ""),
    ],
)
def test_the_topic_has_the_most_words_and_short_words_stand_alone(text: str, topic: str) -> None:
    assert decide(text=text).topic == topic


def test_the_heads_guess_counts_only_where_no_word_of_a_topic_stands() -> None:
    guess = finding("topic", "outage_mobile", 870, "head.de")
    assert decide(guess, text="Mein Handy spinnt.").topic == "outage"
    assert decide(guess, text="Die Rechnung und mein Handy.").topic == "billing"


def test_a_guessed_topic_says_so_and_is_as_urgent_as_one_that_was_named() -> None:
    decided = decide(finding("topic", "outage_fixed", 870, "head.de"), text="Mein Modem spinnt.")
    assert decided.reason == "addressed; topic_guess outage 870; urgent_topic"
    assert decided.priority is Priority.HIGH


@pytest.mark.parametrize(
    "guess",
    [
        finding("topic", "outage_fixed", 399),
        finding("topic", "outage_tv", 999),
        finding("topic", "other", 999),
        finding("topic", "undetermined", 0),
        finding("topic", "outage_fixed", 999, failed=True),
    ],
    ids=["below topic_at", "no topic of ours", "other", "undetermined", "failed"],
)
def test_a_guess_that_is_unsure_or_means_no_topic_of_ours_is_none(guess: Finding) -> None:
    decided = decide(guess, text="Mein Gerät spinnt.")
    assert decided.topic == ""
    assert "topic" not in decided.reason.replace("failed topic", "")


NAMESAKE = finding("relevance", "namesake", 870, "brand")


def test_a_namesake_that_does_not_speak_to_us_is_noise_and_says_which_watch_thinks_so() -> None:
    decided = decide(NAMESAKE, text="Fjordfon: die Aktie steigt.", triggers=(Trigger.NONE,))
    assert (decided.lane, decided.priority) == (Lane.NOISE, Priority.LOW)
    assert decided.reason == "not_addressed; namesake brand 870"


@pytest.mark.parametrize("trigger", [trigger for trigger in Trigger if trigger is not Trigger.NONE])
def test_who_speaks_to_us_is_never_noise_whatever_the_words_resemble(trigger: Trigger) -> None:
    assert decide(NAMESAKE, triggers=(trigger,)) == decide(triggers=(trigger,))


@pytest.mark.parametrize(
    "found",
    [
        finding("relevance", "namesake", 699, "brand"),
        finding("relevance", "about", 999, "brand"),
        finding("relevance", "undetermined", 0, "no-examples"),
        finding("relevance", "namesake", 999, "brand", failed=True),
    ],
    ids=["unsure", "about us", "no examples", "failed"],
)
def test_without_a_sure_namesake_a_heard_post_is_listened_to(found: Finding) -> None:
    assert decide(found, triggers=(Trigger.NONE,)).lane is Lane.LISTEN


@pytest.mark.parametrize(("lane", "found"), GOVERNING)
def test_danger_governs_a_namesakes_post_as_well(lane: Lane, found: Finding) -> None:
    assert decide(NAMESAKE, found, triggers=(Trigger.NONE,)).lane is lane


@pytest.mark.parametrize("found", [finding("threat", "legal"), finding("abuse", "quoted")])
def test_legal_steps_and_reported_insults_are_looked_at_even_if_the_words_resemble_a_namesake(found: Finding) -> None:
    decided = decide(NAMESAKE, found, triggers=(Trigger.NONE,))
    assert decided.lane is Lane.LISTEN
    assert "namesake" not in decided.reason


def test_an_urgent_topic_or_word_makes_a_case_high() -> None:
    assert decide(text="Rechnung falsch.").priority is Priority.MEDIUM
    assert decide(text="Störung.").priority is Priority.HIGH
    assert decide(text="Der Hausnotruf.").priority is Priority.HIGH


def test_priorities_of_the_lanes() -> None:
    assert decide(finding("threat", "threat")).priority is Priority.HIGH
    assert decide(finding("crisis", "crisis")).priority is Priority.HIGH
    assert decide(finding("abuse", "abuse")).priority is Priority.MEDIUM
    assert decide(finding("sentiment", "positive")).priority is Priority.LOW
    assert decide(triggers=()).priority is Priority.LOW
    assert decide(text="Störung.", triggers=()).priority is Priority.MEDIUM


def test_a_detector_that_failed_is_never_noise_and_at_least_medium() -> None:
    failed = finding("threat", "undetermined", 0, failed=True)
    decided = decide(failed, triggers=(), matches=())
    assert decided.not_assessed is True
    assert decided.lane is Lane.LISTEN
    assert decided.priority is Priority.MEDIUM
    assert "failed threat" in decided.reason
    assert decide(failed, finding("sentiment", "positive")).priority is Priority.MEDIUM
    assert decide(failed, finding("crisis", "crisis")).priority is Priority.HIGH


def test_a_failed_finding_decides_nothing_by_its_label() -> None:
    assert decide(finding("threat", "threat", failed=True)).lane is Lane.HELP


def test_the_reason_lists_what_decided_and_never_the_words_of_the_text() -> None:
    decided = decide(finding("threat", "threat", 930, "acute;de.weapon"), text="Störung, geheimeswort seit Tagen")
    assert decided.reason == "threat acute,de.weapon 930; topic outage; urgent_topic; urgent_word"
    assert "geheimeswort" not in decided.reason


def test_the_language_is_the_language_detectors() -> None:
    assert decide(finding("language", "en")).language == "en"
    assert decide().language == "undetermined"


letters = st.text("aäßs tv-4.", max_size=12)


@given(letters, st.lists(letters, max_size=6))
def test_a_word_stands_in_a_text_as_part_of_a_word_or_alone_if_it_is_short(text: str, words: list[str]) -> None:
    """The same as looking for each word on its own, however many there are."""
    rules = TriageRules(topics={f"topic {place}": (word,) for place, word in enumerate(words) if word})
    folded = text.replace("ä", "ae").replace("ß", "ss")

    def stands(word: str) -> bool:
        sought = word.replace("ä", "ae").replace("ß", "ss").strip()
        if len(sought) > 4:
            return sought in folded
        return bool(sought) and re.search(rf"(?<!\w){re.escape(sought)}(?!\w)", folded) is not None

    first = next((name for name, (word,) in rules.topics.items() if stands(word)), "")
    assert triage(text=text, findings=(), matches=HEARD, triggers=ADDRESSED, rules=rules).topic == first


findings_of_all = st.tuples(
    *(
        st.builds(finding, st.just(name), st.sampled_from(labels), st.integers(0, 1000), failed=st.booleans())
        for name, labels in LABELS.items()
    )
)


@given(
    findings_of_all,
    st.text(max_size=60),
    st.sampled_from([(), HEARD]),
    st.sampled_from([(), *((each,) for each in Trigger)]),
)
def test_any_findings_lead_to_one_lane_that_no_worse_finding_contradicts(
    findings: tuple[Finding, ...], text: str, matches: tuple[Match, ...], triggers: tuple[Trigger, ...]
) -> None:
    decided = decide(*findings, text=text, matches=matches, triggers=triggers)
    worst = {"threat": 500, "crisis": 500, "abuse": 600, "scam": 600}
    for found in findings:
        if not found.failed and found.label == found.detector and found.score >= worst.get(found.detector, 1001):
            assert LANES_WORST_FIRST.index(decided.lane) <= LANES_WORST_FIRST.index(Lane(found.label))
    assert decided.not_assessed is any(found.failed for found in findings)
    assert not (decided.not_assessed and (decided.lane is Lane.NOISE or decided.priority is Priority.LOW))
    assert decided.reason


@given(findings_of_all, st.text(max_size=60))
def test_the_order_of_findings_does_not_matter(findings: tuple[Finding, ...], text: str) -> None:
    one, other = decide(*findings, text=text), decide(*reversed(findings), text=text)
    assert (one.lane, one.priority, one.topic) == (other.lane, other.priority, other.topic)


@pytest.mark.parametrize(
    ("label", "reason", "language"),
    [
        ("de", "letters", "de"),
        ("other", "letters:tr", "tr"),
        ("other", "letters", "other"),
        ("other", "script", "other"),
        ("undetermined", "no-words", ""),
    ],
)
def test_the_language_of_a_case_is_the_named_one_if_the_detector_could_name_it(
    label: str, reason: str, language: str
) -> None:
    told = finding("language", label, reason=reason)
    assert spoken([finding("abuse", "none", 0), told]) == language
    assert decide(told).language == language or (language, decide(told).language) == ("", "undetermined")


def test_without_a_finding_no_language_is_claimed() -> None:
    assert spoken([]) == ""
