"""The topic: the likeliest label of the head, with its probability, and nothing where the head cannot read."""

from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.models import TopicLabel
from bot.detectors.heads import Heard
from bot.detectors.topic import LABELS, Topic
from bot.model import Finding


class Spoken:
    """Every text is in one language."""

    name, version = "language", "1"

    def __init__(self, label: str) -> None:
        self.label = label

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        return [Finding(self.name, self.version, self.label, 900) for _ in texts]


class Head:
    """A head that has made up its mind."""

    def __init__(self, **logits: float) -> None:
        self.found = {f"topic.{label}": logit for label, logit in logits.items()}

    def hear(self, texts: Sequence[str], languages: Sequence[str]) -> list[Heard]:
        logits = {"abuse.abuse": 9.0, **self.found}
        return [Heard(text, language, logits) for text, language in zip(texts, languages, strict=True)]

    def version(self, head: str) -> str:
        return f"{head}-7"


def look(head: Head, text: str = "Kein Netz", language: str = "de") -> Finding:
    (found,) = Topic(Spoken(language), head).detect([text])
    return found


def test_the_likeliest_label_is_found_with_its_probability() -> None:
    found = look(Head(outage_fixed=2.0, billing=0.0, other=0.0))
    assert (found.label, found.score) == ("outage_fixed", 787)
    assert (found.detector, found.version, found.reason) == ("topic", "topic-7", "head.de")


@pytest.mark.parametrize("language", ["other", "undetermined"])
def test_a_language_that_the_head_never_saw_is_not_guessed_at(language: str) -> None:
    found = look(Head(billing=9.0), language=language)
    assert (found.label, found.score, found.reason) == ("undetermined", 0, "language")


def test_without_a_head_nothing_is_guessed() -> None:
    found = look(Head())
    assert (found.label, found.score, found.reason) == ("undetermined", 0, "no-head")


def test_a_head_may_know_fewer_labels_and_unknown_ones_are_left_out() -> None:
    assert look(Head(weather=9.0, hotline=1.0, praise=0.0)).label == "hotline"


def test_the_configuration_knows_the_same_labels_but_for_other() -> None:
    assert (*get_args(TopicLabel), "other") == LABELS


logits = st.floats(-50, 50)


@given(st.dictionaries(st.sampled_from(LABELS), logits, min_size=1), st.lists(st.text(max_size=40), max_size=3))
def test_any_logits_give_one_label_of_the_head_for_every_text(outputs: dict[str, float], texts: list[str]) -> None:
    found = Topic(Spoken("en"), Head(**outputs)).detect(texts)
    assert len(found) == len(texts)
    for finding in found:
        assert outputs[finding.label] == pytest.approx(max(outputs.values()), abs=0.01)
        assert 1000 // len(outputs) - 1 <= finding.score <= 1000
