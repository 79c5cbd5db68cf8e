"""The figures that detection must reach, measured on rows that training never sees. ``make evaluate`` prints them.

Owns the list of bars. Rows of our own sets need nothing; rows of public sets need the folder that holds them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bot.errors import EarshotError
from bot.training import conversations, handles, sets
from bot.training.judge import POSITIVE, judge
from bot.training.measure import Judged, alarms_per_1000, macro_f1, per_class

_SHORT = range(3, 21)
"""Characters of a short post."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the table: how it is measured on ``names``, the least and the aim; ``low`` when less is better."""

    title: str
    head: str
    names: tuple[str, ...]
    figure: Callable[[Sequence[Judged]], float]
    least: float
    aim: float
    positive: tuple[str, ...] = ()
    low: bool = False
    group: str = ""


def _macro(judged: Sequence[Judged]) -> float:
    return macro_f1([(post.truth, post.said) for post in judged])


def _recall(judged: Sequence[Judged]) -> float:
    return float(per_class([(post.truth, post.said) for post in judged])[POSITIVE]["recall"])


def _precision(judged: Sequence[Judged]) -> float:
    return float(per_class([(post.truth, post.said) for post in judged])[POSITIVE]["precision"])


def _alarms(judged: Sequence[Judged]) -> float:
    return alarms_per_1000([(post.truth, post.said) for post in judged], POSITIVE)


def _told_apart(judged: Sequence[Judged]) -> float:
    """Macro-F1 of the three languages; "undetermined" is a miss for each of them and no fourth one."""
    classes = per_class([(post.truth, post.said) for post in judged])
    return sum(float(classes[label]["f1"]) for label in ("de", "en", "other")) / 3


def _short(judged: Sequence[Judged]) -> float:
    return _macro([post for post in judged if post.length in _SHORT])


def _weakest(judged: Sequence[Judged]) -> float:
    """The accuracy of the weakest group."""
    groups: dict[str, list[bool]] = {}
    for post in judged:
        if post.group:
            groups.setdefault(post.group, []).append(post.truth == post.said)
    return min(sum(right) / len(right) for right in groups.values())


_CUSTOMERS = ("customers_de", "customers_en")
_UNTAUGHT = frozenset({"de_bahn_dev", "personal_data"})
"""Sets that no head learns from: all of their rows are measured on."""
_NOBODY = ("-",)
"""A label that no customer's post has: each of them is clean, every cry a false one."""

BARS: tuple[Bar, ...] = (
    Bar("sentiment en, held-out SemEval, macro-F1", "sentiment", ("en_sentiment_semeval",), _macro, 0.62, 0.66),
    Bar("sentiment de, held-out SB10k, macro-F1", "sentiment", ("de_sentiment_sb10k",), _macro, 0.67, 0.70),
    Bar("sentiment of customers, macro-F1", "sentiment", _CUSTOMERS, _macro, 0.60, 0.70),
    Bar("abuse de, held-out GermEval 2018, macro-F1", "abuse", ("de_offense_2018",), _macro, 0.73, 0.77, ("OFFENSE",)),
    Bar("abuse en, held-out OLID, macro-F1", "abuse", ("en_offense_olid",), _macro, 0.74, 0.78, ("OFF",)),
    Bar("abuse alarms, railway posts, per 1,000", "abuse", ("de_bahn_dev",), _alarms, 20, 10, _NOBODY, low=True),
    Bar("abuse alarms, customers, per 1,000", "abuse", _CUSTOMERS, _alarms, 20, 10, _NOBODY, low=True),
    Bar("abuse pairs de, weakest function", "abuse", ("abuse_de",), _weakest, 0.60, 0.75, ("abuse",), group="function"),
    Bar("abuse pairs en, weakest function", "abuse", ("abuse_en",), _weakest, 0.60, 0.75, ("abuse",), group="function"),
    Bar("hate de, weakest function", "hate", ("hate_de",), _weakest, 0.60, 0.75, ("hate",), group="function"),
    Bar("hate en, weakest function", "hate", ("hate_en",), _weakest, 0.60, 0.75, ("hate",), group="function"),
    Bar("threat de, recall", "threat", ("threat_de",), _recall, 0.85, 0.95, ("threat",)),
    Bar("threat en, recall", "threat", ("threat_en",), _recall, 0.85, 0.95, ("threat",)),
    Bar("threat alarms, customers, per 1,000", "threat", _CUSTOMERS, _alarms, 2, 1, _NOBODY, low=True),
    Bar("threat alarms, railway posts, per 1,000", "threat", ("de_bahn_dev",), _alarms, 2, 1, _NOBODY, low=True),
    Bar("crisis de, recall", "crisis", ("crisis_de",), _recall, 0.95, 0.98, ("crisis",)),
    Bar("crisis de, precision", "crisis", ("crisis_de",), _precision, 0.60, 0.75, ("crisis",)),
    Bar("crisis en, recall", "crisis", ("crisis_en",), _recall, 0.95, 0.98, ("crisis",)),
    Bar("crisis en, precision", "crisis", ("crisis_en",), _precision, 0.60, 0.75, ("crisis",)),
    Bar("scam de, macro-F1 of scam, report, none", "scam", ("scam_de",), _macro, 0.60, 0.75),
    Bar("scam en, macro-F1 of scam, report, none", "scam", ("scam_en",), _macro, 0.60, 0.75),
    Bar("language, own posts, macro-F1 of de, en, other", "language", ("language",), _told_apart, 0.98, 0.99),
    Bar("language, own posts of 3-20 characters", "language", ("language",), _short, 0.90, 0.95),
    Bar("personal data, own posts, macro-F1", "personal_data", ("personal_data",), _macro, 0.90, 0.95),
)
"""What ``make evaluate`` prints. Railway posts and customers' posts hold no attack and no threat."""


