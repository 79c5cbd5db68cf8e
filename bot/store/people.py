"""Everything that is held of one author on one platform: to tell them, and to erase it."""

import json
from collections.abc import Callable, Iterator, Mapping

from bot.store.db import Reader, Row, Tx
from bot.store.holds import IN_FORCE

ERASED = "erased:"
"""Stands before the keyed digest that takes the place of a thread's name that held an author's."""

_OF_CASES = "case_id IN (SELECT value FROM json_each(:cases))"
_HERE = "mention_id IN (SELECT id FROM mentions WHERE platform = :platform)"
_NAMED = (
    ("mentions", "text", "platform = :platform"),
    ("mentions", "extras", "platform = :platform"),
    ("revisions", "text", _HERE),
    ("drafts", "text", f"state <> 'approved' AND {_HERE}"),
    ("drafts", "prepared", f"state <> 'approved' AND {_HERE}"),
    ("dispatches", "text", "state IN ('sent', 'refused', 'retracted', 'cancelled') AND platform = :platform"),
    ("case_events", "note", "case_id IN (SELECT id FROM cases WHERE platform = :platform)"),
)
"""Where the words of others may name somebody. What is on its way out names nobody else: the gate sees to that."""

_THREADS = (("mentions", "root_key"), ("mentions", "parent_key"), ("mentions", "thread_key"), ("cases", "thread_key"))


def accounts(reader: Reader, platform: str, name: str) -> list[Row]:
    """The accounts that a handle, or an id, stands for: ``author_id`` and ``author_handle``, each pair once."""
    return reader.rows(
        """SELECT author_id, author_handle FROM mentions
        WHERE platform = :platform AND (author_handle = :name COLLATE NOCASE OR author_id = :name)
        UNION SELECT author_id, author_handle FROM cases
        WHERE platform = :platform AND (author_handle = :name COLLATE NOCASE OR author_id = :name)
        ORDER BY author_id, author_handle""",
        platform=platform,
        name=name,
    )


def handles(reader: Reader, platform: str, author_id: str) -> list[str]:
    """Every handle under which an account is known."""
    rows = reader.rows(
        """SELECT author_handle FROM mentions WHERE platform = :platform AND author_id = :author
        UNION SELECT author_handle FROM cases WHERE platform = :platform AND author_id = :author""",
        platform=platform,
        author=author_id,
    )
    return [row["author_handle"] for row in rows if row["author_handle"]]


def cases_of(reader: Reader, platform: str, author_id: str, now: int) -> list[Row]:
    """Their cases, oldest first; ``held`` is the review of the legal hold on one, or None."""
    return reader.rows(
        f"""SELECT c.*, (SELECT max(review_at) FROM legal_holds h WHERE h.case_id = c.id AND {IN_FORCE}) AS held
        FROM cases c WHERE c.platform = :platform AND c.author_id = :author ORDER BY c.id""",  # noqa: S608 - ours
        platform=platform,
        author=author_id,
        now=now,
    )


def posts_of(reader: Reader, platform: str, author_id: str) -> list[Row]:
    """Their posts, oldest first, with what a look found last."""
    return reader.rows(
        """SELECT m.*, s.body AS status FROM mentions m LEFT JOIN post_status s ON s.mention_id = m.id
        WHERE m.platform = :platform AND m.author_id = :author ORDER BY m.created_at, m.id""",
        platform=platform,
        author=author_id,
    )


def of_posts(reader: Reader, table: str, mention_ids: list[int]) -> list[Row]:
    """The rows of ``revisions``, ``matches``, ``findings`` or ``drafts`` that belong to these posts."""
    return reader.rows(
        f"SELECT * FROM {table} WHERE mention_id IN (SELECT value FROM json_each(:ids)) ORDER BY rowid",  # noqa: S608 - ours
        ids=json.dumps(mention_ids),
    )


def of_cases(reader: Reader, table: str, case_ids: list[int]) -> list[Row]:
    """The rows of a table below cases, such as ``case_events`` or ``dispatches``, that belong to these."""
    return reader.rows(
        f"SELECT * FROM {table} WHERE {_OF_CASES} ORDER BY id",  # noqa: S608 - ours
        cases=json.dumps(case_ids),
    )


