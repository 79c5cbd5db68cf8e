"""What is looked at again after sending, and what our servers ask of us."""

AFTER_SENDING: tuple[str, ...] = (
    # When a reply of ours is looked at again (C-34); NULL: never.
    "ALTER TABLE dispatches ADD COLUMN look_at INTEGER",
    "CREATE INDEX dispatches_to_look_at ON dispatches (look_at) WHERE state = 'sent' AND look_at IS NOT NULL",
    # The rules of the server that our account lives on, as a SHA-256 of them (C-30); '' where it publishes none.
    "ALTER TABLE sources ADD COLUMN server_rules TEXT NOT NULL DEFAULT ''",
)
