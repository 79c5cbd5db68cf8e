"""What a watch hears: whole words, open ends, capitals, handles, groups, limits; and where exactly it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.models import TermRow, WatchModel
from bot.model import Match, Platform
from bot.watch.compile import Matcher
from bot.watch.fold import fold
from bot.watch.terms import TermError

ALPHABET = "netzNETZöÖoe ß\ns\u0308\u00ad#@_."
TERMS = ("netz", "Störung", "kein Netz", "*netz", "oeo*", "*eue", "=NETZ", "#netz", "neon", "stoss")
posts = st.text(alphabet=ALPHABET, max_size=60) | st.lists(
    st.sampled_from(
        (
            "netz",
            "Netz",
            "NETZ",
            "STÖRUNG",
            "Stoerung",
            "kein",
            "#netz",
            "Öl",
            "Böo",
            "neue",
            "\n",
            "ß",
            "stoß",
            "oe",
            "x_",
        )
    )
).map(" ".join)


@pytest.mark.parametrize(
    ("text", "term", "hits"),
    [
        ("Seit heute kein Internet!", "kein Internet", ["kein Internet"]),
        ("keine Internette hier", "kein Internet", []),
        ("kein\n\n  Internet", "kein Internet", ["kein\n\n  Internet"]),
        ("kein \u200bInternet", "kein internet", ["kein \u200bInternet"]),
        ("Wieder eine STÖRUNG, Stoerung, Störung.", "Störung", ["STÖRUNG", "Stoerung", "Störung"]),
        ("Sto\u0308rung", "störung", ["Sto\u0308rung"]),
        ("Die Straße, die STRASSE", "Strasse", ["Straße", "STRASSE"]),
        ("The router is down. Down!", "down", ["down", "Down"]),
        ("Downtown download", "down", []),
        ("It’s slow", "it's slow", ["It’s slow"]),
        ("Glasfaser-Anschluss", "Glasfaser", ["Glasfaser"]),
        ("netz_ausfall netz2", "netz", []),
        ("(Netz)", "netz", ["Netz"]),
        ("Böing", "Boeing", ["Böing"]),
        ("no signal 📶📶", "📶", ["📶", "📶"]),
        ("Die Fjordfon™-Box", "Fjordfon", ["Fjordfon"]),
        ("Fjord\u00adfon nervt", "Fjordfon", ["Fjord\u00adfon"]),
        ("Ｆｊｏｒｄｆｏｎ", "fjordfon", ["Ｆｊｏｒｄｆｏｎ"]),
    ],
)
def test_a_phrase_is_heard_as_whole_words_in_every_spelling(words_hit, text, term, hits):
    assert words_hit(text, term) == hits


@pytest.mark.parametrize(
    ("text", "term", "hits"),
    [
        ("Störung, Störungen, gestört", "stör*", ["Stör", "Stör"]),
        ("Glasfaseranschluss und Anschluss", "*anschluss", ["anschluss", "Anschluss"]),
        ("Anschlussgebühr", "*anschluss", []),
        ("Glasfaserausbau", "*faser*", ["faser"]),
        ("outages everywhere", "outage*", ["outage"]),
        ("Bösewicht", "boes*", ["Bös"]),
    ],
)
def test_an_asterisk_opens_an_end_to_the_rest_of_a_longer_word(words_hit, text, term, hits):
    assert words_hit(text, term) == hits


@pytest.mark.parametrize(
    ("text", "term", "hits"),
    [
        ("EE is down, ee ee", "=EE", ["EE"]),
        ("Magenta TV, magenta tv, Magenta\nTV", "=Magenta TV", ["Magenta TV", "Magenta\nTV"]),
        ("Störung STÖRUNG Stoerung", "=Störung", ["Störung", "Stoerung"]),
        ("E\u200bE", "=EE", ["E\u200bE"]),
        ("NETZausfall Netzausfall", "=NETZ*", ["NETZ"]),
    ],
)
def test_an_equals_sign_asks_for_the_capitals_as_written(words_hit, text, term, hits):
    assert words_hit(text, term) == hits


@pytest.mark.parametrize(
    ("text", "term", "hits"),
    [
        ("#fjordfon @fjordfon fjordfon", "fjordfon", ["fjordfon", "fjordfon", "fjordfon"]),
        ("@fjordfon_hilft #fjordfon5g", "fjordfon", []),
        ("Hallo @Fjordfon_hilft!", "@fjordfon_hilft", ["@Fjordfon_hilft"]),
        ("@fjordfon_hilft2 fjordfon_hilft", "@fjordfon_hilft", []),
        ("info@fjordfon.example", "@fjordfon", []),
        ("#Störung #stoerung Störung", "#störung", ["#Störung", "#stoerung"]),
        ("page#stoerung", "#störung", []),
        ("＃５Ｇ und #5G", "#5g", ["＃５Ｇ", "#5G"]),
    ],
)
def test_handles_and_hashtags_are_heard_as_such_and_plain_words_inside_them_too(words_hit, text, term, hits):
    assert words_hit(text, term) == hits


def test_a_match_names_watch_version_rule_term_and_span(watch):
    [match] = Matcher([watch("Netz", "stör*")], "v7").match("Oh, Störung!")
    assert match == Match(watch="net", version="v7", rule="watches/net.yaml:2", term="stör*", span=(4, 8))
    assert hash(match) == hash(Match("net", "v7", "watches/net.yaml:2", "stör*", (4, 8)))


def test_overlapping_terms_are_all_heard_and_sorted_by_span(watch):
    matcher = Matcher([watch("Internet weg", "kein Internet", "kein Internet weg", "Internet")], "v1")
    spans = [match.span for match in matcher.match("kein Internet weg")]
    assert spans == [(0, 13), (0, 17), (5, 13), (5, 17)]


def test_terms_that_fold_alike_are_each_reported_with_their_own_line(watch):
    matcher = Matcher([watch("Störung", "STOERUNG"), watch("=Störung", watch="second")], "v1")
    rules = [(match.watch, match.rule) for match in matcher.match("Störung")]
    assert rules == [("net", "watches/net.yaml:1"), ("net", "watches/net.yaml:2"), ("second", "watches/net.yaml:1")]


def test_every_group_of_all_needs_a_term(watch):
    matcher = Matcher([watch("Fjordfon", all_of=[["Netz", "Internet"], ["weg", "tot"]])], "v1")
    assert not matcher.match("Fjordfon: Netz")
    assert not matcher.match("Netz tot")
    assert [match.term for match in matcher.match("Fjordfon: Internet tot")] == ["Fjordfon", "Internet", "tot"]


def test_a_watch_may_consist_of_groups_alone(watch):
    matcher = Matcher([watch(all_of=[["router"], ["broken", "dead"]])], "v1")
    assert [match.term for match in matcher.match("Dead router")] == ["dead", "router"]
    assert not matcher.match("router")


def test_a_term_of_none_silences_its_own_watch_only(watch):
    matcher = Matcher([watch("Fjordfon", none=["Fjordfon FC"]), watch("Fjordfon", watch="second")], "v1")
    assert [match.watch for match in matcher.match("Fjordfon FC gewinnt")] == ["second"]
    assert [match.watch for match in matcher.match("Fjordfon gewinnt")] == ["net", "second"]


@pytest.mark.parametrize(("language", "heard"), [("de", True), ("en", False), ("", True), ("und", True)])
def test_a_language_limit_counts_only_when_the_language_is_known(watch, language, heard):
    matcher = Matcher([watch("Router", languages=("de",))], "v1")
    assert bool(matcher.match("Router kaputt", language)) is heard


@pytest.mark.parametrize(("platform", "heard"), [(Platform.MASTODON, True), (Platform.REPLAY, False), (None, True)])
def test_a_platform_limit_counts_only_when_the_platform_is_given(watch, platform, heard):
    matcher = Matcher([watch("Router", platforms=(Platform.MASTODON,))], "v1")
    assert bool(matcher.match("Router kaputt", platform=platform)) is heard
    assert matcher.keep("Router kaputt", platform) is heard


def test_keeping_asks_for_groups_and_platform_but_neither_language_nor_exclusions(watch):
    matcher = Matcher([watch("Netz", all_of=[["weg"]], none=["Fischer"], languages=("de",))], "v1")
    assert matcher.keep("Netz weg")
    assert matcher.keep("Netz weg, Fischer sauer")
    assert not matcher.keep("Netz da")
    assert not matcher.keep("Fischer")


@pytest.mark.parametrize("text", ["", "Netz", "Fischer"])
def test_a_watch_with_nothing_to_hear_hears_nothing(watch, text):
    for watches in ([], [watch()], [watch(none=["Fischer"])], [watch("Netz", all_of=[[]])]):
        assert Matcher(watches, "v1").match(text) == ()
        assert not Matcher(watches, "v1").keep(text)


def test_a_term_that_means_nothing_does_not_compile(watch):
    with pytest.raises(TermError):
        Matcher([watch("#")], "v1")


@given(posts)
def test_spans_stand_in_the_text_and_their_slices_fold_to_the_term(text):
    for match in _matcher(TERMS).match(text):
        start, end = match.span
        assert 0 <= start < end <= len(text)
        folded_slice, term = fold(text[start:end]), fold(match.term.strip("=*"))
        assert term in folded_slice if "*" in match.term else term == folded_slice


@given(posts)
def test_matches_are_sorted_and_none_is_reported_twice(text):
    matches = _matcher(TERMS).match(text)
    assert [match.span for match in matches] == sorted(match.span for match in matches)
    assert len(set(matches)) == len(matches)


@given(posts)
def test_a_whole_word_is_heard_wherever_splitting_at_other_characters_finds_it(text):
    gaps = "".join(char if char.isalnum() or char == "_" else " " for char in fold(text))
    assert len(_matcher(("netz",)).match(text)) == gaps.split().count("netz")


@given(posts, st.sampled_from(["", "de", "en"]), st.sampled_from([None, *Platform]))
def test_what_matches_is_kept(text, language, platform):
    matcher = _matcher(TERMS, none=("öl",), languages=("de",), platforms=(Platform.REPLAY,))
    if matcher.match(text, language, platform):
        assert matcher.keep(text, platform)


@given(posts)
def test_any_term_of_a_watch_without_groups_makes_a_post_worth_keeping(text):
    assert _matcher(TERMS, none=("öl",)).keep(text) is bool(_matcher(TERMS).match(text))


def _matcher(terms, none=(), **limits):
    def rows(texts):
        return tuple(TermRow(text=text, file="w.yaml", line=line) for line, text in enumerate(texts, 1))

    return Matcher([WatchModel(watch="net", any=rows(terms), none=rows(none), **limits)], "v1")
