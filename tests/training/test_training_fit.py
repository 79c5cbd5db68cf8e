"""Training learns what the lessons teach, gives the same bytes every time, and reads nothing that is held out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from lessons import COMPANY, LANGUAGE_SETS, RECIPES, add_row, in_another_process, small_sets
from trained import outputs, slots_of, weights

from bot.detectors.heads import Heads
from bot.detectors.weights_file import read, write
from bot.errors import EarshotError
from bot.training import train as training
from bot.training.fit import Lesson, Plan, fit
from bot.training.folding import Folding, nothing
from bot.training.recipes import Recipe

CANARY = "Zirbelnuss quakt violett"
PLAN = Plan("mood", "de", ("good", "bad"), keep=400)
GOOD = ("toll gemacht", "sehr schön toll", "toll und schnell", "ganz toll heute", "schön schnell toll")
BAD = ("mies gemacht", "sehr mies heute", "mies und langsam", "ganz mies", "langsam und mies wieder")
LESSONS = [Lesson(text, "good") for text in GOOD] + [Lesson(text, "bad") for text in BAD]
EACH = pytest.mark.parametrize("name", [*RECIPES])


@pytest.fixture(autouse=True)
def small_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "RECIPES", RECIPES)
    monkeypatch.setattr(training, "COMPANY", COMPANY)
    monkeypatch.setattr(training, "LANGUAGE_SETS", LANGUAGE_SETS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_sets(tmp_path / "sets")


def logits(lessons: Sequence[Lesson], text: str, plan: Plan = PLAN) -> dict[str, float]:
    source = write(fit(plan, lessons, nothing(), "1"))
    return dict(Heads({"de": [source]}).logits(text, "de"))


def test_a_head_tells_apart_what_it_was_taught() -> None:
    for text, true, false in (("das war toll", "mood.good", "mood.bad"), ("das war mies", "mood.bad", "mood.good")):
        found = logits(LESSONS, text)
        assert found[true] > 0 > found[false]


def test_letters_teach_about_words_that_were_never_seen() -> None:
    assert logits(LESSONS, "tollste")["mood.good"] > 0 > logits(LESSONS, "miesester")["mood.good"]


def test_a_lesson_that_counts_more_pulls_more() -> None:
    doubt = Lesson("wolke", "bad")
    heavy = logits([*LESSONS, replace(doubt, weight=50.0)], "wolke")["mood.bad"]
    assert heavy > logits([*LESSONS, replace(doubt, weight=0.1)], "wolke")["mood.bad"]


def test_a_shift_moves_the_edge_by_just_as_much() -> None:
    plain, shifted = logits(LESSONS, "toll"), logits(LESSONS, "toll", replace(PLAN, shifts={"good": -0.5}))
    assert shifted["mood.good"] == pytest.approx(plain["mood.good"] - 0.5, abs=1e-3)
    assert shifted["mood.bad"] == plain["mood.bad"]


@pytest.mark.parametrize("keep", [10, 60])
def test_no_output_keeps_more_weights_than_planned_and_the_strongest_stay(keep: int) -> None:
    large, small = (outputs(write(fit(replace(PLAN, keep=n), LESSONS, nothing(), "1"))) for n in (400, keep))
    for name in small:
        kept = small[name][2]
        assert 0 < len(kept) <= keep
        assert all(-127 <= weight <= 127 for weight in kept.values())
        assert max(large[name][2], key=lambda slot: abs(large[name][2][slot])) in kept


def test_further_measures_get_a_weight_with_the_sign_of_what_they_say() -> None:
    plan = replace(PLAN, inputs=("sunny", "blank"))
    lessons = [
        replace(lesson, text="wort", inputs={"sunny": float(lesson.label == "good"), "blank": 0.0})
        for lesson in LESSONS
    ]
    good, bad = fit(plan, lessons, nothing(), "1").outputs
    assert good.inputs["sunny"] > 0 > bad.inputs["sunny"]
    assert good.inputs["blank"] == bad.inputs["blank"] == 0


def test_a_rare_word_inherits_what_its_companions_were_taught() -> None:
    company = Folding({"toll": np.array([4.0, 0.0]), "prima": np.array([4.0, 0.0]), "mies": np.array([0.0, 4.0])})
    alone, folded = (
        Heads({"de": [write(fit(PLAN, LESSONS, folding, "1"))]}).logits("prima", "de")["mood.good"]
        for folding in (nothing(), company)
    )
    assert folded > alone


def test_the_file_says_whose_head_it_is() -> None:
    head = fit(PLAN, LESSONS, nothing(), "v")
    assert (head.name, head.language, head.version) == ("mood", "de", "v")
    assert [output.label for output in head.outputs] == ["good", "bad"]


@EACH
def test_the_same_sets_give_the_same_bytes_in_this_process_and_in_another(name: str, folder: Path) -> None:
    first = training.train(name, [folder])
    training._company.cache_clear()
    assert training.train(name, [folder]) == first
    assert in_another_process(name, folder, "4242") == first


@EACH
def test_a_row_that_is_held_out_leaves_every_byte_as_it_was(name: str, folder: Path, tmp_path: Path) -> None:
    plain = training.train(name, [folder])
    sets = {part: small_sets(tmp_path / part) for part in ("test", "train")}
    for part, changed in sets.items():
        for file in changed.iterdir():
            for label in ("threat", "negative"):
                add_row(file, text=f"{CANARY} {label}", label=label, family="canary", part=part)
    assert training.train(name, [sets["test"]]) == plain
    assert training.train(name, [sets["train"]]) != plain


def test_the_profiles_of_languages_are_counted_from_taught_rows_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[list[str]] = []
    monkeypatch.setattr(training, "build", lambda *texts: counted.extend(texts) or b"")
    for part in ("test", "train"):
        add_row(folder / "daily.jsonl", text=f"{CANARY} {part}", label="neutral", family="canary", part=part)
    training.train("language", [folder])
    german, english = counted
    assert len(german) == 101
    assert f"{CANARY} train" in english
    assert f"{CANARY} test" not in german + english


def test_the_version_is_another_when_the_lessons_or_the_plan_are() -> None:
    recipe = Recipe(Plan("mood", "de", ("bad",)), (), company=False)
    taught = (
        LESSONS,
        LESSONS[:-1],
        [*LESSONS[:-1], replace(LESSONS[-1], label="good")],
        [*LESSONS[:-1], replace(LESSONS[-1], weight=2.0)],
        [*LESSONS[:-1], replace(LESSONS[-1], text="langsam und mies wiede")],
    )
    versions = {training.version_of(recipe, lessons, ()) for lessons in taught}
    assert len(versions) == 5
    assert training.version_of(recipe, LESSONS, ()) in versions
    shifted = replace(recipe, plan=replace(recipe.plan, shifts={"bad": 0.5}))
    assert training.version_of(shifted, LESSONS, ()) not in versions


def test_labels_that_a_source_leaves_out_are_not_taught(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = RECIPES["threat.de"]
    legal = replace(recipe.sources[0], labels={"threat": "threat", "legal": "none"}, rest="")
    lessons = list(training._lessons(legal, recipe, [folder]))
    assert {lesson.label for lesson in lessons} == {"threat", "none"}
    assert len(lessons) < len(list(training._lessons(recipe.sources[0], recipe, [folder])))


def test_what_was_fitted_is_what_the_heads_compute(folder: Path) -> None:
    source = training.train("threat.de", [folder])
    _, [row] = read(source)
    bias, scale, known = outputs(source)["threat.threat"]
    assert weights(*row) == known
    slots = slots_of("Ich bringe euch um", "de")
    expected = bias + scale * sum(known.get(slot, 0) for slot in slots) / len(slots) ** 0.5
    assert Heads({"de": [source]}).logits("Ich bringe euch um", "de")["threat.threat"] == pytest.approx(expected)


def test_a_missing_set_and_a_missing_label_are_named(folder: Path) -> None:
    with pytest.raises(EarshotError, match=r"grave\.jsonl was not found"):
        training.train("threat.de", [folder.parent])
    add_row(folder / "grave.jsonl", text=CANARY, family="f", part="train")
    with pytest.raises(EarshotError, match=r"grave\.jsonl:61 has no 'label'") as refused:
        training.train("threat.de", [folder])
    assert CANARY not in str(refused.value)
