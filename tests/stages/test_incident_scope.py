"""What an incident covers, and how one answer is shared out: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tents import starter

from bot.incidents import (
    HOUR_MS,
    IncidentRefused,
    Kind,
    Lens,
    Post,
    Scope,
    due_times,
    folding_lanes,
    in_turn,
    share_out,
    terms,
)
from bot.model import SHIELDED_LANES, Lane

RULES = starter().triage
NOON = 1_000_000
FROM, UNTIL = NOON, NOON + HOUR_MS


def lens(words: str = "", *, topic: str = "", places: str = "", kind: Kind = Kind.OUTAGE) -> Lens:
    return Lens(Scope(kind, terms(words), topic, terms(places), FROM, UNTIL), RULES)


def fit(of: Lens, *texts: str, topic: str = "", reason: str = "question", personal: bool = False):
    return of.read([Post(text, FROM + 1, personal) for text in texts], topic=topic, reason=reason)


def test_words_of_watches_count_with_their_asterisks_and_spellings() -> None:
    stoer = lens("stör*\nNetz weg")
    assert fit(stoer, "Schon wieder eine STOERUNG hier").folds
    assert fit(stoer, "bei uns ist das Netz weg").folds
    assert not fit(stoer, "das Netzwerk ist schön").concerns


def test_a_topic_finds_what_no_word_names() -> None:
    assert fit(lens(topic="outage"), "hier geht gar nichts", topic="outage").folds
    assert not fit(lens(topic="outage"), "hier geht gar nichts").concerns


def test_a_word_with_a_tilde_keeps_posts_out_also_those_of_the_topic() -> None:
    eye = lens("Internet\n~Stromausfall", topic="outage")
    assert fit(eye, "Internet tot").folds
    assert not fit(eye, "Internet tot wegen Stromausfall", topic="outage").concerns


def test_where_places_are_named_only_posts_that_name_one_fold() -> None:
    eye = lens("Internet", places="Altona, Kiel")
    assert fit(eye, "Kein Internet in altona").folds
    assert not fit(eye, "Kein Internet in Bremen").concerns


@pytest.mark.parametrize("at", [FROM - 1, UNTIL + 1])
def test_a_post_from_before_or_after_does_not_concern_it(at: int) -> None:
    found = lens("Internet").read([Post("Internet tot", at)], topic="", reason="")
    assert not found.concerns


@pytest.mark.parametrize(
    ("texts", "topic", "reason", "personal", "more"),
    [
        (["Internet tot, und meine Rechnung stimmt auch nicht"], "outage", "question", False, "other_topic"),
        (["Internet tot", "Und wann kommt meine Rechnung?"], "outage", "question", False, "other_topic"),
        (["Internet tot"], "billing", "question", False, "other_topic"),
        (["Internet tot, hier hängt ein Hausnotruf dran"], "outage", "question; urgent_word", False, "urgent"),
        (["Internet tot, ich gehe zum Anwalt"], "outage", "legal de.sue 900", False, "urgent"),
        (["Internet tot, Kundennummer folgt"], "outage", "question", True, "personal_data"),
    ],
)
def test_what_asks_for_more_concerns_the_incident_and_does_not_fold(texts, topic, reason, personal, more) -> None:
    found = fit(lens("Internet", topic="outage"), *texts, topic=topic, reason=reason, personal=personal)
    assert found.concerns
    assert more in found.more
    assert not found.folds


@pytest.mark.parametrize("kind", list(Kind))
def test_threat_crisis_abuse_and_scam_fold_in_no_incident(kind: Kind) -> None:
    assert not folding_lanes(kind) & {*SHIELDED_LANES, Lane.THREAT, Lane.CRISIS, Lane.ABUSE, Lane.SCAM}


def test_in_a_storm_whoever_asks_for_help_stays_in_sight() -> None:
    assert Lane.HELP not in folding_lanes(Kind.STORM)
    assert Lane.HELP in folding_lanes(Kind.OUTAGE)


@pytest.mark.parametrize(
    ("written", "code"), [("und", "term"), ("x" * 81, "too_long"), ("a*b cd", "term"), ("~", "term")]
)
def test_a_word_that_means_nothing_is_refused_by_name(written: str, code: str) -> None:
    with pytest.raises(IncidentRefused) as refused:
        terms(f"Internet\n{written}")
    assert refused.value.code == code
    assert refused.value.term[:10] == written[:10]


def test_more_than_forty_words_describe_no_incident() -> None:
    with pytest.raises(IncidentRefused) as refused:
        terms("\n".join(f"Wort{number}" for number in range(41)))
    assert refused.value.code == "too_many"


POSTS = st.lists(st.sampled_from("abcd"), max_size=40).map(lambda accounts: list(enumerate(accounts, 1)))


@given(POSTS, st.integers(1, 6), st.dictionaries(st.integers(0, 5), st.sampled_from("abcdxy"), max_size=6))
def test_no_wording_is_ever_shared_by_two_accounts(posts, wordings: int, taken) -> None:
    given_out = share_out(posts, wordings, taken)
    owners: dict[int, set[str]] = {which: {account} for which, account in taken.items()}
    for post, account in posts:
        if post in given_out:
            assert 0 <= given_out[post] < wordings
            owners.setdefault(given_out[post], set()).add(account)
    assert all(len(accounts) == 1 for accounts in owners.values())


@given(POSTS, st.integers(4, 6))
def test_with_a_wording_for_each_account_nobody_is_left_out_and_all_are_used_evenly(posts, wordings: int) -> None:
    given_out = share_out(posts, wordings, {})
    assert set(given_out) == {post for post, _ in posts}
    for account in "abcd":
        used = [given_out[post] for post, owner in posts if owner == account]
        assert all(abs(used.count(one) - used.count(other)) <= 1 for one in set(used) for other in set(used))


@given(POSTS)
def test_accounts_take_turns_and_nobody_comes_twice_or_never(posts) -> None:
    order = in_turn(posts)
    assert sorted(order) == [post for post, _ in posts]
    for account in "abcd":
        own = [post for post, owner in posts if owner == account]
        assert [post for post in order if post in own] == own


@given(st.integers(0, 300), st.integers(1, 1800))
def test_within_no_hour_more_leave_than_operators_set(count: int, per_hour: int) -> None:
    times = due_times(count, NOON, per_hour)
    assert times == sorted(times)
    assert all(later - earlier >= HOUR_MS for earlier, later in zip(times, times[per_hour:], strict=False))
