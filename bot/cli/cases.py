"""approve, retract, stop: the desk's acts for a terminal, through the same review."""

import click

from bot.cli.common import as_json, json_option, person, user_option, wired
from bot.errors import EarshotError
from bot.gate.sentences import explain
from bot.model import Decision, Outcome
from bot.review import acts, outgoing
from bot.review.decide import preview
from bot.store import drafts, mentions
from bot.store import house as house_rows


@click.command()
@click.argument("case", type=int)
@user_option
@click.option("--text", help="The exact text to publish; default: the prepared draft.")
@click.option("--yes", is_flag=True, help="Do not ask before approving.")
@json_option
def approve(case: int, user_name: str, text: str | None, *, yes: bool, json_: bool) -> int:
    """Show post, draft and gate of a CASE, and approve the exact text."""
    wiring = wired()
    store = wiring.stores()
    house, user = wiring.house(store), person(store, user_name)
    with store.write() as tx:
        acts.open_case(tx, house, case, user, wiring.clock.now())
    draft = drafts.open_of_case(store, case)
    if draft is None:
        raise EarshotError("This case cannot be answered: nobody addressed us there, or it has its reply.")
    exact = acts.signed(house, draft, user) if text is None else text
    mention = mentions.by_id(store, draft["mention_id"])
    if not json_ and mention is not None:
        click.echo(f"@{mention['author_handle']}: {click.style(_plain(mention['text']), bold=True)}\n")
        click.echo(f"{exact}\n")
        _print_gate(preview(store, house, draft["id"], now=wiring.clock.now(), text=exact, user=user))
    if not yes and not click.confirm("Publish exactly this text?"):
        return 1
    with store.write() as tx:
        verdict = acts.approve(
            tx, house, draft["id"], version=draft["version"], text=exact, user=user, now=wiring.clock.now()
        )
    if json_:
        as_json({"verdict": verdict.kind, "entry": verdict.seq, "dispatch": verdict.dispatch_id})
    else:
        _print_gate(verdict.decision)
        click.echo(f"{verdict.kind}; ledger entry {verdict.seq}")
    return 0 if verdict.kind in {"queued", "waiting"} else 1


def _plain(text: str) -> str:
    """A hostile text without the control characters that a terminal would obey."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _print_gate(decision: Decision) -> None:
    click.echo(f"gate: {decision.outcome}")
    for result in decision.results:
        if result.outcome is not Outcome.ALLOW:
            click.echo(f"  {result.rule} {result.outcome:<11} {explain(result, 'en')}")


@click.command()
@click.argument("dispatch", type=int)
@user_option
@click.option("--reason", prompt=True, help="Why the reply is taken back.")
def retract(dispatch: int, user_name: str, reason: str) -> None:
    """Take back our own published reply; the worker deletes it."""
    wiring = wired()
    store = wiring.stores()
    with store.write() as tx:
        outgoing.retract(
            tx, wiring.house(store), dispatch, reason=reason, user=person(store, user_name), now=wiring.clock.now()
        )
    click.echo("The worker takes it back within seconds.")


@click.command()
@click.option("--user", "user_name", metavar="NAME", help="Who acts; needed to lift.")
@click.option("--reason", default="by the operator", help="Why everything stops.")
@click.option("--lift", is_flag=True, help="Agree to lift the stop; two people must.")
def stop(user_name: str | None, reason: str, *, lift: bool) -> None:
    """Stop everything that goes out, at once."""
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    house = wiring.house(store)
    if lift and user_name is None:
        raise click.UsageError("Lifting needs --user.")
    with store.write() as tx:
        user = None if user_name is None else person(tx, user_name)
        if lift and user is not None:
            lifted = outgoing.lift_stop(tx, house, user=user, now=now)
        else:
            outgoing.stop(tx, house, reason=reason, user=user, now=now)
            lifted = False
    standing = house_rows.stop(store)
    click.echo("Sending goes on." if lifted or standing is None else "Nothing goes out. Two people lift it: --lift.")
