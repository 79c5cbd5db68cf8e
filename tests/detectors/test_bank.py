"""The arithmetic of a bank: the quick sum is the plain sum, and no text makes it fail, grow or look elsewhere."""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trained import HEADS, outputs, slots_of, tiny

from bot.detectors import bank as module
from bot.detectors.bank import Bank
from bot.detectors.features import LONGEST, READ, Slots, Sums
from bot.detectors.heads import shipped
from bot.detectors.kinds import Kinds

LANGUAGES = st.sampled_from(["de", "en"])
KINDS = {language: Kinds(language) for language in ("de", "en")}
PLAIN = {
    language: {name: row for source in sources for name, row in outputs(source).items()}
    for language, sources in shipped().items()
}
POSTS = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "Ich bringe euch um",
                "du Idiot",
                "I'll stab you",
                "kein Netz",
                "you moron",
                "seit 3 Tagen",
                "don't",
                "!!!",
                "😡",
                "@fjordfon_hilft",
                "https://fjordfon.example/x",
                "Messer",
                "b r i n g",
                "1d10t",
            ]
        ),
        st.text(st.characters(), max_size=20),
    ),
    max_size=12,
).map(" ".join)


def plainly(text: str, language: str) -> Mapping[str, float]:
    """Each logit as training understands it: slot by slot, with nothing remembered."""
    slots = slots_of(text, language)
    root = math.sqrt(max(len(slots), 1))
    return {
        name: bias + scale * sum(weights.get(slot, 0) for slot in slots) / root
        for name, (bias, scale, weights) in PLAIN[language].items()
    }


@given(LANGUAGES, POSTS)
def test_the_quick_sum_is_the_sum_over_the_slots_of_training(language: str, text: str) -> None:
    assert HEADS.bank(language).logits([text])[0] == pytest.approx(plainly(text, language), abs=1e-9)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("letters", ["Kein Netz, du Idiot! ", "ﷺ", "ä\u0301b ", "a", "😡", "!?"])
