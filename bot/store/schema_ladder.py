"""The tables of the warning ladder (E-10). An author stands in them as a keyed digest, as on the suppression list."""

LADDER: tuple[str, ...] = (
    # What a draft says on the ladder: a warning, the apology for a false one, or nothing of it.
    """ALTER TABLE drafts ADD COLUMN step TEXT NOT NULL DEFAULT ''
    CHECK (step IN ('', 'w1', 'w2', 'w3', 'apology'))""",
    """CREATE TABLE ladders (
        id INTEGER PRIMARY KEY,
        author_key TEXT NOT NULL UNIQUE,
        platform TEXT NOT NULL,
        closed_at INTEGER,
        reset_at INTEGER,
        forget_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX ladders_to_forget ON ladders (forget_at)",
    # The rows that a rung points at go sooner than the rung.
    """CREATE TABLE rungs (
        ladder_id INTEGER NOT NULL REFERENCES ladders (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        case_id INTEGER REFERENCES cases (id) ON DELETE SET NULL,
        mention_id INTEGER REFERENCES mentions (id) ON DELETE SET NULL,
        draft_id INTEGER UNIQUE REFERENCES drafts (id) ON DELETE SET NULL,
        apology_id INTEGER UNIQUE REFERENCES drafts (id) ON DELETE SET NULL,
        incident_at INTEGER NOT NULL,
        proposed_by INTEGER NOT NULL REFERENCES users (id),
        proposed_at INTEGER NOT NULL,
        delivered_at INTEGER,
        withdrawn_at INTEGER,
        withdrawn_by INTEGER REFERENCES users (id),
        PRIMARY KEY (ladder_id, number),
        CHECK (withdrawn_at IS NULL OR delivered_at IS NOT NULL),
        CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL))
    ) STRICT""",
    "CREATE INDEX rungs_of_case ON rungs (case_id)",
    "CREATE INDEX rungs_of_mention ON rungs (mention_id)",
    """CREATE TABLE rung_people (
        ladder_id INTEGER NOT NULL,
        number INTEGER NOT NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        PRIMARY KEY (ladder_id, number, user_id),
        FOREIGN KEY (ladder_id, number) REFERENCES rungs (ladder_id, number) ON DELETE CASCADE
    ) STRICT""",
    """CREATE TABLE ladder_reviews (
        id INTEGER PRIMARY KEY,
        ladder_id INTEGER NOT NULL REFERENCES ladders (id) ON DELETE CASCADE,
        cause TEXT NOT NULL CHECK (cause IN ('closed', 'appeal')),
        opened_at INTEGER NOT NULL,
        opened_by INTEGER REFERENCES users (id),
        due_at INTEGER NOT NULL,
        decided_at INTEGER,
        outcome TEXT CHECK (outcome IN ('reopen', 'stay', 'report', 'legal')),
        CHECK ((decided_at IS NULL) = (outcome IS NULL))
    ) STRICT""",
    "CREATE UNIQUE INDEX ladder_reviews_one_open ON ladder_reviews (ladder_id) WHERE decided_at IS NULL",
    """CREATE TABLE ladder_votes (
        review_id INTEGER NOT NULL REFERENCES ladder_reviews (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id),
        outcome TEXT NOT NULL CHECK (outcome IN ('reopen', 'stay', 'report', 'legal')),
        at INTEGER NOT NULL,
        PRIMARY KEY (review_id, user_id)
    ) STRICT""",
    # While many are angry about the same, nobody is warned. One row is open at most.
    """CREATE TABLE storms (
        id INTEGER PRIMARY KEY,
        began_at INTEGER NOT NULL,
        began_by INTEGER NOT NULL REFERENCES users (id),
        ended_at INTEGER,
        ended_by INTEGER REFERENCES users (id)
    ) STRICT""",
    "CREATE UNIQUE INDEX storms_one_open ON storms (ended_at IS NULL) WHERE ended_at IS NULL",
)
"""The sixth migration."""
