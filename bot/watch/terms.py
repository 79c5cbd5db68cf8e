"""The language of terms: what one line of a watch means, and which lines are refused because they mean nothing.

    Störung            a phrase, as whole words, in every spelling that folds alike
    stör*  *anschluss  an asterisk at an end opens that end to the rest of a longer word
    =EE                exactly these capitals and small letters
    #fjordfon  @handle a hashtag or a handle; a plain word hits both kinds too

A "~" before a term belongs to the list it stands in and is taken off before it comes here. This module reads no
files and knows no texts; where a term stands in the configuration is its caller's knowledge.
"""

import unicodedata
from dataclasses import dataclass

from bot.errors import EarshotError
from bot.watch.fold import fold, plain

_GERMAN = """
    aber alle alles als also am an auch auf aus bei beim bin bis bist da damit dann das dass dein dem den denn
    der des dich die dies diese dieser dir doch du ein eine einem einen einer er es euch euer für habe haben hat
    hier ich ihm ihn ihnen ihr im in ist ja jetzt kann kein keine man mehr mein mich mir mit nach nein nicht
    nichts noch nun nur ob oder ohne schon sehr sein seine sich sie sind so über um und uns unser vom von vor
    war was weil wenn wer wie wieder wir wird wo zu zum zur
"""
_ENGLISH = """
    a about after all also am an and any are as at be been but by can did do does for from get got had has have
    he her him his how i if in into is it its just like me more my no not now of off on one only or our out she
    so some than that the their them then there these they this to too up us very was we were what when where
    which who why will with would yes you your
"""
_FUNCTION_WORDS = frozenset(fold(_GERMAN + _ENGLISH).split())
_SHORTEST_WORD = 3
"""Letters that a plain term needs; "5g" alone stands in too many other things."""
_SHORTEST_MARKED = 2
"""Letters that a term needs whose capitals count, or that is a hashtag or a handle."""


class TermError(EarshotError):
    """A term that would hear nothing, or nearly everything. The message says why and what to write instead."""


@dataclass(frozen=True, slots=True)
class Term:
    """One parsed term. ``folded`` is searched for; ``cased`` is its spelling with capitals, compared if ``exact``."""

    text: str
    folded: str
    cased: str
    exact: bool = False
    open_start: bool = False
    open_end: bool = False

    @property
    def is_special(self) -> bool:
        """Whether a hit between word boundaries is not all there is to it."""
        return self.exact or self.open_start or self.open_end


def parse_term(text: str) -> Term:
    """Parse one term as it is written in a watch.

    Raises:
        TermError: the term is empty, holds no letter, digit or emoji, is too common to be heard on its own,
            or uses "~" or "*" where they mean nothing.
    """
    written = text.strip()
    exact = written.startswith("=")
    body = written.removeprefix("=").strip()
    core = body.strip("*").strip()
    term = Term(
        text=text,
        folded=fold(core),
        cased=plain(core),
        exact=exact,
        open_start=body.startswith("*"),
        open_end=body.endswith("*"),
    )
    _refuse_meaningless(term)
    _refuse_common(term)
    return term


def _refuse_meaningless(term: Term) -> None:
    if not term.text.strip():
        raise TermError("The term is empty. Write a word or a phrase, or delete the line.")
    if not any(char.isalnum() or unicodedata.category(char) == "So" for char in term.folded):
        raise TermError(f'"{term.text}" has no letter, digit or emoji. Write the word that belongs to it.')
    if term.folded.startswith("~"):
        raise TermError(f'"{term.text}" begins with "~", which only excludes inside "any". Write the term without it.')
    if "*" in term.folded:
        raise TermError(f'"{term.text}" has "*" inside. It may only stand at the beginning or the end; make two terms.')


def _refuse_common(term: Term) -> None:
    if _is_short(term):
        remedy = f'"={term.cased}" for exactly these letters' if _can_be_exact(term) else "add the words around it"
        raise TermError(f'"{term.text}" is so short that it hits too much. Write a longer term, or {remedy}.')
    words = term.folded.split()
    distinct = term.exact and (len(words) > 1 or term.cased.isupper())
    if _FUNCTION_WORDS.issuperset(words) and not distinct:
        raise TermError(f'"{term.text}" stands in nearly every post. Add the word that makes it yours, such as a name.')


def _is_short(term: Term) -> bool:
    if not term.folded.isascii():
        return len(term.folded) == 1 and term.folded.isalnum()
    marked = term.exact or term.folded[0] in "#@"
    shortest = _SHORTEST_MARKED if marked and not (term.open_start or term.open_end) else _SHORTEST_WORD
    return len(term.folded.lstrip("#@")) < shortest


def _can_be_exact(term: Term) -> bool:
    return not (term.exact or term.open_start or term.open_end) and len(term.folded) == _SHORTEST_MARKED
