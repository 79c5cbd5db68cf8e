"""The tables of erasure: looks at stored posts, our own silences, deletions not closed yet, people's own requests."""

PRIVACY_IN_FULL: tuple[str, ...] = (
    # Deletion sync (P-10): until when a worker holds a post to look at it, and which sources can be asked at all.
    "ALTER TABLE mentions ADD COLUMN looking_until INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sources ADD COLUMN inspected INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sources ADD COLUMN unanswered_since INTEGER",
    # When no worker ran: that time is ours, not the platform's.
    """CREATE TABLE downtimes (
        began INTEGER PRIMARY KEY,
        ended INTEGER NOT NULL
    ) STRICT""",
    # Words that are gone from their row, but may stand in the write-ahead file. No foreign key: a row may be purged.
    """CREATE TABLE deletions (
        mention_id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        hours INTEGER NOT NULL
    ) STRICT""",
    # What a person asked for (Art. 17). The id goes with the rows, the key stays as the proof that it was done.
    """CREATE TABLE erasures (
        id INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        author_id TEXT NOT NULL,
        author_key TEXT NOT NULL,
        asked_at INTEGER NOT NULL,
        asked_by INTEGER REFERENCES users (id),
        erased_at INTEGER,
        closed_at INTEGER
    ) STRICT""",
    "CREATE INDEX erasures_open ON erasures (id) WHERE closed_at IS NULL",
    # Posts that a person had erased: a feed that brings one again is not listened to. Keyed digests, no ids.
    """CREATE TABLE erased_posts (
        post_key TEXT PRIMARY KEY,
        at INTEGER NOT NULL
    ) STRICT""",
    # The one row says when something was erased last that a rewrite of the file has not settled yet.
    """CREATE TABLE rewrites (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        wanted_at INTEGER,
        done_at INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "INSERT INTO rewrites (one) VALUES (1)",
    "CREATE INDEX mentions_by_author ON mentions (platform, author_id)",
    "CREATE INDEX mentions_by_parent_author ON mentions (platform, parent_author_id) WHERE parent_author_id <> ''",
)
"""The fifth migration."""
