"""What may be asked for a feed: exactly the address that the configuration names. Data only."""

from urllib.parse import parse_qsl, urlsplit

from bot.egress.private import private_reason
from bot.egress.rules import PARAMETERS, Malformed, Rule, judge, read_call


def feed_rules(address: str) -> tuple[Rule, ...]:
    """The one request that reads the feed at ``address``, written as it is sent. Some addresses are secrets."""
    parts = urlsplit(address)
    exact = {name: frozenset({value}) for name, value in parse_qsl(parts.query, keep_blank_values=True)}
    return (Rule("GET", parts.path, query=frozenset(exact), exact=exact, json=False, told_as="/:feed"),)


def objection(address: str) -> str:
    """Why the door would not ask for ``address``, in its own words; empty when it would."""
    try:
        call = read_call("GET", address, None, {})
    except Malformed as fault:
        return str(fault)
    # ":id" in an address would stand for any id.
    if any(parameter in call.path for parameter in PARAMETERS):
        return "unusual path"
    verdict = judge(call, feed_rules(address))
    return private_reason(call) or (verdict if isinstance(verdict, str) else "")
