"""The warning ladder of one author on one platform (E-10): its steps, its rungs, its reviews. Standard library only."""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """Where an author stands, and what a draft says: one of three warnings, or the apology for a false one."""

    NONE = ""
    W1 = "w1"
    W2 = "w2"
    W3 = "w3"
    CLOSED = "closed"
    APOLOGY = "apology"


class Outcome(StrEnum):
    """What a review of a closed author, or of an appeal, comes to. ``REOPEN`` lifts everything."""

    REOPEN = "reopen"
    STAY = "stay"
    REPORT = "report"
    LEGAL = "legal"


class Bar(StrEnum):
    """Why no warning may be given at present; the gravest first."""

    THREAT = "threat"
    CRISIS = "crisis"
    CLOSED = "closed"
    STOPPED = "stopped"
    STORM = "storm"
    NOT_ABUSE = "not_abuse"
    NOBODY_MEANT = "nobody_meant"
    NOT_ADDRESSED = "not_addressed"
    PENDING = "pending"
    SAME_INCIDENT = "same_incident"
    OUT_OF_TURN = "out_of_turn"


@dataclass(frozen=True, slots=True)
class Rung:
    """One warning. ``incident_at``: when the words came up that it answers. ``issued_by``: who proposed or approved it.

    Whoever proposed it is its issuer. Times in UTC milliseconds, people by their number; the ids of rows are ``None``
    once those are erased.
    """

    incident_at: int
    proposed_by: int
    proposed_at: int
    case_id: int | None = None
    mention_id: int | None = None
    draft_id: int | None = None
    apology_id: int | None = None
    delivered_at: int | None = None
    withdrawn_at: int | None = None
    withdrawn_by: int | None = None
    issued_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Everything that is held of one author's warnings, oldest first.

    ``closed_at``: the last warning was delivered; only a unanimous review takes that back. ``reset_at``: what was
    delivered up to then counts no more.
    """

    rungs: tuple[Rung, ...] = ()
    closed_at: int | None = None
    reset_at: int | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """The post that a warning would answer, and what stands around it.

    ``written_at``: when it was posted; ``at``: when its words came up, later if it was edited. ``means_person``: a
    detector found an attack on a person, not on a thing. ``threat`` and ``crisis``: of the same author, open.
    """

    mention_id: int
    at: int
    written_at: int
    abuse_lane: bool
    means_person: bool
    addressed: bool = True
    threat: bool = False
    crisis: bool = False
    storm: bool = False
    stopped: bool = False
