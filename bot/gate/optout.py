"""Whether a post asks us to stop writing (C-07). Also used when posts are assessed."""

from bot.gate.facts import OptOut
from bot.gate.folding import without_handles, words
from bot.gate.phrases import find_phrases, phrase_book
from bot.gate.ruleset import Ruleset


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
