"""A morning at Fjordfon: enough cases, replies and entries that every page of the desk has something to show."""

import json

from sample_desk import CONFIG, KEYS, MINUTE, SampleDesk, standing

from bot.config.load import load
from bot.config.models import Account, ConfigSet, Legal, PrivacyNotice, Reference
from bot.gate.ruleset import load_ruleset
from bot.ledger import entries
from bot.model import AlarmKind, CaseState, DispatchState, EntryKind, Finding, Lane, Platform, Priority, Trigger
from bot.protect.alarm import raise_alarm
from bot.review import acts
from bot.review.attest import attest
from bot.review.decide import ask, log_decision
from bot.review.facts import stored_approvals
from bot.review.house import House, house_of
from bot.review.open_incidents import Written, look, open_incident
from bot.review.rows import Rows
from bot.store import cases, dispatches, mentions, sources, status
from bot.store import standing as standing_rows

HOUR = 60 * MINUTE


class Still:
    """24 November 2026, 09:40 in Berlin, all day."""

    def now(self) -> int:
        return 1_795_509_600_000

    def monotonic(self) -> int:
        return 0


def house(desk: SampleDesk) -> House:
    return house_of(desk.stores(), ruleset=load_ruleset(), keys=KEYS)


def approved(desk: SampleDesk, case_id: int, text: str, who: str = "alice") -> acts.Verdict:
    """Somebody opens a case and approves a text."""
    store, now = desk.stores(), desk.clock.now()
    with store.write() as tx:
        acts.open_case(tx, house(desk), case_id, desk.user(who), now)
        mention = mentions.of_case(tx, case_id)[-1]
        status.put(tx, mention["id"], standing(mention["text_hash"], now - 20_000))
        draft = desk.draft(case_id)
        return acts.approve(
            tx, house(desk), draft["id"], version=draft["version"], text=text, user=desk.user(who), now=now
        )


def left(desk: SampleDesk, verdict: acts.Verdict) -> int:
    """An approved reply meets the gate once more and leaves; returns the number of the entry that says so."""
    assert verdict.dispatch_id is not None, [(one.rule, one.code) for one in verdict.decision.open_rules]
    now = desk.clock.now()
    with desk.stores().write() as tx:
        row = dispatches.by_id(tx, verdict.dispatch_id)
        rows, about = Rows(tx, row["draft_id"]), {"text": row["text"], "phase": "dispatch", "now": now}
        given = stored_approvals(tx, row["draft_id"])
        log_decision(tx, house(desk), rows, ask(tx, house(desk), rows, approvals=given, **about), **about)
        dispatches.set_state(tx, row["id"], DispatchState.QUEUED, DispatchState.SENT, now, sent_at=now)
        standing_rows.fired(tx, row["platform"], [("", standing_rows.SENT)], now)
        fields = {"dispatch": row["id"], "draft": row["draft_id"], "result": "sent", "cause": ""}
        return entries.append(tx, EntryKind.SEND_RESULT, fields, now)


def published() -> ConfigSet:
    """The sample configuration of a brand that says who it is."""
    config = load(CONFIG)
    accounts = {Platform.MASTODON: (Account(handle="fjordfon_hilft", surface="social.fjordfon.example"),)}
    paper = Reference(reference="Ordner 4", date="2026-10-01")
    legal = Legal(
        operator="Fjordfon GmbH, Werftstraße 1, 24143 Kiel",
        imprint="https://fjordfon.example/impressum",
        privacy_contact="datenschutz@fjordfon.example",
        responsible_editor="Wiebke Petersen",
        privacy_notice=PrivacyNotice(url="https://fjordfon.example/datenschutz/soziale-netze", version="2026-3"),
        interest_assessment=paper,
        processing_record=paper,
        impact_assessment=paper,
        works_agreement="no works council",
        public_pages="https://fjordfon.example/konto/",
    )
    changed = {"legal": legal, "accounts": {**config.brand.accounts, **accounts}}
    return config.model_copy(update={"brand": config.brand.model_copy(update=changed)})


