"""Whether a post asks us to stop writing (C-07). Also used when posts are assessed."""

from bot.gate.facts import OptOut
from bot.gate.folding import without_handles, words
from bot.gate.phrases import find_phrases, phrase_book
from bot.gate.ruleset import Ruleset

_NEAR = 2
"""So many words after a phrase may still turn it into its opposite ("löscht eure Antwort bloß nicht")."""


def asks_for_removal(text: str, ruleset: Ruleset) -> bool:
    """Whether the author wants our reply to them deleted: the words are aimed at it, and nothing turns them round."""
    lists = ruleset.opt_out
    said = tuple(word for word in words(without_handles(text)) if word not in lists.fillers)
    return any(
        not set(said[max(0, start - 1) : start] + said[end : end + _NEAR]) & set(ruleset.negations)
        and not set(said[:start]) & set(lists.complaints)
        for start, end in find_phrases(said, phrase_book(lists.removal))
    )


def reads_as_opt_out(text: str, ruleset: Ruleset) -> OptOut:
    """Answer "yes" for the word alone (after handles) or a phrase aimed at our writing.

    "ask" when only a person can tell. A cancellation ("DSL abmelden") is not an opt-out.
    """
    lists = ruleset.opt_out
    spoken = words(without_handles(text))
    said = tuple(word for word in spoken if word not in lists.fillers)
    if said in phrase_book(lists.alone).patterns:
        return "yes"
    aimed = find_phrases(said, phrase_book(lists.aimed))
    if aimed:
        return "ask" if all(set(said[:start]) & set(lists.complaints) for start, _ in aimed) else "yes"
    if len(said) > lists.unclear_up_to_words or find_phrases(said, phrase_book(lists.cancels)):
        return "no"
    return "ask" if find_phrases(said, phrase_book(lists.unclear)) else "no"
