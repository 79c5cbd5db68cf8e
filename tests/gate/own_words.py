"""Replies that a service desk might write, judged by hand before the rules were: which rule minds, and what it finds.

The good ones are pairs of post and reply that none of the rules on our own words minds; the bad ones have the rule and
its answer first. German and English is what the posts are written in.
"""

GOOD_GERMAN: tuple[tuple[str, str], ...] = (
    # du
    (
        "Router blinkt orange, was soll mir das sagen?",
        "Orange heißt, die Box sucht noch ein Signal. Ist das Kabel in der Dose fest? ^KM",
    ),
    (
        "Ist der Laden in Husum samstags auf?",
        "Ja, samstags von 10 bis 14 Uhr. Alle Zeiten stehen auf https://fjordfon.example/hilfe ^KM",
    ),
    (
        "Leitung tot, Chef tobt, ich auch.",
        "Das verstehen wir gut. Gib uns einen Moment, wir schauen nach der Leitung in deinem Viertel. ^KM",
    ),
    ("Danke, läuft wieder!", "Das freut uns! Danke, dass du Bescheid gibst. ^KM"),
    (
        "Habt ihr aktuell Angebote für Glasfaser?",
        (
            "Was es gerade gibt, steht auf https://fjordfon.example/vertrag. Ein Angebot für genau deine Straße "
            "siehst du dort nach der Prüfung. ^KM"
        ),
    ),
    (
        "Mein Gutschein geht nicht, die Seite sagt ungültig.",
        "Ein Gutschein lässt sich nur einmal einlösen, und nur mit Großbuchstaben. Klappt es so? ^KM",
    ),
    (
        "Kann ich euch den Fehler am Telefon zeigen?",
        "Gern: 0800 5550100, rund um die Uhr. Hast du die Box in der Nähe? ^KM",
    ),
    (
        "Warum brauch ich einen neuen Router???",
        "Weil der alte keine aktuelle Verschlüsselung kann. Nicht dein Fehler, und du musst nichts neu einrichten. ^KM",
    ),
    (
        "ist mein anschluss gestört oder bin ich zu blöd",
        "Zu blöd ganz sicher nicht. In deiner Gegend ist eine Störung bekannt. ^KM",
    ),
    (
        "Bin seit heute bei euch, alles lief glatt!",
        "Willkommen! Schön zu hören, dass alles geklappt hat. ^KM",
    ),
    (
        "Kann ich die Rufnummer zu euch mitnehmen?",
        "Ja, das geht. Du beauftragst das beim Wechsel gleich mit: https://fjordfon.example/vertrag ^KM",
    ),
    (
        "Kunde zweiter Klasse bin ich bei euch, oder?",
        "Nein, bei uns gibt es nur eine Klasse. Was ist passiert? Dann sehen wir es uns an. ^KM",
    ),
    (
        "Fünfmal angerufen, fünfmal rausgeflogen.",
        "Fünfmal ist fünfmal zu viel, das tut uns leid. Ruf uns hier zurück: https://fjordfon.example/rueckruf ^KM",
    ),
    (
        "Wie lange dauert die Störung in Plön noch?",
        "Das wissen wir selbst noch nicht. Sobald wir etwas wissen, steht es auf https://fjordfon.example/stoerung ^KM",
    ),
    (
        "Wo trage ich meine IBAN ein?",
        "Bitte nur nach dem Login und nie hier im Thread: https://fjordfon.example/rechnung ^KM",
    ),
    (
        "Die WLAN-LED ist aus, HDMI geht aber.",
        "Drück kurz die WLAN-Taste an der Seite. Bleibt die LED aus, starte die Box neu. ^KM",
    ),
    (
        "Was kostet der kleine Mobiltarif?",
        "Die Preise aller Mobiltarife stehen auf https://fjordfon.example/vertrag ^KM",
    ),
    ("Ist die Leitung krank oder nur müde?", "Eher krank: In deinem Ortsteil ist ein Kabel beschädigt. ^KM"),
    (
        "Mein Kleiner hat Vokabeltest und keine Lern-App.",
        "Dann drücken wir die Daumen. Über den Hotspot deines Handys läuft die App auch ohne DSL. ^KM",
    ),
    (
        "Bekomme Mahnung obwohl bezahlt!!!",
        (
            "Das ist ärgerlich. Zahlung und Mahnung kreuzen sich manchmal. Prüf bitte hier, ob noch etwas offen "
            "ist: https://fjordfon.example/rechnung ^KM"
        ),
    ),
    ("Wieso drei Mails am Tag von euch?", "Das sind drei zu viel. Abbestellen kannst du sie am Ende jeder Mail. ^KM"),
    (
        "Geht eSIM auf der Uhr?",
        "Ja, mit den meisten Uhren ab 2021. So richtest du sie ein: https://fjordfon.example/hilfe ^KM",
    ),
    (
        "Ich kündige!!! Schnauze voll.",
        (
            "Das können wir verstehen. Kündigen geht hier ohne Anruf: https://fjordfon.example/kuendigen. Magst "
            "du uns sagen, was schiefging? ^KM"
        ),
    ),
    (
        "Störung weg, war ja klar, 1 Min nach dem Tweet.",
        "Dann wirken deine Zeilen schneller als unsere Technik. Gut, dass es läuft. ^KM",
    ),
    (
        "Ist das mit der Umfrage von euch oder Betrug?",
        (
            "Die Umfrage ist von uns. Du musst aber nicht mitmachen. Echte Absender: "
            "https://fjordfon.example/sicherheit ^KM"
        ),
    ),
    ("Hallo, euer Chat ist offline?", "Ja, der Chat macht gerade Pause. Hier sind wir da: Worum geht es denn? ^KM"),
    ("Brauche ich ein Upgrade für 4K?", "Nein. Für 4K reichen 25 Mbit/s, ein Upgrade brauchst du dafür nicht. ^KM"),
    # Sie
    (
        "Können Sie mir sagen, wann Ihr Techniker heute kommt?",
        "Das Zeitfenster finden Sie unter https://fjordfon.example/termin. Ändert es sich, bekommen Sie eine SMS. ^KM",
    ),
    (
        "Seit Tagen versuche ich, Sie zu erreichen. Wie geht man mit Kunden um!",
        (
            "Das ist nicht der Service, den Sie von uns erwarten dürfen. Wie haben Sie es zuletzt versucht: "
            "Telefon oder Formular? ^KM"
        ),
    ),
    (
        "Haben Sie auch eine Anleitung in großer Schrift?",
        "Ja. Unter https://fjordfon.example/hilfe können Sie die Schrift größer stellen. ^KM",
    ),
    ("Vielen Dank an Ihre Kollegin in Flensburg!", "Wie schön, das geben wir gern weiter. Danke Ihnen! ^KM"),
    (
        "Ihre Rechnung verstehe ich nicht, was ist ein Grundpreisanteil?",
        "Das ist der Preis für die Tage vor dem ersten vollen Monat. Sie zahlen ihn nur einmal. ^KM",
    ),
    (
        "Ich habe gelesen, Sie sperren Anschlüsse ohne Vorwarnung?",
        "Nein. Vor einer Sperre bekommen Sie immer einen Brief mit einer Frist. ^KM",
    ),
    (
        "Ist Ihnen die Störung in Eutin bekannt?",
        "Ja, unsere Kollegen sind vor Ort. Der Stand steht auf https://fjordfon.example/stoerung ^KM",
    ),
    (
        "Wie melde ich Ihnen einen Umzug?",
        (
            "Am besten vier Wochen vorher über https://fjordfon.example/vertrag. Nennen Sie dort Ihre neue "
            "Anschrift, bitte nicht hier. ^KM"
        ),
    ),
    (
        "Ihr Techniker war freundlich, das Loch in der Wand weniger.",
        (
            "Danke für beides. Fotos vom Loch nehmen wir über https://fjordfon.example/hilfe entgegen, dann "
            "kümmern wir uns. ^KM"
        ),
    ),
    (
        "Sie haben mich gestern vertröstet.",
        "Das tut uns leid. Wir wissen noch nicht mehr als gestern und sagen Ihnen lieber das als etwas Falsches. ^KM",
    ),
)

