"""approve, retract, stop: the desk's acts for a terminal, through the same review."""

import time
from collections.abc import Sequence

import click

from bot.cli.common import person, user_option, wired
from bot.cli.screen import as_json, columns, json_option, plain
from bot.detectors.personal_data import mask
from bot.errors import EarshotError
from bot.gate.sentences import explain
from bot.model import SHIELDED_LANES, Decision, Outcome, Role, Span
from bot.review import acts, care, outgoing
from bot.review.acts import Verdict
from bot.review.decide import preview
from bot.review.house import House
from bot.store import cases, drafts, mentions, queue, status
from bot.store import house as house_rows
from bot.store.db import Reader, Row, Store

LOOK_S = 10.0
"""Seconds that ``approve`` waits for the worker to look at the post again."""

_LISTED = 50
_TEASER = 60


@click.command()
@click.argument("case", type=int, required=False)
@user_option
@click.option("--text", help="The exact text to publish; default: the prepared draft.")
@click.option("--yes", is_flag=True, help="Do not ask before approving.")
@click.option("--reveal", is_flag=True, help="Show what is covered: words behind the shield, personal data.")
@json_option
def approve(case: int | None, user_name: str, text: str | None, *, yes: bool, reveal: bool, json_: bool) -> int:
    """Show a case with its gate, and approve the exact text.

    Without CASE, list the open cases. A worker must run: it looks at the post again before anyone may answer, and it
    sends what was approved.
    """
    wiring = wired()
    store = wiring.stores()
    user = person(store, user_name)
    if user["role"] == Role.GUEST:
        raise EarshotError("The role guest sees no case and approves nothing. An agent or a senior can.")
    if case is None:
        _print_cases(store, wiring.clock.now(), json_=json_)
        return 0
    house = wiring.house(store)
    draft = _open(store, house, case, user, wiring.clock.now())
    if text is None and not draft["text"].strip():
        raise EarshotError("Nobody prepares a reply here. Give your own words with --text.")
    exact = acts.signed(store, house, draft, user) if text is None else text
    if not json_:
        if reveal:
            _count_reveal(store, house, case, user, wiring.clock.now())
        _print_case(store, case, draft, exact, reveal=reveal)
    if not json_ and not yes:
        decision = preview(store, house, draft["id"], now=wiring.clock.now(), text=exact, user=user)
        _print_gate("The gate", decision)
    if not yes and not click.confirm("Publish exactly this text?"):
        return 1
    with store.write() as tx:
        verdict = acts.approve(
            tx, house, draft["id"], version=draft["version"], text=exact, user=user, now=wiring.clock.now()
        )
    if json_:
        as_json({"verdict": verdict.kind, "entry": verdict.seq, "dispatch": verdict.dispatch_id})
    else:
        _print_verdict(verdict, house)
    return 0 if verdict.kind in {"queued", "waiting"} else 1


