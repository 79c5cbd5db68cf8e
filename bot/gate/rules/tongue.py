"""In which language and in which form of address a reply is written, and who may approve it: C-31."""

import re
from collections.abc import Iterator

from bot.gate.folding import Spoken, without_handles, words
from bot.gate.marks import Mark, draft_of
from bot.gate.phrases import word_set
from bot.gate.rule import Question, allow, hold_second, hold_self, missing, note
from bot.model import RuleResult

_NO_PROSE = re.compile(r"https?://\S+|\^\w{1,12}")
_CLEARLY = 2
"""So many times as many words as the next language must speak for a language."""
_LETTERS = re.compile(r"[a-zäöüé0-9_'’]+|ß+|[\w'’]*ß[\w'’]*")
"""Words as German and English write them."""

OTHER = "other"
"""A language that we have no list for, known by its letters."""

_FORMS = ("du", "sie")


def right_language(question: Question) -> RuleResult:
    """C-31: the post's language, a person who is at home in it, and the form of address that the post asks for."""
    text, allowed = question.draft.text, question.context.reply_languages
    if text is None:
        return missing("C-31", "text")
    tongue = tongue_of(text, question)
    if tongue and not _competent(question, tongue):
        return hold_second("C-31", "not competent", language=tongue, text=question.draft_hash)
    if allowed == ():
        return hold_self("C-31", "none of ours", text=question.draft_hash)
    found = {mark.code for mark in tongue_marks(question)}
    if "other language" in found:
        return hold_self("C-31", "other language", language=tongue, text=question.draft_hash)
    if found:
        return hold_self("C-31", "form of address", asked=question.draft.address, text=question.draft_hash)
    return _known(tongue, allowed)


def _known(tongue: str, allowed: tuple[str, ...] | None) -> RuleResult:
    if allowed is None:
        return note("C-31", "unknown post")
    return allow("C-31") if tongue else note("C-31", "undetermined")


def tongue_marks(question: Question) -> Iterator[Mark]:
    """Every place of the draft that C-31 minds: the whole text in another language, or words of address."""
    text, allowed = question.draft.text, question.context.reply_languages
    if text is None:
        return
    tongue = tongue_of(text, question)
    if tongue and allowed and tongue not in allowed:
        yield Mark("other language", 0, len(text))
    else:
        yield from address_marks(question)


def tongue_of(text: str, question: Question) -> str:
    """The language whose small words the text uses most, ``OTHER``, or "" when that is not clear."""
    brand = word_set(tuple(question.context.brand_words))
    told = [word for word in words(_NO_PROSE.sub(" ", without_handles(text))) if word not in brand]
    counted = {
        tongue: sum(map(word_set(listed).__contains__, told))
        for tongue, listed in question.ruleset.tongue.function_words.items()
    }
    (best, most), (_, next_most) = sorted(counted.items(), key=lambda pair: -pair[1])[:2]
    if most and most >= _CLEARLY * next_most:
        return best
    return OTHER if sum(not _LETTERS.fullmatch(word) for word in told) >= _CLEARLY else ""


def _competent(question: Question, tongue: str) -> bool:
    """Whether someone who approved this text answers in its language; nobody has to before anybody approved."""
    given = [found for found in question.context.approvals if found.text_hash == question.draft_hash]
    return not given or any(not found.languages or tongue in found.languages for found in given)


def address_marks(question: Question) -> Iterator[Mark]:
    """German words of address in the form that the post does not use; of a mixture, the rarer form."""
    text, asked = question.draft.text, question.draft.address
    if text is None or tongue_of(text, question) != "de":
        return
    draft = draft_of(text, question.ruleset)
    lists = question.ruleset.tongue.address
    found: dict[str, list[Mark]] = {form: [] for form in _FORMS}
    for clause in draft.told:
        for place, word in enumerate(clause.words):
            mark = Mark("form of address", *clause.spans[place])
            if word in lists.informal:
                found["du"].append(mark)
            elif word in lists.formal and _formal(text, clause, place, question):
                found["sie"].append(mark)
    wrong = {"du": "sie", "sie": "du"}.get(asked) or min(_FORMS, key=lambda form: len(found[form]))
    yield from found[wrong]


def _formal(text: str, clause: Spoken, place: int, question: Question) -> bool:
    """Whether "Sie" or "Ihr" means the reader: with a capital, and not only because a sentence begins."""
    start = clause.spans[place][0]
    if not text[start].isupper():
        return False
    if _INSIDE.search(text, max(0, start - 4), start):
        return True
    following = clause.words[place + 1 : place + 2]
    return (
        clause.words[place] == "sie"
        and bool(following)
        and following[0] in question.ruleset.tongue.address.formal_starts
    )


_INSIDE = re.compile(r"[^\W_][,;]?[ \n]+$")
"""What stands before a word inside a sentence."""