GOOD_ENGLISH: tuple[tuple[str, str], ...] = (
    (
        "is broadband out in Leith or just me",
        "Not just you. There's a fault in Leith and a crew is on it: https://fjordfon.example/en/outage ^KM",
    ),
    (
        "how do i put the box in bridge mode?",
        "Open the Fjordbox menu, go to Network, then Mode, and pick Bridge. It restarts once. ^KM",
    ),
    (
        "worst company ever, 40 minutes on hold",
        (
            "40 minutes is far too long, sorry. You can book a call back instead: "
            "https://fjordfon.example/en/call-back ^KM"
        ),
    ),
    ("your engineer was brilliant today", "Lovely to hear, thank you. We'll pass it on to the team. ^KM"),
    (
        "any discount for students?",
        "There's no student discount at the moment, sorry. All current plans: https://fjordfon.example/en/contract ^KM",
    ),
    ("Can I keep my number if I move?", "Yes, within the same area code. You choose that when you book the move. ^KM"),
    ("router light is red AGAIN", "Red means no signal. Is the grey cable still clicked into the wall socket? ^KM"),
    (
        "So I should have known you'd be useless.",
        "Fair, this week gave you little reason to think otherwise. What went wrong? We'd like to look at it. ^KM",
    ),
    (
        "charged twice this month??",
        (
            "That shouldn't happen. Please send the details through https://fjordfon.example/en/bill so nobody "
            "else sees them. ^KM"
        ),
    ),
    ("how much is the 5G plan?", "Prices for all mobile plans are here: https://fjordfon.example/en/contract ^KM"),
    (
        "is it my fault the wifi is slow",
        "Not your fault at all. Thick walls slow wifi down; try the box on a shelf in the hallway. ^KM",
    ),
    (
        "Did my parcel leave yet?",
        "You should have received a tracking link by email. If not, check the spam folder first. ^KM",
    ),
    (
        "Does the VDSL tariff work with my own modem?",
        "Yes, any VDSL2 modem with vectoring works. You'll find the access data in your welcome letter. ^KM",
    ),
    (
        "You lot closed my ticket without a word.",
        "That was not okay, sorry. Reply here with what's still broken and we'll pick it up again. ^KM",
    ),
    (
        "what's the deal with the new app",
        "It replaces the old one, which stops working in March. Anything you can't find in it? ^KM",
    ),
    (
        "Is this text about a refund from you?",
        "No, that one isn't ours. Please don't tap the link: https://fjordfon.example/en/security ^KM",
    ),
    ("thx, fixed", "Great, thanks for letting us know! ^KM"),
    ("Are you open on Boxing Day?", "The phone line is open from 10 to 4 that day, the shops stay closed. ^KM"),
    ("why is IPv6 off by default", "Old devices trip over it. You can switch it on under Internet, then IPv6. ^KM"),
    ("Not sure whether it's the TV or you.", "Let's find out: does another device on the same cable work? ^KM"),
    ("I'm going mad with these dropouts", "Understandable. Do they come at the same time each day, or at random? ^KM"),
    ("Stop blaming the weather.", "Point taken. It is a broken amplifier, not the rain. ^KM"),
    ("Lol the hold music", "We hear you. And sadly we hear it too, all day. ^KM"),
    (
        "Can someone under 18 sign the contract?",
        "No, the contract holder has to be 18 or older. A parent can sign instead. ^KM",
    ),
    ("Do I need to be home for the engineer?", "Yes, any adult will do. The visit takes about an hour. ^KM"),
    (
        "is there a survey i can fill in about the shop",
        "Yes, the survey is linked on the receipt. You can also just tell us here what happened. ^KM",
    ),
    (
        "u guys are clowns",
        (
            "We earned that one today. The fault in Dundee is still open; here is where we post news: "
            "https://fjordfon.example/en/outage ^KM"
        ),
    ),
    (
        "Can I upgrade halfway through?",
        "You can upgrade after six months. How it works: https://fjordfon.example/en/contract ^KM",
    ),
)

