"""What hangs on a post besides its words: pictures, sound, polls, and the post that it quotes. Reads no pictures."""

import json
from collections import Counter
from dataclasses import dataclass

from bot.desk.i18n import _, ngettext
from bot.desk.text import cut, visible
from bot.model import READABLE_BY_ALL

LONGEST = 400
"""Code points of one description or quotation that a card shows."""


@dataclass(frozen=True, slots=True)
class Attached:
    """``counts`` say how many of what; ``descriptions`` are the author's words for those who cannot see them.

    ``quoted`` are another author's words, "" if there are none or not everybody may read them; then ``quotes`` says
    that something is quoted.
    """

    counts: tuple[str, ...]
    descriptions: tuple[str, ...] = ()
    poll: tuple[str, ...] = ()
    quoted: str = ""
    quotes: bool = False


def attached(extras: str, *, words: bool) -> Attached | None:
    """What hangs on a post, or None if nothing does. ``words`` is False behind a shield: then only counts are told."""
    known = json.loads(extras)
    media, quoted, poll = known["media"], known["quoted"], known["poll"]
    if not (media or quoted or poll):
        return None
    counts = _counts([each["kind"] for each in media], len(poll))
    if not words:
        return Attached(counts, quotes=bool(quoted))
    open_to_all = bool(quoted) and quoted["visibility"] in READABLE_BY_ALL
    return Attached(
        counts,
        tuple(_short(each["alt"]) for each in media if each["alt"].strip()),
        tuple(map(_short, poll)),
        _short(quoted["text"]) if open_to_all else "",
        bool(quoted),
    )


def wordless(extras: str) -> str:
    """What a card says of a post that has no words of its own: what it has instead."""
    known = json.loads(extras)
    counts = _counts([each["kind"] for each in known["media"]], len(known["poll"]))
    if counts:
        return _("No words, only: %(what)s", what=", ".join(counts))
    return _("No words, only a quoted post") if known["quoted"] else _("No words")


def _counts(kinds: list[str], options: int) -> tuple[str, ...]:
    many = Counter(kinds)
    told = {
        "image": ngettext("%(num)s picture", "%(num)s pictures", many["image"]),
        "gifv": ngettext("%(num)s moving picture", "%(num)s moving pictures", many["gifv"]),
        "video": ngettext("%(num)s video", "%(num)s videos", many["video"]),
        "audio": ngettext("%(num)s sound recording", "%(num)s sound recordings", many["audio"]),
        "link": ngettext("%(num)s link", "%(num)s links", many["link"]),
    }
    other = sum(n for kind, n in many.items() if kind not in told)
    counts = [words for kind, words in told.items() if many[kind]]
    counts += [ngettext("%(num)s attachment", "%(num)s attachments", other)] if other else []
    counts += [ngettext("poll with %(num)s answer", "poll with %(num)s answers", options)] if options else []
    return tuple(counts)


def _short(text: str) -> str:
    short, more = cut(text, LONGEST)
    return visible(short) + ("…" if more else "")
