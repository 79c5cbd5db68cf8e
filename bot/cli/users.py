"""user: the people who may sign in at the desk."""

import secrets
import sys

import click

from bot.cli.common import person, wired
from bot.cli.screen import as_json, columns, json_option
from bot.config.models import TOLD_APART
from bot.desk.passwords import LONGEST, SHORTEST, hash_password
from bot.errors import EarshotError
from bot.model import Role
from bot.store import users as rows

_IN_TRAINING = "Nobody who is still in training answers people in crisis. Make them an agent first: earshot user role"


@click.group("user")
def user_() -> None:
    """The people who may sign in."""


@user_.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    default="agent",
    show_default=True,
    help="guest sees their own account page alone, trainee drafts, agent answers, senior also decides.",
)
@click.option("--initials", help="For signatures; default: the first two letters of the name.")
@click.option("--trained", is_flag=True, help="Trained to answer people in crisis.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(name: str, role: str, initials: str | None, *, trained: bool, password_stdin: bool) -> None:
    """Add a person; prints a first password unless one is given on standard input."""
    name = name.strip()
    if not name or not name.isprintable():
        raise EarshotError("A sign-in name needs letters that print.")
    wiring = wired()
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
    if trained and role == Role.TRAINEE:
        raise EarshotError(f"{_IN_TRAINING} Nobody was added.")
    if not SHORTEST <= len(password) <= LONGEST:
        raise EarshotError(f"A password has {SHORTEST} to {LONGEST} characters. Nobody was added.")
    with wiring.stores().write() as tx:
        rows.add(
            tx,
            name=name,
            role=Role(role),
            initials=(initials or name[:2]).upper(),
            password_hash=hash_password(password),
            trained=trained,
            at=wiring.clock.now(),
        )
    click.echo(f"{name} may sign in as {role}." + ("" if password_stdin else f" First password: {password}"))


@user_.command("list")
@json_option
def list_(*, json_: bool) -> None:
    """List everyone who may sign in."""
    known = rows.every(wired().stores())
    if json_:
        as_json(
            [
                {"name": row["name"], "role": row["role"], "initials": row["initials"], "active": bool(row["active"])}
                for row in known
            ]
        )
        return
    if not known:
        click.echo("Nobody yet. Add the first person: earshot user add NAME --role senior")
    columns(
        [(row["name"], row["role"], f"^{row['initials']}", "" if row["active"] else "kept out") for row in known],
        indent=0,
    )


@user_.command()
@click.argument("name")
def password(name: str) -> None:
    """Give a person a new password and end their sessions."""
    wiring = wired()
    store, fresh = wiring.stores(), secrets.token_urlsafe(12)
    with store.write() as tx:
        rows.set_password(tx, person(tx, name)["id"], hash_password(fresh))
    click.echo(f"New password of {name}: {fresh}")


@user_.command()
@click.argument("name")
@click.argument("codes", nargs=-1, metavar="[LANGUAGE]...")
def languages(name: str, codes: tuple[str, ...]) -> None:
    """Say which languages a person answers in, such as de en; without one, all of the brand's."""
    unknown = [code for code in codes if code not in TOLD_APART]
    if unknown:
        raise EarshotError(f"'{unknown[0]}' is no language code that Earshot tells apart. Write for example: de en")
    known = list(dict.fromkeys(codes))
    with wired().stores().write() as tx:
        rows.set_languages(tx, person(tx, name)["id"], " ".join(known))
    click.echo(f"{name} answers in {', '.join(known) or 'all languages of the brand'}.")


@user_.command()
@click.argument("name")
@click.option("--no", "undo", is_flag=True, help="Not any more.")
def trained(name: str, *, undo: bool) -> None:
    """Say that a person is trained to help people in crisis: only they open and answer such cases."""
    with wired().stores().write() as tx:
        known = person(tx, name)
        if known["role"] == Role.TRAINEE and not undo:
            raise EarshotError(_IN_TRAINING)
        rows.set_trained(tx, known["id"], trained=not undo)
    click.echo(f"{name} {'does not open' if undo else 'opens and answers'} crises.")


@user_.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def role_(name: str, role: str) -> None:
    """Change what a person may do: guest, trainee, agent or senior."""
    with wired().stores().write() as tx:
        known = person(tx, name)
        rows.set_role(tx, known["id"], Role(role))
    lost = " The training for crises went with the role." if role == Role.TRAINEE and known["trained"] else ""
    click.echo(f"{name} is {role} now.{lost}")


@user_.command()
@click.argument("name")
def disable(name: str) -> None:
    """Keep a person out and end their sessions."""
    store = wired().stores()
    with store.write() as tx:
        rows.set_active(tx, person(tx, name)["id"], active=False)
    click.echo(f"{name} is kept out.")