def openings_of(reader: Reader, author_key: str) -> list[Row]:
    """What the ledger's vault still opens of them.

    Not to whom evidence was handed: whether the person may know that, the authority says (section 29 BDSG).
    """
    return reader.rows(
        "SELECT commitment, kind, snapshot FROM vault WHERE subject = :key AND kind <> 'custody' ORDER BY commitment",
        key=author_key,
    )


def opt_outs_of(reader: Reader, author_key: str) -> list[Row]:
    """When they asked us not to write, and when that was lifted."""
    return reader.rows("SELECT at, lifted_at FROM opt_outs WHERE author_key = :key ORDER BY id", key=author_key)


def named_by_others(reader: Reader, platform: str, author_id: str, needles: list[str]) -> int:
    """In how many posts of others "@handle" stands."""
    return sum(
        int(
            reader.value(
                """SELECT count(*) FROM mentions
                WHERE platform = :platform AND author_id <> :author AND instr(lower(text), :needle) > 0""",
                platform=platform,
                author=author_id,
                needle=needle,
            )
        )
        for needle in needles
    )


def on_the_way(reader: Reader, platform: str, author_id: str) -> bool:
    """Whether a reply to them is being sent, is uncertain, or is being taken back."""
    return bool(
        reader.value(
            """SELECT 1 FROM dispatches d JOIN cases c ON c.id = d.case_id WHERE c.platform = :platform
            AND c.author_id = :author AND d.state IN ('sending', 'uncertain', 'retracting') LIMIT 1""",
            platform=platform,
            author=author_id,
        )
    )


# erasing ------------------------------------------------------------------------------------------


def erase_cases(tx: Tx, case_ids: list[int]) -> None:
    """Remove cases with all that belongs to them, and the answers of forms that led there."""
    cases = json.dumps(case_ids)
    for case_id in case_ids:
        tx.run("DELETE FROM form_keys WHERE result GLOB :plain OR result GLOB :more", **_led_to(case_id))
    tx.run(
        f"UPDATE opt_outs SET mention_id = NULL, once_for = NULL WHERE mention_id IN (SELECT id FROM mentions WHERE {_OF_CASES})",  # noqa: S608, E501 - ours
        cases=cases,
    )
    for table in ("dispatches", "drafts", "mentions", "legal_holds"):
        tx.run(f"DELETE FROM {table} WHERE {_OF_CASES}", cases=cases)  # noqa: S608 - likewise
    tx.run("DELETE FROM cases WHERE id IN (SELECT value FROM json_each(:cases))", cases=cases)


def _led_to(case_id: int) -> dict[str, object]:
    return {"plain": f"*/case/{case_id}", "more": f"*/case/{case_id}[?/]*"}


def erase_posts_without_case(tx: Tx, platform: str, author_id: str) -> int:
    """Remove their posts that belong to no case; returns how many."""
    return tx.run(
        "DELETE FROM mentions WHERE platform = :platform AND author_id = :author AND case_id IS NULL",
        platform=platform,
        author=author_id,
    )


def forget_quotes(tx: Tx, platform: str, author_id: str) -> None:
    """Take their words and their id out of the posts of others that quote or answer them."""
    tx.run(
        "UPDATE mentions SET parent_author_id = '' WHERE platform = :platform AND parent_author_id = :author",
        platform=platform,
        author=author_id,
    )
    quoting = tx.rows(
        """SELECT id, extras FROM mentions WHERE platform = :platform AND author_id <> :author
        AND json_extract(extras, '$.quoted.author_id') = :author""",
        platform=platform,
        author=author_id,
    )
    for row in quoting:
        extras = json.dumps({**json.loads(row["extras"]), "quoted": None})
        tx.run("UPDATE mentions SET extras = :extras WHERE id = :id", extras=extras, id=row["id"])


def mask_names(tx: Tx, platform: str, needles: list[str], mask: Callable[[str], str]) -> None:
    """Cover "@handle" in the words of others, sign for sign: offsets and the hash of the original stay right."""
    for table, column, here in _NAMED:
        for needle in needles:
            rows = tx.rows(
                f"SELECT rowid AS number, {column} AS words FROM {table} WHERE {here} AND instr(lower({column}), :n) > 0",  # noqa: S608, E501 - ours
                platform=platform,
                n=needle,
            )
            for row in rows:
                changed = mask(row["words"])
                # Who writes at a draft right now sees that it changed meanwhile, and what.
                newer = ", version = version + 1" if table == "drafts" and changed != row["words"] else ""
                tx.run(
                    f"UPDATE {table} SET {column} = :words{newer} WHERE rowid = :number",  # noqa: S608 - ours
                    words=changed,
                    number=row["number"],
                )


