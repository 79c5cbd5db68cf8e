"""What no file can know alone: names used twice, and names that another file does not have. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from zoneinfo import available_timezones

from pydantic import BaseModel

from bot.config.models import TOLD_APART, Brand, Platforms, Template, TriageRules, WatchModel
from bot.config.nodes import Loc, Node, Place, find, shown
from bot.config.number_notation import fault_of
from bot.config.people_terms import refused
from bot.config.protection import Protection
from bot.config.roster import Line, Roster
from bot.config.sentences import listed, nearest
from bot.errors import Problem
from bot.model import Lane, Platform
from bot.responder import GAP, PLACEHOLDER, PREPARED_LANES

_NO_ANSWER = "Name at least one language here, or remove the line: a post in this language gets no draft then."

M = TypeVar("M", bound=BaseModel)

LEAST_WORDINGS = 3
"""Consent rules, C-15 as changed in section 0: fewer wordings make replies look like a machine's."""


@dataclass(frozen=True, slots=True)
class Placed(Generic[M]):
    """A model and the node it was read from."""

    model: M
    node: Node

    def at(self, *loc: int | str) -> Place:
        """Where the value at ``loc`` stands."""
        return find(self.node, loc)[0].place


@dataclass(frozen=True, slots=True)
class Parts:
    """What could be read. ``None`` stands for a file that has faults of its own: nothing is held against it.

    ``protection`` and ``roster`` are ``None`` as well where there is no such file.
    """

    brand: Placed[Brand] | None
    platforms: Placed[Platforms] | None
    triage: Placed[TriageRules] | None
    watches: Sequence[Placed[WatchModel]]
    templates: Sequence[Placed[Template]]
    protection: Placed[Protection] | None = None
    roster: Placed[Roster] | None = None


def check_across(parts: Parts) -> Iterator[Problem]:
    """Every fault that shows only when the files are read together."""
    yield from _repeats("watch", parts.watches, lambda watch: watch.watch)
    yield from _repeats("template", parts.templates, lambda template: template.template)
    for template in parts.templates:
        yield from _template(template)
    for watch in parts.watches:
        for row, sentence in refused(watch.model, parts.brand.model if parts.brand else None):
            yield Problem(row.file, row.line, watch.at("watch").column, sentence)
    if parts.brand:
        yield from _brand(parts.brand)
        for template in parts.templates:
            yield from _template_and_brand(template, parts.brand.model)
    if parts.platforms:
        yield from _sources(parts.platforms, parts.brand.model if parts.brand else None)
    if parts.triage:
        yield from _topics(parts, parts.triage)
    if parts.roster:
        yield from _roster(parts.roster)


def _roster(roster: Placed[Roster]) -> Iterator[Problem]:
    """Names that nobody bears, people whom nobody could page, and exceptions that end before they begin."""
    model = roster.model
    names = [one.name for one in model.people]
    for index, one in enumerate(model.people):
        if one.name in names[:index]:
            yield roster.at("people", index, "name").problem(f"{_quoted(one.name)} stands here twice.")
    kinds: tuple[tuple[str, Sequence[Line]], ...] = (("weekly", model.weekly), ("exceptions", model.exceptions))
    for key, lines in kinds:
        for index, line in enumerate(lines):
            place, person = roster.at(key, index, "person"), model.person(line.person)
            if person is None:
                hint = nearest(line.person, names) or " Name everyone who is on call under people."
                yield place.problem(f"There is no {_quoted(line.person)} under people.{hint}")
            elif not person.channels and set(line.duties) != {"desk"}:
                sentence = f"Nobody could page {_quoted(line.person)}. Give them channels under people."
                yield place.problem(sentence)
    for index, swap in enumerate(model.exceptions):
        if swap.ends <= swap.begins:
            yield roster.at("exceptions", index, "ends").problem("This exception ends before it begins.")


def _repeats(key: str, placed: Sequence[Placed[M]], name: Callable[[M], str]) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for each in placed:
        word, place = name(each.model), each.at(key)
        if word in seen:
            first = seen[word]
            yield place.problem(f"The {key} name '{word}' is taken in {first.file}, line {first.line}. Choose another.")
        seen.setdefault(word, place)


def _template(template: Placed[Template]) -> Iterator[Problem]:
    model = template.model
    for index, lane in enumerate(model.lanes):
        if lane not in PREPARED_LANES:
            allowed = listed(sorted(PREPARED_LANES))
            yield template.at("lanes", index).problem(f"Nothing is prepared for lane '{lane}'. Allowed: {allowed}.")
    if model.ladder and (model.lanes != (Lane.ABUSE,) or model.topics):
        yield template.at("ladder").problem("A text of the warning ladder has lanes: [abuse] and no topics.")
    if model.released and len(set(model.wordings)) < LEAST_WORDINGS:
        sentence = (
            f"A released template needs at least {LEAST_WORDINGS} different wordings. Write more, or unrelease it."
        )
        yield template.at("wordings").problem(sentence)
    for index, wording in enumerate(model.wordings):
        if re.search(r"[\[\]{}]", GAP.sub("", PLACEHOLDER.sub("", wording))):
            yield template.at("wordings", index).problem(
                "A bracket or brace has no partner here. Gaps are written [bis wann], 60 characters at most."
            )


