"""What may be held of authors and of staff: an allow-list of fields, and no query that adds either of them up.

Consent rules P-03 to P-06, P-15 and W-02: pinned here, so that a new column or query needs a second thought.
"""

import ast
import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import import_table as table
import pytest

import bot
from bot.desk.guard import ACCESS
from bot.ingest import NOT_PUBLIC, Door, take
from bot.model import Author, Mention, Page, Platform, Visibility
from bot.store.db import Store
from bot.store.migrate import migrate

BOT = Path(bot.__file__).parent

AUTHOR_FIELDS = {"native_id", "handle", "is_bot", "opted_out", "is_new"}
MENTION_FIELDS = {
    *("platform", "surface", "account", "native_id", "canonical_key", "text", "author", "created_at", "visibility"),
    *("kind", "url", "declared_language", "own_mentions", "parent_key", "parent_author_id", "root_key"),
    *("owned_surface", "edited_at", "quoted", "media", "poll"),
}
AUTHOR_COLUMNS = {
    "mentions.author_id",
    "mentions.author_handle",
    "mentions.author_is_bot",
    "mentions.author_opted_out",
    # A yes or no: whether the platform calls the account new (E-13).
    "mentions.author_is_new",
    "mentions.parent_author_id",
    "cases.author_id",
    "cases.author_handle",
    "opt_outs.author_key",
    # That the author agreed to be matched with what we know from elsewhere (C-25), under a keyed digest.
    "opt_ins.author_key",
    # The warnings of an author and where they stand (P-05 allows it), under a keyed digest.
    "ladders.author_key",
    "erasures.author_id",
    "erasures.author_key",
}
MENTION_COLUMNS = {
    *("id", "canonical_key", "case_id", "source", "platform", "surface", "account", "native_id", "url", "text"),
    *("text_hash", "declared_language", "created_at", "fetched_at", "edited_at", "revision", "visibility", "kind"),
    *("triggers", "own_mentions", "owned_surface", "author_id", "author_handle", "author_is_bot", "author_opted_out"),
    "author_is_new",
    *("parent_key", "parent_author_id", "root_key", "thread_key", "extras", "stage", "suspect", "attempts"),
    *("claimed_until", "stood_at", "sealed_at", "looking_until"),
}
NEVER_HELD = re.compile(
    r"bio|avatar|location|follower|birth|e_?mail|phone|gender|religion|politic|ethnic|health|orientation|karma|friends",
    re.IGNORECASE,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    migrate(tmp_path / "held.db")
    opened = Store(tmp_path / "held.db")
    yield opened
    opened.close()


def columns(store: Store) -> set[str]:
    tables = [row["name"] for row in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return {
        f"{name}.{row['name']}"
        for name in tables
        if not name.startswith(("sqlite_", "_sqlite"))
        for row in store.rows("SELECT name FROM pragma_table_info(:table)", table=name)
    }


def test_of_an_author_only_what_the_allow_list_names_is_fetched() -> None:
    assert {field.name for field in dataclasses.fields(Author)} == AUTHOR_FIELDS
    assert {field.name for field in dataclasses.fields(Mention)} == MENTION_FIELDS


def test_a_new_column_about_an_author_needs_a_line_here_first(store: Store) -> None:
    known = columns(store)
    assert {name for name in known if "author" in name} == AUTHOR_COLUMNS
    assert {name.removeprefix("mentions.") for name in known if name.startswith("mentions.")} == MENTION_COLUMNS


def test_no_column_is_made_for_what_must_not_be_held(store: Store) -> None:
    named = {name for name in columns(store) if NEVER_HELD.search(name.partition(".")[2])}
    # Whether our *own* account's profile explains it (rule D-02).
    assert named == {"sources.bio_ok"}


# what is added up -----------------------------------------------------------------------------------

OF_AUTHORS = re.compile(r"\bauthor_(id|handle|key)\b|\bparent_author_id\b")
OF_STAFF = re.compile(r"\b(user_id|written_by|claimed_by|approved_by|asked_by|lifted_by|released_by|initials)\b")
ADDED_UP = re.compile(r"\b(count|sum|avg|total|group_concat|json_group_array|row_number|rank)\s*\(", re.IGNORECASE)
GROUPED = re.compile(
    r"\b(?:GROUP|PARTITION)\s+BY\s+([^)]*?)(?=\bORDER\b|\bHAVING\b|\bLIMIT\b|\)|$)", re.IGNORECASE | re.DOTALL
)

COUNTS_OF_AUTHORS = {
    # Our own replies to them: rule C-11, and the line on the case page that rule P-05 allows.
    "dispatches.replies_to_author",
    "queue.with_author",
    # For the person themselves: posts of others that name them.
    "people.named_by_others",
    # Rule P-09 itself: a sum is told only when five authors stand behind it, and of them nothing else is kept.
    "weekly._CASES",
    "weekly._ALARMS",
    "weekly._REPORTS",
    "weekly._IMPOSTORS",
}
"""Functions that count something about one author, each with the rule that allows it. Nothing counts labels."""


COUNTS_FOR_ONESELF = {
    # The day's budget: shown to that person alone, and deciding what they may open. It takes one user and no list.
    "care.read_by",
    # Everyone together; told of whole weeks and from five people on (k >= 5, rule W-02).
    "care.read_by_all",
}
"""Functions that count what staff read, each with the rule that allows it."""


def queries(source: str, module: str) -> Iterator[tuple[str, str]]:
    """Every string of SQL in a module, with the function, or the constant of the module, that it stands in."""
    tree = ast.parse(source)
    for constant in tree.body:
        if isinstance(constant, ast.Assign | ast.AnnAssign) and constant.value is not None:
            target = constant.targets[0] if isinstance(constant, ast.Assign) else constant.target
            if isinstance(target, ast.Name) and re.search(r"\bSELECT\b", _text(constant.value)):
                yield f"{module}.{target.id}", _text(constant.value)
    for found in ast.walk(tree):
        if isinstance(found, ast.FunctionDef):
            for inside in ast.walk(found):
                text = _text(inside)
                if re.search(r"\b(SELECT|UPDATE|DELETE|INSERT)\b", text):
                    yield f"{module}.{found.name}", text


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value for part in node.values if isinstance(part, ast.Constant))
    return ""


def profiles(source: str, module: str) -> set[str]:
    """Functions whose SQL groups or adds up by author or by a member of the staff."""
    found = set()
    for name, sql in queries(source, module):
        grouped = " ".join(GROUPED.findall(sql))
        if OF_AUTHORS.search(grouped) or OF_STAFF.search(grouped):
            found.add(name)
        if ADDED_UP.search(sql) and (OF_STAFF.search(sql) or OF_AUTHORS.search(sql)):
            found.add(name)
    return found


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT author_id, count(*) FROM mentions GROUP BY author_id",
        "SELECT label, avg(score) FROM findings f JOIN mentions m ON 1 WHERE m.author_handle = :h",
        "SELECT initials, count(*) FROM approvals JOIN users ON 1 GROUP BY users.id, initials ORDER BY 2",
        "SELECT row_number() OVER (PARTITION BY written_by) FROM drafts",
        "SELECT sum(1) FROM approvals WHERE user_id = :u",
    ],
)
def test_the_check_itself_sees_a_profile(sql: str) -> None:
    assert profiles(f"def stray(reader):\n    return reader.rows({sql!r})\n", "stray") == {"stray.stray"}


