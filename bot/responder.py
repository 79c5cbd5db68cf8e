"""The prepared draft: the best released template, filled where it can be, with its reason. Pure.

It proposes and never decides: threats and crises are answered in people's own words, and a fact that only
a person can know stays a gap. Nothing of the customer's post enters the text.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.config.models import Brand, Template
from bot.model import Gap, Lane, Prepared

PREPARED_LANES = frozenset({Lane.HELP, Lane.COMPLAINT, Lane.PRAISE, Lane.SCAM, Lane.ABUSE})
"""Lanes that templates exist for. In the others people use their own words, or nobody answers."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""What the responder fills: ``{name}``, ``{contact:topic}``, ``{signature}``, for an incident ``{status}``."""

GAP = re.compile(r"\[(?=[^\[\]\n]*[^\W\d_])([^\[\]\n]{1,60})\]")
"""What a person fills: words in square brackets, at least one letter among them."""

_INFORMAL = re.compile(r"\b(?:[Dd](?:u|ir|ich|ein(?:e[mnrs]?)?)|[Ee]uch|[Ee]u(?:er|re[mnrs]?)|ihr)\b")
_FORMAL = re.compile(r"(?<=[^\W_])[,;]? +(?:Sie|Ihnen|Ihr(?:e[mnrs]?)?)\b")
"""Capitals tell "Sie" from "sie" only inside a sentence, so a word must stand directly before."""

_LETTER = re.compile(
    r"\b(?:sehr geehrter?|mit freundlichen grüßen|mit freundlichem gruß|hochachtungsvoll)\b", re.IGNORECASE
)
"""How people open and close letters to strangers, whom they call "Sie"."""

_UNKNOWN = ("", "und")
"""How an unknown language is written; "und" is the code of ISO 639-2."""

_INITIALS = 4
"""Most letters that the initials in a signature may have."""


def find_gaps(text: str) -> tuple[Gap, ...]:
    """The places of ``text`` that still need a person, from left to right. Spans are in code points."""
    return tuple(Gap(match[1].strip(), match.span()) for match in GAP.finditer(text))


def fill_gaps(text: str, values: Mapping[str, str]) -> str:
    """``text`` with every gap that ``values`` names filled; what is empty stays open."""
    return GAP.sub(lambda match: values.get(match[1].strip(), "").strip() or match[0], text)


def wordings(template: Template, brand: Brand, *, status: str = "") -> tuple[str, ...]:
    """The wordings of a template with their placeholders filled, gaps and all.

    ``status``: the page that ``{status}`` stands for. A wording that names what is missing is left out.
    """
    return tuple(filter(None, (_filled(text, template.language, brand, status) for text in template.wordings)))


def form_of_address(text: str) -> str:
    """How a German post addresses its reader: "du" (or the familiar "ihr"), "sie", or "" if it does not show."""
    informal, formal = len(_INFORMAL.findall(text)), len(_FORMAL.findall(text)) + len(_LETTER.findall(text))
    if informal == formal:
        return ""
    return "du" if informal > formal else "sie"


def sign(text: str, brand: Brand, initials: str) -> str:
    """``text`` with the brand's signature at its end, in place of any signature that stands there.

    Without initials the caret style signs nothing. Signing twice changes nothing.
    """
    body = _unsigned(text, brand)
    mark = _mark(brand, initials)
    return f"{body} {mark}".strip() if mark else body


