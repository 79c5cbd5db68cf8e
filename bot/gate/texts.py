"""What each rule does, for people: one plain sentence, its thresholds, and its answer when a fact is missing."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from bot.gate.ruleset import Limits
from bot.gate.table import RULES

AFTER_SENDING = "C-34"
"""The rule that is asked after a reply was sent, by ``readback``; it stands in no decision and so not in the table."""

Missing = Literal["denies", "waits", "passes"]
"""What a rule answers when it lacks a fact. ``denies``: it waits while people look, and denies at dispatch."""


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule for people. ``limits`` are names of ``Limits``; each pair is German and English."""

    id: str
    title: tuple[str, str]
    does: tuple[str, str]
    missing: Missing
    limits: tuple[str, ...]


@cache
def rule_texts() -> tuple[RuleText, ...]:
    """Every rule of the table, in its order, and the one after sending; the sentences stand in ``rules.toml``."""
    known = _source()
    titles = {rule.id: (rule.german, rule.english) for rule in RULES}
    titles[AFTER_SENDING] = tuple(known[AFTER_SENDING]["title"])
    return tuple(
        RuleText(
            id=rule,
            title=titles[rule],
            does=tuple(known[rule]["does"]),
            missing=known[rule]["missing"],
            limits=tuple(known[rule].get("limits", ())),
        )
        for rule in titles
    )


def threshold(name: str, limits: Limits, language: str) -> str:
    """A threshold in words, in German for "de" and in English otherwise: "who names us: 7 days"."""
    german, english = _source()["limits"][name]
    return str(german if language == "de" else english).format(n=getattr(limits, name))


@cache
def _source() -> dict[str, Any]:
    return tomllib.loads(resources.files("bot.gate").joinpath("rules.toml").read_text("utf-8"))
