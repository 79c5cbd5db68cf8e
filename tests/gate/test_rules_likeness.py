"""C-17: names that mislead."""

import hashlib
from typing import Any

import pytest
from gate_facts import answer, context, draft, ruleset, snapshot, status
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.decide import releasable
from bot.gate.facts import Snapshot
from bot.gate.folding import bare
from bot.gate.rule import Question
from bot.gate.rules.likeness import name_is_plain
from bot.model import Outcome, RuleResult

OURS = frozenset({"fjordfon_hilft", "4711", "fjordfon_hilft@fedi.example"})


def told(handle: str, **changes: Any) -> RuleResult:
    return answer("C-17", snapshot(author_handle=handle, **{"own_accounts": OURS, **changes}))


@pytest.mark.parametrize(
    "handle",
    [
        "lena_m",
        "fjordpferd_77",
        "not_a_morning_person",
        "hsv_fan_1887",
        "fakeplastictrees@toots.example",
        "lena@satire.example",
        "helpful.hanna.example",
        "fjordfon_kundin_seit_2009",
        "wartet_auf_fjordfon",
        "4712",
        "o2",
        "",
        "🐄",
    ],
)
def test_c17_ordinary_names_pass(handle: str) -> None:
    assert told(handle).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "handle",
    [
        "fjordfon_h1lft",
        "fjordf0n_hilft",
        "fjordfon_hiIft",
        "fjоrdfon_hilft",  # a Cyrillic letter
        "fjordfonhilft",
        "fjordfon.hilft",
        "fjordfon_hlift",
        "fjordfon_hilftt",
        "fjordfom_hilfd",
        "fjordfon_hilft@elsewhere.example",
        "fjordfon",
        "Fj0rdfon",
        "fjordfun",
        "fjordfon.bsky.example",
    ],
)
def test_c17_a_name_that_looks_like_ours_is_held(handle: str) -> None:
    held = told(handle)
    assert (held.outcome, held.code) == (Outcome.HOLD_SELF, "look-alike")


@pytest.mark.parametrize(
    "handle",
    [
        "fjordfon_parody",
        "FjordfonParodie",
        "satire_am_morgen",
        "notfjordfon",
        "NichtFjordfon@toots.example",
        "fjordfon_fanclub",
        "FakeFjordfon",
        "fjordfon-support-team.bsky.example",
        "ceo_of_fjordfon",
        "fjordf0n_memes",
        "fjordfn_help",
    ],
)
def test_c17_parody_fan_and_false_helper_names_are_held(handle: str) -> None:
    held = told(handle)
    assert (held.outcome, held.code) == (Outcome.HOLD_SELF, "parody")


def test_c17_the_platforms_own_mark_of_parody_counts_and_its_silence_does_not() -> None:
    assert told("lena_m", status=status(author_parody=True)).code == "parody"
    assert told("lena_m", status=status(author_parody=None)).outcome is Outcome.ALLOW


@pytest.mark.parametrize("handle", ["{}", "x_{}_99", "der{}Held", "{}@elsewhere.example"])
def test_c17_a_slur_in_the_name_is_held_because_the_reply_would_name_it(handle: str) -> None:
    word = "zwibbel"
    masked = hashlib.sha256(bare(word).encode()).hexdigest()[:16]
    lists = ruleset()
    lists = lists.model_copy(update={"speech": lists.speech.model_copy(update={"slurs": (masked,)})})

    def asked(post: Snapshot) -> RuleResult:
        return name_is_plain(Question(post, draft(), context(), lists))

    for spelled in (word.title(), "Zw1bbel"):
        assert asked(snapshot(author_handle=handle.format(spelled))).code == "slur"
    assert asked(snapshot(author_handle=handle.format("Zwiebel"))).outcome is Outcome.ALLOW


@pytest.mark.parametrize("handle", ["fjordfon_hilft", "Fjordfon_Hilft", "fjordfon_hilft@fedi.example"])
def test_c17_our_own_account_is_no_look_alike(handle: str) -> None:
    assert told(handle).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("own", "theirs", "held"),
    [
        ("bahn", "bohn", False),
        ("bahn", "b4hn", True),
        ("nordnet", "nordnot", True),
        ("nordnet", "nordmut", False),
        ("nordnetz", "nordmuts", False),
        ("nordnetz", "nordmetc", True),
        ("ab.bsky.example", "ad.bsky.example", False),
        ("nordnetz.bsky.example", "nordnets.bsky.example", True),
        ("did:plc:abcdefgh", "didplcabcdefgi", False),
    ],
)
def test_c17_short_names_do_not_collide_and_a_shared_domain_makes_nobody_alike(
    own: str, theirs: str, *, held: bool
) -> None:
    post = snapshot(author_handle=theirs, own_accounts=frozenset({own}))
    assert (answer("C-17", post, around=context(brand_words=frozenset())).outcome is Outcome.HOLD_SELF) is held


@pytest.mark.parametrize("fact", ["author_handle", "own_accounts"])
def test_c17_waits_for_the_name(fact: str) -> None:
    found = answer("C-17", snapshot(**{fact: None}))
    assert (found.outcome, found.missing) == (Outcome.WAIT, True)


def test_c17_one_person_may_release_every_hold_and_the_evidence_names_nobody() -> None:
    for handle in ("fjordfon_h1lft", "notfjordfon"):
        held = told(handle)
        assert (held.outcome, releasable(held), dict(held.evidence)) == (Outcome.HOLD_SELF, True, {})


@given(st.text(st.characters(exclude_categories=())), st.frozensets(st.text(), max_size=3), st.frozensets(st.text()))
def test_c17_answers_any_name(handle: str, own: frozenset[str], brand: frozenset[str]) -> None:
    post = snapshot(author_handle=handle, own_accounts=own)
    assert answer("C-17", post, around=context(brand_words=brand)).outcome in {Outcome.ALLOW, Outcome.HOLD_SELF}


@given(st.integers(0, 13), st.sampled_from("abcxyz0."))
def test_c17_one_letter_changed_in_a_long_name_of_ours_is_always_seen(place: int, letter: str) -> None:
    ours = "fjordfon_hilft"
    changed = ours[:place] + letter + ours[place + 1 :]
    assert told(changed).outcome is Outcome.HOLD_SELF