def _standing(desk: SampleDesk) -> int:
    """A senior vouched, a place rests, a reply left; returns the number of that reply's entry."""
    asked = desk.hear("@fjordfon_hilft Kommt die Rechnung auch als Brief?", handle="postkutsche", thread="brief")
    seq = left(desk, approved(desk, asked, "Moin, ja, stell sie um: https://fjordfon.example/rechnung ^AB"))
    said = "Am 23.11. die Profile der letzten zwanzig angesehen, die uns nannten: Menschen, keine Automaten."
    now = desk.clock.now()
    with desk.stores().write() as tx:
        where = {"platform": Platform.REPLAY, "account": "fjordfon_hilft"}
        attest(tx, house(desk), rule="C-18", statement=said, user=desk.user("bob"), now=now, **where)
        standing_rows.stop_place(tx, Platform.MASTODON, "norden.example", "differs", now - 2 * HOUR)
        counts = (("", "SENT", 212), ("", "HOLD-self", 17), ("", "DENY", 3), ("C-12", "HOLD-self", 9))
        for rule, outcome, times in counts:
            for _ in range(times):
                standing_rows.fired(tx, Platform.REPLAY, [(rule, outcome)], now - 20 * 24 * HOUR)
    return seq


def _answered(desk: SampleDesk, case_id: int, text: str, state: DispatchState, **columns: object) -> None:
    verdict = approved(desk, case_id, text)
    assert verdict.dispatch_id is not None, [(one.rule, one.code) for one in verdict.decision.open_rules]
    with desk.stores().write() as tx:
        dispatches.set_state(tx, verdict.dispatch_id, DispatchState.QUEUED, state, desk.clock.now(), **columns)
        moved = CaseState.SENT if state is DispatchState.SENT else CaseState.FAILED
        cases.move(tx, case_id, moved, desk.clock.now())
        if state is DispatchState.SENT:
            fields = {"dispatch": verdict.dispatch_id, "result": "sent", "cause": ""}
            entries.append(tx, EntryKind.SEND_RESULT, fields, desk.clock.now())


def _findings(negative: int = 0) -> tuple[Finding, ...]:
    return (
        Finding("abuse", "2", "none", 0),
        Finding("crisis", "2", "none", 0),
        Finding("sentiment", "1.3", "negative" if negative else "neutral", negative, (), "german"),
        Finding("threat", "2", "none", 0),
    )


PICTURED = {
    "media": [{"kind": "image", "alt": "Router mit roter Leuchte neben einem Wecker, 7:12 Uhr"}],
    "poll": [],
    "quoted": {"native_id": "9", "author_id": "9", "visibility": "public", "text": "Bei uns in Gaarden läuft alles."},
}


def _attach(desk: SampleDesk, case_id: int) -> None:
    """Hang a picture and a quoted post on a case's post, and let a source have lost an hour."""
    hour = 60 * MINUTE
    with desk.stores().write() as tx:
        tx.run("UPDATE mentions SET extras = :extras WHERE case_id = :id", extras=json.dumps(PICTURED), id=case_id)
        sources.gap(tx, "samples", desk.clock.now() - 3 * hour, desk.clock.now() - 2 * hour, desk.clock.now())


