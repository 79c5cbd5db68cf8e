"""Files of posts from elsewhere: every form, any size, resumed anywhere, and damaged."""

import contextlib
import csv
import gzip
import json
import os
import subprocess
import sys
import tracemalloc
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import http_double as hd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from pydantic import ValidationError

from bot.connectors import archive
from bot.connectors.archive import KINDS, ArchiveConnector, Source, connector
from bot.connectors.archive_files import BREAKS_OFF, UNFINISHED
from bot.connectors.replay_posts import LONGEST_LINE
from bot.connectors.tools import Tools
from bot.errors import Permanent, Transient
from bot.model import Media, Mention, Page, Platform, Visibility

NOW = hd.NOW
FORMS = [".jsonl", ".csv", ".jsonl.gz", ".csv.gz", ".parquet"]


def reader(folder: Path, file: str, **names: str) -> ArchiveConnector:
    source = Source(kind=Platform.ARCHIVE, name="corpus", account="fjordfon", file=file, map=names)
    return connector(source, Tools(hd.StillClock(), hd.Refusals(), hd.Budget(), str, folder, folder))


def written(folder: Path, form: str, rows: list[dict[str, object]]) -> str:
    """The rows as a file of ``form``; its name."""
    path = folder / f"posts{form}"
    if form == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)
        return path.name
    opened = gzip.open if form.endswith(".gz") else open
    with opened(path, "wt", encoding="utf-8", newline="") as stream:
        if "csv" in form:
            table = csv.DictWriter(stream, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
        else:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    return path.name


def raw(folder: Path, name: str, content: bytes) -> str:
    (folder / name).write_bytes(content)
    return name


def read_all(made: ArchiveConnector, limit: int = 7, cursor: str = "") -> Page:
    mentions: list[Mention] = []
    dropped: Counter[str] = Counter()
    more = True
    while more:
        page = made.fetch(cursor, limit)
        assert len(page.mentions) <= limit
        mentions += page.mentions
        dropped.update(page.dropped)
        cursor, more = page.cursor, page.more
    return Page(tuple(mentions), cursor, more, dict(dropped))


def texts(page: Page) -> list[str]:
    return [mention.text for mention in page.mentions]


@pytest.mark.parametrize("form", FORMS)
def test_a_row_of_any_form_becomes_the_same_mention(tmp_path, form):
    row = {"id": "p7", "text": 'Netz "weg",\nwieder; ä', "author": "@ute", "created_at": "2026-11-02T09:00:00+01:00"}
    (mention,) = read_all(reader(tmp_path, written(tmp_path, form, [row]))).mentions
    assert (mention.platform, mention.surface, mention.account) == (Platform.ARCHIVE, "corpus", "fjordfon")
    assert (mention.native_id, mention.canonical_key) == ("p7", "archive:corpus:p7")
    assert (mention.text, mention.author.handle) == ('Netz "weg",\nwieder; ä', "ute")
    assert mention.created_at == int(datetime(2026, 11, 2, 8, tzinfo=UTC).timestamp() * 1000)
    assert mention.visibility is Visibility.PUBLIC


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("limit", [1, 7, 100])
def test_every_row_comes_once_and_in_order_at_any_page_size_and_after_a_restart(tmp_path, form, limit):
    rows = [{"id": str(number), "text": f"Zeile {number}\nzweite"} for number in range(23)]
    name = written(tmp_path, form, rows)
    expected = [row["text"] for row in rows]
    assert texts(read_all(reader(tmp_path, name), limit)) == expected
    cursor, found = "", []
    while len(found) < 23:
        page = reader(tmp_path, name).fetch(cursor, limit)
        again = reader(tmp_path, name).fetch(cursor, limit)
        assert again == page
        found += texts(page)
        cursor = page.cursor
    assert (found, page.more) == (expected, False)
    assert reader(tmp_path, name).fetch(cursor, limit) == Page((), cursor)


@pytest.mark.parametrize("form", FORMS)
def test_a_map_reads_the_columns_of_a_foreign_corpus(tmp_path, form):
    row = {"tweet": "hello @Fjordfon", "uid": "12345678901234567890", "who": "mara", "label": "canary", "when": NOW}
    name = written(tmp_path, form, [row])
    (mention,) = read_all(reader(tmp_path, name, text="tweet", id="uid", author="who", time="when")).mentions
    assert (mention.text, mention.native_id, mention.author.handle) == (row["tweet"], row["uid"], "mara")
    assert (mention.own_mentions, mention.created_at) == (("fjordfon",), NOW)
    assert "canary" not in repr(mention)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_public_is_only_counted(tmp_path, form):
    rows = [{"text": "canary", "visibility": said} for said in ("direct", "followers", "wer weiß")]
    page = read_all(reader(tmp_path, written(tmp_path, form, [*rows, {"text": "da", "visibility": "public"}])))
    assert (texts(page), page.dropped) == (["da"], {"not public": 3})
    assert "canary" not in page.cursor


@pytest.mark.parametrize("form", FORMS)
def test_a_back_fill_begins_at_its_date(tmp_path, form):
    rows = [{"text": str(number), "created_at": NOW - (50 - number) * 60_000} for number in range(50)]
    made = reader(tmp_path, written(tmp_path, form, rows))
    assert texts(read_all(made, 4, made.since(NOW - 10 * 60_000))) == [str(number) for number in range(40, 50)]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("1793613600", NOW),
        ("1793613600.25", NOW + 250),
        (str(NOW), NOW),
        ("2026-11-02 10:00:00", NOW),
        ("2026-11-02 11:00:00 +0100", NOW),
        ("2026-11-02 10:00:00 UTC", NOW),
        ("Mon Nov 02 11:00:00 +0100 2026", NOW),
        ("Mon, 02 Nov 2026 10:00:00 GMT", NOW),
        ("2999-01-01T00:00:00Z", 32_472_144_000_000),
        ("gestern", NOW),
        ("Mon" * 99, NOW),
        ("-" * 50, NOW),
        ("", NOW),
    ],
)
def test_times_are_read_as_corpora_write_them(tmp_path, said, expected):
    name = raw(tmp_path, "a.csv", f'text,created_at\nhallo,"{said}"\n'.encode())
    assert read_all(reader(tmp_path, name)).mentions[0].created_at == expected


