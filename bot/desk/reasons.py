"""Machine reasons of rows, put into words: why a case is where it is, why a reply did not leave."""

import re
from collections.abc import Mapping

from bot.desk.i18n import _
from bot.desk.state import house
from bot.desk.words import LANES, language_code
from bot.errors import Held
from bot.gate.sentences import explain, title
from bot.model import Lane, Outcome, RuleResult
from bot.store import sources
from bot.triage_words import reason_words

HELD = Held.__name__
_ASIDE = re.compile(r" \([^)]*\)")


def in_words(reason: str) -> str:
    """Why a case lies where it lies, all of it, in the reader's language."""
    return reason_words(reason, language_code(), _topics())


def in_short(reason: str) -> str:
    """Only what decided, without rule and score: what a list has room for."""
    return _ASIDE.sub("", reason_words(reason.split("; ", maxsplit=1)[0], language_code(), _topics()))


def topic_word(topic: str) -> str:
    """How the configuration calls a topic in the reader's language; a topic without a name shows as written."""
    return _topics().get(topic, {}).get(language_code(), topic)


def _topics() -> Mapping[str, Mapping[str, str]]:
    return house().config.triage.topic_names


def prepared_because(why: Mapping[str, str]) -> str:
    """Why the responder chose its template: lane, topic, form of address."""
    lane = str(LANES[Lane(why["lane"])]) if why.get("lane") in set(Lane) else ""
    topic = "" if why.get("topic", "any") == "any" else topic_word(why["topic"])
    form = {"du": _("informal address"), "sie": _("formal address")}.get(why.get("address", ""), "")
    return ", ".join(part for part in (lane, topic, form) if part)


def rule_and_code(cause: str) -> tuple[str, str] | None:
    """The rule and its code, if a cause is the gate's."""
    parts = cause.split(":", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "gate" else None  # noqa: PLR2004 - gate:rule:code


def cause_words(cause: str) -> tuple[str, str]:
    """A headline and a sentence for a reply that did not leave: what happened, what was kept, what to do."""
    named = rule_and_code(cause)
    if named:
        return _gate_words(*named)
    told = {
        "gate": (_("The gate refused at the last look."), _("Open the draft; the panel says why.")),
        "no_publisher": (
            _("Nobody writes for this account right now."),
            _("The account is not set up for writing. Nothing is lost; tell who runs the desk."),
        ),
        "by_hand": (
            _("This account cannot send at present."),
            _("Nothing was sent. Answer at the original, or open the draft again when the account is well."),
        ),
        "not_there": (
            _("The reply did not arrive."),
            _("We looked: it is not there, so trying again is safe."),
        ),
        "Gone": (_("The post is gone."), _("It was deleted or hidden meanwhile. Nothing was sent.")),
        "Unauthorised": (
            _("The platform refused our key."),
            _("Nothing was sent. Who runs the desk renews the key, then try again."),
        ),
        "EgressRefused": (
            _("Our own door refused the request."),
            _("It would have left the allowed path. Nothing was sent."),
        ),
        "Permanent": (_("The platform refused the reply."), _("Nothing was sent. Open the draft and revise it.")),
        "lost": (
            _("It may have left before the restore."),
            _("The backup does not know this reply. Look at the platform, then say what you see."),
        ),
        "interrupted": (_("The line broke while sending."), _("Look at the platform, then say what you see.")),
        HELD: (
            _("The reply waits for the platform's moderators."),
            _("It counts as sent once they let it through. If they refuse it, the draft opens again."),
        ),
    }
    return told.get(cause, (_("The reply did not leave."), _("Nothing is lost. Open the draft and try again.")))


def mute_words(trouble: str) -> str:
    """Why nothing can be sent as an account, from what its source says is wrong; "" if it can."""
    if trouble.startswith(sources.NOT_SET):
        return _("Not set: %(secrets)s.", secrets=trouble.removeprefix(sources.NOT_SET))
    if trouble == sources.ANOTHER_ACCOUNT:
        return _("The credentials belong to another account.")
    if trouble == sources.UNREACHED:
        return _("The platform has not answered us for an hour. We ask again every minute.")
    return _("The account or its credentials do not work. “earshot doctor” says why.") if trouble else ""


def _gate_words(rule: str, code: str) -> tuple[str, str]:
    language = language_code()
    try:
        fact = explain(RuleResult(rule, Outcome.WAIT, code), language)
        name = title(rule, language)
    except (KeyError, StopIteration):
        fact, name = "", rule
    kept = _("Nothing was sent.")
    return _("The gate refused at the last look: %(rule)s", rule=name), f"{fact} {kept}".strip()


def delay_words(cause: str) -> str:
    """Why a queued reply is later than its countdown, or "" when it is not."""
    told = {
        "RateLimited": _("The platform asks us to slow down. The next try comes by itself."),
        "Transient": _("The platform did not answer. The next try comes by itself."),
        "wait": _("A rule waits for a fresh answer. The next try comes by itself."),
        "no_journal": _("The checkpoint folder cannot be written. The next try comes by itself."),
        "Uncertain": _("The platform's answer was unclear. The next try comes by itself."),
    }
    return told.get(cause, "")