def fill(desk: SampleDesk) -> tuple[dict[str, str], dict[str, str]]:
    """Let the morning happen; returns the pages inside and outside the door, name -> path."""
    outage = (
        "@fjordfon_hilft Seit heute früh geht bei mir in Kiel-Gaarden gar nichts mehr: kein Internet, kein Telefon. "
        "Homeoffice fällt aus, die Hotline legt nach 20 Minuten auf. Wann läuft das wieder? So langsam reicht’s mir. 😤"
    )
    main = desk.hear(
        outage,
        topic="outage",
        priority=Priority.HIGH,
        terms=("kein Internet", "Kiel-Gaarden", "Hotline"),
        findings=_findings(812),
        reason="question; topic outage; urgent_topic; negative 812",
        due_ms=16 * MINUTE,
        thread="kiel",
        url="https://fjordfon.example/platz/1",
    )
    _attach(desk, main)
    desk.hear(
        "Ellerbek genauso. Wenigstens ist der Kaffee noch heiß. #Fjordfon",
        handle="tilda_k",
        lane=Lane.LISTEN,
        trigger=Trigger.NONE,
        thread="kiel",
        reason="not_addressed",
        due_ms=None,
        age_ms=9 * MINUTE,
    )
    _others(desk)
    shielded = _shielded(desk)
    listen = desk.hear(
        "Stammtisch gestern: alle schimpfen über ihr Netz, ich auch. #Fjordfon",
        handle="derlangejoachim",
        lane=Lane.LISTEN,
        trigger=Trigger.NONE,
        terms=("Fjordfon",),
        reason="not_addressed",
        due_ms=None,
        priority=Priority.LOW,
        age_ms=35 * MINUTE,
    )
    _outgoing(desk)
    seq = _standing(desk)
    with desk.stores().write() as tx:
        acts.open_case(tx, house(desk), main, desk.user("alice"), desk.clock.now())
        now = desk.clock.now()
        raise_alarm(tx, case_id=shielded["threat"], kind=AlarmKind.THREAT, acute=True, why="model", now=now)
        raise_alarm(tx, case_id=shielded["crisis"], kind=AlarmKind.CRISIS, acute=False, why="model", now=now)
        sources.failed(tx, "samples", "Transient", at=desk.clock.now() - 28 * MINUTE, wait_until=0)
    incident = _incident(desk)
    inside = {
        "queue": "/?lane=help",
        "case": f"/case/{main}?lane=help",
        "abuse": f"/case/{shielded['abuse']}?lane=abuse",
        "threat": f"/case/{shielded['threat']}?lane=threat",
        "crisis": f"/case/{shielded['crisis']}?lane=crisis",
        "unsure": f"/case/{shielded['unsure']}?lane=complaint",
        "listen": f"/case/{listen}?lane=listen",
        "empty": "/?lane=scam",
        "outbox": "/outbox",
        "failed": "/outbox?show=failed",
        "uncertain": "/outbox?show=uncertain",
        "sent": "/outbox?show=sent",
        "ledger": "/ledger",
        "entry": f"/ledger/{seq}",
        "why": f"/ledger/{seq}/why",
        "rules": "/rules",
        "account": "/account",
        "stop": "/stop",
        "confirm": "/confirm",
        "missing": "/nowhere",
        "handover": "/handover",
        "incidents": "/incidents",
        "incident": f"/incidents/{incident}",
        "incident-new": "/incidents/new",
    }
    open_to_all = {"about": "/about-this-account", "verify": "/verify"}
    return inside, {"signin": "/sign-in", "square": "/square", **open_to_all}


def _others(desk: SampleDesk) -> None:
    desk.hear(
        "@fjordfon_hilft My mum’s emergency button runs over your line and it’s been dead since this morning. Who do I "
        "talk to, please?",
        handle="northern_nell",
        language="en",
        priority=Priority.HIGH,
        topic="outage",
        terms=("dead since this morning",),
        due_ms=-7 * MINUTE,
        age_ms=22 * MINUTE,
        reason="question; urgent_word",
    )
    desk.hear(
        "@fjordfon_hilft Dritter Urlaubstag, dritte Absage. Der Techniker steht laut App seit 8 Uhr „vor der Tür“. Vor "
        "welcher denn?",
        handle="glasfaser_gustl",
        topic="delivery",
        terms=("Techniker",),
        age_ms=42 * MINUTE,
        due_ms=HOUR,
        priority=Priority.HIGH,
    )
    desk.hear(
        "@fjordfon_hilft Gibt’s zwischen Neumünster und Elmshorn irgendwann mal wieder Netz? Frage für einen Zug.",
        handle="pendlerin_83",
        topic="outage",
        terms=("Netz",),
        age_ms=88 * MINUTE,
        due_ms=4 * HOUR,
    )
    for number, (handle, text) in enumerate(
        (
            ("regenpfeifer", "@fjordfon_hilft Wie kündige ich denn den zweiten Anschluss im Ferienhaus?"),
            ("lattenrost_lars", "@fjordfon_hilft Mein Router leuchtet orange statt weiß. Ist das ein gutes Zeichen?"),
            ("deichschaf", "@fjordfon_hilft Kommt die Fjordbox auch mit langem Kabel?"),
        )
    ):
        desk.hear(text, handle=handle, priority=Priority.LOW, age_ms=(2 + number) * HOUR, due_ms=(9 - number) * HOUR)
    desk.hear(
        "@fjordfon_hilft Danke an die Kollegin von gestern, lief sofort wieder!",
        handle="möwe_mit_wlan",
        lane=Lane.PRAISE,
        priority=Priority.LOW,
        reason="positive 900",
    )