def words_with(reader: Reader, platform: str, needle: str) -> Iterator[str]:
    """All words in which ``needle``, in small letters, stands: of others, of ours, and what the vault opens."""
    for table, column, here in _NAMED:
        sql = f"SELECT {column} AS words FROM {table} WHERE {here} AND instr(lower({column}), :n) > 0"  # noqa: S608 - ours
        yield from (row["words"] for row in reader.rows(sql, platform=platform, n=needle))
    opened = "SELECT CAST(snapshot AS TEXT) AS words FROM vault WHERE instr(lower(CAST(snapshot AS TEXT)), :n) > 0"
    yield from (row["words"] for row in reader.rows(opened, n=needle))


def rename_threads(tx: Tx, platform: str, needle: str, renamed: Callable[[str], str]) -> None:
    """Give another name to threads whose own name holds ``needle``: ``renamed`` says which, or leaves it as it is."""
    for table, column in _THREADS:
        known = tx.rows(
            f"SELECT DISTINCT {column} AS name FROM {table} WHERE platform = :p AND instr(lower({column}), :n) > 0",  # noqa: S608 - ours
            p=platform,
            n=needle,
        )
        for row in known:
            tx.run(
                f"UPDATE {table} SET {column} = :to WHERE platform = :p AND {column} = :was",  # noqa: S608 - ours
                to=renamed(row["name"]),
                was=row["name"],
                p=platform,
            )


def forget_openings(tx: Tx, needle: str) -> None:
    """Destroy what the vault opens of others where "@handle" stands in it; the entries still verify."""
    tx.run("DELETE FROM vault WHERE instr(lower(CAST(snapshot AS TEXT)), :needle) > 0", needle=needle)


def remember_erased(tx: Tx, post_key: str, at: int) -> None:
    """A feed that brings this post again is not listened to."""
    tx.run("INSERT INTO erased_posts (post_key, at) VALUES (:key, :at) ON CONFLICT DO NOTHING", key=post_key, at=at)
    tx.keep("erased", post_key)


def was_erased(reader: Reader, post_key: str) -> bool:
    """Whether somebody had this post erased."""
    return bool(reader.value("SELECT 1 FROM erased_posts WHERE post_key = :key", key=post_key))


def forget_erased(tx: Tx, before: int) -> None:
    """No feed reaches so far back any more."""
    tx.run("DELETE FROM erased_posts WHERE at < :before", before=before)


# the jobs -----------------------------------------------------------------------------------------


def ask_erasure(tx: Tx, row: Mapping[str, object]) -> tuple[int, bool]:
    """Note a request: platform, author_id, author_key, asked_at, asked_by; its number, and whether it is new."""
    known = tx.value(
        "SELECT id FROM erasures WHERE author_key = :key AND erased_at IS NULL AND closed_at IS NULL",
        key=row["author_key"],
    )
    if known is not None:
        return int(known), False
    tx.keep("erasure", str(row["author_key"]))
    return tx.insert("erasures", row), True


def open_erasures(reader: Reader) -> list[Row]:
    """Erasures that are not closed, oldest first."""
    return reader.rows("SELECT * FROM erasures WHERE closed_at IS NULL ORDER BY id")


def erasure(reader: Reader, erasure_id: int) -> Row | None:
    """One erasure."""
    return reader.row("SELECT * FROM erasures WHERE id = :id", id=erasure_id)


def erased(tx: Tx, erasure_id: int, at: int) -> None:
    """The rows are gone, so the job does not name the person any more."""
    tx.run("UPDATE erasures SET erased_at = :at, author_id = '' WHERE id = :id", at=at, id=erasure_id)


def close_erasure(tx: Tx, erasure_id: int, at: int) -> bool:
    """Nothing is left in any byte of the file; False if another worker was quicker."""
    return bool(
        tx.run("UPDATE erasures SET closed_at = :at WHERE id = :id AND closed_at IS NULL", at=at, id=erasure_id)
    )
