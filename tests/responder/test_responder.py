"""The prepared draft: which template, which words, what is left for a person."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.config.models import Account, Brand, Contact, Signature, Template
from bot.model import LANES_WORST_FIRST, Lane, Platform, Prepared
from bot.responder import PREPARED_LANES, answered_in, find_gaps, form_of_address, prepare, sign

BRAND = Brand(
    name="Fjordfon",
    names=("Fjordfon",),
    accounts={Platform.REPLAY: (Account(handle="fjordfon_hilft"),)},
    contacts=(
        Contact(topic="outage", language="de", value="https://fjordfon.example/stoerung"),
        Contact(topic="outage", language="en", value="https://fjordfon.example/en/outage"),
    ),
    languages=("de", "en"),
    reply_languages={"da": ("en",), "nl": ("en", "de")},
)


def template(name: str, *wordings: str, **changes: object) -> Template:
    settings: dict[str, object] = {"released": True, "lanes": (Lane.HELP,), "language": "de", "address": "du"}
    return Template(template=name, wordings=wordings or ("Hallo.",), **(settings | changes))


def prepared(*templates: Template, **changes: object) -> Prepared | None:
    asked: dict[str, object] = {"lane": Lane.HELP, "topic": "outage", "language": "de", "address": "du", "seed": 0}
    brand = changes.pop("brand", BRAND)
    return prepare(brand=brand, templates=templates, **(asked | changes))


def chosen(*templates: Template, **changes: object) -> str | None:
    draft = prepared(*templates, **changes)
    return draft.template if draft else None


@pytest.mark.parametrize("lane", sorted(set(LANES_WORST_FIRST) - PREPARED_LANES))
def test_threats_crises_and_what_is_not_answered_get_no_draft(lane):
    assert prepared(template("any", lanes=tuple(Lane)), lane=lane) is None


@pytest.mark.parametrize("lane", sorted(PREPARED_LANES))
def test_every_other_lane_gets_the_template_of_its_lane(lane):
    other = template("other", lanes=tuple(PREPARED_LANES - {lane}))
    assert chosen(other, template("fits", lanes=(lane,)), lane=lane) == "fits"


def test_an_unreleased_template_is_never_prepared():
    assert prepared(template("draft", released=False)) is None


def test_a_template_for_the_topic_beats_one_for_every_topic():
    assert chosen(template("a-general"), template("z-outage", topics=("outage",))) == "z-outage"


def test_a_template_for_another_topic_is_not_used():
    assert prepared(template("billing", topics=("billing",))) is None


def test_without_a_template_for_the_topic_the_general_one_is_used_and_the_reason_says_so():
    draft = prepared(template("general"), template("billing", topics=("billing",)))
    assert draft is not None
    assert draft.reason == "lane=help topic=any language=de address=du"


def test_the_reason_names_what_the_choice_rests_on():
    draft = prepared(template("outage", topics=("outage",)))
    assert draft is not None
    assert draft.reason == "lane=help topic=outage language=de address=du"


def test_the_form_of_address_of_the_post_is_kept():
    pair = template("du"), template("sie", address="sie")
    assert chosen(*pair, address="sie") == "sie"
    assert chosen(*pair, address="du") == "du"


def test_the_wrong_form_of_address_is_worse_than_no_draft():
    assert prepared(template("du"), address="sie") is None


def test_an_exact_form_of_address_beats_a_text_that_avoids_it():
    assert chosen(template("a-any", address="any"), template("z-sie", address="sie"), address="sie") == "z-sie"


def test_without_a_form_in_the_post_the_brand_decides():
    formal = BRAND.model_copy(update={"address": "sie"})
    assert chosen(template("du"), template("sie", address="sie"), address="", brand=formal) == "sie"


def test_the_reply_is_in_the_language_of_the_post():
    pair = template("a-de"), template("z-en", language="en", address="any")
    assert chosen(*pair, language="en") == "z-en"


def test_the_language_of_the_post_counts_more_than_the_topic():
    assert chosen(template("de"), template("en", language="en", topics=("outage",), address="any")) == "de"


def test_a_language_we_do_not_speak_falls_back_in_the_order_of_the_brand():
    pair = template("de"), template("en", language="en", address="any")
    assert chosen(*pair, language="nl") == "en"
    assert chosen(pair[0], language="nl") == "de"
    assert chosen(pair[0], language="da") is None


def test_a_language_without_a_fallback_gets_no_draft():
    assert prepared(template("de"), template("en", language="en"), language="pl") is None


def test_a_line_of_the_brand_is_obeyed_to_the_letter_even_for_a_language_it_speaks():
    brand = BRAND.model_copy(update={"reply_languages": {"en": ("de",), "tr": ("en", "de")}})
    pair = template("de"), template("en", language="en", address="any")
    assert chosen(*pair, language="en", brand=brand) == "de"
    assert chosen(*pair, language="tr", brand=brand) == "en"


@pytest.mark.parametrize(
    ("language", "answered"),
    [("de", ("de",)), ("nl", ("en", "de")), ("pl", ()), ("other", ()), ("", ("de", "en")), ("und", ("de", "en"))],
)
def test_the_brand_says_which_languages_a_post_is_answered_in(language, answered):
    assert answered_in(BRAND, language) == answered


@pytest.mark.parametrize("unknown", ["", "und"])
def test_an_unknown_language_is_answered_in_the_first_language_of_the_brand(unknown):
    assert chosen(template("a-en", language="en", address="any"), template("z-de"), language=unknown) == "z-de"


def test_the_seed_picks_the_wording():
    texts = [prepared(template("three", "eins", "zwei", "drei"), seed=seed).text for seed in range(6)]
    assert texts == ["eins", "zwei", "drei"] * 2


def test_the_placeholders_are_filled_in_the_language_of_the_reply():
    wording = "{name} sagt: {contact:outage}"
    assert prepared(template("de", wording)).text == "Fjordfon sagt: https://fjordfon.example/stoerung"
    english = prepared(template("en", wording, language="en", address="any"), language="en")
    assert english.text == "Fjordfon sagt: https://fjordfon.example/en/outage"


def test_a_wording_whose_contact_is_missing_is_passed_over():
    assert prepared(template("two", "Siehe {contact:billing}", "Ohne Verweis.")).text == "Ohne Verweis."
    assert prepared(template("one", "Siehe {contact:billing}")) is None


def test_what_a_value_contains_is_not_filled_again():
    brand = BRAND.model_copy(update={"name": "{contact:outage}"})
    assert prepared(template("name", "{name}!"), brand=brand).text == "{contact:outage}!"


def test_the_gaps_of_a_draft_are_where_it_says():
    draft = prepared(template("gap", "Es läuft [bis wann] wieder in [Ort]."))
    assert [gap.name for gap in draft.gaps] == ["bis wann", "Ort"]
    assert [draft.text[slice(*gap.span)] for gap in draft.gaps] == ["[bis wann]", "[Ort]"]


def test_figures_in_brackets_are_no_gap():
    assert find_gaps("Siehe [1] und [ 2 ], aber [Uhrzeit 2]")[0].name == "Uhrzeit 2"
    assert len(find_gaps("Siehe [1] und [ 2 ]")) == 0


@given(st.text(), st.text(alphabet=st.characters(categories=("L",)), min_size=1, max_size=60), st.text())
def test_a_gap_is_found_in_any_text(before, name, after):
    assume("[" not in before)
    gap = find_gaps(f"{before}[{name}]{after}")[0]
    assert gap.name == name
    assert gap.span == (len(before), len(before) + len(name) + 2)


def test_a_wording_that_is_too_long_gives_way_to_a_shorter_one():
    both = template("both", "lang " * 60, "kurz")
    assert prepared(both, limit=100).text == "kurz"


def test_a_template_that_is_too_long_gives_way_to_the_next():
    assert chosen(template("a", "lang " * 60, topics=("outage",)), template("b", "kurz"), limit=100) == "b"


def test_room_for_the_signature_is_kept_while_nobody_has_signed():
    assert prepared(template("t", "x" * 95), limit=100) is None
    draft = prepared(template("t", "x" * 94), limit=100)
    assert len(sign(draft.text, BRAND, "ABCD")) == 100


@given(
    wording=st.text(min_size=1, max_size=300).filter(str.strip),
    initials=st.text(max_size=8),
    limit=st.integers(0, 320),
    seed=st.integers(0, 2**32),
    style=st.sampled_from(["caret", "team", "none"]),
)
def test_no_draft_is_longer_than_its_limit(wording, initials, limit, seed, style):
    brand = BRAND.model_copy(update={"signature": Signature(style=style, team="Team Kiel")})
    draft = prepared(template("t", wording), initials=initials, limit=limit, seed=seed, brand=brand)
    assert draft is None or len(draft.text) <= limit


def test_the_initials_of_the_approver_are_appended():
    assert sign("Hallo.", BRAND, "ab") == "Hallo. ^AB"
    assert prepared(template("t", "Hallo. {signature}"), initials="AB").text == "Hallo. ^AB"


def test_another_approver_replaces_the_signature():
    assert sign("Hallo. ^AB", BRAND, "KM") == "Hallo. ^KM"


def test_without_initials_nothing_is_signed_and_no_placeholder_is_left():
    assert sign("Hallo. ^AB", BRAND, "") == "Hallo."
    assert prepared(template("t", "Hallo. {signature}")).text == "Hallo."


def test_a_caret_inside_the_text_is_no_signature():
    assert sign("2^AB ist keine Zahl", BRAND, "KM") == "2^AB ist keine Zahl ^KM"


def test_a_team_signs_with_its_text_and_takes_the_place_of_initials():
    brand = BRAND.model_copy(update={"signature": Signature(style="team", team="Team Kiel")})
    assert sign("Hallo. ^AB", brand, "AB") == "Hallo. Team Kiel"
    assert sign("Hallo. Team Kiel", brand, "") == "Hallo. Team Kiel"


def test_the_style_none_signs_nothing():
    brand = BRAND.model_copy(update={"signature": Signature(style="none")})
    assert sign("Hallo.", brand, "AB") == "Hallo."


signatures = st.one_of(st.text(max_size=40), st.sampled_from(["a ^AB", "^AB ^CD", "x Team Kiel", "Team Kiel", " ^ß "]))


@given(signatures, st.text(max_size=6), st.sampled_from(["caret", "team", "none"]))
def test_signing_twice_changes_nothing(text, initials, style):
    brand = BRAND.model_copy(update={"signature": Signature(style=style, team="Team Kiel")})
    once = sign(text, brand, initials)
    assert sign(once, brand, initials) == once


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Kannst du mir helfen?", "du"),
        ("Könnt ihr euch das mal ansehen", "du"),
        ("Euer Netz ist weg", "du"),
        ("Können Sie mir helfen?", "sie"),
        ("Wann melden Sie sich, und wo ist Ihr Techniker?", "sie"),
        ("Sie hat angerufen, und niemand ging ran", ""),
        ("Meine Mutter sagt, sie hat kein Netz", ""),
        ("Seit heute früh kein Internet", ""),
        ("Why is my internet down", ""),
        ("", ""),
    ],
)
def test_the_form_of_address_is_read_from_the_post(text, form):
    assert form_of_address(text) == form
