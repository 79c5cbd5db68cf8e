"""No secret shows up where others look: in the list of processes, in logs, in status, in what a command says."""

from pathlib import Path

import pytest
from canaries import CANARY_TOKEN
from programs import ended

NAMES = ("EARSHOT_MASTODON_TOKEN", "EARSHOT_MAIL_PASSWORD", "EARSHOT_BACKUP_PASSPHRASE")


@pytest.fixture
def secrets(house, monkeypatch):
    """Secrets as files, and the keys of the house."""
    folder = house / "secrets"
    folder.mkdir()
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        (folder / name).write_text(f"{CANARY_TOKEN}-{name}")
    monkeypatch.setenv("EARSHOT_SECRETS_DIR", str(folder))
    monkeypatch.setenv("EARSHOT_PORT", "0")
    keys = {place.read_text().strip() for place in (house / "keys").glob("*.key")}
    return {CANARY_TOKEN, *keys}


def family(pid: int) -> list[Path]:
    """A process and those that it started."""
    children = (Path(f"/proc/{pid}/task/{pid}/children").read_text() or "").split()
    return [Path(f"/proc/{pid}"), *(each for child in children for each in family(int(child)))]


def test_no_secret_stands_in_the_list_of_processes_or_in_the_log(started, house, secrets):
    process = started("run")
    line = process.stdout.readline()
    for place in family(process.pid):
        for what in ("cmdline", "environ", "comm"):
            told = (place / what).read_bytes().decode(errors="replace")
            assert not any(secret in told for secret in secrets), what
    printed = line + ended(process)
    assert not any(secret in printed for secret in secrets)


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("status", "--json"),
        ("check",),
        ("doctor", "--json"),
        ("health",),
        ("migrate",),
        ("keys", "rotate", "pseudonym"),
        ("keys", "rotate", "signing"),
        ("keys", "rotate", "session"),
        ("keys", "rotate", "suppression"),
        ("backup", "sealed.backup", "--with-keys"),
        ("ledger", "verify", "--full"),
        ("keys", "rotate", "all-of-them"),
    ],
)
def test_no_command_prints_a_secret(earshot, house, secrets, words):
    said = earshot(*words)
    now = {place.read_text().strip() for place in (house / "keys").glob("*.key")}
    former = house / "keys" / "pseudonym.former"
    now |= set(former.read_text().split()[1:]) if former.exists() else set()
    assert not any(secret in said.out + said.err for secret in secrets | now)


def test_a_secret_that_cannot_be_read_is_named_and_not_quoted(earshot, house, secrets):
    (house / "secrets" / "EARSHOT_BACKUP_PASSPHRASE").write_bytes(CANARY_TOKEN.encode() + b"\xff")
    said = earshot("backup", "sealed.backup", "--with-keys")
    assert said.code == 1
    assert "EARSHOT_BACKUP_PASSPHRASE in the secrets folder is not UTF-8" in said.err
