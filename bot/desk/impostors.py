"""What a case says about false helpers: that this is one, or that one answered this customer. Reads only."""

from dataclasses import dataclass

from flask import url_for

from bot.desk.i18n import _
from bot.desk.state import house, user
from bot.protect.security import may_look
from bot.store import security
from bot.store.db import Reader, Row


@dataclass(frozen=True, slots=True)
class Notice:
    """A banner. ``tone``: "bad" or "warn"; ``address`` leads to the security case, "" for those who may not see it."""

    title: str
    sentence: str
    tone: str
    address: str


def of_case(reader: Reader, case: Row) -> Notice | None:
    """The banner of a case, if it has one."""
    own = security.of_case(reader, case["id"])
    if own is not None and own["outcome"] != "no_false_helper":
        if own["kind"] == "false_helper":
            told = _("Nobody answers it. The customer is warned, and the platform is told.")
            return Notice(_("This account acts in our name."), told, "bad", _address(own))
        told = _("The people who look after that know of it. Thank the customer.")
        return Notice(_("A report that someone acts in our name."), told, "warn", _address(own))
    warns = security.warns_of(reader, case["id"])
    if warns is None:
        return None
    told = _("Do not leave the customer alone with it: the security case prepares a warning.")
    return Notice(_("A false helper answered this customer."), told, "warn", _address(warns))


def _address(row: Row) -> str:
    return url_for("security.one", security_id=row["id"]) if may_look(house().config, user()) else ""
