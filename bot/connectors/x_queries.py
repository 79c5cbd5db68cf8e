"""Terms of watches as searches in X's own language. Pure; it knows no posts and asks for nothing."""

import re
from collections.abc import Sequence
from typing import Final

LONGEST_QUERY: Final = 512
"""Most characters of a search that X takes."""

Groups = Sequence[Sequence[str]]


def queries_of(terms: Sequence[str], together: Sequence[Groups] = ()) -> list[str]:
    """Terms of watches as searches of at most ``LONGEST_QUERY`` characters, without reposts.

    ``together``: watches that ask for a term of each of their groups. The shortest group is searched for by itself
    where it fits into no search whole.

    X knows no open ends and no capitals: an asterisk and a "=" are left out, and the watch decides on what comes.
    What has no letter or digit, and what is too long for a search by itself, is not searched for.
    """
    operands = {operand.casefold(): operand for operand in map(_operand, terms) if operand}
    found: list[list[str]] = []
    for operand in operands.values():
        if found and len(_query([*found[-1], operand])) <= LONGEST_QUERY:
            found[-1].append(operand)
        elif len(_query([operand])) <= LONGEST_QUERY:
            found.append([operand])
    queries = [_query(each) for each in found]
    for groups in together:
        whole = query_of_all(groups)
        queries += [whole] if whole else queries_of(min(filter(_searchable, groups), key=len, default=()))
    return list(dict.fromkeys(queries))


def query_of_all(groups: Groups) -> str:
    """A search for a term of each group; "" if none of them fits.

    A group that does not fit besides the shorter ones, or holds a term that cannot be searched for, is left out: then
    more is found, and the watch decides.
    """
    fitting: list[list[str]] = []
    for group in sorted(([_operand(term) for term in group] for group in groups if _searchable(group)), key=_length):
        if len(_query(*fitting, group)) <= LONGEST_QUERY:
            fitting.append(group)
    return _query(*fitting) if fitting else ""


def _length(operands: Sequence[str]) -> int:
    return len(_query(operands))


def _searchable(group: Sequence[str]) -> bool:
    return all(map(_operand, group))


def _operand(term: str) -> str:
    words = " ".join(re.sub(r'["\\]', " ", term).split()).removeprefix("=").strip("* ")
    if re.fullmatch(r"[#@]\w+", words):
        return words
    return f'"{words}"' if re.search(r"\w", words) else ""


def _query(*groups: Sequence[str]) -> str:
    return " ".join([*(f"({' OR '.join(operands)})" for operands in groups), "-is:retweet"])
