"""A bad day in columns and a table: room on the disk, a clock that jumped, accounts that fail, answers by hand."""

BAD_DAY: tuple[str, ...] = (
    # What may still be written, and the free part of the disk in thousandths, as the worker measured it last.
    "ALTER TABLE health ADD COLUMN room TEXT NOT NULL DEFAULT '' CHECK (room IN ('', 'tight', 'bare'))",
    "ALTER TABLE health ADD COLUMN room_free INTEGER NOT NULL DEFAULT 1000 CHECK (room_free BETWEEN 0 AND 1000)",
    # How far the clock stands from where it would be if it had run steadily since the worker's start.
    "ALTER TABLE health ADD COLUMN clock_off_ms INTEGER NOT NULL DEFAULT 0",
    # Since when posts that only a keyword found are not taken in for lack of room; NULL: they are.
    "ALTER TABLE sources ADD COLUMN unheard_since INTEGER",
    # Why posts of that time were not heard: the platform no longer serves them, or there was no room for them.
    "ALTER TABLE gaps ADD COLUMN cause TEXT NOT NULL DEFAULT '' CHECK (cause IN ('', 'room'))",
    # Since when nobody answers a look at our own account; NULL: somebody does.
    "ALTER TABLE sources ADD COLUMN unreached_since INTEGER",
    # A person answered at the original: no reply of ours, no consent, no receipt. It counts like a reply where rules
    # C-10 and C-11 count replies. Who it was stands in the case's events and, as a pseudonym, in entry ``seq``.
    """CREATE TABLE hand_answers (
        id INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        mention_id INTEGER NOT NULL UNIQUE REFERENCES mentions (id) ON DELETE CASCADE,
        canonical_target TEXT NOT NULL,
        url TEXT NOT NULL DEFAULT '',
        at INTEGER NOT NULL,
        seq INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX hand_answers_by_target ON hand_answers (canonical_target)",
    "CREATE INDEX hand_answers_of_case ON hand_answers (case_id)",
)
"""The nineteenth migration."""
