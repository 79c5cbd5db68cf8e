"""The table of pseudonyms of the ledger that somebody asked to open (rule W-03)."""

NAMING: tuple[str, ...] = (
    # Who a pseudonym was stands in no row: it is told to the two who asked, once, and computed anew each time.
    """CREATE TABLE pseudonym_openings (
        id INTEGER PRIMARY KEY,
        pseudonym TEXT NOT NULL CHECK (length(pseudonym) = 16),
        occasion TEXT NOT NULL CHECK (occasion IN ('security-incident', 'legal-claim')),
        reason TEXT NOT NULL CHECK (reason <> ''),
        asked_by INTEGER NOT NULL REFERENCES users (id),
        at INTEGER NOT NULL,
        opened_by INTEGER REFERENCES users (id) CHECK (opened_by <> asked_by),
        opened_at INTEGER
    ) STRICT""",
)
"""The twenty-first migration."""
