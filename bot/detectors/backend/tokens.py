"""Texts to the numbers that a model reads, by the model's own tokenizer.json. Runs in the model's process."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer


@dataclass(frozen=True, slots=True)
class Encoded:
    """One batch: three tables of the same shape (texts, tokens), and whether each text was cut."""

    ids: NDArray[np.int64]
    mask: NDArray[np.int64]
    types: NDArray[np.int64]
    cut: tuple[bool, ...]


class Tokens:
    """A tokenizer that never gives more than ``max_tokens`` for a text; shorter ones are filled up with ``pad_id``."""

    def __init__(self, file: Path, max_tokens: int, pad_id: int) -> None:
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding(pad_id=pad_id)

    def encode(self, texts: Sequence[str]) -> Encoded:
        """All texts as one batch, as wide as the longest of them."""
        found = self._tokenizer.encode_batch(list(texts))
        return Encoded(
            ids=np.array([each.ids for each in found], dtype=np.int64),
            mask=np.array([each.attention_mask for each in found], dtype=np.int64),
            types=np.array([each.type_ids for each in found], dtype=np.int64),
            cut=tuple(bool(each.overflowing) for each in found),
        )
