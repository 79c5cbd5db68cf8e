"""try: what a text would do, step by step, with nothing stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bot.assess import analyse, relevant
from bot.cli.common import wired
from bot.cli.screen import as_json, columns, json_option, plain
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.model import Finding, Match, Triage, Trigger
from bot.responder import answered_in, form_of_address, prepare
from bot.triage import spoken, triage
from bot.triage_words import reason_words
from bot.watch.compile import Matcher
from bot.watch.explain import Explanation, MissingGroup, explain

_SHOWN_TERMS = 4
"""So many words of a missing group show what it is about."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out for one text."""

    watches: tuple[Explanation, ...]
    findings: Sequence[Finding]
    triage: Triage
    draft: str
    no_draft: str


@click.command("try")
@click.argument("text")
@click.option("--folder", type=click.Path(path_type=Path), help="Configuration folder; default EARSHOT_CONFIG_DIR.")
@click.option("--heard", is_flag=True, help="As if the post did not address us and only a watch heard it.")
@json_option
def try_(text: str, folder: Path | None, *, heard: bool, json_: bool) -> None:
    """Show what a text would do: watches, findings, lane, draft.

    Nothing is stored.
    """
    wiring = wired(config_dir=folder)
    config = load(wiring.settings.config_dir)
    text = text.encode(errors="replace").decode()
    matcher, findings = wiring.matcher(config), analyse(wiring.detectors_under(config), [text])[0]
    matches = matcher.match(text, spoken(findings))
    findings.append(relevant(wiring.relevance(config).of, matches, text))
    trial = _try(config, matcher, text, findings, heard=heard)
    if json_:
        as_json(_shown(trial))
    else:
        _print(trial)


def _try(config: ConfigSet, matcher: Matcher, text: str, findings: Sequence[Finding], *, heard: bool) -> Trial:
    language = spoken(findings)
    decided = triage(
        text=text,
        findings=findings,
        matches=matcher.match(text, language),
        triggers=(Trigger.NONE if heard else Trigger.MENTION,),
        rules=config.triage,
    )
    prepared = prepare(
        brand=config.brand,
        templates=config.templates,
        lane=decided.lane,
        topic=decided.topic,
        language=language,
        address=form_of_address(text),
        seed=0,
    )
    watches = explain(matcher, text, language)
    if heard:
        return Trial(watches, findings, decided, "", "none: nobody addressed us, so nobody is answered")
    if not answered_in(config.brand, language):
        return Trial(watches, findings, decided, "", f"none: brand.yaml names no language to answer '{language}' in")
    if prepared is None:
        return Trial(watches, findings, decided, "", "none: here a person finds the words")
    return Trial(watches, findings, decided, prepared.text, "")


def _shown(trial: Trial) -> dict[str, object]:
    return {
        "watches": [{"watch": told.watch, "fired": told.fired, "why": _why(told)} for told in trial.watches],
        "findings": [
            {"detector": found.detector, "label": found.label, "score": found.score, "why": found.reason}
            for found in trial.findings
        ],
        "lane": trial.triage.lane,
        "priority": trial.triage.priority,
        "topic": trial.triage.topic,
        "reason": reason_words(trial.triage.reason, "en"),
        "draft": trial.draft or None,
    }


def _print(trial: Trial) -> None:
    told = sorted((told for told in trial.watches if told.fired or told.nearly), key=lambda told: not told.fired)
    click.echo("Watches")
    columns([("heard" if each.fired else "nearly", each.watch, _why(each)) for each in told] or [("none",)])
    click.echo("\nFindings (scores of 1000)")
    columns([(found.detector, _label(found), str(found.score or "-"), found.reason) for found in trial.findings])
    decided = trial.triage
    click.echo(f"\nLane\n  {decided.lane}, {decided.priority}: {reason_words(decided.reason, 'en')}")
    click.echo(f"\nDraft\n  {plain(trial.draft or trial.no_draft)}")


def _label(found: Finding) -> str:
    return "failed" if found.failed else found.label


def _why(told: Explanation) -> str:
    """Which words were heard, and what kept the watch from firing."""
    if not told.hits:
        return ""
    words = ", ".join(_terms(told.hits))
    if told.stopped_by:
        return f"{words}; stopped by {', '.join(_terms(told.stopped_by))}"
    if told.missing:
        return f"{words}; {'; '.join(map(_missing, told.missing))}"
    return f"{words}; limited to other {', '.join(told.limits)}" if told.limits else words


def _missing(group: MissingGroup) -> str:
    shown = ", ".join(group.terms[:_SHOWN_TERMS])
    more = f" or {len(group.terms) - _SHOWN_TERMS} more" if len(group.terms) > _SHOWN_TERMS else ""
    return f"needs one of {shown}{more}"


def _terms(matches: Sequence[Match]) -> list[str]:
    return [f"{match.term} ({match.rule})" for match in dict.fromkeys(matches)]