def _template_and_brand(template: Placed[Template], brand: Brand) -> Iterator[Problem]:
    model = template.model
    if model.language not in brand.languages:
        yield template.at("language").problem(_not_spoken(model.language, brand))
        return
    known = {"name", "signature"} | {f"contact:{c.topic}" for c in brand.contacts if c.language == model.language}
    known |= {"status"} if model.occasion in {"incident", "fixed"} else set()
    for index, wording in enumerate(model.wordings):
        for match in PLACEHOLDER.finditer(wording):
            if match[1] not in known:
                yield template.at("wordings", index).problem(_unknown_placeholder(match[1], model.language, known))


def _unknown_placeholder(name: str, language: str, known: set[str]) -> str:
    hint = nearest(name, known)
    if name.startswith("contact:"):
        topic = shown(name.removeprefix("contact:"))
        return f"brand.yaml has no contact for topic {topic} in language '{language}'.{hint}"
    return f"Unknown placeholder {shown(name)}.{hint} Known: {listed(sorted(known))}."


def _not_spoken(language: str, brand: Brand) -> str:
    return f"The brand does not speak '{language}'. Languages in brand.yaml: {listed(brand.languages)}."


def _never_told(language: str) -> str:
    hint = nearest(language, TOLD_APART)
    return f"Posts in '{language}' cannot be told, so this line never counts.{hint} Known: {listed(TOLD_APART)}."


def _reply_languages(brand: Placed[Brand]) -> Iterator[Problem]:
    for asked, answers in brand.model.reply_languages.items():
        if asked not in TOLD_APART:
            yield brand.at("reply_languages", asked).problem(_never_told(asked))
        if not answers:
            yield brand.at("reply_languages", asked).problem(_NO_ANSWER)
        for index, language in enumerate(answers):
            if language in answers[:index]:
                yield brand.at("reply_languages", asked, index).problem(f"'{language}' stands here twice.")
            if language not in brand.model.languages:
                yield brand.at("reply_languages", asked, index).problem(_not_spoken(language, brand.model))


def _brand(brand: Placed[Brand]) -> Iterator[Problem]:
    model = brand.model
    if model.timezone not in available_timezones():
        hint = nearest(model.timezone, available_timezones()) or " Write one such as Europe/Berlin."
        yield brand.at("timezone").problem(f"Unknown time zone {shown(model.timezone)}.{hint}")
    yield from _reply_languages(brand)
    if model.retention_days_on.get(Platform.REDDIT, 0) > Platform.REDDIT.keeps_days:
        sentence = f"Reddit wants deleted posts gone within 48 hours: {Platform.REDDIT.keeps_days} days at most."
        yield brand.at("retention_days_on", Platform.REDDIT.value).problem(sentence)
    for index, notation in enumerate(model.personal_data.customer_numbers):
        fault = fault_of(notation)
        if fault:
            yield brand.at("personal_data", "customer_numbers", index).problem(fault)
    for platform, accounts in model.accounts.items():
        for index, account in enumerate(accounts):
            if account.handle.startswith("@"):
                place = brand.at("accounts", platform.value, index, "handle")
                yield place.problem("Write the handle without @.")


def _sources(platforms: Placed[Platforms], brand: Brand | None) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, source in enumerate(platforms.model.sources):
        if source.name in seen:
            place = platforms.at("sources", index, "name")
            yield place.problem(f"A source named {shown(source.name)} stands above already. Choose another name.")
        seen.add(source.name)
        platform = Platform.BLUESKY if source.kind is Platform.JETSTREAM and source.account else source.kind
        if brand is None or not (source.answers or platform is Platform.BLUESKY):
            continue
        handles = [account.handle for account in brand.accounts.get(platform, ())]
        if source.account not in handles:
            hint = nearest(source.account, handles) or f" Add it there under accounts, {platform}."
            sentence = f"brand.yaml has no {platform} account {_quoted(source.account)}.{hint}"
            yield platforms.at("sources", index, "account").problem(sentence)


def _quoted(word: str) -> str:
    return "of this name" if shown(word) == "This" else shown(word)


def _topics(parts: Parts, triage: Placed[TriageRules]) -> Iterator[Problem]:
    known = set(triage.model.topics)
    used: list[tuple[str, Placed[WatchModel] | Placed[Template] | Placed[TriageRules], Loc]] = [
        *((watch.model.topic, watch, ("topic",)) for watch in parts.watches if watch.model.topic),
        *((topic, one, ("topics", i)) for one in parts.templates for i, topic in enumerate(one.model.topics)),
        *((topic, triage, ("urgent_topics", i)) for i, topic in enumerate(triage.model.urgent_topics)),
        *((topic, triage, ("topic_names", topic)) for topic in triage.model.topic_names),
        *((topic, triage, ("topic_heads", topic)) for topic in triage.model.topic_heads),
    ]
    for topic, placed, loc in used:
        if topic not in known:
            hint = nearest(topic, known) or f" Known: {listed(sorted(known))}."
            yield placed.at(*loc).problem(f"triage.yaml has no topic {_quoted(topic)}.{hint}")
    taken: dict[str, str] = {}
    for topic, labels in triage.model.topic_heads.items():
        for index, label in enumerate(labels):
            if label in taken:
                sentence = f"'{label}' stands for topic {_quoted(taken[label])} already. Remove it in one place."
                yield triage.at("topic_heads", topic, index).problem(sentence)
            taken.setdefault(label, topic)
