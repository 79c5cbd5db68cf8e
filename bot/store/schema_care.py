"""The tables that look after people: exposure to hate, breaks, hotline cards, debriefs and reviews (E-11, E-12)."""

CARE: tuple[str, ...] = (
    # One hard text that a person read. No case, no author, no lane: only what a day's budget counts. 30 days.
    """CREATE TABLE exposures (
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX exposures_of_user ON exposures (user_id, at)",
    # Until when a person wants no hard texts. They end it themselves.
    """CREATE TABLE rests (
        user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
        until INTEGER NOT NULL
    ) STRICT""",
    # Somebody looked at the source and says by name that a card's numbers still hold (E-12): exactly these numbers.
    """CREATE TABLE hotline_checks (
        id INTEGER PRIMARY KEY,
        card TEXT NOT NULL,
        numbers TEXT NOT NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        at INTEGER NOT NULL,
        seq INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX hotline_checks_of_card ON hotline_checks (card, at)",
    # After a crisis: whoever dealt with it talks about it, and somebody else reads what was answered alone (C-13).
    """CREATE TABLE care_tasks (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('debrief', 'review')),
        case_id INTEGER REFERENCES cases (id) ON DELETE SET NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        opened_at INTEGER NOT NULL,
        done_at INTEGER,
        done_by INTEGER REFERENCES users (id),
        CHECK ((done_at IS NULL) = (done_by IS NULL))
    ) STRICT""",
    "CREATE INDEX care_tasks_open ON care_tasks (opened_at) WHERE done_at IS NULL",
    "CREATE INDEX care_tasks_of_case ON care_tasks (case_id)",
)
"""The ninth migration."""
