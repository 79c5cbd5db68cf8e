"""What a post is about and who speaks: C-06, the topics of C-19 and C-20. Lists stand in ``ruleset.toml``."""

import math
import re
from bisect import bisect_left
from collections.abc import Iterator

from bot.gate.folding import clauses, handles, without_handles, words
from bot.gate.phrases import Clause, find_phrases, negated, phrase_book
from bot.gate.rule import Question, allow, hold_self, missing, note
from bot.gate.ruleset import ChildWords, Phrases, Ruleset, TragedyWords
from bot.model import RuleResult, Trigger

_NUMBER = re.compile(r"\d")
"""Whoever gives times and amounts reports something, however bitterly."""
_LINK = re.compile(r"https?://\S+")
_GLUED = re.compile(r"(\d{1,2})(jährig\w{0,3}|yo|[a-e])")
"""A number that people write without a space: an age, or a school class ("7b")."""
_CLASS_LETTERS = frozenset("abcde")
_BEFORE = 2
"""A "not" this many words before a topic denies it."""

Topics = tuple[str, ...]


def meant_for_us(question: Question) -> RuleResult:
    """C-06: the post asks for help or speaks to the brand, and is no occasion at which a brand keeps quiet.

    Some signs count always, others only where nothing asks for help; nothing told is a note, not a hold.
    """
    snapshot, ruleset = question.snapshot, question.ruleset
    if snapshot.text is None or snapshot.triggers is None or snapshot.own_accounts is None:
        return missing("C-06", "text")
    plain = _LINK.sub(" ", without_handles(snapshot.text))
    lists, spoken, asks = ruleset.occasion, clauses(plain), "?" in plain
    helps = asks or _says(spoken, lists.help)
    told = not asks and not _says(spoken, lists.personal)  # nobody asks, and nobody speaks of themselves
    signs = {
        "politics": _says(spoken, lists.politics) or (not helps and _says(spoken, lists.mild_politics)),
        "protest": _says(spoken, lists.protest),
        "satire": _says(spoken, lists.satire) or (told and _says(spoken, lists.mock_news)),
        "news link": told and _LINK.search(snapshot.text) is not None and _says(spoken, lists.headlines),
        "quarrel": _says(spoken, lists.fellow_posters) or (_to_another(question) and _says(spoken, lists.quarrel)),
        "venting": _says(spoken, lists.no_answer) or (not helps and _says((words(plain),), lists.venting)),
        "sarcasm": bool(snapshot.sarcastic) and told and not helps and _NUMBER.search(plain) is None,
    }
    sign = next((name for name, seen in signs.items() if seen), None)
    if sign is not None:
        return hold_self("C-06", sign)
    addressed = set(snapshot.triggers) - {Trigger.NONE} and _says(spoken, lists.addressing)
    return allow("C-06") if helps or addressed else note("C-06", "undetermined")


def _says(spoken: tuple[Clause, ...], listed: Phrases) -> bool:
    book = phrase_book(listed)
    return any(find_phrases(clause, book) for clause in spoken)


def _to_another(question: Question) -> bool:
    """Whether the first handle that the post names is neither ours nor the author's."""
    named = handles(question.snapshot.text or "")
    ours = {*(question.snapshot.own_accounts or ()), (question.snapshot.author_handle or "").casefold()}
    return bool(named) and named[0] not in ours


def topics(question: Question) -> tuple[Topics, Topics]:
    """C-19: what the post, the quoted post and the thread before it tell of: grave topics, and those in passing."""
    snapshot, lists = question.snapshot, question.ruleset.tragedy
    grave, passing = set[str](), set[str]()
    for text in (snapshot.text or "", *snapshot.quoted_texts, *snapshot.earlier_texts):
        for clause in clauses(_LINK.sub(" ", without_handles(text))):
            grave |= {topic for topic, listed in lists.grave if _tells(clause, listed, question.ruleset)}
            passing |= {topic for topic, listed in lists.passing if _tells(clause, listed, question.ruleset)}
            if _befell_someone(clause, lists):
                grave.add("harm")
    return tuple(sorted(grave)), tuple(sorted(passing))


def _tells(clause: Clause, listed: Phrases, ruleset: Ruleset) -> bool:
    return any(
        not negated(clause, start - _BEFORE, start, ruleset)
        for start, _ in _meant(clause, listed, ruleset.tragedy.figures)
    )