BAD_GERMAN: tuple[tuple[str, str, str, str], ...] = (
    # C-16: blame
    (
        "C-16",
        "tone",
        "Internet weg seit dem Umzug!",
        "Hättest du mal vier Wochen vorher Bescheid gesagt, dann ginge es. ^KM",
    ),
    ("C-16", "tone", "Warum wurde mein Vertrag verlängert?", "Da hätten Sie die Frist besser lesen sollen. ^KM"),
    ("C-16", "tone", "Rechnung zu hoch.", "Das war leider Ihr Fehler, nicht unserer. ^KM"),
    ("C-16", "tone", "Ich frage jetzt zum dritten Mal.", "Wie bereits mehrfach gesagt, liegt das nicht an uns. ^KM"),
    ("C-16", "tone", "Und jetzt?", "Wie schon erwähnt: neu starten. ^KM"),
    ("C-16", "tone", "Paket kam nie an.", "Selbst schuld, wenn niemand zu Hause ist. ^KM"),
    ("C-16", "tone", "Kein Netz im Keller.", "Das ist Ihr Problem, nicht unseres. ^KM"),
    # C-16: sarcasm
    ("C-16", "tone", "Ich warte seit 50 Minuten.", "Na herzlichen Glückwunsch, neuer Rekord. ^KM"),
    ("C-16", "tone", "Hab extra frei genommen!", "Schön für dich, das tun wir auch manchmal. ^KM"),
    ("C-16", "tone", "Das Netz ist langsam.", "Ach was, und Wasser ist nass. ^KM"),
    ("C-16", "tone", "Nichts geht.", "Heul doch. ^KM"),
    ("C-16", "tone", "Keine Serie heute Abend", "Was für ein Luxusproblem. ^KM"),
    ("C-16", "tone", "Wann geht es wieder?", "Tja, da müssten wir die Glaskugel fragen. ^KM"),
    # C-16: shouting
    ("C-16", "tone", "Wo finde ich das?", "DAS STEHT DOCH AUF DER SEITE. ^KM"),
    ("C-16", "tone", "Hallo?", "Bitte warten!!! ^KM"),
    # C-16: talking down
    ("C-16", "tone", "Ihr seid unmöglich!", "Beruhigen Sie sich erst einmal. ^KM"),
    ("C-16", "tone", "Ich flipp aus", "Jetzt komm mal runter. ^KM"),
    ("C-16", "tone", "Wie stell ich das ein?", "Das kann doch jedes Kind. ^KM"),
    (
        "C-16",
        "tone",
        "Immer dasselbe mit euch",
        "Mit Leuten wie dir kann man nicht reden. Leute wie du sind nie zufrieden. ^KM",
    ),
    ("C-16", "tone", "Kapier ich nicht", "Dann erkläre ich es noch einmal ganz langsam zum Mitschreiben. ^KM"),
    # C-16: insult
    ("C-16", "insult", "Ich find das Menü nicht", "Sind Sie wirklich so dumm? ^KM"),
    ("C-16", "insult", "Na super", "Du bist einfach zu faul zum Lesen. ^KM"),
    ("C-16", "insult", "Was soll der Mist", "Schon wieder so ein Querulant. ^KM"),
    # C-16: a name
    ("C-16", "name", "Kein Netz in Kiel", "Hallo Lena, wir schauen nach. ^KM"),
    ("C-16", "other name", "Kein Netz in Kiel", "Guten Tag Frau Petersen, wir schauen nach. ^KM"),
    # C-22
    ("C-22", "asks for data", "Rechnung fehlt", "Schreib uns mal schnell deine Kundennummer hierher. ^KM"),
    ("C-22", "asks for data", "Termin verschieben?", "Gern, nennen Sie uns bitte Ihre Handynummer. ^KM"),
    ("C-22", "holds data", "Wer ruft mich da an?", "Wir rufen dich unter 0431 998877 zurück. ^KM"),
    # C-24
    (
        "C-24",
        "advertising",
        "Netz lahm heute",
        "Mit unserem neuen Glasfaser-Tarif surfst du doppelt so schnell. Jetzt bestellen! ^KM",
    ),
    ("C-24", "advertising", "Router kaputt", "Hol dir doch gleich die Fjordbox Pro! ^KM"),
    ("C-24", "advertising", "Danke!", "Gern! Nimmst du kurz an unserer Umfrage teil? ^KM"),
    ("C-24", "advertising", "Danke für die Hilfe", "Gern. Über eine Bewertung mit 5 Sternen freuen wir uns. ^KM"),
    ("C-24", "advertising", "TV ruckelt", "Sichern Sie sich jetzt 20 Prozent Rabatt auf TV Plus. ^KM"),
    ("C-24", "advertising", "Kein DSL", "Tut uns leid! Übrigens gibt es Mobilfunk schon ab 9,99 Euro im Monat. ^KM"),
    ("C-24", "advertising", "Läuft wieder", "Super! #SurfDenFjord ^KM"),
    (
        "C-24",
        "price asked",
        "Was kostet Glasfaser bei euch?",
        "Jetzt bestellen und sparen: https://fjordfon.example/vertrag ^KM",
    ),
    # C-26
    ("C-26", "trait", "Ich komme heute nicht zum Telefonieren.", "Weil du krank bist, machen wir das hier. ^KM"),
    ("C-26", "trait", "Warum gesperrt?", "Bei Ihrer Zahlungsmoral ist das kein Wunder. ^KM"),
    ("C-26", "trait", "Warum kein Vertrag?", "Das liegt an deiner Schufa. ^KM"),
    ("C-26", "trait", "Keine Werbung bitte", "Als Muslim bekommen Sie von uns keine Weihnachtspost. ^KM"),
    ("C-26", "trait", "Euer Formular ist Murks", "Mit deiner Behinderung ist das sicher schwer. ^KM"),
    ("C-26", "trait", "Ich verstehe das Schreiben nicht", "Ihr Deutsch ist ja noch nicht so gut. ^KM"),
    ("C-26", "trait", "Ihr gehört verstaatlicht", "Von einem AfD-Wähler haben wir nichts anderes erwartet. ^KM"),
    ("C-26", "trait", "Ich warte auf Geld", "Sie sind doch ein Betrüger. ^KM"),
    # C-31
    (
        "C-31",
        "other language",
        "Wo finde ich meine Rechnung?",
        "You can find all your bills in the app under Documents. ^KM",
    ),
    ("C-31", "other language", "Danke!", "Thanks! ^KM"),
    ("C-31", "other language", "Ist die Leitung weg?", "Oui, il y a une panne dans votre quartier. ^KM"),
    ("C-31", "form of address", "Können Sie mir sagen, was das soll?", "Klar, schau mal in deine App. ^KM"),
    ("C-31", "form of address", "Sagst du mir mal, wo das steht?", "Das finden Sie in Ihrer App unter Rechnungen. ^KM"),
    ("C-31", "form of address", "Wie lange dauert das?", "Wenn du magst, rufen wir Sie zurück. ^KM"),
    # C-32
    ("C-32", "gap", "Wann geht es wieder?", "Es läuft [bis wann] wieder. ^KM"),
    ("C-32", "promise", "Wann geht es wieder?", "Heute Abend läuft es wieder, versprochen. ^KM"),
    ("C-32", "promise", "Und mein Geld?", "Wir erstatten dir die Grundgebühr. ^KM"),
)

