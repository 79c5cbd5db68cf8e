"""The words of a draft that rules mind, each with a suggestion, for whoever writes. The rules decide from the same."""

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from bot.gate.marks import Mark
from bot.gate.rule import Question
from bot.gate.rules import commitments, personal, speech, tone, tongue

_RULES: tuple[tuple[str, Callable[[Question], Iterator[Mark]]], ...] = (
    ("C-16", speech.speech_marks),
    ("C-22", personal.personal_marks),
    ("C-24", tone.advertising_marks),
    ("C-26", tone.trait_marks),
    ("C-31", tongue.tongue_marks),
    ("C-32", commitments.commitment_marks),
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A place of the draft (half-open, in code points) that ``rule`` minds, why, and what to write instead."""

    start: int
    end: int
    rule: str
    code: str
    german: str
    english: str


def hits(question: Question) -> tuple[Hit, ...]:
    """Every place of the draft that a rule on our own words minds, from left to right, the longer first, none twice."""
    found = {
        Hit(mark.start, mark.end, rule, mark.code, *suggestions()[f"{rule} {mark.code}"])
        for rule, marks in _RULES
        for mark in marks(question)
    }
    return tuple(sorted(found, key=lambda hit: (hit.start, -hit.end, hit.rule, hit.code)))


@cache
def suggestions() -> dict[str, tuple[str, str]]:
    """Why and what instead, German and English, by "rule code"; ``suggestions.toml`` beside this file."""
    source = resources.files("bot.gate").joinpath("suggestions.toml").read_text("utf-8")
    return {
        f"{rule} {code}": (german, english)
        for rule, codes in tomllib.loads(source).items()
        for code, (german, english) in codes.items()
    }
