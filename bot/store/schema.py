"""The tables. Times are UTC milliseconds, platform ids are TEXT, our own ids are INTEGER."""

_LEDGER = (
    """CREATE TABLE log (
        seq INTEGER PRIMARY KEY,
        body BLOB NOT NULL,
        prev BLOB NOT NULL CHECK (length(prev) = 32),
        h BLOB NOT NULL UNIQUE CHECK (length(h) = 32)
    ) STRICT""",
    # INSERT OR REPLACE would bypass the DELETE trigger (recursive_triggers is off): the insert guard stops it.
    """CREATE TRIGGER log_grows_at_its_end BEFORE INSERT ON log
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM log)
      OR NEW.prev IS NOT coalesce((SELECT h FROM log ORDER BY seq DESC LIMIT 1), zeroblob(32))
    BEGIN SELECT RAISE(ABORT, 'the ledger grows at its end only'); END""",
    """CREATE TRIGGER log_is_never_changed BEFORE UPDATE ON log
    BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END""",
    """CREATE TRIGGER log_is_never_shortened BEFORE DELETE ON log
    BEGIN SELECT RAISE(ABORT, 'the ledger is never shortened'); END""",
    """CREATE TABLE vault (
        commitment TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        salt BLOB NOT NULL,
        snapshot BLOB NOT NULL
    ) STRICT""",
    "CREATE INDEX vault_by_subject ON vault (subject)",
    """CREATE TABLE checkpoints (
        size INTEGER PRIMARY KEY,
        note TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT""",
)