def _meant(clause: Clause, listed: Phrases, figures: Phrases) -> list[tuple[int, int]]:
    """Where the clause says one of the phrases and no figure of speech stands over it."""
    found = find_phrases(clause, phrase_book(listed))
    if not found:
        return []
    covered = {place for start, end in find_phrases(clause, phrase_book(figures)) for place in range(start, end)}
    return [(start, end) for start, end in found if covered.isdisjoint(range(start, end))]


def _befell_someone(clause: Clause, lists: TragedyWords) -> bool:
    """Whether a word that things and people share ("dead") is said of a person: the nearest noun decides.

    A person whose thing it is ("bei meiner Mutter ist die Leitung tot", "der Anschluss meiner Eltern") does not count.
    """
    shared = [start for start, _ in _meant(clause, lists.befalls, lists.figures)]
    if not shared:
        return False
    things = [place for place, _ in find_phrases(clause, phrase_book(lists.things))]
    people = [
        place
        for place, _ in find_phrases(clause, phrase_book(lists.people))
        if not set(clause[max(0, place - 2) : place]) & set(lists.places_of)
        and not (things and set(clause[max(0, place - 1) : place]) & set(lists.owners))
    ]
    return any(_gap(place, people) < _gap(place, things) for place in shared)


def _gap(place: int, among: list[int]) -> float:
    """How far the nearest of ``among``, in ascending order, is from ``place``; infinite when there is none."""
    after = bisect_left(among, place)
    return min((abs(found - place) for found in among[max(0, after - 1) : after + 1]), default=math.inf)


def no_child_writes(question: Question) -> RuleResult:
    """C-20: the author does not tell an age under 16, a school class, or what their parents allow."""
    if question.snapshot.text is None:
        return missing("C-20", "text")
    cue = _cue_of_a_child(question.snapshot.text, question.ruleset.child)
    return hold_self("C-20", "child", cue=cue) if cue else allow("C-20")


def _cue_of_a_child(text: str, lists: ChildWords) -> str:
    """The class of the cue, "" for none."""
    spoken = tuple(_with_digits(words(_LINK.sub(" ", without_handles(text))), lists))
    if find_phrases(spoken, phrase_book(lists.parents)):
        return "parents"
    if any(_in_school(spoken, *place, lists) for place in find_phrases(spoken, phrase_book(lists.school))):
        return "class"
    told = any(_is_young(spoken, *place, lists) for place in find_phrases(spoken, phrase_book(lists.told)))
    if told or any(_of_age(spoken, *place, lists) for place in find_phrases(spoken, phrase_book(lists.ages))):
        return "age"
    return ""


def _with_digits(spoken: Clause, lists: ChildWords) -> Iterator[str]:
    """The words with numbers as digits: "zwölf" as "12", "7b" as "7 klasse", "14jährig" as "14 jährig"."""
    for word in spoken:
        glued = _GLUED.fullmatch(word)
        if glued:
            yield glued[1]
            yield "klasse" if glued[2] in _CLASS_LETTERS else glued[2]
        else:
            yield str(lists.numbers.get(word, word))


def _number(spoken: Clause, start: int, end: int) -> int:
    """The number among these words, 0 for none that is an age or a class."""
    found = (re.match(r"\d{1,2}(?!\d)", word) for word in spoken[start:end])
    return next((int(number[0]) for number in found if number), 0)


def _in_school(spoken: Clause, start: int, end: int, lists: ChildWords) -> bool:
    number = _number(spoken, start, end)
    return lists.lowest_class <= number <= lists.highest_class and spoken[end : end + 1] not in {("of",), ("with",)}


def _is_young(spoken: Clause, start: int, end: int, lists: ChildWords) -> bool:
    return lists.lowest_age <= _number(spoken, start, end) < lists.grown_at


def _of_age(spoken: Clause, start: int, end: int, lists: ChildWords) -> bool:
    """Whether "I am 12" tells an age: no unit or other noun follows, and nobody says "as if"."""
    if not _is_young(spoken, start, end, lists):
        return False
    if set(spoken[max(0, start - 1) : start]) & set(lists.as_if):
        return False
    rest = spoken[end : end + 2]
    if find_phrases(rest, phrase_book(lists.old))[:1] in {((0, 1),), ((0, 2),)}:
        return True
    bare_age = not find_phrases(spoken[start:end], phrase_book(lists.needs_old))
    return bare_age and (not rest or rest[0] in lists.goes_on)
