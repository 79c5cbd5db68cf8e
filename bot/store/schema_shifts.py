"""The tables of shifts: people in training, solo shifts and what was let pass alone, notes for the next shift."""

SHIFTS: tuple[str, ...] = (
    # SQLite changes no CHECK in place: the wider column takes the name of the old one. The least role is the default.
    """ALTER TABLE users ADD COLUMN wider_role TEXT NOT NULL DEFAULT 'guest'
    CHECK (wider_role IN ('guest', 'trainee', 'agent', 'senior') AND NOT (wider_role = 'trainee' AND trained = 1))""",
    "UPDATE users SET wider_role = role",
    "ALTER TABLE users DROP COLUMN role",
    "ALTER TABLE users RENAME COLUMN wider_role TO role",
    # While one is open, whoever wrote a reply lets some holds pass alone. It counts until `until`, whatever runs then.
    """CREATE TABLE solo_shifts (
        id INTEGER PRIMARY KEY,
        began_at INTEGER NOT NULL,
        until INTEGER NOT NULL CHECK (until > began_at),
        opened_by INTEGER NOT NULL REFERENCES users (id),
        reason TEXT NOT NULL,
        ended_at INTEGER,
        ended_by INTEGER REFERENCES users (id),
        CHECK (ended_by IS NULL OR ended_at IS NOT NULL)
    ) STRICT""",
    "CREATE UNIQUE INDEX solo_shifts_one_open ON solo_shifts (ended_at IS NULL) WHERE ended_at IS NULL",
    # What was let pass alone, and what somebody else thinks of those that were drawn. `seq` is the RELEASE entry.
    """CREATE TABLE solo_releases (
        id INTEGER PRIMARY KEY,
        shift_id INTEGER NOT NULL REFERENCES solo_shifts (id) ON DELETE CASCADE,
        case_id INTEGER REFERENCES cases (id) ON DELETE SET NULL,
        rule TEXT NOT NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        at INTEGER NOT NULL,
        seq INTEGER NOT NULL UNIQUE,
        due_at INTEGER,
        outcome TEXT CHECK (outcome IN ('right', 'talk', 'wrong')),
        reviewed_at INTEGER,
        reviewed_by INTEGER REFERENCES users (id),
        CHECK ((outcome IS NULL) = (reviewed_at IS NULL) AND (outcome IS NULL) = (reviewed_by IS NULL)),
        CHECK (outcome IS NULL OR (due_at IS NOT NULL AND reviewed_by <> user_id))
    ) STRICT""",
    "CREATE INDEX solo_releases_of_shift ON solo_releases (shift_id)",
    "CREATE INDEX solo_releases_of_case ON solo_releases (case_id)",
    "CREATE INDEX solo_releases_to_review ON solo_releases (due_at) WHERE due_at IS NOT NULL AND outcome IS NULL",
    # A word for the next shift. One about a case is a promise that stays open, and goes when the case goes.
    """CREATE TABLE handover_notes (
        id INTEGER PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id),
        at INTEGER NOT NULL,
        text TEXT NOT NULL CHECK (length(text) BETWEEN 1 AND 1000),
        case_id INTEGER REFERENCES cases (id) ON DELETE CASCADE,
        done_at INTEGER,
        done_by INTEGER REFERENCES users (id),
        CHECK ((done_at IS NULL) = (done_by IS NULL)),
        CHECK (done_at IS NULL OR case_id IS NOT NULL)
    ) STRICT""",
    "CREATE INDEX handover_notes_by_time ON handover_notes (at)",
    "CREATE INDEX handover_notes_of_case ON handover_notes (case_id)",
)
"""The sixteenth migration."""
