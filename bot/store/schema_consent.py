"""The tables of consent: attestations, the privacy notice, places where nothing leaves, what fired, legal holds."""

CONSENT_IN_FULL: tuple[str, ...] = (
    # Languages a person answers in, divided by spaces; "" is all of the brand's (rule C-31).
    "ALTER TABLE users ADD COLUMN languages TEXT NOT NULL DEFAULT ''",
    # Replies of this person end with the team's name instead of their initials (W-05).
    "ALTER TABLE users ADD COLUMN team_signature INTEGER NOT NULL DEFAULT 0",
    # Deletion sync (P-10): when the platform last told us that a post still stands, and since when its text is sealed.
    "ALTER TABLE mentions ADD COLUMN stood_at INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE mentions ADD COLUMN sealed_at INTEGER",
    "UPDATE mentions SET stood_at = fetched_at",
    "CREATE INDEX mentions_to_recheck ON mentions (platform, stood_at) WHERE text_hash <> ''",
    """CREATE TABLE attestations (
        id INTEGER PRIMARY KEY,
        rule TEXT NOT NULL,
        platform TEXT NOT NULL,
        surface TEXT NOT NULL,
        account TEXT NOT NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        statement TEXT NOT NULL,
        at INTEGER NOT NULL,
        until INTEGER NOT NULL,
        withdrawn_at INTEGER,
        seq INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE notices (
        url TEXT PRIMARY KEY,
        checked_at INTEGER NOT NULL,
        http_status INTEGER,
        current INTEGER
    ) STRICT""",
    # Rule C-34: what was read back differs, or moderators took it away: nothing goes there until a person lifts it.
    """CREATE TABLE place_stops (
        id INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        surface TEXT NOT NULL,
        at INTEGER NOT NULL,
        cause TEXT NOT NULL,
        lifted_at INTEGER,
        lifted_by INTEGER REFERENCES users (id)
    ) STRICT""",
    # How often each rule fired in logged decisions; rule '' counts the decisions themselves. No author, no staff.
    """CREATE TABLE firings (
        month INTEGER NOT NULL,
        platform TEXT NOT NULL,
        rule TEXT NOT NULL,
        outcome TEXT NOT NULL,
        n INTEGER NOT NULL,
        PRIMARY KEY (month, platform, rule, outcome)
    ) STRICT""",
    """CREATE TABLE legal_holds (
        id INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL REFERENCES cases (id),
        classification TEXT NOT NULL,
        basis TEXT NOT NULL,
        asked_by INTEGER NOT NULL REFERENCES users (id),
        approved_by INTEGER REFERENCES users (id),
        at INTEGER NOT NULL,
        review_at INTEGER NOT NULL,
        ended_at INTEGER
    ) STRICT""",
    "CREATE INDEX legal_holds_of_case ON legal_holds (case_id)",
    "CREATE INDEX dispatches_changed ON dispatches (updated_at)",
    "ALTER TABLE sources ADD COLUMN bio_ok INTEGER",
    "ALTER TABLE sources ADD COLUMN identity_next INTEGER NOT NULL DEFAULT 0",
)
"""The third migration: attestations, places where nothing leaves any more, what fired, and what must stay or go."""