def _exam(language: str) -> tuple[Bar, ...]:
    """The bars once more on posts by writers who knew no rule, no row and no figure; nothing is ever chosen by them.

    Their customers use the words that tempt a detector (a dead line, a killed plan), so more is taken for danger here
    than among ordinary ones, for which the bar is meant.
    """
    threat, crisis, hate, customers = (
        (f"exam_{name}_{language}",) for name in ("threat", "crisis", "hate", "customers")
    )
    say = f"exam {language}:"
    return (
        Bar(f"{say} threat, recall", "threat", threat, _recall, 0.85, 0.95, ("threat",)),
        Bar(f"{say} threat alarms, tempting, per 1,000", "threat", customers, _alarms, 2, 1, _NOBODY, low=True),
        Bar(f"{say} crisis, recall", "crisis", crisis, _recall, 0.95, 0.98, ("crisis",)),
        Bar(f"{say} crisis, precision", "crisis", crisis, _precision, 0.60, 0.75, ("crisis",)),
        Bar(f"{say} hate, weakest function", "hate", hate, _weakest, 0.60, 0.75, ("hate",), group="function"),
        Bar(f"{say} abuse alarms, tempting, per 1,000", "abuse", customers, _alarms, 20, 10, _NOBODY, low=True),
        Bar(f"{say} sentiment of customers, macro-F1", "sentiment", customers, _macro, 0.60, 0.70),
    )


EXAM: tuple[Bar, ...] = (*_exam("de"), *_exam("en"))
"""Printed below the bars. A figure here that someone chose by would be none any more: write a fresh exam first."""


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
def main(folders: Sequence[Path]) -> None:
    """Measure every bar on the held-out rows of the sets in FOLDERS; tests/data is always one of them."""
    places = (Path("tests/data"), *folders)
    click.echo(f"{'figure':<48}{'seen':>8}{'least':>8}{'aim':>8}{'posts':>8}")
    for bar in (*BARS, *EXAM):
        try:
            rows = [row for name in bar.names for row in _measured(name, places)]
        except EarshotError:
            click.echo(f"{bar.title:<48}  not measured: {', '.join(bar.names)} is in no folder given")
            continue
        click.echo(_line(bar, rows))
    for line in handles.lines(handles.judged(places[0], "test")):
        click.echo(line)
    for line in conversations.lines(conversations.tally(conversations.read_conversations(places[0]))):
        click.echo(line)


def _measured(name: str, places: Sequence[Path]) -> list[sets.Row]:
    """The held-out rows of a set; all of one that no recipe teaches from."""
    rows = sets.find(name, places)
    return list(rows) if name in _UNTAUGHT else list(sets.held_out(rows))


def _line(bar: Bar, rows: Sequence[sets.Row]) -> str:
    judged = judge(bar.head, rows, field="label", positive=bar.positive, group=bar.group)
    seen = bar.figure(judged)
    met, aimed = (seen <= bar.least, seen <= bar.aim) if bar.low else (seen >= bar.least, seen >= bar.aim)
    verdict = "aim" if aimed else "met" if met else "NOT MET"
    figures = "".join(f"{value:>8.1f}" if bar.low else f"{value:>8.3f}" for value in (seen, bar.least, bar.aim))
    return f"{bar.title:<48}{figures}{len(judged):>8,}  {verdict}"


if __name__ == "__main__":
    main()
