"""What is known of words beside the labels, the company they keep, folded into the weights of the words.

Owns these further features of training. Each is a sum over the words of a text, so that its weight can be added to the
weight of every word that has it: rare words inherit what frequent ones taught, and looking costs nothing more.
"""

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from bot.detectors import features


class Folding:
    """A vector for the slot of each known word. Whatever shares a slot shares its vector, so folding loses nothing."""

    def __init__(self, vectors: Mapping[str, np.ndarray]) -> None:
        width = len(next(iter(vectors.values()))) if vectors else 0
        slots = features.own_slots(list(vectors))
        rows = np.array([vectors[word] for word in vectors]).reshape(len(vectors), width)
        places = (slots, range(len(slots)))
        spread = sparse.csr_matrix((np.ones(len(slots)), places), shape=(features.SLOTS, len(slots)))
        self._by_slot = (spread @ sparse.csr_matrix(rows)).tocsr()

    def matrix(self, slots: sparse.csr_matrix) -> sparse.csr_matrix:
        """For each text, given by its slots, the sum of their vectors."""
        return (slots @ self._by_slot).tocsr()

    def unfold(self, weights: np.ndarray) -> np.ndarray:
        """What each slot's weight gains when it carries its vector's share of ``weights``."""
        gains: np.ndarray = self._by_slot @ weights
        return gains


def words(text: str) -> list[str]:
    """The canonical words of a text, as the heads see them."""
    return [features.canonical(token) for token in features.words_of(text)]


def nothing() -> Folding:
    """A folding that knows no word."""
    return Folding({})
