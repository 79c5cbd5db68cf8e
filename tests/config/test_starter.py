"""The starter configuration is valid, and so is its copy for any brand."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config.load import load
from bot.config.starter import LINES, quoted, starter_dir, write_starter
from bot.config.yaml_marks import read_nodes
from bot.detectors.relevance import Relevance
from bot.errors import EarshotError
from bot.model import Lane, Platform
from bot.responder import PREPARED_LANES, find_gaps, prepare
from bot.watch.compile import Matcher

STARTER = starter_dir()
FOLDERS = [STARTER, STARTER / "examples" / "bahn"]
CONFIGS = {folder: load(folder) for folder in FOLDERS}
HANDLES = {Platform.REPLAY: "fjordfon_hilft"}

TEMPLATES = [(folder, template) for folder in FOLDERS for template in CONFIGS[folder].templates]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_shipped_folders_load_without_a_fault(folder):
    assert CONFIGS[folder].watches
    assert CONFIGS[folder].templates


@pytest.mark.parametrize(("folder", "template"), TEMPLATES, ids=lambda value: getattr(value, "template", ""))
def test_every_shipped_wording_can_be_prepared(folder, template):
    brand = CONFIGS[folder].brand
    for lane in template.lanes:
        for seed, wording in enumerate(template.wordings):
            draft = prepare(
                brand=brand,
                templates=[template],
                lane=lane,
                topic=template.topics[0] if template.topics else "",
                language=template.language,
                address="sie" if template.address == "sie" else "du",
                seed=seed,
                ladder=template.ladder,
                occasion=template.occasion,
                limit=280,
            )
            assert draft is not None
            assert "{" not in draft.text
            assert [gap.name for gap in draft.gaps] == [gap.name for gap in find_gaps(wording)]


@pytest.mark.parametrize("lane", sorted(PREPARED_LANES))
@pytest.mark.parametrize(("language", "address"), [("de", "du"), ("de", "sie"), ("en", "")])
def test_the_starter_has_an_answer_for_every_lane_topic_and_form(lane, language, address):
    config = load(STARTER)
    for topic in ("", *config.triage.topics):
        draft = prepare(
            brand=config.brand,
            templates=config.templates,
            lane=lane,
            topic=topic,
            language=language,
            address=address,
            seed=7,
        )
        assert draft is not None, topic
        assert draft.language == language
        assert draft.address in (address, "any")


@pytest.mark.parametrize(("folder", "template"), TEMPLATES, ids=lambda value: getattr(value, "template", ""))
def test_german_is_written_with_umlauts_and_one_form_of_address(folder, template):
    text = " ".join(template.wordings)
    if template.language == "de":
        assert not re.search(r"\b(fuer|ueber|koennen|moechte\w*|stoerung|Aerger|naechst\w*|waehl\w*)\b", text)
    if template.address == "du":
        assert not re.search(r"(?<=[^.?!:] )(Sie|Ihnen|Ihr|Ihre[mnrs]?)\b", text)
    if template.address == "sie":
        assert not re.search(r"\b([Dd]u|[Dd]ir|[Dd]ich|[Dd]ein\w*|[Ee]uch|[Ee]uer)\b", text)


@pytest.mark.parametrize(("folder", "template"), TEMPLATES, ids=lambda value: getattr(value, "template", ""))
def test_no_shipped_wording_signs_shouts_or_warns(folder, template):
    for wording in template.wordings:
        assert "^" not in wording
        assert "!" not in wording
        assert not wording.endswith("-Team")
        assert not re.search(r"\bleider\b|\bunfortunately\b", wording, re.IGNORECASE)
    if Lane.ABUSE in template.lanes and not template.ladder:
        assert not re.search(r"[Hh]inweis|[Ww]arn|Ton\b|tone\b|respe[ck]t", " ".join(template.wordings))


@pytest.mark.parametrize(
    ("folder", "text", "heard"),
    [
        (STARTER, "@fjordfon_hilft seit heute früh kein Internet in Gaarden", {"brand", "outage-de"}),
        (STARTER, "STOERUNG bei #Fjordfon?", {"brand", "outage-de"}),
        (STARTER, "Internet is down again, thanks Fjordfon", {"brand", "outage-en"}),
        (STARTER, "Fjordfon hat zu viel abgebucht", {"brand", "billing"}),
        (STARTER, "Techniker von Fjordfon nicht erschienen", {"brand", "delivery"}),
        (STARTER, "Ich kündige, @fjordfon", {"brand", "cancellation"}),
        (STARTER, "Seid ihr das, @fjordfon_hilft? Komische SMS bekommen", {"brand", "scam"}),
        (STARTER, "Eine halbe Stunde Warteschleife bei Fjordfons Hotline", {"brand", "hotline"}),
        (STARTER, "Der Fjordfonds steigt, der Fjordfon Cup beginnt", set()),
        (STARTER, "Gestern Fjord Fon live gesehen, mit dem FjordPhone gefilmt", set()),
        (STARTER, "Bei meinem Anbieter ist das Internet weg", set()),
        (FOLDERS[1], "Die Klimaanlage im ICE ist ausgefallen", {"brand", "climate", "cancellation"}),
        (FOLDERS[1], "@DB_Bahn 40 Minuten Zugverspätung, Anschluss verpasst", {"brand", "delay"}),
        (FOLDERS[1], "kein WLAN im Zug", {"wifi"}),
        (FOLDERS[1], "Westbahn jetzt bis Wien, die Bahn schaut zu", set()),
        (FOLDERS[1], "Stau auf der Autobahn", set()),
    ],
)
def test_the_shipped_watches_hear_what_they_are_for(folder, text, heard):
    language = "en" if "again" in text else "de"
    matches = Matcher(CONFIGS[folder].watches, "v").match(text, language, Platform.REPLAY)
    assert {match.watch for match in matches} == heard


def test_the_replay_source_lies_in_the_folder_itself():
    source = load(STARTER).platforms.sources[0]
    assert (source.kind, source.file, source.posts_per_minute) == ("replay", "samples/posts.jsonl", 30)


def test_the_shipped_folders_show_how_examples_are_given_and_none_of_them_teaches_the_opposite():
    taught = {folder.name: [watch for watch in CONFIGS[folder].watches if watch.about] for folder in FOLDERS}
    assert [watch.watch for watch in taught["config"]] == ["brand", "cancellation"]
    assert [watch.watch for watch in taught["bahn"]] == ["brand"]
    for watch in (watch for watches in taught.values() for watch in watches):
        relevance = Relevance({watch.watch: (watch.about, watch.not_about)}).of([watch.watch])
        assert not [found.reason for found in relevance.detect(watch.about) if found.label == "namesake"]
        assert not [found.reason for found in relevance.detect(watch.not_about) if found.label == "about"]


# The copy for another brand


def test_the_copy_speaks_of_the_new_brand_only(tmp_path):
    write_starter(tmp_path, "Müller & Söhne", {Platform.MASTODON: "@hilfe@social.example"}, ["Müller Milch"])
    config = load(tmp_path)
    assert config.brand.name == "Müller & Söhne"
    assert config.brand.accounts[Platform.MASTODON][0].handle == "hilfe"
    assert config.brand.accounts[Platform.MASTODON][0].surface == "social.example"
    source = config.platforms.sources[0]
    assert (source.kind, source.server, source.account) == ("mastodon", "social.example", "hilfe")
    assert source.token == "EARSHOT_MASTODON_TOKEN"
    assert "fjordfon" not in config.model_dump_json().lower()
    brand = next(watch for watch in config.watches if watch.watch == "brand")
    assert [row.text for row in brand.any] == ["Müller & Söhne", "@hilfe"]
    assert [row.text for row in brand.none] == ["Müller Milch"]
    assert not [watch.watch for watch in config.watches if watch.about or watch.not_about], "those were Fjordfon's"


PLAYED = "Recorded posts, played as if they came in now. Nothing leaves this machine"


@pytest.mark.parametrize("platforms", [(Platform.MASTODON,), (Platform.REPLAY,), (Platform.MASTODON, Platform.REPLAY)])
def test_a_source_is_told_to_leave_nothing_only_where_it_plays_recorded_posts(tmp_path, platforms):
    write_starter(tmp_path, "Nordlicht", dict.fromkeys(platforms, "hilfe@social.example"), [])
    lines = (tmp_path / "platforms.yaml").read_text("utf-8").splitlines()
    kinds = [line.strip() for line in lines if line.strip().startswith("- kind:")]
    assert kinds == [f"- kind: {platform}" for platform in platforms]
    told = [place for place, line in enumerate(lines) if PLAYED in line]
    assert [lines[place - 1].strip() for place in told] == ["- kind: replay"] * (Platform.REPLAY in platforms)
    head = lines.index("sources:")
    assert lines[head + 1].strip() == kinds[0], "no comment of another source stands above the first one"


def test_the_comments_of_the_starter_are_kept(tmp_path):
    write_starter(tmp_path, "Nordlicht", HANDLES, [])
    for name in ("brand.yaml", "platforms.yaml", "triage.yaml", "watches/brand.yaml", "templates/de-du.yaml"):
        first = (STARTER / name).read_text("utf-8").splitlines()[0]
        assert first.startswith("#")
        assert (tmp_path / name).read_text("utf-8").splitlines()[0] == first
    assert "never stands in this folder" in (tmp_path / "platforms.yaml").read_text("utf-8")


def test_a_draft_of_the_copy_has_a_gap_where_a_contact_is_missing(tmp_path):
    write_starter(tmp_path, "Nordlicht", HANDLES, [])
    config = load(tmp_path)
    draft = prepare(
        brand=config.brand,
        templates=config.templates,
        lane=Lane.HELP,
        topic="delivery",
        language="de",
        address="du",
        seed=1,
    )
    assert [gap.name for gap in draft.gaps] == ["Link: delivery"]


def test_no_file_is_overwritten(tmp_path):
    (tmp_path / "triage.yaml").write_text("mine")
    with pytest.raises(EarshotError, match=r"triage.yaml exists already"):
        write_starter(tmp_path, "Nordlicht", HANDLES, [])
    assert [path.name for path in tmp_path.iterdir()] == ["triage.yaml"]
    assert (tmp_path / "triage.yaml").read_text() == "mine"


def test_examples_are_not_copied(tmp_path):
    write_starter(tmp_path, "Nordlicht", HANDLES, [])
    assert not (tmp_path / "examples").exists()


def test_a_folder_that_cannot_be_written_is_a_plain_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(EarshotError, match="cannot be written"):
        write_starter(tmp_path / "file", "Nordlicht", HANDLES, [])


@pytest.mark.parametrize(
    ("name", "handles", "namesakes", "sentence"),
    [
        ("", HANDLES, [], "name needs 1 to"),
        ("   ", HANDLES, [], "name needs 1 to"),
        ("x" * 71, HANDLES, [], "name needs 1 to"),
        ("!!", {}, [], "No watch can hear this name"),
        ("Nordlicht", {Platform.MASTODON: "hilfe"}, [], "with its server"),
        ("Nordlicht", {Platform.REPLAY: "zwei Worte"}, [], "letters, digits, dots and hyphens"),
        ("Nordlicht", {Platform.MASTODON: "a@b/c"}, [], "letters, digits, dots and hyphens"),
        ("Nordlicht", HANDLES, ["nordlicht"], "cannot be the brand's own name"),
        ("Nordlicht", HANDLES, ["und"], "nearly every post"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(tmp_path, name, handles, namesakes, sentence):
    with pytest.raises(EarshotError, match=sentence):
        write_starter(tmp_path, name, handles, namesakes)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("platform", LINES)
def test_a_handle_is_enough_to_begin_on_these_platforms(tmp_path, platform):
    write_starter(tmp_path, "Nordlicht", {platform: "hilfe@social.example"}, [])
    (source,) = load(tmp_path).platforms.sources
    assert (source.kind, source.account) == (platform, "hilfe")


names = st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40).filter(str.strip)
odd_names = st.sampled_from(
    [
        "Foo: Bar",
        'Der "Laden"',
        "O'Neill's",
        "# 1 Shop",
        "Bücher&Co",
        "🚲 Rad 🚲",
        "[solid]",
        "{x}",
        "a\\b",
        "- - -",
        "~",
        "*",
    ]
)
namesakes = st.sampled_from([[], ["Der andere: Laden"], ['"Zitat" GmbH', "Café 7"]])


@settings(max_examples=25, deadline=None)
@given(name=st.one_of(names, odd_names), namesakes=namesakes)
def test_the_copy_is_valid_for_any_name(tmp_path_factory, name, namesakes):
    target = tmp_path_factory.mktemp("copy")
    write_starter(target, name, HANDLES, namesakes)
    config = load(target)
    assert config.brand.name == name.strip()
    assert len(config.brand.namesakes) == len(namesakes)


@given(st.text())
def test_a_quoted_text_reads_back_unchanged(text):
    nodes, problems = read_nodes(f"a: {quoted(text)}", "x")
    assert problems == ()
    assert nodes[0].nodes["a"].text == text
