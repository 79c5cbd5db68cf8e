"""Threats against people and sites, and talk of the law, which is nobody's threat.

Owns the labels none, threat and legal. It never decides what happens to a case, and never tells anyone.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from bot.detectors.heads import Heads, Heard
from bot.detectors.layers import heard_by_sentences, joined, with_cut
from bot.detectors.rulebook import Hit, Rulebook, say
from bot.detectors.text import Clean, clean, unmask
from bot.model import Finding
from bot.ports import Detector

_NEAR = 150
"""Characters around a threat in which a place, a weapon and a time make it acute: about one long sentence."""
_ACUTE_EXTRA = 60
"""Per mille that a plan adds to a threat."""
_ATTACK = 0.5
"""Logit of the abuse head from which a violent verb beside it counts as a threat."""
_ATTACK_SCORE = 520
_VIOLENT = frozenset({"kill_verb", "hurt_verb"})
_ACUTE_SIGNS = 2
"""How many different signs it takes: "I come with an axe" is a weapon, "tomorrow" makes it a plan."""


class ThreatRules:
    """The narrow patterns alone, quick enough to ask about every post at the door. Labels as in ``Threat``."""

    name = "threat"

    def __init__(self) -> None:
        self._rules = Rulebook("threat")
        self._signs = Rulebook("acute")
        self.version = f"{self._rules.version}.{self._signs.version}"
        # The door asks about every text before the assessment does: the second time the answer is known.
        self._known = lru_cache(maxsize=256)(self._look)

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: how sure the surest rule is, per mille; 0 when none holds."""
        return [self._known(unmask(clean(text))) for text in texts]

    def _look(self, seen: Clean) -> Finding:
        hits = self._rules.hits(seen)
        threats = [hit for hit in hits if hit.rule.label == "threat"]
        if threats:
            score = threats[0].rule.score
            if not _is_acute(threats[0], self._signs.hits(seen)):
                return say(self, seen, threats, label="threat", score=score)
            found = say(self, seen, threats, label="threat", score=min(1000, score + _ACUTE_EXTRA))
            return replace(found, reason=f"acute;{found.reason}")
        if hits:
            return say(self, seen, hits, label="legal", score=hits[0].rule.score)
        return say(self, seen)


class Threat:
    """Labels: none, threat, legal, undetermined. An acute threat's reason begins with "acute".

    Three layers, any one is enough: narrow patterns, a trained head, and an attack on a person with a violent verb.
    """

    name = "threat"

    def __init__(self, rules: ThreatRules, language: Detector, heads: Heads) -> None:
        self._rules = rules
        self._language = language
        self._heads = heads
        self.version = f"{rules.version}+{heads.version(self.name)}"

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. Score: how sure the surest layer is, per mille; 0 when none speaks."""
        heard = heard_by_sentences(self._language, self._heads, texts)
        return list(map(self._look, self._rules.detect(texts), heard))

    def _look(self, ruled: Finding, heard: Heard) -> Finding:
        ruled = Finding(ruled.detector, self.version, ruled.label, ruled.score, ruled.spans, ruled.reason)
        if ruled.label == "legal":
            # Who sends a lawyer may send a thug as well: the other layers are asked all the same.
            bare = replace(ruled, label="none", score=0, spans=(), reason=with_cut(ruled, "legal"))
            found = self._by_other_layers(bare, heard)
            return found if found.label == "threat" else ruled
        return self._by_other_layers(ruled, heard)

    def _by_other_layers(self, ruled: Finding, heard: Heard) -> Finding:
        found = joined(ruled, self._heads, heard, "threat")
        if found.label == "none" and heard.logits["abuse.abuse"] >= _ATTACK and heard.language != "other":
            violent = self._heads.of_kind(heard.text, heard.language, _VIOLENT)
            if violent:
                reason = with_cut(ruled, "attack-with-violence")
                return replace(found, label="threat", score=_ATTACK_SCORE, spans=violent, reason=reason)
        return found


def _is_acute(threat: Hit, signs: Sequence[Hit]) -> bool:
    """True when two of place, weapon and time stand near the threat, or inside it."""
    start, end = threat.span[0] - _NEAR, threat.span[1] + _NEAR
    near = {sign.rule.name for sign in signs if start <= sign.span[0] and sign.span[1] <= end}
    return len(near) >= _ACUTE_SIGNS