def _open(store: Store, house: House, case_id: int, user: Row, now: int) -> Row:
    """Take the case, let the worker look at its post again, and return the draft."""
    with store.write() as tx:
        if cases.by_id(tx, case_id) is None:
            raise EarshotError(f"There is no case {case_id}.")
        acts.open_case(tx, house, case_id, user, now)
    draft = drafts.open_of_case(store, case_id)
    if draft is None:
        raise EarshotError("This case cannot be answered: nobody addressed us there, or it has its reply.")
    deadline = time.monotonic() + LOOK_S
    while house_rows.health(store) and status.is_asked(store, draft["mention_id"]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return draft


def _print_cases(reader: Reader, now: int, *, json_: bool) -> None:
    found = queue.listed(reader, queue.Wanted(), now=now, limit=_LISTED)
    if json_:
        told = ("id", "lane", "priority", "state", "platform", "author_handle", "topic", "language")
        as_json([{name: row[name] for name in told} for row in found])
        return
    personal = queue.personal_of(reader, [row["latest_mention"] for row in found])
    columns([_line(row, personal.get(row["latest_mention"], ([], ""))[0]) for row in found], indent=0)
    if not found:
        click.echo("No case is open.")


def _line(row: Row, personal: Sequence[Span]) -> tuple[str, ...]:
    author = f"@{plain(row['author_handle'])}"
    return f"{row['id']:>5}", row["lane"], row["priority"], row["state"], author, _tease(row, personal)


def _tease(row: Row, personal: Sequence[Span]) -> str:
    if row["lane"] in SHIELDED_LANES or row["not_assessed"]:
        return "(behind the shield)"
    words = " ".join(plain(mask(row["teaser"], personal)).split())
    return words if len(words) <= _TEASER else f"{words[:_TEASER].rstrip()}…"


def _print_case(reader: Reader, case_id: int, draft: Row, text: str, *, reveal: bool) -> None:
    case, mention = cases.by_id(reader, case_id), mentions.by_id(reader, draft["mention_id"])
    if case is None or mention is None:
        raise EarshotError("The post behind this case is gone.")
    shielded = (case["lane"] in SHIELDED_LANES or case["not_assessed"]) and not reveal
    personal, _ = ([], "") if reveal else queue.personal_of(reader, [mention["id"]]).get(mention["id"], ([], ""))
    words = "(behind the shield; --reveal shows it)" if shielded else plain(mask(mention["text"], personal))
    if mention["sealed_at"] is not None:
        words = "(sealed until its platform says that it still stands)"
    click.echo(f"Case {case_id}: {case['lane']}, {case['priority']}\n")
    click.echo(f"@{plain(mention['author_handle'])} wrote\n{_block(words)}\n")
    if personal and not shielded:
        click.echo("Personal data is covered; --reveal shows it.\n")
    click.echo(f"The reply\n{_block(plain(text))}\n")


def _count_reveal(store: Store, house: House, case_id: int, user: Row, now: int) -> None:
    """What stands behind the shield is read here as at the desk: by who may, and counted."""
    case = cases.by_id(store, case_id)
    if case is not None and (case["lane"] in SHIELDED_LANES or case["not_assessed"]):
        with store.write() as tx:
            care.reveal(tx, house, case, "shown_words", user=user, now=now)


def _block(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines() or [""])


def _print_gate(title: str, decision: Decision) -> None:
    """What stands against the reply or should be known. C-13, the approval itself, is what is being asked for."""
    told = [each for each in decision.results if each.outcome is not Outcome.ALLOW and each.rule != "C-13"]
    click.echo(f"{title}: {'' if told else 'nothing stands against it'}".rstrip())
    columns([(each.rule, each.outcome.value, explain(each, "en")) for each in told])
    click.echo()


def _print_verdict(verdict: Verdict, house: House) -> None:
    sentences = {
        "queued": f"Approved. Reply {verdict.dispatch_id} leaves in {house.brand.countdown_seconds} seconds.",
        "waiting": "Approved by you. A second person must approve the same text.",
        "held": "Held: something above must clear first, or be released at the desk.",
        "denied": "Denied. This text will not be published.",
    }
    if verdict.kind in {"held", "denied"}:
        _print_gate("The gate", verdict.decision)
    click.echo(f"{sentences[verdict.kind]} Ledger entry {verdict.seq}.")


@click.command()
@click.argument("reply", type=int)
@user_option
@click.option("--reason", prompt=True, help="Why the reply is taken back.")
def retract(reply: int, user_name: str, reason: str) -> None:
    """Take back our own published reply.

    REPLY is the number that approve printed. The worker deletes it there, even while everything is stopped.
    """
    wiring = wired()
    store = wiring.stores()
    with store.write() as tx:
        outgoing.retract(
            tx, wiring.house(store), reply, reason=reason, user=person(store, user_name), now=wiring.clock.now()
        )
    click.echo("The worker takes it back within seconds.")


@click.command()
@click.option("--user", "user_name", metavar="NAME", help="Who acts; needed to lift.")
@click.option("--reason", default="by the operator", show_default=True, help="Why everything stops.")
@click.option("--lift", is_flag=True, help="Agree to lift the stop; two people must.")
def stop(user_name: str | None, reason: str, *, lift: bool) -> None:
    """Stop everything that goes out, at once.

    What is queued stays queued.
    """
    if lift and user_name is None:
        raise click.UsageError("Lifting needs --user.")
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    house = wiring.house(store)
    with store.write() as tx:
        user = None if user_name is None else person(tx, user_name)
        if not lift:
            outgoing.stop(tx, house, reason=reason, user=user, now=now)
        elif user is not None:
            outgoing.lift_stop(tx, house, user=user, now=now)
    standing = house_rows.stop(store)
    if standing is None:
        click.echo("Sending goes on.")
    elif standing["first_release_by"] is None:
        click.echo("Nothing goes out. Two people lift it: earshot stop --lift --user NAME")
    else:
        click.echo("Nothing goes out. One person agreed to lift it; a second one must: earshot stop --lift --user NAME")
