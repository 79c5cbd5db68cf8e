"""Broken YAML is told in plain sentences, at the place where it broke."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.nodes import Leaf, Listing, Table, find, plain, shown
from bot.config.yaml_marks import MAX_DEPTH, read_nodes

PLACES = [
    ("a: b: c", 1, 5, "A colon stands where none may stand"),
    ('b: 1\na: "open\n', 2, 4, "This quotation mark is never closed"),
    ("a: [1, 2\nb: 3", 1, 4, "This list is not closed"),
    ("a: [", 1, 5, "a bracket above it is not closed"),
    ("a: {x: 1\nb: 2", 1, 4, "not closed, or a comma is missing"),
    ("a:\n\tb: 1", 2, 1, "A tab stands here"),
    ("a:\tb", 1, 3, "A tab stands here"),
    ("a: *all", 1, 4, "Anchors (&) and aliases (*) are not read"),
    ("a: &all 1\nb: *all", 1, 4, "Anchors (&) and aliases (*) are not read"),
    ("a: *stern*", 1, 10, "A text may not begin with * or &"),
    ("a: !!python/object:os.system x", 1, 4, "Tags (!) are not read"),
    ("a: 1\nb: 2\na: 3", 3, 1, "'a' stands here a second time, first in line 1"),
    ("a:\n  - #fjordfon\n", 2, 4, "A value is missing here"),
    ("a: @fjordfon", 1, 4, "A text may not begin with this character"),
    ("a: %x", 1, 4, "A text may not begin with this character"),
    ('a: "\\q"', 1, 6, "a backslash that means nothing"),
    ("a: 1\nb: \x07", 2, 4, "An invisible control character stands here"),
    ("a:\n  - 1\n - 2", 3, 2, "This line does not fit the lines above it"),
    ("- a\nb: 1", 2, 1, "This line does not fit the lines above it"),
    ("a: 'it's'", 1, 8, "This line does not fit the lines above it"),
    ('a: "\\ud800"', 1, 4, "half a character"),
    ("? [a]\n: b", 1, 3, "A key must be one word"),
    ("a: 1\n...\nb", 3, 1, "after the end of the values"),
    ("", 1, 1, "The file is empty"),
    ("# nothing but a comment\n", 1, 1, "The file is empty"),
]


@pytest.mark.parametrize(("text", "line", "column", "sentence"), PLACES)
def test_each_fault_of_syntax_has_its_place_and_its_sentence(text, line, column, sentence):
    _, problems = read_nodes(text, "x.yaml")
    assert [(p.file, p.line, p.column) for p in problems] == [("x.yaml", line, column)]
    assert sentence in problems[0].sentence
    assert problems[0].sentence.endswith(".")


def test_nesting_is_bounded():
    assert read_nodes("[" * MAX_DEPTH + "a" + "]" * MAX_DEPTH, "x")[1] == ()
    assert "too deep" in read_nodes("[" * 5000, "x")[1][0].sentence


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor():
    bomb = "a: &a [x, x]\n" + "\n".join(f"b{n}: [*a, *a]" for n in range(50))
    problems = read_nodes(bomb, "x")[1]
    assert [(p.line, p.column) for p in problems] == [(1, 4)]


def test_several_faults_that_do_not_stop_the_reading_are_all_told():
    assert [p.line for p in read_nodes("a: 1\na: 2\nb:\nc:\n", "x")[1]] == [2, 3, 4]


@pytest.mark.parametrize("word", ["no", "on", "yes", "null", "1.10", "0x1F", "2026-11-22", "~Kabel", "=EE", "1_000"])
def test_every_scalar_stays_text_as_it_is_written(word):
    nodes, problems = read_nodes(f"a: {word}", "x")
    assert problems == ()
    assert plain(nodes[0]) == {"a": word}


def test_documents_are_read_apart_and_empty_ones_are_passed_over():
    nodes, problems = read_nodes("---\na: 1\n---\n---\nb: 2\n", "x")
    assert problems == ()
    assert [plain(node) for node in nodes] == [{"a": "1"}, {"b": "2"}]


def test_nodes_know_their_places():
    nodes, _ = read_nodes("a:\n  - x\n  - {b: c}\n", "f.yaml")
    leaf, way = find(nodes[0], ("a", 1, "b"))
    assert isinstance(leaf, Leaf)
    assert (leaf.text, leaf.place.file, leaf.place.line, leaf.place.column) == ("c", "f.yaml", 3, 9)
    assert way == ("a", 1, "b")


def test_steps_that_the_file_does_not_have_are_skipped():
    nodes, _ = read_nodes("a: [x]", "f")
    assert find(nodes[0], ("a", "tag", 0)) == (nodes[0].nodes["a"].nodes[0], ("a", 0))
    assert find(nodes[0], ("a", 7, "z"))[1] == ("a",)


def test_nodes_know_the_text_they_span():
    text = "a: 'x y'\nb: [1, 2] # end\nc:\n  d: 3\n  # comment\ne: 4"
    table = read_nodes(text, "f")[0][0]
    assert isinstance(table, Table)
    spans = {key: text[node.start : node.end] for key, node in table.nodes.items()}
    assert spans == {"a": "'x y'", "b": "[1, 2]", "c": "d: 3", "e": "4"}
    assert isinstance(table.nodes["b"], Listing)


@given(st.text(max_size=200))
def test_any_text_gives_nodes_or_sentences_and_never_an_exception(text):
    nodes, problems = read_nodes(text, "x")
    assert nodes or problems
    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1


yamlish = st.lists(st.sampled_from([*"ab:-[]{}&*!|>'\"#%@`,? \n\t\\", "---", "...", "- ", ": "]), max_size=30)


@given(yamlish.map("".join))
def test_any_pile_of_yaml_signs_gives_nodes_or_sentences(text):
    nodes, problems = read_nodes(text, "x")
    assert nodes or problems


def test_a_short_word_is_quoted_and_nothing_that_could_be_a_secret():
    assert shown("languges") == "'languges'"
    for secret in ("x7Gk29aLmQ04pZtt81Vw", "a" * 41, "two\nlines", ""):
        assert shown(secret) == "This"
