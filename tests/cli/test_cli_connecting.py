"""connect, doctor: what a platform needs is said, asked for, tested and put away, and no secret is ever printed."""

import json
import sys
from pathlib import Path

import pytest
from programs import change

sys.path.insert(0, str(Path(__file__).parents[1] / "doubles"))

import mastodon_double as md

SOURCE = """sources:
  - kind: mastodon
    name: fedi
    server: {server}
    account: {account}
    token: EARSHOT_FEDI
"""


@pytest.fixture
def bench():
    running = md.Bench()
    with running.double:
        yield running


@pytest.fixture
def fediverse(house, bench):
    """A house with one source on a server, whose token is not set yet."""

    def write(account="fjordfon_hilft"):
        text = SOURCE.format(server=bench.double.url, account=account)
        (house / "config" / "platforms.yaml").write_text(text, "utf-8")
        ours = f"accounts:\n  mastodon: [{{ handle: {account} }}]\n  replay:"
        change(house / "config" / "brand.yaml", "accounts:\n  replay:", ours)
        return house

    return write


def signs_in(bench, token=md.TOKEN):
    bench.double.post("/api/v1/apps", {"client_id": "id-1", "client_secret": "canary-secret"})
    bench.double.post("/oauth/token", {"access_token": token, "token_type": "Bearer"})


def test_connecting_says_the_steps_and_each_scope_with_its_reason(earshot, fediverse, bench):
    fediverse()
    signs_in(bench)
    said = earshot("connect", "mastodon", "--secrets-stdin", stdin="the-code\n")
    assert (said.code, said.err) == (0, "")
    for scope in ("read:notifications", "write:statuses"):
        assert scope in said.out
    assert "to publish a reply and to take it back" in said.out
    assert f"{bench.double.url}/oauth/authorize?" in said.out


def test_a_secret_is_tested_and_then_readable_by_its_owner_alone(earshot, fediverse, bench):
    house = fediverse()
    signs_in(bench)
    said = earshot("connect", "mastodon", "--secrets-stdin", "--into", house / "safe", stdin="the-code\n")
    file = house / "safe" / "EARSHOT_FEDI"
    assert file.read_text() == md.TOKEN
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["EARSHOT_FEDI"]
    assert md.TOKEN not in said.out + said.err
    assert "canary-secret" not in said.out + said.err
    assert "EARSHOT_SECRETS_DIR" in said.out


@pytest.mark.parametrize("status", [401, 500])
def test_credentials_that_do_not_work_are_not_stored(earshot, fediverse, bench, status):
    house = fediverse()
    signs_in(bench)
    bench.double.get("/api/v1/notifications", md.answer({}, status))
    bench.double.posts_off = True
    said = earshot("connect", "mastodon", "--secrets-stdin", "--into", house / "safe", stdin="the-code\n")
    assert said.code == 1
    assert "Nothing was stored." in said.err
    assert not (house / "safe").exists()


def test_the_token_of_another_account_is_not_stored(earshot, fediverse, bench):
    house = fediverse(account="somebody_else")
    signs_in(bench)
    said = earshot("connect", "mastodon", "--secrets-stdin", "--into", house / "safe", stdin="the-code\n")
    assert (said.code, "another account" in said.err) == (1, True)
    assert not (house / "safe").exists()


def test_a_platform_without_a_source_is_named(earshot, house):
    said = earshot("connect", "x", "--secrets-stdin")
    assert said.code == 1
    assert "platforms.yaml has no X source yet." in said.err


def test_doctor_looks_at_everything_and_sends_nothing(earshot, fediverse, bench, monkeypatch):
    fediverse()
    monkeypatch.setenv("EARSHOT_FEDI", md.TOKEN)
    (told,) = json.loads(earshot("doctor", "--json").out)
    assert (told["source"], told["state"], told["bot label"], told["bio"]) == ("fedi", "ok", "not set", "filled in")
    assert bench.double.writes() == []
    assert "fedi (Mastodon): ok" in earshot("doctor").out


def test_doctor_names_the_secret_that_is_missing_and_ends_with_one(earshot, fediverse):
    fediverse()
    said = earshot("doctor")
    assert said.code == 1
    assert "not set: EARSHOT_FEDI" in said.out


def test_doctor_tells_what_is_left_of_an_allowance(earshot, fediverse, bench, monkeypatch):
    fediverse()
    monkeypatch.setenv("EARSHOT_FEDI", md.TOKEN)
    headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "299", "X-RateLimit-Reset": "2199-01-01T00:00:00Z"}
    bench.double.get("/api/v1/notifications", md.answer([], headers=headers))
    earshot("doctor")
    assert "of 300 left" in earshot("doctor").out
