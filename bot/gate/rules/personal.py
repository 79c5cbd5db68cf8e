"""Nobody's data in public: C-22. Our own patterns, all linear in the length of the draft."""

import re

from bot.gate.folding import clauses, visible, without_handles
from bot.gate.phrases import find_phrases, negated, phrase_book, spoken_phrases
from bot.gate.rule import Question, allow, deny, missing
from bot.gate.ruleset import Ruleset
from bot.model import RuleResult

_PLAIN_LINK = re.compile(r"https?://[^\s?=@]+(?=\s|$)")
_EMAIL = re.compile(
    r"(?<![\w.+@-])[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"\b[A-ZÄÖÜ][\wäöüß-]{1,40}(?:straße|strasse|str\.|weg|gasse|allee|platz|ring|damm|ufer)\s?\d{1,4}\b"
    r"|\b[A-ZÄÖÜ][\wäöüß-]{1,40}[ -](?:Straße|Strasse|Str\.|Weg|Gasse|Allee|Platz|Ring|Damm|Ufer)\s\d{1,4}\b"
    r"|\b\d{1,4}\s[A-Z]\w{1,40}\s(?:Street|Road|Avenue|Lane|Drive|Close|Terrace)\b"
)
_NO_PERSON = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b"  # dates
    r"|\b\d{1,2}\.\s?\d{1,2}\.(?:\s?(?:19|20)\d\d\b)?"
    r"|\b\d{1,2}/\d{1,2}/(?:19|20)\d\d\b"
    r"|\b(?:19|20)\d\d\b"
    r"|\b\d{1,2}[:.]\d{2}\b(?!\.?\d)"  # times of day
    r"|\b[1-9]\d{0,2}[.,]\d{3}\b(?![\d.,/-]*\d)"  # thousands
    r"|\b\d{1,5}(?:/\d{1,5})?\s?(?:[kmgt]bit|[kmgt]b|mbps|ms|[kmg]hz)\b",  # speeds
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d\s()/.\-]*")
_SIGNATURE = re.compile(r"\^\w{1,12}")


def no_personal_data(question: Question) -> RuleResult:
    """C-22: the reply holds nobody's data, asks for none in public and confirms no contract."""
    text, context = question.draft.text, question.context
    if text is None:
        return missing("C-22", "text")
    ours = _without_exempt(text, (*context.contacts, *context.hotlines))
    kinds = _kinds(ours, question.ruleset.limits.personal_digits)
    if kinds:
        return deny("C-22", "holds data", kinds=" ".join(kinds))
    if _asks(text, question.ruleset) or _names_only_data(text, question.ruleset):
        return deny("C-22", "asks for data")
    if any(True for _ in spoken_phrases(text, question.ruleset.personal.relationship)):
        return deny("C-22", "confirms contract")
    return allow("C-22")


def _without_exempt(text: str, exempt: tuple[str, ...]) -> str:
    """``text`` without our official contacts, where they stand alone and not inside a longer number."""
    for contact in sorted(filter(None, exempt), key=len, reverse=True):
        text = re.sub(rf"(?<!\d)(?<!\d[ ./-]){re.escape(contact)}(?![ ./-]?\d)", ";", text)
    return text


def _kinds(text: str, digits: int) -> list[str]:
    plain = visible(text)
    numbers = _NO_PERSON.sub(";", _PLAIN_LINK.sub(";", plain))
    found = {
        "email": _EMAIL.search(plain) is not None,
        "address": _ADDRESS.search(plain) is not None,
        "number": any(sum(map(str.isdigit, run)) >= digits for run in _NUMBER.findall(numbers)),
    }
    return [kind for kind, hit in found.items() if hit]


def _asks(text: str, ruleset: Ruleset) -> bool:
    """Whether we ask the person to write their data here: a verb, then the data, nothing that turns it round."""
    lists = ruleset.personal
    nouns, places = phrase_book(lists.nouns), phrase_book(lists.places)
    for clause, start, end in spoken_phrases(text, lists.verbs):
        near = clause[start : end + lists.within_words]
        asked = find_phrases(near, nouns)
        there = find_phrases(clause[max(0, start - lists.within_words) : end + 2 * lists.within_words], places)
        if asked and not there and not negated(clause, start - 1, start + asked[0][0], ruleset):
            return True
    return False


def _names_only_data(text: str, ruleset: Ruleset) -> bool:
    """Whether a clause, or a sentence, is nothing but data and a "please": "Your customer number, please!"."""
    lists, ours = ruleset.personal, _SIGNATURE.sub(" ", without_handles(text))
    for clause in (*clauses(ours), *clauses(ours.replace(",", " "))):
        asked = find_phrases(clause, phrase_book(lists.nouns))
        data = {place for start, end in asked for place in range(start, end)}
        rest = {word for place, word in enumerate(clause) if place not in data}
        if asked and rest & set(lists.polite) and rest <= {*lists.polite, *lists.fillers}:
            return True
    return False