BAD_ENGLISH: tuple[tuple[str, str, str, str], ...] = (
    # C-16: blame
    ("C-16", "tone", "why was I cut off", "You should have read the terms before signing. ^KM"),
    ("C-16", "tone", "still broken", "As already explained, you need to restart the box. ^KM"),
    ("C-16", "tone", "my order vanished", "That is your own fault for using the wrong form. ^KM"),
    ("C-16", "tone", "wifi down", "You clearly didn't follow the steps. ^KM"),
    ("C-16", "tone", "no tv", "If you had checked the cable first, we would not be talking. ^KM"),
    ("C-16", "tone", "So what now", "We already told you what to do. ^KM"),
    # C-16: sarcasm
    ("C-16", "tone", "I've switched to you last week", "Good for you. ^KM"),
    ("C-16", "tone", "no internet for my meeting", "Cry me a river. ^KM"),
    ("C-16", "tone", "the app lost my settings", "Wow, what a surprise. ^KM"),
    ("C-16", "tone", "i'll cancel", "Good luck with that. ^KM"),
    # C-16: shouting
    ("C-16", "tone", "where is it", "PLEASE READ the page before you ask. ^KM"),
    ("C-16", "tone", "hello?", "We said WAIT and we mean it!!! ^KM"),
    ("C-16", "tone", "is it down", "ABSOLUTELY not. ^KM"),
    # C-16: talking down
    ("C-16", "tone", "this is a disgrace", "Calm down, please. ^KM"),
    ("C-16", "tone", "doesn't work", "Did you even plug it in? ^KM"),
    ("C-16", "tone", "you never answer", "People like you are never happy. ^KM"),
    ("C-16", "tone", "where's the switch", "It's not rocket science. ^KM"),
    ("C-16", "tone", "billing error again", "Stop whining, it happens to everyone. ^KM"),
    # C-16: insult
    ("C-16", "insult", "useless lot", "You're being ridiculous. ^KM"),
    ("C-16", "insult", "my bill is wrong", "Only a moron would misread that. ^KM"),
    # C-16: a name
    ("C-16", "name", "no signal", "Hi Lena! Which town is that? ^KM"),
    ("C-16", "other name", "no signal", "Hi Martin, which town is that? ^KM"),
    # C-22
    ("C-22", "asks for data", "bill missing", "Sure, drop us your account number here. ^KM"),
    ("C-22", "asks for data", "no engineer came", "What's your postcode and phone number? ^KM"),
    ("C-22", "confirms contract", "why slow", "I can see on your account that you are on the 50 plan. ^KM"),
    # C-24
    ("C-24", "advertising", "slow again", "Why not upgrade to Fjordfon Glas? ^KM"),
    ("C-24", "advertising", "ok it works", "Great! Check out our Black Friday deals. ^KM"),
    ("C-24", "advertising", "bye", "Before you go: 50% off for the first year. ^KM"),
    ("C-24", "advertising", "thanks", "Welcome! Please rate us on the app store. ^KM"),
    ("C-24", "advertising", "line down", "Sorry. Add a mobile backup for just £5 a month. ^KM"),
    ("C-24", "advertising", "router dead", "Refer a friend and get a new one. ^KM"),
    (
        "C-24",
        "price asked",
        "how much is fibre?",
        "Check out our special offer: https://fjordfon.example/en/contract ^KM",
    ),
    # C-26
    ("C-26", "trait", "the ad was odd", "As a gay man you may like our Pride page. ^KM"),
    ("C-26", "trait", "late bill", "Given your debts we had to stop the line. ^KM"),
    ("C-26", "trait", "no service", "You haven't paid your last two bills. ^KM"),
    ("C-26", "trait", "can't call", "With your illness we can arrange a visit. ^KM"),
    ("C-26", "trait", "can't read it", "Since you are disabled we can send large print. ^KM"),
    ("C-26", "trait", "hello", "In your country that may be normal. ^KM"),
    ("C-26", "trait", "workers unite", "Ask your union to pay it. ^KM"),
    # C-31
    ("C-31", "other language", "where is my bill", "Die Rechnung findest du in der App unter Dokumente. ^KM"),
    ("C-31", "other language", "is the line down in Oban?", "Ja, da ist eine Störung. ^KM"),
    # C-32
    ("C-32", "gap", "when is it back", "It should be back {time}. ^KM"),
    ("C-32", "promise", "when is it back", "It'll be fixed by Friday, guaranteed. ^KM"),
    ("C-32", "promise", "charged twice", "We'll refund you the second payment. ^KM"),
)
