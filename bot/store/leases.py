"""Rows of leases: which process is the one worker. Every change is conditional: if one row changed, it is ours."""

from bot.store.db import Reader, Row, Tx


def standing(reader: Reader, name: str) -> Row | None:
    """The lease called ``name`` with ``holder`` and ``turn``; None while nobody has it."""
    return reader.row("SELECT * FROM leases WHERE name = :name AND holder <> ''", name=name)


def take(tx: Tx, name: str, holder: str, seen: Row | None = None) -> bool:
    """Take a lease that nobody has, or that did not move since it was ``seen``; True if it is now ``holder``'s."""
    tx.run("INSERT INTO leases (name, holder, turn) VALUES (:name, '', 1) ON CONFLICT DO NOTHING", name=name)
    return bool(
        tx.run(
            """UPDATE leases SET holder = :holder, turn = turn + 1 WHERE name = :name
            AND (holder = '' OR (holder = :seen_holder AND turn = :seen_turn))""",
            name=name,
            holder=holder,
            seen_holder=seen["holder"] if seen else None,
            seen_turn=seen["turn"] if seen else None,
        )
    )


def renew(tx: Tx, name: str, holder: str) -> bool:
    """A sign of life of the holder; False if somebody else took over."""
    return bool(tx.run("UPDATE leases SET turn = turn + 1 WHERE name = :n AND holder = :h", n=name, h=holder))


def has(reader: Reader, name: str, holder: str) -> bool:
    """Whether the lease is still ``holder``'s."""
    return bool(reader.value("SELECT 1 FROM leases WHERE name = :n AND holder = :h", n=name, h=holder))


def give_back(tx: Tx, name: str, holder: str) -> None:
    """Whoever waits takes it at once; nothing happens if it is somebody else's already."""
    tx.run("UPDATE leases SET holder = '', turn = turn + 1 WHERE name = :n AND holder = :h", n=name, h=holder)


def nobody_has_any(tx: Tx) -> None:
    """After a restore: who had a lease when the backup was made does not run any more."""
    tx.run("UPDATE leases SET holder = ''")
