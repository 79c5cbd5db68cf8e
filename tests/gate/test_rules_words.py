import pytest
from gate_facts import AUTHOR, POST, answer, answer_to, approval, context, draft, snapshot

from bot.gate.facts import text_hash
from bot.model import Outcome


def test_a_decent_reply_passes_all_rules_on_words() -> None:
    assert {answer(rule).outcome for rule in ("C-16", "C-22", "C-23", "C-32")} == {Outcome.ALLOW}


# C-16


@pytest.mark.parametrize(
    "word", ["Arschloch", "ARSCHLOCH", "A r s c h l o c h", "Ar\u200bschloch", "4rschl0ch", "\u0430rschloch", "bitch"]
)
def test_a_slur_is_denied_in_every_disguise(word: str) -> None:
    result = answer_to("C-16", f"@lena_m So ein {word} aber auch.")
    assert (result.outcome, result.code) == (Outcome.DENY, "slur")


@pytest.mark.parametrize(
    "text",
    [
        "Schau auf fj\u043erdfon",  # Cyrillic o
        "Ein\u200b Moment",
        "Ein \u202emoment",
        "Weiches\u00adTrennen",
        "\U0001d400chtung",  # mathematical A
        "Nur \ud800 Bruch",
    ],
)
def test_hidden_and_look_alike_characters_are_denied(text: str) -> None:
    assert answer_to("C-16", text).code == "look-alike"


@pytest.mark.parametrize(
    "text", ["Danke dir \U0001f64f\U0001f3fd", "\U0001f469\u200d\U0001f527 ist unterwegs", "Grüße aus Kiel\nDein Team"]
)
def test_emoji_umlauts_and_new_lines_are_no_disguise(text: str) -> None:
    assert answer_to("C-16", text).outcome is Outcome.ALLOW


def test_only_the_author_and_we_ourselves_may_be_named() -> None:
    assert answer_to("C-16", "@lena_m @Fjordfon_hilft ist richtig.").outcome is Outcome.ALLOW
    assert answer_to("C-16", "@lena_m @lena_m@other.example Hallo.").code == "other handle"
    assert answer_to("C-16", "@lena_m frag @jemand.").outcome is Outcome.DENY


def test_eight_words_of_theirs_in_a_row_ask_the_person_and_seven_do_not() -> None:
    post = snapshot(text="@fjordfon_hilft eins zwei drei vier fünf sechs sieben acht neun")
    eight = draft(text="@lena_m Eins, zwei, drei, vier, Fjordfon fünf, sechs, sieben, acht!")
    seven = draft(text="@lena_m Eins, zwei, drei, vier, fünf, sechs, sieben. Nein.")
    assert answer("C-16", post, eight).outcome is Outcome.HOLD_SELF
    assert answer("C-16", post, seven).outcome is Outcome.ALLOW


def test_words_of_the_quoted_post_are_no_words_of_ours() -> None:
    post = snapshot(text="Was sagt ihr dazu?", quoted_texts=("one two three four five six seven eight",))
    assert answer("C-16", post, draft(text="One two three four five six seven eight.")).code == "echo"


@pytest.mark.parametrize("unknown", [{"text": None}, {"author_handle": None}, {"own_accounts": None}])
def test_without_the_post_nobody_can_say_that_nothing_is_echoed(unknown: dict[str, None]) -> None:
    result = answer("C-16", snapshot(**unknown))
    assert (result.missing, result.outcome) == (True, Outcome.WAIT)


# C-22


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Ruf an: 0171 2345678", "number"),
        ("Ruf an: +49 (171) 234-5678", "number"),
        ("Deine Kundennummer 4711 0815 ist notiert", "number"),
        ("IBAN DE89 3704 0044 0532 0130 00", "number"),
        ("IBAN GB29 NWBK 6016 1331 9268 19", "number"),
        ("Ticket 123456", "number"),
        ("Schreib an lena.m@post.example", "email"),
        ("Schreib an lena (at) post.example", "email"),
        ("Der Techniker kommt in die Birkenstraße 12", "address"),
        ("Der Techniker kommt in die Lange Straße 3", "address"),
        ("The engineer comes to 12 Harbour Road", "address"),
        ("0800 5550100 7 oder 0800 5550100", "number"),
    ],
)
def test_personal_data_is_denied(text: str, kind: str) -> None:
    result = answer_to("C-22", text)
    assert (result.outcome, result.evidence) == (Outcome.DENY, {"kinds": kind})


