"""The rule table, in the order in which the panel shows it. A new rule is one function and one line here."""

from bot.gate.rule import Rule
from bot.gate.rules import audience, author, commitments, health, links, personal, speech, timing, topic

RULES: tuple[Rule, ...] = (
    Rule("C-01", "Nur öffentlich antworten", "Only a public reply", audience.public_reply_only, strict=True),
    Rule("C-02", "Beitrag ist öffentlich", "Post is public", audience.post_is_public, strict=True),
    Rule("C-03", "Ort ist freigegeben", "Place is on our list", audience.surface_is_ours_to_answer, strict=True),
    Rule("C-04", "An uns gerichtet", "Addressed to us", audience.addressed_to_us, strict=True),
    Rule("C-05", "Plattform erlaubt die Antwort", "Platform allows the reply", audience.platform_lets_us, strict=True),
    Rule(
        "C-07",
        "Kein Widerspruch, kein #nobot",
        "No opt-out, no #nobot",
        author.author_wants_answers,
        strict=True,
        releasable=frozenset({"unclear"}),
    ),
    Rule("C-08", "Blockiert uns nicht", "Does not block us", audience.author_is_reachable, strict=True),
    Rule("C-09", "Antworten sind offen", "Replies are open", audience.replies_are_open, strict=True),
    Rule(
        "C-10",
        "Eine Antwort je Beitrag",
        "One reply a post",
        timing.one_reply_a_post,
        strict=True,
        releasable=frozenset({"follow-up"}),
    ),
    Rule("C-11", "Nicht zu oft", "Not too often", author.not_too_often, releasable=frozenset({"unanswered", "often"})),
    Rule(
        "C-12",
        "Frisch und unverändert",
        "Fresh and unchanged",
        timing.fresh_and_unchanged,
        releasable=frozenset({"old"}),
    ),
    Rule("C-13", "Freigabe genau dieses Textes", "This exact text approved", timing.exact_text_approved, strict=True),
    Rule("C-16", "Wortwahl", "Choice of words", speech.clean_words, releasable=frozenset({"echo"})),
    Rule("C-18", "Ein Mensch schreibt", "A person wrote it", audience.author_is_a_person, strict=True),
    Rule("C-19", "In den richtigen Händen", "In the right hands", topic.in_the_right_hands),
    Rule("C-21", "Leiter nicht beendet", "Ladder not ended", author.case_is_not_closed, strict=True),
    Rule("C-22", "Keine persönlichen Daten", "No personal data", personal.no_personal_data),
    Rule("C-23", "Links nur zu uns", "Links only to us", links.links_only_to_us),
    Rule(
        "C-32",
        "Zusage ist gedeckt",
        "Promise is covered",
        commitments.promises_are_covered,
        releasable=frozenset({"promise"}),
    ),
    Rule("C-33", "Nachweis läuft", "Proof is running", health.gate_is_healthy, strict=True),
)
