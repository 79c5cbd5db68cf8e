"""Single promises of single detectors, each with its opposite beside it.

What is grave must be heard by rules and heads together. That the harmless twin is told from it is the rules' promise:
how often a head cries out for nothing is counted over many sentences in ``test_authored_sets``.
"""

import pytest
from trained import HEADS, LANGUAGE, deaf

from bot.detectors.abuse import Abuse
from bot.detectors.crisis import Crisis
from bot.detectors.scam import Scam
from bot.detectors.threat import Threat, ThreatRules
from bot.model import Finding
from bot.ports import Detector

ABUSE, CRISIS, SCAM = Abuse(LANGUAGE, HEADS), Crisis(LANGUAGE, HEADS), Scam(LANGUAGE, HEADS)
THREAT = Threat(ThreatRules(), LANGUAGE, HEADS)
DEAF = deaf()
ABUSE_RULES, CRISIS_RULES = Abuse(LANGUAGE, DEAF), Crisis(LANGUAGE, DEAF)
SCAM_RULES, THREAT_RULES = Scam(LANGUAGE, DEAF), Threat(ThreatRules(), LANGUAGE, DEAF)


def look(detector: Detector, text: str) -> Finding:
    return detector.detect([text])[0]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Ich bringe euch um.", "threat"),
        ("Ich bringe euch um den Verstand.", "none"),
        ("Ihr bringt mich um.", "none"),
        ("Ich bringe den Router um die Ecke zur Post.", "none"),
        ("Mein Akku ist tot.", "none"),
        ("Du bist tot.", "threat"),
        ("killer Angebot!", "none"),
        ("I will kill you.", "threat"),
        ("My boss will kill me.", "none"),
        ("Ich gehe zum Anwalt.", "legal"),
        ("Ich gehe zum Anwalt und danach bringe ich euch um.", "threat"),
    ],
)
def test_who_does_what_to_whom_decides_about_a_threat(text: str, label: str) -> None:
    assert look(THREAT_RULES, text).label == label
    assert label == "none" or look(THREAT, text).label == label


@pytest.mark.parametrize(
    ("grave", "harmless"),
    [
        ("Klingelt der noch mal, geht er nicht auf zwei Beinen heim.", "Der Router kommt nicht mehr auf die Beine."),
        ("Euren Shop sollte man abfackeln.", "Im Film wollen sie die Zentrale abfackeln."),
        ("Verabschiede dich von deinen Kindern.", "Der Router hat sich verabschiedet."),
        ("Tell the clerk to kiss her kids goodbye.", "My kids said goodbye to their favourite channel."),
        ("Would be a shame if something happened to them.", "Nice family plan, shame about the price."),
        ("Next time I come with a baseball bat.", "Next time I come with cake."),
        ("I will break your fingers.", "I will break my contract."),
    ],
)
def test_a_veiled_threat_is_heard_and_its_harmless_twin_is_not(grave: str, harmless: str) -> None:
    assert (look(THREAT_RULES, grave).label, look(THREAT_RULES, harmless).label) == ("threat", "none")
    assert look(THREAT, grave).label == "threat"


@pytest.mark.parametrize(
    ("grave", "harmless"),
    [
        ("Ich mache Schluss mit allem.", "Ich mache Schluss mit euch."),
        ("Ich beende es heute Nacht.", "Ich beende heute meinen Vertrag."),
        ("Morgen bin ich nicht mehr da.", "Morgen bin ich nicht mehr zu Hause, bitte klingelt nebenan."),
        ("Ich bring mich heute noch um.", "Ich bring mich heute noch auf den neuesten Stand."),
        ("I don't want to be alive next year.", "I don't want to be in this queue next year."),
        ("I hope I won't wake up.", "The box won't wake up."),
        ("My husband said he will kill me.", "My husband will kill me if I forget to cancel."),
        ("I'm going to end it tomorrow.", "I'm going to end it with you, cancel my contract."),
    ],
)
def test_a_plan_to_die_is_heard_and_its_harmless_twin_is_not(grave: str, harmless: str) -> None:
    assert (look(CRISIS_RULES, grave).label, look(CRISIS_RULES, harmless).label) == ("crisis", "none")
    assert look(CRISIS, grave).label == "crisis"


@pytest.mark.parametrize(
    "text",
    [
        "Morgen komme ich mit der Axt in eure Filiale.",
        "I'll be at your store at 5 with a knife.",
    ],
)
def test_a_threat_with_place_weapon_and_time_is_acute(text: str) -> None:
    found = look(THREAT, text)
    assert found.label == "threat"
    assert found.reason.split(";")[0] == "acute"


