"""Nobody's data in public: C-22. Our own patterns, all linear in the length of the draft."""

import re
from collections.abc import Iterator

from bot.gate.folding import blanked, placed_handles, seen, spoken
from bot.gate.marks import Draft, Mark, draft_of, phrase_marks
from bot.gate.phrases import find_phrases, negated, phrase_book, said
from bot.gate.rule import Question, allow, deny, missing
from bot.gate.ruleset import Ruleset
from bot.model import Lane, RuleResult

_PLAIN_LINK = re.compile(r"https?://[^\s?=@]+(?=\s|$)")
_EMAIL = re.compile(
    r"(?<![\w.+@-])[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"\b[A-ZÄÖÜ][\wäöüß-]{1,40}(?:straße|strasse|str\.|weg|gasse|allee|platz|ring|damm|ufer)\s?\d{1,4}\b"
    r"|\b[A-ZÄÖÜ][\wäöüß-]{1,40}[ -](?:Straße|Strasse|Str\.|Weg|Gasse|Allee|Platz|Ring|Damm|Ufer)\s\d{1,4}\b"
    r"|\b\d{1,4}\s[A-Z]\w{1,40}\s(?:Street|Road|Avenue|Lane|Drive|Close|Terrace)\b"
    r"|\b\d{1,4}\s[A-ZÄÖÜ][\wäöüß-]{1,40}(?:straße|strasse|weg|gasse|allee|platz|damm|ufer)\b"
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
_LEAST_CALLED = 3
"""Digits of the shortest number that people call ("112")."""
_AT_ANY_HOUR = re.compile(r"\b24/7\b")
_KINDS = ("email", "address", "number")
_SIGNATURE = re.compile(r"\^\w{1,12}")


def no_personal_data(question: Question) -> RuleResult:
    """C-22: the reply holds nobody's data, asks for none in public and confirms no contract.

    In a crisis every telephone number must be one of the hotline registry, exactly as written there (E-12); nowhere may
    one of a card leave that nobody confirmed lately.
    """
    if question.draft.text is None:
        return missing("C-22", "text")
    found = {mark.code for mark in personal_marks(question)}
    if "blocked hotline" in found:
        return deny("C-22", "blocked hotline")
    if "typed number" in found:
        return deny("C-22", "typed number")
    kinds = [kind for kind in _KINDS if kind in found]
    if kinds:
        return deny("C-22", "holds data", kinds=" ".join(kinds))
    if "asks for data" in found:
        return deny("C-22", "asks for data")
    return deny("C-22", "confirms contract") if found else allow("C-22")


def personal_marks(question: Question) -> Iterator[Mark]:
    """Every place of the draft that C-22 minds. Data that it holds is marked with its kind."""
    text, context, lists = question.draft.text, question.context, question.ruleset.personal
    if text is None:
        return
    draft = draft_of(text, question.ruleset)
    unnamed = blanked(text, (place for _, place in placed_handles(text)))
    called = tuple(_called(question, unnamed))
    yield from called
    uncalled = blanked(unnamed, ((mark.start, mark.end) for mark in called))
    ours = _without_exempt(uncalled, (*context.contacts, *context.hotlines))
    yield from _held(ours, question.ruleset.limits.personal_digits)
    yield from _asked(draft)
    yield from phrase_marks(draft, lists.direct, "asks for data")
    yield from _only_data(text, question.ruleset)
    yield from phrase_marks(draft, lists.relationship, "confirms contract")


def _called(question: Question, text: str) -> Iterator[Mark]:
    """Numbers that somebody in need might call and that no confirmed card holds; in a crisis any number at all."""
    context, crisis = question.context, Lane.CRISIS in (question.snapshot.lanes or ())
    least = _LEAST_CALLED if crisis else question.ruleset.limits.personal_digits
    blocked = [number for number in context.blocked_hotlines if _digits(number) >= least]
    kept = text if crisis else _without_exempt(text, context.contacts)
    for number in blocked:
        for found in _standing_alone(number).finditer(kept):
            yield Mark("blocked hotline", *found.span())
    if not crisis:
        return
    shown = seen(_without_exempt(text, (*context.hotlines, *blocked)))
    numbers = _AT_ANY_HOUR.sub(_blot, _NO_PERSON.sub(_blot, _PLAIN_LINK.sub(_blot, shown.plain)))
    for found in _NUMBER.finditer(numbers):
        if _digits(found[0]) >= least:
            yield Mark("typed number", *shown.span(*found.span()))


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _standing_alone(number: str) -> re.Pattern[str]:
    """Exactly this number, not a part of a longer one."""
    return re.compile(rf"(?<!\d)(?<!\d[ ./-]){re.escape(number)}(?![ ./-]?\d)")


def _without_exempt(text: str, exempt: tuple[str, ...]) -> str:
    """``text`` with our official contacts blotted out, where they stand alone and not inside a longer number."""
    for contact in sorted(filter(None, exempt), key=len, reverse=True):
        text = _standing_alone(contact).sub(_blot, text)
    return text


def _blot(found: re.Match[str]) -> str:
    return ";" * len(found[0])


def _held(text: str, digits: int) -> Iterator[Mark]:
    shown = seen(text)
    numbers = _NO_PERSON.sub(_blot, _PLAIN_LINK.sub(_blot, shown.plain))
    for kind, found in (
        *(("email", found) for found in _EMAIL.finditer(shown.plain)),
        *(("address", found) for found in _ADDRESS.finditer(shown.plain)),
        *(("number", found) for found in _NUMBER.finditer(numbers) if _digits(found[0]) >= digits),
    ):
        yield Mark(kind, *shown.span(*found.span()))


def _asked(draft: Draft) -> Iterator[Mark]:
    """Where we ask people to write their data here: a verb, then the data, nothing that turns it round."""
    lists = draft.ruleset.personal
    nouns, places = phrase_book(lists.nouns), phrase_book(lists.places)
    for clause, start, end in said(draft.told, lists.verbs):
        near = clause.words[start : end + lists.within_words]
        asked = find_phrases(near, nouns)
        around = clause.words[max(0, start - lists.within_words) : end + 2 * lists.within_words]
        if not asked or len(find_phrases(around, places)) > len(find_phrases(near[asked[0][0] : asked[0][1]], places)):
            continue
        conditional = set(clause.words[end : start + asked[0][0]]) & set(lists.conditions)
        if not conditional and not negated(clause.words, start - 1, start + asked[0][0], draft.ruleset):
            yield Mark("asks for data", *clause.span(start, start + asked[0][1]))


def _only_data(text: str, ruleset: Ruleset) -> Iterator[Mark]:
    """Clauses and sentences that are nothing but data and a "please": "Your customer number, please!"."""
    lists = ruleset.personal
    ours = blanked(
        text, [*(place for _, place in placed_handles(text)), *(mark.span() for mark in _SIGNATURE.finditer(text))]
    )
    for clause in (*spoken(ours), *spoken(ours.replace(",", " "))):
        asked = find_phrases(clause.words, phrase_book(lists.nouns))
        given = {place for start, end in asked for place in range(start, end)}
        rest = {word for place, word in enumerate(clause.words) if place not in given}
        if asked and rest & set(lists.polite) and rest <= {*lists.polite, *lists.fillers}:
            yield Mark("asks for data", *clause.span(0, len(clause.words)))
