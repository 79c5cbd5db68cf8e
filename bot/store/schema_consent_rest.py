"""The table of what an author agreed to expressly (rule C-25)."""

CONSENT_REST: tuple[str, ...] = (
    # An author let us match what we know of them from elsewhere. Under a keyed digest, as opt-outs are; ``evidence``
    # says where the agreement can be found, never what is known of the person. No foreign key to a case: it may end.
    """CREATE TABLE opt_ins (
        id INTEGER PRIMARY KEY,
        author_key TEXT NOT NULL,
        platform TEXT NOT NULL,
        evidence TEXT NOT NULL CHECK (evidence <> ''),
        given_at INTEGER NOT NULL,
        at INTEGER NOT NULL CHECK (given_at <= at),
        until INTEGER NOT NULL CHECK (until > given_at),
        user_id INTEGER NOT NULL REFERENCES users (id),
        seq INTEGER NOT NULL,
        withdrawn_at INTEGER
    ) STRICT""",
    # One author, one agreement in force: a withdrawal ends all there is.
    "CREATE UNIQUE INDEX opt_ins_in_force ON opt_ins (author_key) WHERE withdrawn_at IS NULL",
)
"""The fourteenth migration."""
