"""A valid folder becomes one set, and the set survives its canonical JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tents import starter

from bot.config.canonical import from_json, to_json, version_of
from bot.config.load import load
from bot.config.models import (
    Account,
    Brand,
    ConfigSet,
    Contact,
    Platforms,
    Template,
    TermRow,
    TriageRules,
    WatchModel,
)
from bot.connectors.mastodon import Source as MastodonSource
from bot.connectors.replay import Source as ReplaySource
from bot.errors import ConfigError
from bot.model import Platform, Priority
from bot.registry import reader


def test_numbers_and_switches_are_read_where_the_model_says_so(write):
    folder = write({"triage.yaml": "threat_at: 400\nurgent_words: [no, on, 1.10]\ntopics: {outage: [yes]}\n"})
    triage = load(folder).triage
    assert triage.threat_at == 400
    assert triage.urgent_words == ("no", "on", "1.10")
    assert triage.topics == {"outage": ("yes",)}


def test_what_no_file_says_has_its_default(write):
    brand = load(write()).brand
    assert (brand.languages, brand.address, brand.countdown_seconds) == (("de", "en"), "du", 10)
    assert brand.reply_within_hours[Priority.HIGH] == 1


def test_terms_keep_their_words_their_file_and_their_line(write):
    any_of = "any:\n  - Fjordfon\n  - ~ Kabel\n"
    watch = f"watch: w\n{any_of}all:\n  - kein Netz\n  - [Störung,\n     Ausfall]\nnone: [Flugmodus]\n"
    model = load(write({"watches/outage.yaml": watch})).watches[0]
    assert [(row.text, row.line) for row in model.any] == [("Fjordfon", 3)]
    assert [[(row.text, row.line) for row in group] for group in model.all] == [
        [("kein Netz", 6)],
        [("Störung", 7), ("Ausfall", 8)],
    ]
    assert [(row.text, row.line) for row in model.none] == [("Kabel", 4), ("Flugmodus", 9)]
    assert {row.file for row in (*model.any, *model.none)} == {"watches/outage.yaml"}


@pytest.mark.parametrize(
    "text",
    [
        "watch: a\nany: [Fjordfon]\n---\nwatch: b\nany: [Fjordfon]\n",
        "- {watch: a, any: [Fjordfon]}\n- {watch: b, any: [Fjordfon]}\n",
    ],
    ids=["documents", "list"],
)
def test_one_file_may_hold_several_watches(write, text):
    assert [watch.watch for watch in load(write({"watches/outage.yaml": text})).watches] == ["a", "b"]


def test_files_are_read_in_the_order_of_their_names(write):
    more = {f"watches/{name}.yaml": f"watch: {name}\nany: [Fjordfon]\n" for name in ("z", "a")}
    assert [watch.watch for watch in load(write(more)).watches] == ["a", "outage", "z"]


def test_templates_may_be_missing(write):
    assert load(write({"templates/de.yaml": None})).templates == ()


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(write):
    plain = load(write())
    windows = "topics:\r\n  outage: [Störung]\r\n"
    assert load(write({"triage.yaml": b"\xef\xbb\xbf" + windows.encode()})) == plain


def test_the_canonical_json_has_sorted_keys_and_no_spaces(write):
    text = to_json(load(write()))
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert "Störung" in text


def test_the_version_is_the_sha256_of_the_text():
    assert version_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_one_changed_word_is_another_version(write):
    before = version_of(to_json(load(write())))
    after = version_of(to_json(load(write({"triage.yaml": "topics:\n  outage: [Ausfall]\n"}))))
    assert before != after


@pytest.mark.parametrize("text", ["", "{", "{}", '{"brand":{"colour":"blue"}}', "[]", "null"])
def test_a_stored_set_that_does_not_fit_is_a_plain_fault(text):
    with pytest.raises(ConfigError, match="does not fit this version"):
        from_json(text)


names = st.text(min_size=1, max_size=80)
languages = st.sampled_from(["de", "en", "nds"])
few_names = st.lists(names, min_size=1, max_size=3).map(tuple)
rows = st.lists(st.builds(TermRow, text=names, file=names, line=st.integers(1, 999)), max_size=3).map(tuple)
sources = st.one_of(
    st.builds(
        ReplaySource,
        kind=st.just(Platform.REPLAY),
        name=st.just("posts"),
        file=st.just("samples/posts.jsonl"),
        account=names,
        timeline=st.just(""),
        map=st.dictionaries(names, names),
    ),
    st.builds(
        MastodonSource,
        kind=st.just(Platform.MASTODON),
        name=st.just("fedi"),
        server=st.just("social.example"),
        token=st.just("EARSHOT_TOKEN"),
        hashtags=few_names,
    ),
)
models = st.builds(
    ConfigSet,
    brand=st.builds(
        Brand,
        name=names,
        names=few_names,
        accounts=st.dictionaries(st.sampled_from(Platform), st.just((Account(handle="fjordfon_hilft"),))),
        contacts=st.lists(st.builds(Contact, language=languages), max_size=2).map(tuple),
        languages=st.lists(languages).map(tuple),
        reply_languages=st.dictionaries(languages, st.lists(languages, max_size=2).map(tuple), max_size=2),
    ),
    platforms=st.builds(Platforms, sources=st.lists(sources, max_size=2).map(tuple)),
    triage=st.builds(TriageRules, topics=st.dictionaries(names, few_names, max_size=2), urgent_words=few_names),
    watches=st.lists(st.builds(WatchModel, watch=st.just("w"), languages=st.just(("de",)), any=rows, none=rows)).map(
        tuple
    ),
    templates=st.lists(
        st.builds(Template, template=st.just("t"), language=languages, wordings=few_names), max_size=2
    ).map(tuple),
)


def test_a_file_in_a_deep_folder_comes_back_from_its_json():
    file = "/srv/" + "a-folder-of-ours/" * 30 + "posts.jsonl"
    source = ReplaySource(kind=Platform.REPLAY, name="posts", file=file.removeprefix("/"), account="us")
    config = starter().model_copy(update={"platforms": Platforms(sources=(source,))})
    (read,) = from_json(to_json(config)).platforms.sources
    assert ReplaySource.model_validate(read.model_dump()) == source


@settings(deadline=None)
@given(models)
def test_every_set_comes_back_from_its_json_unchanged(config):
    text = to_json(config)
    read = from_json(text)
    assert to_json(read) == text
    whole = [reader(one.kind).Source.model_validate_json(one.model_dump_json()) for one in read.platforms.sources]
    assert read.model_copy(update={"platforms": Platforms(sources=tuple(whole))}) == config.model_copy(
        update={"platforms": Platforms(sources=config.platforms.sources)}
    )
