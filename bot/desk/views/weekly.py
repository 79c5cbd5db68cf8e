"""Weekly sums for the safety board and the works council: a page to print, and a file, without any person in them."""

from flask import Blueprint, Response, render_template, request

from bot.desk.i18n import lazy_gettext
from bot.desk.state import house, now, store, user, zone
from bot.protect import weekly as sums
from bot.store.weekly import LEAST, QUERIES

weekly = Blueprint("weekly", __name__, url_prefix="/protection/report")

USUAL_WEEKS = 8

NAMES = {
    "abuse": lazy_gettext("Attacks on a person"),
    "threats": lazy_gettext("Threats, suspected or confirmed"),
    "crises": lazy_gettext("People in need"),
    "threats_confirmed": lazy_gettext("Threats confirmed by a person"),
    "threats_figurative": lazy_gettext("Threats found to be figures of speech"),
    "threats_not_reported": lazy_gettext("Threats closed by two people without a report"),
    "reports_police": lazy_gettext("Reports to the police"),
    "reports_others": lazy_gettext("Reports to others"),
    "warnings_1": lazy_gettext("First warnings"),
    "warnings_2": lazy_gettext("Second warnings"),
    "warnings_3": lazy_gettext("Third and last warnings"),
    "warnings_withdrawn": lazy_gettext("Warnings withdrawn"),
    "reviews_reopen": lazy_gettext("Reviews: conversation reopened"),
    "reviews_stay": lazy_gettext("Reviews: stays closed"),
    "reviews_report": lazy_gettext("Reviews: reported"),
    "reviews_legal": lazy_gettext("Reviews: handed to the lawyers"),
    "false_helpers": lazy_gettext("False helpers found"),
    "false_helpers_reported": lazy_gettext("False helpers reported to their platform"),
    "false_helpers_taken_down": lazy_gettext("False helpers taken down"),
}
"""What each sum is called."""


def _count() -> int:
    return min(max(request.values.get("weeks", USUAL_WEEKS, type=int), 1), sums.MOST_WEEKS)


@weekly.get("")
def show() -> str:
    """The last weeks side by side, the running one first."""
    told = sums.weeks(store(), zone(), now(), _count())
    lines = [(NAMES[what], [sums.shown(week.sums.get(what, 0)) for week in told]) for what in QUERIES]
    return render_template("weekly.html", weeks=told, lines=lines, least=LEAST, count=len(told))


@weekly.post("/export")
def export() -> Response:
    """The same as a file; that it was taken along is an entry in the ledger."""
    count = _count()
    told = sums.weeks(store(), zone(), now(), count)
    with store().write() as tx:
        sums.note(tx, house().keys.staff(user()["id"], now()), count, now())
    heads = [str(lazy_gettext("Week")), *(str(NAMES[what]) for what in QUERIES)]
    headers = {"Content-Disposition": f'attachment; filename="protection-{told[0].name}.csv"'}
    return Response("\ufeff" + sums.as_csv(told, heads), mimetype="text/csv", headers=headers)
