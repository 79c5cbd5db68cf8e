"""Attacks on a person. Swearing at a product, a price or the firm is criticism, however harsh.

Owns the labels none, abuse, quoted and profanity. It never warns anyone: people do. Three layers look: narrow rules,
the reader of who is meant by an insult, and a trained head. The reader may overrule the other two, because neither
of them can tell whom a word hits.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.detectors.heads import Heads, Heard
from bot.detectors.layers import heard_in, joined
from bot.detectors.meant import COUNTER, FOND, NEGATED, ONESELF, PERSON, QUOTED, Mention, WhoIsMeant
from bot.detectors.rulebook import Hit, Rulebook, merged, say, touches
from bot.detectors.text import Clean, clean, unmask
from bot.model import Finding
from bot.ports import Detector

_READ = 10_000
"""Characters read: rules and reader together cost more than any other detector's, and 50 ms are the most for a post."""
_SURE = 860
"""How sure, per mille, it is that an insult hits the one whom the words around it point at."""
_TOLD, _RUDE = 800, 600
_SURER_HEAD, _SUREST_HEAD = 1.0, 3.5
"""From this logit on the head is believed although every insult is explained, or told, denied or the author's own."""
_LOOSE, _LEAST_HEAD = frozenset({"third", "alone", "group"}), -0.6
"""An insult that only seems to mean somebody counts unless the head is this far from hearing an attack."""
_OBJECTED = {"de": QUOTED, "en": "none"}
"""How counter-speech that repeats an insult is labelled, by language."""
_IN_QUOTES = re.compile(r"[\"„“”«»][^\"„“”«»\n]{1,200}[\"“”«»]")


class Abuse:
    """Labels: none, abuse, quoted (told or quoted by the author), profanity (nobody meant), undetermined.

    The reason names the rules and whom an insult means: "meant=staff", "meant=oneself", "meant=thing", ...
    """

    name = "abuse"

    def __init__(self, language: Detector, heads: Heads) -> None:
        self._rules = Rulebook("abuse")
        self._meant = WhoIsMeant()
        self._language = language
        self._heads = heads
        self.version = f"{self._rules.version}+{self._meant.version}+{heads.version(self.name)}"

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: how sure the surest layer is, per mille; 0 when none speaks."""
        return [self._look(heard) for heard in heard_in(self._language, self._heads, texts)]

    def _look(self, heard: Heard) -> Finding:
        seen = unmask(clean(heard.text, _READ))
        mentions = self._meant.mentions(seen, heard.text, heard.language)
        hits = self._unanswered(seen, mentions)
        ruled = self._by_rules(seen, hits)
        if not mentions:
            return self._heard(ruled, heard)
        aimed = [mention for mention in mentions if mention.meant in PERSON]
        logit = heard.logits["abuse.abuse"]
        if aimed and all(mention.meant in _LOOSE for mention in aimed) and logit < _LEAST_HEAD:
            return ruled
        if ruled.label == "abuse" or (not aimed and not all(mention.meant for mention in mentions)):
            return self._heard(ruled, heard)
        if aimed:
            return self._heard(self._say(seen, aimed, "abuse", _SURE), heard)
        told = all(mention.meant in {QUOTED, NEGATED, ONESELF} for mention in mentions)
        if logit >= (_SUREST_HEAD if told else _SURER_HEAD):
            found = self._heard(replace(ruled, label="none", score=0, spans=()), heard)
            if found.label == "abuse":
                return found
        return self._overruled(seen, ruled, mentions, heard.language)

    def _heard(self, ruled: Finding, heard: Heard) -> Finding:
        """What the rules found, and what the head adds. The head is asked about swearing, too: it may hit somebody."""
        if ruled.label != "profanity":
            return joined(ruled, self._heads, heard, "abuse")
        found = joined(replace(ruled, label="none"), self._heads, heard, "abuse")
        return ruled if found.label == "none" else found

    def _overruled(self, seen: Clean, ruled: Finding, mentions: Sequence[Mention], language: str) -> Finding:
        """The finding for insults of which none hits anybody."""
        told = [mention for mention in mentions if mention.meant == QUOTED]
        if not told and _OBJECTED.get(language) == QUOTED:
            told = [mention for mention in mentions if mention.meant == COUNTER]
        if told or ruled.label == "quoted":
            return self._say(seen, told, "quoted", _TOLD) if told else ruled
        rude = any(mention.rude and mention.meant not in {FOND, NEGATED, COUNTER} for mention in mentions)
        if rude or ruled.label == "profanity":
            return self._say(seen, mentions, "profanity", ruled.score or _RUDE)
        return self._say(seen, mentions, ruled.label if ruled.label == "undetermined" else "none", 0)

    def _say(self, seen: Clean, mentions: Sequence[Mention], label: str, score: int) -> Finding:
        reasons = dict.fromkeys(f"meant={mention.meant}" for mention in mentions)
        spans = tuple(sorted({seen.span(*mention.span) for mention in mentions}))[:20]
        reason = ";".join([*list(reasons)[:3], *(["cut"] if seen.cut else [])])
        return Finding(self.name, self.version, label, score, spans if score else (), reason)

    def _unanswered(self, seen: Clean, mentions: Sequence[Mention]) -> list[Hit]:
        """The hits of the rules, without attacks that the reader of insults explains otherwise."""
        hits = self._rules.hits(seen)
        if not hits or not mentions:
            return hits
        fond = any(mention.meant == FOND for mention in mentions)
        spans = [mention.span for mention in mentions if mention.meant not in PERSON | {""}]
        spans += [found.span() for found in _IN_QUOTES.finditer(seen.text)] if spans else []
        explained = merged(spans)
        return [
            hit
            for hit in hits
            if hit.rule.label == "quoted" or not ((fond and hit.rule.label == "abuse") or touches(hit.span, explained))
        ]

    def _by_rules(self, seen: Clean, hits: Sequence[Hit]) -> Finding:
        if not hits:
            return say(self, seen)
        told = merged(hit.span for hit in hits if hit.rule.label == "quoted")
        hits = [hit for hit in hits if hit.rule.label == "quoted" or not touches(hit.span, told)]
        for label in ("abuse", "quoted", "profanity"):
            speaking = [hit for hit in hits if hit.rule.label == label]
            if speaking:
                return say(self, seen, speaking, label=label, score=speaking[0].rule.score)
        return say(self, seen)
