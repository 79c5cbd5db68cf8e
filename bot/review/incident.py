"""Rows -> what the warning ladder is asked about: the attack in question, and what stands around it (E-10)."""

import re
from typing import TypedDict

from bot.model import Lane, Trigger
from bot.model.ladder import Bar, Incident, Step
from bot.protect.ladder import leaving_bars, step_of
from bot.review.house import House
from bot.review.rows import Rows
from bot.store import cases, incidents, ladder, mentions
from bot.store import house as house_rows
from bot.store.db import Reader, Row

_REASONS = re.compile(r"[;,]")
_GUESSED = frozenset({"", "head", "cut"})
"""Reasons of a finding that name neither a rule nor whom the words mean."""

WARNING_STEPS = frozenset({Step.W1, Step.W2, Step.W3})


class LadderFacts(TypedDict):
    """Fields of ``Context`` that the ladder tells."""

    ladder_terminal: bool
    warning_bars: tuple[Bar, ...] | None
    barred_approvers: frozenset[str]


def incident(reader: Reader, house: House, mention: Row, case: Row, now: int) -> Incident:
    """The post in ``mention`` as an incident, with everything of the same author that stands against a warning."""
    return Incident(
        mention_id=mention["id"],
        at=max(mention["edited_at"] or 0, mention["created_at"]),
        written_at=mention["created_at"],
        abuse_lane=case["lane"] == Lane.ABUSE and not case["not_assessed"],
        means_person=means_person(reader, house, mention["id"]),
        addressed=mentions.triggers_of(mention) != (Trigger.NONE,),
        threat=cases.author_threatens(reader, case),
        crisis=ladder.in_distress(reader, case["platform"], case["author_id"]),
        storm=incidents.storm(reader, now),
        stopped=house_rows.stop(reader) is not None,
    )


def means_person(reader: Reader, house: House, mention_id: int) -> bool:
    """Whether the abuse detector found an attack on a person. Swearing at a product is none.

    A rule, or the reader of whom an insult means, must have found it: what the trained head alone takes for abuse
    shields the post and puts it into its lane, but warns nobody.
    """
    return any(
        found.detector == "abuse"
        and found.label == "abuse"
        and not found.failed
        and found.score >= house.config.triage.abuse_at
        and not set(_REASONS.split(found.reason)) <= _GUESSED
        for found in mentions.findings_of(reader, mention_id)
    )


def newest_attack(reader: Reader, house: House, case: Row) -> Row | None:
    """The newest post of the case that attacks a person and addresses us, else the one that a reply would answer."""
    posts = sorted(mentions.of_case(reader, case["id"]), key=lambda row: (row["created_at"], row["id"]), reverse=True)
    attacks = (
        row for row in posts if mentions.triggers_of(row) != (Trigger.NONE,) and means_person(reader, house, row["id"])
    )
    return next(attacks, None) or mentions.by_id(reader, case["latest_mention"])


def ladder_facts(reader: Reader, house: House, rows: Rows, now: int) -> LadderFacts:
    """What the gate is told: whether the author is closed, and of a warning or an apology whether its turn is now."""
    author = ladder.of_author(reader, house.keys.author(rows.case["platform"], rows.case["author_id"]))
    step, draft_id = Step(rows.draft["step"]), rows.draft["id"]
    against: tuple[Bar, ...] | None = None
    if step in WARNING_STEPS:
        found = incident(reader, house, rows.mention, rows.case, now)
        # Rule C-33 tells of stop-all in its own words.
        against = tuple(bar for bar in leaving_bars(author, found, step, draft_id, now) if bar is not Bar.STOPPED)
    return LadderFacts(
        ladder_terminal=step_of(author, now) is Step.CLOSED,
        warning_bars=against,
        barred_approvers=frozenset(str(rung.proposed_by) for rung in author.rungs if rung.apology_id == draft_id),
    )
