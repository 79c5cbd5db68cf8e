"""What the language detector promises: dialects are German, mixed posts follow their majority, nothing is guessed."""

from collections import Counter, defaultdict

import pytest
from authored import rows
from hypothesis import given
from hypothesis import strategies as st
from trained import LANGUAGE

from bot.config.models import TOLD_APART

DETECTOR = LANGUAGE
DIALECTS = ["bar", "swg", "ksh", "nds", "gsw", "denglisch"]
HARD = ["nl", "af", "lb", "da", "no", "sv"]
"""Close to German: less is promised for them."""
FOREIGN = sorted({row["variant"] for row in rows("language") if row["label"] == "other"} - {"mixed", "short"})


def label(text: str) -> str:
    return DETECTOR.detect([text])[0].label


def named(text: str) -> str:
    return DETECTOR.detect([text])[0].reason


def right(part: str) -> dict[str, float]:
    """Which share of each variant's posts got their label."""
    hits: dict[str, list[bool]] = defaultdict(list)
    posts = [row for row in rows("language") if row["part"] == part]
    for row, finding in zip(posts, DETECTOR.detect([row["text"] for row in posts]), strict=True):
        hits[row["variant"]].append(finding.label == row["label"])
    return {variant: sum(hit) / len(hit) for variant, hit in hits.items()}


RIGHT = right("test")


def macro_f1(variants: set[str]) -> float:
    """Over de, en and other, on the test part's posts of ``variants``."""
    posts = [row for row in rows("language") if row["part"] == "test" and row["variant"] in variants]
    found = Counter(
        (row["label"], finding.label)
        for row, finding in zip(posts, DETECTOR.detect([row["text"] for row in posts]), strict=True)
    )
    scores = []
    for wanted in ("de", "en", "other"):
        hits = found[wanted, wanted]
        given_it = sum(count for (_, said), count in found.items() if said == wanted)
        have_it = sum(count for (truth, _), count in found.items() if truth == wanted)
        scores.append(2 * hits / (given_it + have_it))
    return sum(scores) / 3


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialects_and_english_words_in_german_count_as_german(dialect: str) -> None:
    assert RIGHT[dialect] >= 0.88


@pytest.mark.parametrize("variant", FOREIGN)
def test_thirty_other_languages_and_other_scripts_are_other(variant: str) -> None:
    assert RIGHT[variant] >= (0.84 if variant in HARD else 0.9)


def test_mixed_posts_go_by_the_language_of_most_of_their_words() -> None:
    assert RIGHT["mixed"] >= 0.9


def test_posts_of_a_few_letters_are_told() -> None:
    assert RIGHT["short"] >= 0.9
    assert macro_f1({"short"}) >= 0.9


def test_what_speaks_no_language_is_undetermined() -> None:
    assert RIGHT["no-words"] == 1


@pytest.mark.parametrize("text", ["ok", "LOL", "wow 😂", "hahaha", "@fjordfon_hilft ok https://t.example/a"])
def test_words_of_every_language_tell_none(text: str) -> None:
    assert label(text) == "undetermined"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("İnternetim dünden beri çalışmıyor, lütfen yardım edin.", "tr"),
        ("Internetim dunden beri calismiyor, lutfen yardim edin.", "tr"),
        ("Mijn internet werkt al sinds gisteren niet meer.", "nl"),
        ("Mon téléphone ne marche plus depuis hier.", "fr"),
        ("Telefon mi od wczoraj nie działa, proszę o pomoc.", "pl"),
    ],
)
def test_another_language_is_named_in_the_reason(text: str, language: str) -> None:
    assert label(text) == "other"
    assert named(text) == f"letters:{language}"


def test_another_script_is_other_without_a_name() -> None:
    [finding] = DETECTOR.detect(["Нет интернета с самого утра."])
    assert (finding.label, finding.reason) == ("other", "script")


