"""The tables of backup and restore: what the journal must still get, and what began in the time that a restore lost."""

COPIES: tuple[str, ...] = (
    # Lines that the journal beside the checkpoints could not take: keyed digests, brought there once it is back.
    """CREATE TABLE journal_waiting (
        id INTEGER PRIMARY KEY,
        line TEXT NOT NULL
    ) STRICT""",
    # Replies that may have left although this database does not know it. A post that such a row names is not answered
    # until a person looked. Keyed digests, no ids; ``decided``: the ledger still holds the decision that allowed it.
    """CREATE TABLE begun (
        id INTEGER PRIMARY KEY,
        post_key TEXT NOT NULL,
        request TEXT NOT NULL UNIQUE,
        begun_at INTEGER NOT NULL,
        decided INTEGER NOT NULL CHECK (decided IN (0, 1)),
        mention_id INTEGER REFERENCES mentions (id) ON DELETE SET NULL,
        dispatch_id INTEGER REFERENCES dispatches (id) ON DELETE SET NULL
    ) STRICT""",
    "CREATE INDEX begun_by_post ON begun (post_key)",
    "CREATE INDEX begun_by_mention ON begun (mention_id)",
    "CREATE INDEX begun_by_dispatch ON begun (dispatch_id)",
    # ``blind``: the journal was lost, so nobody knows what was answered before that time.
    """CREATE TABLE restores (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        backup TEXT NOT NULL,
        backup_at INTEGER NOT NULL,
        blind INTEGER NOT NULL CHECK (blind IN (0, 1))
    ) STRICT""",
)
"""The eleventh migration."""
