"""Why a case lies where it lies, in plain German and English. Owns the wording of triage's codes, decides nothing."""

from collections.abc import Mapping
from types import MappingProxyType

_WORDS = {
    "threat": ("Drohung ({rule}, {score} von 1000)", "threat ({rule}, {score} of 1000)"),
    "crisis": ("Mensch in Not ({rule}, {score} von 1000)", "person in danger ({rule}, {score} of 1000)"),
    "abuse": ("Angriff auf eine Person ({rule}, {score} von 1000)", "attack on a person ({rule}, {score} of 1000)"),
    "hate": ("Hass {rule} ({score} von 1000)", "hate against {rule} ({score} of 1000)"),
    "scam": ("Verdacht auf Betrug ({rule}, {score} von 1000)", "suspected scam ({rule}, {score} of 1000)"),
    "lookalike": (
        "Konto sieht aus wie unseres ({rule}, {score} von 1000)",
        "account looks like ours ({rule}, {score} of 1000)",
    ),
    "false_helper": (
        "Falscher Helfer ({rule}, {score} von 1000)",
        "false helper ({rule}, {score} of 1000)",
    ),
    "impostor_report": (
        "Meldung: Jemand tritt in unserem Namen auf ({rule}, {score} von 1000)",
        "report: someone acts in our name ({rule}, {score} of 1000)",
    ),
    "legal": ("kündigt rechtliche Schritte an ({rule})", "announces legal steps ({rule})"),
    "quoted": ("berichtet von einer Beleidigung ({rule})", "reports an insult ({rule})"),
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
_UNNAMED_GROUP = ("gegen eine Gruppe", "a group")
"""What an operator's model for hate says: it knows no groups."""
_GROUNDED = frozenset(
    {"threat", "crisis", "abuse", "scam", "impostor_report", "legal", "quoted", "lookalike", "false_helper"}
)
"""Codes that name what the finding rests on."""
_GROUNDS = {
    "same-letters": ("gleiche Buchstaben", "same letters"),
    "one-letter": ("ein Buchstabe anders", "one letter off"),
    "server": ("Server mit unserem Namen", "server with our name"),
    "lookalike": ("Name fast wie unserer", "name nearly ours"),
    "remote-tool": ("Fernwartungsprogramm", "remote-control tool"),
    "scam-words": ("Worte eines Betrugs", "words of a scam"),
    "phone": ("Telefonnummer", "telephone number"),
    "other-link": ("Link, der nicht unserer ist", "link that is not ours"),
    "fast": ("Antwort binnen einer Minute", "answer within a minute"),
    "new-account": ("neues Konto", "new account"),
    "brand-and-service": ("Markenname mit Hilfswort", "brand name with a helping word"),
    "-": ("ohne Angabe einer Regel", "no rule named"),
    "head": ("trainiertes Modell", "trained head"),
    "attack-with-violence": ("Angriff mit einem Wort der Gewalt", "attack with a word of violence"),
    "acute": ("akut", "acute"),
    "cut": ("nur der Anfang gelesen", "only the beginning was read"),
    "meant=you": ("gemeint: Angesprochene", "meant: the person spoken to"),
    "meant=staff": ("gemeint: Personal", "meant: staff"),
    "meant=third": ("gemeint: Dritte", "meant: somebody else"),
    "meant=group": ("gemeint: Gruppe", "meant: a group"),
    "meant=alone": ("gemeint: wer mitliest", "meant: whoever reads it"),
    "meant=quoted": ("wiedergegeben", "quoted"),
    "meant=counter": ("Widerspruch gegen eine Beleidigung", "objection to an insult"),
    "meant=negated": ("verneint", "denied"),
    "meant=oneself": ("gemeint: man selbst", "meant: oneself"),
    "meant=thing": ("gemeint: eine Sache", "meant: a thing"),
    "meant=fond": ("freundschaftlich", "fond"),
    "meant=proud": ("mit Stolz gesagt", "said with pride"),
    "meant=": ("unklar, wer gemeint ist", "unclear who is meant"),
    "fallback.timeout": ("Zusatzmodell zu langsam", "added model too slow"),
    "fallback.crash": ("Zusatzmodell ausgefallen", "added model failed"),
    "fallback.answer": ("Antwort des Zusatzmodells unbrauchbar", "answer of the added model unusable"),
    "fallback.start": ("Zusatzmodell nicht geladen", "added model not loaded"),
    "fallback.off": ("Zusatzmodell abgeschaltet", "added model switched off"),
}
"""What a finding can rest on beside its rules, as reasons spell it."""
_MODEL = "model."
_ADDED = ("Zusatzmodell", "added model")
_RULES = (("Regel", "rule"), ("Regeln", "rules"))


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
    place = 0 if language == "de" else 1
    if name == "hate":
        unnamed = _UNNAMED_GROUP if rule == "-" or rule.startswith(_MODEL) else (rule, rule)
        rule = _GROUPS.get(rule, unnamed)[place]
    if name in _GROUNDED:
        rule = _grounds(rule, place)
    return _WORDS[name][place].format(rule=rule, score=score)


def _grounds(named: str, place: int) -> str:
    """What a finding rests on: first the rules together, then all else, each in words."""
    grounds = [ground for ground in named.split(",") if ground]
    rules = [ground for ground in grounds if ground not in _GROUNDS and not ground.startswith(_MODEL)]
    told = [f"{_RULES[len(rules) > 1][place]} {', '.join(rules)}"] if rules else []
    told += [_GROUNDS[ground][place] for ground in grounds if ground in _GROUNDS]
    models = [ground.removeprefix(_MODEL) for ground in grounds if ground.startswith(_MODEL)]
    told += [f"{_ADDED[place]} {model}" for model in models]
    return ", ".join(told) or _GROUNDS["-"][place]
