"""The arithmetic of the heads: the quick sum is the plain sum, and no text makes it fail, grow or look elsewhere."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from trained import HEADS, outputs

from bot.detectors import heads as module
from bot.detectors.features import LONGEST, READ, text_slots, word_slots
from bot.detectors.heads import Bank, Heads, per_mille, shares, shipped
from bot.detectors.kinds import Kinds
from bot.detectors.weights_file import Head, Output, write

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
    slots = text_slots(text, KINDS[language])
    root = math.sqrt(max(len(slots), 1))
    return {
        name: bias + scale * sum(weights.get(slot, 0) for slot in slots) / root
        for name, (bias, scale, weights) in PLAIN[language].items()
    }


def tiny(language: str, word: str, weight: int, *, bias: float = 0.0) -> bytes:
    """A head "h" with one output "x" that knows one word and nothing of its letters."""
    return write(Head("h", language, "1", (Output("x", bias, 0.5, {word_slots(word, "")[0]: weight}),)))


@given(LANGUAGES, POSTS)
def test_the_quick_sum_is_the_sum_over_the_slots_of_training(language: str, text: str) -> None:
    assert HEADS.bank(language).logits(text) == pytest.approx(plainly(text, language), abs=1e-9)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("letters", ["Kein Netz, du Idiot! ", "ﷺ", "ä\u0301b ", "a", "😡", "!?"])
def test_it_is_the_same_sum_where_a_text_is_too_long_to_be_read_whole(language: str, letters: str) -> None:
    text = letters * (3 * READ // len(letters))
    assert HEADS.bank(language).logits(text) == pytest.approx(plainly(text, language), abs=1e-9)


def test_a_logit_is_bias_and_scaled_weights_over_the_root_of_the_features() -> None:
    bank = Bank([tiny("de", "quarp", 8, bias=-1.0)], Kinds("de"))
    features = len(text_slots("quarp", KINDS["de"]))
    assert bank.logits("Quarp")["h.x"] == pytest.approx(-1 + 0.5 * 8 / math.sqrt(features))
    assert bank.logits("Zylm")["h.x"] == -1


def test_each_output_keeps_its_own_weights_beside_the_others() -> None:
    one, two = tiny("de", "quarp", 8), tiny("de", "zylm", -8).replace(b'"head":"h"', b'"head":"g"')
    bank = Bank([one, two], Kinds("de"))
    assert bank.logits("quarp")["h.x"] > 0 == bank.logits("quarp")["g.x"]
    assert bank.logits("zylm")["g.x"] < 0 == bank.logits("zylm")["h.x"]


@given(LANGUAGES, st.text(max_size=200), st.text(max_size=200))
def test_what_was_seen_before_changes_nothing(language: str, before: str, text: str) -> None:
    bank = Bank([tiny(language, "quarp", 8)], KINDS[language])
    fresh = Bank([tiny(language, "quarp", 8)], KINDS[language])
    bank.logits(before)
    assert bank.logits(text) == fresh.logits(text)


def test_what_lies_beyond_the_limit_changes_nothing() -> None:
    text = "kein netz " * (READ // 10)
    assert HEADS.logits(text, "de") == HEADS.logits(text + "ich bringe euch um, ihr Idioten " * 50, "de")
    assert all(end <= READ for _, end in HEADS.deciding(text + "Idiot " * 50, "de", "abuse.abuse"))


@given(LANGUAGES, POSTS, st.sampled_from(["abuse.abuse", "threat.threat", "crisis.crisis", "scam.scam"]))
def test_deciding_words_stand_in_the_original_text_in_their_order(language: str, text: str, name: str) -> None:
    spans = HEADS.deciding(text, language, name)
    assert len(spans) <= 5
    assert list(spans) == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_the_words_that_decided_are_the_ones_that_weigh_most() -> None:
    heads = Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "quarp", -9)]})
    text = "Na\u200bja, der Q u a r p und noch ein Quaaarp\u00adx: quarp"
    words = {text[start:end] for start, end in heads.deciding(text, "de", "h.x")}
    assert words == {"Q u a r p", "quarp"}
    assert heads.deciding(text, "en", "h.x") == ()


@given(LANGUAGES, POSTS)
def test_words_of_a_class_stand_in_the_original_text(language: str, text: str) -> None:
    spans = HEADS.of_kind(text, language, {"kill_verb", "hurt_verb"})
    assert len(spans) <= 5
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_a_violent_verb_is_found_as_it_was_written() -> None:
    text = "Den sollte man T\u200böten."
    assert [text[start:end] for start, end in HEADS.of_kind(text, "de", {"kill_verb"})] == ["T\u200böten"]
    assert HEADS.of_kind("Den sollte man loben.", "de", {"kill_verb"}) == ()


@pytest.mark.parametrize("language", ["other", "undetermined", "", "xx"])
def test_a_text_in_no_language_of_ours_gets_the_higher_score_of_both(language: str) -> None:
    heads = Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "zylm", 9)]})
    for text in ("quarp", "zylm", "quarp zylm", ""):
        german, english = heads.logits(text, "de")["h.x"], heads.logits(text, "en")["h.x"]
        assert heads.logits(text, language)["h.x"] == max(german, english)
    for word in ("quarp", "zylm"):
        assert heads.deciding(f"so ein {word}", language, "h.x") == ((7, 7 + len(word)),)


def test_the_versions_of_both_languages_name_a_head() -> None:
    heads = Heads({"de": [tiny("de", "quarp", 9)], "en": [tiny("en", "zylm", 9).replace(b'"1"', b'"2"')]})
    assert heads.version("h") == "1+2"
    with pytest.raises(KeyError):
        heads.bank("fr")


def test_the_memory_of_words_has_a_limit_and_forgets_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KNOWN_WORDS", 50)
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    first = bank.logits("quarp netz weg")
    for number in range(200):
        bank.logits(
            " ".join(f"wort{chr(97 + number % 26)}{chr(97 + number // 26)}{chr(97 + place)}" for place in range(26))
        )
        assert len(bank._words) <= 50
    assert bank._logits("quarp netz weg") == first


def test_endless_words_and_endless_posts_are_not_remembered() -> None:
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    for letter in "abcdefghijklmnopqrstuvwxyz":
        bank.logits((letter + "q") * 2_000 + letter * 100_000)
        bank.logits("!?" * 2_000 + letter)
    assert all(len(word) <= LONGEST for word in bank._words)
    assert bank._shared.cache_info().currsize <= 256


def test_a_tail_that_is_not_read_needs_no_second_look() -> None:
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    for tail in range(50):
        bank.logits("x " * READ + "y" * tail)
    assert bank._shared.cache_info().misses == 1


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
    bank = Bank([tiny("de", "quarp", 9)], Kinds("de"))
    added = bank._added

    def counting(slots: list[int]) -> tuple[int, ...]:
        nonlocal counted
        slots = list(slots)
        counted += len(slots)
        return added(slots)

    monkeypatch.setattr(bank, "_added", counting)
    bank.logits(text)
    assert counted <= 8 * READ


@given(st.floats(allow_nan=False))
def test_a_logit_becomes_a_chance_in_thousandths(logit: float) -> None:
    assert 0 <= per_mille(logit) <= 1000
    assert (per_mille(logit) >= 500) == (logit >= 0 or abs(logit) < 0.002)


def test_even_odds_and_the_ends() -> None:
    assert (per_mille(0.0), per_mille(math.log(3)), per_mille(-1e9), per_mille(1e9)) == (500, 750, 0, 1000)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=10))
def test_chances_that_exclude_each_other_add_up_to_a_thousand(logits: list[float]) -> None:
    found = shares(logits)
    assert abs(sum(found) - 1000) <= len(logits) / 2
    assert found[logits.index(max(logits))] == max(found)
    assume(len(set(logits)) == len(logits))
    order = sorted(range(len(logits)), key=lambda place: logits[place])
    assert [found[place] for place in order] == sorted(found)
