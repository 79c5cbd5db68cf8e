"""The tables of false helpers (E-13), and the sums for those who look after staff."""

SECURITY: tuple[str, ...] = (
    # Whether the platform says that the account is new: a yes or no, never its date (P-04).
    "ALTER TABLE mentions ADD COLUMN author_is_new INTEGER",
    # ``mention_id``: the post that gave the alarm; ``customer_mention``: the customer's post that it answers.
    # ``signals`` are codes of ours. What a platform calls our report is its ``receipt``. Who did what stands in the
    # ledger alone.
    """CREATE TABLE security_cases (
        id INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL UNIQUE REFERENCES cases (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('false_helper', 'report')),
        signals TEXT NOT NULL,
        mention_id INTEGER REFERENCES mentions (id) ON DELETE SET NULL,
        customer_mention INTEGER REFERENCES mentions (id) ON DELETE SET NULL,
        opened_at INTEGER NOT NULL,
        reported_at INTEGER,
        receipt TEXT NOT NULL DEFAULT '',
        warned_at INTEGER,
        closed_at INTEGER,
        outcome TEXT NOT NULL DEFAULT '' CHECK (outcome IN ('', 'taken_down', 'stays', 'no_false_helper')),
        version INTEGER NOT NULL DEFAULT 1,
        CHECK ((closed_at IS NULL) = (outcome = ''))
    ) STRICT""",
    "CREATE INDEX security_cases_open ON security_cases (opened_at) WHERE closed_at IS NULL",
    "CREATE INDEX security_cases_by_mention ON security_cases (mention_id)",
    "CREATE INDEX security_cases_by_customer ON security_cases (customer_mention)",
    "CREATE INDEX mentions_by_parent ON mentions (platform, surface, parent_key) WHERE parent_key <> ''",
    # What is left of a week when its rows are gone: sums alone. ``n`` is NULL where fewer than five authors stand
    # behind it (P-09), and nothing of it is kept then.
    """CREATE TABLE weekly_sums (
        week INTEGER NOT NULL,
        what TEXT NOT NULL,
        n INTEGER,
        PRIMARY KEY (week, what)
    ) STRICT, WITHOUT ROWID""",
)
"""The tenth migration."""