def test_a_closer_call_between_two_foreign_languages_names_neither() -> None:
    assert label("Amigo, gracias") == "other"
    assert named("No") in {"letters", "letters:no"}


@pytest.mark.parametrize(
    ("german", "neighbour"),
    [
        ("Was ist denn mit dem Netz los?", "Wat is er mis met het netwerk?"),
        ("Ich habe seit gestern kein Internet.", "Ek het sedert gister geen internet nie."),
        ("Wann kommt der Techniker?", "Hvornår kommer teknikeren?"),
        ("Ich warte schon vier Wochen.", "Ech waarden scho véier Wochen, mä et kënnt keen."),
    ],
)
def test_neighbours_of_german_are_not_german(german: str, neighbour: str) -> None:
    assert label(german) == "de"
    assert label(neighbour) == "other"


def test_capitals_accents_and_decoration_do_not_change_the_language() -> None:
    plain = "Wir haben seit heute früh kein Netz mehr"
    for text in (
        plain,
        plain.upper(),
        f"🔥 {plain} 🔥",
        f"@fjordfon_hilft {plain} https://t.example/x",
        plain.replace("ü", "ue"),
    ):
        assert label(text) == "de"


def test_what_is_quoted_in_another_language_does_not_outweigh_the_post() -> None:
    assert label("Auf meiner Rechnung steht „service fee“, was soll denn das bitte sein?") == "de"
    assert label("My letter says „Kündigung“ and I have no idea what I am supposed to do") == "en"


@pytest.mark.parametrize(
    "text",
    [
        "Der Customer Support ist literally useless, no joke.",
        "Just saying, euer Hotspot ist weak und lame.",
        "Meine Experience mit dem Store: never again, sorry.",
    ],
)
def test_german_that_borrows_most_of_its_words_is_german(text: str) -> None:
    assert label(text) == "de"


@pytest.mark.parametrize(
    "text",
    [
        "I had to ask the Herr in Munich whether the line would ever be back",
        "My bill says Mehrwertsteuer and I would like to know what that is and why it is there",
        "We die of boredom here because the war on our street about the hub goes on",
    ],
)
def test_a_german_word_in_an_english_post_leaves_it_english(text: str) -> None:
    assert label(text) == "en"


@given(st.text(max_size=300))
def test_any_text_gets_one_of_the_four_labels(text: str) -> None:
    [finding] = DETECTOR.detect([text])
    assert finding.label in {"de", "en", "other", "undetermined"}
    assert 0 <= finding.score <= 1000
    kind, _, language = finding.reason.partition(":")
    assert kind in {"letters", "german-words", "script", "no-words"}
    assert language == "" or (finding.label == "other" and language in TOLD_APART)
    assert (finding.label == "undetermined") == (finding.score == 0)


@given(st.lists(st.text(max_size=40), max_size=5))
def test_a_post_is_judged_alone_whatever_stands_beside_it_in_the_batch(texts: list[str]) -> None:
    assert DETECTOR.detect(texts) == [finding for text in texts for finding in DETECTOR.detect([text])]


@pytest.mark.parametrize(
    "text", ["ß" * 20_000, "wort " * 4_000, "ﷺ" * 2_000, "e\u0301" * 10_000, "\ud800" * 50, "q’" * 900]
)
def test_hostile_lengths_neither_overflow_nor_raise(text: str) -> None:
    assert label(text) in {"de", "en", "other", "undetermined"}


class _Interrupting(str):
    """A text at whose comparison another thread's batch comes in between."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        DETECTOR.detect(["Where is my parcel? I have been waiting for three weeks."])
        return str.__eq__(self, other)


def test_a_batch_that_comes_in_between_does_not_take_anothers_place() -> None:
    german = "Wo bleibt mein Paket? Ich warte seit drei Wochen darauf."
    DETECTOR.detect([german])
    assert DETECTOR.detect([_Interrupting(german)])[0].label == "de"
