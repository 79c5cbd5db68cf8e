"""evidence: preserve posts, list what is kept, hand a bundle over, and verify one anywhere."""

import os
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cli.common import person, user_option, wired
from bot.cli.screen import as_json, columns, counted, json_option
from bot.errors import EarshotError
from bot.keys import published
from bot.model.evidence import BundleState, Offence
from bot.protect.evidence import acts, shelf, work
from bot.protect.evidence.custody import disagreements
from bot.protect.evidence.verify import Finding, Verdict, check, read, sentence
from bot.protect.holds import need_keeper
from bot.settings import read_settings
from bot.store import evidence as rows
from bot.store.db import Store

_HEX = re.compile(r"[0-9a-f]{64}")


@click.group()
def evidence() -> None:
    """Evidence of threats and offences: take, list, hand over, verify.

    Seniors and people trained for threats may; each act is an entry in the ledger.
    """


def _hex(_context: click.Context, option: click.Parameter, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    words = (value,) if isinstance(value, str) else value or ()
    if not all(_HEX.fullmatch(word) for word in words):
        raise click.BadParameter("This is not 64 hexadecimal digits in small letters.", param=option)
    return value


@evidence.command()
@click.argument("bundle", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", "keys", multiple=True, callback=_hex, metavar="HEX", help="Public key; default: our own ones.")
@click.option("--manifest", callback=_hex, metavar="HEX", help="Hash that the ledger entry names.")
@json_option
def verify(bundle: Path, keys: tuple[str, ...], manifest: str | None, *, json_: bool) -> int:
    """Check a bundle from its first byte to its last, offline.

    Exit 0: all is well. 1: tampered with. 2: something is missing. 3: wrong usage. Without --key the keys of this
    installation count; elsewhere, give the one that the operator prints on the public page.
    """
    known = [bytes.fromhex(key) for key in keys] or list(published(read_settings().keys_dir))
    if not known:
        raise click.UsageError("There is no public key here to check it with. Give the operator's: --key HEX")
    verdict = Verdict.OK
    try:
        told = sentence(check(read(bundle), known, manifest or ""))
    except Finding as finding:
        verdict, told = finding.verdict, finding.sentence
    if json_:
        as_json({"verdict": verdict.name.lower(), "sentence": told})
    else:
        click.echo(f"{verdict.name.lower()}: {told}")
    return int(verdict)


@evidence.command()
@click.argument("case", type=int)
@click.option(
    "--offence",
    required=True,
    type=click.Choice([each.value for each in Offence]),
    help="What a person found the post to be.",
)
@user_option
def take(case: int, offence: str, user_name: str) -> int:
    """Preserve a case's posts with what their platform answers now, under a legal hold.

    A second person, a senior, approves the hold within three days; else the bundle goes. Exit 1: it waits.
    """
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    with store.write() as tx:
        someone = person(tx, user_name)
        number = acts.preserve(tx, wiring.keys, case, offence=Offence(offence), user=someone, now=now)
    work.run(store, wiring.evidence_bench(wiring.house(store).config), lambda: False)
    row = rows.by_id(store, number)
    if row is None or row["state"] != BundleState.TAKEN:
        click.echo(
            f"Evidence {number} is asked for. It waits; the worker goes on by itself. See: earshot evidence list"
        )
        return 1
    place = shelf.place_of(shelf.folder_of(store.path), number)
    click.echo(f"Evidence {number} lies in {place}. Its manifest has the hash {row['manifest']}.")
    return 0


@evidence.command("list")
@user_option
@json_option
def list_(user_name: str, *, json_: bool) -> int:
    """List the bundles with their holds and who had them in hand.

    Exit 1: a custody log is not what the ledger tells.
    """
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    need_keeper(person(store, user_name))
    found, wrong = rows.every(store, now), disagreements(store)
    if json_:
        more = {row["id"]: {"held_until": _when(row["held"]), "wrong": wrong.get(row["id"], "")} for row in found}
        as_json([_told(store, row["id"]) | more[row["id"]] for row in found])
        return int(bool(wrong))
    folder = shelf.folder_of(store.path)
    for row in found:
        missing = row["state"] == BundleState.TAKEN and not shelf.place_of(folder, row["id"]).is_file()
        state = "FILE MISSING" if missing else row["state"]
        held = f"held until {_when(row['held'])[:10]}" if row["held"] else "no hold"
        in_hand = counted(len(rows.custody(store, row["id"])), "custody line")
        columns([(f"{row['id']:>4}", f"case {row['case_id']}", _when(row["asked_at"]), state, held, in_hand)], indent=0)
    if not found:
        click.echo("There is no evidence.")
    for number, told in wrong.items():
        click.echo(f"Evidence {number}: {told} The ledger counts. Find out who could write to the database.")
    for name in shelf.lost(folder):
        told = "taken after a backup that was restored. Its hold is lost, so a person decides about it."
        click.echo(f"{folder / name}: {told}")
    return int(bool(wrong))


def _told(store: Store, number: int) -> dict[str, object]:
    row = rows.by_id(store, number)
    if row is None:
        return {}
    names = "id case_id platform state operator manifest size trouble"
    times = {name: _when(row[name]) for name in ("asked_at", "taken_at")}
    custody = [
        {name: line[name] for name in ("step", "operator", "receiver", "reason")} | {"at": _when(line["at"])}
        for line in rows.custody(store, number)
    ]
    return {name: row[name] for name in names.split()} | times | {"custody": custody}


def _when(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


@evidence.command("hand-over")
@click.argument("number", type=int)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--to", "receiver", required=True, help="Who gets it: an authority and its reference.")
@click.option("--reason", required=True, help="Why.")
@user_option
def hand_over(number: int, file: Path, receiver: str, reason: str, user_name: str) -> None:
    """Write a copy of a bundle for an authority, and log who got it and why.

    The copy is whole on the disk before the log says that it was handed over.
    """
    wiring = wired()
    store, now = wiring.stores(), wiring.clock.now()
    body = acts.opened(store, wiring.keys, number, user=person(store, user_name))
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    whole = False
    try:
        # The name is ours from here on, so that no file that comes meanwhile is written over.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    except FileExistsError as error:
        raise EarshotError(f"{file} exists already. Choose another name.") from error
    except OSError as error:
        raise EarshotError(f"{file} cannot be written: {error.strerror}. Nothing is left of it there.") from error
    try:
        _write(body, draft)
        with store.write() as tx:
            someone = person(tx, user_name)
            acts.hand_over(tx, wiring.keys, number, receiver=receiver, reason=reason, user=someone, now=now)
        draft.replace(file)
        whole = True
    except OSError as error:
        raise EarshotError(f"{file} cannot be written: {error.strerror}. Nothing is left of it there.") from error
    finally:
        for rest in (draft, *(() if whole else (file,))):
            with suppress(OSError):
                rest.unlink()
    digest = check(body, wiring.keys.known).digest
    click.echo(f"Wrote {file}. Tell the receiver the hash {digest} on another way.")
    click.echo(f"They check it with: python verify.py {file.name} --key {wiring.keys.known[-1].hex()}")


def _write(body: bytes, draft: Path) -> None:
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
        copy.write(body)
        copy.flush()
        os.fsync(copy.fileno())
