"""try: what a text would do, step by step, with nothing stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bot.assess import analyse
from bot.cli.common import as_json, json_option, wired
from bot.config.load import load
from bot.config.models import ConfigSet
from bot.model import Finding, Match, Triage, Trigger
from bot.responder import form_of_address, prepare
from bot.triage import triage
from bot.triage_words import reason_words
from bot.watch.compile import Matcher
from bot.watch.explain import Explanation, explain


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out for one text."""

    watches: tuple[Explanation, ...]
    findings: Sequence[Finding]
    triage: Triage
    draft: str


@click.command("try")
@click.argument("text")
@click.option("--folder", type=click.Path(path_type=Path), help="Configuration folder; default EARSHOT_CONFIG_DIR.")
@click.option("--heard", is_flag=True, help="As if the post did not address us and only a watch heard it.")
@json_option
def try_(text: str, folder: Path | None, *, heard: bool, json_: bool) -> None:
    """Show what TEXT would do: watches, findings, lane, and the draft that would be prepared."""
    wiring = wired(config_dir=folder)
    config = load(wiring.settings.config_dir)
    findings = analyse(wiring.detectors, [text])[0]
    trial = _try(config, wiring.matcher(config), text, findings, heard=heard)
    if json_:
        as_json(_shown(trial))
    else:
        _print(trial)


def _try(config: ConfigSet, matcher: Matcher, text: str, findings: Sequence[Finding], *, heard: bool) -> Trial:
    language = next((finding.label for finding in findings if finding.detector == "language"), "")
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
    draft = "" if heard or prepared is None else prepared.text
    return Trial(explain(matcher, text, language), findings, decided, draft)


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
    for told in trial.watches:
        if told.fired or told.nearly:
            click.echo(f"watch    {told.watch:<16} {'heard' if told.fired else 'nearly':<12} {_why(told)}")
    for found in trial.findings:
        click.echo(f"finding  {found.detector:<16} {found.label:<12} {found.score:>4}  {found.reason}")
    decided = trial.triage
    click.echo(f"lane     {decided.lane}, {decided.priority}: {reason_words(decided.reason, 'en')}")
    click.echo(f"draft    {trial.draft or 'none: a person writes, or nobody answers'}")


def _why(told: Explanation) -> str:
    if not told.hits:
        return ""
    words = ", ".join(_terms(told.hits))
    if told.stopped_by:
        return f"{words}; stopped by {', '.join(_terms(told.stopped_by))}"
    if told.missing:
        return f"{words}; nothing of {'; '.join(missing.group for missing in told.missing)}"
    return f"{words}; limited to other {', '.join(told.limits)}" if told.limits else words


def _terms(matches: Sequence[Match]) -> list[str]:
    return [f"{match.term!r} ({match.rule})" for match in dict.fromkeys(matches)]