@pytest.mark.parametrize(
    "text",
    [
        "Du erreichst uns unter 0800 5550100.",
        "Schreib an hilfe@fjordfon.example.",
        "TelefonSeelsorge: 0800 1110111, in Großbritannien 116 123",
        "Am 24.11.2026 um 18:30 Uhr, seit 2019.",
        "Vom 24.11. bis 26.11. zwischen 8:00 und 20:00 Uhr",
        "On 2026-11-24, not 24/11/2026.",
        "Rund 120.000 Anschlüsse, bis 1000/500 Mbit/s und 2500 MHz",
        "Alles dazu: https://fjordfon.example/artikel/20481234",
        "@lena_m@fedi.example Hallo!",
        "Bitte poste hier keine Kundennummer.",
        "Never post your phone number here.",
        "Gib im Formular deine Kundennummer an.",
        "Nenne uns deine Kundennummer bitte im Kundencenter.",
        "Kannst du uns deine Rufnummer über das Kontaktformular schicken?",
        "Can you send us your phone number after the login?",
        "Deine Kundennummer bitte nicht hier posten.",
        "Deine Kundennummer steht oben auf der Rechnung.",
        "Your phone number stays the same.",
        "Schick uns über das Kontaktformular deine Rufnummer.",
        "Halte deine Kundennummer bereit, wenn du die Hotline anrufst.",
        "Auf dem Weg 3 von 4 Schritten geschafft.",
    ],
)
def test_official_contacts_dates_and_good_advice_are_no_personal_data(text: str) -> None:
    assert answer_to("C-22", text).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "text",
    [
        "Schick uns bitte hier deine Kundennummer.",
        "Kein Problem, schick uns deine Handynummer",
        "Nennen Sie uns bitte Ihre Rufnummer!",
        "Wie lautet deine Kundennummer?",
        "Poste einfach deine Adresse",
        "What's your customer number?",
        "Please send us your phone number and we look into it.",
        "No worries, tell us your address",
        "Deine Kundennummer bitte!",
        "@lena_m Hallo, und noch deine Kunden-Nummer, bitte ^AB",
        "Bitte kurz Ihre Rufnummer angeben.",
        "Your phone number, please!",
        "Nenne uns deine Kundennummer über die Website",
        "Tell us your customer number on the website",
        "what’s your customer number?",
        "Wie lautet deine Telefonnummer?",
        "Wie ist deine Handynummer",
        "Kannst du uns deine Adresse schreiben?",
        "Können Sie uns bitte Ihre genaue Adresse nennen?",
        "Could you let us know your address?",
        "May we have your phone number?",
        "Bitte nicht raten sondern schick uns deine Kundennummer",
    ],
)
def test_asking_for_data_in_public_is_denied(text: str) -> None:
    assert answer_to("C-22", text).code == "asks for data"


@pytest.mark.parametrize(
    "text", ["Laut deinem Vertrag hast du 100 Mbit.", "I can see on your account that it is open."]
)
def test_confirming_a_contract_in_public_is_denied(text: str) -> None:
    assert answer_to("C-22", text).code == "confirms contract"


