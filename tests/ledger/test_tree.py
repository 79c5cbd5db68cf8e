"""The tree gives the roots that RFC 6962 and the vectors of the first certificate logs ask for."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.proof import Tree, node

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""Roots over the first 0 to 8 of the leaves.

Leaves and roots: google/certificate-transparency, cpp/merkletree/merkle_tree_test.cc (test_vector_data and the roots of
its sizes), the same as LeafInputs() and RootHashes() of transparency-dev/merkle, testonly/constants.go.
"""

INNER = {
    (0, 2): "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    (2, 4): "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    (4, 6): "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    (6, 8): "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    (4, 8): "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
}
"""Roots over some of the leaves: NodeHashes() of the same file, which are the steps of its consistency proofs."""


def leaf(entry_hash: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry_hash).digest()


def grown(leaves: list[bytes]) -> Tree:
    tree = Tree()
    for entry_hash in leaves:
        tree.extend([entry_hash])
    return tree


@pytest.mark.parametrize("part", INNER)
def test_the_published_inner_nodes_come_out(part):
    tree = Tree()
    tree.extend([bytes.fromhex(text) for text in LEAVES[slice(*part)]])
    assert tree.root().hex() == INNER[part]


@given(st.lists(st.lists(st.binary(max_size=8), max_size=9), max_size=9))
def test_many_at_once_grow_the_same_tree_as_one_by_one(batches):
    tree, alone = Tree(), Tree()
    for batch in batches:
        tree.extend(batch)
        for entry_hash in batch:
            alone.extend([entry_hash])
        assert (tree.size, tree.root()) == (alone.size, alone.root())


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size):
    tree = grown([bytes.fromhex(text) for text in LEAVES[:size]])
    assert (tree.size, tree.root().hex()) == (size, ROOTS[size])


def test_leaves_and_nodes_hash_in_domains_of_their_own():
    assert grown([b"L123456"]).root().hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


def defined_root(leaves: list[bytes]) -> bytes:
    """The recursive definition: split at the largest power of two that is smaller than the number of leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaf(leaves[0])
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return node(defined_root(leaves[:split]), defined_root(leaves[split:]))


@given(st.lists(st.binary(max_size=40), max_size=70))
def test_growing_leaf_by_leaf_agrees_with_the_definition_at_every_size(leaves):
    tree = Tree()
    for size, entry_hash in enumerate(leaves, start=1):
        tree.extend([entry_hash])
        assert tree.root() == defined_root(leaves[:size])


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=20), st.data())
def test_another_leaf_gives_another_root(leaves, data):
    place = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:place], leaves[place] + b"!", *leaves[place + 1 :]]
    assert grown(changed).root() != grown(leaves).root()


def test_asking_for_the_root_changes_nothing():
    tree = grown([b"a", b"b", b"c"])
    assert tree.root() == tree.root()
    tree.extend([b"d"])
    assert tree.root() == grown([b"a", b"b", b"c", b"d"]).root()
