"""The answer to "Why did you write to me?": true, short, in two languages, and about nobody else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tents import HouseInATent, post, starter

from bot.config.models import Legal, PrivacyNotice
from bot.gate.ruleset import load_ruleset
from bot.gate.table import RULES
from bot.keys import Keys
from bot.model import Origin, Platform, Trigger
from bot.review import why
from bot.review.house import House
from bot.review.why import LONGEST, Facts, facts_of, letter

QUESTION = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"
KEPT = 90
RULESET = load_ruleset()
IDS = tuple(rule.id for rule in RULES)


def house(**legal: object) -> House:
    brand = starter().brand.model_copy(update={"legal": Legal(**legal)})
    config = starter().model_copy(update={"brand": brand})
    return House(config, 1, "x", RULESET, Keys(b"p" * 32, b"u" * 32, b"g" * 32))


def facts(**changed: object) -> Facts:
    known = {
        "seq": 17,
        "platform": Platform.MASTODON,
        "account": "fjordfon_hilft",
        "answered": 1_795_509_600_000,
        "wrote": 1_795_423_200_000,
        "triggers": (Trigger.MENTION,),
        "formal": False,
        "approvals": 1,
        "origin": Origin.HUMAN,
        "rules": IDS,
        "released": 0,
    }
    return Facts(**known | changed)


def both(told: Facts, **legal: object) -> tuple[str, str]:
    return letter(told, house(**legal), "de", kept_days=KEPT), letter(told, house(**legal), "en", kept_days=KEPT)


@pytest.fixture
def sent(tent: HouseInATent) -> HouseInATent:
    tent.hear(post("1", "kim", QUESTION))
    tent.approve("kim", ANSWER)
    tent.clock.advance(11_000)
    tent.send()
    return tent


def seq_of(tent: HouseInATent, kind: str, **facts: object) -> int:
    rows = tent.store.rows("SELECT seq, json(CAST(body AS TEXT)) AS body FROM log ORDER BY seq")
    wanted = [f'"type":"{kind}"', *(f'"{name}":"{value}"' for name, value in facts.items())]
    return next(row["seq"] for row in rows if all(part in row["body"] for part in wanted))


def test_what_became_of_a_reply_and_the_last_look_before_it_tell_the_same(sent):
    told = facts_of(sent.store, sent.wiring.house(sent.store), seq_of(sent, "SEND_RESULT", result="sent"))
    assert told is not None
    assert told.triggers == (Trigger.MENTION,)
    assert told.account == "fjordfon_hilft"
    assert told.approvals == 1
    assert told.rules == tuple(sorted(IDS))
    decided = facts_of(sent.store, sent.wiring.house(sent.store), seq_of(sent, "DECISION", phase="dispatch"))
    assert decided is not None
    assert (decided.wrote, decided.rules) == (told.wrote, told.rules)


def test_an_entry_that_tells_of_no_reply_has_no_answer(sent):
    house = sent.wiring.house(sent.store)
    for seq in (seq_of(sent, "CONFIG"), seq_of(sent, "APPROVAL"), seq_of(sent, "DECISION", phase="approve"), 0, 999):
        assert facts_of(sent.store, house, seq) is None


def test_the_letter_names_no_approver_no_author_and_no_word_of_the_post(sent):
    house = sent.wiring.house(sent.store)
    told = facts_of(sent.store, house, seq_of(sent, "SEND_RESULT", result="sent"))
    pseudonym = house.keys.staff(sent.user("alice")["id"], sent.clock.now())
    for language in ("de", "en"):
        text = letter(told, house, language, kept_days=KEPT)
        for never in ("alice", "^AL", pseudonym, "kim", "Kiel", "Internet", ANSWER[:20]):
            assert never not in text


def test_when_the_post_is_erased_the_letter_says_so_instead_of_a_date(sent):
    with sent.store.write() as tx:
        for table in ("dispatches", "drafts", "mentions", "cases"):
            tx.run(f"DELETE FROM {table}")  # noqa: S608 - names of ours
    told = facts_of(sent.store, sent.wiring.house(sent.store), seq_of(sent, "SEND_RESULT", result="sent"))
    assert told is not None
    assert (told.wrote, told.account) == (None, "")
    german, english = both(told)
    assert "haben wir schon gelöscht" in german
    assert "already erased" in english
    assert "@" not in german + english


def test_it_says_what_triggered_who_approved_what_was_checked_what_stays_and_how_to_say_stop():
    german, english = both(
        facts(triggers=(Trigger.MENTION, Trigger.REPLY), approvals=2, released=1, origin=Origin.MODEL)
    )
    for part in (
        "der Beitrag nennt unser Konto und der Beitrag antwortet auf einen von uns",
        "Zwei Menschen haben genau diesen Text",
        "Eine KI hatte ihn entworfen.",
        f"{len(IDS)} Regeln geprüft",
        "Bei 1 davon hat ein Mensch",
        "90 Tage",
        "„stopp“, „abmelden“ oder „schreibt mir nicht“",
        "Beitrag von dir",
        "23. November 2026",
    ):
        assert part in german
    for part in ("Two people", "A model had drafted it.", "“stop”, “unsubscribe” or “opt out”", "23 November 2026"):
        assert part in english


def test_it_addresses_people_as_the_reply_did():
    assert "Beitrag von Ihnen" in both(facts(formal=True))[0]


def test_it_names_the_addresses_that_the_brand_gives_and_invents_none():
    assert "http" not in "".join(both(facts()))
    notice = PrivacyNotice(url="https://fjordfon.example/datenschutz", version="3")
    german, english = both(
        facts(), privacy_notice=notice, public_pages="https://fjordfon.example/konto/", operator="Fjordfon GmbH"
    )
    assert "Datenschutzhinweis: https://fjordfon.example/datenschutz" in german
    assert "https://fjordfon.example/konto/verify.de.html" in german
    assert "https://fjordfon.example/konto/about-this-account.en.html" in english
    assert "(Fjordfon GmbH)" in german


def test_the_words_it_gives_for_stop_are_words_that_stop():
    known = RULESET.opt_out.alone
    assert all(word in known for words in why._WORDS.values() for word in words)


def test_every_trigger_has_its_words():
    for trigger in Trigger:
        assert all(both(facts(triggers=(trigger,))))


SOME_FACTS = st.builds(
    Facts,
    seq=st.integers(1, 2**53),
    platform=st.sampled_from(Platform),
    account=st.text(max_size=80),
    answered=st.just(1_795_509_600_000),
    wrote=st.sampled_from([None, 1_795_423_200_000]),
    triggers=st.lists(st.sampled_from(Trigger), unique=True, min_size=1, max_size=4).map(tuple),
    formal=st.booleans(),
    approvals=st.integers(1, 2),
    origin=st.sampled_from(Origin),
    rules=st.just(IDS),
    released=st.integers(0, 34),
)


@given(told=SOME_FACTS, operator=st.text(max_size=400), path=st.text(st.sampled_from("abc/"), max_size=400))
def test_it_never_grows_beyond_its_length_and_never_loses_the_way_to_say_stop(told, operator, path):
    legal = {
        "operator": operator,
        "privacy_notice": PrivacyNotice(url=f"https://a.example/{path}", version="1"),
        "public_pages": f"https://a.example/{path[:150]}/",
    }
    for text, word in zip(both(told, **legal), ("stopp", "unsubscribe"), strict=True):
        assert len(text) <= LONGEST
        assert word in text
        assert str(told.seq) in text
