"""What a review of the warning ladder asks somebody to do, and that it was done (E-10: outcomes report and legal)."""

OUTCOMES: tuple[str, ...] = (
    # ``receipt``: what the police, the platform or counsel call it. Who did it stands in the ledger alone.
    "ALTER TABLE ladder_reviews ADD COLUMN done_at INTEGER",
    "ALTER TABLE ladder_reviews ADD COLUMN receipt TEXT NOT NULL DEFAULT ''",
)
"""The twentieth migration."""
