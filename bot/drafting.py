"""From rows to the responder: the prepared draft for one post of one case."""

import hashlib
from functools import partial

from bot.config.models import ConfigSet
from bot.lengths import length_on
from bot.model import Lane, Platform, Prepared, Trigger
from bot.responder import form_of_address, prepare
from bot.store import mentions
from bot.store.db import Row


def propose(config: ConfigSet, row: Row, case: Row | None) -> Prepared | None:
    """The responder's draft for a post of a case; None when nothing may be prepared or nothing can be answered."""
    if case is None or case["not_assessed"] or mentions.triggers_of(row) == (Trigger.NONE,):
        return None
    platform = Platform(row["platform"])
    return prepare(
        brand=config.brand,
        templates=config.templates,
        lane=Lane(case["lane"]),
        topic=case["topic"],
        language="" if case["language"] == "undetermined" else case["language"],
        address=form_of_address(row["text"]),
        seed=int.from_bytes(hashlib.sha256(row["canonical_key"].encode()).digest()[:4]),
        limit=platform.longest,
        length=partial(length_on, platform),
    )
