"""The tables of evidence bundles and who had them in hand (E-07)."""

EVIDENCE: tuple[str, ...] = (
    # AUTOINCREMENT: the number names a file and stands in the ledger, so it is never given to another bundle.
    """CREATE TABLE evidence (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        operator TEXT NOT NULL,
        asked_at INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'taken', 'removed')),
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try_at INTEGER NOT NULL DEFAULT 0,
        trouble TEXT NOT NULL DEFAULT '',
        taken_at INTEGER,
        manifest TEXT NOT NULL DEFAULT '',
        size INTEGER NOT NULL DEFAULT 0,
        told TEXT NOT NULL DEFAULT '{}'
    ) STRICT""",
    "CREATE INDEX evidence_of_case ON evidence (case_id)",
    "CREATE INDEX evidence_open ON evidence (next_try_at) WHERE state = 'asked'",
    # ``operator`` here and in evidence is a pseudonym of the ledger's kind: nothing leads to a row of users.
    """CREATE TABLE custody (
        id INTEGER PRIMARY KEY,
        evidence_id INTEGER NOT NULL REFERENCES evidence (id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        step TEXT NOT NULL CHECK (step IN ('asked', 'taken', 'read', 'handed_over', 'removed')),
        operator TEXT NOT NULL,
        receiver TEXT NOT NULL DEFAULT '',
        reason TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX custody_of_evidence ON custody (evidence_id, id)",
    # Cases in which a person suspects pictures of abused children: nothing of them is ever kept or shown (E-08).
    """CREATE TABLE untouchable (
        case_id INTEGER PRIMARY KEY REFERENCES cases (id) ON DELETE CASCADE,
        at INTEGER NOT NULL
    ) STRICT""",
)
"""The eighth migration."""