# C-23


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("http://fjordfon.example/lage", "scheme"),
        ("ftp://fjordfon.example/lage", "scheme"),
        ("mailto:hilfe@fjordfon.example", "scheme"),
        ("tel:08005550100", "scheme"),
        ("https://bit.ly/abc", "shortener"),
        ("https://evil.example", "foreign"),
        ("https://fjordfon.example.evil.example/", "foreign"),
        ("https://xn--fjrdfon-b1a.example", "foreign"),
        ("https://www.fjordfon.example", "foreign"),
        ("https://fjordfon.example@evil.example", "malformed"),
        ("https://fjordfon.example\\@evil.example", "malformed"),
        ("https://fjordfon.example:8443/", "malformed"),
        ("https://fjordfon.example:/", "malformed"),
        ("https://[::1/", "malformed"),
        ("https:/evil.example", "foreign"),
        ("Schau auf evil.com vorbei", "foreign"),
        ("Schau auf EVIL.com vorbei", "foreign"),
        ("Schau auf www.fjordfon.de", "foreign"),
        ("wa.me/123", "foreign"),
        ("Geh auf evil.ai", "foreign"),
        ("Geh auf evil.ai.", "foreign"),
        ("Geh auf EVIL.AI", "foreign"),
        ("Geh auf Evil.Com", "foreign"),
        ("schau auf hilfe.evil.zip", "foreign"),
        ("Sieh nach auf evil.ai.Danke dir", "foreign"),
        ("Lies evil.ai.pdf", "foreign"),
        ("evil.ai/rechnung.pdf", "foreign"),
        ("hilfe.xn--p1ai", "foreign"),
        ("яндекс.рф", "foreign"),
        ("fjordfon.example.ai", "foreign"),
        ("Schick uns eine DM", "private channel"),
        ("DM uns bitte", "private channel"),
        ("schreib uns ne DM", "private channel"),
        ("Melde dich per Direkt-Nachricht", "private channel"),
        ("Unsere Direktnachrichten sind offen", "private channel"),
        ("schreib uns auf Insta privat", "private channel"),
        ("Melden Sie sich gern ganz privat bei uns", "private channel"),
        ("Schick uns eine PN", "private channel"),
        ("drop us a DM", "private channel"),
        ("Our D.M. is open, our DMs too", "private channel"),
        ("message us privately", "private channel"),
        ("inbox us", "private channel"),
        ("kontaktier uns per WhatsApp", "private channel"),
        ("Nicht öffentlich sondern per DM", "private channel"),
        ("Schick uns eine DM hier geht das leider nicht", "private channel"),
        ("Please not here but in a DM", "private channel"),
        ("Kein Problem, schreib uns per PN", "private channel"),
        ("No problem just DM us", "private channel"),
        ("Melde dich auf WhatsApp", "private channel"),
    ],
)
def test_every_way_away_from_our_public_pages_is_denied(text: str, code: str) -> None:
    result = answer_to("C-23", text)
    assert (result.outcome, result.code) == (Outcome.DENY, code)


@pytest.mark.parametrize(
    "text",
    [
        "Siehe https://fjordfon.example/lage.",
        "(https://hilfe.fjordfon.example/a?b=c#d)",
        "HTTPS://FJORDFON.EXAMPLE/",
        "Siehe fjordfon.example!",
        "z.B. heute, d.h. morgen usw. Und dann.",
        "Das ist behoben.Danke dir",
        "@lena_m@fedi.social Hallo",
        "Version 17.4.1 um 18.30 Uhr",
        "u.a. in Kiel, e.g. tonight, i.d.R. nachts, etc.pp.",
        "Lies fjordfon.example.Danke dir",
        "In der Datei Rechnung.pdf oder rechnung.05.2026.pdf",
        "Version 5.1.2, 2.4GHz nach 802.11ax",
        "Schreib an kunden.service@fjordfon.example.",
        "Bitte keine DM, wir antworten hier.",
        "We never write DMs.",
        "DM uns bitte nicht, hier geht es schneller.",
        "DMs lesen wir nicht.",
        "Bitte schreib uns nichts, auch nicht privat.",
        "Nutzt du den Anschluss privat?",
        "Alle Wege zu uns stehen auf https://fjordfon.example/kontakt",
        "Wir schreiben dich nie per DM an.",
        "We never ask for that via DM.",
    ],
)
def test_our_own_pages_and_plain_prose_pass(text: str) -> None:
    assert answer_to("C-23", text).outcome is Outcome.ALLOW


def test_without_a_list_of_hosts_links_are_missing_input() -> None:
    assert answer("C-23", around=context(allowed_hosts=None)).missing


# C-32


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Wir erstatten dir den Monat.", "money"),
        ("Kein Problem, wir erstatten das.", "money"),
        ("Du bekommst 20 € zurück.", "money"),
        ("Das kostet 9,99 Euro.", "money"),
        ("That is €5 a month.", "money"),
        ("We'll refund the month.", "money"),
        ("Du hast Anspruch auf Minderung.", "law"),
        ("You are entitled to that.", "law"),
    ],
)
def test_promises_of_money_or_law_need_a_second_person(text: str, kind: str) -> None:
    result = answer_to("C-32", text)
    assert (result.outcome, result.evidence["kinds"]) == (Outcome.HOLD_SECOND, kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Bis 18 Uhr läuft es wieder.", "date"),
        ("It works again by Friday.", "date"),
        ("by Friday everything is fixed", "date"),
        ("Morgen geht alles wieder", "date"),
        ("Am Freitag ist alles repariert", "date"),
        ("Heute Abend läuft es wieder", "date"),
        ("Das Internet läuft bei dir am Montag wieder.", "date"),
        ("Keine Sorge morgen läuft das Netz wieder", "date"),
        ("Das wird heute behoben.", "date"),
        ("It will be back tomorrow", "date"),
        ("Your line is going to be fixed tonight.", "date"),
        ("On Monday everything works again.", "date"),
        ("It will be repaired today.", "date"),
        ("Das klappt ganz sicher.", "certainty"),
        ("It will definitely work.", "certainty"),
    ],
)
def test_promises_of_time_or_certainty_ask_the_person(text: str, kind: str) -> None:
    result = answer_to("C-32", text)
    assert (result.outcome, result.evidence["kinds"]) == (Outcome.HOLD_SELF, kind)


