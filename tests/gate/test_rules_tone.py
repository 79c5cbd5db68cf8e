"""Tone, advertising and traits (C-16, C-24, C-26): a table of replies judged by hand, and what turns a word round."""

from itertools import chain

import pytest
from gate_facts import answer, answer_to, approval, context, decision, draft, ruleset, snapshot
from own_words import BAD_ENGLISH, BAD_GERMAN, GOOD_ENGLISH, GOOD_GERMAN

from bot.gate.decide import releasable
from bot.gate.hits import hits
from bot.gate.rule import Question
from bot.model import Decision, Lane, Outcome
from bot.responder import form_of_address

OURS = ("C-16", "C-22", "C-24", "C-26", "C-31", "C-32")
GOOD = [*((*pair, "de") for pair in GOOD_GERMAN), *((*pair, "en") for pair in GOOD_ENGLISH)]
BAD = [*((*case, "de") for case in BAD_GERMAN), *((*case, "en") for case in BAD_ENGLISH)]
DENIED = {"insult", "name", "asks for data", "holds data", "confirms contract", "advertising", "trait"}


def asked(post: str, reply: str, language: str) -> Decision:
    text = f"@lena_m {reply}"
    return decision(
        snapshot(text=post),
        draft(text=text, address=form_of_address(post)),
        context(approvals=(approval(text),), reply_languages=(language,)),
    )


def found(post: str, reply: str, language: str) -> set[tuple[str, str]]:
    """What the desk would mark: rule and code."""
    question = Question(
        snapshot(text=post),
        draft(text=f"@lena_m {reply}", address=form_of_address(post)),
        context(reply_languages=(language,)),
        ruleset(),
    )
    return {(hit.rule, hit.code) for hit in hits(question)}


@pytest.mark.parametrize(("post", "reply", "language"), GOOD, ids=str)
def test_a_decent_reply_is_minded_by_none_of_the_rules_on_our_own_words(post: str, reply: str, language: str) -> None:
    told = [(result.rule, result.code, dict(result.evidence)) for result in asked(post, reply, language).open_rules]
    assert [each for each in told if each[0] in OURS] == []
    assert found(post, reply, language) == set()


@pytest.mark.parametrize(("rule", "code", "post", "reply", "language"), BAD, ids=str)
def test_a_reply_that_hurts_sells_or_guesses_is_stopped_by_its_rule(
    rule: str, code: str, post: str, reply: str, language: str
) -> None:
    result = next(result for result in asked(post, reply, language).results if result.rule == rule)
    assert result.code == code, dict(result.evidence)
    assert (result.outcome is Outcome.DENY) == (code in DENIED)
    assert rule in {minding for minding, _ in found(post, reply, language)}


def test_the_table_is_large_and_in_both_languages() -> None:
    assert len(GOOD) + len(BAD) >= 150
    assert {language for *_, language in chain(GOOD, BAD)} == {"de", "en"}


# C-16


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Hättest du mal nachgesehen!", "blame"),
        ("Haben Sie das schon wieder überlesen", "blame"),
        ("Ach was.", "sarcasm"),
        ("DAS IST NICHT WAHR", "shouting"),
        ("Wirklich???", "shouting"),
        ("Beruhig dich, das ist deine Schuld.", "blame down"),
    ],
)
def test_a_tone_that_may_hurt_asks_the_person_and_names_its_kinds(text: str, kinds: str) -> None:
    result = answer_to("C-16", text)
    assert (result.outcome, result.code, result.evidence["kinds"]) == (Outcome.HOLD_SELF, "tone", kinds)
    assert releasable(result)


@pytest.mark.parametrize(
    "text",
    [
        "Das ist nicht deine Schuld.",
        "Hättest du kurz Zeit für einen Test?",
        "Die Leitung ist alt. sie ist schuld daran",
        "That was never your fault.",
        "Would Tuesday be good for you?",
        "You should have been told sooner, sorry.",
        "Wir melden uns, SIM und eSIM gehen beide.",
        "Port 587 mit STARTTLS, dann IMAP SSL.",
        "Wirklich?! Das klingt seltsam.",
        "Kein Idiot weit und breit.",
    ],
)
def test_a_negation_a_question_or_an_abbreviation_hurts_nobody(text: str) -> None:
    assert answer_to("C-16", text).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("lane", "text", "code"),
    [
        (Lane.PRAISE, "Glückwunsch! Das freut uns.", "ok"),
        (Lane.HELP, "Herzlichen Glückwunsch zur Hochzeit, und zwar doppelt.", "ok"),
        (Lane.HELP, "Congratulations! The new name goes here.", "ok"),
        (Lane.COMPLAINT, "Glückwunsch! Das freut uns.", "tone"),
        (Lane.ABUSE, "Congrats.", "tone"),
        (Lane.PRAISE, "Bravo!", "ok"),
        (Lane.HELP, "Bravo!", "tone"),
    ],
)
def test_congratulations_are_sarcasm_to_those_who_complain_and_to_nobody_else(lane: Lane, text: str, code: str) -> None:
    assert answer("C-16", snapshot(lanes=(lane,)), draft(text=text)).code == code


def test_what_a_released_template_says_is_released() -> None:
    text = "Bitte bleib ruhig: Tief durchatmen hilft. ^AB"
    assert answer("C-16", reply=draft(text=text)).code == "tone"
    assert (
        answer("C-16", reply=draft(text=text, template_text="Bitte bleib ruhig: Tief durchatmen hilft.")).code == "ok"
    )


