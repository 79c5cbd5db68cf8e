"""The tables of escalations: alarms, pages, timers, reports (E-01 to E-06).

No word of a post stands in them. An author is found through the cases that an escalation holds.
"""

ALARMS: tuple[str, ...] = (
    # ``acute``: an acute pattern or a human's flag. ``page_at``: when the next round of pages is due, NULL when nobody
    # needs to be paged. ``place``: who of the chain is next. ``late_*``: when a timer ran out and the ledger said so.
    """CREATE TABLE escalations (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('threat', 'crisis', 'security')),
        acute INTEGER NOT NULL CHECK (acute IN (0, 1)),
        why TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'figurative', 'reported',
            'no_report', 'settled')),
        opened_at INTEGER NOT NULL,
        page_at INTEGER,
        place INTEGER NOT NULL DEFAULT 0,
        rung_at INTEGER NOT NULL,
        paged_at INTEGER,
        acknowledged_at INTEGER,
        acknowledged_contact TEXT NOT NULL DEFAULT '',
        acknowledged_user INTEGER REFERENCES users (id),
        confirmed_at INTEGER,
        confirmed_by INTEGER REFERENCES users (id),
        reported_at INTEGER,
        ended_at INTEGER,
        late_page_at INTEGER,
        late_decision_at INTEGER,
        late_report_at INTEGER,
        version INTEGER NOT NULL DEFAULT 1,
        CHECK ((state IN ('open', 'confirmed')) = (ended_at IS NULL))
    ) STRICT""",
    "CREATE INDEX escalations_open ON escalations (kind, id) WHERE ended_at IS NULL",
    # ``linked_by``: who found that another case is of the same person; NULL when the platform's own id says so.
    """CREATE TABLE escalation_cases (
        escalation_id INTEGER NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
        case_id INTEGER NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        linked_by INTEGER REFERENCES users (id),
        PRIMARY KEY (escalation_id, case_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX escalation_cases_by_case ON escalation_cases (case_id)",
    # One page to one contact. ``token_hash``: of the acknowledge link that it carries, made when it is claimed.
    """CREATE TABLE pages (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('threat', 'crisis', 'security')),
        contact TEXT NOT NULL,
        digest INTEGER NOT NULL CHECK (digest IN (0, 1)),
        first_look INTEGER NOT NULL CHECK (first_look IN (0, 1)),
        state TEXT NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'sending', 'sent', 'uncertain', 'dropped')),
        made_at INTEGER NOT NULL,
        due_at INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        channel INTEGER NOT NULL DEFAULT 0,
        claimed_until INTEGER NOT NULL DEFAULT 0,
        failing_since INTEGER,
        cause TEXT NOT NULL DEFAULT '',
        sent_at INTEGER,
        token_hash TEXT UNIQUE,
        token_until INTEGER,
        acknowledged_at INTEGER
    ) STRICT""",
    "CREATE INDEX pages_due ON pages (state, due_at)",
    "CREATE INDEX pages_by_contact ON pages (contact, made_at)",
    """CREATE TABLE page_escalations (
        page_id INTEGER NOT NULL REFERENCES pages (id) ON DELETE CASCADE,
        escalation_id INTEGER NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
        PRIMARY KEY (page_id, escalation_id)
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX page_escalations_by_escalation ON page_escalations (escalation_id)",
    # The checklist of reports (E-04, E-05). A receipt is what the other side calls the report.
    """CREATE TABLE escalation_reports (
        escalation_id INTEGER NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
        target TEXT NOT NULL,
        at INTEGER NOT NULL,
        receipt TEXT NOT NULL,
        user_id INTEGER NOT NULL REFERENCES users (id),
        PRIMARY KEY (escalation_id, target)
    ) STRICT, WITHOUT ROWID""",
    # The duty check (E-03): who agrees that nothing is reported, and why.
    """CREATE TABLE duty_checks (
        escalation_id INTEGER NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id),
        role TEXT NOT NULL,
        reason TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (escalation_id, user_id)
    ) STRICT, WITHOUT ROWID""",
    # Request-only offences (E-06): whom they concern, and until when that person may file a request.
    """CREATE TABLE requests_to_prosecute (
        id INTEGER PRIMARY KEY,
        escalation_id INTEGER NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
        user_id INTEGER NOT NULL REFERENCES users (id),
        offence TEXT NOT NULL,
        known_on TEXT NOT NULL,
        until TEXT NOT NULL,
        at INTEGER NOT NULL,
        UNIQUE (escalation_id, user_id, offence)
    ) STRICT""",
)
"""The seventh migration."""
