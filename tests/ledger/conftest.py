"""Ledgers of six entries: in the store, and in the hands of a forger."""

from collections.abc import Iterator

import pytest
from ledgers import Entry, Forger, fill, rows

from bot.store.db import Store

ENTRIES = 6


@pytest.fixture
def ledger(store: Store) -> list[Entry]:
    fill(store, ENTRIES)
    return rows(store)


@pytest.fixture
def forger(ledger: list[Entry]) -> Iterator[Forger]:
    forger = Forger(ledger)
    yield forger
    forger.close()