_LISTENING = (
    """CREATE TABLE config_versions (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE sources (
        name TEXT PRIMARY KEY,
        platform TEXT NOT NULL,
        account TEXT NOT NULL,
        cursor TEXT NOT NULL DEFAULT '',
        polled_at INTEGER,
        heard_at INTEGER,
        failing_since INTEGER,
        cause TEXT NOT NULL DEFAULT '',
        wait_until INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE tallies (
        day INTEGER NOT NULL,
        source TEXT NOT NULL,
        reason TEXT NOT NULL,
        n INTEGER NOT NULL,
        PRIMARY KEY (day, source, reason)
    ) STRICT""",
    """CREATE TABLE budgets (
        bucket TEXT PRIMARY KEY,
        remaining INTEGER NOT NULL,
        reset_at INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE mentions (
        id INTEGER PRIMARY KEY,
        canonical_key TEXT NOT NULL UNIQUE,
        case_id INTEGER REFERENCES cases (id),
        source TEXT NOT NULL,
        platform TEXT NOT NULL,
        surface TEXT NOT NULL,
        account TEXT NOT NULL,
        native_id TEXT NOT NULL,
        url TEXT NOT NULL,
        text TEXT NOT NULL,
        text_hash TEXT NOT NULL,
        declared_language TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        fetched_at INTEGER NOT NULL,
        edited_at INTEGER,
        revision INTEGER NOT NULL DEFAULT 1,
        visibility TEXT NOT NULL,
        kind TEXT NOT NULL,
        triggers TEXT NOT NULL,
        own_mentions TEXT NOT NULL,
        owned_surface INTEGER NOT NULL,
        author_id TEXT NOT NULL,
        author_handle TEXT NOT NULL,
        author_is_bot INTEGER,
        author_opted_out INTEGER,
        parent_key TEXT NOT NULL,
        parent_author_id TEXT NOT NULL,
        root_key TEXT NOT NULL,
        thread_key TEXT NOT NULL,
        extras TEXT NOT NULL,
        stage TEXT NOT NULL DEFAULT 'kept' CHECK (stage IN ('kept', 'assessed', 'poison')),
        suspect INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        claimed_until INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "CREATE INDEX mentions_to_assess ON mentions (source, fetched_at) WHERE stage = 'kept'",
    "CREATE INDEX mentions_of_case ON mentions (case_id, created_at)",
    "CREATE INDEX mentions_of_thread ON mentions (platform, surface, thread_key, created_at)",
    "CREATE INDEX mentions_by_native_id ON mentions (platform, native_id)",
    """CREATE TABLE revisions (
        mention_id INTEGER NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        text TEXT NOT NULL,
        text_hash TEXT NOT NULL,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (mention_id, number)
    ) STRICT""",
    """CREATE TABLE matches (
        mention_id INTEGER NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
        watch TEXT NOT NULL,
        version TEXT NOT NULL,
        rule TEXT NOT NULL,
        term TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX matches_of_mention ON matches (mention_id)",
    """CREATE TABLE findings (
        mention_id INTEGER NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
        detector TEXT NOT NULL,
        version TEXT NOT NULL,
        label TEXT NOT NULL,
        score INTEGER NOT NULL CHECK (score BETWEEN 0 AND 1000),
        spans TEXT NOT NULL,
        reason TEXT NOT NULL,
        failed INTEGER NOT NULL,
        PRIMARY KEY (mention_id, detector)
    ) STRICT""",
)

_DESK = (
    """CREATE TABLE cases (
        id INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        account TEXT NOT NULL,
        surface TEXT NOT NULL,
        thread_key TEXT NOT NULL,
        author_id TEXT NOT NULL,
        author_handle TEXT NOT NULL,
        lane TEXT NOT NULL,
        priority TEXT NOT NULL,
        rank INTEGER NOT NULL,
        topic TEXT NOT NULL,
        language TEXT NOT NULL,
        reason TEXT NOT NULL,
        not_assessed INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'new',
        latest_mention INTEGER NOT NULL,
        opened_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        due_at INTEGER,
        claimed_by INTEGER REFERENCES users (id),
        claimed_until INTEGER NOT NULL DEFAULT 0,
        version INTEGER NOT NULL DEFAULT 1
    ) STRICT""",
    "CREATE UNIQUE INDEX cases_one_a_conversation ON cases (platform, account, surface, thread_key, author_id)",
    "CREATE INDEX cases_by_author ON cases (platform, account, surface, author_id, updated_at)",
    """CREATE INDEX cases_open ON cases (lane, rank, due_at, id)
    WHERE state IN ('new', 'claimed', 'waiting', 'outbox', 'failed', 'escalated')""",
    "CREATE INDEX cases_by_state ON cases (state, updated_at)",
    "CREATE INDEX cases_held ON cases (claimed_by, claimed_until) WHERE claimed_by IS NOT NULL",
    """CREATE TABLE case_events (
        id INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        user_id INTEGER REFERENCES users (id),
        note TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX case_events_of_case ON case_events (case_id, id)",
    """CREATE TABLE drafts (
        id INTEGER PRIMARY KEY,
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        mention_id INTEGER NOT NULL REFERENCES mentions (id) ON DELETE CASCADE,
        text TEXT NOT NULL,
        version INTEGER NOT NULL DEFAULT 1,
        origin TEXT NOT NULL,
        prepared TEXT NOT NULL,
        template TEXT NOT NULL,
        template_version TEXT NOT NULL,
        language TEXT NOT NULL,
        address TEXT NOT NULL,
        reason TEXT NOT NULL,
        written_by INTEGER REFERENCES users (id),
        decision_seq INTEGER NOT NULL DEFAULT 0,
        config_id INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'submitted', 'approved', 'done', 'void'))
    ) STRICT""",
    """CREATE UNIQUE INDEX drafts_one_open_a_post ON drafts (mention_id)
    WHERE state IN ('open', 'submitted', 'approved')""",
    "CREATE INDEX drafts_of_case ON drafts (case_id, id)",
    """CREATE TABLE approvals (
        id INTEGER PRIMARY KEY,
        draft_id INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id),
        role TEXT NOT NULL,
        trained INTEGER NOT NULL,
        text_hash TEXT NOT NULL,
        post_hash TEXT NOT NULL,
        at INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        void INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    "CREATE INDEX approvals_of_draft ON approvals (draft_id)",
    """CREATE TABLE releases (
        id INTEGER PRIMARY KEY,
        draft_id INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id),
        rule TEXT NOT NULL,
        evidence_hash TEXT NOT NULL,
        decision_seq INTEGER NOT NULL,
        second INTEGER NOT NULL,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL,
        seq INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX releases_of_draft ON releases (draft_id)",
)

_SENDING = (
    """CREATE TABLE dispatches (
        id INTEGER PRIMARY KEY,
        draft_id INTEGER NOT NULL REFERENCES drafts (id),
        case_id INTEGER NOT NULL REFERENCES cases (id),
        mention_id INTEGER NOT NULL REFERENCES mentions (id),
        canonical_target TEXT NOT NULL,
        platform TEXT NOT NULL,
        surface TEXT NOT NULL,
        account TEXT NOT NULL,
        text TEXT NOT NULL,
        text_hash TEXT NOT NULL,
        request_key TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL DEFAULT 'queued',
        due_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        claimed_until INTEGER NOT NULL DEFAULT 0,
        cause TEXT NOT NULL DEFAULT '',
        remote_id TEXT NOT NULL DEFAULT '',
        remote_url TEXT NOT NULL DEFAULT '',
        started_at INTEGER,
        sent_at INTEGER,
        updated_at INTEGER NOT NULL
    ) STRICT""",
    # Rule C-10: one reply a post, across all our accounts; a clean refusal or a retraction frees the key.
    """CREATE UNIQUE INDEX dispatches_one_a_post ON dispatches (canonical_target)
    WHERE state IN ('queued', 'sending', 'sent', 'uncertain', 'retracting')""",
    "CREATE INDEX dispatches_due ON dispatches (state, due_at)",
    "CREATE INDEX dispatches_of_case ON dispatches (case_id, id)",
    """CREATE TABLE post_status (
        mention_id INTEGER PRIMARY KEY REFERENCES mentions (id) ON DELETE CASCADE,
        checked_at INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE rechecks (
        mention_id INTEGER PRIMARY KEY REFERENCES mentions (id) ON DELETE CASCADE,
        asked_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        next_try_at INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE opt_outs (
        id INTEGER PRIMARY KEY,
        author_key TEXT NOT NULL,
        platform TEXT NOT NULL,
        mention_id INTEGER,
        at INTEGER NOT NULL,
        lifted_at INTEGER,
        once_for INTEGER
    ) STRICT""",
    "CREATE INDEX opt_outs_by_author ON opt_outs (author_key)",
)

_HOUSE = (
    """CREATE TABLE users (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE COLLATE NOCASE,
        role TEXT NOT NULL CHECK (role IN ('guest', 'agent', 'senior')),
        initials TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        trained INTEGER NOT NULL DEFAULT 0,
        active INTEGER NOT NULL DEFAULT 1,
        shortcuts INTEGER NOT NULL DEFAULT 1,
        theme TEXT NOT NULL DEFAULT '',
        language TEXT NOT NULL DEFAULT '',
        failures INTEGER NOT NULL DEFAULT 0,
        locked_until INTEGER NOT NULL DEFAULT 0,
        created_at INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE sessions (
        id_hash TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at INTEGER NOT NULL,
        seen_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
    ) STRICT""",
    "CREATE INDEX sessions_of_user ON sessions (user_id)",
    """CREATE TABLE form_keys (
        key TEXT PRIMARY KEY,
        user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        result TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE stops (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        user_id INTEGER REFERENCES users (id),
        reason TEXT NOT NULL,
        first_release_by INTEGER REFERENCES users (id),
        released_by INTEGER REFERENCES users (id),
        released_at INTEGER
    ) STRICT""",
    """CREATE TABLE health (
        name TEXT PRIMARY KEY,
        pid INTEGER NOT NULL,
        version TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        heartbeat_at INTEGER NOT NULL,
        verified_at INTEGER,
        verified_seq INTEGER NOT NULL DEFAULT 0,
        ledger_ok INTEGER,
        checkpoint_at INTEGER,
        checkpoint_size INTEGER NOT NULL DEFAULT 0,
        anchor_failing_since INTEGER,
        skew_ms INTEGER NOT NULL DEFAULT 0,
        config_problems TEXT NOT NULL DEFAULT ''
    ) STRICT""",
)

TABLES: tuple[str, ...] = (*_LEDGER, *_HOUSE, *_LISTENING, *_DESK, *_SENDING)
"""Every statement of the first migration, in an order that SQLite accepts."""

LISTENING_WIDER: tuple[str, ...] = (
    "ALTER TABLE budgets ADD COLUMN most INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sources ADD COLUMN hearings INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sources ADD COLUMN usual_gap INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sources ADD COLUMN identity_at INTEGER",
    "ALTER TABLE sources ADD COLUMN is_bot INTEGER",
    "ALTER TABLE sources ADD COLUMN identity_trouble TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE gaps (
        id INTEGER PRIMARY KEY,
        source TEXT NOT NULL,
        begins INTEGER NOT NULL,
        ends INTEGER NOT NULL,
        found_at INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE costs (
        source TEXT NOT NULL,
        day INTEGER NOT NULL,
        what TEXT NOT NULL,
        micro INTEGER NOT NULL,
        PRIMARY KEY (source, day, what)
    ) STRICT""",
)
"""The second migration: how much a full budget holds, how often a source is heard, and what nobody serves any more."""