def test_seconds_in_jsonl_and_times_in_parquet_are_times_too(tmp_path):
    (mention,) = read_all(
        reader(tmp_path, written(tmp_path, ".jsonl", [{"text": "a", "created_at": 1793613600}]))
    ).mentions
    assert mention.created_at == NOW
    moment = datetime(2026, 11, 2, 10, tzinfo=UTC)
    for unit in ("s", "ms", "us", "ns"):
        times = pa.array([moment, None], pa.timestamp(unit, "UTC"))
        parquet.write_table(pa.table({"text": ["a", "b"], "created_at": times}), tmp_path / "t.parquet")
        assert [each.created_at for each in read_all(reader(tmp_path, "t.parquet")).mentions] == [NOW, NOW]


def test_flags_and_lists_of_a_table_are_read(tmp_path):
    rows = [
        {
            "text": "x",
            "bot": "True",
            "opted_out": "0",
            "owned_surface": "1",
            "mentions": "@Ute, emre",
            "media": '[{"kind": "image", "alt": "Mast"}]',
            "quoted": "{kaputt",
        }
    ]
    (mention,) = read_all(reader(tmp_path, written(tmp_path, ".csv", rows))).mentions
    assert (mention.author.is_bot, mention.author.opted_out, mention.owned_surface) == (True, False, True)
    assert (mention.own_mentions, mention.media, mention.quoted) == (("ute", "emre"), (Media("image", "Mast"),), None)


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_table_from_a_spreadsheet_is_read(tmp_path, mark, codec):
    name = raw(tmp_path, "a.csv", f"id{mark}text\r\n7{mark}Störung\r\n".encode(codec))
    (mention,) = read_all(reader(tmp_path, name)).mentions
    assert (mention.native_id, mention.text) == ("7", "Störung")


def test_rows_that_are_too_short_too_long_or_blank_stop_nothing(tmp_path):
    name = raw(tmp_path, "a.csv", b"id,text\n1\n2,zwei,mehr,noch\n\n,drei\n4,\n")
    page = read_all(reader(tmp_path, name))
    assert texts(page) == ["zwei", "drei"]
    assert page.dropped == {"no text": 2, "blank line": 1}


@pytest.mark.parametrize("ending", [b"", b"\n"])
@pytest.mark.parametrize("size", [10, 12_000])
def test_a_quote_that_is_never_closed_breaks_one_line_only(tmp_path, ending, size):
    lines = [b"id,text", b"1,vorher", b'2,"offen', *(b"%d,danach" % number for number in range(3, size))]
    made = reader(tmp_path, raw(tmp_path, "a.csv", b"\n".join(lines) + ending))
    page = read_all(made, 500)
    assert (len(page.mentions), page.dropped) == (size - 2, {"broken line": 1})
    packed = raw(tmp_path, "b.csv.gz", gzip.compress(b"\n".join(lines) + ending))
    assert texts(read_all(reader(tmp_path, packed), 500)) == texts(page)


