"""Why an incident or an answer to many was refused, in the reader's language, with what to do instead."""

from bot.desk.i18n import _
from bot.desk.text import visible
from bot.errors import EarshotError


def in_words(refused: EarshotError) -> str:
    """The sentence for what was refused; for what only changed meanwhile, that it did."""
    code, term = getattr(refused, "code", ""), visible(getattr(refused, "term", ""))
    told = {
        "too_many": _("%(n)s words are the most. Leave out the rarer ones.", n=term),
        "too_long": _("This word is too long: %(term)s", term=term),
        "term": _(
            "“%(term)s” hits nothing, or nearly every post. Write a longer word, or two words together.", term=term
        ),
        "kind": _("Choose what kind of incident it is."),
        "topic": _("There is no such topic. Choose one from the list."),
        "nothing_named": _("Write the words that people use, or choose a topic. Otherwise no case is found."),
        "place_excluded": _("Places are only named. What must not count begins with ~ among the words."),
        "end_first": _("The end lies before the beginning. Change one of the two times."),
        "time": _("“%(term)s” is no time. Write it as 2026-11-24T18:00.", term=term),
        "link_scheme": _("The status page must begin with https://."),
        "link_foreign": _("The status page must lead to a host that brand.yaml names. Add it to domains there."),
        "link_shortener": _("The status page is a short link. Write the address that it leads to."),
        "link_malformed": _("The status page is no address. Copy it from the browser."),
        "over": _("This incident is over. Reopen it first."),
        "storm": _("In a storm no replies are prepared."),
        "template": _("This template is not released any more, or something that it names is missing."),
        "gap": _("Fill every gap first. What you write there goes to everybody."),
        "nobody": _("No post waits for this answer at present."),
        "approved": _("This answer is approved already. If two people are needed, somebody else comes next."),
        "all_changed": _("Every post of this answer has changed meanwhile. Prepare it anew."),
        "cancelled": _("This answer was withdrawn."),
    }
    return told.get(code, _("Somebody else changed it meanwhile. Look again."))
