# ruff: noqa: INP001 - a folder of scripts, not a package
"""How fast the matcher is, against the bare automaton over the same phrases and posts in the same run.

Run ``python bench/matching.py [--phrases 10000]``. Everything is synthetic and drawn
from a seeded generator, so two runs search the same posts. The bare automaton lower-cases a post and finds every
overlapping hit; ours also folds, checks word boundaries, decides which watches hear the post and gives spans.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import click
from ahocorasick_rs import AhoCorasick

from bot.config.models import TermRow, WatchModel
from bot.watch.compile import Matcher

# Roughly the letters of German: about one in forty is an umlaut or a sharp s.
_LETTERS = 4 * "eeeennniiirrsstttaaddhhuullcgmobwfkzvp" + "äöüß"
_WATCHES = 40
_POSTS = 400


def _words(chance: random.Random, count: int) -> list[str]:
    return ["".join(chance.choices(_LETTERS, k=chance.randint(5, 11))) for _ in range(count)]


def _posts(chance: random.Random, vocabulary: Sequence[str]) -> list[str]:
    """Posts of 8 to 60 words with capitals; some begin a new paragraph, some hold signs outside Latin-1."""
    posts = []
    for _ in range(_POSTS):
        words = [
            chance.choice((word, word, word.capitalize())) for word in chance.choices(vocabulary, k=_length(chance))
        ]
        place = chance.randrange(len(words))
        words[place] += chance.choice(("", "", "", " –", ", „ja“", ".\n\nUnd"))
        posts.append(" ".join(words) + chance.choice(("", ".", "!", " 📶", " …")))
    return posts


def _length(chance: random.Random) -> int:
    return chance.randint(8, 60)


def _phrases(chance: random.Random, vocabulary: Sequence[str], count: int) -> list[str]:
    phrases: set[str] = set()
    while len(phrases) < count:
        phrases.add(" ".join(chance.choices(vocabulary, k=chance.choice((1, 1, 2, 3)))))
    return sorted(phrases)


def _watches(phrases: Sequence[str]) -> list[WatchModel]:
    rows = [TermRow(text=phrase, file="bench.yaml", line=line) for line, phrase in enumerate(phrases, 1)]
    return [WatchModel(watch=f"w{place}", any=tuple(rows[place::_WATCHES])) for place in range(_WATCHES)]


def _seconds(search: Callable[[str], object], posts: Sequence[str]) -> float:
    begin = time.perf_counter()
    for post in posts:
        search(post)
    return time.perf_counter() - begin


def _compare(name: str, phrases: Sequence[str], posts: Sequence[str], rounds: int) -> str:
    automaton = AhoCorasick([phrase.lower() for phrase in phrases])
    matcher = Matcher(_watches(phrases), "bench")
    ratios, paces = [], []
    for _ in range(rounds):
        bare = _seconds(lambda post: automaton.find_matches_as_indexes(post.lower(), overlapping=True), posts)
        ours = _seconds(matcher.match, posts)
        ratios.append(bare / ours)
        paces.append(len(posts) / ours)
    hits = sum(len(matcher.match(post)) for post in posts) / len(posts)
    return (
        f"{name:6} phrases={len(phrases)} ratio={statistics.median(ratios):.2f} "
        f"posts/s={statistics.median(paces):.0f} matches/post={hits:.1f}"
    )


@click.command()
@click.option("--phrases", default=10_000, show_default=True, help="How many phrases the watches hold.")
@click.option("--rounds", default=15, show_default=True, help="How many interleaved rounds the median is taken of.")
def main(phrases: int, rounds: int) -> None:
    """Print the matcher's share of the bare automaton's pace, for rare and for common phrases."""
    chance = random.Random(20)  # noqa: S311 - reproducible posts, no secret
    spoken, unspoken = _words(chance, 20_000), _words(chance, 20_000)
    posts = _posts(chance, spoken)
    click.echo(_compare("rare", _phrases(chance, unspoken, phrases), posts, rounds))
    click.echo(_compare("common", _phrases(chance, spoken, phrases), posts, rounds))


if __name__ == "__main__":
    main()
