"""Telling the team. Nothing here reaches a customer: each notifier goes to an address that the operator wrote."""