def test_a_field_a_line_or_a_record_beyond_the_limit_is_counted_and_its_neighbours_arrive(tmp_path):
    long = b"x" * (LONGEST_LINE + 500_000)
    name = raw(tmp_path, "a.csv", b"text\nvorher\n" + long + b"\n" + b"y" * 140_000 + b"\ndanach\n")
    assert read_all(reader(tmp_path, name)).dropped == {"broken line": 2}
    assert texts(read_all(reader(tmp_path, name))) == ["vorher", "danach"]
    name = raw(tmp_path, "a.jsonl", b'{"text": "vorher"}\n' + long + b'\n{"text": "danach"}\n')
    page = read_all(reader(tmp_path, name))
    assert (texts(page), page.dropped) == (["vorher", "danach"], {"line too long": 1})


def test_bad_lines_are_counted_by_reason(tmp_path):
    name = raw(tmp_path, "a.jsonl", b'{"text": "a"}\n[1]\nx\n\n{"text": "\xff"}\n{"text": "b\\u0000"}\n{"text": "z"}\n')
    page = read_all(reader(tmp_path, name), limit=2)
    assert texts(page) == ["a", "z"]
    assert page.dropped == {
        "not an object": 1,
        "broken line": 1,
        "blank line": 1,
        "not UTF-8": 1,
        "NUL byte": 1,
    }


