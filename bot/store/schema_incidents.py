"""The tables of incidents that people open by hand: what they cover, the cases that fold, and answers in batches."""

INCIDENTS: tuple[str, ...] = (
    # ``words`` and ``area`` hold one term a line, in the language of watches. ``cursor`` is the case event up to which
    # cases were compared with the words; a change of the words begins anew. Times of ``valid_*`` may lie ahead.
    """CREATE TABLE incidents (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('outage', 'maintenance', 'launch', 'storm')),
        words TEXT NOT NULL,
        topic TEXT NOT NULL,
        area TEXT NOT NULL,
        link TEXT NOT NULL,
        valid_from INTEGER NOT NULL,
        valid_until INTEGER,
        opened_at INTEGER NOT NULL,
        opened_by INTEGER NOT NULL REFERENCES users (id),
        ended_at INTEGER,
        ended_by INTEGER REFERENCES users (id),
        cursor INTEGER NOT NULL DEFAULT 0,
        version INTEGER NOT NULL DEFAULT 1,
        CHECK (valid_until IS NULL OR valid_until > valid_from),
        CHECK ((ended_at IS NULL) = (ended_by IS NULL))
    ) STRICT""",
    # A switch that only seniors had. Now a storm is an incident like any other.
    """INSERT INTO incidents (kind, words, topic, area, link, valid_from, opened_at, opened_by, ended_at, ended_by)
    SELECT 'storm', '', '', '', '', began_at, began_at, began_by, ended_at, ended_by FROM storms""",
    "DROP TABLE storms",
    # A case that concerns an incident. ``folds``: it asks for nothing more, so it may stand in the incident's one row.
    # ``taken_out``: a person said that it does not belong there; no comparison puts it back.
    """CREATE TABLE incident_cases (
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        incident_id INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
        folds INTEGER NOT NULL CHECK (folds IN (0, 1)),
        taken_out INTEGER NOT NULL DEFAULT 0 CHECK (taken_out IN (0, 1)),
        PRIMARY KEY (case_id, incident_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX incident_cases_of_incident ON incident_cases (incident_id, folds)",
    # One answer prepared for many posts. ``signed_by`` approved the exact texts first; where every reply takes two
    # people it begins only with the second one, which ``approved_at`` tells.
    """CREATE TABLE batches (
        id INTEGER PRIMARY KEY,
        incident_id INTEGER NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('answer', 'fixed')),
        template TEXT NOT NULL,
        language TEXT NOT NULL,
        prepared_at INTEGER NOT NULL,
        signed_by INTEGER REFERENCES users (id),
        approved_at INTEGER,
        cancelled_at INTEGER,
        version INTEGER NOT NULL DEFAULT 1,
        CHECK (approved_at IS NULL OR signed_by IS NOT NULL)
    ) STRICT""",
    "CREATE INDEX batches_of_incident ON batches (incident_id)",
    # One post of a batch with the draft and its version that was approved. ``outcome`` is '' while its turn is to come;
    # 'queued' from then on means that its dispatch tells the rest.
    """CREATE TABLE batch_posts (
        batch_id INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
        draft_id INTEGER NOT NULL UNIQUE REFERENCES drafts (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        due_at INTEGER,
        outcome TEXT NOT NULL DEFAULT ''
            CHECK (outcome IN ('', 'queued', 'held', 'denied', 'changed', 'withdrawn')),
        rule TEXT NOT NULL DEFAULT '',
        PRIMARY KEY (batch_id, draft_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX batch_posts_due ON batch_posts (due_at) WHERE outcome = ''",
    # A reply of ours that promised to write again, and until when that second reply to the same post may go (C-10).
    """CREATE TABLE promises (
        dispatch_id INTEGER PRIMARY KEY REFERENCES dispatches (id) ON DELETE CASCADE,
        incident_id INTEGER REFERENCES incidents (id) ON DELETE SET NULL,
        until INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX promises_of_incident ON promises (incident_id)",
    # Rule C-10 lets a promised second reply go to the same post, and no third.
    "ALTER TABLE dispatches ADD COLUMN follow_up INTEGER NOT NULL DEFAULT 0 CHECK (follow_up IN (0, 1))",
    "DROP INDEX dispatches_one_a_post",
    """CREATE UNIQUE INDEX dispatches_one_a_post ON dispatches (canonical_target, follow_up)
    WHERE state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting')""",
)
"""The seventeenth migration."""
