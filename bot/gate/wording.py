"""The lists of the ruleset that are about our own words: manner, advertising, traits of people, language."""

from typing import Annotated, Literal

from pydantic import Field

from bot.config.bases import Frozen

Phrases = tuple[str, ...]

Manner = Literal["blame", "sarcasm", "down", "insult"]
Trait = Literal["health", "politics", "religion", "origin", "sexuality", "union", "debts", "crime"]


class Pair(Frozen):
    """A phrase of ``first`` and then, after at most ``within`` other words of the clause, one of ``then``.

    A word of ``unless`` anywhere before the end, or right after it, makes it mean something else.
    """

    kind: Manner | Trait
    first: Phrases
    then: Phrases
    within: Annotated[int, Field(ge=0)]
    unless: Phrases = ()


class ConcernWords(Frozen):
    """C-16: words that pity or congratulate, and topics, each with the words that name it.

    ``ours`` is what the brand provides: whoever names no topic may well speak of it.
    """

    feelings: Phrases
    ours: Phrases
    topics: tuple[Phrases, ...]


class MannerWords(Frozen):
    """C-16: how we must not speak to people.

    ``alone`` is sarcasm only as a whole clause, and not to praise; ``celebrations`` only to complaints and abuse.
    ``insults`` are denied. ``capitals`` may be written so, ``loud`` words alone already shout when they are.
    ``greetings`` and ``titles`` stand before a name; ``no_names`` are capitalised words that do, too, and are none;
    ``joiners`` stand small within a name.
    """

    insults: Phrases
    blame: Phrases
    sarcasm: Phrases
    alone: Phrases
    celebrations: Phrases
    down: Phrases
    capitals: Phrases
    loud: Phrases
    greetings: Phrases
    titles: Phrases
    joiners: Phrases
    no_names: Phrases
    pairs: tuple[Pair, ...]


class AdvertisingWords(Frozen):
    """C-24: ``push`` always sells; ``goods`` do unless the post speaks of them; ``asked`` asks for a price."""

    push: Phrases
    goods: Phrases
    asked: Phrases


class TraitWords(Frozen):
    """C-26: ``named`` states a trait by itself, ``pairs`` say it of the reader; a kind may stand in several pairs."""

    named: dict[Trait, Phrases]
    pairs: tuple[Pair, ...]


class AddressWords(Frozen):
    """C-31: how German addresses a reader. ``formal`` words count with a capital inside a sentence only.

    ``formal_starts`` are the verbs that make a "Sie" at the beginning of a sentence the reader.
    """

    informal: Phrases
    formal: Phrases
    formal_starts: Phrases


class TongueWords(Frozen):
    """C-31: words that give a language away, by its code; what two of them share counts for both."""

    function_words: dict[str, Phrases]
    address: AddressWords