def test_it_is_the_same_sum_where_a_text_is_too_long_to_be_read_whole(language: str, letters: str) -> None:
    text = letters * (3 * READ // len(letters))
    assert HEADS.bank(language).logits([text])[0] == pytest.approx(plainly(text, language), abs=1e-9)


@given(LANGUAGES, st.lists(POSTS, max_size=20))
def test_a_batch_gets_what_each_of_its_texts_gets_alone(language: str, texts: list[str]) -> None:
    heads = [tiny(language, "netz", 8), tiny(language, "idiot", -8, name="g")]
    together = Bank(heads, KINDS[language]).logits(texts)
    alone = Bank(heads, KINDS[language])
    assert together == [alone.logits([text])[0] for text in texts]


def test_a_logit_is_bias_and_scaled_weights_over_the_root_of_the_features() -> None:
    bank = Bank([tiny("de", "quarp", 8, bias=-1.0)], Kinds("de"))
    features = len(slots_of("quarp", "de"))
    assert bank.logits(["Quarp"])[0]["h.x"] == pytest.approx(-1 + 0.5 * 8 / math.sqrt(features))
    assert bank.logits(["Zylm"])[0]["h.x"] == -1


def test_each_output_keeps_its_own_weights_beside_the_others() -> None:
    one, two = tiny("de", "quarp", 8), tiny("de", "zylm", -8, name="g")
    bank = Bank([one, two], Kinds("de"))
    assert bank.logits(["quarp"])[0]["h.x"] > 0 == bank.logits(["quarp"])[0]["g.x"]
    assert bank.logits(["zylm"])[0]["g.x"] < 0 == bank.logits(["zylm"])[0]["h.x"]


@given(LANGUAGES, st.text(max_size=200), st.text(max_size=200))
def test_what_was_seen_before_changes_nothing(language: str, before: str, text: str) -> None:
    bank = Bank([tiny(language, "quarp", 8)], KINDS[language])
    fresh = Bank([tiny(language, "quarp", 8)], KINDS[language])
    bank.logits([before])
    assert bank.logits([text])[0] == fresh.logits([text])[0]


def test_threads_that_ask_at_once_get_the_answers_to_their_own_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN_WORDS", 60)
    monkeypatch.setattr(module, "_REMEMBERED", 20)
    bank = Bank([tiny("de", "quarp", 9)], KINDS["de"])
    texts = [f"{'quarp ' * (number % 2)}wort{chr(97 + number % 26)} {chr(97 + number // 26)}" for number in range(600)]
    alone = [Bank([tiny("de", "quarp", 9)], KINDS["de"]).logits([text])[0] for text in texts]
    with ThreadPoolExecutor(8) as threads:
        asked = list(threads.map(lambda text: bank.logits([text, "netz"])[0], texts, chunksize=7))
    assert asked == alone


@given(LANGUAGES, POSTS, st.sampled_from(["abuse.abuse", "threat.threat", "crisis.crisis", "scam.scam"]))
def test_deciding_words_stand_in_the_original_text_in_their_order(language: str, text: str, name: str) -> None:
    spans = HEADS.deciding(text, language, name)
    assert len(spans) <= 5
    assert list(spans) == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


@given(LANGUAGES, POSTS)
def test_words_of_a_class_stand_in_the_original_text(language: str, text: str) -> None:
    spans = HEADS.of_kind(text, language, {"kill_verb", "hurt_verb"})
    assert len(spans) <= 5
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_a_violent_verb_is_found_as_it_was_written() -> None:
    text = "Den sollte man T\u200böten."
    assert [text[start:end] for start, end in HEADS.of_kind(text, "de", {"kill_verb"})] == ["T\u200böten"]
    assert HEADS.of_kind("Den sollte man loben.", "de", {"kill_verb"}) == ()


def letters(number: int) -> str:
    """A word of letters for a number."""
    return "w" + "".join(chr(97 + int(digit)) for digit in str(number))


def test_the_memory_of_words_has_a_limit_and_forgets_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN_WORDS", 100)
    monkeypatch.setattr(module, "_REMEMBERED", 2)
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    first = bank.logits(["quarp netz weg"])
    for number in range(200):
        bank.logits([" ".join(letters(100 * number + place) for place in range(40))])
        assert len(bank._known) <= 100
        assert len(bank._remembered) <= 2
    assert bank.logits(["quarp netz weg"]) == first


def test_a_batch_of_more_new_words_than_are_remembered_is_added_up_in_parts() -> None:
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    new = [" ".join(letters(600 * post + place) for place in range(600)) for post in range(60)]
    posts = [f"{'quarp ' * (place % 2)}{words}" for place, words in enumerate(new)]
    found = bank.logits(posts)
    assert [logits["h.x"] > 0 for logits in found] == [bool(post % 2) for post in range(60)]
    assert len(bank._known) <= 20_000


def test_endless_words_and_endless_posts_are_not_remembered() -> None:
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    for letter in "abcdefghijklmnopqrstuvwxyz":
        bank.logits([(letter + "q") * 2_000 + letter * 100_000, "!?" * 2_000 + letter])
    assert all(len(word) <= LONGEST for word in bank._known)
    assert all(len(text) <= READ for text in bank._remembered)


def test_a_tail_that_is_not_read_needs_no_second_look() -> None:
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    bank.logits(["x " * READ + "y" * tail for tail in range(50)])
    assert len(bank._remembered) == 1


HOSTILE = {
    "a megabyte": "Kein Netz! " * 95_000,
    "one endless word": "scheiß" * 200_000,
    "all words new": " ".join(
        f"w{number:x}".translate(str.maketrans("0123456789", "ghijklmnop")) for number in range(99_999)
    ),
    "emoji": "😡" * 100_000,
    "marks": "Z" + "\u0301\u0327\u0345" * 30_000,
    "unfolding": "ﷺ" * 100_000,
    "spaced": "i d i o t " * 20_000,
    "surrogates": "\ud800Du Idiot\udfff" * 10_000,
    "signs": "!?.@#§" * 20_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("language", ["de", "en", "other"])
def test_a_hostile_text_gets_a_number_for_every_output(language: str, text: str) -> None:
    found = HEADS.logits(text, language)
    assert set(found) == set(PLAIN[language] if language in PLAIN else {**PLAIN["de"], **PLAIN["en"]})
    assert all(math.isfinite(logit) for logit in found.values())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_the_work_does_not_grow_with_what_is_beyond_the_limit(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = 0
    summed = module._summed

    def counting(rows: np.ndarray, starts: Slots) -> Sums:
        nonlocal counted
        counted += len(rows)
        return summed(rows, starts)

    monkeypatch.setattr(module, "_summed", counting)
    Bank([tiny("de", "quarp", 9)], Kinds("de")).logits([text])
    assert counted <= 8 * READ
