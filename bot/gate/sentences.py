"""What the desk shows beside a rule: one plain sentence for every answer, in German and English.

Braces name evidence of the result. A rule that is simply content says nothing.
"""

import tomllib
from functools import cache
from importlib import resources

from bot.gate.rule import ATTESTED, MISSING, NOT_OFFERED, OK, SILENT
from bot.gate.table import RULES
from bot.model import Outcome, RuleResult

_FINAL = ("Das lässt sich nicht übergehen.", "This cannot be overridden.")

_EVERY_RULE: dict[str, tuple[str, str]] = {
    OK: ("", ""),
    SILENT: ("Die Plattform hat das noch nicht beantwortet.", "The platform has not answered this yet."),
    NOT_OFFERED: ("Diese Plattform verrät das nicht.", "This platform does not tell."),
    ATTESTED: ("Eine Person hat das bestätigt.", "A person has attested this."),
    MISSING: ("Hier fehlt noch eine Angabe. Sie wird nachgeholt.", "A fact is still missing. It is being fetched."),
}


@cache
def sentences() -> dict[str, tuple[str, str]]:
    """What each answer of each rule says, German and English, by "rule code"; ``sentences.toml`` beside this file."""
    source = resources.files("bot.gate").joinpath("sentences.toml").read_text("utf-8")
    return {
        f"{rule} {code}": (german, english)
        for rule, codes in tomllib.loads(source).items()
        for code, (german, english) in codes.items()
    }


def title(rule_id: str, language: str) -> str:
    """The rule's name on the panel, in German for "de" and in English otherwise."""
    rule = next(rule for rule in RULES if rule.id == rule_id)
    return rule.german if language == "de" else rule.english


def explain(result: RuleResult, language: str) -> str:
    """What the rule found and what comes next, in German for "de" and in English otherwise; "" when all is well."""
    place = 0 if language == "de" else 1
    sentence = (sentences().get(f"{result.rule} {result.code}") or _EVERY_RULE[result.code])[place]
    told = sentence.format(**result.evidence)
    if result.outcome is Outcome.DENY and not result.missing:
        return f"{told} {_FINAL[place]}"
    return told
