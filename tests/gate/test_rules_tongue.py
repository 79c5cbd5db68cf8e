"""The language of a reply, who may approve it, and du or Sie (C-31)."""

import pytest
from gate_facts import AUTHOR, answer, approval, context, draft

from bot.gate.decide import releasable
from bot.model import Outcome, RuleResult
from bot.responder import form_of_address

GERMAN = "Wir sehen uns das an und melden uns hier wieder. ^AB"
ENGLISH = "We are looking into it and will be back here. ^AB"


def language(text: str, languages: tuple[str, ...] | None, *speaks: frozenset[str]) -> RuleResult:
    given = tuple(approval(text, by=f"person-{number}", languages=known) for number, known in enumerate(speaks))
    return answer("C-31", reply=draft(text=text), around=context(approvals=given, reply_languages=languages))


@pytest.mark.parametrize(
    ("text", "languages", "outcome", "code"),
    [
        (GERMAN, ("de",), Outcome.ALLOW, "ok"),
        (ENGLISH, ("en",), Outcome.ALLOW, "ok"),
        (ENGLISH, ("de", "en"), Outcome.ALLOW, "ok"),
        (ENGLISH, ("de",), Outcome.HOLD_SELF, "other language"),
        (GERMAN, ("en",), Outcome.HOLD_SELF, "other language"),
        ("Nous regardons cela avec vous et nos collègues.", ("de",), Outcome.HOLD_SELF, "other language"),
        ("Dziękujemy, już sprawdzamy łącze.", ("de",), Outcome.HOLD_SELF, "other language"),
        ("Мы уже смотрим, спасибо.", ("de",), Outcome.HOLD_SELF, "other language"),
        ("OK ^AB", ("de",), Outcome.NOTE, "undetermined"),
        (GERMAN, None, Outcome.NOTE, "unknown post"),
        (GERMAN, (), Outcome.HOLD_SELF, "none of ours"),
    ],
)
def test_a_reply_is_in_the_language_of_its_post(
    text: str, languages: tuple[str, ...] | None, outcome: Outcome, code: str
) -> None:
    result = language(text, languages)
    assert (result.outcome, result.code) == (outcome, code)
    assert releasable(result) == (outcome is Outcome.HOLD_SELF)


def test_links_handles_and_names_of_ours_are_no_prose() -> None:
    assert language("@the_and_you Danke! https://fjordfon.example/the/and/you ^TO", ("de",)).outcome is Outcome.ALLOW


def test_somebody_who_answers_in_the_language_must_be_among_those_who_approve() -> None:
    english, german = frozenset({"en"}), frozenset({"de"})
    held = language(GERMAN, ("de",), english)
    assert (held.outcome, held.code, held.evidence["language"]) == (Outcome.HOLD_SECOND, "not competent", "de")
    assert set(held.evidence) == {"language", "text"}, "a release in a solo shift is for this text alone"
    assert not releasable(held)
    assert language(GERMAN, ("de",), english, german).outcome is Outcome.ALLOW
    assert language(GERMAN, ("de",), frozenset()).outcome is Outcome.ALLOW
    assert language(GERMAN, ("de",)).outcome is Outcome.ALLOW


def test_an_approval_of_another_text_makes_nobody_competent() -> None:
    old = approval("Etwas anderes.", languages=frozenset({"de"}))
    mine = approval(GERMAN, languages=frozenset({"en"}))
    around = context(approvals=(old, mine))
    assert answer("C-31", reply=draft(text=GERMAN), around=around).code == "not competent"


@pytest.mark.parametrize(
    ("asked", "text", "fits"),
    [
        ("du", "Schau mal in deine App, da findest du es.", True),
        ("du", "Bitte schauen Sie in die App.", False),
        ("du", "Das ist eine alte Leitung, sie wird erneuert.", True),
        ("du", "Die Kollegen sind dran. Sie melden sich bald.", True),
        ("du", "Sie finden das in der App unter Rechnung.", False),
        ("sie", "Bitte schauen Sie in Ihre App.", True),
        ("sie", "Schau bitte in deine App, das ist alles.", False),
        ("sie", "Habt ihr das schon neu gestartet? Das hilft oft.", False),
        ("sie", "Das prüfen wir gern und melden uns.", True),
        ("", "Bitte schau nach, ob Sie dort etwas sehen.", True),
        ("", "Wenn du magst, rufen wir Sie zurück.", False),
        ("any", "Bitte schauen Sie in die App.", True),
    ],
)
def test_a_reply_addresses_its_reader_as_the_post_does(asked: str, text: str, *, fits: bool) -> None:
    result = answer("C-31", reply=draft(text=text, address=asked), around=context(approvals=(approval(text),)))
    assert (result.outcome is Outcome.ALLOW) == fits
    assert result.code == ("ok" if fits else "form of address")
    assert fits or releasable(result)


def test_english_has_one_form_of_address() -> None:
    reply = draft(text=ENGLISH + " Your du and Sie are fine.", address="sie")
    assert answer("C-31", reply=reply, around=context(approvals=(), reply_languages=("en",))).outcome is Outcome.ALLOW


def test_who_writes_a_letter_to_strangers_says_sie() -> None:
    assert form_of_address("Sehr geehrte Damen und Herren, wo steht das? Mit freundlichen Grüßen") == "sie"
    assert form_of_address("Moin, wo steht das?") == ""


def test_without_a_text_the_language_is_missing() -> None:
    assert answer("C-31", reply=draft(text=None)).missing


def test_no_evidence_holds_words_of_the_draft() -> None:
    text = f"@{AUTHOR} {ENGLISH}"
    evidence = language(text, ("de",), frozenset({"de", "en"})).evidence
    assert set(evidence) == {"language", "text"}
    assert evidence["language"] == "en"
