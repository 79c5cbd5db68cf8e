"""From rows to the responder: the prepared draft for one post of one case."""

import hashlib
from collections.abc import Sequence
from functools import partial

from bot.config.models import Brand, ConfigSet, Template
from bot.lengths import length_on
from bot.model import Finding, Lane, Platform, Prepared, Trigger
from bot.model.ladder import Step
from bot.responder import answered_in, form_of_address, prepare
from bot.store import mentions
from bot.store.db import Row


def propose(config: ConfigSet, row: Row, case: Row | None, *, private: bool = False) -> Prepared | None:
    """The responder's draft for a post of a case; None when nothing may be prepared or nothing can be answered.

    ``private``: personal data stand in the post, so the draft asks for their deletion where a template does.
    """
    if case is None or case["not_assessed"] or mentions.triggers_of(row) == (Trigger.NONE,):
        return None
    asked = _prepared(config, row, case, Step.NONE, occasion="personal_data") if private else None
    return asked or _prepared(config, row, case, Step.NONE)


def holds_personal_data(findings: Sequence[Finding]) -> bool:
    """Whether personal data were found in a post's own words."""
    return any(finding.detector == finding.label == "personal_data" for finding in findings)


def false_helper_warning(config: ConfigSet, row: Row, case: Row) -> Prepared | None:
    """What tells a customer that a false helper answered them; None if there is no such template."""
    return _prepared(config, row, case, Step.NONE, occasion="false_helper")


def standard_text(config: ConfigSet, row: Row, case: Row, step: Step) -> Prepared | None:
    """A released warning, or the apology, in the language and form of address of the post; None if there is none."""
    return _prepared(config, row, case, step)


def fits_template(brand: Brand, template: Template, row: Row) -> bool:
    """Whether a template speaks to a case's post: in its lane, its best language, its form of address.

    ``row``: the columns of a case, with the post's ``text``.
    """
    language = "" if row["language"] == "undetermined" else row["language"]
    form = form_of_address(row["text"]) or brand.address
    spoken = answered_in(brand, language)[:1] == (template.language,)
    return spoken and Lane(row["lane"]) in template.lanes and template.address in (form, "any")


def _prepared(config: ConfigSet, row: Row, case: Row, step: Step, *, occasion: str = "") -> Prepared | None:
    platform = Platform(row["platform"])
    return prepare(
        brand=config.brand,
        templates=config.templates,
        lane=Lane.ABUSE if step else Lane.SCAM if occasion == "false_helper" else Lane(case["lane"]),
        topic="" if step else case["topic"],
        language="" if case["language"] == "undetermined" else case["language"],
        address=form_of_address(row["text"]),
        seed=int.from_bytes(hashlib.sha256(row["canonical_key"].encode()).digest()[:4]),
        ladder=step,
        occasion=occasion,
        limit=platform.longest,
        length=partial(length_on, platform),
    )
