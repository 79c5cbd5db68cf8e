"""The Merkle tree of RFC 6962 over the entries' hashes, grown one leaf at a time.

Pure. Only the frontier is kept: the roots of the perfect subtrees on the left, largest first.
"""

import hashlib


def leaf(entry_hash: bytes) -> bytes:
    """Leaf hash (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + entry_hash).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Inner node hash (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A growing tree: ``add`` leaves, ask for the ``root`` at any size."""

    def __init__(self) -> None:
        self.size = 0
        self._frontier: list[bytes] = []

    def add(self, entry_hash: bytes) -> None:
        """Append the next entry's hash."""
        carried = leaf(entry_hash)
        size = self.size
        while size & 1:
            carried = node(self._frontier.pop(), carried)
            size >>= 1
        self._frontier.append(carried)
        self.size += 1

    def root(self) -> bytes:
        """Root over all leaves so far; of an empty tree the hash of nothing."""
        if not self._frontier:
            return hashlib.sha256(b"").digest()
        root = self._frontier[-1]
        for left in reversed(self._frontier[:-1]):
            root = node(left, root)
        return root
