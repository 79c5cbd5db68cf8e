"""A detector before labelled posts: what is true beside what it said, with labels as every set names them."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from trained import LANGUAGE, standard

from bot.errors import EarshotError
from bot.model import Finding
from bot.training import judge as judging
from bot.training.judge import NEGATIVE, POSITIVE, YES, detector, judge


class Parrot:
    """A detector that says the last word of each text, and remembers the sizes of its batches."""

    version = "1"

    def __init__(self, name: str) -> None:
        self.name = name
        self.batches: list[int] = []

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        self.batches.append(len(texts))
        return [Finding(self.name, self.version, text.split()[-1], 900) for text in texts]


@pytest.fixture
def parrots(monkeypatch: pytest.MonkeyPatch) -> dict[str, Parrot]:
    found = {name: Parrot(name) for name in ("abuse", "scam", "sentiment")}
    monkeypatch.setattr(judging, "standard_detectors", lambda: (*found.values(), LANGUAGE))
    return found


def row(said: str, label: object, **more: str) -> Mapping[str, Any]:
    return {"text": f"Seit gestern geht hier gar nichts mehr {said}", "label": label, **more}


def pairs(head: str, rows: Sequence[Mapping[str, Any]], **options: Any) -> list[tuple[str, str]]:
    return [(post.truth, post.said) for post in judge(head, rows, field="label", **options)]


@pytest.mark.usefixtures("parrots")
def test_labels_are_compared_by_name_without_a_positive_class() -> None:
    rows = [row("negative", "negative"), row("neutral", "positive")]
    assert pairs("sentiment", rows) == [("negative", "negative"), ("positive", "neutral")]


@pytest.mark.usefixtures("parrots")
@pytest.mark.parametrize(
    ("label", "value"), [("OFFENSE", "OFFENSE"), (1, "1"), (1.0, "1"), (True, "true"), ("ja, sehr", "ja, sehr")]
)
def test_any_value_can_mean_the_positive_class(label: object, value: str) -> None:
    rows = [row("abuse", label), row("profanity", label), row("abuse", "else"), row("none", 0), row("none", "no")]
    assert pairs("abuse", rows, positive={value, "never"}) == [
        (POSITIVE, POSITIVE),
        (POSITIVE, NEGATIVE),
        (NEGATIVE, POSITIVE),
        (NEGATIVE, NEGATIVE),
        (NEGATIVE, NEGATIVE),
    ]


@pytest.mark.usefixtures("parrots")
def test_several_values_may_mean_it_and_several_labels_of_the_head() -> None:
    rows = [row("scam", "phish"), row("impostor_report", "fake"), row("none", "ok")]
    assert pairs("scam", rows, positive={"phish", "fake"}) == [(POSITIVE, POSITIVE)] * 2 + [(NEGATIVE, NEGATIVE)]


@pytest.mark.usefixtures("parrots")
def test_a_post_keeps_its_length_its_language_and_its_group() -> None:
    rows = [row("none", "none", city="Kiel"), row("none", "abuse", city=7), row("abuse", "abuse")]
    judged = judge("abuse", rows, field="label", group="city")
    assert [post.group for post in judged] == ["Kiel", "7", ""]
    assert [post.length for post in judged] == [len(post["text"]) for post in rows]
    assert {post.language for post in judged} == {"de"}


def test_posts_are_shown_in_batches_and_stay_in_their_order(parrots: dict[str, Parrot]) -> None:
    rows = [row(("abuse", "none")[number % 3 == 0], ("abuse", "none")[number % 3 == 0]) for number in range(123)]
    assert all(truth == said for truth, said in pairs("abuse", rows))
    assert parrots["abuse"].batches == [50, 50, 23]


@pytest.mark.usefixtures("parrots")
@pytest.mark.parametrize(
    ("head", "rows", "options", "complaint"),
    [
        ("moods", [row("x", "x")], {}, "there is no head 'moods': choose one of abuse, language, "),
        ("abuse", [row("none", "none"), {"text": "CANARY"}], {}, "row 2 has no 'label'"),
        ("sentiment", [row("x", "negative")], {"positive": {"negative"}}, "sentiment has no positive class"),
        ("abuse", [row("none", "OTHER"), row("abuse", "OFF")], {}, "abuse never says 'OFF', 'OTHER'"),
        ("abuse", [row("none", "OFF"), row("none", "so ein Satz!")], {}, "abuse never says 'OFF' or 1 more"),
        ("abuse", [row("none", "CANARY" * 3 + "abc!")], {}, "abuse never says any of 1 labels"),
        ("abuse", [row("none", f"l{number}") for number in range(11)], {}, "'l5', 'l6' or 3 more: name"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_sentence(
    head: str, rows: Sequence[Mapping[str, Any]], options: Mapping[str, Any], complaint: str
) -> None:
    with pytest.raises(EarshotError) as refused:
        judge(head, rows, field="label", **options)
    assert complaint in str(refused.value)
    assert "gestern" not in str(refused.value)
    assert "!" not in str(refused.value)


@pytest.mark.parametrize("name", [found.name for found in standard()])
def test_every_shipped_detector_can_be_judged(name: str) -> None:
    looking, telling = detector(name)
    assert (looking.name, telling.name) == (name, "language")


def test_a_positive_class_is_made_of_labels_that_the_detector_knows() -> None:
    assert all("none" not in labels and labels for labels in YES.values())
    graves = {
        "threat": "Ich bringe euch alle um.",
        "crisis": "Ich will nicht mehr leben.",
        "abuse": "Du Idiot.",
        "scam": "Installieren Sie AnyDesk, dann verbinden wir uns.",
    }
    for head, text in graves.items():
        rows = [{"text": text, "label": "yes"}, {"text": "Danke, alles gut.", "label": "no"}]
        assert pairs(head, rows, positive={"yes"}) == [(POSITIVE, POSITIVE), (NEGATIVE, NEGATIVE)]
