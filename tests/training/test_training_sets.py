"""Labelled posts: read as they are, refused by file and line where broken, held out by a rule that never moves."""

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lessons import DATA, write_rows

from bot.errors import EarshotError
from bot.training.sets import find, held_out, is_held_out, read, taught


@given(text=st.text(), label=st.one_of(st.text(), st.integers(), st.booleans(), st.floats(allow_nan=False)))
def test_a_row_is_read_as_it_was_written(text: str, label: object, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("sets") / "a.jsonl"
    for ascii_only in (True, False):
        line = json.dumps({"text": text, "label": label}, ensure_ascii=ascii_only)
        path.write_text(f"{line}\n\n{line}\n", "utf-8")
        if "\\u" not in text:
            assert read(path) == [{"text": text, "label": label}] * 2


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085", "\x0b", "\x1c", "\r"])
def test_only_a_line_feed_ends_a_row(tmp_path: Path, sign: str) -> None:
    raw = f'{{"text": "eins{sign}zwei", "label": "x"}}'
    (tmp_path / "a.jsonl").write_bytes(raw.encode() + b"\n")
    if sign in "\u2028\u2029\u0085":
        assert read(tmp_path / "a.jsonl") == [{"text": f"eins{sign}zwei", "label": "x"}]
    else:
        with pytest.raises(EarshotError, match=r"a\.jsonl:1 is no JSON"):
            read(tmp_path / "a.jsonl")


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "b"}\r\n')
    assert [row["text"] for row in read(tmp_path / "a.jsonl")] == ["a", "b"]


def test_escapes_that_a_corpus_left_in_its_texts_are_undone(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "a.jsonl", [{"text": r"don\u2019t \u00e4 \u12"}])
    assert read(path)[0]["text"] == r"don’t ä \u12"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "is no JSON"),
        ("nonsense", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('["CANARY"]', 'has no "text"'),
        ('"CANARY"', 'has no "text"'),
        ('{"label": "CANARY"}', 'has no "text"'),
        ('{"text": 5, "label": "CANARY"}', 'has no "text"'),
        ('{"text": "CANARY"}', "has no 'label'"),
        ('{"text": "CANARY", "label": null}', "has no 'label'"),
    ],
)
def test_a_broken_row_is_named_by_file_and_line_and_never_shown(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"text": "fine", "label": "x"}\n\n' + line + "\n", "utf-8")
    with pytest.raises(EarshotError) as refused:
        read(path, "label")
    assert f"set.jsonl:3 {complaint}" in str(refused.value)
    assert "CANARY" not in str(refused.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00CANARY"])
def test_a_file_that_is_missing_or_no_text_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "a.jsonl").write_bytes(content)
    with pytest.raises(EarshotError, match=r"a\.jsonl cannot be read as UTF-8 text"):
        read(tmp_path / "a.jsonl")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(EarshotError, match="cannot be read"):
        read(tmp_path)


def test_a_set_is_taken_from_the_first_folder_that_has_it(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("empty", "one", "two")]
    for folder in folders:
        folder.mkdir()
    write_rows(folders[1] / "a.jsonl", [{"text": "one"}])
    write_rows(folders[2] / "a.jsonl", [{"text": "two"}])
    write_rows(folders[2] / "b.jsonl", [{"text": "b"}])
    assert [find(name, folders)[0]["text"] for name in ("a", "b")] == ["one", "b"]


def test_a_set_that_is_nowhere_is_named_with_the_folders(tmp_path: Path) -> None:
    with pytest.raises(EarshotError, match=rf"the set a\.jsonl was not found in .*{tmp_path.name}.*--data"):
        find("a", [tmp_path])
    with pytest.raises(EarshotError, match="nowhere"):
        find("a", [])


def test_a_set_of_ours_says_itself_what_is_held_out() -> None:
    assert is_held_out({"text": "x", "family": "f", "part": "test"})
    assert not is_held_out({"text": "x", "family": "f", "part": "train"})


@given(st.text(), st.sampled_from(["train", "test", "dev"]))
def test_of_other_sets_the_text_alone_decides_whatever_they_call_their_parts(text: str, part: str) -> None:
    expected = hashlib.sha256(text.encode()).digest()[0] < 51
    assert is_held_out({"text": text, "part": part}) is is_held_out({"text": text}) is expected


def test_a_fifth_is_held_out() -> None:
    kept = sum(is_held_out({"text": f"Post {number}"}) for number in range(10_000))
    assert 1_900 < kept < 2_080


@given(st.lists(st.builds(lambda text: {"text": text}, st.text(st.characters()))))
def test_each_row_is_either_taught_or_held_out(rows: list[dict[str, str]]) -> None:
    parted = [*taught(rows), *held_out(rows)]
    assert sorted(map(repr, parted)) == sorted(map(repr, rows))
    assert not any(map(is_held_out, taught(rows)))
    assert all(map(is_held_out, held_out(rows)))


def test_the_sets_of_the_tests_can_be_read() -> None:
    for path in DATA.glob("*.jsonl"):
        assert read(path, "label")