def test_nothing_in_the_store_groups_or_adds_up_by_author_or_by_staff() -> None:
    found = set()
    for path in sorted((BOT / "store").glob("*.py")):
        found |= profiles(path.read_text("utf-8"), path.stem)
    assert found == COUNTS_OF_AUTHORS | COUNTS_FOR_ONESELF


def test_labels_are_asked_for_by_post_and_never_by_author() -> None:
    for path in sorted((BOT / "store").glob("*.py")):
        for name, sql in queries(path.read_text("utf-8"), path.stem):
            labels = re.search(r"\bFROM (findings|matches)\b", sql)
            assert not (labels and OF_AUTHORS.search(sql)), name


def test_no_route_and_no_filter_of_the_desk_asks_for_a_person() -> None:
    person = re.compile(r"author|approver|staff|colleague|user|agent\b|initials")
    assert [endpoint for endpoint in ACCESS if person.search(endpoint)] == []
    asked = set()
    for path in sorted((BOT / "desk").rglob("*.py")):
        asked |= set(re.findall(r"request\.args(?:\.get\(|\[)\"([a-z_]+)\"", path.read_text("utf-8")))
    assert asked, "the check looks at something"
    assert {name for name in asked if person.search(name) or name in {"sort", "group", "by"}} == set()


# at the door, and on the way out --------------------------------------------------------------------


@pytest.mark.parametrize("visibility", [each for each in Visibility if each is not Visibility.PUBLIC])
def test_what_is_not_public_is_counted_and_no_byte_of_it_is_stored(store: Store, visibility: Visibility) -> None:
    secret = Mention(
        platform=Platform.MASTODON,
        surface="s.example",
        account="us",
        native_id="1",
        canonical_key="https://s.example/1",
        text="Fjordfon Fliederbusch",
        author=Author("7", "kim"),
        created_at=1,
        visibility=visibility,
    )
    door = Door(
        own=lambda _: frozenset({"us"}),
        keep=lambda _: True,
        suspect=lambda _: False,
        belongs=lambda mention, source: (source, mention.account),
    )
    with store.write() as tx:
        assert take(tx, Page((secret,), ""), "m", door, 1) == {NOT_PUBLIC: 1}
    store.truncate_wal()
    assert b"Fliederbusch" not in store.path.read_bytes()


def test_stored_posts_reach_no_training_and_no_model_elsewhere() -> None:
    assert not any(room == "" or room.startswith("store") for room in table.ROOMS["training"])
    assert not any(room == "" or room.startswith(("store", "egress.door")) for room in table.ROOMS["detectors"])
    reaching = {"requests", "urllib3", "urllib.request", "http.client", "socket", "websockets"}
    for library in reaching & table.LIBRARY_DOORS.keys():
        assert not {"detectors", "training"} & table.LIBRARY_DOORS[library], library


def test_what_a_member_of_the_staff_read_is_asked_for_in_one_place_only_and_about_oneself() -> None:
    asking = {
        path.relative_to(BOT).as_posix()
        for path in BOT.rglob("*.py")
        if re.search(r"\b(read_by|read_by_all)\(|\bexposures\b", path.read_text("utf-8"))
    }
    assert asking == {"store/care.py", "store/schema_care.py", "protect/exposure.py"}
    asked_by_the_desk = {
        (path.stem, found)
        for path in (BOT / "desk").rglob("*.py")
        for found in re.findall(r"exposure\.budget\(.*?, now\(\)\)", path.read_text("utf-8"))
    }
    assert asked_by_the_desk == {("care", "exposure.budget(reader, house().config, me, now())")}
