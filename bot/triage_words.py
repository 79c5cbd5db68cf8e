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
    "hate": (
        "Hass {rule} ({score} von 1000)",
        "hate against {rule} ({score} of 1000)",
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
    "namesake": (
        "meint einen Namensvetter (Suchauftrag {rule}, {score} von 1000)",
        "means a namesake (watch {rule}, {score} of 1000)",
    ),
    "no_watch": ("kein Suchauftrag trifft zu", "no watch heard it"),
    "topic": ("Thema: {rule}", "topic: {rule}"),
    "topic_guess": (
        "Thema: {rule} (geschätzt, {score} von 1000)",
        "topic: {rule} (estimated, {score} of 1000)",
    ),
    "urgent_topic": ("dringendes Thema", "urgent topic"),
    "urgent_word": ("dringendes Wort", "urgent word"),
    "not": ("nicht geprüft", "not assessed"),
    "failed": ("nicht geprüft: {rule}", "not assessed: {rule}"),
}
_GROUPS = {
    "muslims": ("gegen Muslime", "Muslims"),
    "jews": ("gegen Juden", "Jews"),
    "christians": ("gegen Christen", "Christians"),
    "women": ("gegen Frauen", "women"),
    "men": ("gegen Männer", "men"),
    "gay-people": ("gegen Homosexuelle", "gay people"),
    "lesbians": ("gegen Lesben", "lesbians"),
    "trans-people": ("gegen trans Menschen", "trans people"),
    "black-people": ("gegen Schwarze", "Black people"),
    "white-people": ("gegen Weiße", "white people"),
    "asians": ("gegen Asiaten", "Asians"),
    "indians": ("gegen Inder", "Indians"),
    "pakistanis": ("gegen Pakistaner", "Pakistanis"),
    "turks": ("gegen Türken und Kurden", "Turks and Kurds"),
    "arabs": ("gegen Araber", "Arabs"),
    "poles": ("gegen Polen", "Poles"),
    "romanians": ("gegen Menschen aus Osteuropa", "people from Eastern Europe"),
    "roma": ("gegen Sinti und Roma", "Roma and Sinti"),
    "travellers": ("gegen Fahrende", "Travellers"),
    "immigrants": ("gegen Zugewanderte", "immigrants"),
    "refugees": ("gegen Geflüchtete", "refugees"),
    "disabled-people": ("gegen Menschen mit Behinderung", "disabled people"),
    "old-people": ("gegen alte Menschen", "old people"),
    "east-germans": ("gegen Ostdeutsche", "East Germans"),
}
"""The groups that the hate detector names, as its findings spell them."""


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
    if name in {"topic", "topic_guess"}:
        rule = topics.get(rule, {}).get(language, rule)
    if name == "hate" and rule in _GROUPS:
        rule = _GROUPS[rule][0 if language == "de" else 1]
    return _WORDS[name][0 if language == "de" else 1].format(rule=rule, score=score)
