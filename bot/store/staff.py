"""Which columns of the schema are about people who work here: every one that leads to a row of ``users``."""

from bot.store.db import Reader


def columns(reader: Reader) -> frozenset[str]:
    """Their names as "table.column".

    All columns of ``users`` and of tables whose rows go with a person; of other tables those that name a person.
    """
    found: set[str] = set()
    for table in reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        name = table["name"]
        leads = [row for row in reader.rows(f"PRAGMA foreign_key_list({name})") if row["table"] == "users"]
        whole = name == "users" or any(row["on_delete"] == "CASCADE" for row in leads)
        found |= {f"{name}.{column}" for column in (_all(reader, name) if whole else [row["from"] for row in leads])}
    return frozenset(found)


def every_column(reader: Reader) -> frozenset[str]:
    """All columns of all tables as "table.column"."""
    tables = [row["name"] for row in reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return frozenset(f"{table}.{column}" for table in tables for column in _all(reader, table))


def _all(reader: Reader, table: str) -> list[str]:
    return [str(row["name"]) for row in reader.rows(f"PRAGMA table_info({table})")]
