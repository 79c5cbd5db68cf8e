"""Why a case lies where it lies, in plain German and English. Owns the wording of triage's codes, decides nothing."""

from collections.abc import Mapping
from types import MappingProxyType

_WORDS = {
    "threat": ("Drohung (Regel {rule}, {score} von 1000)", "threat (rule {rule}, {score} of 1000)"),
    "crisis": ("Mensch in Not (Regel {rule}, {score} von 1000)", "person in danger (rule {rule}, {score} of 1000)"),
    "abuse": (
        "Angriff auf eine Person (Regel {rule}, {score} von 1000)",
        "attack on a person (rule {rule}, {score} of 1000)",
    ),
    "scam": ("Verdacht auf Betrug (Regel {rule}, {score} von 1000)", "suspected scam (rule {rule}, {score} of 1000)"),
    "impostor_report": (
        "Meldung: Jemand tritt in unserem Namen auf (Regel {rule}, {score} von 1000)",
        "report: someone acts in our name (rule {rule}, {score} of 1000)",
    ),
    "legal": ("kündigt rechtliche Schritte an (Regel {rule})", "announces legal steps (rule {rule})"),
    "quoted": ("berichtet von einer Beleidigung (Regel {rule})", "reports an insult (rule {rule})"),
    "negative": ("verärgerter Ton ({score} von 1000)", "angry tone ({score} of 1000)"),
    "positive": ("freundlicher Ton ({score} von 1000)", "friendly tone ({score} of 1000)"),
    "question": ("stellt eine Frage", "asks a question"),
    "addressed": ("spricht uns an", "speaks to us"),
    "not_addressed": ("spricht uns nicht an", "does not speak to us"),
    "no_watch": ("kein Suchauftrag trifft zu", "no watch heard it"),
    "topic": ("Thema: {rule}", "topic: {rule}"),
    "urgent_topic": ("dringendes Thema", "urgent topic"),
    "urgent_word": ("dringendes Wort", "urgent word"),
    "not": ("nicht geprüft", "not assessed"),
    "failed": ("nicht geprüft: {rule}", "not assessed: {rule}"),
}


def reason_words(reason: str, language: str, topics: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> str:
    """The codes of ``Triage.reason`` in words; German for "de", English for any other language.

    ``topics`` are the configured names of topics by language. A code that is not known here is shown as it is: an
    older entry must stay readable.
    """
    return "; ".join(_worded(code, language, topics) for code in reason.split("; ") if code)


def _worded(code: str, language: str, topics: Mapping[str, Mapping[str, str]]) -> str:
    name, _, rest = code.partition(" ")
    if name not in _WORDS:
        return code
    rule, _, score = rest.rpartition(" ") if rest.rpartition(" ")[2].isdigit() else (rest, "", "")
    if name == "topic":
        rule = topics.get(rule, {}).get(language, rule)
    return _WORDS[name][0 if language == "de" else 1].format(rule=rule, score=score)