@pytest.mark.parametrize("form", [".jsonl.gz", ".csv.gz"])
def test_a_packed_file_that_breaks_off_gives_what_stands_before(tmp_path, form):
    rows = [{"text": f"{number} {os.urandom(40).hex()}"} for number in range(2_000)]
    name = written(tmp_path, form, rows)
    whole = (tmp_path / name).read_bytes()
    raw(tmp_path, name, whole[: len(whole) // 2])
    page = read_all(reader(tmp_path, name), 100)
    assert texts(page) == [row["text"] for row in rows[: len(page.mentions)]]
    assert len(page.mentions) > 500
    assert page.dropped == {BREAKS_OFF: 1}
    raw(tmp_path, name, whole)
    assert len(read_all(reader(tmp_path, name), 100, page.cursor).mentions) == 2_000 - len(page.mentions)


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv.gz", "a.parquet"])
@pytest.mark.parametrize("content", [b"", b"no such thing", b"PAR1" * 100])
def test_a_file_of_another_form_is_said_in_plain_words(tmp_path, name, content):
    made = reader(tmp_path, raw(tmp_path, name, content))
    if not content and name != "a.parquet":
        assert read_all(made).mentions == ()
        return
    with pytest.raises(Transient) as raised:
        made.fetch("", 5)
    assert str(raised.value) == f"The archive {name} is missing or cannot be read."


def test_a_damaged_parquet_file_raises_nothing_else(tmp_path):
    name = written(tmp_path, ".parquet", [{"text": f"Zeile {number}"} for number in range(100)])
    whole = (tmp_path / name).read_bytes()
    for at in range(4, len(whole), 97):
        raw(tmp_path, name, whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with contextlib.suppress(Transient, Permanent):
            read_all(reader(tmp_path, name), 50)


def test_a_missing_file_a_folder_and_a_pipe_do_not_hang(tmp_path):
    (tmp_path / "d.csv").mkdir()
    os.mkfifo(tmp_path / "p.jsonl")
    for name in ("none.jsonl", "d.csv", "p.jsonl"):
        with pytest.raises(Transient):
            reader(tmp_path, name).fetch("", 5)


@pytest.mark.parametrize("form", [".csv", ".parquet"])
def test_a_table_without_texts_says_what_to_do(tmp_path, form):
    with pytest.raises(Permanent, match=r"no column 'tweet'.*'map'"):
        reader(tmp_path, written(tmp_path, form, [{"text": "a"}]), text="tweet").fetch("", 5)


def test_parquet_without_its_library_names_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(Permanent, match=r"earshot\[parquet\]"):
        reader(tmp_path, "a.parquet")
    reader(tmp_path, "a.csv")


def test_the_library_for_parquet_is_loaded_for_such_files_only():
    asked = "import sys, bot.connectors.archive; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_got_shorter_is_read_anew_and_one_that_grew_is_read_on(tmp_path, form):
    rows = [{"text": f"Zeile {number}"} for number in range(20)]
    name = written(tmp_path, form, rows)
    cursor = read_all(reader(tmp_path, name)).cursor
    written(tmp_path, form, [*rows, {"text": "dazu"}])
    page = read_all(reader(tmp_path, name), cursor=cursor)
    assert texts(page) == ["dazu"]
    written(tmp_path, form, [{"text": "anders"}])
    assert texts(read_all(reader(tmp_path, name), cursor=page.cursor)) == ["anders"]


def test_a_change_in_the_midst_of_a_reading_is_noticed(tmp_path):
    name = raw(tmp_path, "a.jsonl", b'{"text": "a"}\n{"text": "b"}\n')
    made = reader(tmp_path, name)
    page = made.fetch("", 1)
    raw(tmp_path, name, b'{"text": "a"}\n{"text": "c"}\n{"text": "d"}\n')
    assert texts(read_all(made, cursor=page.cursor)) == ["c", "d"]


def test_a_last_line_that_is_still_written_is_waited_for(tmp_path):
    name = raw(tmp_path, "a.jsonl", b'{"text": "a"}\n{"text": "b')
    made = reader(tmp_path, name)
    page = made.fetch("", 5)
    assert (texts(page), page.dropped, page.more) == (["a"], {UNFINISHED: 1}, False)
    assert made.fetch(page.cursor, 5).dropped == {}
    raw(tmp_path, name, b'{"text": "a"}\n{"text": "bb"}')
    assert texts(made.fetch(page.cursor, 5)) == ["bb"]


@pytest.mark.parametrize(
    "cursor",
    ["no", "[]", "17", "null", '{"offset": "x"}', '{"offset": -5}', '{"line": -1}', '{"ended": 5}', '{"at": 1}'],
)
def test_a_cursor_that_is_none_of_ours_starts_over(tmp_path, cursor):
    name = written(tmp_path, ".csv", [{"text": "a"}])
    assert texts(reader(tmp_path, name).fetch(cursor, 5)) == ["a"]


@pytest.mark.parametrize("form", [".jsonl", ".csv.gz", ".parquet"])
def test_memory_does_not_grow_with_the_file(tmp_path, form):
    def peak(count: int) -> int:
        name = written(tmp_path, form, [{"id": str(number), "text": "Zeile " * 20} for number in range(count)])
        made, cursor, more = reader(tmp_path, name), "", True
        tracemalloc.start()
        while more:
            page = made.fetch(cursor, 100)
            cursor, more = page.cursor, page.more
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    small = peak(1_500)
    assert peak(6_000) < small * 1.5


def test_a_page_is_bounded_by_its_words_too(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "BITE", 1_000)
    rows = [{"text": "x" * 400} for _ in range(10)]
    page = reader(tmp_path, written(tmp_path, ".jsonl", rows)).fetch("", 100)
    assert (len(page.mentions), page.more) == (3, True)


def test_a_search_for_a_date_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "PASSED_OVER", 10)
    rows = [{"text": str(number), "created_at": number} for number in range(25)]
    made = reader(tmp_path, written(tmp_path, ".jsonl", rows))
    page = made.fetch(made.since(24_000), 5)
    assert (page.mentions, page.more, json.loads(page.cursor)["line"]) == ((), True, 10)
    assert texts(read_all(made, 5, page.cursor)) == ["24"]


@pytest.mark.parametrize("file", ["../a.csv", "/etc/passwd.csv", "a.xlsx", "a", "", "a.gz", "C:\\a.csv"])
def test_a_file_that_no_archive_can_be_is_refused_in_the_configuration(file):
    with pytest.raises(ValidationError):
        Source(kind=Platform.ARCHIVE, name="corpus", file=file)


def test_a_map_with_an_unknown_field_is_refused_by_name(tmp_path):
    with pytest.raises(Permanent, match="colour"):
        reader(tmp_path, "a.csv", colour="x")


@pytest.mark.parametrize("kind", KINDS)
def test_a_source_survives_the_stored_configuration(kind):
    source = Source(kind=Platform.ARCHIVE, name="corpus", file=f"data/posts{kind}", map={"text": "tweet"})
    assert Source.model_validate_json(source.model_dump_json()) == source


@settings(max_examples=60)
@example(b"text\rx,y\n", "a.csv", 1)
@given(st.binary(max_size=300), st.sampled_from(["a.jsonl", "a.csv", "b.csv"]), st.integers(1, 4))
def test_no_bytes_stop_the_reader(tmp_path_factory, content, name, limit):
    folder = tmp_path_factory.mktemp("any")
    head = b"text,id\n" if name == "b.csv" else b""
    made = reader(folder, raw(folder, name, head + content))
    with contextlib.suppress(Permanent):
        read_all(made, limit)


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@settings(max_examples=60)
@given(st.lists(CELLS.filter(str.strip), min_size=1, max_size=8), st.sampled_from(FORMS), st.integers(1, 9))
def test_every_text_arrives_unchanged(tmp_path_factory, said, form, limit):
    folder = tmp_path_factory.mktemp("texts")
    name = written(folder, form, [{"text": text, "id": str(number)} for number, text in enumerate(said)])
    assert texts(read_all(reader(folder, name), limit)) == said