def _shielded(desk: SampleDesk) -> dict[str, int]:
    rude = "@fjordfon_hilft Wie blöd muss man sein? Du bist eine Vollkatastrophe. Zugesagt waren 20 Euro, da stehen 12!"
    spans = ((19, 23), (rude.index("Vollkatastrophe"), rude.index("Vollkatastrophe") + 15))
    threat = (
        "@fjordfon_hilft Morgen früh steh ich bei euch im Laden, und dann fliegt hier alles raus. Verlasst euch drauf."
    )
    need = "@fjordfon_hilft Ohne Telefon bin ich ganz allein. Ich weiß nicht mehr weiter, ich kann einfach nicht mehr."
    at = need.index("ich kann einfach nicht mehr")
    return {
        "abuse": desk.hear(
            rude,
            handle="gegenwind_nord",
            lane=Lane.ABUSE,
            topic="billing",
            reason="abuse de.insult 870",
            findings=(
                Finding("abuse", "2", "abuse", 870, spans, "de.insult"),
                Finding("sentiment", "1.3", "negative", 900),
                Finding("threat", "2", "none", 0),
            ),
        ),
        "threat": desk.hear(
            threat,
            handle="sturmtief",
            lane=Lane.THREAT,
            priority=Priority.HIGH,
            reason="threat de.come-by 940",
            findings=(Finding("threat", "2", "threat", 940, ((16, 50),), "de.come-by"),),
            due_ms=10 * MINUTE,
        ),
        "crisis": desk.hear(
            need,
            handle="stille_post",
            lane=Lane.CRISIS,
            priority=Priority.HIGH,
            reason="crisis de.no-more 910",
            findings=(Finding("crisis", "2", "crisis", 910, ((at, at + 27),), "de.no-more"),),
            due_ms=5 * MINUTE,
        ),
        "unsure": desk.hear(
            "@fjordfon_hilft " + "🎄" * 400,
            handle="feiertagsbot",
            lane=Lane.COMPLAINT,
            priority=Priority.HIGH,
            poison=True,
            reason="not assessed",
        ),
    }


def _incident(desk: SampleDesk) -> int:
    """An outage in a part of the country that three people write about; returns its number."""
    now = desk.clock.now()
    for handle, text in (
        ("nordlicht_81", "@fjordfon_hilft In Rendsburg geht seit acht das Internet nicht."),
        ("moin_merle", "@fjordfon_hilft Störung in Rendsburg? Hier ist alles tot."),
        ("jens_am_kanal", "@fjordfon_hilft Rendsburg, kein Internet. Ist das bekannt?"),
    ):
        desk.hear(text, handle=handle, topic="outage", reason="question; topic outage", age_ms=12 * MINUTE)
    written = Written(kind="outage", topic="outage", area="Rendsburg", valid_from=now - HOUR)
    with desk.stores().write() as tx:
        number = open_incident(tx, house(desk), written, user=desk.user("bob"), now=now)
    look(desk.stores(), house(desk), now, lambda: False)
    return number


def _outgoing(desk: SampleDesk) -> None:
    def ask(handle: str, text: str) -> int:
        return desk.hear(text, handle=handle, age_ms=55 * MINUTE, language="de", thread=handle)

    queued = (
        (
            "oma_erna_streamt",
            "@fjordfon_hilft Seit dem Update blinkt mein Router orange. Ist das Absicht oder Advent?",
            "Moin, eher Advent als Absicht. Orange heißt: Das Update läuft noch. Wird er nicht weiß, melde dich. ^AB",
        ),
        (
            "wattwurm",
            "@fjordfon_hilft Wo finde ich meine Rechnung?",
            "Moin, deine Rechnung findest du hier: https://fjordfon.example/rechnung ^AB",
        ),
    )
    for handle, text, reply in queued:
        approved(desk, ask(handle, text), reply)
    replies = {
        "fischkopp": "Moin, ja, bis etwa 30 Meter. Mehr dazu:",
        "nebelhorn": "Im Garten reicht das Netz meist ein gutes Stück, Mauern schlucken davon einiges:",
        "bootsmann": "Das klappt, wenn die Box nah am Fenster steht. So findest du den besten Platz:",
        "haubentaucher": "Kommt auf die Wände an. Wie du nachmisst, steht hier:",
    }
    for handle, state, columns in (
        (
            "fischkopp",
            DispatchState.SENT,
            {
                "remote_id": "9",
                "remote_url": "https://fjordfon.example/platz/9",
                "sent_at": desk.clock.now() - 3 * MINUTE,
            },
        ),
        ("nebelhorn", DispatchState.REFUSED, {"cause": "gate:C-07:opted out"}),
        ("bootsmann", DispatchState.REFUSED, {"cause": "Gone"}),
        ("haubentaucher", DispatchState.UNCERTAIN, {"cause": "interrupted"}),
    ):
        case_id = ask(handle, "@fjordfon_hilft Geht die Fjordbox auch ohne Kabel im Garten?")
        _answered(desk, case_id, f"{replies[handle]} https://fjordfon.example/hilfe ^AB", state, **columns)
