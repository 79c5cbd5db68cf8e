"""Hate against a protected group is found with the group's name; what only looks like it is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import HEADS, LANGUAGE

from bot.detectors.hate import Hate
from bot.model import Finding

HATE = Hate(LANGUAGE, HEADS)


def look(text: str) -> Finding:
    return HATE.detect([text])[0]


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("Muslime kotzen mich an.", "muslims"),
        ("Diese dreckigen Polen schon wieder", "poles"),
        ("Rentner sind überflüssig und dumm.", "old-people"),
        ("Alle Türken gehören abgeschoben!", "turks"),
        ("Keine Frau hat je etwas geleistet.", "women"),
        ("Im Haus wohnen jetzt Syrer. Die sind alle kriminell.", "arabs"),
        ("Scheißjuden", "jews"),
        ("Warum sind Behinderte eigentlich so nutzlos?", "disabled-people"),
        ("I loathe immigrants", "immigrants"),
        ("Gay people are vermin, all of them.", "gay-people"),
        ("No Muslim deserves to live here.", "muslims"),
        ("Women should not be allowed to vote, kick them out.", "women"),
        ("They hired Indians. They are all crooks.", "indians"),
        ("Someone ought to burn these Roma out.", "roma"),
        ("We'll hunt you down, Jews", "jews"),
    ],
)
def test_hate_is_found_and_names_the_group(text: str, group: str) -> None:
    finding = look(text)
    assert finding.label == "hate"
    assert finding.reason.startswith(f"group={group};")
    assert finding.score >= 600
    assert finding.spans


@pytest.mark.parametrize(
    "text",
    [
        "Muslime sind keine Verbrecher.",
        "Ich hasse Frauen nicht.",
        "Wer Juden beschimpft, fliegt hier raus.",
        "„Ausländer sind Ungeziefer“ ist kein Satz, den ich hier lesen will.",
        "Ihr seid Abschaum, ihr vom Kundendienst.",
        "Alle Manager sind Parasiten.",
        "Der Router ist der letzte Dreck.",
        "Die Frau am Telefon war unverschämt.",
        "Ich bin ein alter Kanake und stolz darauf.",
        "In unserem Haus wohnen viele Türken, alle nett.",
        "Jews are not greedy.",
        "I don't hate refugees.",
        '"Gays are sick" is not an opinion.',
        "People who insult trans people make me sick.",
        "All bankers are thieves.",
        "I am a proud dyke.",
        "The lady at the counter was rude to me.",
        "No refugee deserves to drown.",
        "Spotted a chink of light behind the router.",
    ],
)
def test_what_only_looks_like_hate_is_none(text: str) -> None:
    assert look(text) == Finding("hate", HATE.version, "none", 0, (), "")


@pytest.mark.parametrize(
    ("plain", "disguised"),
    [
        ("Muslims are filth", "Musl1ms are f1lth"),
        ("Refugees are vermin", "refugeesarevermin"),
        ("Roma are thieves", "r o m a are t h i e v e s"),
        ("I hate Black people", "i haet balck poeple"),
        ("Die Flüchtlinge sind Ungeziefer", "flüchtlingesindungeziefer"),
        ("Ich hasse Muslime", "ich hase mulsime"),
        ("Juden sind Parasiten", "J*den sind P4rasiten"),
    ],
)
def test_a_disguise_changes_nothing(plain: str, disguised: str) -> None:
    assert look(plain).label == look(disguised).label == "hate"
    assert look(plain).reason.partition(";")[0] == look(disguised).reason.partition(";")[0]


def test_german_capitals_tell_people_from_colours() -> None:
    assert look("Mir wird schlecht neben Schwarzen in der Bahn.").label == "hate"
    assert look("Mir wird schlecht neben schwarzen Kabeln in der Bahn.").label == "none"


def test_the_span_shows_the_words_of_the_original_text() -> None:
    text = "Hallo zusammen. İch sag mal: Diese dreckigen Polen!"
    start, end = look(text).spans[0]
    assert text[start:end].endswith("dreckigen Polen")


def test_the_reason_names_group_and_rule_and_no_word_of_the_text() -> None:
    assert look("Muslims are geheimwort filthy liars").reason == "group=muslims;attribute"


def test_a_text_too_long_to_read_whole_is_marked() -> None:
    assert look("Kein Netz. " * 3_000).reason == "cut"
    assert look("I hate Muslims. " + "No signal. " * 3_000).reason == "group=muslims;emotion;cut"


@pytest.mark.parametrize("text", ["", "😀😀", "... !!", "12345"])
def test_a_text_without_a_letter_is_undetermined(text: str) -> None:
    assert look(text).label == "undetermined"


@pytest.mark.parametrize(
    "text",
    [
        "muslims " * 2_500,
        "hate muslims are not " * 950,
        "women. they are " * 1_250,
        "*" * 20_000,
        "m*" * 10_000,
        "frauen" * 3_300,
        'q" ' * 6_600,
        "\ud800Juden\udfff " * 500,
    ],
)
def test_hostile_texts_get_a_finding_with_spans_inside(text: str) -> None:
    assert all(0 <= start < end <= len(text) for start, end in look(text).spans)


GERMAN = ["ich", "hasse", "die", "Muslime", "Frauen", "sind", "nicht", "dumm", ".", ",", "?", '"', "raus"]
ENGLISH = ["women", "they", "are", "all", "scum", "I", "hate", "gay", "people", "no", "deserve"]
WORDS = st.sampled_from([*GERMAN, *ENGLISH])


@pytest.mark.parametrize(
    "text",
    [
        "Man kann niemandem trauen, der zu Allah betet, das sind geborene Terroristen",
        "Solange Leute über siebzig noch leben dürfen, geht hier nichts voran, weg mit denen",
    ],
)
def test_hate_against_a_group_that_is_only_paraphrased_names_none(text: str) -> None:
    [finding] = HATE.detect([text])
    assert (finding.label, finding.reason) == ("hate", "group=-;head")
    assert finding.score >= 620
    assert finding.spans


@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_any_row_of_words_gets_one_finding_that_names_a_group_exactly_when_it_is_hate(text: str) -> None:
    finding = look(text)
    assert finding.label in {"none", "hate", "undetermined"}
    assert (finding.label == "hate") == finding.reason.startswith("group=") == bool(finding.score)
    assert all(0 <= start < end <= len(text) for start, end in finding.spans)


@given(st.lists(st.text(st.characters(), max_size=60), max_size=4))
def test_any_texts_get_one_finding_each_in_order(texts: list[str]) -> None:
    assert HATE.detect(texts) == [look(text) for text in texts]
