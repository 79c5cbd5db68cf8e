"""Every watch can say why it heard a text, or why it did not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Platform
from bot.watch.compile import Matcher
from bot.watch.explain import Limit, MissingGroup, explain


@pytest.fixture(scope="module")
def matcher(watch) -> Matcher:
    return Matcher(
        [
            watch("Störung", "kein Internet", watch="outage", none=["behoben"]),
            watch("Router", watch="hardware", all_of=[["kaputt", "broken"], ["neu", "new"]]),
            watch("slow", watch="speed", languages=("en",), platforms=(Platform.MASTODON,)),
        ],
        "v3",
    )


def test_there_is_one_explanation_for_every_watch_in_the_order_of_the_configuration(matcher):
    assert [explanation.watch for explanation in explain(matcher, "Hallo")] == ["outage", "hardware", "speed"]


def test_a_watch_that_fired_shows_its_terms_and_where_they_stand(matcher):
    outage = explain(matcher, "Störung! Kein Internet.")[0]
    assert outage.fired
    assert not outage.nearly
    assert [(hit.term, hit.span, hit.version) for hit in outage.hits] == [
        ("Störung", (0, 7), "v3"),
        ("kein Internet", (9, 22), "v3"),
    ]
    assert (outage.missing, outage.stopped_by, outage.limits) == ((), (), ())


def test_a_watch_that_was_stopped_names_the_exclusion_and_nearly_fired(matcher):
    outage = explain(matcher, "Die Störung ist behoben.")[0]
    assert not outage.fired
    assert outage.nearly
    assert [(stop.term, stop.rule, stop.span) for stop in outage.stopped_by] == [
        ("behoben", "watches/net.yaml:90", (16, 23))
    ]
    assert [hit.term for hit in outage.hits] == ["Störung"]


def test_a_watch_that_nearly_fired_names_the_missing_group(matcher):
    hardware = explain(matcher, "Mein Router ist kaputt")[1]
    assert hardware.nearly
    assert hardware.missing == (MissingGroup("all 2", ("neu", "new")),)


def test_a_missing_any_group_is_named_too(matcher):
    hardware = explain(matcher, "brand new and broken")[1]
    assert hardware.nearly
    assert hardware.missing == (MissingGroup("any", ("Router",)),)


def test_a_watch_nothing_points_to_is_silent_and_not_nearly(matcher):
    hardware = explain(matcher, "Schönes Wetter")[1]
    assert not hardware.fired
    assert not hardware.nearly
    assert [group.group for group in hardware.missing] == ["any", "all 1", "all 2"]


@pytest.mark.parametrize(
    ("language", "platform", "limits"),
    [
        ("de", None, (Limit.LANGUAGES,)),
        ("en", Platform.REPLAY, (Limit.PLATFORMS,)),
        ("de", Platform.REPLAY, (Limit.LANGUAGES, Limit.PLATFORMS)),
        ("", None, ()),
        ("und", Platform.MASTODON, ()),
    ],
)
def test_a_limit_that_is_not_met_is_named(matcher, language, platform, limits):
    speed = explain(matcher, "so slow", language, platform)[2]
    assert speed.limits == limits
    assert speed.fired is not bool(limits)
    assert speed.nearly is bool(limits)


def test_a_watch_without_terms_never_fires(watch):
    [empty] = explain(Matcher([watch(none=["Fischer"])], "v1"), "Fischer")
    assert not empty.fired
    assert not empty.nearly
    assert [stop.term for stop in empty.stopped_by] == ["Fischer"]


words = st.sampled_from(["Störung", "behoben", "Router", "kaputt", "neu", "slow", "kein", "Internet", "broken", "new"])


@given(st.lists(words).map(" ".join), st.sampled_from(["", "de", "en"]), st.sampled_from([None, *Platform]))
def test_the_explanation_never_contradicts_the_matcher(matcher, text, language, platform):
    explanations = explain(matcher, text, language, platform)
    fired = [hit for explanation in explanations if explanation.fired for hit in explanation.hits]
    assert sorted(fired, key=repr) == sorted(matcher.match(text, language, platform), key=repr)
    for explanation in explanations:
        assert explanation.fired is not bool(explanation.missing or explanation.stopped_by or explanation.limits)
