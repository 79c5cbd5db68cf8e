"""Who is meant by an insult: the same word hits somebody, nobody, its author, a thing, or is only told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import HEADS, LANGUAGE

from bot.detectors.abuse import Abuse
from bot.detectors.meant import PERSON, Mention, WhoIsMeant
from bot.detectors.text import clean, unmask

ABUSE = Abuse(LANGUAGE, HEADS)
READER = WhoIsMeant()


def mentions(text: str, language: str) -> list[Mention]:
    return READER.mentions(unmask(clean(text)), text, language)


def meant(text: str, language: str) -> set[str]:
    return {mention.meant for mention in mentions(text, language)}


@pytest.mark.parametrize(
    ("text", "language", "whom"),
    [
        ("Du bist ein Trottel.", "de", "you"),
        ("Der Berater ist ein Trottel.", "de", "staff"),
        ("Ich bin ein Trottel.", "de", "oneself"),
        ("Ich Trottel, der Stecker war draußen.", "de", "oneself"),
        ("Du bist kein Trottel.", "de", "negated"),
        ("Der Berater hat mich einen Trottel genannt.", "de", "quoted"),
        ("„Trottel“ stand in der Mail.", "de", "quoted"),
        ("Hört auf, die Leute Trottel zu nennen.", "de", "counter"),
        ("Du Trottel 😂 hab dich lieb, bis Samstag beim Grillen!", "de", "fond"),
        ("Der Tarif ist dämlich.", "de", "thing"),
        ("Euer Scheißrouter!", "de", "thing"),
        ("You are a muppet.", "en", "you"),
        ("Your technician is a muppet.", "en", "staff"),
        ("I am such a muppet.", "en", "oneself"),
        ("You are not a muppet.", "en", "negated"),
        ("I don't think the driver is an idiot.", "en", "negated"),
        ("Your agent called me a muppet.", "en", "quoted"),
        ("You muppet 😂 love you, see you at the pub!", "en", "fond"),
        ("This form is stupid.", "en", "thing"),
        ("That bastard of a modem!", "en", "thing"),
    ],
)
def test_the_words_around_an_insult_tell_whom_it_means(text: str, language: str, whom: str) -> None:
    assert meant(text, language) == {whom}


@pytest.mark.parametrize(
    ("attack", "other", "label"),
    [
        ("Ihr Pfeifen habt die Leitung gekappt.", "Wir Pfeifen haben die Leitung gekappt.", "none"),
        ("Eure Kollegin ist eine dumme Kuh.", "Eure Kollegin ist keine dumme Kuh.", "none"),
        ("Der Fahrer ist ein Arschloch.", "Der Fahrer wurde von einem Kunden Arschloch genannt.", "quoted"),
        ("Du Arschloch, die Frist ist um.", "Ich Arschloch, die Frist ist um.", "profanity"),
        ("Dieser Scheißkerl vom Support!", "Dieser Scheißtarif vom Support!", "profanity"),
        ("You lot are clowns.", "I'm a clown for losing the letter.", "none"),
        ("Your fitter is a moron.", "Your fitter is not a moron.", "none"),
        ("Your manager is a bitch.", "Your manager called my mum a bitch.", "quoted"),
        ("You bastard, where is my parcel?", "This bastard router, where is my parcel?", "profanity"),
    ],
)
def test_an_attack_and_its_twin_that_hits_nobody_are_told_apart(attack: str, other: str, label: str) -> None:
    assert [found.label for found in ABUSE.detect([attack, other])] == ["abuse", label]


@pytest.mark.parametrize(
    "text",
    [
        "Arschbombe vom Dreier, herrlich.",
        "Scheißwetter heute, wir bleiben drin.",
        "Der Idiotentest kostet mich noch einen Monat.",
        "Die Sauerstoffflasche steht im Keller.",
        "Frau Gans hat mir sehr geholfen.",
        "We live near Scunthorpe and the line is fine.",
        "The cockpit light on the modem is green.",
        "An idiot-proof manual, thank you.",
        "The vacuum sucks up everything.",
    ],
)
def test_words_that_only_look_like_insults_are_harmless(text: str) -> None:
    assert ABUSE.detect([text])[0].label == "none"


def test_laughter_alone_does_not_make_an_insult_fond() -> None:
    assert meant("Du Trottel 😂", "de") == {"you"}
    assert meant("You muppet 😂 where is my refund?", "en") == {"you"}


def test_the_capital_of_a_formal_address_counts() -> None:
    assert meant("Sie sind ein Lügner.", "de") <= PERSON


def test_the_reason_says_who_was_meant_and_the_span_is_the_insult() -> None:
    text = "Ich sag es mal so: Euer Berater ist ein Schafskopf."
    found = ABUSE.detect([text])[0]
    assert found.label == "abuse"
    assert "meant=staff" in found.reason
    assert [text[start:end] for start, end in found.spans] == ["Schafskopf"]


def test_an_explained_insult_gives_its_explanation_as_reason() -> None:
    assert ABUSE.detect(["Ich bin so ein Schafskopf."])[0].reason == "meant=oneself"


def test_one_insult_that_hits_outweighs_one_that_is_told() -> None:
    text = "Dein Kollege hat mich einen Trottel genannt. Und du bist ein Idiot."
    assert ABUSE.detect([text])[0].label == "abuse"


def test_a_text_without_an_insulting_word_is_not_read() -> None:
    assert mentions("Das Netz ist seit gestern weg, wann geht es wieder?", "de") == []


@given(st.text(max_size=300), st.sampled_from(["de", "en", "other", "undetermined"]))
def test_mentions_lie_in_the_text_and_never_fail(text: str, language: str) -> None:
    seen = unmask(clean(text))
    for mention in READER.mentions(seen, text, language):
        assert 0 <= mention.span[0] < mention.span[1] <= len(seen.text)


@given(
    st.lists(st.sampled_from(["du", "ich", "idiot", "nicht", "genannt", '"', ",", ".", "scheiß", "-", "you", "are"]))
)
def test_rows_of_telling_words_never_fail(words: list[str]) -> None:
    text = " ".join(words)
    assert [found.detector for found in ABUSE.detect([text])] == ["abuse"]


def test_a_word_of_nothing_but_swearing_ends() -> None:
    assert ABUSE.detect(["scheiß" * 3_000])[0].detector == "abuse"
