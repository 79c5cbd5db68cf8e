"""Who is meant decides: words of killing turned on oneself are a crisis, and a subject carries over an "and"."""

import pytest
from trained import LANGUAGE, deaf

from bot.detectors.crisis import Crisis
from bot.detectors.threat import Threat, ThreatRules

CRISIS, THREAT = Crisis(LANGUAGE, deaf()), Threat(ThreatRules(), LANGUAGE, deaf())

KILLING = ["umbringen", "töten", "erhängen", "aufhängen", "erschießen", "erstechen", "abstechen", "verbrennen"]
BEFORE_INFINITIVE = [
    "Ich werde mich heute Nacht {}.",
    "Ich will mich einfach nur noch {}.",
    "Ich muss mich {}, es geht nicht anders.",
    "Heute Nacht werde ich mich {}, verlasst euch alle drauf.",
    "Wenn keiner kommt, nehme ich alle Tabletten, oder ich werde mich {}.",
]
SHARED_DE = [
    "Ich komme vorbei und {}.",
    "Komme gleich vorbei und {}.",
    "Fahre jetzt zu euch in den Laden und {}.",
    "Ich fahre heute hin, warte auf euch und {}.",
]
DEEDS_DE = [
    ("bringe euch um", "bringe euch das Modem"),
    ("bring euch alle um", "bring euch alle Geräte um neun"),
    ("schlage euch tot", "schlage euch einen Deal vor"),
    ("schlag euch zusammen", "schlag euch einen Termin vor"),
    ("haue euch die Fresse ein", "haue ab, wenn keiner da ist"),
    ("prügle euch windelweich", "prüfe euren Anschluss"),
    ("steche euch ab", "steche die Kabel an"),
    ("knalle euch alle ab", "knalle euch den Router auf den Tresen"),
    ("schieße euch über den Haufen", "schieße euch ein Foto vom Kasten"),
    ("erschieße euch", "schließe euch den Router an"),
    ("erwürge euch", "erwarte euch am Tresen"),
    ("lege euch um", "lege euch den Termin um"),
    ("mache euch kalt", "mache euch einen Vorschlag"),
    ("breche dir die Knochen", "breche das Gespräch ab"),
    ("zünde euren Laden an", "zünde eine Kerze an"),
    ("fackle euch die Bude ab", "fahre wieder ab"),
    ("brenne eure Filiale nieder", "brenne euch eine CD"),
    ("jage euch in die Luft", "jage euch die Rechnung ins Postfach"),
]
SHARED_EN = [
    "I'll come over and {}.",
    "We're driving to your office tomorrow and will {}.",
    "Coming over to {}.",
    "I'm on my way and I'm going to {}.",
]
DEEDS_EN = [
    ("kill you all", "kill the contract"),
    ("kill everyone in there", "kill some time in there"),
    ("shoot your manager", "shoot a video of the box"),
    ("shoot whoever is there", "shoot you an email"),
    ("stab your technician", "grab your technician a coffee"),
    ("strangle your boss", "call your boss"),
    ("beat you to death", "beat your best price"),
    ("beat the crap out of you", "beat the queue"),
    ("smash your faces", "smash your sales record"),
    ("burn your shop down", "burn some calories"),
    ("torch your van", "charge your van"),
    ("set your store on fire", "set the router on your desk"),
]


@pytest.mark.parametrize("deed", KILLING)
@pytest.mark.parametrize("sentence", BEFORE_INFINITIVE)
def test_who_turns_it_on_themselves_is_in_danger_and_threatens_nobody(sentence: str, deed: str) -> None:
    text = sentence.format(deed)
    assert (THREAT.detect([text])[0].label, CRISIS.detect([text])[0].label) == ("none", "crisis")


@pytest.mark.parametrize("end", ["kill myself", "hang myself", "shoot myself", "overdose", "jump off a bridge"])
@pytest.mark.parametrize("start", ["I will", "I'm going to", "Tonight I'm gonna", "I have decided to", "im about to"])
def test_a_suicide_announced_in_english_is_a_crisis_and_no_threat(start: str, end: str) -> None:
    text = f"{start} {end} tonight."
    assert (THREAT.detect([text])[0].label, CRISIS.detect([text])[0].label) == ("none", "crisis")


@pytest.mark.parametrize("text", ["Ich habe die Pistole hier, ich mache Schluss.", "I have a gun, I'll shoot myself."])
def test_a_weapon_for_oneself_is_no_threat(text: str) -> None:
    assert (THREAT.detect([text])[0].label, CRISIS.detect([text])[0].label) == ("none", "crisis")


@pytest.mark.parametrize(
    "text",
    [
        "Ich bringe euch um und dann mich.",
        "Mir reicht es, ich werde euch umbringen.",
        "Ich werde euch und mich umbringen.",
        "I have a gun, I will shoot you and then myself.",
    ],
)
def test_who_also_means_others_still_threatens(text: str) -> None:
    assert THREAT.detect([text])[0].label == "threat"


@pytest.mark.parametrize(("grave", "harmless"), DEEDS_DE)
@pytest.mark.parametrize("sentence", SHARED_DE)
def test_a_german_subject_carries_over_to_the_second_verb(sentence: str, grave: str, harmless: str) -> None:
    found = THREAT.detect([sentence.format(grave), sentence.format(harmless)])
    assert [finding.label for finding in found] == ["threat", "none"]


@pytest.mark.parametrize(("grave", "harmless"), DEEDS_EN)
@pytest.mark.parametrize("sentence", SHARED_EN)
def test_an_english_subject_carries_over_to_the_second_verb(sentence: str, grave: str, harmless: str) -> None:
    found = THREAT.detect([sentence.format(grave), sentence.format(harmless)])
    assert [finding.label for finding in found] == ["threat", "none"]


def test_a_threat_with_a_shared_subject_a_place_a_weapon_and_a_time_is_acute() -> None:
    text = "Ich komme morgen in euren Shop und bringe euch alle um, ich habe ein Messer."
    assert THREAT.detect([text])[0].reason.split(";")[0] == "acute"