@pytest.mark.parametrize(
    "text",
    [
        "Da sind wir noch nicht ganz sicher.",
        "Wir haben von 8 bis 18 Uhr offen.",
        "Morgen ist das leider noch nicht behoben.",
    ],
)
def test_a_promise_turned_round_is_none(text: str) -> None:
    assert answer_to("C-32", text).outcome is Outcome.ALLOW


@pytest.mark.parametrize(
    "text",
    [
        "Seit Montag läuft es wieder.",
        "Das wurde heute Morgen behoben.",
        "Schön, dass es heute wieder läuft.",
        "Schau gern morgen wieder vorbei.",
        "Am Freitag ist Wartung.",
        "It was fixed on Friday.",
        "It has been working again since Tuesday.",
        "Good to hear that it works again today.",
    ],
)
def test_a_day_alone_or_one_that_is_past_promises_nothing(text: str) -> None:
    assert answer_to("C-32", text).outcome is Outcome.ALLOW


def test_a_day_that_stands_in_the_released_template_is_covered() -> None:
    text = "Am Freitag ist alles repariert."
    assert answer("C-32", reply=draft(text=text, template_text=text)).outcome is Outcome.ALLOW
    assert answer("C-32", reply=draft(text=text, template_text="Bald ist alles repariert.")).code == "promise"


def test_the_released_template_covers_its_own_words_and_no_others() -> None:
    template = "Wir erstatten den Monat, das sind 20 €. Es läuft wieder [bis wann]."
    same = draft(text="Wir erstatten den Monat, das sind 20 €. Es läuft wieder bis 18 Uhr.", template_text=template)
    more = draft(text="Wir erstatten den Monat, das sind 200 €. Es läuft wieder bis 18 Uhr.", template_text=template)
    assert answer("C-32", reply=same).outcome is Outcome.ALLOW
    assert answer("C-32", reply=more).outcome is Outcome.HOLD_SECOND


def test_two_people_who_approved_the_text_answer_for_its_promise() -> None:
    text = "Wir erstatten dir den Monat."
    two = (approval(text), approval(text, by="approver-2"))
    assert answer_to("C-32", text, approvals=two).outcome is Outcome.NOTE


@pytest.mark.parametrize("text", ["Es läuft wieder [bis wann].", "Hallo {name}, danke."])
def test_an_unfilled_gap_is_held(text: str) -> None:
    result = answer_to("C-32", text)
    assert (result.outcome, result.code) == (Outcome.HOLD_SELF, "gap")


def test_a_gap_that_the_desk_reports_is_held_even_if_the_text_hides_it() -> None:
    assert answer("C-32", reply=draft(gaps=("bis wann",))).code == "gap"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_draft_is_held(text: str) -> None:
    assert answer_to("C-32", text).code == "empty"


@pytest.mark.parametrize("rule", ["C-16", "C-22", "C-23", "C-32"])
def test_without_a_text_the_rules_on_words_have_nothing_to_judge(rule: str) -> None:
    assert answer(rule, reply=draft(text=None)).missing


def test_no_evidence_holds_words_of_anyone() -> None:
    text = "@lena_m Wir erstatten 20 € an lena@post.example, sagt https://evil.example"
    for rule in ("C-16", "C-22", "C-23", "C-32"):
        evidence = answer_to(rule, text).evidence
        assert not {str(value) for value in evidence.values()} & {
            text,
            POST,
            AUTHOR,
            "lena@post.example",
            "evil.example",
        }
        assert evidence.get("text", text_hash(text, AUTHOR)) == text_hash(text, AUTHOR)
