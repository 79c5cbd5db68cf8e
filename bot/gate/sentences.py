"""What the desk shows beside a rule: one plain sentence for every answer, in German and English.

Braces name evidence of the result. A rule that is simply content says nothing.
"""

from bot.gate.rule import ATTESTED, MISSING, NOT_OFFERED, OK, SILENT
from bot.gate.table import RULES
from bot.model import Outcome, RuleResult

_FINAL = ("Das lässt sich nicht übergehen.", "This cannot be overridden.")

_EVERY_RULE: dict[str, tuple[str, str]] = {
    OK: ("", ""),
    SILENT: ("Die Plattform hat das noch nicht beantwortet.", "The platform has not answered this yet."),
    NOT_OFFERED: ("Diese Plattform verrät das nicht.", "This platform does not tell."),
    ATTESTED: ("Eine Person hat das bestätigt.", "A person has attested this."),
    MISSING: ("Hier fehlt noch eine Angabe. Sie wird nachgeholt.", "A fact is still missing. It is being fetched."),
}

_CODES: dict[str, tuple[str, str]] = {
    "C-01 other act": ("Von hier gehen nur öffentliche Antworten hinaus.", "Only public replies leave from here."),
    "C-01 private reply": ("Diese Antwort könnten nicht alle lesen.", "Not everyone could read this reply."),
    "C-01 other post": ("Der Entwurf gehört zu einem anderen Beitrag.", "The draft belongs to another post."),
    "C-02 gone": ("Den Beitrag gibt es nicht mehr.", "The post is gone."),
    "C-02 not public": ("Den Beitrag können nicht alle lesen.", "Not everyone can read the post."),
    "C-02 unlisted": (
        "Der Beitrag ist nicht gelistet; diese Quelle antwortet nur auf gelistete.",
        "The post is unlisted; this source answers listed posts only.",
    ),
    "C-03 limited audience": ("An diesem Ort antworten wir nicht.", "We do not answer in this place."),
    "C-04 only heard": (
        "Wir wurden nur gehört, nicht angesprochen. Öffne das Original.",
        "We only heard this; nobody addressed us. Open the original.",
    ),
    "C-05 not summoned": (
        "Die Plattform lässt nur Antworten zu, wenn wir angesprochen wurden.",
        "The platform only allows replies when we were addressed.",
    ),
    "C-07 opted out": ("Diese Person möchte keine Antworten von uns.", "This person wants no replies from us."),
    "C-07 nobot": (
        "Das Profil bittet darum, nicht automatisch zu antworten.",
        "The profile asks for no automated replies.",
    ),
    "C-07 answer once": (
        "Abgemeldet, hat uns aber wieder angesprochen. Einmal antworten ist entschieden.",
        "Opted out, but addressed us again. Answering once was decided.",
    ),
    "C-07 unclear": (
        "Heißt das „schreibt mir nicht mehr“? Lies es und entscheide.",
        "Does this mean “stop writing to me”? Read it and decide.",
    ),
    "C-08 blocks us": ("Diese Person blockiert uns.", "This person blocks us."),
    "C-08 inactive": ("Das Konto ist gesperrt oder gelöscht.", "The account is suspended or deleted."),
    "C-09 closed": ("Antworten sind hier nicht offen.", "Replies are not open here."),
    "C-10 under way": (
        "Eine Antwort ist gerade unterwegs oder ungeklärt.",
        "A reply is on its way or not yet resolved.",
    ),
    "C-10 answered": ("Auf diesen Beitrag haben wir schon geantwortet.", "We have already answered this post."),
    "C-10 queued": ("Eine andere Antwort auf diesen Beitrag wartet.", "Another reply to this post is waiting."),
    "C-10 follow-up": (
        "Die erste Antwort hat eine zweite angekündigt. Gib sie mit Grund frei.",
        "The first reply announced a second. Release it with a reason.",
    ),
    "C-11 unanswered": (
        "Unsere letzte Antwort ist noch unbeantwortet. Gib mit Grund frei oder warte.",
        "Our last reply is still unanswered. Release with a reason, or wait.",
    ),
    "C-11 often": (
        "{week} Antworten in sieben Tagen. Gib mit Grund frei oder warte.",
        "{week} replies in seven days. Release with a reason, or wait.",
    ),
    "C-12 deleted": ("Der Beitrag wurde gelöscht.", "The post was deleted."),
    "C-12 edited": (
        "Der Beitrag wurde geändert. Vergleiche und gib neu frei.",
        "The post was edited. Compare and approve again.",
    ),
    "C-12 future": (
        "Der Beitrag trägt ein Datum in der Zukunft. Er wartet, bis es erreicht ist.",
        "The post is dated ahead. It waits until that time.",
    ),
    "C-12 old": (
        "Der Beitrag ist älter als {hours} Stunden. Gib mit Grund frei.",
        "The post is older than {hours} hours. Release with a reason.",
    ),
    "C-13 nobody": ("Noch niemand hat freigegeben.", "Nobody has approved yet."),
    "C-13 other text": (
        "Freigegeben war ein anderer Wortlaut. Gib diesen neu frei.",
        "Another wording was approved. Approve this one again.",
    ),
    "C-13 expired": ("Die Freigabe ist zu alt. Gib neu frei.", "The approval is too old. Approve again."),
    "C-13 role": (
        "Diese Freigabe zählt hier nicht. Eine andere Person gibt frei.",
        "This approval does not count here. Someone else approves.",
    ),
    "C-13 two people": (
        "{approved} von {needed}. Eine zweite Person gibt frei.",
        "{approved} of {needed}. A second person approves.",
    ),
    "C-13 not the author": (
        "Noch niemand. Eine zweite Person gibt frei.",
        "Nobody yet. A second person approves.",
    ),
    "C-13 trained": (
        "Noch niemand. Eine für Krisen geschulte Person gibt frei.",
        "Nobody yet. A person trained for crises approves.",
    ),
    "C-16 slur": ("Im Entwurf steht ein Schimpfwort.", "The draft holds a slur."),
    "C-16 look-alike": (
        "Im Entwurf stehen unsichtbare oder fremde Zeichen. Tippe das Wort neu.",
        "The draft holds hidden or foreign characters. Type the word again.",
    ),
    "C-16 other handle": (
        "Der Entwurf nennt ein fremdes Konto. Nimm den Namen heraus.",
        "The draft names someone else's account. Take the name out.",
    ),
    "C-16 echo": (
        "Der Entwurf wiederholt {words} Wörter des Beitrags am Stück. Sag es in eigenen Worten.",
        "The draft repeats {words} words of the post in a row. Put it in your own words.",
    ),
    "C-18 own account": ("Der Beitrag kommt von uns selbst.", "The post is our own."),
    "C-18 bot": ("Hier schreibt ein Automat.", "A bot wrote this."),
    "C-19 threat": (
        "Auf eine Drohung antworten wir nicht. Sie liegt bei den Leitenden.",
        "We do not answer a threat. It is with the seniors.",
    ),
    "C-19 crisis mode": (
        "Krisenmodus: Es gehen nur freigegebene Krisentexte hinaus.",
        "Crisis mode: only released crisis texts leave.",
    ),
    "C-19 own words": (
        "In einer Krise zählen eigene Worte. Schreib ohne Vorlage.",
        "In a crisis, own words count. Write without a template.",
    ),
    "C-19 crisis": ("Krise: Eine geschulte Person antwortet.", "Crisis: a trained person answers."),
    "C-19 crisis template": ("Krisenmodus, freigegebener Krisentext.", "Crisis mode, released crisis text."),
    "C-21 crisis first": ("Eine Krise geht vor.", "A crisis comes first."),
    "C-21 open threat": ("Zu dieser Person ist eine Drohung offen.", "A threat by this person is open."),
    "C-21 ladder ended": ("Die letzte Warnung ist ausgesprochen.", "The last warning has been given."),
    "C-22 holds data": (
        "Die Antwort enthält persönliche Daten. Verlinke die Kontaktseite.",
        "The reply holds personal data. Link to the contact page instead.",
    ),
    "C-22 asks for data": (
        "Die Antwort bittet öffentlich um Daten. Verlinke das Formular.",
        "The reply asks for data in public. Link to the form instead.",
    ),
    "C-22 confirms contract": (
        "Die Antwort verrät, dass ein Vertrag besteht. Sag es allgemein.",
        "The reply reveals a contract. Keep it general.",
    ),
    "C-23 scheme": ("Nur Links mit https.", "Links with https only."),
    "C-23 shortener": ("Keine Kurzlinks. Nimm die ganze Adresse.", "No short links. Use the full address."),
    "C-23 malformed": ("Dieser Link ist nicht eindeutig.", "This link is ambiguous."),
    "C-23 foreign": ("Dieser Link führt nicht zu uns.", "This link does not lead to us."),
    "C-23 private channel": (
        "Die Antwort lockt in einen privaten Kanal. Verlinke die Kontaktseite.",
        "The reply leads into a private channel. Link to the contact page instead.",
    ),
    "C-32 empty": ("Der Entwurf ist leer.", "The draft is empty."),
    "C-32 gap": ("Eine Lücke ist noch offen. Fülle sie.", "A gap is still open. Fill it."),
    "C-32 promise": (
        "Diese Zusage steht in keiner freigegebenen Vorlage.",
        "This promise stands in no released template.",
    ),
    "C-32 two people": ("Zwei Personen stehen für die Zusage ein.", "Two people answer for the promise."),
    "C-33 stopped": ("Alles ist angehalten.", "Everything is stopped."),
    "C-33 not writable": ("Der Nachweis lässt sich nicht schreiben.", "The ledger cannot be written."),
    "C-33 not verified": ("Der Nachweis ist nicht geprüft.", "The ledger is not verified."),
    "C-33 checkpoint": ("Der letzte Prüfpunkt ist zu alt.", "The last checkpoint is too old."),
    "C-33 clock": ("Die Uhren gehen auseinander.", "The clocks disagree."),
}


def title(rule_id: str, language: str) -> str:
    """The rule's name on the panel, in German for "de" and in English otherwise."""
    rule = next(rule for rule in RULES if rule.id == rule_id)
    return rule.german if language == "de" else rule.english


def explain(result: RuleResult, language: str) -> str:
    """What the rule found and what comes next, in German for "de" and in English otherwise; "" when all is well."""
    place = 0 if language == "de" else 1
    sentence = (_CODES.get(f"{result.rule} {result.code}") or _EVERY_RULE[result.code])[place]
    told = sentence.format(**result.evidence)
    if result.outcome is Outcome.DENY and not result.missing:
        return f"{told} {_FINAL[place]}"
    return told
