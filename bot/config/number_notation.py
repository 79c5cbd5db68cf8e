"""The notation of customer numbers: "K-########". Says what is wrong with one; looking for them is not its business.

"#" is a digit, "@" a letter, and anything else stands for itself. There is no way to say "any number of", so no
notation can make a search slow.
"""

import re

_SIGNS = re.compile(r"[A-Za-z0-9#@ ./_-]*")
_FIVE_DIGITS = re.compile(r"#(?:[ ./_-]?#){4}")
_THREE_BETWEEN = re.compile("[ ./_-]{3}")
_LONGEST = 40


def fault_of(notation: str) -> str:
    """What is wrong and what to write instead, or "" for a notation that can be used."""
    if not _SIGNS.fullmatch(notation):
        return "Write # for a digit, @ for a letter, and otherwise only A-Z, 0-9, space, '-', '.', '/' and '_'."
    if len(notation) > _LONGEST:
        return f"This customer number is too long. At most {_LONGEST} signs are allowed."
    if _THREE_BETWEEN.search(notation):
        return "Two signs at most may stand between the parts of a customer number. Delete the others."
    if not _FIVE_DIGITS.search(notation):
        return (
            "Five # in a row are needed, or every year and price would be a customer number. Write one such as "
            "'K-########', in quotes if a space stands before a #."
        )
    if not re.search("[A-Za-z0-9]", notation):
        return (
            "Any number would be a customer number. Begin with the letter or digit that all of yours share, such as "
            "'5#########'; a number behind the word Kundennummer is found anyway."
        )
    return ""
