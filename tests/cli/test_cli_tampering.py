"""Whoever changes ledger, vault or checkpoints is found by ``ledger verify``, with the exit code that says how."""

import hmac
import json
import shutil
from pathlib import Path

import pytest
import sealed
from sealed import LATER, RULES, STRANGER, Sealed, answer, decision

from bot.ledger.checkpoint import sign, write
from bot.ledger.proof import Checkpoint, succession, written

TAMPERED, MISSING, LATE = 1, 2, 4
OK = 0
OF_NOTHING = hmac.new(b"", b"", "sha256").hexdigest()
"""A commitment that opens to nothing with no salt."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("original")
    return sealed.build(root / "house").root


@pytest.fixture
def house(original: Path, folder: Path) -> Sealed:
    """A copy of the ledger in the working directory, where the settings look for it."""
    shutil.copytree(original, folder, dirs_exist_ok=True)
    return Sealed(folder)


# what somebody does -------------------------------------------------------------------------------


def flip(column: str):
    def attack(house: Sealed) -> None:
        connection = house.connect()
        (value,) = connection.execute(f"SELECT {column} FROM log WHERE seq = 3").fetchone()  # noqa: S608 - our columns
        spoilt = bytes([value[0] ^ 1]) + value[1:]
        connection.execute(f"UPDATE log SET {column} = ? WHERE seq = 3", (spoilt,))  # noqa: S608 - likewise
        connection.close()

    return attack


def sql(*statements: str):
    return lambda house: house.run(*statements)


def swap_two_rows(house: Sealed) -> None:
    bodies = house.bodies()
    house.run("UPDATE log SET body = :b WHERE seq = 2", b=bodies[2])
    house.run("UPDATE log SET body = :b WHERE seq = 3", b=bodies[1])


def rewrite_all(house: Sealed) -> None:
    house.rewrite([body.replace(b"wir pr", b"wir vergessen, pr") for body in house.bodies()])


def rewrite_all_and_sign_with_a_key_of_ones_own(house: Sealed) -> None:
    house.rewrite([body for body in house.bodies() if b"KEY" not in body])
    house.replace_checkpoints({5: sign(Checkpoint(5, house.root_of(5)), STRANGER)})


def slip_in_a_key_of_ones_own(house: Sealed) -> None:
    old, new = house.keys.known[-1], STRANGER.public_key().public_bytes_raw()
    mine = STRANGER.sign(succession(old, new)).hex()
    key = {"type": "KEY", "old": old.hex(), "new": new.hex(), "signed_by_old": mine, "signed_by_new": mine}
    house.append(key)


def go_back_to_the_key_that_was_stolen_before_it_was_rotated(house: Sealed) -> None:
    """With the old private key alone: everything after its time is rewritten, and it signs again."""
    house.rewrite([*house.bodies()[:5], written({"type": "KILL", "at": LATER})])
    house.replace_checkpoints({6: sign(Checkpoint(6, house.root_of(6)), house.stolen)})


def two_contradicting_checkpoints(house: Sealed) -> None:
    house.run("UPDATE checkpoints SET note = :n WHERE size = 6", n=sign(Checkpoint(6, bytes(32)), house.keys.signer))


def another_root_in_both_places(house: Sealed) -> None:
    house.replace_checkpoints({6: sign(Checkpoint(6, bytes(32)), house.keys.signer)})


def sign_with_a_strangers_key(house: Sealed) -> None:
    write(house.root / "checkpoints", 6, sign(Checkpoint(6, house.root_of(6)), STRANGER))


def sign_with_the_stolen_key(house: Sealed) -> None:
    write(house.root / "checkpoints", 6, sign(Checkpoint(6, house.root_of(6)), house.stolen))


def size_in_a_note(house: Sealed) -> None:
    place = house.notes()[-1]
    place.write_text(place.read_text().replace("\n6\n", "\n5\n"))


def spoil_a_note(content: bytes):
    return lambda house: house.notes()[-1].write_bytes(content)


def put(column: str, table: str, columns: str, value: str, where: str):
    def attack(house: Sealed) -> None:
        house.loosen(table, columns)
        house.run(f"UPDATE {table} SET {column} = {value} WHERE {where}")  # noqa: S608 - words of ours

    return attack


def log_column(column: str, value: str):
    return put(column, "log", "seq, body, prev, h", value, "seq = 3")


def vault_column(column: str, value: str):
    where = "commitment = (SELECT min(commitment) FROM vault)"
    return put(column, "vault", "commitment, kind, subject, salt, snapshot", value, where)


def move_openings(house: Sealed) -> None:
    connection = house.connect()
    (one,), (two,) = connection.execute("SELECT commitment FROM vault ORDER BY commitment LIMIT 2").fetchall()
    for old, new in ((one, "x"), (two, one), ("x", two)):
        connection.execute("UPDATE vault SET commitment = ? WHERE commitment = ?", (new, old))
    connection.close()


def append(*facts: dict | bytes):
    return lambda house: house.append(*facts)


def change(kind: str, **facts: object):
    """Change the last entry of a kind, which no checkpoint covers yet, and make the chain fit."""
    return lambda house: house.change(lambda body: body["type"] == kind, lambda body: body.update(facts))


def drop(kind: str):
    def attack(house: Sealed) -> None:
        bodies = house.bodies()
        place = max(place for place, body in enumerate(bodies) if json.loads(body)["type"] == kind)
        house.rewrite(bodies[:place] + bodies[place + 1 :])

    return attack


def reply(**facts: object):
    """A decision of our own making, appended."""
    return append({"type": "DECISION", **decision(9, "Hallo.", **facts)})


QUICK = {
    "a bit of a body flipped": (flip("body"), TAMPERED),
    "a bit of a hash flipped": (flip("h"), TAMPERED),
    "a bit of the hash before flipped": (flip("prev"), TAMPERED),
    "two rows swapped": (swap_two_rows, TAMPERED),
    "a row removed": (sql("DELETE FROM log WHERE seq = 3"), TAMPERED),
    "a row twice": (sql("INSERT INTO log SELECT 99, body, prev, zeroblob(32) FROM log WHERE seq = 3"), TAMPERED),
    "a row before the first": (sql("INSERT INTO log VALUES (0, x'7b7d', zeroblob(32), zeroblob(32))"), TAMPERED),
    "a row replaced": (sql("INSERT OR REPLACE INTO log VALUES (3, x'7b7d', zeroblob(32), zeroblob(32))"), TAMPERED),
    "triggers dropped and a word changed": (
        sql("UPDATE log SET body = CAST(replace(CAST(body AS TEXT), 'HOLD', 'NOTE') AS BLOB)"),
        TAMPERED,
    ),
    "the tail cut": (sql("DELETE FROM log WHERE seq > 4"), MISSING),
    "everything cut": (sql("DELETE FROM log"), MISSING),
    "the tail cut with the folder's checkpoints": (
        lambda house: (shutil.rmtree(house.root / "checkpoints"), house.run("DELETE FROM log WHERE seq > 4")),
        MISSING,
    ),
    "the tail cut with the database's checkpoints": (
        sql("DELETE FROM log WHERE seq > 4", "DELETE FROM checkpoints"),
        MISSING,
    ),
    "a full rewrite": (rewrite_all, TAMPERED),
    "a full rewrite signed with one's own key": (rewrite_all_and_sign_with_a_key_of_ones_own, TAMPERED),
    "a key of one's own slipped in": (slip_in_a_key_of_ones_own, TAMPERED),
    "back to a stolen key": (go_back_to_the_key_that_was_stolen_before_it_was_rotated, MISSING),
    "a KEY entry of another form": (append({"type": "KEY", "old": 1, "new": None}), TAMPERED),
    "two contradicting checkpoints": (two_contradicting_checkpoints, TAMPERED),
    "another root": (another_root_in_both_places, TAMPERED),
    "a foreign signature": (sign_with_a_strangers_key, TAMPERED),
    "signed with the key of an earlier time": (sign_with_the_stolen_key, TAMPERED),
    "the size in a checkpoint changed": (size_in_a_note, TAMPERED),
    "an empty checkpoint": (spoil_a_note(b""), TAMPERED),
    "a checkpoint that is no text": (spoil_a_note(b"\xff\xfe"), TAMPERED),
    "a note of bytes": (put("note", "checkpoints", "size, note, at", "CAST(note AS BLOB)", "1"), TAMPERED),
    "the checkpoint folder emptied": (lambda house: shutil.rmtree(house.root / "checkpoints"), MISSING),
    "text in a column of bytes": (log_column("body", "CAST(body AS TEXT)"), TAMPERED),
    "nothing in a column": (log_column("h", "NULL"), TAMPERED),
    "a number in a column of bytes": (log_column("prev", "7"), TAMPERED),
    "a number with a point": (log_column("seq", "3.0"), TAMPERED),
    "the table dropped": (sql("DROP TABLE log"), TAMPERED),
}
"""Attacks that quick verify finds: chain, checkpoints, keys."""

FULL = {
    "a key twice": (append(b'{"at":1790003660000,"at":1790003660000,"type":"KILL"}'), TAMPERED),
    "a float": (append(b'{"at":1790003660000,"score":0.5,"type":"KILL"}'), TAMPERED),
    "a key that is not ASCII": (append({"type": "KILL", "größe": 1}), TAMPERED),
    "no object": (append(b"[]"), TAMPERED),
    "an unknown type": (append({"type": "PRIVATE_MESSAGE"}), TAMPERED),
    "no type": (append({"step": "stopped"}), TAMPERED),
    "a time of text": (append({"type": "KILL", "at": "yesterday"}), TAMPERED),
    "a time that runs back": (append({"type": "KILL", "at": LATER - 60_000}), TAMPERED),
    "an approval removed": (drop("APPROVAL"), TAMPERED),
    "the decision removed": (drop("DECISION"), TAMPERED),
    "another text sent than allowed": (change("SEND_RESULT", text_hash="f" * 64), TAMPERED),
    "another text approved": (change("APPROVAL", text_hash="f" * 64), TAMPERED),
    "a text that is not the one of its hash": (change("DECISION", text="Danke, {author}!"), TAMPERED),
    "a refusal turned into leave": (reply(outcome="ALLOW", others=[answer("DENY")]), TAMPERED),
    "a refusal turned into leave that was used": (
        change("DECISION", outcome="DENY", others=[answer("DENY")]),
        TAMPERED,
    ),
    "leave from no rule": (reply(passed="", others=[]), TAMPERED),
    "a release over missing input": (
        reply(outcome="NOTE", others=[answer("NOTE", missing=True, released=True)]),
        TAMPERED,
    ),
    "a private message": (reply(act="DIRECT_MESSAGE"), TAMPERED),
    "a reply that not everyone can read": (reply(visibility="direct"), TAMPERED),
    "a refused request allowed": (append({"type": "DECISION", "act": "EGRESS", "outcome": "ALLOW"}), TAMPERED),
    "rules that nobody put into force": (reply(ruleset=RULES[::-1]), TAMPERED),
    "facts of another form": (reply(others=7), TAMPERED),
    "a reply that nobody decided on": (
        append({"type": "SEND_RESULT", "result": "sent", "draft": 77, "text_hash": "f" * 64}),
        TAMPERED,
    ),
    "a reply without its text": (append({"type": "SEND_RESULT", "result": "sent", "draft": 2}), TAMPERED),
    "a deletion closed too late": (change("DELETION", noticed_at=LATER - 90_000_000), LATE),
    "a deletion never closed": (
        lambda house: (
            house.append({"type": "DELETION", "mention": 8, "step": "noticed", "noticed_at": LATER, "hours": 24}),
            house.append({"type": "KILL", "at": LATER + 90_000_000}),
        ),
        LATE,
    ),
    "a deletion that gives itself a year": (change("DELETION", hours=8_760), TAMPERED),
    "a late deletion that covers a changed snapshot": (
        lambda house: (
            change("DELETION", noticed_at=LATER - 90_000_000)(house),
            vault_column("snapshot", "CAST(snapshot || ' ' AS BLOB)")(house),
        ),
        TAMPERED,
    ),
    "a snapshot changed": (vault_column("snapshot", "CAST(snapshot || ' ' AS BLOB)"), TAMPERED),
    "a salt changed": (vault_column("salt", "zeroblob(32)"), TAMPERED),
    "an opening moved to another entry": (move_openings, TAMPERED),
    "text in the vault's bytes": (vault_column("salt", "'salt'"), TAMPERED),
    "nothing in the vault": (vault_column("commitment", "NULL"), TAMPERED),
    "an opening that no entry names": (
        sql(f"INSERT INTO vault VALUES ('{OF_NOTHING}', '', '', x'', x'')"),  # noqa: S608 - hex digits of ours
        TAMPERED,
    ),
    "the vault dropped": (sql("DROP TABLE vault"), TAMPERED),
}
"""Attacks on what no checkpoint covers, whose chain fits: what the entries say, and what the vault opens."""


def test_the_corpus_is_large_enough():
    assert len(QUICK) + len(FULL) >= 30


def test_the_untouched_ledger_verifies_quickly_and_in_full(earshot, house):
    assert earshot("ledger", "verify").code == OK
    said = earshot("ledger", "verify", "--full")
    assert (said.code, said.err) == (OK, "")
    assert "5 openings fit" in said.out


@pytest.mark.parametrize("attack", QUICK)
def test_it_is_found_by_quick_and_full_verify(earshot, house, attack):
    make, code = QUICK[attack]
    make(house)
    quick, full = earshot("ledger", "verify"), earshot("ledger", "verify", "--full")
    assert (quick.code, full.code) == (code, code), quick.out + full.out
    assert quick.err == full.err == ""


@pytest.mark.parametrize("attack", FULL)
def test_it_is_found_by_full_verify(earshot, house, attack):
    make, code = FULL[attack]
    make(house)
    full = earshot("ledger", "verify", "--full")
    assert (full.code, full.err) == (code, ""), full.out
    assert earshot("ledger", "verify").code == OK, "the chain itself fits: this is what full verify is for"


def test_a_file_of_which_half_is_gone_is_found_and_no_crash(earshot, house):
    whole = house.database.read_bytes()
    house.database.write_bytes(whole[: len(whole) // 2])
    said = earshot("ledger", "verify", "--full")
    assert said.code == TAMPERED
    assert "fault in Earshot" not in said.err


def test_erasing_an_author_leaves_full_verify_content(earshot, house):
    house.run("DELETE FROM vault WHERE subject = 'subject-1'")
    said = earshot("ledger", "verify", "--full")
    assert (said.code, "3 openings fit" in said.out) == (OK, True)
