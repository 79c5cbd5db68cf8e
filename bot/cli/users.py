"""user: the people who may sign in at the desk."""

import secrets
import sys

import click

from bot.cli.common import as_json, json_option, person, wired
from bot.desk.passwords import hash_password
from bot.model import Role
from bot.store import users as rows


@click.group("user")
def user_() -> None:
    """People who may sign in."""


@user_.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), default="agent", show_default=True)
@click.option("--initials", help="For signatures; default: the first two letters of the name.")
@click.option("--trained", is_flag=True, help="Trained to answer people in crisis.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(name: str, role: str, initials: str | None, *, trained: bool, password_stdin: bool) -> None:
    """Add a person; prints a first password unless one is given on standard input."""
    wiring = wired()
    password = sys.stdin.readline().rstrip("\n") if password_stdin else secrets.token_urlsafe(12)
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
    shown: list[dict[str, object]] = [
        {"name": row["name"], "role": row["role"], "initials": row["initials"], "active": bool(row["active"])}
        for row in rows.every(wired().stores())
    ]
    if json_:
        as_json(shown)
        return
    for row in shown:
        click.echo(f"{row['name']:<24} {row['role']:<8} ^{row['initials']:<5} {'' if row['active'] else 'kept out'}")


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
def disable(name: str) -> None:
    """Keep a person out and end their sessions."""
    store = wired().stores()
    with store.write() as tx:
        rows.set_active(tx, person(tx, name)["id"], active=False)
    click.echo(f"{name} is kept out.")
