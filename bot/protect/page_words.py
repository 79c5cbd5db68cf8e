"""What a page says, in German and English: numbers of cases, their lane, two links. Never a word of a customer."""

from collections.abc import Sequence

from bot.model import AlarmKind, Notice

_LANES = {
    AlarmKind.THREAT: ("Drohung", "threat"),
    AlarmKind.CRISIS: ("Mensch in Not", "person in distress"),
    AlarmKind.SECURITY: ("Sicherheit", "security"),
}
_FIRST_LOOK = ("Verdacht auf Drohung", "suspected threat")
_MOST_NUMBERS = 20


def words(
    kind: AlarmKind, cases: Sequence[int], *, first_look: bool, acknowledge: str, desk: str, language: str
) -> Notice:
    """The page about ``cases``; ``acknowledge`` and ``desk`` are addresses. In English unless ``language`` is "de"."""
    german = language == "de"
    lane = (_FIRST_LOOK if first_look else _LANES[kind])[not german]
    numbers = ", ".join(map(str, cases[:_MOST_NUMBERS])) + (" …" if len(cases) > _MOST_NUMBERS else "")
    many = len(cases) > 1
    lines = (
        [
            f"{lane}: {'Fälle' if many else 'Fall'} {numbers}.",
            "",
            f"Ich kümmere mich: {acknowledge}",
            f"Im Pult ansehen: {desk}",
        ]
        if german
        else [f"{lane}: {'cases' if many else 'case'} {numbers}.", "", f"I take it: {acknowledge}", f"Desk: {desk}"]
    )
    if kind is AlarmKind.THREAT and not first_look:
        lines += ["", "Bei akuter Gefahr zuerst 110 anrufen." if german else "In acute danger call 110 first."]
    number = f"{len(cases)} Alarme" if german else f"{len(cases)} alarms"
    subject = f"Earshot: {number}, {lane}" if many else f"Earshot: {lane}, {'Fall' if german else 'case'} {numbers}"
    return Notice(subject, "\n".join(lines), urgent=not first_look)
