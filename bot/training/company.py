"""Which company words keep: vectors from counts of neighbours, so that words used alike share what is learned.

Owns the counting. Positive pointwise mutual information, reduced by a seeded singular value decomposition
(Levy and Goldberg 2014: what word2vec does in the limit).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd
from threadpoolctl import threadpool_limits

from bot.training.folding import words

_LEAST = 3
"""Posts that a word must stand in to have company worth counting."""
_REACH = 4
"""Words to each side that count as neighbours, nearer ones for more."""
_SMOOTHED = 0.75
"""Power that evens out frequent and rare neighbours (Mikolov et al. 2013)."""


def vectors(texts: Sequence[str], width: int, size: float) -> dict[str, np.ndarray]:
    """A vector of ``width`` numbers and length ``size`` for each word that stands in at least three texts."""
    posts = [words(text) for text in texts]
    spread = Counter(word for post in posts for word in set(post))
    places = {word: place for place, word in enumerate(sorted(word for word, n in spread.items() if n >= _LEAST))}
    near = _neighbours(posts, places)
    with threadpool_limits(1):
        left, strengths, _ = randomized_svd(_information(near), width, n_iter=3, random_state=0)
    rows = left * np.sqrt(strengths)
    rows *= size / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9)
    return {word: rows[place] for word, place in places.items()}


def _neighbours(posts: Sequence[Sequence[str]], places: dict[str, int]) -> sparse.csr_matrix:
    counts: defaultdict[tuple[int, int], float] = defaultdict(float)
    for post in posts:
        known = [places.get(word, -1) for word in post]
        for start, first in enumerate(known):
            for distance, second in enumerate(known[start + 1 : start + 1 + _REACH], 1):
                if first >= 0 and second >= 0:
                    counts[first, second] += 1 / distance
    keys = np.array(list(counts))
    values = np.array(list(counts.values()))
    one_way = sparse.csr_matrix((values, (keys[:, 0], keys[:, 1])), shape=(len(places), len(places)))
    return (one_way + one_way.T).tocsr()


def _information(near: sparse.csr_matrix) -> sparse.csr_matrix:
    """Positive pointwise mutual information of neighbours."""
    sums = np.asarray(near.sum(axis=1)).ravel()
    smoothed = sums**_SMOOTHED / np.sum(sums**_SMOOTHED)
    cells = near.tocoo()
    shared = np.log(np.maximum(cells.data / (sums[cells.row] * smoothed[cells.col]), 1e-12))
    kept = shared > 0
    return sparse.csr_matrix((shared[kept], (cells.row[kept], cells.col[kept])), shape=near.shape)
