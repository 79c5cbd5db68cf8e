"""gate: the whole decision about a case's reply, and why. A look that changes nothing."""

import click

from bot.cli.common import wired
from bot.cli.screen import as_json, columns, json_option, plain
from bot.errors import EarshotError
from bot.gate.decide import releasable
from bot.gate.sentences import explain, title
from bot.model import Decision, RuleResult
from bot.review.decide import preview
from bot.store import cases, drafts
from bot.store.db import Reader, Row


@click.command()
@click.option("--case", "case_id", type=int, required=True, metavar="N", help="Which case.")
@click.option("--language", type=click.Choice(["de", "en"]), default="en", show_default=True, help="Of the sentences.")
@json_option
def gate(case_id: int, language: str, *, json_: bool) -> None:
    """Show what the gate says about a case's reply: every rule with its answer and what it rests on.

    It asks as the desk's panel does: nothing is decided, logged or counted, and the post is not fetched again.
    """
    wiring = wired()
    store = wiring.stores()
    draft = _draft(store, case_id)
    decision = preview(store, wiring.house(store), draft["id"], now=wiring.clock.now())
    if json_:
        as_json(
            {
                "case": case_id,
                "draft": draft["id"],
                "version": draft["version"],
                "outcome": decision.outcome.value,
                "ruleset": decision.ruleset,
                "rules": [_rule(result, language) for result in decision.results],
            }
        )
        return
    click.echo(f"Case {case_id}, reply {draft['id']}, version {draft['version']}\n")
    click.echo("\n".join(f"  {line}" for line in plain(draft["text"]).splitlines()) or "  (empty)")
    _print(decision, language)


def _draft(reader: Reader, case_id: int) -> Row:
    """The reply that is being written, else the newest one."""
    if cases.by_id(reader, case_id) is None:
        raise EarshotError(f"There is no case {case_id}. List the open ones: earshot approve --user NAME")
    draft = drafts.open_of_case(reader, case_id) or drafts.newest_of_case(reader, case_id)
    if draft is None:
        raise EarshotError(f"Case {case_id} has no reply to ask about. Opening the case at the desk prepares one.")
    return draft


def _rule(result: RuleResult, language: str) -> dict[str, object]:
    return {
        "rule": result.rule,
        "title": title(result.rule, language),
        "outcome": result.outcome.value,
        "code": result.code,
        "sentence": explain(result, language),
        "evidence": dict(result.evidence),
        "missing": result.missing,
        "released": result.released,
        "releasable": releasable(result),
    }


def _print(decision: Decision, language: str) -> None:
    click.echo(f"\nThe gate: {decision.outcome}\n")
    columns([_line(result, language) for result in decision.results])
    click.echo(f"\n{len(decision.results)} rules asked, {len(decision.open_rules)} stand against it.")
    click.echo(f"Ruleset {decision.ruleset}. A look only: nothing was decided or logged.")


def _line(result: RuleResult, language: str) -> tuple[str, ...]:
    evidence = " ".join(f"{name}={value}" for name, value in sorted(result.evidence.items()))
    told = [explain(result, language), f"({evidence})" if evidence else ""]
    return result.rule, result.outcome.value, title(result.rule, language), plain(" ".join(filter(None, told)))
