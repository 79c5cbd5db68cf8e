"""Posts are looked at stretch by stretch, each stretch between two spaces once: it is what the whole text gives."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from trained import HEADS, tiny

from bot.detectors import bank, features, language, personal_addresses, text
from bot.detectors.bank import Bank
from bot.detectors.kinds import Kinds
from bot.detectors.text import Remembered, clean, unmask, words_in
from bot.detectors.word_classes import WordClasses

STRETCHES = st.sampled_from(
    [
        *(
            "don't",
            "rock'n'roll",
            "'tis",
            "netz!!",
            "a1b2",
            "1a-a",
            "8d",
            ":dog",
            ":-)",
            "<3",
            "😡",
            "17",
            "a_b",
            "§",
            "*",
        ),
        *(
            "@fjordfon_hilft",
            "wer@fjordfon.example",
            "https://fjordfon.example/a?b=c",
            "www.fjordfon.example",
            "t.co/a",
        ),
        *(
            "&amp;",
            "bit.ly/abc",
            "you",
            "kill",
            "stab",
            "messer",
            "umbringen",
            "idiot",
            "x" * 70,
            "\u00a0",
            "…",
            "!hello",
        ),
        *("the", "chinese", "women", "wo", "men", "wmoen", "muslims", "old", "people", "refugees,", "flücht", "linge"),
        *(
            "türken",
            "w*men",
            "wo-men",
            "j e w s",
            "goat",
            "fuckers",
            "gays.",
            "filthy_gays",
            "born",
            "abroad",
            "in",
            "a",
        ),
    ]
)
TEXTS = st.one_of(
    st.lists(
        st.tuples(STRETCHES, st.sampled_from(["", " ", "  ", "\n", "\t", "\u2003", "\n!", ". "])), max_size=12
    ).map(lambda parts: "".join(stretch + gap for stretch, gap in parts)),
    st.text(max_size=60),
)
LANGUAGES = st.sampled_from(["de", "en"])
KINDS = {each: Kinds(each) for each in ("de", "en")}
CLASSES = {each: WordClasses(each) for each in ("de", "en")}


@given(TEXTS)
def test_the_tokens_of_the_heads_are_those_of_the_stretches(post: str) -> None:
    assert features.tokens(post) == [token for stretch in post.split() for token in features.tokens(stretch)]


@given(TEXTS)
def test_the_words_that_tell_a_language_are_those_of_the_stretches(post: str) -> None:
    whole = re.findall(language._WORD, language._NOT_WORDS.sub(" ", post))
    assert [word for stretch in post.split() for word in language._own_words(stretch)] == whole


@given(TEXTS)
def test_the_words_that_rules_need_are_those_of_the_stretches(post: str) -> None:
    assert words_in(post) == set(re.findall(r"\w+", post))


@given(LANGUAGES, TEXTS, st.sets(st.sampled_from(["kill_verb", "hurt_verb", "weapon", "insult_person"])))
def test_words_of_a_class_are_found_as_if_every_word_had_been_asked(spoken: str, post: str, kinds: set[str]) -> None:
    seen = unmask(clean(post, features.READ))
    words = features.placed(seen.text)
    places = [span for word, span in words if KINDS[spoken].of(features.canonical(word)) in kinds]
    assert HEADS.of_kind(post, spoken, kinds) == tuple(seen.span(*span) for span in places[:5])


@given(LANGUAGES, TEXTS)
@example("en", "the wo men are")
@example("en", "wmoen\n!wmoen")
@example("de", "die flücht linge")
def test_a_text_that_is_not_worth_reading_names_nobody(spoken: str, post: str) -> None:
    classes, seen = CLASSES[spoken], clean(post).text
    if not classes.worth_reading(seen):
        assert not any(classes.read(seen, seen).groups)
    if not classes.worth_reading(seen, misspelt=True):
        meant = classes.read(seen, seen, misspelt=True)
        assert not any(meant.groups) or meant == classes.read(seen, seen)


@pytest.mark.parametrize("post", ["women belong there", "the chinese again", "wmoen again", "look at the wo men here"])
def test_a_text_that_names_somebody_is_worth_reading(post: str) -> None:
    classes = CLASSES["en"]
    assert classes.worth_reading(post) or classes.worth_reading(post, misspelt=True)


def test_an_ordinary_text_is_not_worth_reading() -> None:
    post = "my line has been dead since monday, nobody calls back :("
    assert not CLASSES["en"].worth_reading(post)
    assert not CLASSES["en"].worth_reading(post, misspelt=True)


@given(TEXTS)
def test_every_at_sign_of_an_address_is_looked_at(post: str) -> None:
    def before_a_host(sign: str | re.Pattern[str]) -> set[int]:
        ends = {found.end() for found in re.finditer(sign, post)}
        return {end for end in ends if personal_addresses._domain_end(post, end) is not None}

    assert before_a_host(personal_addresses._AT_SIGN) == before_a_host("@ ?(?=[a-z0-9äöü])")


def test_what_is_remembered_has_a_limit_and_long_words_are_not() -> None:
    asked: list[str] = []

    def look(word: str) -> str:
        asked.append(word)
        return word.upper()

    known = Remembered(look, most=10)
    assert [known["netz"], known["netz"], known["x" * 61], known["x" * 61]] == ["NETZ", "NETZ", "X" * 61, "X" * 61]
    assert asked == ["netz", "x" * 61, "x" * 61]
    for number in range(100):
        assert known[str(number)] == str(number)
        assert len(known) <= 10


def test_threads_that_share_what_is_remembered_get_the_answers_to_their_own_words() -> None:
    known = Remembered(str.upper, most=7)
    words = [f"wort{number % 50}" for number in range(5_000)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(known.__getitem__, words, chunksize=50)) == [word.upper() for word in words]


def test_the_memory_of_stretches_has_a_limit_and_forgets_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bank, "_KNOWN_STRETCHES", 20)
    monkeypatch.setattr(bank, "_REMEMBERED", 2)
    known = Bank([tiny("de", "quarp", 9)], KINDS["de"])
    first = known.logits(["quarp netz weg"])
    for number in range(30):
        known.logits([f"a{number} b{number} c{number} {'x' * 61} {'y' * 61}"])
        assert len(known._stretches) <= 20
        assert all(len(stretch) <= 60 for stretch in known._stretches)
    assert known.logits(["quarp netz weg"]) == first


def test_a_short_text_and_a_long_one_have_the_same_words() -> None:
    post = "Kein Netz, seit 3 Tagen! "
    assert words_in(post) == words_in(post * 500)
    assert len(post * 500) > text._SHARED_UP_TO