def test_the_handle_that_a_reply_begins_with_is_no_word_of_ours() -> None:
    rude = snapshot(author_handle="idiot")
    assert answer("C-16", rude, draft(text="@idiot Wir sehen nach.")).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hallo Lena, wir sehen nach.", "name"),
        ("Lena, wir sehen nach.", "name"),
        ("Hallo Frau Meier!", "other name"),
        ("Dear Mrs. Hallam, thanks.", "other name"),
        ("Moin Kapitän Nemo!", "other name"),
        ("Frag u/somebody_else danach.", "other handle"),
        ("Hallo zusammen!", "ok"),
        ("Hallo Fjordfon-Team!", "ok"),
        ("Moin, Störung ist bekannt.", "ok"),
        ("Guten Morgen! Danke Ihnen.", "ok"),
        ("Liebe Grüße", "ok"),
    ],
)
def test_people_are_greeted_without_their_name(text: str, code: str) -> None:
    assert answer_to("C-16", text).code == code


# C-24


@pytest.mark.parametrize(
    "text",
    [
        "Leider gibt es kein Angebot für dich.",
        "Nein, Rabatte gibt es nicht, einen Gutschein haben wir nie verschickt.",
        "Das steht in der Fjordfon-App unter Vertrag.",
        "Option #2 ist die richtige.",
        "Der Techniker macht vor Ort eine Vermessung.",
        "There is a survey of the cable route first.",
    ],
)
def test_a_refusal_a_product_name_or_a_fact_sells_nothing(text: str) -> None:
    assert answer_to("C-24", text).outcome is Outcome.ALLOW


def test_what_the_customer_speaks_of_may_be_answered() -> None:
    asks = snapshot(text="Mein Gutschein geht nicht, und wo ist die Umfrage?")
    reply = draft(text="Der Gutschein gilt einmal, die Umfrage ist zu Ende.")
    assert answer("C-24", asks, reply).outcome is Outcome.ALLOW
    assert answer("C-24", reply=reply).outcome is Outcome.DENY


def test_selling_asks_a_person_where_the_price_was_asked_for_and_is_denied_elsewhere() -> None:
    sells = draft(text="Nur 19,99 Euro im Monat, jetzt bestellen!")
    held = answer("C-24", snapshot(text="Was kostet Glasfaser?"), sells)
    assert (held.outcome, held.code) == (Outcome.HOLD_SELF, "price asked")
    assert releasable(held)
    assert answer("C-24", reply=sells).outcome is Outcome.DENY


def test_a_plain_price_that_was_asked_for_is_no_advertising() -> None:
    asks = snapshot(text="Was kostet der Tarif?")
    assert answer("C-24", asks, draft(text="Er kostet 29,99 Euro im Monat.")).outcome is Outcome.ALLOW
    assert answer("C-24", reply=draft(text="Schon für nur 29,99 Euro zu haben.")).outcome is Outcome.DENY


def test_a_hashtag_of_the_post_is_the_customers_own() -> None:
    asks = snapshot(text="Was ist mit #Stromausfall?")
    assert answer("C-24", asks, draft(text="Der #stromausfall trifft auch uns.")).outcome is Outcome.ALLOW
    assert answer("C-24", reply=draft(text="Mehr Fjord! #MehrFjord")).outcome is Outcome.DENY


# C-26


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Weil du krank bist, rufen wir später an.", "health"),
        ("Gute Besserung!", "health"),
        ("Als Christin siehst du das anders.", "religion"),
        ("Für einen Ausländer schreiben Sie gut.", "origin"),
        ("Your arrears are the reason.", "debts"),
        ("You are a thief.", "crime"),
        ("Das sagt deine Gewerkschaft.", "union"),
        ("As a lesbian you will understand.", "sexuality"),
        ("Typisch Wutbürger.", "politics"),
    ],
)
def test_each_kind_of_trait_is_denied(text: str, kind: str) -> None:
    result = answer_to("C-26", text)
    assert (result.outcome, result.evidence) == (Outcome.DENY, {"kinds": kind})


@pytest.mark.parametrize(
    "text",
    [
        "Die Leitung ist krank, sie ist blind auf einem Auge.",
        "Gute Besserung für den Router.",
        "Wir wissen, you are sick of waiting.",
        "Wenn du krank bist, geht es auch später.",
        "If you are behind on a bill, the page explains it.",
        "Du bist auf keinen Betrüger hereingefallen, die Seite ist echt.",
        "You are not blind, the light is very faint.",
        "The call came from a scammer.",
        "Ihre Rechnung und Ihr Vertrag stehen dort.",
        "Die Störung ist behoben.",
    ],
)
def test_things_of_ours_and_ifs_say_nothing_about_the_person(text: str) -> None:
    assert answer_to("C-26", text).outcome is Outcome.ALLOW


@pytest.mark.parametrize("rule", ["C-24", "C-26"])
def test_without_a_text_there_is_nothing_to_judge(rule: str) -> None:
    assert answer(rule, reply=draft(text=None)).missing


def test_without_the_post_nobody_knows_what_was_asked_for() -> None:
    assert answer("C-24", snapshot(text=None)).missing
