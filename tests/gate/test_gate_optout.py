import pytest
from gate_facts import ruleset
from hypothesis import given
from hypothesis import strategies as st

from bot.gate.optout import asks_for_removal, reads_as_opt_out


@pytest.mark.parametrize(
    "post",
    [
        "STOP",
        "Stopp!",
        "@fjordfon_hilft stop",
        "@fjordfon_hilft @lena_m bitte stopp 🛑",
        "Abmelden.",
        "unsubscribe",
        "opt-out",
        "please stop",
        "St\u200bopp",
        "Schreibt mir nicht mehr!",
        "Schreibt mir bitte nicht mehr, danke.",
        "Hört endlich auf, mir zu schreiben",
        "Please stop messaging me about this",
        "don’t reply to me again",
        "@fjordfon_hilft antwortet mir nicht mehr, ich habe genug davon",
    ],
)
def test_the_word_alone_or_a_phrase_aimed_at_our_writing_is_an_opt_out(post: str) -> None:
    assert reads_as_opt_out(post, ruleset()) == "yes"


@pytest.mark.parametrize(
    "post",
    [
        "DSL abmelden",
        "@fjordfon_hilft Wie kann ich meinen Vertrag abmelden?",
        "Newsletter abbestellen geht nicht",
        "My internet stops every evening",
        "stop raising your prices",
        "Seit gestern geht nichts mehr, und wenn ich anrufe, sagt die Ansage nur noch stopp und legt auf",
        "Ihr antwortet mir nicht schnell genug",
        "Noch immer keine Antwort von euch",
        "Warum schreibt mir niemand zurück?",
        "Die Bahn macht keinen Halt mehr",
        "",
    ],
)
def test_cancellations_and_everyday_words_are_none(post: str) -> None:
    assert reads_as_opt_out(post, ruleset()) == "no"


@pytest.mark.parametrize(
    "post",
    [
        "Lasst mich in Ruhe",
        "I want to unsubscribe",
        "Ich möchte mich abmelden",
        "Stop das jetzt",
        "Ihr antwortet mir nicht mehr, warum?",
        "Why did you stop replying to me?",
        "Could you stop messaging me",
    ],
)
def test_what_only_a_person_can_tell_is_asked(post: str) -> None:
    assert reads_as_opt_out(post, ruleset()) == "ask"


@given(st.text())
def test_any_text_gets_an_answer(post: str) -> None:
    assert reads_as_opt_out(post, ruleset()) in {"yes", "ask", "no"}


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_a_handle_in_front_changes_nothing(post: str) -> None:
    assert reads_as_opt_out(f"@fjordfon_hilft {post}", ruleset()) == reads_as_opt_out(f" {post}", ruleset())


@pytest.mark.parametrize(
    "post",
    [
        "Löscht eure Antwort!",
        "@fjordfon_hilft bitte löscht eure Antwort, das stimmt alles nicht",
        "Löschen Sie Ihre Antwort",
        "Bitte eure Antwort löschen.",
        "Please delete your reply",
        "@fjordfon_hilft take your comment down now",
        "remove your replies, thanks",
    ],
)
def test_who_asks_for_our_reply_to_be_deleted_is_understood(post: str) -> None:
    assert asks_for_removal(post, ruleset())


@pytest.mark.parametrize(
    "post",
    [
        "Löscht eure Antwort bitte nicht, die war hilfreich",
        "don't delete your reply",
        "Warum könnt ihr eure Antwort löschen und ich nicht?",
        "why did you delete your comment",
        "Löscht meinen Vertrag",
        "Ich will mein Konto löschen",
        "How do I delete my account?",
        "Danke für eure Antwort!",
        "",
    ],
)
def test_what_only_speaks_of_deleting_takes_nothing_back(post: str) -> None:
    assert not asks_for_removal(post, ruleset())