def prepare(
    *,
    brand: Brand,
    templates: Sequence[Template],
    lane: Lane,
    topic: str,
    language: str,
    address: str,
    seed: int,
    initials: str = "",
    ladder: str = "",
    occasion: str = "",
    limit: int = 500,
    length: Callable[[str], int] = len,
) -> Prepared | None:
    """The draft for a post of ``lane`` about ``topic``, or ``None`` when people should write it themselves.

    ``language`` is the post's ("" or "und" if unknown); ``answered_in`` says which languages may answer it.
    ``address`` is the form the author used, "du" or "sie", or "" for the brand's own. ``seed`` picks the wording;
    one that would not fit into ``limit`` units of ``length``, signed, is passed over. ``ladder`` asks for a standard
    text of the warning ladder; without it none is ever taken. ``occasion``: the same of
    templates that have one.
    """
    if lane not in PREPARED_LANES:
        return None
    form = address or brand.address
    for template in _best_first(brand, templates, lane=lane, topic=topic, language=language, form=form):
        if (template.ladder, template.occasion) != (ladder, occasion):
            continue
        for text in _texts(template, brand, seed):
            signed = sign(text, brand, initials)
            if length(signed) + _room(brand, initials) <= limit:
                subject = topic if topic in template.topics else "any"
                return Prepared(
                    text=signed,
                    template=template.template,
                    template_version=str(template.version),
                    language=template.language,
                    address=template.address,
                    gaps=find_gaps(signed),
                    reason=f"lane={lane} topic={subject} language={template.language} address={template.address}",
                )
    return None


def answered_in(brand: Brand, language: str) -> tuple[str, ...]:
    """The languages that a post in ``language`` may be answered in, best first; empty means: no prepared draft.

    A line in ``reply_languages`` is obeyed to the letter. Without one we answer in the post's own language if the
    brand speaks it. An unknown language ("" or "und") may be any of ours.
    """
    if language in _UNKNOWN:
        return brand.languages
    own = (language,) if language in brand.languages else ()
    return brand.reply_languages.get(language, own)


def _best_first(
    brand: Brand, templates: Sequence[Template], *, lane: Lane, topic: str, language: str, form: str
) -> list[Template]:
    """The templates that fit: language counts most, then the topic, then the form of address, then the name."""
    languages = answered_in(brand, language)

    def rank(template: Template) -> tuple[int, bool, bool, str]:
        return languages.index(template.language), not template.topics, template.address == "any", template.template

    fitting = [
        template
        for template in templates
        if template.released
        and lane in template.lanes
        and template.language in languages
        and template.address in (form, "any")
        and (not template.topics or topic in template.topics)
    ]
    return sorted(fitting, key=rank)


def _texts(template: Template, brand: Brand, seed: int) -> Iterator[str]:
    """The template's wordings, filled, beginning with the one that ``seed`` picks."""
    count = len(template.wordings)
    for step in range(count):
        text = _filled(template.wordings[(seed + step) % count], template.language, brand)
        if text:
            yield text


def _filled(wording: str, language: str, brand: Brand, status: str = "") -> str:
    """The wording with its placeholders filled, or "" if the brand has no such contact."""
    values = {f"contact:{c.topic}": c.value for c in brand.contacts if c.language == language}
    values |= {"name": brand.name, "signature": ""} | ({"status": status} if status else {})
    if any(match[1] not in values for match in PLACEHOLDER.finditer(wording)):
        return ""
    return PLACEHOLDER.sub(lambda match: values[match[1]], wording).strip()


def _mark(brand: Brand, initials: str) -> str:
    if brand.signature.style == "team":
        return brand.signature.team.strip()
    letters = "".join(filter(str.isalpha, initials.upper()))[:_INITIALS]
    return f"^{letters}" if letters and brand.signature.style == "caret" else ""


def _room(brand: Brand, initials: str) -> int:
    """Code points to keep free for a caret signature that is appended later."""
    return 0 if brand.signature.style != "caret" or _mark(brand, initials) else len(" ^") + _INITIALS


def _unsigned(text: str, brand: Brand) -> str:
    team = brand.signature.team.strip() if brand.signature.style == "team" else ""
    body = text.rstrip()
    while body:
        last = body.split()[-1]
        if last[0] == "^" and last[1:].isalpha() and len(last) <= _INITIALS + 1:
            body = body[: -len(last)].rstrip()
        elif team and (body == team or (body.endswith(team) and body[-len(team) - 1].isspace())):
            body = body[: -len(team)].rstrip()
        else:
            break
    return body
