"""The shipped profiles and how they are counted: the same bytes again, small, and nobody's sentence in them."""

from collections import Counter
from importlib.resources import files

import pytest
from authored import rows

from bot.config.models import TOLD_APART
from bot.training.language_profiles import ENGLISH, GERMAN, LANGUAGES, bare, build

SHIPPED = files("bot.detectors").joinpath("weights", "language.profiles").read_bytes()
GERMAN_POSTS = ["Das Netz ist weg und niemand hilft mir", "@jemand Das ist doch ein Witz https://t.example/a"] * 20
ENGLISH_POSTS = ["The network is down and nobody helps me", "Is that a joke &amp; #fail"] * 20


def head(profiles: bytes) -> list[list[str]]:
    """The lines before the rows, as words."""
    return [line.decode().split(" ") for line in profiles.split(b"\n", len(LANGUAGES) + 3)[: len(LANGUAGES) + 3]]


def test_the_shipped_file_is_small_and_holds_every_language() -> None:
    assert len(SHIPPED) <= 300_000
    assert head(SHIPPED)[0] == list(LANGUAGES)


def test_the_configuration_knows_exactly_the_languages_that_can_be_named() -> None:
    assert set(TOLD_APART) == (set(LANGUAGES) - {*GERMAN, *ENGLISH}) | {"de", "en"}


@pytest.fixture(scope="module")
def built() -> bytes:
    """The profiles of these few posts, counted once: counting takes seconds."""
    return build(GERMAN_POSTS, ENGLISH_POSTS)


def test_the_same_posts_give_the_same_bytes_in_any_order(built: bytes) -> None:
    assert build(reversed(GERMAN_POSTS), reversed(ENGLISH_POSTS)) == built


def test_other_posts_give_other_bytes(built: bytes) -> None:
    assert build(GERMAN_POSTS[:1], ENGLISH_POSTS) != built


def test_handles_links_and_tags_are_not_counted(built: bytes) -> None:
    common = head(built)[2:-1]
    german, english = common[LANGUAGES.index("de")], common[LANGUAGES.index("en")]
    assert "witz" in german
    assert "joke" in english
    assert not {"jemand", "example"} & set(german)
    assert "fail" not in english


def test_no_group_is_longer_than_four_letters_and_every_group_has_its_row() -> None:
    groups = head(SHIPPED)[-1]
    assert max(map(len, groups)) <= 4
    lines = sum(len(line) + 1 for line in SHIPPED.split(b"\n", len(LANGUAGES) + 3)[:-1])
    assert len(SHIPPED) - lines == len(groups) * ((len(LANGUAGES) + 1) // 2)


def test_words_stand_alone_and_in_order_so_that_no_sentence_can_be_read() -> None:
    for words in head(SHIPPED)[1:]:
        assert words == sorted(set(words))


def test_accents_fall_and_umlauts_are_written_out() -> None:
    assert [bare(word) for word in ("přes", "łódź", "für", "straße", "ısı", "smør")] == [
        "pres",
        "lodz",
        "fuer",
        "strasse",
        "isi",
        "smor",
    ]


def test_the_authored_set_is_as_large_as_promised_and_split_by_family() -> None:
    written = rows("language")
    sizes = Counter(row["variant"] for row in written)
    for dialect in ("bar", "swg", "ksh", "nds", "gsw", "denglisch"):
        assert sizes[dialect] >= 49
    assert sizes["mixed"] == 60
    assert Counter(row["label"] for row in written if row["variant"] == "short") == {"de": 60, "en": 60, "other": 60}
    latin = {row["variant"] for row in written if row["family"] in {"service", "everyday"} and row["label"] == "other"}
    assert len(latin) >= 25
    assert all(sizes[language] >= 25 for language in latin)
    parts = {(row["variant"], row["family"]): set[str]() for row in written}
    for row in written:
        parts[row["variant"], row["family"]].add(row["part"])
    assert all(
        len(found) == 1
        for (variant, _), found in parts.items()
        if variant not in {"plain", "no-words", "scripts", "short"}
    )
