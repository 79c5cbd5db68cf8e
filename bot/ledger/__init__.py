"""The tamper-evident ledger: what was decided, by which rules, before anything left the house."""