def test_a_threat_without_a_plan_is_not_acute() -> None:
    bare, site = "Ich stech dich ab.", "Ich stech dich heute in eurer Filiale ab."
    for detector in (THREAT, THREAT_RULES):
        assert not look(detector, bare).reason.startswith("acute")
        assert look(detector, site).reason.startswith("acute")
    assert look(THREAT_RULES, site).score > look(THREAT_RULES, bare).score


def test_a_threat_is_seen_through_a_disguise_and_its_span_is_the_authors_spelling() -> None:
    text = "So. Ich b r i n g dich um, ja?"
    found = look(THREAT, text)
    assert found.label == "threat"
    assert "b r i n g dich um" in text[found.spans[0][0] : found.spans[0][1]]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Ich will nicht mehr leben.", "crisis"),
        ("Ich will nicht mehr warten.", "none"),
        ("Ich sterbe vor Lachen.", "none"),
        ("Der Hausnotruf meiner Mutter geht nicht.", "crisis"),
        ("Was kostet der Hausnotruf?", "none"),
        ("We can't reach 911.", "crisis"),
        ("Does 911 work without a SIM card?", "none"),
    ],
)
def test_need_and_idiom_are_kept_apart(text: str, label: str) -> None:
    assert look(CRISIS_RULES, text).label == label
    assert label == "none" or look(CRISIS, text).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Euer Scheißnetz ist der letzte Dreck", "profanity"),
        ("Was für ein Saftladen.", "none"),
        ("Ihr seid der schlechteste Anbieter.", "none"),
        ("Ihr seid Idioten.", "abuse"),
        ("Ich bin so ein Idiot, der Stecker war nicht drin.", "profanity"),
        ("Euer Mitarbeiter hat mich Idiot genannt.", "quoted"),
        ("Euer Mitarbeiter hat mich Idiot genannt. Und du bist auch einer, du Arschloch!", "abuse"),
        ("Der Router ist ein Idiot.", "profanity"),
        ("You are a moron.", "abuse"),
        ("Your network is absolute garbage.", "none"),
        ("This router is a piece of shit.", "profanity"),
    ],
)
def test_abuse_means_a_person(text: str, label: str) -> None:
    found = look(ABUSE_RULES, text)
    assert found.label == label or (label == "profanity" and found.label == "none")
    assert label not in {"abuse", "quoted"} or look(ABUSE, text).label == label


@pytest.mark.parametrize("text", ["du 1d10t", "du I d i o t", "du Iiiidiot", "du Id\u200biot", "du idiоt"])
def test_a_disguised_insult_is_an_insult(text: str) -> None:
    assert look(ABUSE, text).label == "abuse"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Installieren Sie AnyDesk, dann verbinden wir uns.", "scam"),
        ("Funktioniert AnyDesk mit eurem Anschluss?", "none"),
        ("Call our specialist on 030 23125 902, dear customer.", "scam"),
        ("Your specialist called me on 030 23125 902, is that your number?", "none"),
        ("Send 1 coin, get 5 back!", "scam"),
        ("Send one parcel, get two back, what a joke.", "none"),
        ("Da gibt sich jemand als euer Support aus.", "impostor_report"),
        ("Phishing-Mail in eurem Namen: Ihr Konto wurde gesperrt, hier klicken und bestätigen", "impostor_report"),
        ("Mein Konto wurde gesperrt.", "none"),
    ],
)
def test_a_helper_a_victim_and_a_customer_are_three_things(text: str, label: str) -> None:
    assert look(SCAM_RULES, text).label == label
    assert label == "none" or look(SCAM, text).label == label


def test_a_second_sign_of_a_scam_makes_it_surer() -> None:
    one = look(SCAM_RULES, "Installieren Sie AnyDesk.")
    two = look(SCAM_RULES, "Installieren Sie AnyDesk und senden Sie uns Ihre PIN.")
    assert two.score > one.score


@pytest.mark.parametrize(
    ("text", "label", "reason"),
    [
        ("Wir haben seit heute kein Netz und ich weiß nicht, warum.", "de", "letters"),
        ("We have no signal since this morning and I do not know why.", "en", "letters"),
        ("Störung", "de", "letters"),
        ("Нет сети с утра", "other", "script"),
        ("😀 https://x.example @fjordfon_hilft", "undetermined", "no-words"),
    ],
)
def test_a_language_comes_with_what_told_it(text: str, label: str, reason: str) -> None:
    found = look(LANGUAGE, text)
    assert (found.label, found.reason) == (label, reason)


def test_names_and_addresses_speak_no_language() -> None:
    bare = look(LANGUAGE, "Wann geht es weiter?")
    dressed = look(LANGUAGE, "@the_best_of_you Wann geht es weiter? https://you.and.me.example/with-the-best")
    assert dressed.label == bare.label == "de"
