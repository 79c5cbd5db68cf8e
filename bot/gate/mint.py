"""The only door through which a ``Consent`` is made. It is given to a publisher and never stored."""

from bot.errors import GateRefused
from bot.gate.decide import worst
from bot.gate.facts import text_hash
from bot.gate.ruleset import Ruleset
from bot.gate.table import RULES
from bot.model import READABLE_BY_ALL, Consent, Decision, Outcome, Target

_GOOD = frozenset({Outcome.ALLOW, Outcome.NOTE})


def mint(
    decision: Decision,
    *,
    decision_seq: int,
    target: Target,
    text: str,
    request_key: str,
    now: int,
    ruleset: Ruleset,
    own: frozenset[str] = frozenset(),
) -> Consent:
    """Leave to publish ``text`` to ``target`` once, within the ruleset's ``consent_seconds`` from ``now``.

    ``decision_seq`` is the ledger entry of ``decision``; ``now`` in UTC milliseconds; ``own`` are our
    accounts as the decision knew them (``Snapshot.own_accounts``).

    Raises:
        GateRefused: the decision does not allow exactly this act; ``rules`` names what stood against it.
    """
    against = tuple(result.rule for result in decision.results if result.outcome not in _GOOD)
    if against or decision.outcome not in _GOOD or worst(decision.results) is not decision.outcome:
        raise GateRefused("The gate did not allow this reply.", against)
    if decision.phase != "dispatch" or tuple(result.rule for result in decision.results) != tuple(
        rule.id for rule in RULES
    ):
        raise GateRefused("Only a full decision made for this dispatch gives leave to publish.")
    lifetime = ruleset.limits.consent_seconds * 1000
    if decision.ruleset != ruleset.sha256 or not 0 <= now - decision.decided_at <= lifetime:
        raise GateRefused("The decision is too old or was made under other rules.")
    if (
        decision.target_key != target.canonical_key
        or not target.canonical_key
        or decision.text_hash != text_hash(text, target.author_handle, own)
    ):
        raise GateRefused("The decision was made for another post or another text.")
    if target.visibility not in READABLE_BY_ALL or decision_seq < 1 or not request_key:
        raise GateRefused("A public target, a ledger entry and a request key are needed.")
    return Consent(target, text, request_key, decision_seq, now + lifetime)
