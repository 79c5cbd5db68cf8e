"""From a recipe and folders of sets to the bytes of a weight file. The same sets give the same bytes."""

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from bot.detectors.feelings import Feelings
from bot.detectors.kinds import kinds_source
from bot.detectors.weights_file import write
from bot.training import company, sets
from bot.training.fit import Lesson, fit
from bot.training.folding import Folding, nothing
from bot.training.language_profiles import build
from bot.training.recipes import COMPANY, LANGUAGE, LANGUAGE_SETS, RECIPES, Recipe, Source

_COMPANY_WIDTH, _COMPANY_SIZE = 100, 4.0
"""Numbers of a word's company vector, and its length: how much company counts beside the words themselves."""
_VERSION_LETTERS = 8

NAMES = (LANGUAGE, *RECIPES)
"""Everything that can be trained."""


def train(name: str, folders: Sequence[Path]) -> bytes:
    """The weight file of the recipe ``name``, from the sets in ``folders``.

    Raises:
        EarshotError: a set is in none of the folders.
        KeyError: there is no such recipe.
    """
    if name == LANGUAGE:
        return build(*(_texts(LANGUAGE_SETS[language], folders) for language in ("de", "en")))
    recipe = RECIPES[name]
    lessons = lessons_of(recipe, folders)
    folding = _company(recipe.plan.language, tuple(folders)) if recipe.company else nothing()
    head = fit(recipe.plan, lessons, folding, version_of(recipe, lessons, folders))
    return write(head)


def file_of(name: str) -> str:
    """The name of the file that a recipe makes."""
    return f"{name}.profiles" if name == LANGUAGE else f"{name}.weights"


def _texts(names: Sequence[str], folders: Sequence[Path]) -> list[str]:
    """The taught texts of several sets, without their labels."""
    return [row["text"] for name in names for row in sets.taught(sets.find(name, folders))]


def lessons_of(recipe: Recipe, folders: Sequence[Path]) -> list[Lesson]:
    """All that a recipe teaches, in its order."""
    return [lesson for source in recipe.sources for lesson in _lessons(source, recipe, folders)]


def _lessons(source: Source, recipe: Recipe, folders: Sequence[Path]) -> Iterator[Lesson]:
    for row in sets.taught(sets.find(source.name, folders, source.field)):
        label = source.labels.get(str(row[source.field]), source.rest)
        if label:
            inputs = _feelings().measures(row["text"], recipe.plan.language) if recipe.plan.inputs else {}
            yield Lesson(row["text"], label, source.weight, inputs)


_feelings = lru_cache(maxsize=1)(Feelings)


@lru_cache(maxsize=2)
def _company(language: str, folders: tuple[Path, ...]) -> Folding:
    return Folding(company.vectors(_texts(COMPANY[language], folders), _COMPANY_WIDTH, _COMPANY_SIZE))


def version_of(recipe: Recipe, lessons: Sequence[Lesson], folders: Sequence[Path]) -> str:
    """A fingerprint of what was taught and how: a head taught otherwise, or over other classes, has another version."""
    taught = hashlib.sha256(repr(recipe.plan).encode())
    for lesson in lessons:
        taught.update(f"{lesson.label}\0{lesson.weight}\0{lesson.text}\0".encode("utf-8", "replace"))
    if recipe.company:
        for text in _texts(COMPANY[recipe.plan.language], folders):
            taught.update(f"{text}\0".encode("utf-8", "replace"))
    taught.update(kinds_source(recipe.plan.language))
    return taught.hexdigest()[:_VERSION_LETTERS]
