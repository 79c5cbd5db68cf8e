"""The tables of running the house: who is the worker, and when credentials stop to work."""

OPERATIONS: tuple[str, ...] = (
    # One row for each part of which only one process may run. ``turn`` grows with every sign of life: who waits looks
    # whether it stands still, so that no two machines' clocks are ever compared. ``holder`` is '' once given back.
    """CREATE TABLE leases (
        name TEXT PRIMARY KEY,
        holder TEXT NOT NULL,
        turn INTEGER NOT NULL CHECK (turn > 0)
    ) STRICT""",
    # The names of secrets that end some day, never a secret. The worker writes it, for a desk has no secrets.
    """CREATE TABLE credentials (
        name TEXT PRIMARY KEY,
        expires_at INTEGER NOT NULL,
        told_by TEXT NOT NULL CHECK (told_by IN ('platform', 'operator'))
    ) STRICT""",
)
"""The eighteenth migration."""
