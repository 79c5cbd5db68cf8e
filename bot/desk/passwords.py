"""Passwords: hashed with Argon2id, checked in the same time whether or not the person exists."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
"""Fewest characters of a password."""

LONGEST = 200
"""More is refused before it is hashed."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""Second choice of the OWASP cheat sheet for Argon2id: 19 MiB, two passes; four at once fit into a small machine."""

_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$xeIaeKOMXTDUMxwR5HPuLA$gowwLOJtC+JUpNV2ij0kqjd0NGCWOVErGTSiidC6440"
"""Hash of a password that nobody knows: what an unknown name is checked against."""


def hash_password(password: str) -> str:
    """The hash to store for a new password.

    Raises:
        ValueError: it is shorter than 10 or longer than 200 characters.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"A password has {SHORTEST} to {LONGEST} characters.")
    return _hasher.hash(password)


def fits(stored: str | None, password: str) -> bool:
    """Whether ``password`` belongs to the stored hash; ``None`` stands for nobody and never fits."""
    try:
        right = _hasher.verify(stored or _NOBODY, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None and len(password) <= LONGEST
