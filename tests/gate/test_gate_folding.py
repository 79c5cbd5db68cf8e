"""Folding: what draws nothing is gone, and nothing else."""

import sys
import unicodedata

from bot.gate.folding import visible, words


def test_exactly_the_characters_of_the_category_cf_vanish():
    for code in range(sys.maxunicode + 1):
        sign = chr(code)
        if not "\ud800" <= sign <= "\udfff":
            kept = "".join(part for part in unicodedata.normalize("NFKC", sign) if unicodedata.category(part) != "Cf")
            assert visible(f"ä{sign}ä") == unicodedata.normalize("NFKC", f"ä{kept}ä"), hex(code)


def test_a_hidden_character_does_not_hide_a_word():
    assert words("st\u00adop\u200b") == ("stop",)
