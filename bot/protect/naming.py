"""Opening a pseudonym of the ledger (W-03): two people together, for a security incident or a legal claim, logged.

Who may is named in protection.yaml: people of the personnel department and of data protection. The name itself is
written nowhere. It can be told as long as the key is kept under which the pseudonym was made, and the account is there.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from bot.config.models import ConfigSet
from bot.errors import NotAllowed, Stale
from bot.keys import PSEUDONYM, Keys
from bot.ledger import entries
from bot.model import EntryKind
from bot.model.retention import DAY_MS
from bot.store import log, naming, users
from bot.store.db import Reader, Row, Tx

Occasion = Literal["security-incident", "legal-claim"]
OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)

WAITS_MS = 3 * DAY_MS
"""So long a second person may take; then it must be asked for anew."""

LONGEST = 500
"""Signs of a reason."""


def need_opener(config: ConfigSet, user: Row) -> None:
    """Refuse everybody whom protection.yaml does not name, and all while it names fewer than two.

    Raises:
        NotAllowed: so it is.
    """
    named = {name.casefold() for name in config.protection.pseudonym_openers}
    if len(named) < 2:  # noqa: PLR2004 - two people, says the rule
        raise NotAllowed("Nobody opens a pseudonym until protection.yaml names two people under pseudonym_openers.")
    if str(user["name"]).casefold() not in named:
        raise NotAllowed("Pseudonyms are opened by the people whom protection.yaml names under pseudonym_openers.")


def ask(
    tx: Tx, config: ConfigSet, keys: Keys, pseudonym: str, *, occasion: Occasion, reason: str, user: Row, now: int
) -> int:
    """Ask to open a pseudonym; a second person must do it within three days. Returns the number of the request.

    Raises:
        NotAllowed: the person may not.
        Stale: the ledger holds no such pseudonym, or the reason is missing.
    """
    need_opener(config, user)
    said = " ".join(reason.split())[:LONGEST]
    if not said:
        raise Stale("Say what it is needed for: the incident or the claim, and its number.")
    if not PSEUDONYM.fullmatch(pseudonym) or next(_times(tx, pseudonym), None) is None:
        raise Stale("No entry of the ledger names this pseudonym. It has 16 characters, as in: earshot ledger show")
    row = {"pseudonym": pseudonym, "occasion": occasion, "reason": said, "asked_by": user["id"], "at": now}
    number = naming.ask(tx, row)
    _log(tx, keys, "asked", {**row, "id": number}, user=user, now=now)
    return number


def open_(tx: Tx, config: ConfigSet, keys: Keys, number: int, *, user: Row, now: int) -> Row | None:
    """Open it as the second person: whose pseudonym it is, or None if no key that is kept tells.

    Raises:
        NotAllowed: the person may not, or asked for it themselves.
        Stale: nobody asked, it was opened before, or it was asked for too long ago.
    """
    need_opener(config, user)
    asked = naming.by_id(tx, number)
    if asked is None or asked["opened_by"] is not None or asked["at"] + WAITS_MS < now:
        raise Stale("This was opened before, or was asked for more than three days ago. Ask for it anew.")
    if asked["asked_by"] == user["id"]:
        raise NotAllowed("Somebody else must open what you asked for.")
    naming.opened(tx, number, user["id"], now)
    found = next(
        (
            one
            for at in sorted(set(_times(tx, asked["pseudonym"])))
            for one in users.every(tx)
            if asked["pseudonym"] in keys.once_called(one["id"], at)
        ),
        None,
    )
    _log(tx, keys, "opened", dict(asked), user=user, now=now, told=found is not None)
    return found


def _times(reader: Reader, pseudonym: str) -> Iterator[int]:
    """When each entry was written that names a pseudonym."""
    for rows in log.chunks(reader):
        for _, body, _, _ in rows:
            entry = json.loads(body)
            if pseudonym in entry.values():
                yield entry["at"]


def _log(tx: Tx, keys: Keys, step: str, asked: Mapping[str, object], *, user: Row, now: int, **more: bool) -> None:
    fields: dict[str, entries.Value] = {
        "step": f"pseudonym_{step}",
        "opening": int(str(asked["id"])),
        "pseudonym": str(asked["pseudonym"]),
        "occasion": str(asked["occasion"]),
    }
    entries.append(tx, EntryKind.ACCESS, {**fields, **more, "by": keys.staff(user["id"], now)}, now)
